"""The look of the pages' charts for Plotly and Altair; neither library is imported before a call.

Both functions make the look the default of every chart that follows, and give it back as plain
data. With `demo=True` each chart bears the mark of invented data.
"""

from __future__ import annotations

import importlib
from typing import Any

from data.chart_theme import (
    DEMO_MARK,
    FONT,
    Kind,
    Palette,
    axis_look,
    demo_annotation,
    figure_look,
    palette,
)
from data.errors import ConfigError

NAME = "barograph"


def plotly_theme(kind: Kind, *, demo: bool) -> dict[str, Any]:
    """Draw every new Plotly figure as the pages do."""
    io = _library("plotly.io")
    look = _template(palette(_checked(kind)))
    if demo:
        # A named annotation of a template is drawn whatever annotations the figure has.
        mark = demo_annotation(palette(kind)) | {"name": "demo"}
        look["layout"]["annotations"] = [mark]
    io.templates[NAME] = look
    io.templates.default = NAME
    return look


def altair_theme(kind: Kind, *, demo: bool) -> dict[str, Any]:
    """Draw every Altair chart as the pages do, from now on.

    The mark is the chart's subtitle; a title of your own is written `alt.Title("...")`, since a
    title that is bare text replaces it.
    """
    theme = _library("altair").theme
    paint = palette(_checked(kind))
    look: dict[str, Any] = {"background": paint.ground, "config": _config(paint)}
    if demo:
        look["title"] = {"text": "", "subtitle": DEMO_MARK}
    theme.register(NAME, enable=True)(lambda: look)
    return look


def _checked(kind: str) -> Any:
    if kind not in ("dark", "light"):
        raise ConfigError(f"theme {kind!r:.60}: expected dark or light")
    return kind


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        raise ConfigError(
            f"{missing} is not installed, so its charts have no theme; run "
            f"`python -m pip install {missing}`"
        ) from error


def _template(paint: Palette) -> dict[str, Any]:
    """The look of the pages on a ground of its own, since a notebook's may be of any colour."""
    ways = {
        "increasing": {"line": {"color": paint.up}},
        "decreasing": {"line": {"color": paint.down}},
    }
    return {
        "layout": {
            **figure_look(paint),
            "xaxis": axis_look(paint),
            "yaxis": axis_look(paint),
            "paper_bgcolor": paint.ground,
            "plot_bgcolor": paint.ground,
            "margin": {"l": 12, "r": 12, "t": 64, "b": 12},
            "colorway": list(paint.categorical),
            "colorscale": {
                "sequential": _scale(paint.sequential),
                "diverging": _scale(paint.diverging),
            },
        },
        "data": {"candlestick": [ways], "ohlc": [ways]},
    }


def _scale(colours: tuple[str, ...]) -> list[list[Any]]:
    last = len(colours) - 1
    return [[place / last, colour] for place, colour in enumerate(colours)]


def _config(paint: Palette) -> dict[str, Any]:
    """The same look in Vega-Lite's words."""
    small = {"labelColor": paint.dim, "titleColor": paint.dim, "labelFontSize": 11}
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": small | {"gridColor": paint.grid, "domainColor": paint.grid},
        "legend": small | {"orient": "top"},
        "header": small,
        "title": {"color": paint.ink, "subtitleColor": paint.dim, "anchor": "start"},
        "mark": {"color": paint.accent},
        "text": {"color": paint.ink},
        "range": {
            "category": list(paint.categorical),
            "ordinal": list(paint.sequential),
            "ramp": list(paint.sequential),
            "heatmap": list(paint.sequential),
            "diverging": list(paint.diverging),
        },
    }
