"""The course of series over time: stacked panes over one axis, each with its own unit.

What is not history is told apart by more than colour: first prints are dots, forecasts dashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import polars as pl

from pages.frame.charts.base import Figure, draw
from pages.frame.theme import Palette

Style = Literal["line", "dots", "dash", "step"]
PANE, SINGLE, GAP = 190, 300, 0.06
AROUND = timedelta(days=45)
ASIDE = timedelta(days=150)  # so that the first and last year have room for their names
DAY, YEAR = "%{x|%d %b %Y}  %{y:,.7~r}", "%{y:,.7~r}"  # what a mark under the pointer says
MOST_YEARS = 15
TONES = ("accent", "down", "dim", "warn")


@dataclass(frozen=True, slots=True)
class Course:
    """One series: `day` and `value` of a frame; `tone` is a colour or the palette's name of one."""

    name: str
    frame: pl.DataFrame
    style: Style = "line"
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class Pane:
    """Courses that share a unit; `span` fixes the axis."""

    unit: str
    courses: Sequence[Course]
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Shade:
    """A stretch of time behind every pane, with the word for it."""

    first: date
    last: date
    word: str
    colour: str


def courses(
    panes: Sequence[Pane], paint: Palette, shades: Sequence[Shade] = (), *, yearly: bool = False
) -> Figure:
    """Panes from top to bottom, those without a value left out; a null is a gap. `yearly` values
    lie on the last day of their year, and the axis calls that day by the year that it ends."""
    panes = [pane for pane in panes if _has_values(pane)] or panes[:1]
    traces = [
        _trace(course, paint, number, YEAR if yearly else DAY)
        for number, pane in enumerate(panes, 1)
        for course in pane.courses
    ]
    last = len(panes)
    room = (1 - GAP * (last - 1)) / last
    axes: dict[str, Any] = {}
    for number, pane in enumerate(panes, 1):
        top = 1 - (number - 1) * (room + GAP)
        axes[f"yaxis{number if number > 1 else ''}"] = {
            "domain": [max(0.0, top - room), top],
            "title": {"text": _short(pane.unit), "font": {"size": 11, "color": paint.dim}},
            "range": pane.span,
            "gridcolor": paint.grid,
            "zerolinecolor": paint.dim,
            "automargin": True,
            "tickfont": {"size": 11, "color": paint.dim},
        }
    layout = {
        **axes,
        "xaxis": {
            "anchor": f"y{last if last > 1 else ''}",
            "type": "date",
            "range": _around_a_single_day(panes),
            **(_years(panes) if yearly else {}),
        },
        "hovermode": "x unified",
        "showlegend": len(traces) > 1,
        "shapes": [_shape(shade) for shade in shades],
    }
    return draw(traces, paint, height=SINGLE if last == 1 else PANE * last, layout=layout)


def _around_a_single_day(panes: Sequence[Pane]) -> tuple[date, date] | None:
    """The range of the axis where all values are of one day, which has no width of its own."""
    held = [course.frame.drop_nulls("value")["day"] for pane in panes for course in pane.courses]
    days = {end for day in held if day.len() for end in (day.min(), day.max())}
    if len(days) != 1 or not isinstance(day := days.pop(), date):
        return None
    return day - AROUND, day + AROUND


def _years(panes: Sequence[Pane]) -> dict[str, Any]:
    """A mark at the end of each year that has a value, or of every second or third and so on."""
    days = [course.frame.drop_nulls("value")["day"] for pane in panes for course in pane.courses]
    ends = sorted({day for found in days for day in found})
    shown = ends[:: -max(1, -(-len(ends) // MOST_YEARS))][::-1]
    return {
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in shown],
        "ticktext": [str(day.year) for day in shown],
        "hoverformat": "%Y",
        "range": [ends[0] - ASIDE, ends[-1] + ASIDE] if ends else None,
    }


def _has_values(pane: Pane) -> bool:
    return any(course.frame["value"].drop_nulls().len() for course in pane.courses)


def _trace(course: Course, paint: Palette, pane: int, hover: str) -> dict[str, Any]:
    colour = getattr(paint, course.tone, course.tone)
    drawn: dict[str, Any] = {
        "type": "scatter",
        "x": course.frame["day"].to_numpy(),
        "y": course.frame["value"].cast(pl.Float64).to_numpy(),
        "name": course.name,
        "yaxis": f"y{pane if pane > 1 else ''}",
        "connectgaps": False,
        "hovertemplate": hover,
        "mode": "lines",
        "line": {"width": 1.5, "color": colour},
    }
    if course.frame["value"].count() == 1:
        drawn["mode"] = "lines+markers"  # a line of one value is nothing to see
    if course.style == "dots":
        drawn |= {
            "mode": "markers",
            "marker": {"size": 4, "color": colour, "symbol": "circle-open"},
        }
    if course.style == "dash":
        drawn["line"] |= {"dash": "dash"}
    if course.style == "step":
        drawn["line"] |= {"shape": "hv"}
    return drawn


def _shape(shade: Shade) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "x0": shade.first.isoformat(),
        "x1": shade.last.isoformat(),
        "fillcolor": shade.colour,
        "opacity": 0.22,
        "line": {"width": 0},
        "name": shade.word,
    }


def _short(unit: str) -> str:
    return unit if len(unit) <= 34 else f"{unit[:33]}…"
