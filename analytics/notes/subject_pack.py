"""The facts of a subject that somebody chose: the page and the job gather them in the same way."""

from __future__ import annotations

from analytics.book.document import book_text
from analytics.book.exposure import book_positions
from analytics.core.catalogue import called
from analytics.notes.fact import FactPack
from analytics.notes.fact_pack import fact_pack, list_pack
from data.query import Answer, At
from data.state import ledger, positions
from data.state.db import State
from data.state.note_requests import NoteSubject


def subject_pack(at: At, state: State | None, subject: NoteSubject) -> FactPack:
    """The fact pack of a subject, with its positions where it names a portfolio."""
    held = _positions(at, state, subject)
    currency = subject.currency
    if subject.kind == "list":
        return list_pack(at, subject.title, subject.members, positions=held, currency=currency)
    return fact_pack(at, subject.entity, positions=held, currency=currency)


def _positions(at: At, state: State | None, subject: NoteSubject) -> Answer | None:
    """What the portfolio held and had recorded at the clock."""
    if state is None or not subject.portfolio:
        return None
    lots = positions.lots(state, as_of=at.as_of, portfolio=subject.portfolio)
    entries = ledger.entries(state, subject.portfolio, as_of=at.as_of)
    text = book_text(lots, [entry.booking for entry in entries])
    return called(book_positions, at, book=text, base=subject.currency)
