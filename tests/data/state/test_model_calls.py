"""Calls of a model: written before they are made, ended once, and shown as they stood."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.errors import StateError
from data.state import checks, model_calls
from data.state.checks import CheckSubject, CheckVerdict
from data.state.model_calls import CallAnswer, CallCost, CallFailure, CallIntent, CallKey, ModelUse

KEY = CallKey("gemini", "gemini-2.5-flash", "find_claims-1", "ab" * 32)
COST = CallCost(1200, 300, 0.00111, 1.5)


def begun(state, at, hours=0.0, reader="ann", key=KEY):
    return model_calls.begin(
        state, CallIntent(key, reader, "find_claims", 0.0, 5000), now=at(hours)
    )


def ended(state, at, call, hours, cost=COST):
    answer = CallAnswer({"claims": []}, "gemini-2.5-flash-001", "STOP", cost)
    return model_calls.answered(state, call, answer, now=at(hours))


def test_a_call_from_its_beginning_to_its_answer(state, at) -> None:
    call = begun(state, at)
    assert (call.status, call.cost, call.reply) == ("asked", CallCost(), None)
    assert model_calls.find_answer(state, KEY) is None
    done = ended(state, at, call, 1)
    assert (done.status, done.cost, done.reply) == ("answered", COST, {"claims": []})
    assert model_calls.find_answer(state, KEY) == done
    assert model_calls.recent(state, as_of=at(0.5)) == (call,)
    assert model_calls.recent(state, as_of=at(1)) == (done,)
    with pytest.raises(StateError, match="has ended already"):
        ended(state, at, call, 2)


def test_an_answer_used_again_costs_nothing_and_says_so(state, at) -> None:
    first = ended(state, at, begun(state, at), 1)
    again = model_calls.reuse(state, first, reader="bob", purpose="find_claims", now=at(2))
    assert (again.status, again.cached_from, again.reply) == ("cached", first.id, first.reply)
    assert again.cost == CallCost(0, 0, 0.0, 0.0)
    other = CallKey(KEY.provider, KEY.model, "find_claims-2", KEY.content_hash)
    assert model_calls.find_answer(state, other) is None


def test_what_was_used_in_a_span_and_by_whom(state, at) -> None:
    ended(state, at, begun(state, at), 0.5)
    unknown = begun(state, at, 1, reader="bob")
    ended(state, at, unknown, 2, CallCost(10, 20, None, 0.1))
    lost = begun(state, at, 3)
    model_calls.failed(state, lost, CallFailure("slow", "No answer came."), now=at(4))
    assert model_calls.use(state, as_of=at(-1)) == ModelUse(0, 0, 0, 0, 0.0, 0)
    assert model_calls.use(state, as_of=at(5)) == ModelUse(3, 0, 1, 1530, 0.00111, 1)
    assert model_calls.use(state, as_of=at(5), reader="bob") == ModelUse(1, 0, 0, 30, 0.0, 1)
    assert model_calls.use(state, as_of=at(1.5)) == ModelUse(2, 0, 0, 1500, 0.00111, 0)
    day = model_calls.use(state, as_of=at(5), span=timedelta(hours=2.5))
    assert day == ModelUse(1, 0, 1, 0, 0.0, 0)


def test_a_question_bears_its_data_and_its_answer(state, edit, at) -> None:
    subject = CheckSubject({"text": "GDP grew 2 %."}, 7, 2, at(9))
    asked = checks.ask_soon(state, "find_claims", "Weekly note", edit=edit(0), subject=subject)
    assert checks.ask(state, "find_claims", "Weekly note", edit=edit(0), subject=subject) == asked
    newer = CheckSubject({"text": "GDP grew 2 %."}, 7, 3, at(9))
    other = checks.ask(state, "find_claims", "Weekly note", edit=edit(1), subject=newer)
    assert other.id != asked.id
    claimed = checks.claim_next(state, "worker", now=at(1))
    assert claimed is not None and claimed.subject == subject
    call = ended(state, at, begun(state, at), 2)
    verdict = CheckVerdict("answered", model="m-001", tokens=1500, reply={"claims": []})
    checks.answer(state, claimed, verdict, now=at(2), model_call_id=call.id)
    done = checks.read(state, asked.id)
    assert done is not None and (done.verdict, done.model_call_id) == (verdict, call.id)
    before = checks.recent(state, as_of=at(1.5), document_id=7, kind="find_claims")
    assert [(one.id, one.verdict, one.model_call_id) for one in before] == [
        (other.id, None, None),
        (asked.id, None, None),
    ]
