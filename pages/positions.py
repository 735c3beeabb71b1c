"""Positions: value, gain, returns, exposure and risk of a portfolio at the clock.

**Add trade** enters one trade by hand; its price begins with the close of the day, and it can be
undone under *Imports*. **Import** trades as a file or a paste. Nothing is entered before you have
seen the result of each row and the positions after it. *Buy* opens a lot, *sell* closes the oldest
lots of the instrument, *short* opens a short lot, *cover* closes short lots. What the file does not
state, such as the side, the day or the account, is asked once and never assumed. A sale of more
than is held asks for an opening balance. Rows that are not trades are named by kind; dividends,
interest, taxes, fees and cash go to the ledger. A trade that was imported before is a duplicate,
whichever file it comes in. An import can be undone as a whole.

**Values.** Prices are the last closes known at the clock, shares those after the splits known then.
*Gain* is value less cost of the open lots, *day's gain* that of an instrument's last session,
*weight* its share of the net value. Beside the currency of the lots everything is shown in the base
currency: values at the last rate, costs and flows at the rates of their days, so that the gain
includes what the currency gained. Pence and pounds are exact. A position without a price or a rate
has no value. It is named beside the sums and never taken as zero.

**Returns.** *Total gain* is unrealised and realised gain with the income of the ledger: dividends,
interest, taxes and fees. Deposits and withdrawals are not gain. *Time-weighted* chains the returns
of all days and does not depend on when money was paid in; *money-weighted* is the rate of the
money paid in and out. The benchmark is shown by its price, without dividends.

**Risk** applies each of the last 252 common sessions to the positions of the clock. *VaR 95 %* is
the loss of a day that 5 % of these days exceed, *CVaR 95 %* the mean of those days. Contributions
add up to the whole.

**Ledger.** Entries can be added, corrected and voided. Each version is dated. A past clock shows
trades and entries dated **and recorded** by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
import streamlit as st

from analytics.book.document import book_text
from analytics.core.catalogue import find
from analytics.core.plain_numbers import plain_number
from data.errors import WorkstationError
from data.state import ledger, positions
from data.state.db import State
from data.state.positions import Lot
from data.uploads.dates import as_stated
from pages.book import panels, risk
from pages.book.ledger import editor, entries_table
from pages.book.trade_form import trade_form
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import Trouble, explain
from pages.frame.links import choice, tell_url
from pages.frame.panel import say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, table
from pages.uploads import trade_import

NO_BOOK = trade_import.NO_BOOK
NO_BENCHMARK = "none "  # ids of instruments never end with a blank
CURRENCIES = ["USD", "EUR", "GBP", "JPY", "CHF"]
LOTS = (
    Column("id", "lot", "count"),
    Column("symbol", "instrument", "id"),
    Column("quantity", "bought", "figure"),
    Column("left", "left", "figure"),
    Column("price", "price", "money"),
    Column("fee", "fee", "figure"),
    Column("opened_at", "opened", "instant"),
    Column("closings", "closings", "count"),
    Column("note", "note", "wide"),
)


def the_lots(lots: Sequence[Lot]) -> None:
    """Every lot, and those that were a mistake."""
    rows = [
        {
            "id": lot.id,
            "symbol": lot.draft.symbol,
            "quantity": lot.draft.quantity,
            "left": lot.open_quantity,
            "price": {"value": lot.draft.price, "unit": lot.draft.currency},
            "fee": lot.draft.fee,
            "opened_at": as_stated(lot.draft.opened_at),
            "closings": len(lot.closings),
            "note": lot.draft.note or None,
        }
        for lot in reversed(lots)
    ]
    st.html(table(rows, LOTS, caption="Lots", zone=current().view.zone))


def mistakes(state: State, lots: Sequence[Lot]) -> None:
    """Take a lot back: from now on it was a mistake; at earlier clocks it stands as it was."""
    options = {
        f"lot {lot.id} · {plain_number(lot.draft.quantity)} {lot.draft.symbol}": lot.id
        for lot in lots
    }
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        named = st.selectbox(
            "A lot entered by mistake", [NO_BOOK, *options], key="positions_mistake", width=360
        )
        if st.button("Void it", key="positions_void", disabled=named == NO_BOOK):
            try:
                positions.void(state, options[named], now=now())
            except WorkstationError as error:
                say(explain(error, "void"), "error")
            else:
                st.rerun()


def _portfolio_of(books: list[str]) -> tuple[str, str | None]:
    """The portfolio that is chosen, and why the one in the address cannot be."""
    default = books[0] if len(books) == 1 else NO_BOOK
    book, problem = choice("portfolio", "positions_portfolio", [NO_BOOK, *books], default)
    st.selectbox(
        "Portfolio",
        [NO_BOOK, *books],
        key="positions_portfolio",
        on_change=tell_url,
        args=("portfolio", "positions_portfolio", default),
        width=300,
    )
    return book, problem


def page() -> None:
    """Choose a portfolio, look at it, import trades."""
    run = current()
    state = run.services.state
    if state is None:
        return
    moment = now() if run.view.is_now else run.view.as_of
    try:
        books = list(positions.portfolios(state, as_of=moment))
    except WorkstationError as error:
        explain(error, "positions")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        book, problem = _portfolio_of(books)
        base = pick("positions", "base", "Base currency", CURRENCIES, "USD")
        benchmark = _benchmark() if book != NO_BOOK else (None, "")
    if problem:
        say(Trouble(problem, "It may not have existed at this clock."), "partial")
    if run.view.is_now and not isinstance(run.lake, Exception):
        with st.expander("Add trade", key="positions_trade"):
            trade_form(state, books, book)
    if book != NO_BOOK:
        name_tab(book)
        _portfolio(state, book, moment, (base, *benchmark))
    elif not books:
        none = ("No positions yet.", "Add a trade, or import trades below.")
        then = ("No positions existed at this time.", "Press Now to import trades.")
        say(Trouble(*(none if run.view.is_now else then)), "empty")
    if run.view.is_now:
        with st.expander("Import trades", expanded=book == NO_BOOK, key="positions_bring"):
            trade_import.importer(state, books)
    else:
        st.caption("Trades are entered at Now. This is what was held and recorded at the clock.")


def _benchmark() -> tuple[str | None, str]:
    """What returns are compared with, and its name: an index, or whatever the address names."""
    run = current()
    if isinstance(run.lake, Exception):
        return None, ""
    try:
        found = cached(find("directory").call, run.at).frame.filter(kind="instrument")
    except WorkstationError as error:
        explain(error, "benchmark")  # the panels below say what cannot be read
        return None, ""
    names = dict(found.select("id", "label").iter_rows())
    indices = found.filter(pl.col("more").str.starts_with("index"))["id"].to_list()
    asked = st.query_params.get("benchmark", "")
    more = [asked] if asked in names and asked not in indices else []
    chosen = pick(
        "positions",
        "benchmark",
        "Benchmark",
        [NO_BENCHMARK, *more, *indices],
        NO_BENCHMARK,
        format_func=lambda symbol: names.get(symbol, symbol),
        width=260,
    )
    return (None, "") if chosen == NO_BENCHMARK else (chosen, names[chosen])


def _portfolio(
    state: State, book: str, moment: datetime, choices: tuple[str, str | None, str]
) -> None:
    """The panels of a portfolio, then its lots, ledger and imports."""
    is_now = current().view.is_now
    lots = positions.lots(state, as_of=moment, portfolio=book)
    entries = ledger.entries(state, book, as_of=moment)
    text = book_text(lots, [entry.booking for entry in entries])
    shown = panels.Portfolio(book, text, *choices)
    panels.summary(shown)
    panels.positions_table(shown)
    panels.profit_and_loss(shown)
    panels.exposure(shown)
    risk.risk(shown)
    with st.expander("Lots", key="positions_lots"):
        the_lots(lots)
        if is_now:
            mistakes(state, lots)
    with st.expander("Ledger", key="positions_ledger"):
        entries_table(entries)
        if is_now:
            editor(state, book, entries)
    with st.expander("Imports", key="positions_imports"):
        trade_import.imported(state, book, moment)


page()
