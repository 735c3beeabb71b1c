"""What the charts share that TradingView's Lightweight Charts draws in the browser.

The library is handed out by this server; a link to its makers stands below each chart, as its
licence asks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from data.chart_theme import FONT
from pages.frame.javascript import joined_script
from pages.frame.theme import Palette

LINK = (
    '<a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">'
    "Chart by TradingView</a>"
)
CSS = """
.trading-chart{position:relative;width:100%}
.trading-chart .plot{position:absolute;inset:1.3rem 0 1rem 0}
.trading-chart .legend{display:flex;flex-wrap:wrap;gap:0 .7rem;font-size:12px;line-height:1.3rem;
 max-height:1.3rem;overflow:hidden;font-variant-numeric:tabular-nums;color:var(--st-text-color)}
.trading-chart .legend b{font-weight:600}
.trading-chart>a{position:absolute;right:0;bottom:0;font-size:10px;line-height:1rem;opacity:.75;
 color:var(--st-text-color)}
"""


def trading_chart(script: Path, kind: str, *, plot: str = "", css: str = "") -> Any:
    """A component named as its script: a legend, a plot with attributes `plot`, and the link."""
    return st.components.v2.component(
        script.stem,
        html=(
            f'<div class="trading-chart {kind}"><div class="legend" aria-live="off"></div>'
            f'<div class="plot" {plot}></div>{LINK}</div>'
        ),
        css=CSS + css,
        js=joined_script(script),
    )


def chart_look(paint: Palette, *names: str) -> dict[str, Any]:
    """The colours that the scripts take, with those named besides."""
    common = ("ink", "dim", "grid")
    return {name: getattr(paint, name) for name in (*common, *names)} | {"font": FONT}
