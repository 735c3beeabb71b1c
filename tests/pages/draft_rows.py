"""Drafts of the small invented world, entered and checked at given instants."""

from __future__ import annotations

from datetime import datetime, timedelta

from analytics.claims.check import check_draft
from analytics.claims.ledger.entry import record_check
from data.drafts.formats import draft_of_text
from data.query import Db
from data.settings import Settings
from data.state import documents
from data.state.db import State
from data.state.values import Edit

DRAFT = """# Prices <b>again</b>

Consumer prices in the USA stood at 101.2 in {month}, up from a month before. In Germany consumer
prices were 5.0 in {month}. <script>alert(1)</script> Invented fx closed at 99.5.
"""


def keep_draft(held: Settings, at: datetime, title: str = "Prices <b>again</b>") -> int:
    """A draft that was entered and checked at an instant, dated the day before; its number."""
    state, db = State.open(held.state), Db(held.lake, memory_limit_mb=256)
    try:
        dated = at - timedelta(days=1)
        month = (dated.replace(day=1) - timedelta(days=40)).strftime("%B %Y")
        draft = draft_of_text(DRAFT.format(month=month), "markdown")
        edit = Edit("world", at)
        heading = documents.DocumentHeading("ours", title, dated, author="=Nobody")
        document = documents.add(state, draft, heading=heading, edit=edit)
        later = db.at(at)
        checked = check_draft(later.earlier(dated), draft, later=later)
        record_check(state, document, checked, later=later, edit=edit)
    finally:
        db.close()
        state.close()
    return document.id


def write_later(held: Settings, at: datetime) -> None:
    """A new version of the first draft, and one more draft."""
    state = State.open(held.state)
    (draft,) = documents.known(state, as_of=at)
    text = draft_of_text("Consumer prices in Germany were 7.0 in 2024.", "text")
    documents.revise(state, draft.id, text, heading=draft.heading, edit=Edit("world", at))
    state.close()
    keep_draft(held, at, "Entered later")
