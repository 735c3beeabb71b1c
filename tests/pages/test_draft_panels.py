"""Beside the claims of a draft: an editor's remarks, the search score, the model, other sites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.claims.check import check_draft
from analytics.claims.ledger.entry import record_check
from data.clock import iso
from data.drafts.formats import draft_of_text
from data.query import Db
from data.settings import Settings
from data.state import checks, documents
from data.state.checks import CheckVerdict
from data.state.db import State
from data.state.documents import DocumentHeading, Side
from data.state.values import Edit
from tests.pages import browse, world

PAGE = """<html lang="en"><head><title>Prices</title></head><body><h1>Prices</h1>
<p>Consumer prices in the USA rose 2.4% in January. Consumer prices will fall by 3% next year.</p>
</body></html>"""
OURS = "# Prices\n\nConsumer prices in the USA rose 0.2 points in January.\n"
THEIRS = """# Jobs

The unemployment rate in Germany fell to 5.1 percent in January. Unemployment in Germany has been
low for years.
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def enter(held: Settings, text: str, form: str, side: Side = "ours", site: str = "") -> int:
    """A document entered and checked now."""
    state, db = State.open(held.state), Db(held.lake, memory_limit_mb=256)
    edit = Edit("me", datetime.now(UTC))
    draft = draft_of_text(text, "html" if form == "html" else "markdown")
    heading = DocumentHeading(side, "Entered", edit.at - timedelta(hours=1), site=site)
    document = documents.add(state, draft, heading=heading, edit=edit)
    later = db.at(edit.at)
    checked = check_draft(later.earlier(heading.published_at), draft, later=later)
    record_check(state, document, checked, later=later, edit=edit)
    state.close()
    db.close()
    return document.id


def test_an_editor_remarks_and_a_page_has_a_score(settings: Settings) -> None:
    shown = browse.text(browse.visit(settings, "drafts", id=str(enter(settings, PAGE, "html"))))
    assert "source of a number" in shown
    assert "forecast as fact" in shown
    assert "of 100" in shown
    plain = browse.text(browse.visit(settings, "drafts", id=str(enter(settings, OURS, "md"))))
    assert "too little for a score" in plain


def test_a_question_waits_for_the_scheduler_and_its_answer_is_judged(settings: Settings) -> None:
    number = enter(settings, "The price level of Germans stood at 5.5 in 2024.", "md")
    app = browse.visit(settings, "drafts", id=str(number))
    app.button(key="drafts_ask_find_claims").click().run()
    assert "not answered yet" in browse.text(app)
    state = State.open(settings.state)
    asked = checks.claim_next(state, "worker", now=datetime.now(UTC))
    assert asked is not None
    assert asked.subject.document_id == number
    text = str(asked.subject.payload["text"])
    start = text.index("5.5")
    claim = {
        "quote": "5.5",
        "start": start,
        "end": start + 3,
        "subject": "demo:DEU.CPI",
        "measure": "level",
        "value": 5.5,
        "unit": "",
        "period": "2024",
        "direction": None,
    }
    verdict = CheckVerdict("read", model="a model", tokens=321, reply={"claims": [claim]})
    answered = checks.answer(state, asked, verdict, now=datetime.now(UTC))
    state.close()
    after = browse.text(browse.visit(settings, "drafts", id=str(number)))
    assert "321 tokens" in after
    assert "by the model" in after or "No further claim" in after
    before = iso(answered.requested_at - timedelta(seconds=1))
    early = browse.visit(settings, "drafts", id=str(number), as_of=before)
    assert "321 tokens" not in browse.text(early)


def test_without_a_key_the_checks_stand_alone(settings: Settings) -> None:
    number = enter(settings, OURS, "md")
    app = browse.visit(settings, "drafts", id=str(number))
    app.button(key="drafts_ask_judge_style").click().run()
    state = State.open(settings.state)
    asked = checks.claim_next(state, "worker", now=datetime.now(UTC))
    assert asked is not None
    checks.fail(state, asked, "no key of Gemini is set", now=datetime.now(UTC))
    state.close()
    shown = browse.text(browse.visit(settings, "drafts", id=str(number)))
    assert "no key of Gemini is set" in shown
    assert "The checks above hold without it" in shown
    assert "Claims" in shown


def test_what_others_cover_and_we_do_not(settings: Settings) -> None:
    assert "there is nothing to compare" in browse.text(browse.visit(settings, "drafts"))
    enter(settings, OURS, "md")
    enter(settings, THEIRS, "md", "theirs", "Elsewhere <b>now</b>")
    app = browse.visit(settings, "drafts")
    shown = browse.text(app)
    assert "Missing topics" in shown
    assert "nemployment" in shown.split("Missing topics")[-1]
    assert "<b>now</b>" not in shown
