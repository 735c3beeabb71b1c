"""The price chart: candles or a line, other instruments and indicators with it, events marked.

It is drawn by TradingView's Lightweight Charts, which this server hands out itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from analytics.markets.technicals import ChosenIndicator, chosen_indicator
from pages.frame.theme import Palette
from pages.frame.trading_chart import chart_look, trading_chart
from pages.server.vendor import CHARTS_ADDRESS

PANE, PRICE = 110, 380  # pixels
LEVELS: Mapping[str, tuple[float, ...]] = {"rsi": (30.0, 70.0), "stochastic": (20.0, 80.0)}
# Of an indicator with several columns, those that are drawn; all others are in its table.
DRAWN = {"bollinger": 3, "high": 1, "low": 1}
HISTOGRAMS = ("_histogram",)
ACRONYMS = frozenset({"sma", "ema", "rsi", "macd", "adx", "atr", "roc", "obv", "vwap"})

_CHART = trading_chart(Path(__file__).with_name("static") / "price_chart.mjs", "price")

MarkKind = Literal["event", "note", "buy", "sell"]
LevelKind = Literal["cost", "alert"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a session: a few letters on the chart, its sentence in the legend."""

    day: date
    letter: str
    text: str
    kind: MarkKind = "event"


@dataclass(frozen=True, slots=True)
class Level:
    """A price across the whole chart, with what it is."""

    price: float
    title: str
    kind: LevelKind


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """Another instrument: its closes by `date` as `value`, in any unit of its own."""

    name: str
    closes: pl.DataFrame


@dataclass(frozen=True, slots=True)
class LevelLine:
    """A rate or a difference beside the price: its levels by `date` as `value`, in their unit."""

    name: str
    unit: str
    levels: pl.DataFrame


@dataclass(frozen=True, slots=True)
class PriceLook:
    """How the price is drawn: `id` changes where another part of time is to be shown."""

    id: str
    name: str
    unit: str
    kind: str  # candles or line
    is_log: bool
    mark: str = ""


@dataclass(frozen=True, slots=True)
class ChartParts:
    """What stands with the bars: `indicators` has their dates and the columns of `words`."""

    indicators: pl.DataFrame | None = None
    words: Sequence[str] = ()
    compared: Sequence[ComparedLine] = ()
    beside: Sequence[LevelLine] = ()
    marks: Sequence[Mark] = field(default_factory=list)
    levels: Sequence[Level] = ()


def price_chart(bars: pl.DataFrame, parts: ChartParts, look: PriceLook, paint: Palette) -> None:
    """`bars` has date, open, high, low, close and volume."""
    overlays, panes = drawn_lines(bars, parts.indicators, parts.words, paint)
    panes += level_panes(bars, parts.beside, paint, len(parts.words))
    height = PRICE + PANE * len(panes)
    columns = ("open", "high", "low", "close", "volume")
    _CHART(
        key="price_chart",
        data={
            "id": look.id,
            "name": look.name,
            "height": height,
            "library": CHARTS_ADDRESS,
            "bars": {
                "days": [day.isoformat() for day in bars["date"]],
                **{name: bars[name].to_list() for name in columns},
            },
            "overlays": overlays,
            "panes": panes,
            "compared": compared_series(bars, parts.compared, paint),
            "marks": [
                {"day": mark.day.isoformat(), **_fields(mark, "letter", "text", "kind")}
                for mark in parts.marks
            ],
            "levels": [_fields(level, "price", "title", "kind") for level in parts.levels],
            "kind": look.kind,
            "isLog": look.is_log,
            "unit": look.unit,
            "mark": look.mark,
            "look": chart_look(paint, "up", "down", "accent", "warn"),
        },
        height=height,
    )


def _fields(item: object, *names: str) -> dict[str, Any]:
    return {name: getattr(item, name) for name in names}


def compared_series(
    bars: pl.DataFrame, compared: Sequence[ComparedLine], paint: Palette
) -> list[dict[str, Any]]:
    """Other instruments on the sessions of the bars; a day that they lack is null."""
    days, colours = bars.select("date"), [paint.categorical[place] for place in (2, 4, 3, 7, 1, 5)]
    return [
        {
            "name": line.name,
            "values": days.join(line.closes, on="date", how="left", maintain_order="left")[
                "value"
            ].to_list(),
            "color": colours[number % len(colours)],
        }
        for number, line in enumerate(compared)
    ]


def level_panes(
    bars: pl.DataFrame, beside: Sequence[LevelLine], paint: Palette, drawn: int = 0
) -> list[dict[str, Any]]:
    """A pane below the price for each unit, with its levels on the sessions of the bars.

    Their colours follow those of the indicators `drawn` before.
    """
    days, colours = bars.select("date"), [paint.categorical[place] for place in (3, 4, 2, 7, 5)]
    panes: dict[str, list[dict[str, Any]]] = {}
    for number, line in enumerate(beside, drawn):
        joined = days.join(line.levels, on="date", how="left", maintain_order="left")
        panes.setdefault(line.unit, []).append(
            {
                "name": f"{line.name}, {line.unit}",
                "title": f"{line.name}, {line.unit}",
                "values": joined["value"].to_list(),
                "color": colours[number % len(colours)],
                "kind": "line",
                "levels": (),
            }
        )
    return [{"title": unit, "lines": lines} for unit, lines in panes.items()]


Lines = list[dict[str, Any]]


def drawn_lines(
    bars: pl.DataFrame, indicators: pl.DataFrame | None, words: Sequence[str], paint: Palette
) -> tuple[Lines, Lines]:
    """The lines over the price, and the panes below it, on the sessions of the bars."""
    if indicators is None:
        return [], []
    values = bars.select("date").join(indicators, on="date", how="left", maintain_order="left")
    # Neither of those that rose and fell are drawn in.
    colours = [paint.categorical[place] for place in (3, 4, 2, 7, 5)]
    overlays: Lines = []
    panes: Lines = []
    for number, word in enumerate(words):
        chosen = chosen_indicator(word)
        name = word.partition("_")[0]
        is_band = name == "bollinger"
        columns = chosen.columns[: DRAWN.get(name, len(chosen.columns))]
        lines = [
            {
                "name": line_name(column),
                "values": values[column].to_list(),
                "color": colours[(number + (0 if is_band else part)) % len(colours)],
                "kind": "histogram" if column.endswith(HISTOGRAMS) else "line",
                "levels": LEVELS.get(name, ()) if part == 0 else (),
            }
            for part, column in enumerate(columns)
        ]
        if chosen.indicator.overlay:
            overlays += lines
        else:
            panes.append({"title": title_of(chosen), "lines": lines})
    return overlays, panes


def line_name(column: str) -> str:
    """`sma_50` as SMA 50, `bollinger_upper` as Bollinger upper."""
    first, *rest = column.split("_")
    return " ".join([first.upper() if first in ACRONYMS else first.capitalize(), *rest])


def title_of(chosen: ChosenIndicator) -> str:
    """`RSI 14`, `Bollinger bands 20 2`."""
    numbers = " ".join(f"{number:g}" for number in chosen.numbers)
    return f"{chosen.indicator.title} {numbers}".strip()
