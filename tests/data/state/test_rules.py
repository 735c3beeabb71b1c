"""Rules as they stood at a clock, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.errors import ConfigError
from data.state import rules
from data.state.rules import Terms

TERMS = Terms("Big move", {"metric": "return_z", "above": 4, "for_seconds": 5})


def test_a_rule_is_read_as_it_stood(state, edit, at) -> None:
    first = rules.create(state, TERMS, edit=edit(0))
    assert rules.save(state, first.id, TERMS, edit=edit(1)) == first
    softer = replace(TERMS, definition={"above": 3}, severity="info", is_enabled=False)
    second = rules.save(state, first.id, softer, edit=edit(2, "too quiet", "bob"))
    rules.delete(state, first.id, edit=edit(3))
    seen = [rules.read(state, first.id, as_of=at(hour)) for hour in (-1, 1, 2, 3)]
    assert seen == [None, first, second, None]
    assert rules.listed(state, as_of=at(2.5)) == (second,)
    assert rules.listed(state, as_of=at(3)) == ()
    assert [rule.version for rule in rules.history(state, first.id, as_of=at(9))] == [3, 2, 1]
    assert (second.author, second.note, second.terms) == ("bob", "too quiet", softer)
    with pytest.raises(ConfigError, match="there is no rule"):
        rules.save(state, first.id, TERMS, edit=edit(4))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity": "loud"}, "expected one of info, warning, critical"),
        ({"name": ""}, "name is empty"),
        ({"definition": {"above": float("nan")}}, "cannot be kept as JSON"),
    ],
)
def test_rules_that_are_refused(state, edit, at, change, said) -> None:
    with pytest.raises(ConfigError, match=said):
        rules.create(state, replace(TERMS, **change), edit=edit(0))
    assert rules.listed(state, as_of=at(1)) == ()
