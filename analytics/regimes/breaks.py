"""Change points: where the mean of a series moved, as seen from its end and as it could be seen.

Dividing a whole series is hindsight: it knows both sides. What could be said at the time is told by
run lengths, whose every step knows only what was printed before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from scipy.special import gammaln

from analytics.core.closes import Floats
from analytics.macro.prints import SOURCE, series_history
from analytics.macro.realtime import RealtimePrints, ShownPrints, first_of, month_date, rules
from analytics.regimes.quadrants import INSTANT, read
from data.query import Answer, At

LEAST = 3
PRIOR = 30
HAZARD = {"daily": 250, "weekly": 250, "monthly": 60, "quarterly": 60, "annual": 100}
RARE = 1e-6
CLIP, MEMORY = 3.0, 60
MATURE, NEAR, STAYS = 10, 2, 3
INPUTS = ("growth", "inflation")
Row = tuple[Any, ...]
SCHEMA = {
    "seen": pl.String(),
    "end": pl.Date(),
    "known_at": INSTANT,
    "before": pl.Float64(),
    "after": pl.Float64(),
    "observations": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A change that could be said at observation `told`: its first one is `start`."""

    start: int
    told: int


def divide(values: Floats, penalty: float | None = None, least: int = LEAST) -> list[int]:
    """Where each new segment begins: least squares about the mean of each, a penalty for each.

    Exact, by dynamic programming: PELT prunes, which misses the best where segments have a least
    length, and saves nothing that is felt here. The penalty is 2 Var(x) ln n unless given; a series
    without variance, or shorter than two segments, is one.
    """
    size = len(values)
    if size < 2 * least or np.ptp(values) == 0:
        return []
    if penalty is None:
        penalty = float(2 * values.var(ddof=1) * np.log(size))
    # Sums about the mean: those of a level like 20,000 would lose the digits that matter.
    shifted = values - values.mean()
    total, squares = (np.concatenate([[0.0], np.cumsum(shifted**power)]) for power in (1, 2))
    best = np.full(size + 1, np.inf)
    best[0], last = -penalty, np.zeros(size + 1, dtype=np.int64)
    starts = np.arange(size)
    for end in range(least, size + 1):
        held = starts[: end - least + 1]
        cost = squares[end] - squares[held] - (total[end] - total[held]) ** 2 / (end - held)
        whole = best[held] + cost + penalty
        last[end] = whole.argmin()
        best[end] = whole[last[end]]
    found, end = [], size
    while (begin := int(last[end])) > 0:
        found.append(begin)
        end = begin
    return found[::-1]


def turns(values: Floats, hazard: float) -> list[Turn]:
    """Changes of mean or variance as they could be said, one observation after the other.

    Run lengths under a constant hazard, Student-t predictions from the first 30 values as a prior.
    Values beyond three robust deviations of the 60 before are drawn in. A candidate is a fall of
    the likeliest run by more than half from at least ten; it is told once the start it implies has
    stayed within two for three more observations. Nothing is told of the first 30.
    """
    if len(values) <= PRIOR:
        return []
    runs = _likeliest_runs(_drawn_in(values), hazard)
    found: list[Turn] = []
    candidate, since = -1, -1
    for at in range(1, len(runs)):
        start = at - int(runs[at]) + 1
        if runs[at - 1] >= MATURE and runs[at] < runs[at - 1] / 2:
            candidate, since = start, at
        elif candidate >= 0 and abs(start - candidate) > NEAR:
            candidate = -1
        elif candidate >= 0 and at - since == STAYS:
            if at >= PRIOR:
                found.append(Turn(start, at))
            candidate = -1
    return found


def _drawn_in(values: Floats) -> Floats:
    """Each value no further than three robust deviations from the median of the 60 before it."""
    found = values.copy()
    for at in range(MATURE, len(values)):
        past = values[max(0, at - MEMORY) : at]
        middle = np.median(past)
        reach = CLIP * 1.4826 * np.median(np.abs(past - middle))
        if reach > 0:
            found[at] = min(max(values[at], middle - reach), middle + reach)
    return found


def _likeliest_runs(values: Floats, hazard: float) -> np.ndarray:
    """The likeliest number of observations since the last change, after each observation."""
    mean0, var0 = float(values[:PRIOR].mean()), float(values[:PRIOR].var(ddof=1))
    if var0 == 0:
        return np.arange(1, len(values) + 1)
    run, chance = np.array([0]), np.array([1.0])
    mean, kappa, alpha, beta = (np.array([v]) for v in (mean0, 1.0, 1.0, var0))
    likeliest = np.zeros(len(values), dtype=np.int64)
    for at, value in enumerate(values):
        scale = beta * (kappa + 1) / (alpha * kappa)
        spread = (value - mean) ** 2 / (2 * alpha * scale)
        log = (
            gammaln(alpha + 0.5)
            - gammaln(alpha)
            - 0.5 * np.log(2 * np.pi * alpha * scale)
            - (alpha + 0.5) * np.log1p(spread)
        )
        joint = chance * np.exp(log - log.max())
        grown, fresh = joint * (1 - hazard), float(joint.sum() * hazard)
        chance = np.append(fresh, grown) / (fresh + grown.sum())
        gap = value - mean
        beta = np.append(var0, beta + kappa * gap**2 / (2 * (kappa + 1)))
        mean = np.append(mean0, (kappa * mean + value) / (kappa + 1))
        kappa, alpha = np.append(1.0, kappa + 1), np.append(1.0, alpha + 0.5)
        run = np.append(0, run + 1)
        kept = chance > RARE
        run, chance, mean = run[kept], chance[kept] / chance[kept].sum(), mean[kept]
        kappa, alpha, beta = kappa[kept], alpha[kept], beta[kept]
        likeliest[at] = run[chance.argmax()]
    return likeliest


def series_breaks(
    at: At, *, series: str, frequency: str = "irregular", measure: str = "level"
) -> Answer:
    """Change points of a series: in hindsight over the clock's vintage, and as they could be told.

    `seen` is hindsight or live; live ones read first prints in the order of their periods, and
    `known_at` is when the print that told them came. `before` and `after` are means of the measure
    in both segments; of several sources the one with most periods is taken.
    """
    answer = series_history(at, series=series, frequency=frequency, measure=measure)
    frame = answer.frame
    if frame.height:
        most = frame[SOURCE].value_counts(sort=True).sort("count", SOURCE, descending=[True, False])
        frame = frame.filter(pl.col(SOURCE) == most[SOURCE][0])
    past, first = frame.drop_nulls("value"), frame.drop_nulls(["first", "first_known"])
    told = first.with_columns(pl.col("first_known").cum_max())  # a late print tells when it comes
    hazard = 1 / HAZARD.get(frequency, HAZARD["daily"])
    rows = [
        *_hindsight(past["value"].to_numpy(), past["end"].to_list(), past["known_at"].to_list()),
        *_live(
            told["first"].to_numpy(), told["end"].to_list(), told["first_known"].to_list(), hazard
        ),
    ]
    return answer.derive(
        pl.DataFrame(rows, schema=SCHEMA, orient="row"), f"where the mean of the {measure} moved"
    )


def regime_breaks(at: At, *, country: str) -> Answer:
    """Change points of a country's growth and inflation, each month as it was read when it came."""
    shown = ShownPrints.at(at, [country])
    moves = shown.readings(at, moves_on_the_year).get(country, moves_on_the_year({}))
    live = shown.readings(at, live_breaks).get(country, live_breaks({}))
    parts = []
    for name in INPUTS:
        past = moves.filter(input=name)
        months, known = past["month"].to_list(), past["known_at"].to_list()
        rows = _hindsight(past["year"].to_numpy(), months, known)
        hindsight = pl.DataFrame(rows, schema=SCHEMA, orient="row")
        parts += [hindsight.with_columns(pl.lit(name).alias("input")), live.filter(input=name)]
    return shown.answer.derive(pl.concat(parts), "where the mean of the change on the year moved")


def moves_on_the_year(found: Mapping[str, RealtimePrints]) -> pl.DataFrame:
    """The change on the year of both inputs, each month in its own vintage."""
    parts = []
    for name, names in _inputs().items():
        reading = read(first_of(found, names))
        held = np.isfinite(reading.year)
        part = {
            "input": [name] * int(held.sum()),
            "month": [month_date(month) for month in reading.months[held]],
            "known_at": pl.Series(reading.known[held]).cast(INSTANT),
            "year": reading.year[held],
        }
        parts.append(pl.DataFrame(part, schema_overrides={"input": pl.String, "month": pl.Date}))
    return pl.concat(parts)


def live_breaks(found: Mapping[str, RealtimePrints]) -> pl.DataFrame:
    """The changes of both inputs that could be told when a month came."""
    parts = []
    moves = moves_on_the_year(found)
    for name in INPUTS:
        part = moves.filter(input=name)
        known, months = part["known_at"].to_list(), part["month"].to_list()
        rows = _live(part["year"].to_numpy(), months, known, 1 / HAZARD["monthly"])
        frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
        parts.append(frame.with_columns(pl.lit(name).alias("input")))
    return pl.concat(parts)


def _inputs() -> dict[str, list[str]]:
    """By which indicators each input is read."""
    return dict(zip(INPUTS, (rules().growth, rules().prices), strict=True))


def _hindsight(values: Floats, ends: list[date], known: list[datetime]) -> list[Row]:
    starts = divide(values)
    bounds = [0, *starts, len(values)]
    means = [float(values[a:b].mean()) for a, b in pairwise(bounds)] if len(values) else []
    newest = max(known, default=None)
    return [
        ("hindsight", ends[start], newest, means[n], means[n + 1], bounds[n + 2] - start)
        for n, start in enumerate(starts)
    ]


def _live(values: Floats, ends: list[date], known: list[datetime], hazard: float) -> list[Row]:
    rows: list[Row] = []
    begin = 0
    for turn in turns(values, hazard):
        # A start told later than the one before may lie ahead of it.
        begin = begin if begin < turn.start else max(0, turn.start - MATURE)
        before, after = values[begin : turn.start], values[turn.start : turn.told + 1]
        rows.append(
            (
                "live",
                ends[turn.start],
                known[turn.told],
                float(before.mean()),
                float(after.mean()),
                len(after),
            )
        )
        begin = turn.start
    return rows
