"""Bars of one instrument with their volume and what happened, drawn by ECharts.

The axis holds sessions, not days: no gap for a weekend. Blue rose, orange fell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pages.frame.charts.base import FONT
from pages.frame.charts.tiles import DEMO
from pages.frame.theme import Palette

MOST_MARKS = 60
# Without bounds of its own each grid would make room for its labels, and sessions would not align.
PLACE = {"left": 10, "right": 64, "outerBoundsMode": "none"}


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at a session: one letter on the chart, its sentence in the tooltip."""

    day: date
    letter: str
    text: str


def candles(
    bars: pl.DataFrame, marks: Sequence[Mark], paint: Palette, *, unit: str, is_log: bool
) -> dict[str, Any]:
    """`bars` has date, open, high, low, close and volume, in order; nulls stay gaps."""
    return {
        "backgroundColor": "transparent",
        "animation": False,
        "tooltip": {
            "trigger": "axis",
            "axisPointer": {"type": "cross"},
            "confine": True,
            "textStyle": {"fontSize": 11, "fontFamily": FONT},
        },
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "grid": [PLACE | {"top": 22, "height": "68%"}, PLACE | {"top": "81%", "height": "12%"}],
        **_axes([day.isoformat() for day in bars["date"]], paint, unit, is_log=is_log),
        "dataZoom": [{"type": "inside", "xAxisIndex": [0, 1]}],
        "series": [_prices(bars, paint, unit), _volume(bars, paint), _events(bars, marks, paint)],
    }


def _axes(days: list[str], paint: Palette, unit: str, *, is_log: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "axisLine": {"lineStyle": {"color": paint.grid}}, "axisTick": {"show": False},
        "axisLabel": {"color": paint.dim, "fontSize": 11, "fontFamily": FONT},
        "splitLine": {"lineStyle": {"color": paint.grid, "width": 0.6}},
    }  # fmt: skip
    name = {"color": paint.dim, "fontSize": 10, "align": "right"}
    across = axis | {"type": "category", "data": days, "splitLine": {"show": False}}
    price = axis | {
        "type": "log" if is_log else "value",
        "scale": True,
        "name": unit,
        "position": "right",
        "nameTextStyle": name,
        "gridIndex": 0,
    }
    traded = axis | {
        "type": "value",
        "gridIndex": 1,
        "position": "right",
        "name": "volume",
        "nameTextStyle": name,
        "axisLabel": {"show": False},
        "splitLine": {"show": False},
    }
    return {
        "xAxis": [
            across | {"gridIndex": 0, "axisLabel": {"show": False}},
            across | {"gridIndex": 1, "axisLabel": axis["axisLabel"] | {"showMinLabel": False}},
        ],
        "yAxis": [price, traded],
    }


def _prices(bars: pl.DataFrame, paint: Palette, unit: str) -> dict[str, Any]:
    figures = bars.select("open", "close", "low", "high").rows()
    return {
        "type": "candlestick",
        "name": unit,
        "xAxisIndex": 0,
        "yAxisIndex": 0,
        "data": [["-"] * 4 if None in row else list(row) for row in figures],
        "itemStyle": {
            "color": paint.up,
            "borderColor": paint.up,
            "color0": paint.down,
            "borderColor0": paint.down,
        },
    }


def _volume(bars: pl.DataFrame, paint: Palette) -> dict[str, Any]:
    rose = (bars["close"] >= bars["open"]).fill_null(True)
    data = [
        {"value": amount, "itemStyle": {"color": paint.up if up else paint.down, "opacity": 0.5}}
        for amount, up in zip(bars["volume"].to_list(), rose, strict=True)
    ]
    return {"type": "bar", "name": "volume", "data": data, "xAxisIndex": 1, "yAxisIndex": 1}


def marked(spec: dict[str, Any], paint: Palette) -> dict[str, Any]:
    """The same with DEMO across it."""
    return spec | {"title": DEMO | {"textStyle": DEMO["textStyle"] | {"color": paint.ink + "30"}}}


def _events(bars: pl.DataFrame, marks: Sequence[Mark], paint: Palette) -> dict[str, Any]:
    """A letter above the bar of the session in which each event fell, or of the next one."""
    days = bars["date"]
    high = bars.select(pl.max_horizontal("high", "close")).to_series()
    points = []
    for mark in marks[:MOST_MARKS]:
        place = int(days.search_sorted(mark.day))
        if place >= len(days) or high[place] is None:
            continue
        points.append(
            {
                "name": mark.text,
                "value": [days[place].isoformat(), high[place]],
                "label": {"formatter": mark.letter},
            }
        )
    return {
        "type": "scatter",
        "name": "event",
        "data": points,
        "xAxisIndex": 0,
        "yAxisIndex": 0,
        "symbol": "pin",
        "symbolSize": 22,
        "symbolOffset": [0, -4],
        "itemStyle": {"color": paint.grid, "borderColor": paint.accent, "borderWidth": 1},
        "label": {"show": True, "color": paint.ink, "fontSize": 10, "fontFamily": FONT},
        "tooltip": {"trigger": "item", "formatter": "{b}"},
    }
