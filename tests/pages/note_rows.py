"""Archived notes of the small invented world: by the template, by a model, and one withheld."""

from __future__ import annotations

from datetime import datetime, timedelta

from analytics.notes.archive import keep_note
from analytics.notes.fact_pack import fact_pack
from analytics.notes.gate import compose_note
from analytics.notes.template import template_note
from data.query import Db
from data.settings import Settings
from data.state import note_requests
from data.state.analyst_notes import NoteCost
from data.state.db import State
from data.state.note_requests import NoteSubject
from data.state.values import Edit

INVENTED = "Support lies at 142 <b>USD</b>."
BY_MODEL = NoteCost("model-1", "write_role-1-abc", 0.2, 1234, 0.0056)


def keep_notes(held: Settings, at: datetime, symbol: str = "") -> None:
    """Three notes on an instrument, written at an instant; the second knew the future."""
    symbol = symbol or f"{'demo' if held.is_demo else 'test'}:equity0"
    state, db = State.open(held.state), Db(held.lake, memory_limit_mb=256)
    try:
        for back, cost, more in ((0, NoteCost(), ""), (90, BY_MODEL, ""), (0, BY_MODEL, INVENTED)):
            then = db.at(at - timedelta(days=back))
            pack = fact_pack(then, symbol)
            sections = template_note(pack)
            sections["bull case"] += f" {more}"
            note = compose_note(then, pack, sections)
            edit = Edit("=Nobody", at + timedelta(minutes=back))
            keep_note(state, then, pack, note, edit=edit, cost=cost)
    finally:
        db.close()
        state.close()


def write_later(held: Settings, at: datetime) -> None:
    """A request that waited, and ended later; and three more notes."""
    state = State.open(held.state)
    symbol = f"{'demo' if held.is_demo else 'test'}:equity0"
    subject = NoteSubject("instrument", symbol, "Invented equity")
    edit = Edit("=Nobody", at - timedelta(days=200))
    asked = note_requests.add(state, subject, {"macro": 1}, as_of=edit.at, edit=edit)
    note_requests.end(state, asked, now=at, message="no key")
    state.close()
    keep_notes(held, at)
