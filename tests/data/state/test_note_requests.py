"""A note that a model is asked for: it waits, counts, ends once; an earlier clock sees it wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import BudgetError, ConfigError, StateError
from data.state import analyst_notes, note_requests
from data.state.db import State
from data.state.note_requests import NoteSubject
from data.state.values import Edit

NOW = datetime(2024, 6, 20, 12, tzinfo=UTC)
OURS = NoteSubject("list", "Ours", "Ours", ("demo:A", "demo:B"), "Book", "EUR", "house")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    found = State.open(tmp_path / "state.db")
    yield found
    found.close()


def ask(state: State, at: datetime = NOW) -> note_requests.NoteRequest:
    return note_requests.add(state, OURS, {"macro": 3}, as_of=NOW, edit=Edit("ann", at))


def test_it_waits_and_counts_until_it_ends(state: State) -> None:
    made = ask(state)
    assert (made.subject, made.questions) == (OURS, {"macro": 3})
    assert note_requests.waiting(state) == (made,)
    later = NOW + timedelta(minutes=5)
    assert analyst_notes.used_today(state, "ann", now=later) == 1
    assert analyst_notes.used_today(state, "bob", now=later) == 0
    with pytest.raises(BudgetError, match="1 of 1 notes"):
        analyst_notes.refuse_over_limit(state, "ann", now=later, limit=1)
    note_requests.end(state, made, now=later, message="no key")
    assert analyst_notes.used_today(state, "ann", now=later) == 0
    with pytest.raises(StateError, match="ended already"):
        note_requests.end(state, made, now=later, message="again")


def test_an_earlier_clock_sees_it_waiting(state: State) -> None:
    made = ask(state)
    note_requests.end(state, made, now=NOW + timedelta(minutes=5), message="no key")
    between = note_requests.recent(state, as_of=NOW + timedelta(minutes=1), entity="Ours")
    assert [(one.ended_at, one.message) for one in between] == [(None, "")]
    (after,) = note_requests.recent(state, as_of=NOW + timedelta(minutes=9))
    assert after.message == "no key"
    assert note_requests.recent(state, as_of=NOW - timedelta(minutes=1)) == ()
    assert note_requests.recent(state, as_of=NOW, entity="Other") == ()


def test_what_cannot_be_asked_or_ended_is_refused(state: State) -> None:
    with pytest.raises(ConfigError, match="nothing to ask"):
        note_requests.add(state, OURS, {}, as_of=NOW, edit=Edit("ann", NOW))
    with pytest.raises(ConfigError, match="ahead"):
        ask(state, NOW - timedelta(days=1))
    with pytest.raises(ConfigError, match="needs a reason"):
        note_requests.end(state, ask(state), now=NOW)
