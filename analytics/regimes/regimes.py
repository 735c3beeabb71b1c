"""Both views of a country's regime beside each other, and what markets did in each.

A regime counts from the day after it could be known. Dates of recessions are set months later and
serve only to judge the views, never to label anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from analytics.core.closes import Closes, Floats, levels, read_closes, session_moves
from analytics.core.intervals import NORMAL_95
from analytics.macro.realtime import country_prints, first_of, month_date, rules
from analytics.markets.correlation import LEAST_RETURNS
from analytics.markets.returns import FIRST_SESSION
from analytics.regimes.quadrants import STATES, jobless_rule, quadrants
from analytics.regimes.switching import recession_model
from data.errors import ConfigError
from data.query import Answer, At

DWELL = 3
AGREE = 2
ALL = "all"
SCORES = {
    "view": pl.String,
    "months": pl.Int64,
    "brier": pl.Float64,
    "hit": pl.Float64,
    "alarm": pl.Float64,
    "lag": pl.Float64,
}
HOW = "both views month by month, as each could be known"


def regimes(at: At, *, country: str) -> Answer:
    """Every month with its quadrant, the model's chance, the Sahm indicator, and their vote.

    `votes` of `members` say that growth is weak: its impulse is down, the chance is above a half,
    the Sahm indicator has called. Two make `weak`, which then holds three months at least: `kept`
    marks the months in which it stands against the votes. `agree` says that all members say the
    same.
    """
    rule = quadrants(at, country=country)
    model = recession_model(at, country=country)
    jobs = jobless_rule(at, country=country)
    joined = (
        rule.frame.rename({"known_at": "rule_known"})
        .join(
            model.frame.rename({"known_at": "model_known", "called": "model_called"}),
            on="month",
            how="full",
            coalesce=True,
        )
        .join(
            jobs.frame.rename({"known_at": "jobless_known", "called": "jobless_called"}),
            on="month",
            how="full",
            coalesce=True,
        )
        .sort("month")
    )
    return rule.join(model, rule.frame, HOW).join(jobs, voted(joined), HOW)


def voted(joined: pl.DataFrame) -> pl.DataFrame:
    """The three views month by month, with their vote."""
    says = [pl.col("growth_state") < 0, pl.col("p_filtered") > 0.5, pl.col("jobless_called")]
    members = pl.sum_horizontal(say.is_not_null().cast(pl.Int32) for say in says)
    votes = pl.sum_horizontal(say.fill_null(value=False).cast(pl.Int32) for say in says)
    frame = joined.with_columns(
        votes.alias("votes"),
        members.alias("members"),
        pl.when(members >= AGREE).then((votes == 0) | (votes == members)).alias("agree"),
        pl.max_horizontal("rule_known", "model_known", "jobless_known").alias("known_at"),
    )
    said = [v >= AGREE if m >= AGREE else None for v, m in frame.select("votes", "members").rows()]
    weak = dwelt(said)
    kept = [None if w is None else w != s for w, s in zip(weak, said, strict=True)]
    return frame.with_columns(
        pl.Series("weak", weak, dtype=pl.Boolean), pl.Series("kept", kept, dtype=pl.Boolean)
    )


def dwelt(voted: Sequence[bool | None]) -> list[bool | None]:
    """What was voted, each change kept three months before it may change again."""
    found: list[bool | None] = []
    state, age = None, DWELL
    for vote in voted:
        if vote is not None and (state is None or (vote != state and age >= DWELL)):
            state, age = vote, 0
        age += 1
        found.append(state if vote is not None else None)
    return found


def regime_transitions(at: At, *, country: str) -> Answer:
    """How long each quadrant lasted and what followed it, over all months known at the clock."""
    answer = quadrants(at, country=country)
    labels = [label for label in answer.frame["quadrant"].to_list() if label is not None]
    rows = []
    for state in STATES:
        after = [b for a, b in zip(labels, labels[1:], strict=False) if a == state]
        spells = sum(
            b == state and a != state for a, b in zip([None, *labels], labels, strict=False)
        )
        stays = after.count(state)
        rows.append(
            {
                "quadrant": state,
                "months": labels.count(state),
                "spells": spells,
                "mean_months": labels.count(state) / spells if spells else None,
                "expected_months": 1 / (1 - stays / len(after))
                if after[:1] and stays < len(after)
                else None,
                "is_now": bool(labels) and labels[-1] == state,
                **{f"to_{to}": after.count(to) / len(after) if after else None for to in STATES},
            }
        )
    schema = {name: pl.Float64 for name in ("mean_months", "expected_months")}
    frame = pl.DataFrame(rows, schema_overrides=schema | {f"to_{s}": pl.Float64 for s in STATES})
    frame = frame if labels else frame.clear()
    return answer.derive(frame, "months, spells and what followed each quadrant")


def returns_by_quadrant(at: At, *, country: str, symbol: str) -> Answer:
    """What one-session log returns of an instrument were like in each quadrant.

    A session belongs to the quadrant that was known before its day began. `low` and `high` bound
    95 % of the mean; `worst_fall` is the deepest drawdown within one spell of the quadrant. For a
    rate (`is_rate`) all are of changes of its level, in points, and there is no fall of a share.
    """
    rule = quadrants(at, country=country)
    closes = read_closes(at, [symbol], FIRST_SESSION)
    moves = pl.DataFrame(
        {
            "date": closes.dates(),
            "move": pl.Series(session_moves(closes), nan_to_null=True),
            "per_year": closes.per_year,
            "is_rate": closes.is_rate,
        }
    )
    held = (
        moves.sort("date")
        .join_asof(_since_known(rule.frame), on="date")
        .drop_nulls(["quadrant", "move"])
    )
    spell = (pl.col("quadrant") != pl.col("quadrant").shift(1)).fill_null(value=True).cum_sum()
    move, year = pl.col("move"), pl.col("per_year").first()
    error = move.std() / pl.len().sqrt()
    found = held.with_columns(spell.alias("spell")).with_columns(_fall().alias("fall"))
    frame = found.group_by("quadrant").agg(
        pl.len().alias("sessions"),
        pl.col("spell").n_unique().alias("spells"),
        (move.mean() * year).alias("mean"),
        ((move.mean() - NORMAL_95 * error) * year).alias("low"),
        ((move.mean() + NORMAL_95 * error) * year).alias("high"),
        (move.std() * year.sqrt()).alias("volatility"),
        (move > 0).mean().alias("rose"),
        pl.col("fall").filter(~pl.col("is_rate")).min().alias("worst_fall"),
        pl.col("is_rate").any(),
    )
    frame = frame.sort(pl.col("quadrant").cast(pl.Enum(STATES)))
    return rule.join(closes.answer, frame, "moves by the quadrant known before the session")


def correlation_by_quadrant(at: At, *, country: str, symbol: str, other: str) -> Answer:
    """Correlation of the log returns of two instruments in each quadrant, and over all sessions.

    Returns are between dates that both share and belong to the quadrant known before the day of
    the later one; of rates the changes of the level are taken. `low` and `high` bound 95 %; null
    below 30 returns.
    """
    if symbol == other:
        raise ConfigError("correlation in each regime: expected two different instruments")
    rule = quadrants(at, country=country)
    closes = read_closes(at, [symbol, other], FIRST_SESSION)
    held = (
        _shared_moves(closes, symbol, other)
        .join_asof(_since_known(rule.frame), on="date")
        .drop_nulls("quadrant")
    )
    each = pl.concat([held, held.with_columns(pl.lit(ALL).alias("quadrant"))])
    enough, value = pl.col("returns") >= LEAST_RETURNS, pl.col("correlation")
    reach = NORMAL_95 / (pl.col("returns") - 3).sqrt()
    inside = pl.when(enough & (value.abs() < 1)).then(value).arctanh()
    frame = (
        each.group_by("quadrant")
        .agg(
            pl.len().cast(pl.Int64).alias("returns"),
            pl.corr("level", "level_other").fill_nan(None).alias("correlation"),
        )
        .with_columns(
            pl.when(enough).then(value).alias("correlation"),
            (inside - reach).tanh().alias("low"),
            (inside + reach).tanh().alias("high"),
        )
    )
    frame = frame.sort(pl.col("quadrant").cast(pl.Enum((*STATES, ALL))))
    return rule.join(closes.answer, frame, "moves of both by the quadrant known before")


def _shared_moves(closes: Closes, symbol: str, other: str) -> pl.DataFrame:
    """The moves of both between the dates on which both traded."""
    rows = pl.DataFrame({"symbol": closes.names(), "date": closes.dates(), "level": levels(closes)})
    shared = rows.filter(symbol=symbol).join(rows.filter(symbol=other), on="date", suffix="_other")
    return (
        shared.sort("date")
        .select("date", pl.col("level", "level_other").diff())
        .fill_nan(None)
        .drop_nulls()
    )


def _since_known(rule: pl.DataFrame) -> pl.DataFrame:
    """The quadrant from the day after each could be known."""
    return (
        rule.drop_nulls(["quadrant", "known_at"])
        .select((pl.col("known_at").dt.date() + pl.duration(days=1)).alias("date"), "quadrant")
        .sort("date")
    )


def _fall() -> pl.Expr:
    """The drawdown since the beginning of the spell."""
    level = pl.col("move").cum_sum().over("spell")
    peak = pl.max_horizontal(level.cum_max().over("spell"), pl.lit(0.0))
    return (level - peak).exp() - 1


def regime_scores(at: At, *, country: str) -> Answer:
    """The views against the dates of recessions that are known at the clock: hindsight on them.

    `brier` is the mean squared error of the chance; `hit` and `alarm` the shares of recession and
    other months above a half; `lag` the mean of months from the first of a recession until a view
    could first say so. A forecast of none ever and of the usual share are there to beat.
    """
    whole = regimes(at, country=country)
    dates, found = country_prints(at, country)
    prints = first_of(found, rules().recession)
    if prints is None:
        return whole.join(dates, pl.DataFrame(schema=SCORES), "no dates of recessions are held")
    truth = (
        pl.DataFrame(
            {"month": [month_date(month) for month in prints.month], "recession": prints.value}
        )
        .group_by("month", maintain_order=True)
        .last()
    )
    both = whole.frame.join(truth, on="month").drop_nulls("p_filtered").sort("month")
    real = both["recession"].to_numpy()
    share = real.mean() if len(real) else np.nan
    views = {
        "model, as known": both["p_filtered"].to_numpy(),
        "model, hindsight": both["p_smoothed"].to_numpy(),
        "Sahm indicator": both["jobless_called"].cast(pl.Float64).to_numpy(),
        "growth impulse": both.select(
            pl.when(pl.col("growth_state").is_not_null()).then(
                (pl.col("growth_state") < 0).cast(pl.Float64)
            )
        )
        .to_series()
        .to_numpy(),
        "vote": both["weak"].cast(pl.Float64).to_numpy(),
        "never": np.zeros(len(real)),
        "usual share": np.full(len(real), share),
    }
    known = both["known_at"].dt.year().to_numpy() * 12 + both["known_at"].dt.month().to_numpy() - 1
    month = both["month"].dt.year().to_numpy() * 12 + both["month"].dt.month().to_numpy() - 1
    rows = [{"view": name, **_score(chance, real, known - month)} for name, chance in views.items()]
    frame = pl.DataFrame(rows, schema=SCORES).fill_nan(None)
    return whole.join(dates, frame, "each view against the months of recessions")


def _score(chance: Floats, real: Floats, delay: Floats) -> dict[str, float | int | None]:
    values = np.isfinite(chance) & np.isfinite(real)
    chance, real, delay = chance[values], real[values], delay[values]
    if not len(real):
        return {"months": 0, "brier": None, "hit": None, "alarm": None, "lag": None}
    weak, above = real > 0.5, chance > 0.5
    lags = []
    starts = np.flatnonzero(weak & ~np.concatenate([[True], weak[:-1]]))
    for start in starts:
        end = start + int(np.argmin(np.append(weak[start:], False)))
        said = np.flatnonzero(above[start:end])
        if len(said):
            lags.append(float(said[0] + delay[start + said[0]]))
    return {
        "months": len(real),
        "brier": float(((chance - real) ** 2).mean()),
        "hit": float(above[weak].mean()) if weak.any() else None,
        "alarm": float(above[~weak].mean()) if (~weak).any() else None,
        "lag": float(np.mean(lags)) if lags else None,
    }
