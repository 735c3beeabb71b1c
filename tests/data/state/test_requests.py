"""Wishes asked once, claimed by one, answered by the claimant."""

from __future__ import annotations

import pytest

from data.errors import ConfigError, StateError
from data.state import requests, runs
from data.state.requests import RequestAnswer


def test_a_wish_from_asking_to_answer(state, edit, at) -> None:
    made = requests.ask(state, "prices", {"symbol": "AAA"}, edit=edit(0))
    run = runs.plan(state, "prices", "demo", due_at=at(0), now=at(0))
    mine = requests.claim_next(state, "scheduler", now=at(1))
    assert mine is not None and (mine.id, mine.status) == (made.id, "claimed")
    done = requests.answer(state, mine, RequestAnswer("done", run.id, "20 rows"), now=at(2))
    assert (done.run_id, done.message, done.ended_at) == (run.id, "20 rows", at(2))
    assert requests.read(state, made.id) == done
    seen = [requests.recent(state, as_of=at(hour)) for hour in (-1, 0.5, 1, 1.9, 2)]
    assert seen == [(), (made,), (mine,), (mine,), (done,)]


def test_impatient_clicks_are_one_wish(state, edit) -> None:
    first = requests.ask(state, "prices", {"a": 1, "b": 2}, edit=edit(0))
    assert requests.ask(state, "prices", {"b": 2, "a": 1}, edit=edit(1, "", "bob")) == first
    other = requests.ask(state, "prices", {"a": 2}, edit=edit(1))
    assert other.id != first.id
    requests.claim_next(state, "scheduler", now=other.requested_at)
    assert requests.ask(state, "prices", {"a": 1, "b": 2}, edit=edit(2)).id > other.id


def test_the_oldest_is_served_first_and_only_once(state, edit, at) -> None:
    for hour, job in ((2, "late"), (1, "early")):
        requests.ask(state, job, {}, edit=edit(hour))
    served = [requests.claim_next(state, "s", now=at(3)) for _ in range(3)]
    assert [None if wish is None else wish.job for wish in served] == ["early", "late", None]


def test_a_silent_claimant_is_replaced(state, edit, at) -> None:
    requests.ask(state, "prices", {}, edit=edit(0))
    first = requests.claim_next(state, "one", now=at(1))
    assert first is not None
    assert requests.give_back(state, claimed_before=at(1)) == 0
    assert requests.give_back(state, claimed_before=at(1.5)) == 1
    second = requests.claim_next(state, "two", now=at(2))
    assert second is not None and second.id == first.id
    with pytest.raises(StateError, match="not claimed by one any more"):
        requests.answer(state, first, RequestAnswer("done"), now=at(3))
    assert requests.answer(state, second, RequestAnswer("failed"), now=at(3)).status == "failed"


def test_what_is_refused(state, edit, at) -> None:
    with pytest.raises(ConfigError, match="JSON"):
        requests.ask(state, "prices", {"since": at(0)}, edit=edit(0))
    with pytest.raises(ConfigError, match="no request 9"):
        requests.read(state, 9)
    made = requests.ask(state, "prices", {}, edit=edit(0))
    with pytest.raises(StateError, match="not claimed"):
        requests.answer(state, made, RequestAnswer("done"), now=at(1))
    with pytest.raises(ConfigError, match="expected one of done, failed"):
        requests.answer(state, made, RequestAnswer("requested"), now=at(1))
