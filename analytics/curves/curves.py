"""Yield curves under the clock: a curve on days, its changes, slopes, surface and breakevens.

Yields are in percent, changes and slopes in basis points. Tenors of one day belong together: what
a curve lacks on a day is null there, and nothing is filled in from other days or tenors. Nothing is
averaged: a week or month is shown by its last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from analytics.core.catalogue import run
from analytics.curves.definitions import SLOPES, Curve, curve_named, curves, ladder
from data.errors import ConfigError
from data.query import Answer, At

FIRST = date(1900, 1, 1)
STEPS = ("week", "month")


def curves_known(at: At) -> Answer:
    """The yield curves that have values at the clock: their tenors, first and last day."""
    return run(at, "parts/curves_known", **ladder(list(curves().values())))


def curve_on(at: At, *, curve: str, dates: list[str] | None = None) -> Answer:
    """A yield curve on its last day and on earlier dates, every tenor in percent.

    For a date that has no curve the last one of the ten days before it is taken; without one the
    date has no rows. A tenor without a value on the day is null.
    """
    days = [_day(text) for text in dates or []]
    return _asked(at, "curve_on", [curve_named(curve)], dates=days)


def curve_changes(at: At, *, curve: str) -> Answer:
    """Every tenor of a yield curve on its last day, and by how many basis points it moved.

    Since the day before, and since the curve of a week, a month and a year ago: the last one on or
    before that date and at most ten days older.
    """
    return _asked(at, "curve_changes", [curve_named(curve)])


def curve_slopes(at: At, *, curve: str, since: date | None = None) -> Answer:
    """The slopes 10y-2y, 10y-3m and 30y-5y of a yield curve day by day, in basis points.

    Both tenors are of the same day; a slope that lacks one of them is null.
    """
    return _asked(at, "curve_slopes", [curve_named(curve)], **_pairs(), since=since or FIRST)


def slope_summary(at: At, *, curve: str) -> Answer:
    """Each slope on the curve's last day, its changes, and since when it is inverted or not.

    `since` is the first day of the present run below zero or at least zero; days without the slope
    do not end a run. `lower` is the share of its days that had a lower one. A slope that lacks a
    tenor on the last day is null; `last` is the day that had it.
    """
    return _asked(at, "slope_summary", [curve_named(curve)], **_pairs())


def curve_surface(at: At, *, curve: str, since: date | None = None, step: str = "week") -> Answer:
    """A yield curve on the last day of every week or month, null where a tenor is absent."""
    if step not in STEPS:
        raise ConfigError(f"step={step[:40]!r}: expected one of {', '.join(STEPS)}")
    return _asked(at, "curve_surface", [curve_named(curve)], since=since or FIRST, step=step)


def breakevens(at: At, *, curve: str, since: date | None = None) -> Answer:
    """Nominal less real yield of the same tenor and day: the breakeven inflation, in percent.

    Of a curve without a real one there is none. A day on which one of both lacks the tenor is null.
    """
    nominal = curve_named(curve)
    pair = [nominal, curve_named(nominal.real)] if nominal.real else [nominal]
    return _asked(at, "breakevens", pair, nominal=nominal.name, since=since or FIRST)


def _asked(at: At, name: str, chosen: Sequence[Curve], **params: Any) -> Answer:
    return run(at, f"parts/{name}", **ladder(chosen), **params)


def _pairs() -> dict[str, list[str]]:
    """The slopes as parallel lists."""
    shorts, longs = zip(*SLOPES.values(), strict=True)
    return {"slopes": list(SLOPES), "shorts": list(shorts), "longs": list(longs)}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigError(f"dates={text[:40]!r}: expected days like 2020-03-16") from None
