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
        (CRASH, "x" * 4_001, "the note has 4001 characters, at most 4000 are kept"),
    ],
)
def test_what_is_no_note_is_refused(state: State, about: datetime, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        notes.write(state, about, text, edit=edit())
    assert notes.known(state, since=CRASH, until=WRITTEN, as_of=WRITTEN + DAY) == ()


def test_a_new_version_ends_the_one_before_and_earlier_clocks_have_that(state: State) -> None:
    first = notes.write(state, CRASH, "Before", symbols=("x:A", "x:B"), edit=edit())
    again = Edit("other", WRITTEN + DAY, "")
    second = notes.rewrite(state, first.id, " After ", edit=again)
    assert (second.about_at, second.symbols) == (first.about_at, first.symbols)
    assert (second.text, second.author, second.written_at) == ("After", "other", again.at)
    for symbol in first.symbols:
        assert notes.of_instrument(state, symbol, as_of=again.at) == (second,)
        assert notes.of_instrument(state, symbol, as_of=WRITTEN) == (first,)
    assert notes.of_instrument(state, "x:", as_of=again.at) == ()
    assert notes.of_instrument(state, "x:A", as_of=WRITTEN - DAY) == ()
    assert notes.rewrite(state, second.id, "After", edit=edit(WRITTEN + 2 * DAY)) == second
    for text, why in (("", "without words"), ("x" * 4_001, "at most 4000")):
        with pytest.raises(ConfigError, match=why):
            notes.rewrite(state, second.id, text, edit=edit(WRITTEN + 2 * DAY))
    with pytest.raises(ConfigError, match="changed or deleted meanwhile"):
        notes.rewrite(state, first.id, "Mine", edit=edit(WRITTEN + 2 * DAY))
    assert notes.of_instrument(state, "x:A", as_of=WRITTEN + 3 * DAY) == (second,)


def test_notes_of_an_instrument_stand_the_latest_moment_first(state: State) -> None:
    early = notes.write(state, CRASH - DAY, "early", symbols=("x:A",), edit=edit())
    late = notes.write(state, CRASH, "late", symbols=("x:A",), edit=edit())
    notes.write(state, CRASH, "other", symbols=("x:AB",), edit=edit())
    assert notes.of_instrument(state, "x:A", as_of=WRITTEN) == (late, early)
