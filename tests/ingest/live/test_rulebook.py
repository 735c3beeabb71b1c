"""Rules as a file: what goes out comes back the same, and an odd one is refused with its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.live.rules import read_rule
from data.errors import ConfigError
from data.state import rules
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.rulebook import OWN, dump, enter, furnish, parse

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State.open(tmp_path / "state.db")
    yield made
    made.close()


def test_a_fresh_workspace_gets_the_rules_of_the_house_once(state: State) -> None:
    count = furnish(state, NOW)
    assert count == len(parse(OWN.read_text(), "x")) >= 5
    for rule in rules.listed(state, as_of=NOW):
        read_rule(rule.terms.definition, "1")
        rules.delete(state, rule.id, edit=Edit("tester", NOW))
    assert furnish(state, NOW) == 0


def test_what_goes_out_comes_back_without_a_change(state: State) -> None:
    furnish(state, NOW)
    later = Edit("tester", NOW + timedelta(hours=1))
    text = dump(state, later.at)
    assert enter(state, parse(text, "rules.toml"), later) == (0, 0)
    changed = text.replace("trigger = -0.03", "trigger = -0.04")
    assert enter(state, parse(changed, "rules.toml"), later) == (0, 1)
    found = {rule.terms.name: rule for rule in rules.listed(state, as_of=later.at)}
    assert found["A fall of 3 % within five minutes"].version == 2


def test_a_rule_of_before_the_band_goes_out_with_its_reset_and_comes_back(state: State) -> None:
    rules.create(state, Terms("Old", {"metric": "price", "trigger": 5.0}), edit=Edit("a", NOW))
    text = dump(state, NOW)
    assert "rearm = 2.5" in text
    assert enter(state, parse(text, "rules.toml"), Edit("a", NOW)) == (0, 0)


def test_a_rule_of_a_file_gets_its_reset_written_out() -> None:
    (terms,) = parse("[[rule]]\nname = 'x'\nmetric = 'price'\ntrigger = 200", "rules.toml")
    assert terms.definition["rearm"] == 198.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[rule", "is no TOML file"),
        ("rule = 5", r"expected a list of \[\[rule\]\] tables"),
        ("[[rule]]\nmetric = 'price'", "rule 1: expected a name"),
        ("[[rule]]\nname = 'x'\nmetric = 'price'", r"rule 1 \(x\): a rule needs a metric"),
        ("[[rule]]\nname = 'x'\nmetric = 'price'\ntrigger = 1\nseverity = 'loud'", "severity"),
        ("[[rule]]\nname = 'x'\nmetric = 'price'\ntrigger = 1\nwhen = 3", "has no 'when'"),
    ],
)
def test_an_odd_file_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse(text, "rules.toml")
