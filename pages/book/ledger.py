"""The ledger of a portfolio on the page: its entries, and entries added, corrected or voided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import streamlit as st

from analytics.book.document import INCOME
from data.errors import WorkstationError
from data.state import ledger
from data.state.db import State
from data.state.ledger import KINDS, Booking, LedgerEntry
from data.uploads.dates import as_stated
from pages.frame.errors import explain
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, table

NEW = "a new entry"
NAMES = {"fx": "currency conversion", "corporate": "corporate action"}  # others are their names
LEDGER = (
    Column("id", "entry", "count"),
    Column("at", "date", "instant"),
    Column("kind", "kind"),
    Column("symbol", "instrument", "id"),
    Column("amount", "amount", "money", total=True),
    Column("quantity", "quantity", "figure"),
    Column("counts", "in the gain"),
    Column("text", "as stated", "wide"),
    Column("file", "from"),
)


def entries_table(entries: Sequence[LedgerEntry]) -> None:
    """Every entry at the clock, the latest first."""
    rows = [_row(entry) for entry in reversed(entries)]
    if rows:
        st.html(table(rows, LEDGER, caption="Ledger", zone=current().view.zone))
    else:
        st.caption("No dividends, interest, fees or cash movements up to this time.")


def _row(entry: LedgerEntry) -> dict[str, Any]:
    booking = entry.booking
    counts = booking.kind in INCOME
    known = booking.at is not None and booking.amount is not None and booking.currency
    return {
        "id": entry.id,
        "at": as_stated(booking.at) if booking.at else None,
        "kind": NAMES.get(booking.kind, booking.kind),
        "symbol": booking.symbol,
        "quantity": booking.quantity,
        "amount": {"value": booking.amount, "unit": booking.currency},
        "counts": ("yes" if known else "incomplete") if counts else "no",
        "text": booking.text or None,
        "file": entry.file,
    }


def editor(state: State, portfolio: str, entries: Sequence[LedgerEntry]) -> None:
    """Add an entry, put another in the place of one, or void one; earlier clocks keep theirs."""
    options = {NEW: None} | {_label(entry): entry for entry in reversed(entries)}
    chosen = options[st.selectbox("Entry", list(options), key="positions_entry", width=420) or NEW]
    key = "new" if chosen is None else str(chosen.id)
    booking = _form(chosen.booking if chosen else None, key)
    with st.container(horizontal=True, gap="small"):
        label = "Add entry" if chosen is None else "Save correction"
        if st.button(label, key="positions_entry_save", disabled=booking is None) and booking:
            _save(state, portfolio, chosen, booking)
        if chosen is not None and st.button("Void entry", key="positions_entry_void"):
            _save(state, portfolio, chosen, None)


def _label(entry: LedgerEntry) -> str:
    booking = entry.booking
    day = f"{booking.at:%d %b %Y}" if booking.at else "no date"
    amount = "no amount" if booking.amount is None else f"{booking.amount:,.2f}"
    words = (
        day,
        NAMES.get(booking.kind, booking.kind),
        booking.symbol or "",
        f"{amount} {booking.currency}",
    )
    return f"{entry.id} · " + " · ".join(word.strip() for word in words if word.strip())


def _form(old: Booking | None, key: str) -> Booking | None:
    """What the boxes say; none while they lack a day, an amount or a currency."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = KINDS.index(old.kind) if old else 0
        kind = st.selectbox(
            "Kind",
            KINDS,
            place,
            format_func=lambda word: NAMES.get(word, word),
            key=f"positions_entry_kind_{key}",
            width=180,
        )
        day = st.date_input(
            "Date",
            value=old.at.date() if old and old.at else None,
            key=f"positions_entry_day_{key}",
            max_value=now().date(),
            width=140,
        )
        amount = st.number_input(
            "Amount (negative: paid)",
            value=old.amount if old else None,
            key=f"positions_entry_amount_{key}",
            width=180,
        )
        currency = st.text_input(
            "Currency",
            old.currency if old else "",
            max_chars=4,
            key=f"positions_entry_currency_{key}",
            width=100,
        ).strip()
        symbol = st.text_input(
            "Instrument (id, optional)",
            (old.symbol or "") if old else "",
            key=f"positions_entry_symbol_{key}",
            width=200,
        ).strip()
        text = st.text_input(
            "Note", old.text if old else "", key=f"positions_entry_text_{key}", width=220
        )
    if not isinstance(day, date) or amount is None or not currency:
        return None
    is_same = old is not None and old.at is not None and old.at.date() == day
    at = old.at if is_same and old else datetime.combine(day, time(0, 0), tzinfo=UTC)
    quantity = old.quantity if old else None
    return Booking(kind, at, symbol or None, amount, currency, quantity, text)


def _save(state: State, portfolio: str, entry: LedgerEntry | None, booking: Booking | None) -> None:
    """A new entry, a correction, or a voiding where there is no booking."""
    edit = signed_edit()
    try:
        if entry is None and booking is not None:
            ledger.add(state, portfolio, booking, edit=edit)
        elif entry is not None and booking is not None:
            ledger.correct(state, entry.id, booking, edit=edit)
        elif entry is not None:
            ledger.void(state, entry.id, now=edit.at)
    except WorkstationError as error:
        say(explain(error, "ledger"), "error")
        return
    for name in list(st.session_state):
        if str(name).startswith("positions_entry"):
            del st.session_state[name]
    st.rerun()
