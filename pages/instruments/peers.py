"""Instruments of the same kind and sector, with what they did over the span of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics.markets.instrument import instrument
from analytics.markets.market import HORIZONS, market
from data.query import Answer
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.figures import last_price
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Column, table

MOST = 12
HORIZON_OF = {"3m": "3m", "1y": "1y", "5y": "1y", "all": "1y"}  # a market's moves reach back a year
WORDS = {"3m": "total return of 63 sessions", "1y": "total return of 252 sessions"}
COLUMNS = (
    Column("named", "instrument", "link"),
    Column("name", "name"),
    Column("country", "country"),
    Column("last", "last", "money"),
    Column("move", "return", "move", hint="total return of these sessions; rates: change of level"),
    Column("against", "against this, pp", "signed", hint="above this instrument"),
    Column(
        "sigmas",
        "move in σ",
        "bar",
        digits=1,
        hint="return ÷ what its volatility of 60 sessions makes usual",
    ),
    Column("high", "from high, %", "heat", digits=1, scale=0.3, hint="of 252 sessions"),
    Column("bn", "value, USD bn", "number", digits=1, hint="market value at the clock"),
)


def peers(symbol: str, row: Mapping[str, Any], span: str) -> None:
    """This instrument first, then the largest others, or the first by id where none has a value."""
    horizon, kind, sector = HORIZON_OF[span], row["asset_class"], _sector(symbol)
    group = [str(kind), sector] if sector else [str(kind)]
    universe = f"class:{kind}" + (f";sector:{sector}" if sector else "")
    Panel(
        "Peers",
        f"{' · '.join(group)} · {WORDS[horizon]} · this one and the {MOST} largest others",
        ("prices", "instruments"),
        "No instrument of its kind and sector traded within ten days of this clock.",
    ).show(
        market,
        lambda answer: _table(answer, symbol),
        universe=universe,
        sessions=HORIZONS[horizon],
    )


def _sector(symbol: str) -> str:
    """Its sector at the clock; empty where none is known, or a universe cannot name it."""
    try:
        frame = cached(instrument, current().at, symbol=symbol).frame
    except Exception as error:  # noqa: BLE001 - the description says it
        explain(error, "peers")
        return ""
    known = frame["sector"].drop_nulls()
    return "" if known.is_empty() or ";" in known[0] else str(known[0])


def _table(answer: Answer, symbol: str) -> str:
    is_self = pl.col("symbol") == symbol
    ordered = answer.frame.sort(
        ~is_self, "market_value", "symbol", descending=[False, True, False], nulls_last=True
    ).head(MOST + 1)
    own = next(ordered.filter(is_self).iter_rows(named=True), None)
    base = own["total_return"] if own else None
    return table(
        [_row(row, base) for row in ordered.iter_rows(named=True)], COLUMNS, caption="Peers"
    )


def _row(row: dict[str, Any], base: float | None) -> dict[str, Any]:
    is_rate, total = row["asset_class"] == "rate", row["total_return"]
    moved = row["change"] if is_rate else total
    text = "" if moved is None else f"{moved:+.3f}" if is_rate else f"{100 * moved:+.2f} %"
    value = row["market_value"]
    return row | {
        "named": {"text": row["ticker"], "to": address("instrument", id=row["symbol"])},
        "last": last_price(row),
        "move": {"value": moved, "text": text},
        "against": None if total is None or base is None else 100 * (total - base),
        "high": row["from_high"],
        "bn": None if value is None else value / 1e9,
    }
