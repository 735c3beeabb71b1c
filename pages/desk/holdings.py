"""What is held, at live prices; and how a part of the live desk is drawn again and shared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import streamlit as st

from analytics.book.holdings import Holding, holdings, last_prices, splits, splits_of
from data.errors import WorkstationError
from data.state import positions
from data.state.db import State
from pages.desk import tables
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.links import choice, tell_url
from pages.frame.live_reader import Desk
from pages.frame.panel import say
from pages.frame.resources import now, resources
from pages.frame.run import current
from pages.frame.state_panel import box, note
from pages.frame.tables import Column, facts, table

BASE = "USD"
NOBODY = "no portfolio"
AT_TODAY = ", at today's rates"  # Positions counts costs at the rates of their own days
HELD = (
    Column("named", "instrument", "link"),
    Column("quantity", "quantity", "figure"),
    Column("each", "average cost", "money"),
    Column("last", "last", "money", hint="live where it trades, else the last close"),
    Column("gain", "gain", "signed", hint="not realised"),
    Column("share", "gain, %", "heat", digits=2, scale=0.1),
    Column("realised", "realised", "signed", hint="after all fees"),
)


def every(seconds: float, draw: Callable[..., None], *words: Any) -> None:
    """Draw it now and again every so often, and nothing else of the page."""
    st.fragment(draw, run_every=seconds)(*words)


def shared(key: str, make: Callable[[Desk], Any]) -> Any:
    """Drawn once for all sessions that look at the desk in the same way."""
    view = current().view
    look = (key, tuple(sorted(view.params().items())), current().theme)
    return resources().reader.shared(look, make)


def portfolios(seconds: float) -> None:
    """A portfolio to choose, marked again every so many seconds."""
    state = current().services.state
    if state is None:
        return
    try:
        books = list(positions.portfolios(state, as_of=now()))
    except WorkstationError as error:
        explain(error, "live desk")
        return
    if not books:
        st.caption("No positions yet. Import trades on Positions to see them at live prices.")
        return
    book, problem = choice("portfolio", "live_portfolio", [NOBODY, *books], books[0])
    st.selectbox(
        "Portfolio",
        [NOBODY, *books],
        key="live_portfolio",
        width=260,
        on_change=tell_url,
        args=("portfolio", "live_portfolio", books[0]),
    )
    if problem:
        say(Trouble(problem, "Choose one of the list."), "partial")
    if book != NOBODY:
        every(seconds, portfolio, book)


def portfolio(book: str) -> None:
    """What is held at live prices."""
    box(
        "Portfolio", f"{book} · at live prices · base {BASE}", lambda state: _portfolio(state, book)
    )


def _portfolio(state: State, book: str) -> None:
    lots = positions.lots(state, as_of=now(), portfolio=book)
    symbols = sorted({lot.draft.symbol for lot in lots})
    currencies = sorted({lot.draft.currency for lot in lots})
    at = current().at
    prices = cached(last_prices, at, symbols=symbols, currencies=currencies, base=BASE).frame
    through = splits_of(cached(splits, at, symbols=symbols).frame)
    last = shared("last", lambda desk: {name: row["price"] for name, row in desk.last.items()})
    live = prices.with_columns(
        pl.col("symbol")
        .replace_strict(last, default=None, return_dtype=pl.Float64)
        .fill_null(pl.col("close"))
        .alias("close")
    )
    found = holdings(lots, live, through, now().date())
    rows = [
        {
            "named": tables.named(item.symbol),
            "quantity": item.quantity,
            "each": {"value": item.cost / item.quantity, "unit": item.currency},
            "last": {"value": item.last, "unit": item.currency},
            "gain": {"value": item.gain, "unit": item.currency},
            "share": item.gain / abs(item.cost) if item.gain is not None and item.cost else None,
            "realised": {"value": item.realised, "unit": item.currency},
        }
        for item in found
        if item.quantity
    ]
    st.html(
        facts(
            [
                ("Value", *_sum([item.value_base for item in found if item.quantity])),
                ("Gain", *_sum([item.gain_base for item in found if item.quantity], AT_TODAY)),
                ("Realised", *_sum([item.realised_base for item in found], AT_TODAY)),
            ]
        )
        + table(rows, HELD, caption="Portfolio")
    )
    if left_out := _left_out(found):
        note(left_out)


def _sum(values: list[float | None], how: str = "") -> tuple[str, str]:
    known = [value for value in values if value is not None]
    return f"{sum(known):,.2f}".replace("-", "−") if known else "–", f"{BASE}{how}"


def _left_out(found: list[Holding]) -> str:
    """What the sums lack is said beside them."""
    silent = [
        tables.short(item.symbol)
        for item in found
        if item.value_base is None or item.realised_base is None
    ]
    return f"Without a price or a rate, left out of the sums: {', '.join(silent)}" if silent else ""
