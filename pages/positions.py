"""Positions: what is held, what it cost, and what it is worth at the clock.

**Import** trades as a file or a paste. Nothing is entered before you have seen the result of each
row and the positions after it. *Buy* opens a lot, *sell* closes the oldest lots of the instrument,
*short* opens a short lot, *cover* closes short lots. What the file does not state, such as the
side, the day or the account, is asked once and never assumed. A sale of more than is held asks for
an opening balance. Rows that are not trades are named by kind and left out; dividends, interest,
fees and cash go to the ledger. A trade that was imported before is a duplicate, whichever file it
comes in. An import can be undone as a whole. Shares are those of the day of the trade; splits
known since are applied, dividends are not counted.

*Cost* is the price paid for the open lots without fees, *gain* the unrealised gain, *realised* the
gain of closed lots after all fees. Prices are the last closes known at the clock. Other currencies
are converted at the last rate, pence and pounds exactly. A position without a price or a rate has
no value. It is counted beside the sums and never taken as zero.

A past clock shows what was held **and recorded** by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from analytics.book.holdings import Holding, holdings, last_prices, splits, splits_of
from data.errors import WorkstationError
from data.query import Answer
from data.state import positions
from data.state.db import State
from data.state.positions import Lot
from data.uploads.dates import as_stated
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import Trouble, explain
from pages.frame.links import address, choice, tell_url
from pages.frame.panel import Panel, say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.uploads import trade_import

NO_BOOK = trade_import.NO_BOOK
OLD_DAYS = 10
CURRENCIES = ["USD", "EUR", "GBP", "JPY", "CHF"]
COLUMNS = (
    Column("named", "instrument", "link"),
    Column("name", "name"),
    Column("quantity", "held", "figure", hint="in shares of the clock, through splits"),
    Column("price", "cost each", "money", hint="mean price of the open lots"),
    Column("last", "last", "money", hint="in the currency of the lots"),
    Column("last_on", "session", "session"),
    Column("gain", "gain", "signed", hint="not realised, in the currency of the lots"),
    Column("share", "gain, %", "heat", digits=1, scale=0.3),
    Column("value_base", "value, base", "number", digits=0),
    Column("realised", "realised", "signed", hint="after all fees, in the currency of the lots"),
    Column("value", "value", "number", hint="in the currency of the lots"),
    Column("lots", "lots", "count"),
    Column("opened_on", "since", "day"),
)
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


def the_book(title: str, lots: Sequence[Lot], base: str) -> None:
    """The positions of a portfolio with their sums."""
    symbols = sorted({lot.draft.symbol for lot in lots})
    currencies = sorted({lot.draft.currency for lot in lots})
    unit = f"money in the currency of the lots; base is {base}"
    Panel(title, unit, ("prices", "instruments"), draws_empty=True).show(
        last_prices,
        lambda answer: _holdings(answer, lots, base),
        symbols=symbols,
        currencies=currencies,
        base=base,
    )


def _holdings(answer: Answer, lots: Sequence[Lot], base: str) -> str:
    run = current()
    through = cached(splits, run.at, symbols=sorted({lot.draft.symbol for lot in lots})).frame
    found = holdings(lots, answer.frame, splits_of(through), run.view.as_of.date())
    known = {row["symbol"]: row for row in answer.frame.iter_rows(named=True) if row["symbol"]}
    rows = [_row(item, known.get(item.symbol, {})) for item in found]
    rows.sort(key=lambda row: row["quantity"] == 0)  # what is closed comes last
    note = f'<div class="b-note">{_left_out(found)}</div>'
    return _sums(found, base) + note + table(rows, COLUMNS, caption="Positions")


def _row(holding: Holding, named: dict[str, Any]) -> dict[str, Any]:
    each = holding.cost / holding.quantity if holding.quantity else None
    return {
        "named": {
            "text": named.get("ticker") or holding.symbol,
            "to": address("instrument", id=holding.symbol),
        },
        "name": named.get("name"),
        "quantity": holding.quantity,
        "price": {"value": each, "unit": holding.currency},
        "last": {"value": holding.last, "unit": holding.currency},
        "last_on": holding.last_on,
        "value": holding.value if holding.quantity else None,
        "gain": holding.gain if holding.quantity else None,
        "share": holding.gain / abs(holding.cost)
        if holding.gain is not None and holding.cost
        else None,
        "realised": holding.realised,
        "value_base": holding.value_base if holding.quantity else None,
        "lots": holding.lots,
        "opened_on": holding.opened_on,
    }


def _sums(found: Sequence[Holding], base: str) -> str:
    held = [item for item in found if item.quantity]

    def total(values: Sequence[float | None]) -> str:
        known = [value for value in values if value is not None]
        return f"{sum(known):,.0f}".replace("-", "−") if known else "–"

    return facts(
        [
            ("Positions", f"{len(held)}", f"{len(found) - len(held)} closed"),
            ("Value", total([item.value_base for item in held]), base),
            ("Long", total([v for o in held if (v := o.value_base) is not None and v > 0]), base),
            ("Short", total([v for o in held if (v := o.value_base) is not None and v < 0]), base),
            ("Gain", total([item.gain_base for item in held]), f"{base}, not realised"),
            ("Realised", total([item.realised_base for item in found]), f"{base}, after fees"),
        ]
    )


def _left_out(found: Sequence[Holding]) -> str:
    """What the sums lack, in a line that no narrow window hides."""
    held, day = [item for item in found if item.quantity], current().view.as_of.date()
    silent = [item.symbol for item in held if item.value_base is None]
    old = [item.symbol for item in held if item.last_on and (day - item.last_on).days > OLD_DAYS]
    parts = [
        f"Without a price or a rate, left out of the sums: {', '.join(silent)}" if silent else "",
        f"At a close older than {OLD_DAYS} days: {', '.join(old)}" if old else "",
    ]
    return escape(". ".join(part for part in parts if part) or "All positions are valued")


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
    options = {f"lot {lot.id} · {lot.draft.quantity:g} {lot.draft.symbol}": lot.id for lot in lots}
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
    if problem:
        say(Trouble(problem, "It may not have existed at this clock."), "partial")
    if book != NO_BOOK:
        lots = positions.lots(state, as_of=moment, portfolio=book)
        the_book(book, lots, base)
        with st.expander("Lots", key="positions_lots"):
            the_lots(lots)
            if run.view.is_now:
                mistakes(state, lots)
        with st.expander("Imports and ledger", key="positions_imports"):
            trade_import.imported(state, book, moment)
    elif not books:
        none = ("No positions yet.", "Import trades below.")
        then = ("No positions existed at this time.", "Press Now to import trades.")
        say(Trouble(*(none if run.view.is_now else then)), "empty")
    if run.view.is_now:
        with st.expander("Import trades", expanded=book == NO_BOOK, key="positions_bring"):
            trade_import.importer(state, books)
    else:
        st.caption("Trades are entered at Now; this is what was held and recorded at the clock.")


page()
