"""Lines that go on by themselves and keep the reader's zoom: a small drawing of our own.

Streamlit's own charts forget the zoom whenever their data change, and these change every second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages.frame.javascript import joined_script
from pages.frame.theme import Palette

GAP_MS = 3_000  # a line of a point a second breaks where none came for longer

_CHART = st.components.v2.component(
    "live_chart",
    html='<div class="live"><canvas tabindex="0" role="img"></canvas><div class="tip"></div></div>',
    css="""
.live{position:relative;width:100%;height:300px}
.live canvas{position:absolute;inset:0;width:100%;height:100%;cursor:crosshair;outline-offset:-1px}
.live .tip{position:absolute;pointer-events:none;display:none;padding:.2rem .45rem;font-size:12px;
 line-height:1.35;border-radius:3px;white-space:nowrap;font-variant-numeric:tabular-nums}
""",
    js=joined_script(Path(__file__).with_name("static") / "live_chart.mjs"),
)


def live_chart(
    series: Sequence[Mapping[str, Any]],
    marks: Sequence[Mapping[str, Any]],
    paint: Palette,
    *,
    zone: str,
    mark: str = "",
) -> None:
    """Lines over time: each has a name, `t` in milliseconds and `v`; several are shown as changes
    since the left edge. `mark` is written across the plot."""
    several = len(series) > 1
    look = {
        "ink": paint.ink,
        "dim": paint.dim,
        "grid": paint.grid,
        "surface": paint.surface,
        "warn": paint.warn,
        "mark": mark,
        "lines": [paint.accent, paint.warn, paint.sequential[6], paint.ink],
    }
    unit = "change since the left edge" if several else "price"
    _CHART(
        key="live_chart",
        data={
            "series": list(series),
            "marks": list(marks),
            "look": look,
            "zone": zone,
            "relative": several,
            "gap": GAP_MS,
            "unit": unit,
        },
    )
