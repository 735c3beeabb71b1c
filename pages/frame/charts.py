"""Charts: frame -> figure in one theme; nothing of Streamlit, nothing that asks another host.

Only two-dimensional traces are drawn, so that a browser without WebGL shows them all. A figure is
built in one piece: every `update_...` afterwards costs more than the whole drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from pages.frame.theme import Palette

Figure = go.Figure
FONT = "Inter, Helvetica Neue, Arial, sans-serif"


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
        "hovertemplate": "%{y} · %{x|%b %Y}<br>%{customdata:,} rows became known<extra></extra>",
        "colorbar": _colour_bar(paint, logs),
    }
    axes = {"yaxis": {"autorange": "reversed", "showgrid": False}, "xaxis": {"showgrid": False}}
    return draw([cells], paint, height=40 + 20 * len(order), layout=axes)


def line(frame: pl.DataFrame, paint: Palette, *, unit: str) -> Figure:
    """One value over time, a line per source; gaps stay gaps."""
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
                "hovertemplate": "%{x|%d %b %Y}  %{y:,.4g}",
            }
        )
    layout = {
        "yaxis": {"title": {"text": unit, "font": {"size": 11, "color": paint.dim}}},
        "showlegend": len(sources) > 1,
        "hovermode": "x unified",
    }
    return draw(traces, paint, height=260, layout=layout)


def draw(
    traces: list[dict[str, Any]],
    paint: Palette,
    *,
    height: int,
    layout: Mapping[str, Any] | None = None,
) -> Figure:
    """Traces in the house's look: transparent ground, quiet grid, small type.

    What `layout` says of an axis is added to the look, everything else replaces it.
    """
    asked = dict(layout or {})
    axis = {
        "gridcolor": paint.grid,
        "linecolor": paint.grid,
        "zerolinecolor": paint.grid,
        "tickfont": {"size": 11, "color": paint.dim},
        "automargin": True,
    }
    look = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 6, "b": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": paint.ink},
        "hoverlabel": {"font": {"family": FONT, "size": 12}},
        "legend": {"orientation": "h", "y": 1.08, "x": 0},
    }
    axes = {name: axis | dict(asked.pop(name, {})) for name in ("xaxis", "yaxis")}
    return Figure({"data": traces, "layout": look | axes | asked})


def watermark(figure: Figure, paint: Palette) -> Figure:
    """DEMO across the plot, so that no picture of invented numbers leaves unmarked."""
    mark = {
        "text": "DEMO · invented data",
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "opacity": 0.16,
        "font": {"size": 30, "color": paint.ink, "family": FONT},
    }
    figure.layout.annotations = (*figure.layout.annotations, mark)
    return figure


def config(name: str) -> dict[str, Any]:
    """The mode bar: an offline PNG, no logo, nothing that selects."""
    return {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }


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
