"""One holder at a time, and a fence that rises with every taking."""

from __future__ import annotations

import pytest

from data.errors import ConfigError
from data.state import leases

TAKE = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from data.state import leases
from data.state.db import State
state, start = State.open(Path(sys.argv[1])), datetime(2024, 1, 2, tzinfo=UTC)
for n in range(50):
    now = start + timedelta(minutes=n)
    held = leases.take(state, "job", sys.argv[2], now=now, until=now + timedelta(seconds=30))
    if held:
        print(n, held.fence)
"""


def test_one_holder_at_a_time(state, at) -> None:
    first = leases.take(state, "scheduler", "one", now=at(0), until=at(1))
    assert first is not None and first.fence == 1
    assert leases.take(state, "scheduler", "two", now=at(0.5), until=at(2)) is None
    assert leases.current(state, "scheduler", now=at(0.5)) == first
    assert leases.current(state, "scheduler", now=at(1)) is None
    longer = leases.renew(state, first, until=at(3))
    assert longer is not None and longer.fence == 1
    assert leases.take(state, "scheduler", "two", now=at(2.9), until=at(9)) is None
    second = leases.take(state, "scheduler", "two", now=at(3), until=at(4))
    assert second is not None and second.fence == 2
    assert leases.renew(state, longer, until=at(9)) is None
    assert (leases.is_held(state, longer), leases.is_held(state, second)) == (False, True)


def test_release_frees_at_once_and_only_ones_own(state, at) -> None:
    first = leases.take(state, "feed", "one", now=at(0), until=at(9))
    assert first is not None
    leases.release(state, first, now=at(1))
    second = leases.take(state, "feed", "two", now=at(1), until=at(9))
    assert second is not None and second.fence == 2
    leases.release(state, first, now=at(2))
    assert leases.current(state, "feed", now=at(2)) == second
    other = leases.take(state, "archive", "one", now=at(2), until=at(9))
    assert other is not None and other.fence == 1


def test_processes_that_take_at_once_get_different_fences(state, spawn) -> None:
    children = [spawn(TAKE, state.path, who) for who in "abcd"]
    answers = [child.communicate() for child in children]
    assert [errors for _, errors in answers] == [""] * 4
    held = [line.split() for said, _ in answers for line in said.splitlines()]
    fences = sorted(int(fence) for _, fence in held)
    assert fences == list(range(1, len(held) + 1)) and 1 <= len(held) <= 50
    by_minute = sorted((int(fence), int(minute)) for minute, fence in held)
    minutes = [minute for _, minute in by_minute]
    assert minutes == sorted(set(minutes))


def test_what_is_refused(state, at) -> None:
    with pytest.raises(ConfigError, match="would end before it starts"):
        leases.take(state, "x", "one", now=at(1), until=at(1))
    with pytest.raises(ConfigError, match="step of a path"):
        leases.take(state, "../x", "one", now=at(1), until=at(2))
    assert leases.current(state, "x", now=at(0)) is None


def test_the_end_of_the_last_holder_is_known_after_it(state, at) -> None:
    assert leases.last_end(state, "scheduler") is None
    first = leases.take(state, "scheduler", "one", now=at(0), until=at(1))
    assert leases.last_end(state, "scheduler") == at(1)
    leases.release(state, first, now=at(0.5))
    assert leases.last_end(state, "scheduler") == at(0.5)
    leases.take(state, "scheduler", "two", now=at(7), until=at(8))
    assert leases.last_end(state, "scheduler") == at(8)
