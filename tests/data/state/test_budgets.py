"""Quotas that four processes at once cannot burst, and reservations that are all or none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import BudgetError, ConfigError
from data.state import budgets
from data.state.budgets import Ask
from data.state.db import State

DAY = Ask("fred", "2024-01-02", 10)
SPEND = """
import sys
from pathlib import Path
from data.errors import BudgetError
from data.state import budgets
from data.state.db import State
state = State.open(Path(sys.argv[1]))
granted = 0
for _ in range(50):
    with state.transaction():  # fifty in one, to spare the disk
        for _ in range(50):
            try:
                budgets.reserve(state, [budgets.Ask("fred", "2024-01", 7777, unit="credits")])
                granted += 1
            except BudgetError:
                pass
print(granted)
"""


def used(state: State) -> dict[tuple[str, str], int]:
    return {(item.unit, item.window): item.used for item in budgets.usage(state)}


def test_never_oversold_by_four_processes(state, spawn) -> None:
    children = [spawn(SPEND, state.path) for _ in range(4)]
    answers = [child.communicate() for child in children]
    assert [errors for _, errors in answers] == [""] * 4
    assert sum(int(said) for said, _ in answers) == 7777
    assert used(state) == {("credits", "2024-01"): 7777}


def test_a_quota_is_spent_to_the_last_and_no_further(state) -> None:
    budgets.reserve(state, [replace(DAY, cost=9)])
    with pytest.raises(BudgetError) as caught:
        budgets.reserve(state, [replace(DAY, cost=2)])
    assert "fred: 9 of 10 calls used in 2024-01-02, 2 more would exceed" in str(caught.value)
    budgets.reserve(state, [DAY])
    assert [(item.used, item.left) for item in budgets.usage(state, "fred")] == [(10, 0)]
    assert budgets.usage(state, "other") == ()
    budgets.reserve(state, [replace(DAY, window="2024-01-03")])


def test_all_quotas_or_none(state) -> None:
    minute = replace(DAY, window="2024-01-02T09:30", quota=2)
    budgets.reserve(state, [DAY, minute])
    budgets.reserve(state, [DAY, minute])
    before = used(state)
    with pytest.raises(BudgetError, match="09:30"):
        budgets.reserve(state, [DAY, minute])
    assert used(state) == before == {("calls", DAY.window): 2, ("calls", minute.window): 2}


def test_scheduled_work_leaves_room_for_people(state) -> None:
    budgets.reserve(state, [replace(DAY, cost=8, keep=2)])
    with pytest.raises(BudgetError, match="2 kept for requests"):
        budgets.reserve(state, [replace(DAY, keep=2)])
    budgets.reserve(state, [replace(DAY, cost=2)])


def test_a_quota_that_was_lowered_holds_at_once(state) -> None:
    budgets.reserve(state, [replace(DAY, cost=8)])
    with pytest.raises(BudgetError, match="8 of 5"):
        budgets.reserve(state, [replace(DAY, quota=5)])
    budgets.reserve(state, [replace(DAY, quota=9)])
    with pytest.raises(BudgetError, match="9 of 0"):
        budgets.reserve(state, [replace(DAY, quota=0)])


def test_refunds_of_what_was_reserved_only(state) -> None:
    budgets.reserve(state, [replace(DAY, cost=5)])
    budgets.refund(state, [replace(DAY, cost=3)])
    for ask in (replace(DAY, cost=3), replace(DAY, window="never")):
        with pytest.raises(ConfigError, match="cannot be given back"):
            budgets.refund(state, [ask])
    assert used(state) == {("calls", DAY.window): 2}


@pytest.mark.parametrize(
    "change",
    [{"cost": 0}, {"cost": -1}, {"quota": -1}, {"keep": -1}, {"source": ""}, {"unit": " x"}],
)
def test_asks_that_are_refused(state, change) -> None:
    with pytest.raises(ConfigError):
        budgets.reserve(state, [replace(DAY, **change)])
    assert budgets.usage(state) == ()


STEPS = st.lists(st.tuples(st.booleans(), st.integers(1, 6), st.integers(0, 12)), max_size=15)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_any_order_of_asks_keeps_to_the_quota(tmp_path_factory, steps) -> None:
    state = State.open(tmp_path_factory.mktemp("budget") / "state.db")
    total = 0
    for is_refund, cost, quota in steps:
        ask = replace(DAY, cost=cost, quota=quota)
        if is_refund:
            if cost <= total:
                budgets.refund(state, [ask])
                total -= cost
        elif total + cost <= quota:
            budgets.reserve(state, [ask])
            total += cost
        else:
            with pytest.raises(BudgetError):
                budgets.reserve(state, [ask])
        assert sum(used(state).values()) == total
    state.close()
