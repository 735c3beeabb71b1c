"""Flows between things, parts of a whole, and amounts by year: Sankey, treemap, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pages.frame.charts.base import FONT, Figure, draw
from pages.frame.charts.colour_scale import ColourScale, ink_on
from pages.frame.theme import Palette

FAINT = "55"  # alpha of a link below the nodes that it joins


@dataclass(frozen=True, slots=True)
class Link:
    """What goes from a node to another; `is_rest` draws it quietly, as others or unspecified."""

    source: str
    target: str
    value: float
    is_rest: bool = False


def sankey(links: Sequence[Link], paint: Palette, *, unit: str, height: int = 460) -> Figure:
    """Links from left to right, their width their value; nodes in the order of their first link."""
    sides = [list(dict.fromkeys(link.source for link in links))]
    sides.append(list(dict.fromkeys(link.target for link in links)))
    place = {("from", name): at for at, name in enumerate(sides[0])}
    place |= {("to", name): at + len(sides[0]) for at, name in enumerate(sides[1])}
    tones = [paint.categorical[at % len(paint.categorical)] for at in range(len(sides[0]))]
    colour = dict(zip(sides[0], tones, strict=True))
    trace: dict[str, Any] = {
        "type": "sankey",
        "arrangement": "snap",
        "valueformat": ",.3~f",
        "valuesuffix": f" {unit}",
        "node": {
            "label": [_as_written(name) for name in (*sides[0], *sides[1])],
            "color": [*tones, *[paint.dim] * len(sides[1])],
            "pad": 9,
            "thickness": 12,
            "line": {"width": 0},
        },
        "link": {
            "source": [place["from", link.source] for link in links],
            "target": [place["to", link.target] for link in links],
            "value": [link.value for link in links],
            "color": [
                (paint.dim if link.is_rest else colour[link.source]) + FAINT for link in links
            ],
        },
        "textfont": {"family": FONT, "size": 11, "color": paint.ink},
    }
    return draw([trace], paint, height=height, layout={"margin": {"l": 4, "r": 4, "t": 8, "b": 8}})


def _as_written(name: str) -> str:
    """A name for a label, which Plotly reads as markup: links and bold type are none of its own."""
    return name.replace("<", "&lt;")


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a whole below its group; `change` colours it, grey where it is not known."""

    code: str
    label: str
    group: str
    value: float
    change: float | None
    said: str


def treemap(tiles: Sequence[Tile], paint: Palette, *, limit: float, height: int = 420) -> Figure:
    """Tiles as large as their value below their groups; the scale ends at `limit` either side."""
    groups = list(dict.fromkeys(tile.group for tile in tiles))
    changes = pl.Series([tile.change for tile in tiles], dtype=pl.Float64)
    colours = [c or paint.grid for c in ColourScale.of(changes, limit).paint(changes, paint)]
    trace = {
        "type": "treemap",
        "ids": [*(f"group {name}" for name in groups), *(tile.code for tile in tiles)],
        "labels": [_as_written(name) for name in (*groups, *(tile.label for tile in tiles))],
        "parents": [*[""] * len(groups), *(f"group {tile.group}" for tile in tiles)],
        "values": [
            *(sum(tile.value for tile in tiles if tile.group == name) for name in groups),
            *(tile.value for tile in tiles),
        ],
        "branchvalues": "total",
        "customdata": [*[""] * len(groups), *(tile.said for tile in tiles)],
        "texttemplate": "%{label}<br>%{customdata}",
        "hovertemplate": "%{label}<br>%{customdata}<extra></extra>",
        "marker": {
            "colors": [
                *[paint.surface] * len(groups),
                *colours,
            ],
            "line": {"width": 1, "color": paint.ground},
        },
        "textfont": {
            "family": FONT,
            "size": 12,
            "color": [*[paint.ink] * len(groups), *(ink_on(colour) for colour in colours)],
        },
        "tiling": {"pad": 1},
        "pathbar": {"visible": False},
        "maxdepth": 2,
        "sort": True,
    }
    return draw([trace], paint, height=height, layout={"margin": {"l": 2, "r": 2, "t": 2, "b": 2}})


@dataclass(frozen=True, slots=True)
class YearBars:
    """An amount by period; a period without a value has no bar, and its place stays empty."""

    name: str
    periods: Sequence[str]
    values: Sequence[float | None]
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class YearLine(YearBars):
    """A line over the same periods, broken where a value is missing, on the axis to the right."""


def by_period(
    rows: Sequence[YearBars],
    paint: Palette,
    *,
    unit: str,
    right: str = "",
    height: int = 280,
) -> Figure:
    """Bars side by side over their periods, and lines against the axis to the right."""
    traces = [_periods(row, paint) for row in rows]
    small = {"size": 11, "color": paint.dim}
    layout: dict[str, Any] = {
        "xaxis": {"type": "category"},
        "yaxis": {"title": {"text": unit, "font": small}, "rangemode": "tozero"},
        "barmode": "group",
        "bargap": 0.25,
        "hovermode": "x unified",
        "showlegend": len(rows) > 1,
    }
    if any(isinstance(row, YearLine) for row in rows):
        layout["yaxis2"] = {
            "title": {"text": right, "font": small},
            "rangemode": "tozero",
            "overlaying": "y",
            "side": "right",
            "showgrid": False,
            "tickmode": "auto",
            "nticks": 5,
            "automargin": True,
            "tickfont": small,
        }
    return draw(traces, paint, height=height, layout=layout)


def _periods(row: YearBars, paint: Palette) -> dict[str, Any]:
    colour = getattr(paint, row.tone, row.tone)
    drawn: dict[str, Any] = {
        "x": list(row.periods),
        "y": list(row.values),
        "name": row.name,
        "hovertemplate": "%{y:,.4~r}",
    }
    if isinstance(row, YearLine):
        line = {"color": colour, "width": 1.5}
        return drawn | {
            "type": "scatter",
            "mode": "lines+markers",
            "yaxis": "y2",
            "line": line,
            "marker": {"size": 5},
            "connectgaps": False,
        }
    return drawn | {"type": "bar", "marker": {"color": colour}}
