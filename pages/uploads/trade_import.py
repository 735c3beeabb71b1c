"""Importing trades: a file, its questions, the result of each row, the positions that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import streamlit as st

from analytics.book.holdings import splits, splits_of
from data.errors import WorkstationError
from data.state import file_layouts, imports, positions
from data.state.db import State
from data.state.imports import File, ImportContent
from data.state.ledger import Booking
from data.state.positions import Draft, Lot
from data.state.values import name
from data.uploads import layouts
from data.uploads.beside import bookings_beside, words_beside
from data.uploads.check import Meanings, Reading, counts
from data.uploads.dates import as_stated
from data.uploads.matching import TradeVerdict
from data.uploads.outcome import PositionAfter, positions_after
from data.uploads.plan import NUMERIC, TRADE_ROLES
from data.uploads.questions import Question
from data.uploads.trades import Book, check_trades, content_of
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.uploads import upload_form

PAGE = "positions"
NO_BOOK, NEW = "none ", "a new portfolio "  # names of portfolios never end with a blank
EXAMPLE = "date,side,ticker,quantity,price,fee\n2026-03-16,buy,NYSE:F,100,12.5,1"
FIRST = (
    "isin",
    "symbol",
    "name",
    "side",
    "quantity",
    "price",
    "currency",
    "opened",
    "fee",
    "account",
)
# Answers that hold for one file, and are not kept with its layout.
OF_ONE_FILE = ("uncovered:", "identical", "numbers", "account", "opened", "amounts")
TRADES = (
    Column("line", "line", "count"),
    Column("status", "result", "status"),
    Column("word", "in the file"),
    Column("symbol", "instrument", "id"),
    Column("side", "side"),
    Column("quantity", "quantity", "figure"),
    Column("price", "price", "money"),
    Column("fee", "fee", "money"),
    Column("at", "date", "instant"),
    Column("reason", "reason", "wide"),
)
FOLLOWING = (
    Column("named", "instrument", "link"),
    Column("before", "before", "figure", hint="held before this import"),
    Column("change", "change", "figure"),
    Column("after", "after", "figure", hint="held after this import"),
    Column("price", "average cost", "money", hint="of the open lots, without fees"),
)
IMPORTS = (
    Column("id", "import", "count"),
    Column("at", "imported", "instant"),
    Column("file", "file"),
    Column("layout", "layout"),
    Column("lots", "lots", "count"),
    Column("closings", "closings", "count"),
    Column("bookings", "bookings", "count"),
    Column("author", "by"),
    Column("undone", "undone", "instant"),
)


def importer(state: State, books: Sequence[str]) -> None:
    """Import trades: see the result of each row, then add them in one step."""
    upload = upload_form.bring(PAGE, EXAMPLE)
    if upload is None:
        return
    try:
        learnt = [layouts.layout_of(document) for document in file_layouts.kept(state)]
    except WorkstationError as error:
        say(explain(error, "layouts"), "error")
        learnt = []
    form = upload_form.Form(TRADE_ROLES, NUMERIC, FIRST, learnt)
    understood = upload_form.understand(PAGE, upload, form)
    if understood is None:
        return
    title = _title(upload, books)
    if not title.strip():
        st.caption("Give the portfolio a name.")
        return
    words = words_beside(upload.table)
    try:
        book = _book(state, title, understood[1])
        verdicts = check_trades(upload.table, *understood, book)
    except WorkstationError as error:
        say(explain(error, "portfolio"), "error")
        return
    upload_form.questions(PAGE, upload, verdicts)
    upload_form.file_questions(
        PAGE, upload, verdicts, lambda question: _opening(state, title, question)
    )
    upload_form.report(verdicts, counts(verdicts), TRADES, trade_row)
    _following(verdicts, book.held)
    beside = _beside(upload, words, book)
    content = content_of(verdicts)
    file = File(title, upload.name or "pasted", _layout_name(understood[0]))
    _add(state, verdicts, file, upload, replace(content, bookings=[*content.bookings, *beside]))


def _beside(upload: upload_form.Upload, words: list[str], book: Book) -> list[Booking]:
    """What the other sections of a file book, as far as it is not kept yet."""
    found = [
        booking
        for booking in bookings_beside(upload.table, upload_form.meanings_of(words), book.now)
        if booking.key not in book.keys
    ]
    if found:
        st.caption(f"{len(found):,} bookings of the other sections go to the ledger.")
    return found


def _layout_name(reading: Reading) -> str:
    return reading.layout.name if reading.layout is not None else ""


def _title(upload: upload_form.Upload, books: Sequence[str]) -> str:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        target = st.selectbox("Add to", [NEW, *books], key="positions_target", width=220)
        if target != NEW:
            return target
        return st.text_input(
            "Name of the portfolio",
            upload.name or "Portfolio",
            width=300,
            key=f"positions_title_{upload.key}",
        )


def _book(state: State, title: str, meanings: Meanings) -> Book:
    lots = positions.held(state, as_of=now(), portfolio=title)
    symbols = sorted({item.symbol for several in meanings.values() for item in several})
    through = splits_of(cached(splits, current().at, symbols=symbols).frame)
    return Book(title, lots, imports.keys(state, title), now(), "", through)


def trade_row(verdict: TradeVerdict) -> dict[str, Any]:
    """A row as it was understood, before anything is entered."""
    trade, row = verdict.trade, upload_form.plain_row(verdict)
    draft = trade.draft if trade is not None else None
    return row | {
        "side": trade.side if trade is not None else None,
        "quantity": trade.size if trade is not None else None,
        "price": {"value": draft.price if draft else None, "unit": draft.currency if draft else ""},
        "fee": {"value": draft.fee if draft else None, "unit": draft.currency if draft else ""},
        "at": as_stated(draft.opened_at) if draft is not None else None,
    }


def _following(verdicts: Sequence[TradeVerdict], lots: Sequence[Lot]) -> None:
    """The positions that the accepted rows lead to."""
    rows = [position_row(item) for item in positions_after(verdicts, lots)]
    for row in rows:
        row["named"] = {"text": row["named"], "to": address("instrument", id=row["named"])}
    if rows:
        st.caption("Positions after import")
        st.html(
            f'<div class="b-box">{table(rows, FOLLOWING, caption="Positions after import")}</div>'
        )


def position_row(position: PositionAfter) -> dict[str, Any]:
    """A position as a row of the preview."""
    return {
        "named": position.symbol,
        "before": position.before,
        "change": position.after - position.before,
        "after": position.after,
        "price": {"value": position.cost, "unit": position.currency},
    }


def _opening(state: State, title: str, question: Question) -> None:
    """An opening balance, where more is sold than the file and the portfolio hold."""
    kind, _, symbol = question.key.partition(":")
    if kind != "uncovered":
        return
    with st.popover(f"Enter an opening balance of {symbol}", key=f"positions_opening_{symbol}"):
        quantity = st.number_input("Quantity", value=0.0, key=f"positions_open_quantity_{symbol}")
        price = st.number_input(
            "Cost per share", value=0.0, min_value=0.0, key=f"positions_open_price_{symbol}"
        )
        currency = st.text_input("Currency", key=f"positions_open_currency_{symbol}", max_chars=4)
        day = st.date_input(
            "Bought on", value=None, key=f"positions_open_day_{symbol}", max_value=now().date()
        )
        ready = quantity and price and currency.strip() and isinstance(day, date)
        add = st.button(
            "Add opening balance", key=f"positions_open_add_{symbol}", disabled=not ready
        )
        if add and isinstance(day, date):
            at = min(datetime.combine(day, time(0, 0), tzinfo=UTC), now())
            draft = Draft(
                title, symbol, quantity, price, currency.strip(), at, note="opening balance"
            )
            _enter(state, File(title, "opening balance"), ImportContent([draft]))


def _add(
    state: State,
    verdicts: Sequence[TradeVerdict],
    file: File,
    upload: upload_form.Upload,
    content: ImportContent,
) -> None:
    accepted = counts(verdicts)["accepted"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        what = f"{accepted:,} trade{'' if accepted == 1 else 's'}"
        count = len(content.bookings)
        extra = f" and {count:,} booking{'' if count == 1 else 's'}" if count else ""
        learns = not file.layout and st.checkbox(
            "Remember this layout",
            value=True,
            key=f"positions_learn_{upload.key}",
            help="Columns and answers are used again for the next file with these headings.",
        )
        if st.button(
            f"Add {what}{extra}",
            type="primary",
            key="positions_enter",
            disabled=not (accepted or content.bookings),
        ):
            if learns:
                _learn(state, upload)
            _enter(state, file, content, finished=True)
        upload_form.download_verdicts(PAGE, upload, verdicts)


def _enter(state: State, file: File, content: ImportContent, *, finished: bool = False) -> None:
    try:
        imports.enter(state, file, content, edit=signed_edit("imported"))
    except WorkstationError as error:
        say(explain(error, "import"), "error")
        return
    if finished:
        upload_form.done(PAGE)
        st.query_params["portfolio"] = name(file.portfolio, "the portfolio")
    st.rerun()


def _learn(state: State, upload: upload_form.Upload) -> None:
    """Keep the columns and answers as a layout of files with these headings."""
    answers: Mapping[str, str] = {
        key: value
        for key, value in upload_form.said(PAGE, upload).items()
        if not key.startswith(OF_ONE_FILE)
    }
    columns = {
        role: upload.table.names.index(chosen)
        for role in TRADE_ROLES
        if (chosen := st.session_state.get(f"{PAGE}_role_{role}_{upload.key}"))
        in upload.table.names
    }
    document = layouts.learnt_from(upload.table.names, columns, answers, upload.name or "pasted")
    try:
        file_layouts.keep(state, document, edit=signed_edit())
    except WorkstationError as error:
        explain(error, "layout")  # the trades are added all the same; the log says why


def imported(state: State, book: str, moment: datetime) -> None:
    """The imports of a portfolio, undone whole where one was a mistake."""
    found = imports.listed(state, book, as_of=moment)
    rows = [
        {
            "id": item.id,
            "at": item.recorded_at,
            "file": item.file.name,
            "layout": item.file.layout or None,
            "lots": item.lots,
            "closings": item.closings,
            "bookings": item.bookings,
            "author": item.author,
            "undone": item.undone_at,
        }
        for item in found
    ]
    zone = current().view.zone
    st.html(table(rows, IMPORTS, caption="Imports", zone=zone))
    if current().view.is_now:
        _undo(state, found)


def _undo(state: State, found: Sequence[imports.Import]) -> None:
    options = {f"import {i.id} · {i.file.name}": i.id for i in found if i.undone_at is None}
    if not options:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Undo an import",
            list(options),
            index=None,
            width=360,
            placeholder="choose one",
            key="positions_undo_which",
        )
        if st.button("Undo import", key="positions_undo", disabled=chosen is None):
            try:
                imports.undo(state, options[chosen or ""], edit=signed_edit())
            except WorkstationError as error:
                say(explain(error, "undo"), "error")
            else:
                st.rerun()
