"""Brokers' files written for the tests, each with its truth: trades, bookings and questions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.uploads.check import Meaning, Reading, marks_of, words_of
from data.uploads.columns import guess, tabulate
from data.uploads.dates import Order, order_of
from data.uploads.sheet import read_grid
from data.uploads.trades import NUMERIC, TRADE_ROLES, Book, TradeVerdict, check_trades

FOLDER = Path(__file__).with_name("corpus")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
# Ticker, currency, and every other word that means it.
INSTRUMENTS = (
    ("AAPL", "USD", "US0378331005|NASDAQ:AAPL|XNAS:AAPL"),
    ("ASML", "EUR", "NL0010273215|XAMS:ASML|NLD-EURONEXT:ASML"),
    ("NESN", "CHF", "CH0038863350"),
    ("VOD", "GBp", "GB00BH4HKS39|Vodafone Group plc"),
    ("VOLVB", "SEK", "SE0000115446"),
    ("INFY", "INR", "INE009A01021|NSE:INFY"),
    ("BHP", "AUD", "ASX:BHP"),
    ("7203", "JPY", "東証:7203"),
    ("MSFT", "USD", ""),
    ("EQNR", "NOK", "NO0010096985"),
    ("BTC", "USD", ""),
    ("ETH", "USD", ""),
    ("BTCUSDT", "USDT", ""),
    ("XBTEUR", "EUR", ""),
    ("SAP", "EUR", "DE0007164600"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One file and what has to become of it."""

    title: str
    name: str
    payload: bytes
    trades: tuple[tuple[Any, ...], ...]
    others: Mapping[int, str] = field(default_factory=dict)
    asked: Mapping[int, str] = field(default_factory=dict)
    ledger: tuple[tuple[Any, ...], ...] = ()
    refused: tuple[int, ...] = ()


def known() -> dict[str, list[Meaning]]:
    """What every word may mean."""
    found: dict[str, list[Meaning]] = {}
    for ticker, currency, words in INSTRUMENTS:
        for word in (ticker, *words.split("|")):
            found[word] = [Meaning(f"x:{ticker}", ticker, currency=currency)]
    return found


def cases() -> list[Case]:
    """Every file of the corpus."""
    return [_case(path) for path in sorted(FOLDER.glob("*.toml"))]


def _case(path: Path) -> Case:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    text = raw["file"]  # TOML leaves the first line break out
    return Case(
        path.stem,
        raw["name"],
        text.encode(raw.get("encoding", "utf-8")),
        tuple(tuple(trade) for trade in raw.get("trades", ())),
        {int(line): kind for line, kind in raw.get("others", {}).items()},
        {int(line): key for line, key in raw.get("asked", {}).items()},
        tuple(tuple(item) for item in raw.get("ledger", ())),
        tuple(raw.get("refused", ())),
    )


def judged(payload: bytes, name: str, said: Mapping[str, str] | None = None) -> list[TradeVerdict]:
    """The verdicts of a file, as the page makes them."""
    table = tabulate(read_grid(payload, name))
    columns = guess(table, TRADE_ROLES)
    reading = Reading(columns, marks_of(table, columns, NUMERIC), choices=said or {})
    order: Order = order_of(table.column(columns["opened"])) if "opened" in columns else ""
    every = known()
    meanings = {word: every[word] for word in words_of(table, columns) if word in every}
    return check_trades(table, reading, meanings, Book("p", (), frozenset(), NOW, order))


def entered(verdict: TradeVerdict) -> tuple[Any, ...] | None:
    """What a verdict enters, as the truth writes it."""
    trade = verdict.trade
    if trade is None:
        return None
    draft = trade.draft
    return (
        verdict.line,
        trade.side,
        draft.symbol.removeprefix("x:"),
        trade.size,
        round(draft.price, 9),
        draft.currency,
        round(draft.fee, 9),
        str(draft.opened_at.date()),
    )
