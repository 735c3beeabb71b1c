"""The look of every chart as plain values: colours, type, axes; no drawing and no library here.

Pages and scripts take it from here, so a chart in a notebook looks as it does on a page. Direction
is never told by hue alone: blue is up, orange is down, and a sign is always written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["dark", "light"]
Colours = Literal["blue-orange", "green-red"]
FONT = "Inter, Helvetica Neue, Arial, sans-serif"
DEMO_MARK = "DEMO · invented data"


@dataclass(frozen=True, slots=True)
class Palette:
    """What charts and tables paint with."""

    ink: str
    dim: str
    grid: str
    ground: str
    up: str
    down: str
    accent: str
    surface: str
    past: str
    past_ink: str
    warn: str
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]
    categorical: tuple[str, ...]


DARK = Palette(
    ink="#e6edf3",
    dim="#8b9bab",
    grid="#1d2732",
    ground="#0b0f14",
    up="#62aef0",
    down="#f59a2f",
    accent="#56b4e9",
    surface="#10161d",
    past="#f0b429",
    past_ink="#1a1305",
    warn="#f0b429",
    sequential=(
        "#10202f",
        "#0f3f66",
        "#125488",
        "#1a69a8",
        "#2a7fc4",
        "#4695d6",
        "#68abe3",
        "#8cc1ed",
        "#b3d7f5",
        "#dcecfb",
    ),
    diverging=(
        "#ffc067",
        "#f59a2f",
        "#d9771a",
        "#a3560f",
        "#5b3a1c",
        "#1f3b57",
        "#23619b",
        "#2f86cf",
        "#62aef0",
        "#a9d5ff",
    ),
    categorical=(
        "#56b4e9",
        "#e69f00",
        "#009e73",
        "#f0e442",
        "#cc79a7",
        "#d55e00",
        "#4c9be8",
        "#b0b7c3",
    ),
)
LIGHT = Palette(
    ink="#16202b",
    dim="#5a6876",
    grid="#e2e8ee",
    ground="#ffffff",
    up="#1d6fb8",
    down="#b35806",
    accent="#0072b2",
    surface="#f7f9fb",
    past="#8a5a00",
    past_ink="#ffffff",
    warn="#8a5a00",
    sequential=(
        "#eaf3fb",
        "#cfe3f5",
        "#aacfee",
        "#80b7e3",
        "#579dd5",
        "#3783c3",
        "#216bab",
        "#15568f",
        "#0d4272",
        "#082f54",
    ),
    diverging=(
        "#7f3b08",
        "#b35806",
        "#d9812a",
        "#f2b36b",
        "#fbdfc0",
        "#d3e5f5",
        "#96c3e8",
        "#559bd3",
        "#2a73b5",
        "#134b7f",
    ),
    categorical=(
        "#0072b2",
        "#b06f00",
        "#00795a",
        "#8a7a00",
        "#a8487f",
        "#b84300",
        "#2a6ebb",
        "#5b6673",
    ),
)


# Green for a rise and red for a fall, as most terminals have it; hard to tell apart for some eyes.
GREEN_RED = {
    "dark": replace(
        DARK,
        up="#4cbb70",
        down="#f3675c",
        diverging=(
            "#ff9d94",
            "#f3675c",
            "#d63b34",
            "#94211f",
            "#4d2122",
            "#1d3f2b",
            "#1c6b3a",
            "#27924f",
            "#4cbb70",
            "#9fe3b2",
        ),
    ),
    "light": replace(
        LIGHT,
        up="#1a7a42",
        down="#b3261e",
        diverging=(
            "#7a0f14",
            "#b3261e",
            "#dc5a4c",
            "#f2a297",
            "#fbdcd7",
            "#d5eedb",
            "#9bd4aa",
            "#57ae74",
            "#1f8449",
            "#0b5a2d",
        ),
    ),
}


def palette(kind: Kind, colours: Colours = "blue-orange") -> Palette:
    """The palette of a theme; moves are blue and orange, or green and red if a reader wants so."""
    if colours == "green-red":
        return GREEN_RED[kind]
    return LIGHT if kind == "light" else DARK


def axis_look(paint: Palette) -> dict[str, Any]:
    """An axis in Plotly's words: a quiet grid, small type."""
    return {
        "gridcolor": paint.grid,
        "linecolor": paint.grid,
        "zerolinecolor": paint.grid,
        "tickfont": {"size": 11, "color": paint.dim},
        "automargin": True,
    }


def figure_look(paint: Palette) -> dict[str, Any]:
    """What a figure has beside its axes and its ground, in Plotly's words."""
    return {
        "font": {"family": FONT, "size": 12, "color": paint.ink},
        "hoverlabel": {"font": {"family": FONT, "size": 12}},
        "legend": {"orientation": "h", "y": 1.08, "x": 0},
    }


def demo_annotation(paint: Palette) -> dict[str, Any]:
    """DEMO across the plot in Plotly's words, so that no invented number is shown unmarked."""
    return {
        "text": DEMO_MARK,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "opacity": 0.16,
        "font": {"size": 30, "color": paint.ink, "family": FONT},
    }
