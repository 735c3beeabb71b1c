"""Growth and inflation, each rising or falling: the rule view of a regime, month by month.

The label of a month is read from the vintage in which the month became known and never changes
afterwards, whatever is revised or added later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from analytics.core.closes import Floats
from analytics.macro.realtime import (
    RealtimeGrid,
    RealtimePrints,
    ShownPrints,
    first_of,
    month_date,
    moving,
    rules,
    vintages,
    yearly,
)
from data.query import Answer, At

SHORT, LONG = 3, 12
PAST, LEAST = 120, 60
BAND = 0.1
SAHM_POINTS, SAHM_SLACK = 0.5, 1e-9
Quadrant = Literal["goldilocks", "reflation", "stagflation", "slowdown"]
STATES: tuple[Quadrant, ...] = get_args(Quadrant)
NAMED: Mapping[tuple[int, int], Quadrant] = {
    (1, -1): "goldilocks",
    (1, 1): "reflation",
    (-1, 1): "stagflation",
    (-1, -1): "slowdown",
}
INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class QuadrantReading:
    """One input, month by month, each in its own vintage: the change on the year, its impulse, the
    band around nought and the state."""

    months: np.ndarray
    known: np.ndarray
    year: Floats
    impulse: Floats
    band: Floats
    state: Floats


def quadrants(at: At, *, country: str) -> Answer:
    """The quadrant of every month as it could be known, and since when.

    An impulse is the three-month mean of the change on the year less its twelve-month mean; beyond
    a tenth of the deviation of the impulses of the 120 months before, at least 60, it sets the
    state, within it the state before stays. `known_at` is when the later of both was printed.
    """
    shown = ShownPrints.at(at, [country])
    frame = shown.readings(at, named).get(country)
    found = named({}) if frame is None else frame
    return shown.answer.derive(found, "impulses of growth and prices, each in its vintage")


def named(found: Mapping[str, RealtimePrints]) -> pl.DataFrame:
    """The quadrants of a country by its prints."""
    growth = read(first_of(found, rules().growth))
    prices = read(first_of(found, rules().prices))
    frame = _frame(growth, "growth").join(_frame(prices, "inflation"), on="month")
    words = [
        NAMED.get((int(g), int(i))) if g is not None and i is not None else None
        for g, i in frame.select("growth_state", "inflation_state").iter_rows()
    ]
    return (
        frame.with_columns(
            pl.Series("quadrant", words, dtype=pl.String),
            pl.max_horizontal("growth_known", "inflation_known").alias("known_at"),
        )
        .drop("growth_known", "inflation_known")
        .sort("month")
    )


def jobless_rule(at: At, *, country: str) -> Answer:
    """The three-month mean of the jobless rate over the least of those of the 12 months before.

    Each within the vintage of its month; at half a point or more a recession is called (Sahm).
    """
    shown = ShownPrints.at(at, [country])
    frame = shown.readings(at, rise_of_joblessness).get(country)
    found = rise_of_joblessness({}) if frame is None else frame
    return shown.answer.derive(found, "rise of the three-month mean over its twelve-month low")


def rise_of_joblessness(found: Mapping[str, RealtimePrints]) -> pl.DataFrame:
    """The rule over the first jobless rate of a country."""
    prints = first_of(found, rules().jobless)
    if prints is None:
        return pl.DataFrame(
            schema={
                "month": pl.Date(),
                "known_at": INSTANT,
                "rise": pl.Float64(),
                "called": pl.Boolean(),
            }
        )
    grid = RealtimeGrid.of(prints)
    values, _ = vintages(prints, grid.months, grid.instants)
    mean = moving(values, SHORT)
    rise = np.full(len(grid.read), np.nan)
    for step, place in enumerate(grid.places()):
        before = mean[step, max(0, place - 12) : place]
        if len(before) == 12 and np.isfinite(before).all():
            rise[step] = mean[step, place] - before.min()
    called = [None if np.isnan(r) else bool(r >= SAHM_POINTS - SAHM_SLACK) for r in rise]
    return pl.DataFrame(
        {
            "month": [month_date(month) for month in grid.read],
            "known_at": pl.Series(grid.instants).cast(INSTANT),
            "rise": pl.Series(rise, nan_to_null=True),
            "called": pl.Series(called, dtype=pl.Boolean),
        },
        schema_overrides={"month": pl.Date},
    )


def turns(found: Mapping[str, RealtimePrints]) -> pl.DataFrame:
    """The months in which a quadrant or the Sahm indicator turned: from what to what."""
    jobs = rise_of_joblessness(found).drop_nulls("called")
    called = pl.when("called").then(pl.lit("called")).otherwise(pl.lit("none called"))
    parts = []
    for title, frame in (
        ("growth and inflation", named(found).rename({"quadrant": "is"})),
        ("Sahm indicator", jobs.with_columns(called.alias("is"))),
    ):
        said = frame.drop_nulls(["is", "known_at"]).with_columns(
            pl.lit(title).alias("title"), pl.col("is").shift(1).alias("was")
        )
        turned = said.filter(pl.col("was") != pl.col("is"))
        parts.append(turned.select("title", "month", "known_at", "was", "is"))
    return pl.concat(parts)


def read(prints: RealtimePrints | None) -> QuadrantReading:
    """A series month by month; empty without one."""
    if prints is None:
        none = np.array([], dtype=np.float64)
        return QuadrantReading(none.astype(np.int64), none.astype(np.int64), none, none, none, none)
    grid = RealtimeGrid.of(prints)
    year = yearly(prints, grid.months, grid.instants)
    impulse = moving(year, SHORT) - moving(year, LONG)
    size = len(grid.read)
    found = {name: np.full(size, np.nan) for name in ("year", "impulse", "band", "state")}
    state = np.nan
    for step, place in enumerate(grid.places()):
        past = impulse[step, max(0, place - PAST) : place]
        past = past[np.isfinite(past)]
        found["year"][step], found["impulse"][step] = year[step, place], impulse[step, place]
        if len(past) >= LEAST:
            found["band"][step] = BAND * past.std(ddof=1)
        now, band = found["impulse"][step], found["band"][step]
        if now > band:
            state = 1.0
        elif now < -band:
            state = -1.0
        found["state"][step] = state
    return QuadrantReading(grid.read, grid.instants, *found.values())


def _frame(reading: QuadrantReading, name: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "month": [month_date(month) for month in reading.months],
            f"{name}_known": pl.Series(reading.known).cast(INSTANT),
            f"{name}_year": pl.Series(reading.year, nan_to_null=True),
            f"{name}_impulse": pl.Series(reading.impulse, nan_to_null=True),
            f"{name}_band": pl.Series(reading.band, nan_to_null=True),
            f"{name}_state": pl.Series(reading.state, nan_to_null=True),
        },
        schema_overrides={"month": pl.Date},
    )
