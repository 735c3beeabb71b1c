"""Two states of growth and the chance of each: a Markov-switching model, filtered as it was known.

A probability of a month uses the vintage of that month and parameters fitted on what was known at
the turn of the year before. The smoothed one looks back from the clock and is only hindsight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from analytics.core.closes import Floats
from analytics.macro.realtime import (
    RealtimeGrid,
    RealtimePrints,
    ShownPrints,
    changed,
    country_prints,
    first_of,
    month_date,
    rules,
    vintages,
)
from analytics.regimes.kept_fits import fits_folder, kept_fit
from analytics.regimes.two_states import Fit
from data.query import Answer, At

LEAST_MONTHS, LEAST_SCORED = 72, 36
OUTLIER = 5.0
CALL, END, IN_A_ROW = 0.8, 0.2, 3
INSTANT = pl.Datetime("us", "UTC")


def recession_model(at: At, *, country: str) -> Answer:
    """The chance that growth was in its weak state, month by month as it could be known.

    `p_filtered` uses nothing later than `known_at`; `p_smoothed` is hindsight from the clock and
    its vintage. `called` is set after three months above 0.8 and ended after three below 0.2;
    `toward` counts the months in a row that speak for the call's next turn.
    `fitted` is the year whose turn gave the parameters; `composite` is the mean score of the parts.
    """
    shown = ShownPrints.at(at, [country])
    chances = shown.readings(at, known_chances, fits_folder(at)).get(country)
    if chances is None or chances.is_empty():
        frame = pl.DataFrame(schema=_SCHEMA)
    else:
        smooth = _hindsight(shown.found()[country], chances.row(-1, named=True))
        frame = chances.with_columns(pl.Series("p_smoothed", smooth, pl.Float64)).fill_nan(None)
        frame = frame.select(list(_SCHEMA))
    return shown.answer.derive(frame, "two-state switching of the composite, refitted every year")


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
            for year, months, fit, note in _refits(*_composites(found, anchor), fits_folder(at))
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


def known_chances(found: Mapping[str, RealtimePrints], folder: Path | None) -> pl.DataFrame:
    """What of the model could be said when a month came, and by which fit."""
    anchor = first_of(found, rules().growth)
    if anchor is None:
        return pl.DataFrame(schema=_KNOWN)
    composites, grid = _composites(found, anchor)
    places = grid.places()
    fits = {year: fit for year, _, fit, _ in _refits(composites, grid, folder)}
    years = _years(grid)
    p = np.full(len(places), np.nan)
    fitted = [year if fits.get(year) else None for year in years]
    for year in sorted({year for year in fitted if year is not None}):
        fit = fits[year]
        assert fit is not None
        rows = [step for step, own in enumerate(fitted) if own == year]
        chances = filtered(composites[rows], fit)
        p[rows] = [chances[n, places[step]] for n, step in enumerate(rows)]
    called = calls(p)
    used = [fits.get(year) for year in years]
    return pl.DataFrame(
        {
            "month": [month_date(month) for month in grid.read],
            "known_at": pl.Series(grid.instants).cast(INSTANT),
            "composite": [composites[step, place] for step, place in enumerate(places)],
            "p_filtered": p,
            "called": called,
            "toward": toward(p, called),
            "fitted": fitted,
            "stay": [None if fit is None else list(fit.stay) for fit in used],
            "mean": [None if fit is None else list(fit.mean) for fit in used],
            "deviation": [None if fit is None else fit.deviation for fit in used],
        },
        schema=_KNOWN,
    ).fill_nan(None)


def _hindsight(found: Mapping[str, RealtimePrints], last: Mapping[str, Any]) -> Floats:
    """The smoothed chances of all months in the vintage of the last, by the fit of its year."""
    anchor = first_of(found, rules().growth)
    assert anchor is not None
    grid = RealtimeGrid.of(anchor)
    places = grid.places()
    if last["deviation"] is None:
        return np.full(len(places), np.nan)
    stay, mean = tuple(last["stay"]), tuple(last["mean"])
    latest = RealtimeGrid(grid.months, grid.read[-1:], grid.instants[-1:])
    row = _rows(found, latest)[-1]
    return smoothed(row, Fit(stay, mean, last["deviation"]))[places]


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
_KNOWN = {name: kind for name, kind in _SCHEMA.items() if name != "p_smoothed"} | {
    "stay": pl.List(pl.Float64),
    "mean": pl.List(pl.Float64),
    "deviation": pl.Float64(),
}


def _composites(
    found: Mapping[str, RealtimePrints], anchor: RealtimePrints
) -> tuple[Floats, RealtimeGrid]:
    """The mean score of the parts in the vintage of each month; nothing after that month."""
    grid = RealtimeGrid.of(anchor)
    return _rows(found, grid), grid


def _rows(found: Mapping[str, RealtimePrints], grid: RealtimeGrid) -> Floats:
    """The same for the months that are read in a grid."""
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
    return found_rows


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
    composites: Floats, grid: RealtimeGrid, folder: Path | None
) -> list[tuple[int, int, Fit | None, str | None]]:
    """For each year the fit on the last vintage before it; a refused one leaves the one before."""
    found: list[tuple[int, int, Fit | None, str | None]] = []
    kept: Fit | None = None
    for year, values in _yearly(composites, grid):
        fit, note = kept_fit(folder, values.tobytes())
        kept = fit or kept
        found.append((year, len(values), kept, note))
    return found


def _yearly(composites: Floats, grid: RealtimeGrid) -> list[tuple[int, Floats]]:
    """What each year's fit is made of; a year with too few months has none."""
    years, places = _years(grid), grid.places()
    found = []
    for year in sorted(set(years)):
        before = [step for step, own in enumerate(years) if own < year]
        if not before:
            continue
        row = composites[before[-1], : places[before[-1]] + 1]
        values = row[np.isfinite(row)]
        if len(values) >= LEAST_MONTHS:
            found.append((year, values))
    return found


def data_of_fits(at: At, country: str) -> list[bytes]:
    """What the fits of a country are made of, and kept by."""
    _, found = country_prints(at, country)
    anchor = first_of(found, rules().growth)
    if anchor is None:
        return []
    return [values.tobytes() for _, values in _yearly(*_composites(found, anchor))]


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
