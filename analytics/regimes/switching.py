"""Two states of growth and the chance of each: a Markov-switching model, filtered as it was known.

A probability of a month uses the vintage of that month and parameters fitted on what was known at
the turn of the year before. The smoothed one looks back from the clock and is only hindsight.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from analytics.core.closes import Floats
from analytics.macro.realtime import (
    RealtimeGrid,
    RealtimePrints,
    changed,
    country_prints,
    first_of,
    month_date,
    rules,
    vintages,
)
from data.query import Answer, At

STARTS, SEED = 20, 7
LEAST_MONTHS, LEAST_SCORED = 72, 36
OUTLIER = 5.0
LEAST_SHARE = 0.03
CALL, END, IN_A_ROW = 0.8, 0.2, 3
INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Fit:
    """Two states, the weaker first: chances to stay, means, the deviation of both."""

    stay: tuple[float, float]
    mean: tuple[float, float]
    deviation: float

    @property
    def stationary(self) -> tuple[float, float]:
        """The share of time in each state."""
        leave = (1 - self.stay[0], 1 - self.stay[1])
        weak = leave[1] / (leave[0] + leave[1])
        return weak, 1 - weak

    @property
    def durations(self) -> tuple[float, float]:
        """How long each lasts on average."""
        return 1 / (1 - self.stay[0]), 1 / (1 - self.stay[1])


def recession_model(at: At, *, country: str) -> Answer:
    """The chance that growth was in its weak state, month by month as it could be known.

    `p_filtered` uses nothing later than `known_at`; `p_smoothed` is hindsight from the clock and
    its vintage. `called` is set after three months above 0.8 and ended after three below 0.2;
    `toward` counts the months in a row that speak for the call's next turn.
    `fitted` is the year whose turn gave the parameters; `composite` is the mean score of the parts.
    """
    answer, found = country_prints(at, country)
    frame = _model(found)
    return answer.derive(frame, "two-state switching of the composite, refitted every year")


def model_fit(at: At, *, country: str) -> Answer:
    """The parameters of each refit: means, deviation, chances to stay, average durations.

    `note` says why a refit was refused, in which case the one before went on.
    """
    answer, found = country_prints(at, country)
    anchor = first_of(found, rules().growth)
    rows = (
        []
        if anchor is None
        else [
            {
                "fitted": year,
                "months": months,
                "note": note,
                "weak_mean": fit.mean[0] if fit else None,
                "strong_mean": fit.mean[1] if fit else None,
                "deviation": fit.deviation if fit else None,
                "weak_months": fit.durations[0] if fit else None,
                "strong_months": fit.durations[1] if fit else None,
                "weak_share": fit.stationary[0] if fit else None,
            }
            for year, months, fit, note in _refits(*_composites(found, anchor))
        ]
    )
    names = ("weak_mean", "strong_mean", "deviation", "weak_months", "strong_months", "weak_share")
    frame = pl.DataFrame(
        rows,
        schema={
            "fitted": pl.Int64,
            "months": pl.Int64,
            "note": pl.String,
            **dict.fromkeys(names, pl.Float64),
        },
    )
    return answer.derive(frame, "each year's fit on what was known at its turn")


def _model(found: dict[str, RealtimePrints]) -> pl.DataFrame:
    anchor = first_of(found, rules().growth)
    if anchor is None:
        return pl.DataFrame(schema=_SCHEMA)
    composites, grid = _composites(found, anchor)
    places = grid.places()
    fits = {year: fit for year, _, fit, _ in _refits(composites, grid)}
    years = _years(grid)
    p = np.full(len(places), np.nan)
    fitted = [year if fits.get(year) else None for year in years]
    for year in sorted({year for year in fitted if year is not None}):
        fit = fits[year]
        assert fit is not None
        rows = [step for step, own in enumerate(fitted) if own == year]
        chances = filtered(composites[rows], fit)
        p[rows] = [chances[n, places[step]] for n, step in enumerate(rows)]
    smooth = np.full(len(places), np.nan)
    if fitted and (last := fits.get(years[-1])) is not None:
        whole = smoothed(composites[-1], last)
        smooth = np.array([whole[place] for place in places])
    called = calls(p)
    return pl.DataFrame(
        {
            "month": [month_date(month) for month in grid.read],
            "known_at": pl.Series(grid.instants).cast(INSTANT),
            "composite": [composites[step, place] for step, place in enumerate(places)],
            "p_filtered": p,
            "p_smoothed": smooth,
            "called": called,
            "toward": toward(p, called),
            "fitted": fitted,
        },
        schema=_SCHEMA,
    ).fill_nan(None)


_SCHEMA = {
    "month": pl.Date(),
    "known_at": INSTANT,
    "composite": pl.Float64(),
    "p_filtered": pl.Float64(),
    "p_smoothed": pl.Float64(),
    "called": pl.Boolean(),
    "toward": pl.Int64(),
    "fitted": pl.Int64(),
}


def _composites(
    found: dict[str, RealtimePrints], anchor: RealtimePrints
) -> tuple[Floats, RealtimeGrid]:
    """The mean score of the parts in the vintage of each month; nothing after that month."""
    grid = RealtimeGrid.of(anchor)
    parts = []
    for names, plain in rules().composite:
        prints = first_of(found, names)
        if prints is None:
            continue
        values, units = vintages(prints, grid.months, grid.instants)
        parts.append(values if plain else changed(values, units, 1))
    found_rows = np.full((len(grid.read), len(grid.months)), np.nan)
    for step, place in enumerate(grid.places()):
        # Cut to the month first: a sum over more columns, even empty ones, may round otherwise.
        scores = np.stack([_scores(part[step, : place + 1]) for part in parts])
        counted = np.isfinite(scores).sum(axis=0)
        total = np.where(np.isfinite(scores), scores, 0.0).sum(axis=0)
        enough = counted * 2 >= len(parts)
        found_rows[step, : place + 1] = np.where(enough, total / np.maximum(counted, 1), np.nan)
    return found_rows, grid


def _scores(values: Floats) -> Floats:
    """Against mean and deviation of the same vintage, cut at five deviations; none if too few."""
    held = values[np.isfinite(values)]
    if len(held) < LEAST_SCORED or (deviation := held.std(ddof=1)) < 1e-12:
        return np.full(values.shape, np.nan)
    scores: Floats = np.clip((values - held.mean()) / deviation, -OUTLIER, OUTLIER)
    return scores


def _years(grid: RealtimeGrid) -> list[int]:
    """The year in which each month was read."""
    return pl.Series(grid.instants).cast(INSTANT).dt.year().to_list()


def _refits(
    composites: Floats, grid: RealtimeGrid
) -> list[tuple[int, int, Fit | None, str | None]]:
    """For each year the fit on the last vintage before it; a refused one leaves the one before."""
    years, places = _years(grid), grid.places()
    found: list[tuple[int, int, Fit | None, str | None]] = []
    kept: Fit | None = None
    for year in sorted(set(years)):
        before = [step for step, own in enumerate(years) if own < year]
        if not before:
            continue
        row = composites[before[-1], : places[before[-1]] + 1]
        values = row[np.isfinite(row)]
        if len(values) < LEAST_MONTHS:
            continue
        fit, note = fit_two_states(values.tobytes())
        kept = fit or kept
        found.append((year, len(values), kept, note))
    return found


@lru_cache(maxsize=2048)
def fit_two_states(data: bytes) -> tuple[Fit | None, str | None]:
    """The likeliest of twenty seeded starts, or why none is taken. Kept by the data's own bytes."""
    values = np.frombuffer(data, dtype=np.float64)
    if values.std() < 1e-9:
        return None, "the composite does not vary"
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a start that leads nowhere is not the one that is kept
        model = MarkovRegression(values, k_regimes=2)
        try:
            result = model.fit(search_reps=STARTS, rng=SEED, disp=False)
        except (np.linalg.LinAlgError, ValueError, RuntimeError) as error:
            return None, f"the model does not converge ({error})"
    stay_first, leave_second, *mean, variance = (float(value) for value in result.params)
    stay, means = (stay_first, 1 - leave_second), (mean[0], mean[1])
    if means[0] > means[1]:
        stay, means = (stay[1], stay[0]), (means[1], means[0])
    return _judged(Fit(stay, means, max(variance, 0.0) ** 0.5))


def _judged(fit: Fit) -> tuple[Fit | None, str | None]:
    numbers = (*fit.stay, *fit.mean, fit.deviation)
    if not all(np.isfinite(numbers)) or fit.deviation <= 0 or max(fit.stay) >= 1:
        return None, "the model does not converge"
    if min(fit.stationary) < LEAST_SHARE:
        return None, f"one state holds {100 * min(fit.stationary):.1f} % of the time"
    return fit, None


def filtered(rows: Floats, fit: Fit) -> Floats:
    """The chance of the weak state after each month, row by row; a missing month only predicts."""
    return _forward(np.atleast_2d(rows), fit)[0]


def smoothed(row: Floats, fit: Fit) -> Floats:
    """The same with all that came later (Kim): hindsight."""
    after, before = _forward(np.atleast_2d(row), fit)
    weak_after, weak_before = after[0], before[0]
    found: Floats = weak_after.copy()
    stay_weak = fit.stay[0]
    for month in range(len(found) - 2, -1, -1):
        ahead, expected = found[month + 1], weak_before[month + 1]
        from_weak = stay_weak * ahead / expected + (1 - stay_weak) * (1 - ahead) / (1 - expected)
        found[month] = weak_after[month] * from_weak
    return found


def _forward(rows: Floats, fit: Fit) -> tuple[Floats, Floats]:
    """Hamilton's filter: after each month, and as predicted before it."""
    after, before = np.empty(rows.shape), np.empty(rows.shape)
    weak = np.full(len(rows), fit.stationary[0])
    with np.errstate(over="ignore", under="ignore"):
        for month in range(rows.shape[1]):
            predicted = fit.stay[0] * weak + (1 - fit.stay[1]) * (1 - weak)
            value = rows[:, month]
            # The ratio of both likelihoods, which for one variance needs no density.
            gap = (value - fit.mean[0]) ** 2 - (value - fit.mean[1]) ** 2
            odds = np.exp(np.clip(gap / (2 * fit.deviation**2), -700, 700))
            updated = predicted / (predicted + (1 - predicted) * odds)
            weak = np.where(np.isfinite(value), updated, predicted)
            before[:, month], after[:, month] = predicted, weak
    return after, before


def calls(chances: Sequence[float] | Floats) -> list[bool | None]:
    """In a called recession: from three months above 0.8 on until three below 0.2."""
    found: list[bool | None] = []
    called, high, low = False, 0, 0
    for chance in chances:
        if not np.isfinite(chance):
            found.append(None)
            continue
        high = high + 1 if chance > CALL else 0
        low = low + 1 if chance < END else 0
        called = (called or high >= IN_A_ROW) and low < IN_A_ROW
        found.append(called)
    return found


def toward(chances: Sequence[float] | Floats, called: Sequence[bool | None]) -> list[int | None]:
    """How many months in a row speak for the next turn: below 0.2 in a call, above 0.8 outside."""
    found: list[int | None] = []
    high, low = 0, 0
    for chance, is_called in zip(chances, called, strict=True):
        if is_called is None:
            found.append(None)
            continue
        high = high + 1 if chance > CALL else 0
        low = low + 1 if chance < END else 0
        found.append(low if is_called else high)
    return found
