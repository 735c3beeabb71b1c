"""Yield curves: yields by tenor on some days, and the same as colour over time.

A tenor without a value is a gap in the line and a hatched cell; nothing is drawn across it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

import polars as pl

from pages.frame.charts.base import Figure, draw
from pages.frame.theme import Palette

HEIGHT, ROW = 360, 22
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "dash")
Step = Literal["week", "month"]


def yield_curves(frame: pl.DataFrame, paint: Palette) -> Figure:
    """`frame` has name, tenor, months and value: one line a name, in the order of the rows."""
    ladder = frame.select("months", "tenor").unique().sort("months")
    lines = frame.partition_by("name", maintain_order=True)
    traces = [_line(mine.sort("months"), paint, place) for place, mine in enumerate(lines)]
    small = {"font": {"size": 11, "color": paint.dim}}
    layout = {
        "hovermode": "closest",
        "showlegend": True,
        # Above the plot, however many rows of names there are.
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
        "xaxis": {
            "type": "log",
            "tickvals": ladder["months"].to_list(),
            "ticktext": ladder["tenor"].to_list(),
            "title": {"text": "tenor", **small},
        },
        "yaxis": {"title": {"text": "yield, %", **small}, "tickformat": ".2f"},
    }
    return draw(traces, paint, height=HEIGHT, layout=layout)


def _line(mine: pl.DataFrame, paint: Palette, place: int) -> dict[str, Any]:
    """The first is the curve at hand; the earlier ones differ by dash and by colour."""
    others = [colour for colour in paint.categorical if colour != paint.accent]
    colour = paint.accent if not place else others[(place - 1) % len(others)]
    return {
        "type": "scatter",
        "x": mine["months"].to_list(),
        "y": mine["value"].to_list(),
        "text": mine["tenor"].to_list(),
        "name": mine["name"][0],
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {
            "width": 1.6 if place else 2.6,
            "color": colour,
            "dash": DASHES[place % len(DASHES)],
        },
        "marker": {"size": 5 if place else 7, "color": colour},
        "hovertemplate": "%{text}: %{y:.3~f} %<br>%{fullData.name}<extra></extra>",
    }


def surface(frame: pl.DataFrame, paint: Palette, step: Step) -> Figure:
    """`frame` has start, period, tenor, months and value, in the order of start and months."""
    tenors = frame.select("months", "tenor").unique().sort("months")["tenor"].to_list()
    starts = frame["start"].unique().sort().to_list()
    rows = frame.sort("months", "start").partition_by("months", maintain_order=True)
    edges = [*starts, _after(starts[-1], step)]
    cells = {
        "type": "heatmap",
        "x": edges,
        "y": tenors,
        "z": [mine["value"].to_list() for mine in rows],
        "text": [[_day(day) for day in mine["period"]] for mine in rows],
        "colorscale": [
            [place / (len(paint.sequential) - 1), colour]
            for place, colour in enumerate(paint.sequential)
        ],
        "colorbar": {
            "title": {"text": "%", "font": {"size": 11, "color": paint.dim}},
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": {"size": 11, "color": paint.dim},
        },
        "hoverongaps": False,
        "hovertemplate": "%{y}, %{text}: %{z:.3~f} %<extra></extra>",
    }
    layout = {
        "bargap": 0,
        "showlegend": False,
        "xaxis": {"type": "date", "showgrid": False, "range": [edges[0], edges[-1]]},
        "yaxis": {"type": "category", "showgrid": False, "title": {"text": ""}},
    }
    height = 90 + ROW * max(len(tenors), 5)
    return draw([cells, *_missing(rows, edges, paint)], paint, height=height, layout=layout)


def _missing(rows: list[pl.DataFrame], edges: list[date], paint: Palette) -> list[dict[str, Any]]:
    """One hatched bar over each run of cells without a value."""
    runs = [(mine["tenor"][0], *run) for mine in rows for run in _runs(mine["value"].to_list())]
    if not runs:
        return []
    return [
        {
            "type": "bar",
            "orientation": "h",
            "y": [tenor for tenor, _, _ in runs],
            "base": [edges[first] for _, first, _ in runs],
            "x": [(edges[last] - edges[first]).days * 86_400_000 for _, first, last in runs],
            "text": [f"{_day(edges[first])} to {_day(edges[last])}" for _, first, last in runs],
            "textposition": "none",
            "width": 1,
            "marker": {
                "color": paint.surface,
                "line": {"width": 0},
                "pattern": {"shape": "/", "size": 6, "solidity": 0.2, "fgcolor": paint.dim},
            },
            "hovertemplate": "%{y}, %{text}: no value<extra></extra>",
        }
    ]


def _runs(values: list[float | None]) -> list[tuple[int, int]]:
    """Where runs without a value begin, and where what follows them does."""
    found, start = list[tuple[int, int]](), -1
    for place, value in enumerate([*values, 0.0]):
        if value is None and start < 0:
            start = place
        elif value is not None and start >= 0:
            found.append((start, place))
            start = -1
    return found


def _after(day: date, step: Step) -> date:
    """The first day of the next week or month."""
    later = day + timedelta(days=7 if step == "week" else 32)
    return later if step == "week" else later.replace(day=1)


def _day(day: date | None) -> str:
    return f"{day:%d %b %Y}" if day else ""
