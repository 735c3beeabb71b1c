"""When each period is scheduled to be published, and when it really is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest.sources.demo_world.calamity import SHUTDOWN
from ingest.sources.demo_world.draws import Floats, Ints, uniforms
from ingest.sources.demo_world.geography import Country
from ingest.sources.demo_world.indicators import DemoIndicator
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.tables import day_number, local_instants

HOUR_US = 3_600_000_000
_SHUT = (day_number(SHUTDOWN[0]), day_number(SHUTDOWN[1]))
_LATE_CHANCE = 0.008
NEVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class Axis:
    """First and last days of periods, from 2005 on; `skip` periods of the truth come before."""

    starts: Ints
    ends: Ints
    skip: int


@dataclass(frozen=True, slots=True)
class ReleaseTimetable:
    """[country, period] in microseconds; `noticed` is when a change was announced, else NEVER."""

    scheduled: Ints
    actual: Ints
    noticed: Ints
    announced: Ints


def axis_of(frequency: str, spec: Spec) -> Axis:
    """Periods up to the end of the year after `until`."""
    if frequency == "weekly":
        starts = np.arange(
            day_number(date(2005, 1, 3)), day_number(date(spec.until.year + 2, 1, 1)), 7
        )
        return Axis(starts.astype(np.int64), starts.astype(np.int64) + 6, 0)
    step = {"monthly": 1, "quarterly": 3, "annual": 12}[frequency]
    first = np.datetime64("2005-01", "M")
    count = (spec.until.year + 2 - 2005) * 12
    edges = (first + np.arange(0, count + 1, step)).astype("datetime64[D]").astype(np.int64)
    return Axis(edges[:-1], edges[1:] - 1, 24 // step)


def publish(
    spec: Spec, indicator: DemoIndicator, axis: Axis, countries: tuple[Country, ...]
) -> ReleaseTimetable:
    """The timetable of one indicator in every country."""
    shape = (len(countries), len(axis.ends))
    scheduled, actual = np.empty(shape, np.int64), np.empty(shape, np.int64)
    noticed = np.full(shape, NEVER)
    for row, country in enumerate(countries):
        habit = uniforms(spec.seed, f"habit {country.code}", 2)
        days = _working(axis.ends + indicator.after_days + int(habit[0] * 4))
        minute = indicator.minute + (0 if country.code == "USA" else 30 * (int(habit[1] * 5) - 2))
        minutes = np.full(len(days), minute)
        late = _late(spec, indicator, country, len(days))
        scheduled[row] = local_instants(days, minutes, country.zone)
        shut = _is_shut(indicator, country, days)
        later = _working(np.where(shut, days + 16, days + late))
        actual[row] = local_instants(later, minutes, country.zone)
        values = np.where(shut, _SHUT[0] * DAY_US + 4 * HOUR_US, scheduled[row] - 2 * DAY_US)
        noticed[row] = np.where(later != days, values, NEVER)
    return ReleaseTimetable(scheduled, actual, noticed, announced(scheduled))


def _working(days: Ints) -> Ints:
    """Saturdays, Sundays, Christmas and New Year's Day give way to the next working day."""
    out = np.asarray(days, dtype=np.int64)
    for _ in range(3):
        weekday = (out + 3) % 7
        out = out + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))
        dates = out.astype("datetime64[D]")
        in_month = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
        month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
        feast = ((month == 12) & (in_month == 25)) | ((month == 1) & (in_month == 1))
        out = out + feast
    return out


def _late(spec: Spec, indicator: DemoIndicator, country: Country, count: int) -> Ints:
    name = indicator.family or indicator.code  # a family is published together
    luck: Floats = uniforms(spec.seed, f"late {name} {country.code}", count)
    days = 1 + (luck / _LATE_CHANCE * (2 if indicator.frequency == "weekly" else 5)).astype(
        np.int64
    )
    # Policy meetings and market averages are never late.
    possible = indicator.code not in ("POLICY", "Y10")
    return np.where((luck < _LATE_CHANCE) & possible, days, 0)


def _is_shut(indicator: DemoIndicator, country: Country, days: Ints) -> NDArray[np.bool_]:
    if country.code != "USA" or indicator.frequency == "weekly":
        return np.zeros(len(days), dtype=bool)
    if indicator.code in ("PMI", "PMISERV", "CONF", "POLICY", "Y10"):
        return np.zeros(len(days), dtype=bool)
    return np.asarray((days >= _SHUT[0]) & (days <= _SHUT[1]))


def announced(scheduled: Ints) -> Ints:
    """Calendars of a year come out at noon on the first of December before."""
    years = (scheduled // DAY_US).astype("datetime64[D]").astype("datetime64[Y]")
    december = (years.astype("datetime64[M]") - 1).astype("datetime64[D]").astype(np.int64)
    start = day_number(FIRST_DAY) * DAY_US
    return np.maximum(december * DAY_US + 12 * HOUR_US, start)


def meetings(spec: Spec, country: Country) -> Ints:
    """Eight Wednesdays or Thursdays a year on which a central bank decides."""
    turn = int(uniforms(spec.seed, f"bank {country.code}", 1)[0] * 4)
    out: list[int] = []
    for year in range(2005, spec.until.year + 2):
        for month in (1, 3, 4, 6, 7, 9, 10, 12):
            first = day_number(date(year, month, 1))
            wednesday = first + (2 - (first + 3)) % 7
            out.append(wednesday + 7 * (turn % 3) + turn % 2)
    return np.array(out, dtype=np.int64)
