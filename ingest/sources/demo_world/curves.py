"""Yield curves of the demo world: nominal and real of the United States, spot of the euro area.

Every weekday from the hidden policy rate at the short end and the ten-year yield at the long end;
a real yield is the nominal one less what prices are expected to do. The 20-year bond is sold from
May 2020 on, and in four of a thousand cells nobody quoted: both are absent rows, never zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.datasets.macro import MACRO
from data.datasets.series import SERIES
from data.vocabulary import vocabulary
from ingest.sources.demo_world.draws import Floats, Ints, autoregress, normals, rounded, uniforms
from ingest.sources.demo_world.economy import Economy, monthly_truth
from ingest.sources.demo_world.spec import DAY_US, FIRST_DAY, Spec
from ingest.sources.demo_world.tables import (
    assemble,
    coded,
    day_number,
    days_of,
    instants,
    local_instants,
)

CURVES = "demo-curves"
UNIT = "percent per year"
_UNQUOTED = 0.004
_FIRST = day_number(FIRST_DAY)
_FIRST_20Y = day_number(date(2020, 5, 20))
_MONTHS = {"m": 1, "y": 12}


@dataclass(frozen=True, slots=True)
class DemoCurve:
    """One curve: `economy` is the country whose rates it follows, `country` what its series say.

    It is published at `minute` of `zone`, so many weekdays after its day.
    """

    stem: str
    title: str
    word: str
    tenors: tuple[str, ...]
    economy: str
    country: str | None
    zone: str
    minute: int
    after: int
    decimals: int


_NOMINAL = DemoCurve(
    "par:USA", "United States par yield", "yield",
    ("3m", "6m", "1y", "2y", "3y", "5y", "7y", "10y", "20y", "30y"),
    "USA", "USA", "America/New_York", 1080, 0, 2,
)  # fmt: skip
_REAL = DemoCurve(
    "real:USA", "United States real yield", "real", ("5y", "7y", "10y", "20y", "30y"),
    "USA", "USA", "America/New_York", 1080, 0, 2,
)  # fmt: skip
_SPOT = DemoCurve(
    "spot:EMU", "Euro area spot yield", "yield",
    ("3m", "1y", "2y", "5y", "7y", "10y", "20y", "30y"),
    "DEU", None, "Europe/Berlin", 720, 1, 4,
)  # fmt: skip
_ALL = (_NOMINAL, _REAL, _SPOT)


def curve_series(spec: Spec) -> pa.Table:
    """One row per curve and tenor."""
    pairs = [(curve, tenor) for curve in _ALL for tenor in curve.tenors]
    words = [vocabulary()[f"{curve.word}_{tenor}"] for curve, tenor in pairs]
    return assemble(
        SERIES,
        {
            "series_id": [f"demo:{curve.stem}:{tenor}" for curve, tenor in pairs],
            "indicator": [word.word for word in words],
            "title": [f"{curve.title}: {tenor}" for curve, tenor in pairs],
            "country": [curve.country for curve, _ in pairs],
            "frequency": "daily",
            "unit": UNIT,
            "adjustment": "nsa",
            "dimension": [word.dimension for word in words],
            "direction": pa.array([word.direction for word in words], pa.int32()),
            "timezone": [curve.zone for curve, _ in pairs],
            "source": CURVES,
            "known_at": instants(np.full(len(pairs), day_number(FIRST_DAY) * DAY_US)),
        },
        spec,
        grade="lagged",
    )


def curve_macro(spec: Spec, economy: Economy) -> pa.Table:
    """Every yield that was quoted, one vintage each."""
    days = _weekdays(spec)
    nominal = _nominal(spec, economy, _NOMINAL, days)
    parts = {
        _NOMINAL: nominal,
        _REAL: _real(spec, economy, nominal, days),
        _SPOT: _nominal(spec, economy, _SPOT, days),
    }
    ids, codes, periods, values, known = list[str](), [], [], [], []
    for curve, yields in parts.items():
        published = _published(curve, days)
        for row, tenor in enumerate(curve.tenors):
            quoted = _quoted(spec, curve, tenor, days)
            codes.append(np.full(int(quoted.sum()), len(ids)))
            ids.append(f"demo:{curve.stem}:{tenor}")
            periods.append(days[quoted])
            values.append(rounded(yields[row][quoted], curve.decimals))
            known.append(published[quoted])
    moments = np.concatenate(known)
    return assemble(
        MACRO,
        {
            "series_id": coded(np.concatenate(codes), ids),
            "period": days_of(np.concatenate(periods)),
            "value": np.concatenate(values),
            "unit": UNIT,
            "is_forecast": pa.repeat(pa.scalar(False), len(moments)),
            "source": CURVES,
            "known_at": instants(moments),
        },
        spec,
        grade="lagged",
    )


def months_of(tenor: str) -> int:
    """How many months a tenor has."""
    return int(tenor[:-1]) * _MONTHS[tenor[-1]]


def _weekdays(spec: Spec) -> Ints:
    """Days since 1970 without weekends, New Year's Day and Christmas."""
    first, last = day_number(date(spec.scale.curves_from, 1, 1)), day_number(spec.until)
    days = np.arange(first, last + 1, dtype=np.int64)
    texts = days.astype("datetime64[D]").astype(str)
    is_holiday = np.char.endswith(texts, "-01-01") | np.char.endswith(texts, "-12-25")
    return days[(_weekday(days) < 5) & ~is_holiday]


def _weekday(days: Ints) -> Ints:
    """Monday is 0; the first day of 1970 was a Thursday."""
    return (days + 3) % 7


def _published(curve: DemoCurve, days: Ints) -> Ints:
    """On the day itself or on the next weekday, at the hour of its zone."""
    later = days + curve.after
    weekday = _weekday(later)
    later = later + np.where(weekday >= 5, 7 - weekday, 0)
    return local_instants(later, np.full(len(days), curve.minute), curve.zone)


def _quoted(spec: Spec, curve: DemoCurve, tenor: str, days: Ints) -> NDArray[np.bool_]:
    """On which days a tenor has a value."""
    luck = uniforms(spec.seed, f"quoted {curve.stem} {tenor}", _calendar_days(spec))
    quoted = luck[days - _FIRST] >= _UNQUOTED
    return quoted & (days >= _FIRST_20Y) if tenor == "20y" and curve.country else quoted


def _nominal(spec: Spec, economy: Economy, curve: DemoCurve, days: Ints) -> Floats:
    """[tenor, day]: from the short rate towards the ten-year yield and a little beyond it."""
    row = [country.code for country in economy.countries].index(curve.economy)
    short = _daily(economy.policy[row], days)
    long = _daily(monthly_truth(spec, economy)["Y10"][row], days)
    months = np.array([months_of(tenor) for tenor in curve.tenors], dtype=np.float64)
    weight = _weight(months)[:, None]
    level = _noise(spec, f"level of {curve.stem}", days, 0.06)
    bend = _noise(spec, f"bend of {curve.stem}", days, 0.15)
    hump = weight * (1.2 - weight)
    return short + (long - short) * weight + level * weight + bend * hump


def _real(spec: Spec, economy: Economy, nominal: Floats, days: Ints) -> Floats:
    """[tenor, day]: nominal yields less expected inflation, which moves most at short tenors."""
    row = [country.code for country in economy.countries].index(_REAL.economy)
    target = float(economy.target[row])
    excess = _daily(economy.prices[row], days) - target
    mood = _noise(spec, "expected inflation", days, 0.012)
    places = [_NOMINAL.tenors.index(tenor) for tenor in _REAL.tenors]
    share = np.array([0.3 * 60 / months_of(tenor) for tenor in _REAL.tenors])[:, None]
    return nominal[places] - (target + 0.2 + share * excess + mood)


def _weight(months: Floats) -> Floats:
    """How far a tenor is on the way from the short rate (0) to the ten-year yield (1)."""
    far = np.append(months, 120.0) / 30.0
    shape = 1.0 - (1.0 - np.round(np.exp(-far), 6)) / far
    weight: Floats = np.round(shape[:-1] / shape[-1], 6)
    return weight


def _daily(monthly: Floats, days: Ints) -> Floats:
    """A monthly course from 2003 on, on the straight line between the first days of months."""
    starts = (np.datetime64("2003-01", "M") + np.arange(len(monthly))).astype("datetime64[D]")
    course: Floats = np.interp(days, starts.astype(np.int64), monthly)
    return course


def _noise(spec: Spec, name: str, days: Ints, size: float) -> Floats:
    """Slow ups and downs of its own, drawn by day of the calendar so that no later day moves it."""
    shocks = size * normals(spec.seed, f"curve {name}", _calendar_days(spec))
    course: Floats = autoregress(shocks, 0.985)[days - _FIRST]
    return course


def _calendar_days(spec: Spec) -> int:
    """How many days a stream is drawn for: whatever the scale, each day has the same place."""
    return day_number(spec.until) - _FIRST + 1
