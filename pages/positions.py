"""Positions: what is held, what it cost, what it is worth at the clock.

**Bring** trades as a file or a paste; nothing is entered before you have seen what becomes of each
row. *buy* opens a lot, *sell* closes the oldest lots of the instrument, *short* opens a short lot,
*cover* closes shorts; without a side a positive quantity is a purchase. Sales of more than is held
are refused. The same row again is a duplicate, in whichever file it comes. Shares are those of the
trade's day: splits known since are taken in, dividends are not counted.

*Cost* is what the open lots cost without fees, *gain* what is not realised, *realised* what
closings brought after all fees. Prices are the last closes known at the clock; money of another
currency is turned at the last rate, pence and pounds exactly. What has no price or no rate has no
value, and is counted beside the sums, never taken as zero.

At a past clock one sees what was held **and recorded** by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from analytics.holdings import Holding, holdings, last_prices, splits, splits_of
from data.errors import WorkstationError
from data.query import Answer
from data.state import positions
from data.state.db import State
from data.state.positions import Lot
from data.state.values import Edit, name
from data.uploads.check import counts
from data.uploads.dates import Order, order_of
from data.uploads.trades import (
    NUMERIC,
    TRADE_ROLES,
    Book,
    TradeVerdict,
    check_trades,
    drafts_of,
    parts_of,
)
from pages.frame import intake
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import Trouble, explain
from pages.frame.links import address, choice, tell_url
from pages.frame.panel import Panel, say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, facts, table

AUTHOR = "analyst"
NO_BOOK, NEW = "none ", "a new portfolio "  # names of portfolios never end with a blank
OLD_DAYS = 10
EXAMPLE = "date,side,ticker,quantity,price,fee\n2026-03-16,buy,NYSE:F,100,12.5,1"
ORDERS: dict[str | None, Order] = {"day": "dmy", "month": "mdy"}
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
        last_prices, lambda answer: _holdings(answer, lots, base), symbols=symbols,
        currencies=currencies, base=base,
    )  # fmt: skip


def _holdings(answer: Answer, lots: Sequence[Lot], base: str) -> str:
    run = current()
    through = cached(splits, run.at, symbols=sorted({lot.draft.symbol for lot in lots})).frame
    found = holdings(lots, answer.frame, splits_of(through), run.view.as_of.date())
    known = {row["symbol"]: row for row in answer.frame.iter_rows(named=True) if row["symbol"]}
    rows = [_row(one, known.get(one.symbol, {})) for one in found]
    rows.sort(key=lambda row: row["quantity"] == 0)  # what is closed comes last
    note = f'<div class="b-note">{_left_out(found)}</div>'
    return _sums(found, base) + note + table(rows, COLUMNS, caption="Positions")


def _row(one: Holding, named: dict[str, Any]) -> dict[str, Any]:
    each = one.cost / one.quantity if one.quantity else None
    return {
        "named": {"text": named.get("ticker") or one.symbol,
                  "to": address("instrument", id=one.symbol)},
        "name": named.get("name"),
        "quantity": one.quantity,
        "price": {"value": each, "unit": one.currency},
        "last": {"value": one.last, "unit": one.currency},
        "last_on": one.last_on,
        "value": one.value if one.quantity else None,
        "gain": one.gain if one.quantity else None,
        "share": one.gain / abs(one.cost) if one.gain is not None and one.cost else None,
        "realised": one.realised,
        "value_base": one.value_base if one.quantity else None,
        "lots": one.lots,
        "opened_on": one.opened_on,
    }  # fmt: skip


def _sums(found: Sequence[Holding], base: str) -> str:
    held = [one for one in found if one.quantity]

    def total(values: Sequence[float | None]) -> str:
        known = [value for value in values if value is not None]
        return f"{sum(known):,.0f}".replace("-", "−") if known else "–"

    return facts([
        ("Positions", f"{len(held)}", f"{len(found) - len(held)} closed"),
        ("Value", total([one.value_base for one in held]), base),
        ("Long", total([v for o in held if (v := o.value_base) is not None and v > 0]), base),
        ("Short", total([v for o in held if (v := o.value_base) is not None and v < 0]), base),
        ("Gain", total([one.gain_base for one in held]), f"{base}, not realised"),
        ("Realised", total([one.realised_base for one in found]), f"{base}, after fees"),
    ])  # fmt: skip


def _left_out(found: Sequence[Holding]) -> str:
    """What the sums lack, in a line that no narrow window hides."""
    held, day = [one for one in found if one.quantity], current().view.as_of.date()
    silent = [one.symbol for one in held if one.value_base is None]
    old = [one.symbol for one in held if one.last_on and (day - one.last_on).days > OLD_DAYS]
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
            "opened_at": lot.draft.opened_at,
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
        named = st.selectbox("A lot entered by mistake", [NO_BOOK, *options],
                             key="positions_mistake", width=360)  # fmt: skip
        if st.button("Void it", key="positions_void", disabled=named == NO_BOOK):
            try:
                positions.void(state, options[named], now=now())
            except WorkstationError as error:
                say(explain(error, "void"), "error")
            else:
                st.rerun()


def importer(state: State, books: Sequence[str]) -> None:
    """Bring trades, see what becomes of each, enter them in one step."""
    brought = intake.bring("positions", EXAMPLE)
    if brought is None:
        return
    understood = intake.understand("positions", brought, TRADE_ROLES, NUMERIC)
    if understood is None:
        return
    reading, meanings = understood
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        target = st.selectbox("Enter in", [NEW, *books], key="positions_target", width=220)
        title = (
            st.text_input(
                "Name of the portfolio",
                brought.name or "Portfolio",
                width=300,
                key=f"positions_title_{brought.key}",
            )  # fmt: skip
            if target == NEW
            else target
        )
        order = _order(brought, reading.columns.get("opened"))
    if order is None:
        return
    if not title.strip():
        st.caption("Give the portfolio a name.")
        return
    try:
        held = positions.held(state, as_of=now(), portfolio=title)
        symbols = sorted({each.symbol for several in meanings.values() for each in several})
        through = splits_of(cached(splits, current().at, symbols=symbols).frame)
        book = Book(title, held, positions.import_keys(state, title), now(), order, through)
    except WorkstationError as error:
        say(explain(error, "portfolio"), "error")
        return
    verdicts = check_trades(brought.table, reading, meanings, book)
    intake.questions("positions", brought, verdicts)
    tally = counts(verdicts)
    intake.report(verdicts, tally)
    _enter(state, verdicts, title, brought)


def _order(brought: intake.Brought, place: int | None) -> Order | None:
    """The order of day and month; none where the column contradicts itself, which is said."""
    if place is None:
        return ""
    try:
        order = order_of(brought.table.column(place))
    except WorkstationError as error:
        say(explain(error, "upload"), "error")
        return None
    if order != "?":
        return order
    chosen = st.segmented_control("Dates begin with", ["day", "month"],
                                  key=f"positions_order_{brought.key}")  # fmt: skip
    return ORDERS.get(chosen, "?")


def _enter(
    state: State, verdicts: Sequence[TradeVerdict], title: str, brought: intake.Brought
) -> None:
    accepted = counts(verdicts)["accepted"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        label = f"Enter {accepted:,} of {len(verdicts):,}"
        if st.button(label, type="primary", disabled=not accepted,
                     key="positions_enter"):  # fmt: skip
            try:
                positions.book(state, drafts_of(verdicts), parts_of(verdicts),
                               edit=Edit(AUTHOR, now(), "imported"))  # fmt: skip
            except WorkstationError as error:
                say(explain(error, "enter"), "error")
                return
            intake.done("positions")
            st.query_params["portfolio"] = name(title, "the portfolio")
            st.rerun()
        intake.take_away("positions", brought, verdicts)


def page() -> None:
    """Choose a portfolio, look at it, bring trades."""
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
        default = books[0] if len(books) == 1 else NO_BOOK
        book, problem = choice("portfolio", "positions_portfolio", [NO_BOOK, *books], default)
        st.selectbox("Portfolio", [NO_BOOK, *books], key="positions_portfolio", on_change=tell_url,
                     args=("portfolio", "positions_portfolio", default), width=300)  # fmt: skip
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
    elif not books:
        none = ("Nothing is held yet.", "Bring trades below.")
        then = ("Nothing was held and recorded then.", "Press Now to bring trades.")
        say(Trouble(*(none if run.view.is_now else then)), "empty")
    if run.view.is_now:
        with st.expander("Bring trades", expanded=book == NO_BOOK, key="positions_bring"):
            importer(state, books)
    else:
        st.caption("Trades are entered at Now; this is what was held and recorded at the clock.")


page()
