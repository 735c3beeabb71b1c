"""Notes are kept for good, counted per reader and day, and shown as they stood at the clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.errors import BudgetError, ConfigError, StateError
from data.state import analyst_notes, hypotheses
from data.state.analyst_notes import KNOWS_FUTURE, NewNote, NoteCost, WithheldFor


@pytest.fixture
def note(at) -> NewNote:
    return NewNote("instrument", "demo:X", "X", at(0), "template", {"summary": "Text."}, "{}")


def test_a_note_is_read_back_by_entity_author_and_clock(state, edit, at, note) -> None:
    cost = NoteCost("model-1", "note-1", 0.2, 1200, 0.03)
    made = analyst_notes.archive(state, replace(note, status="model", cost=cost), edit=edit(1))
    assert analyst_notes.read(state, made.id, as_of=at(0.5)) is None
    assert analyst_notes.read(state, made.id, as_of=at(1)) == made
    assert (made.note.cost, made.label) == (cost, "")
    analyst_notes.archive(state, replace(note, entity="demo:Y"), edit=edit(2, author="bob"))
    known = analyst_notes.archived(state, as_of=at(3))
    assert [one.note.entity for one in known] == ["demo:Y", "demo:X"]
    assert analyst_notes.archived(state, as_of=at(1.5)) == (made,)
    assert analyst_notes.archived(state, as_of=at(3), entity="demo:X") == (made,)
    assert analyst_notes.archived(state, as_of=at(3), author="ann") == (made,)
    assert analyst_notes.archived(state, as_of=at(3), since=at(1)) == ()
    assert analyst_notes.spent(state, as_of=at(3), since=at(0)) == (1200, 0.03)


def test_a_note_is_never_changed(state, edit, note) -> None:
    analyst_notes.archive(state, note, edit=edit(1))
    with pytest.raises(StateError, match="never changed"), state.transaction() as held:
        held.execute("UPDATE analyst_note SET title = 'Y'")


def test_a_past_clock_is_labelled_and_not_scored(state, edit, at, note) -> None:
    made = analyst_notes.archive(
        state, replace(note, status="model", cost=NoteCost("model-1")), edit=edit(48)
    )
    assert made.knows_future and made.label == KNOWS_FUTURE
    claim = hypotheses.Claim("Buy X", "X rises.", {"rule": "x"}, at(2000))
    number = hypotheses.claim(state, claim, edit=edit(0)).id
    with pytest.raises(ConfigError, match="never scored"):
        analyst_notes.archive(state, replace(note, hypothesis_id=number), edit=edit(48))
    withheld = replace(note, status="withheld", problems=(WithheldFor("macro", "3 %", "no fact"),))
    with pytest.raises(ConfigError, match="never scored"):
        analyst_notes.archive(state, replace(withheld, hypothesis_id=number), edit=edit(1))
    kept = analyst_notes.archive(state, withheld, edit=edit(1))
    assert kept.note.problems == withheld.problems
    scored = analyst_notes.archive(state, replace(note, hypothesis_id=number), edit=edit(1))
    assert scored.note.hypothesis_id == number


def test_a_reader_has_so_many_notes_a_day(state, edit, at, note) -> None:
    for hour in (1, 2):
        analyst_notes.archive(state, note, edit=edit(hour), limit=2)
    with pytest.raises(BudgetError, match="2 of 2 notes today"):
        analyst_notes.archive(state, note, edit=edit(3), limit=2)
    analyst_notes.archive(state, note, edit=edit(3, author="bob"), limit=2)
    assert analyst_notes.used_today(state, "ann", now=at(3)) == 2
    assert analyst_notes.used_today(state, "ann", now=at(24)) == 0


def test_what_is_refused(state, edit, at, note) -> None:
    for wrong, said in (
        (replace(note, status="withheld"), "withheld for a reason"),
        (replace(note, problems=(WithheldFor("a", "b", "c"),)), "withheld for a reason"),
        (replace(note, as_of=at(5)), "not ahead"),
    ):
        with pytest.raises(ConfigError, match=said):
            analyst_notes.archive(state, wrong, edit=edit(1))
