"""The inbox of each reader: what is in it at a clock, what is read, and how much is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import StateError, WorkstationError
from data.state import alerts, inbox, requests, rules
from data.state.alerts import Firing
from data.state.db import State
from data.state.requests import RequestAnswer
from data.state.rules import Terms
from data.state.values import Edit

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN, BOB = "a" * 32, "b" * 32


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State.open(tmp_path / "state.db")
    rules.create(made, Terms("A", {"metric": "price"}), edit=Edit("tester", START - HOUR))
    yield made
    made.close()


def fire(state: State, hours: int, recorded: int | None = None) -> int:
    at = START + hours * HOUR
    firing = Firing(1, 1, f"e{hours}", "demo:A", "price", at)
    later = START + (hours if recorded is None else recorded) * HOUR
    return alerts.insert(state, firing, now=later)[0].id


def refresh(state: State, hours: int) -> int:
    """A refresh that was asked for at an hour and finished an hour later."""
    at = START + hours * HOUR
    requests.ask(state, "demo.world", {"n": hours}, edit=Edit("jobs page", at))
    wish = requests.claim_next(state, "scheduler", now=at)
    assert wish is not None
    requests.answer(state, wish, RequestAnswer("done", message="5 rows"), now=at + HOUR)
    return wish.id


def keys(state: State, reader: str, hours: int) -> list[tuple[str, int, bool]]:
    found = inbox.listed(state, reader, as_of=START + hours * HOUR)
    return [(item.kind, item.id, item.read_at is not None) for item in found]


def test_what_is_in_it_at_a_clock_newest_first(state: State) -> None:
    alert, wish, late = fire(state, 0), refresh(state, 1), fire(state, 2, recorded=5)
    assert keys(state, ANN, 0) == [("alert", alert, False)]
    assert keys(state, ANN, 1) == [("alert", alert, False)], "a refresh under way is no news"
    assert keys(state, ANN, 2) == [("request", wish, False), ("alert", alert, False)]
    assert keys(state, ANN, 5)[0] == ("alert", late, False), "it came when it was written down"
    assert keys(state, ANN, 24 * 31) == []


def test_each_reader_reads_for_himself_and_from_that_moment_on(state: State) -> None:
    alert, wish = fire(state, 0), refresh(state, 1)
    first = inbox.listed(state, ANN, as_of=START)[0]
    inbox.mark_read(state, ANN, first, now=START + 3 * HOUR)
    inbox.mark_read(state, ANN, first, now=START + 9 * HOUR)
    assert keys(state, ANN, 2)[-1] == ("alert", alert, False), "not read at that clock"
    assert keys(state, ANN, 3) == [("request", wish, False), ("alert", alert, True)]
    assert keys(state, BOB, 3)[-1] == ("alert", alert, False)
    item = inbox.listed(state, ANN, as_of=START + 10 * HOUR)[-1]
    assert item.read_at == START + 3 * HOUR
    counts = [
        inbox.unread(state, who, as_of=START + n * HOUR) for who in (ANN, BOB) for n in (2, 3)
    ]
    assert counts == [2, 1, 2, 2]


def test_all_that_was_shown_is_read_and_nothing_that_came_since(state: State) -> None:
    fire(state, 0)
    refresh(state, 1)
    shown = START + 2 * HOUR
    newer = fire(state, 3)
    assert inbox.mark_all_read(state, ANN, as_of=shown, now=START + 4 * HOUR) == 2
    assert inbox.mark_all_read(state, ANN, as_of=shown, now=START + 4 * HOUR) == 0
    unread = [
        item.id for item in inbox.listed(state, ANN, as_of=START + 4 * HOUR) if item.read_at is None
    ]
    assert unread == [newer]
    assert inbox.unread(state, ANN, as_of=START + 4 * HOUR) == 1
    assert inbox.unread(state, BOB, as_of=START + 4 * HOUR) == 3


def test_the_count_and_the_list_agree_and_the_count_ends_at_a_hundred(state: State) -> None:
    for hours in range(120):
        fire(state, hours)
    for hours in (0, 37, 98, 130, 24 * 30 + 50):
        moment = START + hours * HOUR
        unread = [item for item in inbox.listed(state, ANN, as_of=moment) if not item.read_at]
        assert inbox.unread(state, ANN, as_of=moment) == min(100, len(unread))


def test_a_reader_without_a_name_is_refused(state: State) -> None:
    for odd in ("", " ", "x" * 500):
        with pytest.raises((WorkstationError, StateError)):
            inbox.unread(state, odd, as_of=START)
