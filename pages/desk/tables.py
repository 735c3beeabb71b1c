"""Tables of the live desk: the same for live data and for the archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from analytics.live.alert_words import metric_value
from analytics.live.rules import Told
from data.state.alerts import Condition
from pages.frame.links import address
from pages.frame.tables import Column, table

SPARK = 60
WATCH = (
    Column("named", "instrument", "link"),
    Column("price", "last", "figure"),
    Column("age", "age, s", "number", digits=1, hint="since its last trade"),
    Column("path", "10 min", "spark"),
    Column("change", "10 min", "percent", hint="against the left end of the line"),
    Column(
        "volatility",
        "σ, bp",
        "number",
        digits=2,
        hint="deviation of log returns per half second, over 30 s",
    ),
    Column(
        "volatility_5m",
        "σ 5 min, bp",
        "number",
        digits=2,
        hint="deviation of log returns per 5 s, over five minutes",
    ),
    Column("drawdown", "from high", "percent", hint="against the highest of 30 s"),
    Column("max_drawdown", "max drawdown", "percent", hint="within 30 s"),
    Column("max_drawdown_5m", "in 5 min", "percent", hint="max drawdown within five minutes"),
    Column(
        "return_z",
        "z move",
        "score",
        digits=1,
        scale=8.0,
        hint="the last half second in deviations of 30 s",
    ),
    Column("volume_z", "z volume", "score", digits=1, scale=8.0),
    Column("vwap", "vwap 30 s", "figure"),
    Column(
        "spread",
        "spread, bp",
        "number",
        digits=1,
        hint="last bought above last sold; below nought where the price has run on",
    ),
)
TAPE = (
    Column("known_at", "arrived", "time"),
    Column("named", "instrument", "id"),
    Column("price", "price", "figure"),
    Column("size", "size", "figure"),
    Column("side", "side"),
)
ALERTS = (
    Column("at", "when", "time"),
    Column("state", "state", "status"),
    Column("about", "subject", "link"),
    Column("rule", "rule", "wide"),
    Column("value", "value", "text"),
    Column("trigger", "trigger", "text"),
)
STATES: Mapping[Told | Condition, str] = {
    "fired": "firing",
    "data again": "firing",
    "ended": "ended",
    "no data": "no data",
    "normal": "ended",
    "no_data": "no data",
}


def short(symbol: str) -> str:
    """An instrument without its source."""
    return symbol.partition(":")[2] or symbol


def named(symbol: str) -> dict[str, str]:
    """A name that leads to the instrument."""
    return {"text": short(symbol), "to": address("instrument", id=symbol)}


def figure(value: float | None, digits: int = 8) -> float | None:
    """To so many digits that say something."""
    return None if value is None else float(f"{value:.{digits}g}")


def watch(
    last: Iterable[Mapping[str, Any]], paths: Mapping[str, Sequence[float]], at: datetime | None
) -> str:
    """One line for each instrument; `at` makes its age that of now, not of its point."""
    rows = [_watched(row, paths.get(row["symbol"], ()), at) for row in last]
    return table(rows, WATCH, caption="Quotes")


def _watched(row: Mapping[str, Any], path: Sequence[float], at: datetime | None) -> dict[str, Any]:
    waited = (at - row["at"]).total_seconds() if at else 0.0
    return {
        **row,
        "named": named(row["symbol"]),
        "price": figure(row["price"]),
        "vwap": figure(row["vwap"]),
        "age": row["age_ms"] / 1_000 + waited,
        "path": _thinned(path),
        "change": path[-1] / path[0] - 1 if len(path) > 1 else None,
        "volatility": _bp(row["volatility"]),
        "volatility_5m": _bp(row["volatility_5m"]),
        "spread": _bp(row["spread"]),
    }


def _bp(value: float | None) -> float | None:
    return None if value is None else value * 1e4


def _thinned(path: Sequence[float]) -> list[float]:
    """As many values as a line of eighty pixels can show, the last one among them."""
    step = max(1, len(path) // SPARK)
    return list(path[::-1][::step])[::-1]


def tape(rows: Iterable[Mapping[str, Any]], zone: str) -> str:
    """Trades, newest first."""
    shown = [
        {
            **row,
            "named": short(row["symbol"]),
            "price": figure(row["price"]),
            "size": figure(row["size"]),
        }
        for row in rows
    ]
    return table(shown, TAPE, caption="Last trades", zone=zone)


def alerts(rows: Iterable[Mapping[str, Any]], zone: str, columns: Sequence[Column] = ALERTS) -> str:
    """Alerts, newest first; each row has what the alert is about as `about`."""
    shown = [
        {
            **row,
            "value": metric_value(row["metric"], row["value"]),
            "trigger": metric_value(row["metric"], row["trigger"]),
            "state": STATES.get(row["word"], row["word"]),
        }
        for row in rows
    ]
    return table(shown, columns, caption="Alerts", zone=zone)
