"""The look of every chart: one theme, the DEMO mark, the mode bar; nothing that asks another host.

Only two-dimensional traces are drawn, so that a browser without WebGL shows them all. A figure is
built in one piece: every `update_...` afterwards costs more than the whole drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from data.chart_theme import FONT, Palette, axis_look, demo_annotation, figure_look

__all__ = ["FONT", "Figure", "config", "draw", "watermark"]


class Figure(go.Figure):  # type: ignore[misc]  # Plotly has no types
    """A figure that becomes plain data once: Plotly copies the whole of it for every run else.

    What is drawn is kept with its answer and shown to many; after the first time it is not changed.
    """

    _plain: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """What the browser gets; callers share it and only read."""
        if self._plain is None:
            self._plain = super().to_dict()
        return self._plain


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
    fields = dict(layout or {})
    axis = axis_look(paint)
    look = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 6, "b": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        **figure_look(paint),
    }
    axes = {name: axis | dict(fields.pop(name, {})) for name in ("xaxis", "yaxis")}
    return Figure({"data": traces, "layout": look | axes | fields})


def watermark(figure: Figure, paint: Palette) -> Figure:
    """DEMO across the plot, so that no picture of invented numbers leaves unmarked."""
    mark = demo_annotation(paint)
    figure.layout.annotations = (*figure.layout.annotations, mark)
    return figure


def config(name: str) -> dict[str, Any]:
    """The mode bar: an offline PNG, no logo, nothing that selects."""
    return {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }
