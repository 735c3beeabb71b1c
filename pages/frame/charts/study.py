"""Paths around events, aligned: the median with its band, what other days did, each path behind."""

from __future__ import annotations

from typing import Any

import polars as pl

from pages.frame.charts.base import Figure, draw
from pages.frame.theme import Palette

HEIGHT = 380


def aligned(study: pl.DataFrame, paths: pl.DataFrame | None, paint: Palette) -> Figure:
    """In percent over sessions, a rate in points; `paths` are drawn thinly where given."""
    at, is_rate = study["offset"].to_list(), study["is_rate"].any()
    unit, size = ("pp", 1) if is_rate else ("%", 100)

    def scaled(name: str) -> list[float | None]:
        return (study[name] * size).to_list()

    traces = _band(
        "other days, 95 %", at, (scaled("others_low"), scaled("others_high")), paint.dim, 0.18
    )
    traces += _each(paths, size, paint)
    traces += _band(
        "median, 95 % by resampling", at, (scaled("low"), scaled("high")), paint.accent, 0.28
    )
    traces.append(
        {
            "type": "scatter",
            "x": at,
            "y": scaled("median"),
            "mode": "lines+markers",
            "name": "median",
            "line": {"width": 2.2, "color": paint.accent},
            "marker": {"size": 4},
            "hovertemplate": f"%{{y:+.2f}} {unit}",
        }
    )
    return draw(traces, paint, height=HEIGHT, layout=_axes(paint, is_rate=is_rate))


def _axes(paint: Palette, *, is_rate: bool) -> dict[str, Any]:
    """Both axes, and the line before the first close that knew of the event."""
    return {
        "hovermode": "x unified",
        "showlegend": True,
        "xaxis": {
            "title": {
                "text": "sessions; 0 is the first close that knew of it",
                "font": {"size": 11, "color": paint.dim},
            }
        },
        "yaxis": {
            "title": {
                "text": "change, pp" if is_rate else "log change, %",
                "font": {"size": 11, "color": paint.dim},
            },
            "zerolinecolor": paint.dim,
        },
        "shapes": [
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": -0.5,
                "x1": -0.5,
                "y0": 0,
                "y1": 1,
                "line": {"color": paint.warn, "dash": "dash", "width": 1},
            }
        ],
    }


def _band(
    name: str,
    at: list[int],
    edges: tuple[list[float | None], list[float | None]],
    colour: str,
    depth: float,
) -> list[dict[str, Any]]:
    """An area between two lines, as one trace: there along the low edge, back along the high."""
    pairs = [
        (n, low, high)
        for n, low, high in zip(at, *edges, strict=True)
        if low is not None and high is not None
    ]
    there = [(n, low) for n, low, _ in pairs]
    back = [(n, high) for n, _, high in reversed(pairs)]
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return [
        {
            "type": "scatter",
            "x": [n for n, _ in there + back],
            "y": [v for _, v in there + back],
            "fill": "toself",
            "fillcolor": f"rgba({red},{green},{blue},{depth})",
            "mode": "lines",
            "line": {"width": 0},
            "name": name,
            "hoverinfo": "skip",
        }
    ]


def _each(paths: pl.DataFrame | None, size: int, paint: Palette) -> list[dict[str, Any]]:
    if paths is None:
        return []
    return [
        {
            "type": "scatter",
            "x": mine["offset"].to_list(),
            "y": (mine["path"] * size).to_list(),
            "mode": "lines",
            "line": {"width": 0.8, "color": paint.dim},
            "opacity": 0.45,
            "name": "each event",
            "showlegend": number == 0,
            "legendgroup": "each",
            "hoverinfo": "skip",
        }
        for number, mine in enumerate(paths.partition_by("event", maintain_order=True))
    ]
