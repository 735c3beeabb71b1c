"""A source in trouble is left alone, asked once, and trusted again or left alone for longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from data.state import breakers
from data.state.db import State

At = Callable[[float], datetime]
MINUTE = 1 / 60


def fail(state: State, at: At, hours: float, times: int = 1) -> breakers.Breaker:
    found = [breakers.bad(state, "x", "HTTP 500", now=at(hours)) for _ in range(times)]
    return found[-1]


def test_five_in_a_row_open_it(state: State, at: At) -> None:
    assert breakers.allow(state, "x", now=at(0)) is None
    assert fail(state, at, 0, 4).until is None
    assert breakers.allow(state, "x", now=at(0)) is None
    assert fail(state, at, 0).until == at(MINUTE)
    found = breakers.allow(state, "x", now=at(0))
    assert found is not None and (found.reason, found.opened) == ("HTTP 500", 1)
    assert breakers.allow(state, "y", now=at(0)) is None


def test_half_of_twenty_open_it(state: State, at: At) -> None:
    for turn in range(10):
        breakers.good(state, "x")
        found = fail(state, at, turn)
    assert found.until is not None
    assert found.recent.count("x") == 10 and len(found.recent) == 20


def test_a_good_call_in_between_keeps_it_closed(state: State, at: At) -> None:
    fail(state, at, 0, 4)
    breakers.good(state, "x")
    assert fail(state, at, 0, 4).until is None


def test_one_probe_goes_and_the_others_wait(state: State, at: At) -> None:
    fail(state, at, 0, 5)
    later = 1.5 * MINUTE
    assert breakers.allow(state, "x", now=at(later)) is None
    assert breakers.allow(state, "x", now=at(later)) is not None
    breakers.good(state, "x")
    assert breakers.allow(state, "x", now=at(later)) is None
    (found,) = breakers.everyone(state)
    assert (found.recent, found.opened, found.until, found.reason) == (".", 0, None, "")


def test_rests_double_up_to_half_an_hour(state: State, at: At) -> None:
    fail(state, at, 0, 5)
    rests = []
    now = at(0)
    for _ in range(7):
        now += timedelta(hours=1)
        assert breakers.allow(state, "x", now=now) is None
        until = breakers.bad(state, "x", "again", now=now).until
        assert until is not None
        rests.append((until - now) / timedelta(minutes=1))
    assert rests == [2, 4, 8, 16, 30, 30, 30]


def test_a_hold_is_a_day_at_most(state: State, at: At) -> None:
    found = breakers.hold(state, "x", "come back", now=at(0), until=at(999))
    assert found.until == at(24)
    assert breakers.allow(state, "x", now=at(23)) is not None
    assert breakers.allow(state, "x", now=at(24)) is None


def test_a_clock_that_was_set_back_does_not_shut_it_for_ever(state: State, at: At) -> None:
    fail(state, at, 24 * 300, 5)
    assert breakers.allow(state, "x", now=at(0)) is None


def test_what_is_well_is_not_written_down_again(state: State) -> None:
    for _ in range(30):
        breakers.good(state, "x")
    (found,) = breakers.everyone(state)
    assert found.recent == "." * 20
