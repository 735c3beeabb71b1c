"""Charts: frame -> figure in one theme; nothing of Streamlit, nothing that asks another host.

Only two-dimensional traces are drawn, so that a browser without WebGL shows them all.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from pages.frame.theme import Palette

Figure = go.Figure
FONT = "Inter, Helvetica Neue, Arial, sans-serif"


def activity(frame: pl.DataFrame, paint: Palette, order: list[str]) -> go.Figure:
    """Rows that became known per dataset and month; an empty cell means none."""
    months = frame["month"].unique().sort()
    full = pl.DataFrame({"dataset": order}).join(
        pl.DataFrame({"month": months}), how="cross", maintain_order="left_right"
    )
    wide = full.join(frame, on=["dataset", "month"], how="left", maintain_order="left")
    counts = [wide.filter(pl.col("dataset") == name)["rows"].to_list() for name in order]
    logs = pl.Series([n for row in counts for n in row], dtype=pl.Float64).log10()
    width = len(months)
    grid = [logs[i * width : (i + 1) * width].to_list() for i in range(len(order))]
    steps = len(paint.sequential) - 1
    figure = go.Figure(
        go.Heatmap(
            z=grid,
            x=months.to_list(),
            y=order,
            customdata=counts,
            colorscale=[[i / steps, colour] for i, colour in enumerate(paint.sequential)],
            xgap=1,
            ygap=2,
            hovertemplate="%{y} · %{x|%b %Y}<br>%{customdata:,} rows became known<extra></extra>",
            colorbar=_colour_bar(paint, logs),
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False)
    return dress(figure, paint, height=40 + 20 * len(order))


def line(frame: pl.DataFrame, paint: Palette, *, unit: str) -> go.Figure:
    """One value over time, a line per source; gaps stay gaps."""
    figure = go.Figure()
    colours = (paint.accent, paint.down, paint.dim)
    for number, (source,) in enumerate(frame.select("source").unique().sort("source").iter_rows()):
        part = frame.filter(pl.col("source") == source)
        figure.add_trace(
            go.Scatter(
                x=part["date"].to_list(),
                y=part["value"].to_numpy(),
                mode="lines",
                name=source,
                connectgaps=False,
                line={"width": 1.4, "color": colours[number % 3]},
                hovertemplate="%{x|%d %b %Y}  %{y:,.4g}<extra>" + source + "</extra>",
            )
        )
    figure.update_yaxes(title={"text": unit, "font": {"size": 11, "color": paint.dim}})
    figure.update_layout(showlegend=len(figure.data) > 1, hovermode="x unified")
    return dress(figure, paint, height=260)


def dress(figure: go.Figure, paint: Palette, *, height: int) -> go.Figure:
    """The house's look: transparent ground, quiet grid, small type."""
    axis = {
        "gridcolor": paint.grid,
        "linecolor": paint.grid,
        "zerolinecolor": paint.grid,
        "tickfont": {"size": 11, "color": paint.dim},
        "automargin": True,
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 6, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 12, "color": paint.ink},
        hoverlabel={"font": {"family": FONT, "size": 12}},
        legend={"orientation": "h", "y": 1.08, "x": 0},
    )
    return figure


def watermark(figure: go.Figure, paint: Palette) -> go.Figure:
    """DEMO across the plot, so that no picture of invented numbers leaves unmarked."""
    figure.add_annotation(
        text="DEMO · invented data",
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        showarrow=False,
        opacity=0.16,
        font={"size": 30, "color": paint.ink, "family": FONT},
    )
    return figure


def config(name: str) -> dict[str, Any]:
    """The mode bar: an offline PNG, no logo, nothing that selects."""
    return {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }


def _colour_bar(paint: Palette, logs: pl.Series) -> dict[str, Any]:
    highest = logs.max()
    top = int(highest) if isinstance(highest, int | float) else 0
    marks = list(range(top + 1))
    return {
        "tickvals": marks,
        "ticktext": [f"{10**mark:,}" for mark in marks],
        "thickness": 8,
        "outlinewidth": 0,
        "tickfont": {"size": 10, "color": paint.dim},
    }
