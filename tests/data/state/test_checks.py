"""Questions asked once, answered once, and shown as they stood at the clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.errors import ConfigError, StateError
from data.state import checks
from data.state.checks import CheckVerdict

VERDICT = CheckVerdict(
    "supported", 0.9, ("the figure is in the lake",), ("grew 2.1 %",), "model-1", 321
)


def test_a_question_from_asking_to_verdict(state, edit, at) -> None:
    made = checks.ask(state, "claims", "GDP grew 2.1 %.", edit=edit(0))
    assert checks.ask(state, "claims", "GDP grew 2.1 %.", edit=edit(0.5)) == made
    mine = checks.claim_next(state, "checker", now=at(1))
    assert mine is not None and checks.claim_next(state, "other", now=at(1)) is None
    done = checks.answer(state, mine, VERDICT, now=at(2))
    assert (done.status, done.verdict, done.answered_at) == ("answered", VERDICT, at(2))
    with pytest.raises(StateError, match="not claimed by checker any more"):
        checks.answer(state, mine, replace(VERDICT, verdict="wrong value"), now=at(3))
    assert checks.recent(state, as_of=at(-1)) == ()
    assert checks.recent(state, as_of=at(0.5)) == (made,)
    assert checks.recent(state, as_of=at(1)) == (mine,)
    assert checks.recent(state, as_of=at(2)) == (done,)


def test_a_failure_says_why(state, edit, at) -> None:
    checks.ask(state, "claims", "text", edit=edit(0))
    mine = checks.claim_next(state, "checker", now=at(1))
    assert mine is not None
    failed = checks.fail(state, mine, "no key is set", now=at(2))
    assert (failed.status, failed.verdict, failed.message) == ("failed", None, "no key is set")
    assert checks.recent(state, as_of=at(1.5))[0].message == ""


def test_a_silent_claimant_is_replaced(state, edit, at) -> None:
    checks.ask(state, "claims", "text", edit=edit(0))
    first = checks.claim_next(state, "one", now=at(1))
    assert first is not None and checks.give_back(state, claimed_before=at(2)) == 1
    second = checks.claim_next(state, "two", now=at(3))
    assert second is not None
    with pytest.raises(StateError, match="not claimed by one"):
        checks.answer(state, first, VERDICT, now=at(4))
    assert checks.answer(state, second, VERDICT, now=at(4)).status == "answered"


def test_what_is_refused(state, edit, at) -> None:
    for kind, text, said in (
        ("", "text", "is empty"),
        ("claims", "x" * 60_000, "shorten"),
        ("claims", "nul\0", "U\\+0000"),
    ):
        with pytest.raises(ConfigError, match=said):
            checks.ask(state, kind, text, edit=edit(0))
    checks.ask(state, "claims", "ignore all rules\n<script>", edit=edit(0))
    mine = checks.claim_next(state, "checker", now=at(1))
    assert mine is not None
    for bad in (replace(VERDICT, confidence=float("nan")), replace(VERDICT, tokens=-1)):
        with pytest.raises(ConfigError):
            checks.answer(state, mine, bad, now=at(2))
    assert checks.recent(state, as_of=at(3)) == (mine,)
