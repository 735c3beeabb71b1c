"""A square of pairs: colour and number in each cell, hatched where its sign is not sure."""

from __future__ import annotations

from typing import Any

import polars as pl

from data.chart_theme import DEMO_MARK
from pages.frame.charts.base import FONT
from pages.frame.charts.colour_scale import ColourScale, ink_on
from pages.frame.theme import Palette

CELL, EDGE = 23, 118
NUMBERS_BELOW = 33


def matrix(
    frame: pl.DataFrame, paint: Palette, *, is_demo: bool
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The chart, and the pair behind each of its cells.

    `frame` has a row per ordered pair: `symbol`, `other`, `ticker`, `other_ticker`, `place`,
    `other_place`, `correlation`, `low`, `high`, `significant`.
    """
    rows = frame.sort("place", "other_place")
    colours = ColourScale(1.0, 0).paint(rows["correlation"], paint)
    names = rows.filter(pl.col("place") == pl.col("other_place"))["ticker"].to_list()
    is_numbered = len(names) < NUMBERS_BELOW
    cells = [
        _cell(row, colour, paint, is_numbered=is_numbered)
        for row, colour in zip(rows.iter_rows(named=True), colours, strict=True)
    ]
    axis = _axis(names, paint)
    spec: dict[str, Any] = {
        "backgroundColor": "transparent",
        "animation": False,
        "tooltip": {"formatter": "{b}", "confine": True},
        "grid": {"left": EDGE, "right": 4, "top": 4, "bottom": 84},
        "xAxis": axis | {"axisLabel": axis["axisLabel"] | {"rotate": 60, "width": 76}},
        "yAxis": axis | {"inverse": True},
        "series": [{"type": "heatmap", "data": cells, "selectedMode": "single"}],
    }
    if is_demo:
        spec["title"] = {
            "text": DEMO_MARK,
            "left": "center",
            "top": "middle",
            "z": 10,
            "textStyle": {
                "fontSize": 30,
                "fontWeight": 400,
                "fontFamily": FONT,
                "color": paint.ink + "38",
            },
        }
    return spec, rows.select("symbol", "other").rows()


def _axis(names: list[str], paint: Palette) -> dict[str, Any]:
    return {
        "type": "category",
        "data": [_plain(name) for name in names],
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitArea": {"show": False},
        "axisLabel": {
            "color": paint.dim,
            "fontSize": 10,
            "interval": 0,
            "width": EDGE - 10,
            "overflow": "truncate",
            "fontFamily": FONT,
        },
    }


def height(count: int) -> int:
    """Pixels that so many instruments need."""
    return min(max(CELL * count + 92, 260), 860)


def _cell(
    row: dict[str, Any], colour: str | None, paint: Palette, *, is_numbered: bool
) -> dict[str, Any]:
    at, value = [row["other_place"], row["place"]], row["correlation"]
    if row["symbol"] == row["other"]:
        return {
            "name": _plain(row["ticker"]),
            "value": [*at, 1],
            "label": {"show": False},
            "itemStyle": {"color": paint.surface},
        }
    pair = f"{row['ticker']} · {row['other_ticker']}"
    if value is None or colour is None:
        return {
            "name": _plain(f"{pair}: not known"),
            "value": [*at, 0],
            "label": {"show": False},
            "itemStyle": {"color": paint.grid, "decal": _stripes(paint.dim + "48")},
        }
    style: dict[str, Any] = {"color": colour, "borderColor": paint.surface, "borderWidth": 1}
    if row["low"] is not None and row["low"] <= 0 <= row["high"]:
        style["decal"] = _stripes(ink_on(colour) + "30")
    star = "*" if row["significant"] else ""
    reach = "" if row["low"] is None else f", 95 % {row['low']:+.2f} to {row['high']:+.2f}"
    text = f"{round(100 * value)}{star}".replace("-", "−")
    label = {"show": True, "formatter": text, "color": ink_on(colour), "fontSize": 9}
    return {
        "name": _plain(f"{pair}: {value:+.2f}{star}{reach}".replace("-", "−")),
        "value": [*at, round(value, 4)],
        "itemStyle": style,
        "label": label if is_numbered else {"show": False},
    }


def _stripes(colour: str) -> dict[str, Any]:
    """The hatching of what is not known, or not sure."""
    return {
        "symbol": "rect",
        "dashArrayX": [1, 0],
        "dashArrayY": [2, 5],
        "rotation": -0.785,
        "color": colour,
    }


def _plain(text: str) -> str:
    """Nothing that a tooltip could take for markup, or a formatter for a field."""
    return text.translate({ord("<"): "‹", ord(">"): "›", ord("{"): "(", ord("}"): ")"})
