"""Charts of the lake itself: what was published when, and a plain line per source."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pages.frame.charts.base import Figure, draw
from pages.frame.theme import Palette


def activity(frame: pl.DataFrame, paint: Palette, order: list[str]) -> Figure:
    """Rows that became known per dataset and month; an empty cell means none."""
    months = sorted(set(frame["month"]))
    across = {month: number for number, month in enumerate(months)}
    down = {name: number for number, name in enumerate(order)}
    counts = np.full((len(order), len(months)), np.nan)
    for name, month, rows in frame.select("dataset", "month", "rows").iter_rows():
        counts[down[name], across[month]] = rows
    logs = np.log10(counts)
    steps = len(paint.sequential) - 1
    cells = {
        "type": "heatmap",
        "z": logs,
        "x": [month.isoformat() for month in months],
        "y": order,
        "customdata": counts,
        "colorscale": [[i / steps, colour] for i, colour in enumerate(paint.sequential)],
        "xgap": 1,
        "ygap": 2,
        "hovertemplate": "%{y} · %{x|%b %Y}<br>%{customdata:,} rows published<extra></extra>",
        "colorbar": _colour_bar(paint, logs),
    }
    axes = {"yaxis": {"autorange": "reversed", "showgrid": False}, "xaxis": {"showgrid": False}}
    return draw([cells], paint, height=40 + 20 * len(order), layout=axes)


def line(
    frame: pl.DataFrame, paint: Palette, *, unit: str, span: tuple[float, float] | None = None
) -> Figure:
    """One value over time, a line per source; gaps stay gaps. `span` fixes the axis."""
    colours = (paint.accent, paint.down, paint.dim)
    sources = frame["source"].unique().sort().to_list()
    traces = []
    for number, source in enumerate(sources):
        part = frame.filter(pl.col("source") == source)
        traces.append(
            {
                "type": "scatter",
                "x": part["date"].to_numpy(),
                "y": part["value"].cast(pl.Float64).to_numpy(),
                "mode": "lines",
                "name": source,
                "connectgaps": False,
                "line": {"width": 1.4, "color": colours[number % 3]},
                "hovertemplate": "%{x|%d %b %Y}  %{y:,.7~r}",
            }
        )
    layout = {
        "yaxis": {
            "title": {"text": unit, "font": {"size": 11, "color": paint.dim}},
            "range": span,
        },
        "showlegend": len(sources) > 1,
        "hovermode": "x unified",
    }
    return draw(traces, paint, height=260, layout=layout)


def _colour_bar(paint: Palette, logs: np.ndarray) -> dict[str, Any]:
    top = int(np.nanmax(logs) + 1e-9) if np.isfinite(logs).any() else 0
    marks = list(range(top + 1))
    return {
        "tickvals": marks,
        "ticktext": [f"{10**mark:,}" for mark in marks],
        "thickness": 8,
        "outlinewidth": 0,
        "tickfont": {"size": 10, "color": paint.dim},
    }
