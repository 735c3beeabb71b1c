"""What became known between two clocks, across the lake: what to read after having been away.

One line per subject and kind, however much of it came. Whatever is only computed (regimes, bias)
is compared as each clock showed it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import polars as pl

from analytics.core.catalogue import run
from analytics.core.coverage import lake_coverage
from analytics.home.overview import late_releases
from analytics.macro.agenda import GRACE
from analytics.macro.bias import FULL, scored_releases, scores
from analytics.macro.realtime import ShownPrints, rules
from analytics.macro.surprises import CAP, SERIES
from analytics.macro.weights import WeightBook, book
from analytics.regimes.quadrants import turns
from data.datasets.releases import RELEASES
from data.errors import ConfigError
from data.query import Answer, At

SCHEMA = {
    "kind": pl.String(),
    "subject": pl.String(),
    "title": pl.String(),
    "country": pl.String(),
    "moment": pl.Datetime("us", "UTC"),
    "period": pl.Date(),
    "before": pl.Float64(),
    "after": pl.Float64(),
    "expected": pl.Float64(),
    "unit": pl.String(),
    "frequency": pl.String(),
    "was": pl.String(),
    "is": pl.String(),
    "count": pl.Int64(),
    "weight": pl.Float64(),
    "source": pl.String(),
}
WEIGHTS = {"regime": 9.0, "late dataset": 6.0, "late release": 1.0, "unit": 2.0, "trade": 1.0}
EVENT_WEIGHTS = {"crash": 8.0, "flash_crash": 8.0, "shutdown": 8.0, "delisting": 6.0}
OTHER_EVENT, BIAS = 3.0, 4.0
EARLIEST_PRINT = next(
    lead.longest for lead in RELEASES.leads if (lead.of, lead.when) == ("period", "actual")
)
UNEXPECTED = 0.25  # a print that nobody's expectation stood against, by importance


def knowledge_diff(at: At, *, since: datetime, top: int = 500) -> Answer:
    """What became known after an earlier clock, the weightiest first.

    Kinds: print, revision, unit, regime, bias, trade, event, late release, late dataset. A print
    weighs its importance times its surprise in deviations, a revision its size in deviations of
    the series' changes, a bias four and twice its change in deviations; the others a fixed number.
    Regimes are the quadrant and the Sahm indicator. Equal clocks give nothing.
    """
    if since > at.as_of:
        raise ConfigError(f"since={since:%Y-%m-%d %H:%M} is later than the clock; give an earlier")
    then = at.earlier(since)
    series = run(at, "parts/series_since", since=since)
    trade = run(at, "parts/trade_since", since=since)
    events = run(at, "parts/events_since", since=since)
    scored, scored_then = _scored(at, series.frame), scored_releases(then)
    late, answer = _late(at, since)
    regimes, turned = _regimes(at, series.frame, since)
    parts = [
        _prints(series.frame, scored.frame),
        turned,
        _bias(at, scored.frame, scored_then.frame, since),
        _trade(trade.frame),
        _events(events.frame),
        late.frame,
        answer.frame,
    ]
    whole = series
    for other in (trade, events, scored, scored_then, late, answer, regimes):
        whole = whole.join(other, whole.frame, "")
    frame = pl.concat([pl.DataFrame(schema=SCHEMA), *(_shaped(part) for part in parts)])
    # Weights that differ in their last bits alone are one: threads add in any order.
    frame = frame.sort(
        pl.col("weight").round_sig_figs(9),
        "moment",
        "kind",
        "subject",
        "source",
        descending=[True, True, False, False, False],
    ).head(top)
    return whole.derive(frame, "what differs between the two clocks, the weightiest first")


def _scored(at: At, changed: pl.DataFrame) -> Answer:
    """Releases with their surprises, as far back as what was printed: the contract has no print
    come earlier before its period than that."""
    first = changed.filter(kind="print")["period"].min()
    if not isinstance(first, date):
        return scored_releases(at)
    return scored_releases(at, since=datetime.combine(first, time.min, UTC) - EARLIEST_PRINT)


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in SCHEMA.items() if name not in part.columns
    ]
    return part.with_columns(missing).select(pl.col(name).cast(t) for name, t in SCHEMA.items())


def _prints(frame: pl.DataFrame, scored: pl.DataFrame) -> pl.DataFrame:
    """Prints, revisions and new units; a print takes its surprise from the calendar."""
    known = scored.drop_nulls("actual").select(
        *SERIES, "period", "importance", "z", pl.col("consensus").alias("expected")
    )
    both = frame.join(known, on=[*SERIES, "period"], how="left")
    importance, usual = pl.col("importance").fill_null(1), pl.col("usual")
    moved = (pl.col("after") - pl.col("before")).abs()
    size = pl.when(usual > 0).then(moved / usual).fill_null(1.0).clip(0, CAP)
    surprise = pl.col("z").abs().clip(0, CAP).fill_null(UNEXPECTED)
    is_unit = pl.col("kind") == "unit"
    return both.with_columns(
        pl.col("series_id").alias("subject"),
        pl.col("title").fill_null(pl.col("series_id")),
        pl.when(is_unit).then("unit_then").alias("was"),
        pl.when(is_unit).then("unit").alias("is"),
        pl.when(~is_unit).then("before").alias("before"),
        pl.when(~is_unit).then("after").alias("after"),
        pl.when(pl.col("kind") == "print").then("expected").alias("expected"),
        pl.when(is_unit)
        .then(WEIGHTS["unit"])
        .when(pl.col("kind") == "revision")
        .then(size)
        .otherwise(importance * surprise)
        .alias("weight"),
    )


def _regimes(at: At, changed: pl.DataFrame, since: datetime) -> tuple[Answer, pl.DataFrame]:
    """Turns that could first be known after the earlier clock; only a print can bring one."""
    touched = changed.filter(pl.col("indicator").is_in(rules().names()))["country"].unique()
    shown = ShownPrints.at(at, None)
    mine = replace(shown, series=shown.series.filter(pl.col("country").is_in(touched.implode())))
    frames = [
        frame.with_columns(pl.lit(country).alias("country"))
        for country, frame in mine.readings(at, turns).items()
    ]
    turned = pl.concat([turns({}).with_columns(pl.lit("").alias("country")), *frames])
    turned = turned.filter(pl.col("known_at") > since).with_columns(
        pl.lit("regime").alias("kind"),
        pl.col("country").alias("subject"),
        pl.col("known_at").alias("moment"),
        pl.col("month").alias("period"),
        pl.lit(1).alias("count"),
        pl.lit(WEIGHTS["regime"]).alias("weight"),
    )
    return shown.answer, turned


def _bias(at: At, scored: pl.DataFrame, scored_then: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """One line per country whose words changed, with the asset that changed most."""
    clock, weights = at.as_of, book(at)
    now, then = scores(scored, clock, weights), scores(scored_then, since, weights)
    pairs = now.join(then, on=["country", "asset"], how="full", coalesce=True, suffix="_then")
    turned = pairs.filter(pl.col("label").ne_missing(pl.col("label_then")))
    size = (pl.col("score").fill_null(0) - pl.col("score_then").fill_null(0)).abs()
    most = (
        turned.sort(size, "asset", descending=[True, False])
        .group_by("country", maintain_order=True)
        .agg(pl.all().first(), pl.len().alias("count"), size.first().alias("size"))
    )
    return most.with_columns(
        pl.lit("bias").alias("kind"),
        pl.col("country").alias("subject"),
        pl.col("asset").alias("title"),
        pl.col("score_then").alias("before"),
        pl.col("score").alias("after"),
        pl.lit("of ±100").alias("unit"),
        pl.col("label_then").fill_null("nothing").alias("was"),
        pl.col("label").fill_null("nothing").alias("is"),
        pl.Series("moment", _since_when(most, scored, (since, clock), weights), SCHEMA["moment"]),
        (BIAS + 2 * pl.col("size") / FULL).alias("weight"),
    )


def _since_when(
    turned: pl.DataFrame,
    scored: pl.DataFrame,
    clocks: tuple[datetime, datetime],
    weights: WeightBook,
) -> list[datetime]:
    """The last release, if it brought the word of the clock; else it came by fading: the clock."""
    found = []
    since, clock = clocks
    for row in turned.iter_rows(named=True):
        moment = row["cutoff"]
        if moment is not None and moment > since:
            then = scores(scored.filter(pl.col("country") == row["country"]), moment, weights)
            word = then.filter(pl.col("asset") == row["asset"])["label"].to_list()
            found.append(moment if word == [row["label"]] else clock)
        else:
            found.append(clock)
    return found


def _trade(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.lit("trade").alias("kind"),
        pl.col("reporter").alias("subject"),
        pl.col("reporter").alias("country"),
        pl.lit("reported trade").alias("title"),
        pl.date(pl.col("year"), 1, 1).alias("period"),
        pl.lit(WEIGHTS["trade"]).alias("weight"),
    )


def _events(frame: pl.DataFrame) -> pl.DataFrame:
    weight = pl.col("kind").replace_strict(
        EVENT_WEIGHTS, default=OTHER_EVENT, return_dtype=pl.Float64
    )
    only = pl.when(pl.col("symbols").list.len() == 1).then(pl.col("symbols").list.first())
    return frame.with_columns(
        pl.lit("event").alias("kind"),
        only.alias("subject"),
        pl.col("kind").str.replace_all("_", " ").alias("is"),
        pl.lit(1).alias("count"),
        weight.alias("weight"),
    )


def _late(at: At, since: datetime) -> tuple[Answer, Answer]:
    """Releases and datasets whose time passed between the clocks and that are still missing."""
    days = (at.as_of - since).days + max(GRACE.values()).days + 2
    releases = late_releases(at, within_days=days)
    grace = pl.col("precision").replace_strict(
        GRACE, default=GRACE["minute"], return_dtype=pl.Duration("us")
    )
    due = releases.frame.with_columns((pl.col("scheduled_at") + grace).alias("moment")).filter(
        pl.col("moment") > since
    )
    missing = due.with_columns(
        pl.lit("late release").alias("kind"),
        pl.col("series_id").alias("subject"),
        pl.lit("not printed").alias("is"),
        pl.lit(1).alias("count"),
        (pl.col("importance").fill_null(1) * WEIGHTS["late release"]).alias("weight"),
    )
    answer = lake_coverage(at)
    expected = pl.col("expected_by")
    quiet = answer.frame.filter(expected > since, expected <= at.as_of).with_columns(
        pl.lit("late dataset").alias("kind"),
        pl.col("dataset").alias("subject"),
        pl.col("dataset").alias("title"),
        expected.alias("moment"),
        pl.lit("nothing newer").alias("is"),
        pl.lit(1).alias("count"),
        pl.lit(WEIGHTS["late dataset"]).alias("weight"),
    )
    return releases.derive(missing, "late since"), answer.derive(quiet, "late since")
