"""First prints, revisions and one rebasing, as arrays; refuses vintages that change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ingest.sources.demo_world.draws import Floats, Ints, normals, rounded, uniforms
from ingest.sources.demo_world.geography import Country
from ingest.sources.demo_world.indicators import DemoIndicator
from ingest.sources.demo_world.spec import Spec
from ingest.sources.demo_world.tables import day_number
from ingest.sources.demo_world.timetable import NEVER, Axis, ReleaseTimetable

_QUARTER, _UNEXPECTED = 0.25, 0.04  # a decision that comes as a surprise, and how often each way
_SHRINK = 0.5  # each print halves the error of the one before


@dataclass(frozen=True, slots=True)
class DemoPrints:
    """[country, period, print]: values in the unit of their day and when they came out."""

    values: Floats
    known: Ints
    is_rebased: np.ndarray
    rebased_at: Ints  # per country, NEVER where not
    factor: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Flat and ordered by country, period and instant."""

    country: Ints
    period: Ints
    value: Floats
    known: Ints
    is_rebased: np.ndarray


def errors(
    spec: Spec, indicator: DemoIndicator, countries: tuple[Country, ...], count: int
) -> Floats:
    """[country, period, print]; errors of a family are drawn once for all its members.

    A period takes a fixed number of draws, so that more periods change nothing before.
    """
    name = "GDP" if indicator.family == "gdp" else indicator.code
    out = np.empty((len(countries), count, indicator.revisions + 1))
    for row, country in enumerate(countries):
        draws = normals(spec.seed, f"print {name} {country.code}", count * 8).reshape(count, 8)
        out[row] = draws[:, : indicator.revisions + 1]
    shrink = _SHRINK ** np.arange(indicator.revisions + 1)
    return out * shrink


def prints(
    indicator: DemoIndicator, truth: Floats, error: Floats, times: ReleaseTimetable
) -> tuple[Floats, Ints]:
    """Unrounded prints and their instants: the k-th revision comes with the k-th later period."""
    if indicator.is_relative:
        values = truth[:, :, None] * (1.0 + indicator.noise * error / 100.0)
    elif indicator.code == "EMPL":
        values = truth[:, :, None] * (1.0 + 0.15 * error)
    else:
        values = truth[:, :, None] + indicator.noise * error
    known = np.full(values.shape, NEVER)
    periods = values.shape[1]
    for turn in range(values.shape[2]):
        known[:, : periods - turn, turn] = times.actual[:, turn:]
    return values, known


def rebase(indicator: DemoIndicator, axis: Axis, values: Floats, known: Ints) -> DemoPrints:
    """One benchmark: from some release in 2017 on, all history is restated in another unit."""
    countries = values.shape[0]
    at = np.full(countries, NEVER)
    factor = np.ones(countries)
    if indicator.rebased:
        start = int(np.searchsorted(axis.starts, day_number(date(2017, 1, 1))))
        year = np.flatnonzero(
            (axis.starts >= day_number(date(2015, 1, 1)))
            & (axis.starts < day_number(date(2016, 1, 1)))
        )
        for row in range(countries):
            chosen = start + row % (4 if indicator.frequency == "quarterly" else 12)
            if chosen < len(axis.starts):
                at[row] = known[row, chosen, 0]
                factor[row] = _factor(indicator, values[row, year, 0])
    is_rebased = known >= at[:, None, None]
    values = np.where(is_rebased, values * factor[:, None, None], values)
    return DemoPrints(rounded(values, indicator.decimals), known, is_rebased, at, factor)


def _factor(indicator: DemoIndicator, base: Floats) -> float:
    if indicator.code == "GDP":
        return 1.25
    total = 0.0
    for value in base:
        total += float(value)
    return round(100.0 * len(base) / total, 6)


def flat(made: DemoPrints, raw: Floats, decimals: int) -> Rows:
    """All vintages in order; those equal to the one before are left out."""
    countries, periods, turns = made.values.shape
    country = np.repeat(np.arange(countries), periods * turns)
    period = np.tile(np.repeat(np.arange(periods), turns), countries)
    parts = [
        (country, period, made.values.ravel(), made.known.ravel(), made.is_rebased.ravel()),
        _restated(made, raw, decimals),
    ]
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    turn = np.lexsort((joined[3], joined[1], joined[0]))
    country, period, value, known, is_rebased = (column[turn] for column in joined)
    same = np.zeros(len(country), dtype=bool)
    same[1:] = (
        (country[1:] == country[:-1])
        & (period[1:] == period[:-1])
        & (value[1:] == value[:-1])
        & (is_rebased[1:] == is_rebased[:-1])
    )
    keep = ~same & (known < NEVER)
    return Rows(country[keep], period[keep], value[keep], known[keep], is_rebased[keep])


def _restated(made: DemoPrints, raw: Floats, decimals: int) -> tuple[np.ndarray, ...]:
    """The extra vintage that each earlier period gets on the day of the benchmark."""
    at = made.rebased_at[:, None, None]
    before = made.known < at
    on_the_day = (made.known == at).any(axis=2)
    country, period = np.nonzero(before[:, :, 0] & ~on_the_day & (at[:, :, 0] < NEVER))
    last = before[country, period].sum(axis=1) - 1
    value = rounded(raw[country, period, last] * made.factor[country], decimals)
    when = made.rebased_at[country]
    return country, period, value, when, np.ones(len(country), dtype=bool)


def usual_surprise(indicator: DemoIndicator) -> float:
    """The standard deviation of first prints about what was expected of them."""
    if indicator.code == "POLICY":
        return float(_QUARTER * (2.0 * _UNEXPECTED) ** 0.5)
    return max(1.5 * indicator.noise, 2.0 / float(10**indicator.decimals))


def surprise(
    spec: Spec, indicator: DemoIndicator, countries: tuple[Country, ...], first: Floats
) -> Floats:
    """What was expected of each first print: right on average, and never exact for long."""
    count = first.shape[1]
    out = np.empty_like(first)
    for row, country in enumerate(countries):
        name = f"consensus {indicator.code} {country.code}"
        if indicator.code == "POLICY":
            luck = uniforms(spec.seed, name, count)
            off = np.where(luck > 1.0 - _UNEXPECTED, -_QUARTER, 0.0)
            out[row] = first[row] + np.where(luck < _UNEXPECTED, _QUARTER, off)
            continue
        size: float | Floats = usual_surprise(indicator)
        if indicator.code in ("EMPL", "TRADEBAL"):
            size = 0.15 * np.abs(first[row])
        out[row] = first[row] + size * normals(spec.seed, name, count)
    return rounded(out, indicator.decimals)
