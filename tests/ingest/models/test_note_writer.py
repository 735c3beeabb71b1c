"""A note whose sections the model has answered is there, whoever has closed which page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analytics.notes.roles import ask_roles
from analytics.notes.subject_pack import subject_pack
from analytics.notes.template import template_note
from data.state import analyst_notes, checks, note_requests, positions
from data.state.checks import CheckVerdict
from data.state.note_requests import NoteRequest, NoteSubject
from data.state.values import Edit
from ingest.models.note_writer import NO_ANSWER, write_answered_notes
from tests.ingest.models.conftest import CLOCK, Office

OURS = NoteSubject("list", "Ours", "Ours", ("demo:FIRP.2", "demo:NORC"))
KEY = "No key is set for the model."


def asked(office: Office, subject: NoteSubject = OURS) -> NoteRequest:
    edit = Edit("ann", datetime.now(UTC))
    pack = subject_pack(office.lake.at(CLOCK), office.state, subject)
    return ask_roles(office.state, pack, edit=edit, subject=subject)


def answered(office: Office, request: NoteRequest, *, instead: dict[str, str]) -> None:
    """Every question, with the words of the template; a section with no words fails."""
    pack = subject_pack(office.lake.at(CLOCK), office.state, request.subject)
    texts = template_note(pack) | instead
    names = {number: section for section, number in request.questions.items()}
    while (one := checks.claim_next(office.state, "worker", now=datetime.now(UTC))) is not None:
        text = texts[names[one.id]]
        if text:
            said = CheckVerdict("unchecked", model="model-1", tokens=10, reply={"text": text})
            checks.answer(office.state, one, said, now=datetime.now(UTC))
        else:
            checks.fail(office.state, one, KEY, now=datetime.now(UTC))


def written(office: Office) -> int:
    return write_answered_notes(office.lake.settings, office.state, datetime.now(UTC))


def test_a_note_is_archived_once_all_is_answered(office: Office) -> None:
    request = asked(office)
    assert written(office) == 0
    answered(office, request, instead={"risks": ""})
    assert written(office) == 1
    assert written(office) == 0
    (kept,) = analyst_notes.archived(office.state, as_of=datetime.now(UTC))
    (done,) = note_requests.recent(office.state, as_of=datetime.now(UTC))
    assert (kept.note.status, kept.note.entity, kept.author) == ("model", "Ours", "ann")
    assert kept.note.as_of == CLOCK and kept.label == analyst_notes.KNOWS_FUTURE
    assert kept.note.hypothesis_id is None
    assert done.note_id == kept.id and done.message == f"Risks: {KEY}"
    assert analyst_notes.used_today(office.state, "ann", now=datetime.now(UTC)) == 1


def test_a_note_that_invents_is_archived_as_withheld(office: Office) -> None:
    request = asked(office)
    answered(office, request, instead={"bull case": "Support lies at 142 USD."})
    assert written(office) == 1
    (kept,) = analyst_notes.archived(office.state, as_of=datetime.now(UTC))
    assert kept.note.status == "withheld"
    assert "142 USD" in {problem.quote for problem in kept.note.problems}


def test_without_an_answer_the_reason_is_kept_and_no_note(office: Office) -> None:
    request = asked(office)
    answered(office, request, instead=dict.fromkeys(request.questions, ""))
    assert written(office) == 0
    assert analyst_notes.archived(office.state, as_of=datetime.now(UTC)) == ()
    (done,) = note_requests.recent(office.state, as_of=datetime.now(UTC))
    assert (done.note_id, done.message) == (None, f"{NO_ANSWER} {KEY}")
    assert analyst_notes.used_today(office.state, "ann", now=datetime.now(UTC)) == 0


def test_what_a_book_holds_is_a_fact_of_the_note(office: Office) -> None:
    since = CLOCK - timedelta(days=90)
    draft = positions.Draft("Book", "demo:NORC", 10.0, 50.0, "USD", since)
    positions.enter(office.state, draft, edit=Edit("ann", since))
    subject = NoteSubject("list", "Ours", "Ours", OURS.members, portfolio="Book")
    pack = subject_pack(office.lake.at(CLOCK), office.state, subject)
    held = {fact.id: fact for fact in pack.of("positions")}
    quantity = held["demo:NORC/quantity"]
    assert (quantity.value, quantity.printed) == (10.0, "10.00 shares")
    answer = quantity.answer.frame.filter(symbol="demo:NORC").to_dicts()[0]
    assert answer["quantity"] == 10.0
    for column, factor in (("value_base", 1.0), ("weight", 100.0)):
        fact = held.get(f"demo:NORC/{column}")
        assert (fact.value if fact else None) == (
            None if answer[column] is None else factor * answer[column]
        )
    lacking = {(one.subject, one.label) for one in pack.lacking("positions")}
    assert any(label == "Position" for _, label in lacking)  # of the one that is not held
    before = office.lake.at(since - timedelta(days=1))
    assert not subject_pack(before, office.state, subject).of("positions")
    request = asked(office, subject)
    answered(office, request, instead={})
    assert written(office) == 1
    (kept,) = analyst_notes.archived(office.state, as_of=datetime.now(UTC))
    assert "10.00 shares" in kept.note.sections["risks"]
    assert kept.note.status == "model"
