"""Notes: dated by both clocks, never changed, and still there for the clock that had them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.errors import ConfigError
from data.state import notes
from data.state.db import State
from data.state.values import Edit

CRASH = datetime(2020, 3, 12, 21, tzinfo=UTC)
WRITTEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def edit(at: datetime = WRITTEN) -> Edit:
    return Edit("analyst", at, "")


def test_a_note_is_known_from_its_writing_until_it_is_withdrawn(state: State) -> None:
    note = notes.write(state, CRASH, " It began here. ", symbols=("demo:WORLD",), edit=edit())
    assert (note.text, note.symbols, note.author) == ("It began here.", ("demo:WORLD",), "analyst")
    span = {"since": CRASH - DAY, "until": CRASH + DAY}
    assert notes.known(state, **span, as_of=WRITTEN) == (note,)
    assert notes.known(state, **span, as_of=WRITTEN - DAY) == ()
    assert notes.known(state, since=CRASH + DAY, until=WRITTEN, as_of=WRITTEN) == ()
    assert notes.withdraw(state, note.id, edit=edit(WRITTEN + DAY))
    assert not notes.withdraw(state, note.id, edit=edit(WRITTEN + 2 * DAY))
    assert notes.known(state, **span, as_of=WRITTEN + DAY) == ()
    assert notes.known(state, **span, as_of=WRITTEN) == (note,)


@pytest.mark.parametrize(
    ("about", "text", "words"),
    [
        (WRITTEN + DAY, "later", "lies ahead"),
        (CRASH, "  ", "without words"),
        (CRASH, "x" * 100_000, "the note"),
    ],
)
def test_what_is_no_note_is_refused(state: State, about: datetime, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        notes.write(state, about, text, edit=edit())
    assert notes.known(state, since=CRASH, until=WRITTEN, as_of=WRITTEN + DAY) == ()
