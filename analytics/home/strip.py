"""The market strip: last value, change and course of a few instruments and series.

A change is the price return of the last session, of a series that of its last period; of rates and
of series in percent it is the change of the level. Across a change of unit nothing is compared.
What has no value at the clock is left out of the defaults, never filled.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Closes, later_splits, read_closes
from data.query import Answer, At

LINES = Path(__file__).parents[1] / "strip.toml"
SPAN = timedelta(days=150)
FRESH = timedelta(days=10)
PATH = 60  # values of the course
SCHEMA = pl.Schema(
    {
        "item": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "unit": pl.String(),
        "is_rate": pl.Boolean(),
        "frequency": pl.String(),
        "date": pl.Date(),
        "last": pl.Float64(),
        "change": pl.Float64(),
        "path": pl.List(pl.Float64()),
    }
)


def market_strip(at: At, *, items: list[str] | None = None) -> Answer:
    """Last value, its date, its change and the last sixty values of instruments and series.

    Without `items` those of `analytics/strip.toml`: of each line the first that is fresh.
    `frequency` is that of a series, null for an instrument. The values of a series are those in the
    unit of the last one.
    """
    wanted = items or [item for _, candidates in lines() for item in candidates]
    named = run(at, "parts/strip_items", items=wanted)
    rows = {row["id"]: row for row in named.frame.iter_rows(named=True)}
    symbols = [item for item in wanted if item in rows and rows[item]["kind"] == "instrument"]
    closes = read_closes(at, symbols, at.as_of.date() - SPAN)
    values = run(at, "parts/strip_values", items=wanted)
    courses = _courses(closes, values.frame)
    chosen = wanted if items else _defaults(courses, at.as_of.date())
    # The demo world's markets have names of their own, which no real name may stand before.
    labels = {
        item: name
        for name, several in (() if items else lines())
        for item in several
        if not item.startswith("demo:")
    }
    found = [
        _row(rows[item], courses.get(item), labels.get(item)) for item in chosen if item in rows
    ]
    return named.join(closes.answer, named.frame, "names and closes").join(
        values, pl.DataFrame(found, schema=SCHEMA), "the last value of each and the one before"
    )


@cache
def lines() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The default lines: a name, and the ids of which the first that is fresh stands for it."""
    raw = tomllib.loads(LINES.read_text(encoding="utf-8"))
    return tuple((line["name"], tuple(line["any"])) for line in raw["line"])


class StripPath(NamedTuple):
    """Days or periods with their values; `unit` is that of the values of a series."""

    dates: list[date]
    values: list[float]
    unit: str | None = None


def _courses(closes: Closes, values: pl.DataFrame) -> dict[str, StripPath]:
    """Dates and values of each item that has any, in shares of today for what was split."""
    found: dict[str, StripPath] = {}
    dates = closes.dates().to_list()
    for place, symbol in enumerate(closes.symbols):
        mine = np.flatnonzero(closes.place == place)[-PATH:]
        if len(mine):
            adjusted = closes.close[mine] / later_splits(closes.split[mine])
            found[symbol] = StripPath([dates[row] for row in mine], list(adjusted))
    for (series,), part in values.partition_by("series_id", as_dict=True).items():
        other = part.select(pl.col("unit").ne_missing(pl.col("unit").last())).to_series()
        alike = part[int(other.arg_true()[-1]) + 1 :] if other.any() else part
        unit = alike["unit"][-1]
        found[str(series)] = StripPath(alike["period"].to_list(), alike["value"].to_list(), unit)
    return found


def _defaults(courses: Mapping[str, StripPath], day: date) -> list[str]:
    """Of each line the first that is fresh, else the first that is known."""
    chosen = []
    for _, candidates in lines():
        known = [item for item in candidates if item in courses]
        fresh = [item for item in known if day - courses[item].dates[-1] <= FRESH]
        chosen += (fresh or known)[:1]
    return chosen


def _row(about: Mapping[str, Any], course: StripPath | None, label: str | None) -> dict[str, Any]:
    dates, values, stated = course or StripPath([], [])
    is_rate = about["is_rate"] or (stated or "").lower().startswith("percent")
    return {
        "item": about["id"],
        "kind": about["kind"],
        "name": label or about["label"],
        "unit": about["unit"] or stated,
        "is_rate": is_rate,
        "frequency": about["frequency"],
        "date": dates[-1] if dates else None,
        "last": values[-1] if values else None,
        "change": _change(values, is_rate=is_rate),
        "path": values,
    }


def _change(values: Sequence[float], *, is_rate: bool) -> float | None:
    if len(values) < 2:
        return None
    before, last = values[-2:]
    if is_rate:
        return last - before
    return last / before - 1 if before > 0 and last > 0 else None
