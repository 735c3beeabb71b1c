"""A trade entered by hand: matched with what is held as a file is, and undone like an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import streamlit as st

from analytics.book.holdings import splits, splits_of
from analytics.markets.returns import history
from data.errors import WorkstationError
from data.state import imports, positions
from data.state.db import State
from data.state.imports import File
from data.state.positions import Draft
from data.state.values import name
from data.uploads.matching import Known, Trade, TradeVerdict, matched
from data.uploads.trades import content_of
from data.uploads.vocabulary import TRADE_SIDES, TradeSide
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.search.pickers import choose_instrument

NEW = "a new portfolio "  # names of portfolios never end with a blank
BY_HAND = "by hand"
TURN = "positions_trade_turn"  # each trade has boxes of its own, so that the next begins empty
FAR = 1.2  # how many times a price may be the close of its day before it is doubted
BACK = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class SessionClose:
    """The close of the last session up to a day, as it was quoted."""

    day: date
    price: float
    currency: str


def trade_form(state: State, books: Sequence[str], book: str) -> None:
    """Side, instrument, day, quantity, price and fee of one trade; it is added in one step."""
    turn = st.session_state.setdefault(TURN, 0)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        title = _target(books, book, turn)
        side = st.selectbox("Side", TRADE_SIDES, key=f"positions_trade_side_{turn}", width=100)
        symbol = choose_instrument(f"positions_trade_symbol_{turn}", "Instrument", width=320)
        day = st.date_input(
            "Day", "today", key=f"positions_trade_day_{turn}", max_value=now().date(), width=140
        )
    if not symbol or not isinstance(day, date):
        st.caption("Choose an instrument by name, ticker or ISIN.")
        return
    close = _close(symbol, day)
    draft = _figures(Draft(title, symbol, 0.0, 0.0, "", _instant(day)), close, turn)
    if draft is None:
        st.caption("Give quantity, price and currency.")
        return
    verdict = _verdict(state, draft, side)
    if verdict.status != "accepted":
        st.caption(f"{verdict.reason}. A short sale has the side *short*.")
        return
    if close and close.currency == draft.currency:
        _doubt(draft.price, close)
    if st.button("Add trade", type="primary", key="positions_trade_add", disabled=not title):
        _add(state, verdict)
    if verdict.reason:
        st.caption(verdict.reason)


def _target(books: Sequence[str], book: str, turn: int) -> str:
    options = [*books, NEW]
    place = options.index(book) if book in options else len(options) - 1
    chosen = st.selectbox(
        "Portfolio", options, place, key=f"positions_trade_book_{turn}_{book}", width=200
    )
    if chosen != NEW:
        return chosen
    return st.text_input(
        "Its name", "Portfolio", key=f"positions_trade_title_{turn}", width=180
    ).strip()


def _instant(day: date) -> datetime:
    return min(datetime.combine(day, time(0, 0), tzinfo=UTC), now())


def _close(symbol: str, day: date) -> SessionClose | None:
    """None where no session of the ten days before is known."""
    try:
        frame = cached(history, current().at, symbol=symbol, since=day - BACK).frame
    except WorkstationError as error:
        explain(error, "close")  # the trade can be entered without it
        return None
    known = [
        row
        for row in frame.select("date", "close", "currency").iter_rows()
        if row[0] <= day and row[1] is not None and row[2]
    ]
    return SessionClose(*known[-1]) if known else None


def _figures(draft: Draft, close: SessionClose | None, turn: int) -> Draft | None:
    """Quantity, price, currency and fee; the price begins with the close of the day."""
    key = f"{draft.symbol}_{draft.opened_at:%Y%m%d}_{turn}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        quantity = st.number_input(
            "Quantity", 0.0, value=None, key=f"positions_trade_quantity_{turn}", width=150
        )
        price = st.number_input(
            "Price",
            0.0,
            value=close.price if close else None,
            format="%.6g",
            key=f"positions_trade_price_{key}",
            width=150,
        )
        currency = st.text_input(
            "Currency",
            close.currency if close else "",
            max_chars=4,
            key=f"positions_trade_currency_{key}",
            width=100,
        ).strip()
        fee = st.number_input("Fee", 0.0, value=0.0, key=f"positions_trade_fee_{turn}", width=120)
    if close:
        st.caption(f"Close of {close.day:%d %b %Y}: {close.price:,.8g} {close.currency}")
    if not (quantity and price and currency):
        return None
    return Draft(
        draft.portfolio, draft.symbol, quantity, price, currency, draft.opened_at, fee or 0.0
    )


def _verdict(state: State, draft: Draft, side: TradeSide) -> TradeVerdict:
    """What the trade does to what is held: the oldest lots are closed first."""
    lots = positions.held(state, as_of=now(), portfolio=draft.portfolio) if draft.portfolio else ()
    through = splits_of(cached(splits, current().at, symbols=[draft.symbol]).frame)
    signed = -draft.quantity if side in ("short", "sell") else draft.quantity
    whole = Draft(
        draft.portfolio,
        draft.symbol,
        signed,
        draft.price,
        draft.currency,
        draft.opened_at,
        draft.fee,
        import_key=f"hand:{uuid4().hex}",
    )
    read = TradeVerdict(1, draft.symbol, "accepted", trade=Trade(whole, side, draft.quantity))
    return matched([read], lots, Known({}, frozenset(), through))[0]


def _doubt(price: float, close: SessionClose) -> None:
    ratio = price / close.price
    if not 1 / FAR <= ratio <= FAR:
        say(
            Trouble(
                f"The price is {100 * (ratio - 1):+.0f} % from the close of {close.day:%d %b %Y}.",
                "Check it; it is entered as it stands.",
            ),
            "partial",
        )


def _add(state: State, verdict: TradeVerdict) -> None:
    assert verdict.trade is not None
    trade = verdict.trade
    file = File(trade.draft.portfolio, BY_HAND)
    try:
        imports.enter(state, file, content_of([verdict]), edit=signed_edit())
    except WorkstationError as error:
        say(explain(error, "trade"), "error")
        return
    st.session_state[TURN] += 1
    st.query_params["portfolio"] = name(trade.draft.portfolio, "the portfolio")
    st.toast(f"Added: {trade.side} {trade.size:g} {trade.draft.symbol}")
    st.rerun()
