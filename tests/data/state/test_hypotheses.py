"""Claims that stay as they were made, shown with what was known of them at the clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.errors import ConfigError
from data.state import hypotheses
from data.state.hypotheses import Claim


@pytest.fixture
def what(at) -> Claim:
    resolution = {"sql": "SELECT value > 3.75 FROM macro", "vintage": "first"}
    return Claim("Jobless rate above 3.75", "It will rise.", resolution, at(100))


def test_a_claim_is_shown_as_it_was_known(state, what, edit, at) -> None:
    made = hypotheses.claim(state, what, edit=edit(0))
    hypotheses.forecast(state, made.id, 0.6, edit=edit(1))
    hypotheses.forecast(state, made.id, 0.8, edit=edit(2, "", "bob"))
    hypotheses.add_evidence(state, made.id, "for", edit=edit(3, "claims are up"))
    hypotheses.settle(state, made.id, "yes", edit=edit(101, "first print"), observed=3.8)
    counts = []
    for hour in (0, 1, 2, 3, 100, 101):
        seen = hypotheses.read(state, made.id, as_of=at(hour))
        assert seen is not None and seen.claim == what
        counts.append((len(seen.forecasts), len(seen.evidence), seen.settlement is not None))
    assert counts == [
        (0, 0, False),
        (1, 0, False),
        (2, 0, False),
        (2, 1, False),
        (2, 1, False),
        (2, 1, True),
    ]
    assert hypotheses.read(state, made.id, as_of=at(-1)) is None
    assert hypotheses.listed(state, as_of=at(-1)) == ()
    end = hypotheses.listed(state, as_of=at(200))[0]
    assert end.settlement is not None and end.settlement.observed == 3.8
    assert [forecast.author for forecast in end.forecasts] == ["ann", "bob"]


def test_an_edit_is_a_fork(state, what, edit, at) -> None:
    made = hypotheses.claim(state, what, edit=edit(0))
    changed = replace(what, resolution={**what.resolution, "vintage": "latest"})
    fork = hypotheses.claim(state, changed, edit=edit(1), forked_from=made.id)
    assert fork.forked_from == made.id
    assert fork.resolution_sha256 != made.resolution_sha256
    assert hypotheses.read(state, made.id, as_of=at(2)) == made
    with pytest.raises(ConfigError, match="there is no hypothesis 99"):
        hypotheses.claim(state, what, edit=edit(1), forked_from=99)


def test_the_outcome_is_final(state, what, edit, at) -> None:
    made = hypotheses.claim(state, what, edit=edit(0))
    hypotheses.settle(state, made.id, "no", edit=edit(101))
    hypotheses.settle(state, made.id, "no", edit=edit(102))
    with pytest.raises(ConfigError, match="settled as 'no', which is final"):
        hypotheses.settle(state, made.id, "yes", edit=edit(103))
    with pytest.raises(ConfigError, match="after the fact"):
        hypotheses.forecast(state, made.id, 0.01, edit=edit(104))
    seen = hypotheses.read(state, made.id, as_of=at(200))
    assert seen is not None and seen.settlement is not None
    assert (seen.settlement.outcome, seen.settlement.settled_at) == ("no", at(101))
    assert seen.forecasts == ()


def test_what_is_refused(state, what, edit, at) -> None:
    made = hypotheses.claim(state, what, edit=edit(0))
    for act, said in (
        (lambda: hypotheses.claim(state, replace(what, deadline=at(0)), edit=edit(0)), "deadline"),
        (lambda: hypotheses.claim(state, replace(what, title=""), edit=edit(0)), "is empty"),
        (lambda: hypotheses.forecast(state, made.id, 1.01, edit=edit(1)), "from 0 to 1"),
        (lambda: hypotheses.forecast(state, made.id, float("nan"), edit=edit(1)), "finite"),
        (lambda: hypotheses.forecast(state, 9, 0.5, edit=edit(1)), "no hypothesis 9"),
        (lambda: hypotheses.add_evidence(state, made.id, "both", edit=edit(1)), "expected one of"),
        (lambda: hypotheses.settle(state, made.id, "maybe", edit=edit(1)), "expected one of"),
        (lambda: hypotheses.settle(state, 9, "yes", edit=edit(1)), "no hypothesis 9"),
    ):
        with pytest.raises(ConfigError, match=said):
            act()
    assert hypotheses.listed(state, as_of=at(9)) == (made,)
