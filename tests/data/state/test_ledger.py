"""Entries of the ledger by hand: dated twice, voided or corrected, never changed in place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import ConfigError
from data.state import imports, ledger
from data.state.db import State
from data.state.imports import File, ImportContent
from data.state.ledger import Booking
from data.state.values import Edit

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PAID = datetime(2024, 2, 1, tzinfo=UTC)
DIVIDEND = Booking("dividend", PAID, "x:A", 3.0, "USD")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state.db")


def amounts(state: State, as_of: datetime) -> list[float | None]:
    return [booking.amount for booking in ledger.bookings(state, "p", as_of=as_of)]


def test_an_entry_is_known_from_its_recording_on(state: State) -> None:
    number = ledger.add(state, "p", DIVIDEND, edit=Edit("me", NOW))
    (entry,) = ledger.entries(state, "p", as_of=NOW)
    assert (entry.id, entry.file, entry.author) == (number, ledger.BY_HAND, "me")
    assert entry.recorded_at == NOW
    assert ledger.entries(state, "p", as_of=NOW - timedelta(seconds=1)) == ()
    assert amounts(state, PAID) == []
    early = ledger.entries(state, "p", as_of=PAID, recorded_by=NOW)
    assert [item.id for item in early] == [number]
    assert ledger.entries(state, "other", as_of=NOW) == ()


def test_a_correction_stands_from_its_instant_on(state: State) -> None:
    number = ledger.add(state, "p", DIVIDEND, edit=Edit("me", NOW))
    better = Booking("dividend", PAID, "x:A", 4.5, "EUR")
    ledger.correct(state, number, better, edit=Edit("you", LATER))
    assert amounts(state, NOW) == [3.0]
    assert amounts(state, LATER) == [4.5]
    with pytest.raises(ConfigError, match="no entry"):
        ledger.correct(state, number, better, edit=Edit("you", LATER))
    assert amounts(state, LATER) == [4.5]


def test_a_voided_entry_of_a_file_is_not_imported_again(state: State) -> None:
    paid = Booking("dividend", PAID, "x:A", 3.0, "USD", key="row")
    number = imports.enter(
        state, File("p", "a.csv"), ImportContent(bookings=[paid]), edit=Edit("me", NOW)
    )
    (entry,) = ledger.entries(state, "p", as_of=NOW)
    assert entry.file == "a.csv"
    ledger.void(state, entry.id, now=LATER)
    assert (amounts(state, NOW), amounts(state, LATER)) == ([3.0], [])
    assert "row" in imports.keys(state, "p")
    with pytest.raises(ConfigError, match="no entry"):
        ledger.void(state, entry.id, now=LATER)
    imports.undo(state, number, edit=Edit("me", LATER))
    assert amounts(state, NOW) == [3.0]


@pytest.mark.parametrize(
    ("booking", "words"),
    [
        (Booking("bribe", PAID, None, 1.0, "USD"), "no kind of booking"),
        (Booking("fee", PAID, None, float("nan"), "USD"), "amount"),
        (Booking("fee", PAID, None, 1.0, "US DOLLARS"), "currency has 10 characters, at most 8"),
        (Booking("fee", LATER, None, 1.0, "USD"), "lies ahead"),
        (Booking("fee", PAID.replace(tzinfo=None), None, 1.0, "USD"), "no zone"),
    ],
)
def test_what_cannot_be_entered_leaves_nothing(state: State, booking: Booking, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        ledger.add(state, "p", booking, edit=Edit("me", NOW))
    assert ledger.entries(state, "p", as_of=LATER) == ()
    assert imports.listed(state, "p", as_of=LATER) == ()
