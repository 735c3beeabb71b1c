"""Lines that go on by themselves and keep the reader's zoom.

They are drawn by TradingView's Lightweight Charts, as the prices of the Instrument page are.
Streamlit's own charts forget the zoom whenever their data change, and these change every second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pages.frame.theme import Palette
from pages.frame.trading_chart import chart_look, trading_chart
from pages.server.vendor import CHARTS_ADDRESS

GAP_MS = 3_000  # a line of a point a second breaks where none came for longer

_CHART = trading_chart(
    Path(__file__).with_name("static") / "live_chart.mjs",
    "live",
    plot='tabindex="0" role="img"',
    css="""
.live{height:330px}
.live .plot{outline-offset:-1px}
.live .tip{position:absolute;top:1.8rem;z-index:5;pointer-events:none;display:none;
 padding:.2rem .45rem;font-size:12px;line-height:1.35;border-radius:3px;white-space:nowrap;
 font-variant-numeric:tabular-nums}
""",
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
    _CHART(
        key="live_chart",
        data={
            "library": CHARTS_ADDRESS,
            "series": list(series),
            "marks": list(marks),
            "look": chart_look(paint, "surface", "warn")
            | {"lines": [paint.accent, *(paint.categorical[place] for place in (2, 4, 3))]},
            "zone": zone,
            "mark": mark,
            "relative": several,
            "gap": GAP_MS,
            "unit": "change since the left edge" if several else "price",
        },
    )
