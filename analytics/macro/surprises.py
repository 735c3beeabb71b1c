"""Surprises: first prints against what was expected before them, in each indicator's own terms.

A surprise is divided by the deviation of the surprises before it, never by one that it is part of.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats
from analytics.core.known_history import Beginning, known_history
from analytics.macro.release_states import releases_as_known
from data.clock import FIRST
from data.query import Answer, At

PAST, LEAST = 60, 5
CAP = 4.0
REACH_DAYS, HALF_LIFE_DAYS = 90, 30
RECENT_DAYS, RECENT_RELEASES = 30, 12
ALL = "all"
SERIES = ["series_id", "source"]
DAY_US = 86_400_000_000
INDEX = {
    "moment": pl.Int64,
    "index": pl.Float64,
    "releases": pl.Int64,
    "effective": pl.Float64,
    "breadth": pl.Float64,
}


def surprises(
    at: At,
    *,
    countries: list[str] | None = None,
    since: datetime | None = None,
    robust: bool = False,
) -> Answer:
    """Every release scheduled since then: expected, printed, the surprise and its z.

    `z` is the surprise with the sign of its meaning (more growth, inflation, hawkishness) over
    `sigma`, the deviation of the 60 surprises before it, at least five; `robust` takes 1.4826
    times their median size instead, not below half the deviation. Null without a consensus, and
    for a series without a sign.
    """
    start = since or FIRST
    scored = surprises_since(at, start, countries, robust=robust)
    frame = scored.frame.filter(pl.col("scheduled_at") >= start)
    return scored.derive(frame, "those scheduled since")


def surprise_index(at: At, *, countries: list[str] | None = None) -> Answer:
    """The surprise index of each country and dimension at the clock, and of all of them.

    The mean of z, capped at 4, over the releases of the last 90 days, weighted by importance and
    halved every 30 days; `effective` is how many equal releases the weights amount to, `breadth`
    the share above zero less the share below.
    """
    scored = surprises_since(at, _before(at, REACH_DAYS), countries)
    frame = _indices(scored.frame, [at.as_of], _scored_kinds(at, countries)).drop("moment")
    return scored.derive(frame, "weighted mean of z over 90 days, halved every 30")


def surprise_history(at: At, *, country: str, since: datetime) -> Answer:
    """The same index of one country at the end of every day, and at the clock."""
    first = since.date()
    days = [first + timedelta(days=n) for n in range((at.as_of.date() - first).days)]
    moments = [*(datetime.combine(day, time(23, 59, 59), UTC) for day in days), at.as_of]
    scored = surprises_since(at, moments[0] - timedelta(days=REACH_DAYS), [country])
    frame = _indices(scored.frame, moments, _scored_kinds(at, [country]))
    return scored.derive(frame, "the index at the end of every day")


def rolling_surprises(at: At, *, countries: list[str] | None = None) -> Answer:
    """Per indicator: its last surprise, means over 30 days and over 12 releases, and how often
    it came out above what was expected."""
    scored = surprises_since(at, FIRST, countries)
    known = scored.frame.drop_nulls("surprise").sort("released_at", *SERIES)
    z, recent = pl.col("z").clip(-CAP, CAP), pl.col("released_at") > _before(at, RECENT_DAYS)
    last = pl.col("surprise").tail(RECENT_RELEASES)
    frame = known.group_by("country", "indicator", *SERIES, maintain_order=True).agg(
        pl.col("title", "dimension", "unit", "released_at", "surprise").last(),
        pl.col("z").last(),
        recent.sum().alias("releases_30d"),
        pl.col("surprise").filter(recent).mean().alias("mean_30d"),
        z.filter(recent).mean().alias("mean_z_30d"),
        z.tail(RECENT_RELEASES).mean().alias("mean_z_12"),
        (last > 0).mean().alias("above_12"),
        last.len().alias("releases_12"),
    )
    return scored.derive(
        frame.sort("country", "dimension", "indicator", "series_id"), "means over recent releases"
    )


def _before(at: At, days: int) -> datetime:
    return at.as_of - timedelta(days=days)


def surprises_since(
    at: At, since: datetime, countries: list[str] | None = None, *, robust: bool = False
) -> Answer:
    """Releases scheduled or printed since then; the past of each series enters whatever that is."""
    releases = releases_as_known(at, since=since, countries=countries)
    signs = run(at, "parts/series_signs")
    past = _first_surprises(at, countries)
    frame = releases.frame.join(signs.frame, on=SERIES, how="left", maintain_order="left")
    sigma = past.added["robust" if robust else "plain"].alias("sigma")
    keys = [*SERIES, "period"]
    known = frame.select(keys).join(past.answer.frame.select(*keys, sigma), on=keys)
    found = frame.with_columns((pl.col("actual") - pl.col("consensus")).alias("surprise")).join(
        known, on=keys, how="left", maintain_order="left"
    )
    scored = found.with_columns(
        (pl.col("direction") * pl.col("surprise") / pl.col("sigma")).alias("z")
    )
    whole = releases.join(signs, scored, "")
    return whole.join(past.answer, scored, "z against the surprises before it")


def _first_surprises(at: At, countries: list[str] | None) -> Beginning:
    """The surprise of every first print, and by which deviations it is measured."""
    query = "parts/first_surprises"
    return known_history(at, query, add=_sigmas, countries=countries, since=FIRST)


def _sigmas(frame: pl.DataFrame) -> pl.DataFrame:
    """Of each first print the deviation of the surprises of its series before it, and the robust
    one, null where they are too few or all the same; and whether it is the first of its series and
    country with one."""
    past = pl.col("surprise").shift(1)
    plain = past.rolling_std(PAST, min_samples=LEAST)
    size = 1.4826 * past.abs().rolling_median(PAST, min_samples=LEAST)
    columns = ("country", "released_at", "period", "surprise")
    rows = frame.select(*SERIES, *columns).with_row_index("row")
    rows = rows.sort("released_at", "period", maintain_order=True)
    known = rows.drop_nulls("surprise").select(
        "row",
        plain.over(SERIES).alias("plain"),
        pl.max_horizontal(size, plain / 2).over(SERIES).alias("robust"),
    )
    sized = [pl.when(pl.col(name) > 1e-12).then(name).alias(name) for name in ("plain", "robust")]
    found = rows.select("row", *SERIES, "country").join(
        known, on="row", how="left", maintain_order="left"
    )
    sized_rows = found.with_columns(sized).sort("row")
    firsts = sized_rows.drop_nulls("plain").unique([*SERIES, "country"], keep="first")
    first = pl.col("row").is_in(firsts["row"].implode())
    return sized_rows.select("plain", "robust", first.alias("is_first"))


def _scored_kinds(at: At, countries: list[str] | None) -> pl.DataFrame:
    """The countries and dimensions of which any release ever had a z."""
    signs = run(at, "parts/series_signs").frame.drop_nulls("direction")
    past = _first_surprises(at, countries)
    series = past.answer.frame.select(*SERIES, "country").filter(past.added["is_first"])
    return series.join(signs, on=SERIES).select("country", "dimension").unique()


def _indices(scored: pl.DataFrame, moments: list[datetime], kinds: pl.DataFrame) -> pl.DataFrame:
    """The index at each moment, per country and dimension of `kinds` and over all of them."""
    known = scored.drop_nulls(["z", "released_at"])
    values = np.array([int(moment.timestamp() * 1_000_000) for moment in moments], dtype=np.int64)
    split = known.partition_by("country", "dimension", as_dict=True, maintain_order=True)
    whole = known.partition_by("country", as_dict=True, maintain_order=True)
    groups = {(country, kind): split.get((country, kind)) for country, kind in kinds.iter_rows()}
    groups |= {(country, ALL): whole.get((country,)) for country in kinds["country"].unique()}
    columns = [_index(known.clear() if part is None else part, values) for part in groups.values()]
    spread = {
        "country": pl.Series([country for country, _ in groups], dtype=pl.String),
        "dimension": pl.Series([kind for _, kind in groups], dtype=pl.String),
    }
    frame = pl.DataFrame(
        {name: np.array([column[name] for column in columns]).ravel() for name in INDEX}
        if columns
        else {name: [] for name in INDEX},
        schema=INDEX,
    ).with_columns(pl.col("index", "effective", "breadth").fill_nan(None))
    moment = pl.from_epoch("moment", time_unit="us").dt.replace_time_zone("UTC")
    place = np.repeat(np.arange(len(groups)), len(moments))
    named = [column.gather(place).alias(name) for name, column in spread.items()]
    return frame.with_columns(moment, *named).sort("country", "dimension", "moment")


def _index(part: pl.DataFrame, values: np.ndarray) -> dict[str, np.ndarray]:
    """Of the releases of one group, at each moment; not a number where 90 days hold none."""
    released = part["released_at"].to_physical().to_numpy()
    z: Floats = part["z"].clip(-CAP, CAP).to_numpy()
    age: Floats = (values[:, None] - released[None, :]) / DAY_US
    held = (age >= 0) & (age < REACH_DAYS)
    weight = np.where(held, part["importance"].to_numpy() * 0.5 ** (age / HALF_LIFE_DAYS), 0.0)
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = (weight * z).sum(axis=1) / total
        effective = total**2 / (weight**2).sum(axis=1)
        breadth = (held * np.sign(z)).sum(axis=1) / held.sum(axis=1)
    found = (values, index, held.sum(axis=1), effective, breadth)
    return dict(zip(INDEX, found, strict=True))
