"""One alert per event, however often it is replayed, in the condition known at the clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.errors import ConfigError
from data.state import alerts, rules
from data.state.alerts import AlertChange, Firing
from data.state.rules import Terms

TERMS = Terms("Big move", {"metric": "return_z", "above": 4, "for_seconds": 5})
INSERT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.state import alerts
from data.state.db import State
state = State.open(Path(sys.argv[1]))
now = datetime(2024, 1, 2, tzinfo=UTC)
new = 0
for n in range(60):
    firing = alerts.Firing(1, 1, f"1704-{n}", "AAA", "return_z", now)
    new += alerts.insert(state, firing, now=now)[1]
print(new)
"""


@pytest.fixture
def firing(state, edit, at) -> Firing:
    rule = rules.create(state, TERMS, edit=edit(0))
    return Firing(rule.id, 1, "1704-0", "AAA", "return_z", at(1), 4.0, 4.2, context={"window": 60})


def test_the_same_event_is_one_alert(state, firing, at) -> None:
    first, is_new = alerts.insert(state, firing, now=at(1))
    again, is_again = alerts.insert(state, replace(firing, trigger_value=9.9), now=at(8))
    assert (is_new, is_again) == (True, False) and again == first
    assert first.firing == firing and first.condition == "firing"
    _, is_other = alerts.insert(state, replace(firing, event_id="1704-1"), now=at(1))
    assert is_other and len(alerts.known(state, as_of=at(2))) == 2


def test_a_new_version_of_the_rule_may_fire_on_the_same_event(state, firing, edit, at) -> None:
    rules.save(state, firing.rule_id, replace(TERMS, severity="critical"), edit=edit(0.5))
    found = [
        alerts.insert(state, replace(firing, rule_version=version), now=at(1))[1]
        for version in (1, 2, 2, 1)
    ]
    assert found == [True, True, False, False]


def test_four_processes_insert_each_event_once(state, firing, at, spawn) -> None:
    children = [spawn(INSERT, state.path) for _ in range(4)]
    answers = [child.communicate() for child in children]
    assert [errors for _, errors in answers] == [""] * 4
    assert sum(int(said) for said, _ in answers) == 60
    assert len(alerts.known(state, as_of=at(9))) == 60


def test_conditions_are_those_known_at_the_clock(state, firing, at) -> None:
    alert, _ = alerts.insert(state, firing, now=at(1))
    recovering = AlertChange(alert.id, "1704-5", "recovering", at(2), 3.1)
    assert alerts.change(state, recovering, now=at(2))
    assert not alerts.change(state, recovering, now=at(2))
    assert alerts.change(state, AlertChange(alert.id, "1704-9", "normal", at(3)), now=at(3))
    for hour, condition in ((1, "firing"), (2, "recovering"), (2.9, "recovering"), (3, "normal")):
        found = alerts.read(state, alert.id, as_of=at(hour))
        assert found is not None and found.condition == condition
        assert alerts.known(state, as_of=at(hour)) == (found,)
    assert alerts.read(state, alert.id, as_of=at(0.9)) is None
    assert alerts.known(state, as_of=at(0.9)) == ()
    assert alerts.known(state, as_of=at(9), since=at(1.5)) == ()


def test_what_was_recorded_later_was_on_no_screen(state, firing, at) -> None:
    late, _ = alerts.insert(state, firing, now=at(5))
    assert late.firing.known_at < at(4)
    assert late.shown_at == at(5)
    assert alerts.known(state, as_of=at(4.9)) == ()
    assert alerts.read(state, late.id, as_of=at(4.9)) is None
    over = AlertChange(late.id, "over", "normal", at(3))
    alerts.change(state, over, now=at(8))
    for hour, condition in ((5, "firing"), (7.9, "firing"), (8, "normal")):
        (found,) = alerts.known(state, as_of=at(hour))
        assert found.condition == condition
        assert alerts.read(state, late.id, as_of=at(hour)) == found


def test_changes_of_an_earlier_version_count_from_what_they_are_about(state, firing, at) -> None:
    alert, _ = alerts.insert(state, firing, now=at(1))
    alerts.change(state, AlertChange(alert.id, "over", "normal", at(3)), now=at(3))
    with state.transaction() as connection:
        connection.execute("UPDATE alert_change SET recorded_at = NULL")
    conditions = [alerts.known(state, as_of=at(hour))[0].condition for hour in (2.9, 3)]
    assert conditions == ["firing", "normal"]


def test_alerts_that_are_refused(state, firing, at) -> None:
    for bad, said in (
        (replace(firing, rule_version=7), "no version 7"),
        (replace(firing, trigger_value=float("nan")), "finite"),
        (replace(firing, event_id=""), "is empty"),
        (replace(firing, severity="loud"), "expected one of"),
    ):
        with pytest.raises(ConfigError, match=said):
            alerts.insert(state, bad, now=at(1))
    with pytest.raises(ConfigError, match="there is no alert 5"):
        alerts.change(state, AlertChange(5, "x", "normal", at(1)), now=at(1))
    assert alerts.known(state, as_of=at(9)) == ()
