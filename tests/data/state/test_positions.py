"""Lots and their closings under both clocks, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from data.errors import ConfigError
from data.state import positions
from data.state.positions import Draft, Exit


@pytest.fixture
def draft(at) -> Draft:
    return Draft("Main", "AAA", 100.0, 12.5, "EUR", at(0), 1.5, "a note", "file:1")


def sizes(state, **clock) -> list[float]:
    return [lot.open_quantity for lot in positions.lots(state, **clock)]


def test_partial_closes_of_longs_and_shorts(state, draft, edit, at) -> None:
    long, _ = positions.enter(state, draft, edit=edit(0))
    short, _ = positions.enter(
        state, replace(draft, symbol="BBB", quantity=-30.0, import_key=None), edit=edit(0)
    )
    positions.close(state, long.id, Exit(40.0, 13.0, at(1), 0.5), edit=edit(1))
    positions.close(state, short.id, Exit(10.0, 11.0, at(1)), edit=edit(1))
    assert sizes(state, as_of=at(0.5)) == [100.0, -30.0]
    assert sizes(state, as_of=at(1)) == [60.0, -20.0]
    closed = positions.close(state, long.id, Exit(60.0, 14.0, at(2)), edit=edit(2))
    assert (closed.open_quantity, closed.closed_at) == (0.0, at(2))
    assert [lot.id for lot in positions.held(state, as_of=at(2))] == [short.id]
    assert [lot.id for lot in positions.held(state, as_of=at(1.9))] == [long.id, short.id]
    assert positions.held(state, as_of=at(-1)) == ()
    assert positions.lots(state, as_of=at(0))[0].closed_at is None


def test_tenths_add_up_to_the_whole(state, draft, edit, at) -> None:
    lot, _ = positions.enter(state, replace(draft, quantity=0.3), edit=edit(0))
    for _ in range(3):
        lot = positions.close(state, lot.id, Exit(0.1, 1.0, at(1)), edit=edit(1))
    assert lot.open_quantity == 0.0


def test_trades_entered_late_show_only_to_who_asks(state, draft, edit, at) -> None:
    lot, _ = positions.enter(state, draft, edit=edit(100))
    positions.close(state, lot.id, Exit(25.0, 13.0, at(50)), edit=edit(100))
    assert sizes(state, as_of=at(60)) == []
    assert sizes(state, as_of=at(60), recorded_by=at(100)) == [75.0]
    assert sizes(state, as_of=at(40), recorded_by=at(100)) == [100.0]
    assert sizes(state, as_of=at(100)) == [75.0]


def test_the_same_file_twice_is_one_lot(state, draft, edit, at) -> None:
    first, is_new = positions.enter(state, draft, edit=edit(0))
    again, is_again = positions.enter(state, draft, edit=edit(5))
    assert (is_new, is_again) == (True, False) and again == first
    _, is_other = positions.enter(state, replace(draft, portfolio="Other"), edit=edit(5))
    free = replace(draft, import_key=None)
    by_hand = [positions.enter(state, free, edit=edit(6))[1] for _ in range(2)]
    assert is_other and by_hand == [True, True]
    assert positions.portfolios(state, as_of=at(6)) == ("Main", "Other")
    assert len(positions.lots(state, as_of=at(6), portfolio="Other")) == 1


def test_voided_rows_stand_before_and_are_gone_after(state, draft, edit, at) -> None:
    lot, _ = positions.enter(state, draft, edit=edit(0))
    closed = positions.close(state, lot.id, Exit(10.0, 13.0, at(1)), edit=edit(1))
    positions.void_closing(state, closed.closings[0].id, now=at(2))
    assert [sizes(state, as_of=at(hour)) for hour in (1, 2)] == [[90.0], [100.0]]
    positions.void(state, lot.id, now=at(3))
    assert [sizes(state, as_of=at(hour)) for hour in (2.5, 3)] == [[100.0], []]
    past = positions.lots(state, as_of=at(2.5))[0]
    assert past.voided_at is None  # what was done later does not show
    again, is_new = positions.enter(state, draft, edit=edit(4))
    assert not is_new and again.voided_at == at(3)
    for act in (
        lambda: positions.void(state, lot.id, now=at(5)),
        lambda: positions.close(state, lot.id, Exit(1.0, 1.0, at(5)), edit=edit(5)),
        lambda: positions.void_closing(state, closed.closings[0].id, now=at(5)),
    ):
        with pytest.raises(ConfigError, match="there is no"):
            act()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity": 0.0}, "positive one for a long"),
        ({"quantity": math.nan}, "finite"),
        ({"price": math.inf}, "the price is inf"),
        ({"fee": -math.inf}, "the fee"),
        ({"portfolio": "../x"}, "step of a path"),
        ({"currency": "a currency"}, "at most 8"),
        ({"symbol": ""}, "a symbol is empty"),
    ],
)
def test_lots_that_are_refused(state, draft, edit, change, said) -> None:
    with pytest.raises(ConfigError, match=said):
        positions.enter(state, replace(draft, **change), edit=edit(0))
    assert state.rows("SELECT * FROM lot") == []


@pytest.mark.parametrize("size", [0.0, -1.0, 100.1, math.nan])
def test_closings_that_are_refused(state, draft, edit, at, size) -> None:
    lot, _ = positions.enter(state, draft, edit=edit(0))
    with pytest.raises(ConfigError):
        positions.close(state, lot.id, Exit(size, 1.0, at(1)), edit=edit(1))
    with pytest.raises(ConfigError, match="later closing"):
        positions.close(state, lot.id, Exit(1.0, 1.0, at(-1)), edit=edit(1))
    assert sizes(state, as_of=at(2)) == [100.0]
