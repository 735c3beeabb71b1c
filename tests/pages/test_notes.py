"""Notes: facts beside every figure, kept, asked for, withheld; a past clock has what it had."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from analytics.core.catalogue import function_named
from analytics.notes.sections import role_payloads
from data.clock import iso
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.settings import Settings
from data.state import analyst_notes, checks, hypotheses, note_requests
from data.state.analyst_notes import DAILY_LIMIT, NewNote
from data.state.db import State
from data.state.note_requests import NoteSubject
from data.state.values import Edit
from pages.frame import exports
from pages.noting.fact_rows import facts_frame
from pages.noting.live_note import LiveNote, live_note
from pages.noting.note_text import note_html, note_markdown
from tests.demo_fixture import DemoLake
from tests.pages import browse, world

CLOCK = datetime(2024, 6, 20, 12, tzinfo=UTC)
SYMBOL = "demo:equity0"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return world.build(tmp_path_factory.mktemp("world"))


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


@pytest.fixture(scope="module")
def live(demo_lake: DemoLake) -> LiveNote:
    subject = NoteSubject("instrument", "demo:FIRP.2", "Fictor Motors")
    return live_note(demo_lake.at(CLOCK), None, subject)


def archived(held: Settings) -> tuple[analyst_notes.AnalystNote, ...]:
    state = State.open(held.state)
    try:
        return analyst_notes.archived(state, as_of=datetime.now(UTC))
    finally:
        state.close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"id": SYMBOL}, "Invented equity"),
        ({"id": "EQUITY0"}, "Invented equity"),
        ({"country": "USA"}, "United States"),
        ({"list": world.LIST}, world.LIST),
        ({"list": world.LIST, "of": "country"}, "United States"),
    ],
)
def test_the_address_says_of_what(settings: Settings, address: dict[str, str], words: str) -> None:
    app = browse.visit(settings, "notes", **address)
    assert not app.exception
    shown = browse.text(app)
    assert f"<h3>{words}</h3>" in shown
    for title in ("Summary", "Bull case", "Bear case", "Risks", "Recommendation"):
        assert f"<h4>{title}</h4>" in shown


@pytest.mark.parametrize("word", ["NOSUCH", "<b>x</b>", "' OR 1=1 --"])
def test_what_is_not_known_is_said(settings: Settings, word: str) -> None:
    app = browse.visit(settings, "notes", id=word)
    assert not app.exception
    assert any("is not known" in said for said in browse.sentences(app))
    assert "<b>x</b>" not in "".join(browse.bodies(app))


def test_what_a_portfolio_holds_is_part_of_the_note(settings: Settings) -> None:
    app = browse.visit(settings, "notes", id=SYMBOL, portfolio=world.BOOK)
    shown = browse.text(app)
    assert "Weight in the book" in shown and "The position of" in shown
    assert "withheld: it says" not in shown
    assert "Weight in the book" not in browse.text(browse.visit(settings, "notes", id=SYMBOL))


def test_every_figure_leads_to_the_row_of_its_fact(settings: Settings) -> None:
    shown = browse.text(browse.visit(settings, "notes", id=SYMBOL))
    links = re.findall(r'class="b-figure" href="#(fact-\d+)" title="([^"]*)">([^<]*)<', shown)
    rows = dict(re.findall(r'<tr id="(fact-\d+)"[^>]*>(.*?)</tr>', shown))
    assert links
    for anchor, title, words in links:
        label = title.split(":")[0]
        assert label in rows[anchor]
        assert re.sub(r"[^\d.]", "", words) in re.sub(r"[^\d.<>]", "", unescape(rows[anchor]))


def test_the_note_of_the_clock_has_facts_of_the_clock(settings: Settings) -> None:
    clock = datetime.combine(world.last_day(), datetime.min.time(), UTC) - timedelta(days=200)
    shown = browse.text(browse.visit(settings, "notes", id=SYMBOL, as_of=iso(clock)))
    known = re.findall(r">(\d\d \w{3} \d{4} \d\d:\d\d)<", shown)
    assert known
    assert all(datetime.strptime(f"{k} +0000", "%d %b %Y %H:%M %z") <= clock for k in known)


def test_a_note_is_kept_with_its_hypothesis(own: Settings) -> None:
    before = len(archived(own))
    app = browse.visit(own, "notes", id=SYMBOL)
    app.button(key="notes_save").click().run()
    kept = archived(own)
    assert len(kept) == before + 1
    newest = kept[0]
    assert (newest.note.status, newest.note.entity, newest.label) == ("template", SYMBOL, "")
    assert newest.note.hypothesis_id is not None
    assert f"Saved as note {newest.id} with hypothesis" in browse.text(app)
    state = State.open(own.state)
    found = hypotheses.read(state, newest.note.hypothesis_id, as_of=datetime.now(UTC))
    state.close()
    assert found is not None
    shown = browse.text(browse.visit(own, "notes", note=str(newest.id)))
    assert unescape(found.claim.statement) in unescape(shown)


def test_at_a_past_clock_a_note_is_labelled_and_not_in_the_archive_of_then(own: Settings) -> None:
    past = datetime.combine(world.last_day(), datetime.min.time(), UTC) - timedelta(days=30)
    app = browse.visit(own, "notes", id=SYMBOL, as_of=iso(past))
    assert "a model knows the future" in browse.text(app)
    app.button(key="notes_save").click().run()
    kept = archived(own)[0]
    assert kept.knows_future and kept.note.hypothesis_id is None
    assert "press Now" in browse.text(app)
    assert f"note={kept.id}" not in browse.text(app)
    gone = browse.visit(own, "notes", note=str(kept.id), as_of=iso(past))
    assert any("There is no note" in said for said in browse.sentences(gone))
    assert kept.label in browse.text(browse.visit(own, "notes", note=str(kept.id)))


def test_the_archive_is_that_of_the_clock_and_narrows_down(settings: Settings) -> None:
    oldest = archived(settings)[-1].written_at
    early = browse.visit(settings, "notes", id=SYMBOL, as_of=iso(oldest - timedelta(minutes=1)))
    assert "No note had been archived" in browse.text(early)
    app = browse.visit(settings, "notes", id=SYMBOL)
    assert "model, withheld" in browse.text(app)
    assert "model knows the future" in browse.text(app)
    other = browse.visit(settings, "notes", country="USA", notes_of="this")
    assert "No archived note is of this subject" in browse.text(other)
    mine = browse.visit(settings, "notes", id=SYMBOL, author="=Nobody", since="7 days")
    assert "No archived note is of this subject" in browse.text(mine)


def test_a_withheld_note_shows_its_reasons_and_not_its_text(settings: Settings) -> None:
    withheld = next(one for one in archived(settings) if one.note.status == "withheld")
    app = browse.visit(settings, "notes", note=str(withheld.id))
    shown = browse.text(app)
    assert "This note is withheld" in shown
    assert "<h4>" not in shown
    assert "142" in shown  # as a quoted word among the reasons, which are folded
    assert [box.label for box in app.expander if "withheld" in box.label]
    assert not [box for box in app.expander if "withheld" in box.label and box.proto.expanded]


@pytest.mark.parametrize("asked", ["99", "x", "-1", "1; DROP", "9" * 40])
def test_an_unknown_note_is_said(settings: Settings, asked: str) -> None:
    app = browse.visit(settings, "notes", note=asked)
    assert any("There is no note" in said for said in browse.sentences(app))


def test_a_model_is_asked_by_the_state_and_waited_for(own: Settings) -> None:
    app = browse.visit(own, "notes", id=SYMBOL)
    assert "tokens" in browse.text(app) and f"{DAILY_LIMIT} of {DAILY_LIMIT}" in browse.text(app)
    app.button(key="notes_ask").click().run()
    shown = browse.text(app)
    assert "Waiting for the model: 0 of" in shown
    assert f"{DAILY_LIMIT - 1} of {DAILY_LIMIT} notes left" in shown
    state = State.open(own.state)
    (request,) = note_requests.waiting(state)
    assert request.subject.entity == SYMBOL and request.questions
    assert all(
        (one := checks.read(state, n)) is not None and one.status == "requested"
        for n in request.questions.values()
    )
    note_requests.end(state, request, now=datetime.now(UTC), message="No <key> is set.")
    state.close()
    ended = browse.visit(own, "notes", id=SYMBOL)
    assert any("No &lt;key&gt; is set." in said for said in browse.sentences(ended))


def test_a_full_day_is_said_and_nothing_can_be_asked(own: Settings) -> None:
    state, now = State.open(own.state), datetime.now(UTC)
    note = NewNote("country", "USA", "United States", now, "template", {}, '{"facts": []}')
    for _ in range(DAILY_LIMIT):
        analyst_notes.archive(state, note, edit=Edit("analyst", now))
    state.close()
    app = browse.visit(own, "notes", id=SYMBOL)
    assert f"0 of {DAILY_LIMIT} notes left" in browse.text(app)
    assert app.button(key="notes_save").disabled and app.button(key="notes_ask").disabled


# The pieces.


def test_each_receipt_runs_again_to_the_figure(live: LiveNote, demo_lake: DemoLake) -> None:
    """Each answer is had again as it was, and the figure is a cell of it, in percent or not."""
    answers = {id(fact.answer): fact.answer for fact in live.pack}
    root = demo_lake.settings.lake
    for answer in answers.values():
        receipt = json.loads(exports.to_json(make_receipt(answer)))
        verdicts = verify(receipt, root, function_named)
        assert verdicts and all(one.same for one in verdicts), verdicts
    for fact in live.pack.of("technicals", "positions"):
        if fact.value is None:
            continue
        cells = {
            cell for row in fact.answer.frame.iter_rows() for cell in row if isinstance(cell, float)
        }
        assert any(math.isclose(fact.value, factor * cell) for cell in cells for factor in (1, 100))


def test_facts_as_a_file_name_what_is_missing_and_are_no_formula(live: LiveNote) -> None:
    payload = exports.to_csv(facts_frame(live.pack), {"title": "x"}).decode()
    rows = list(csv.DictReader(io.StringIO(payload.split("\n", 1)[1])))
    assert len(rows) == len(live.pack.facts) + len(live.pack.missing)
    assert all(row["value"] == "" for row in rows if row["missing"])
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=@+"]


def test_a_note_is_text_and_never_markup() -> None:
    sections = {"summary": "A <script>alert(1)</script> & [x](y)", "bull case": "b"}
    drawn = note_html(sections, [], {})
    assert "<script>" not in drawn and "&lt;script&gt;" in drawn
    file = note_markdown("# T", sections, {"as_of": "2024"}).decode()
    assert "\\<script\\>" in file and "\\[x\\](y)" in file
    assert file.startswith("# \\# T\n") and "- as_of: 2024" in file


def test_the_cases_stand_side_by_side(live: LiveNote) -> None:
    drawn = note_html(live.note.sections, live.note.figures, {})
    (pair,) = re.findall(r'<div class="b-cases">(.*?)</div>', drawn)
    assert "Bull case" in pair and "Bear case" in pair
    assert drawn.count("<section>") == len(live.note.sections)


def test_a_note_by_the_template_passes_its_own_gate(live: LiveNote) -> None:
    assert not live.note.is_withheld
    assert role_payloads(live.pack)
