"""One question put to a model: from an earlier answer where there is one, within the limits of the
house, past the breaker, written down before it is sent, and used only in the form asked for.

Refuses a reply that repeats our instructions, since somebody's text may have asked for them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from data.clock import iso
from data.model_prices import dollars_of, estimate
from data.state import breakers, model_calls
from data.state.db import State
from data.state.model_calls import (
    CallAnswer,
    CallCost,
    CallFailure,
    CallIntent,
    CallKey,
    ModelCall,
)
from ingest.models.json_schema import mismatch
from ingest.models.limits import ModelBudget, Reservation
from ingest.models.model import FaultKind, ModelFault, ModelReply, ModelRequest, TextModel
from ingest.runs.pace import LateError, Pace, Tempo

# Faults of the provider, which open its breaker; and those for which nothing is charged.
OUT_OF_ORDER: tuple[FaultKind, ...] = ("unavailable", "slow")
FREE: tuple[FaultKind, ...] = ("no_key", "bad_key", "quota", "unavailable")
SHORTEST_ECHO = 40
SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")
WAIT_FOR_TURN_S = 120.0


@dataclass(frozen=True, slots=True)
class Purpose:
    """Who asks, for which task, and with which version of its words."""

    reader: str
    task: str
    prompt_version: str


@dataclass(frozen=True, slots=True)
class ModelDesk:
    """Where questions to one model are asked, one at a time on this machine."""

    state: State
    model: TextModel
    budget: ModelBudget
    pace_folder: Path
    tempo: Tempo = Tempo()

    def ask(self, request: ModelRequest, purpose: Purpose) -> ModelCall:
        """The call with its validated reply; ModelFault or BudgetError where there is none."""
        key = key_of(self.model, request, purpose)
        earlier = model_calls.find_answer(self.state, key)
        if earlier is not None:
            names = {"reader": purpose.reader, "purpose": purpose.task}
            return model_calls.reuse(self.state, earlier, **names, now=self.tempo.now())
        self._pass_breaker()
        expected = estimate(request.bytes_sent, request.most_tokens, self.model.model)
        taken = self.budget.reserve(
            self.model.provider, expected, reader=purpose.reader, now=self.tempo.now()
        )
        intent = CallIntent(key, purpose.reader, purpose.task, request.temperature, expected.tokens)
        call = model_calls.begin(self.state, intent, now=self.tempo.now())
        try:
            reply = self._in_turn(request)
        except ModelFault as fault:
            self._note_fault(call, taken, fault)
            raise
        breakers.good(self.state, self.model.provider)
        return self._note_reply(call, taken, request, reply)

    def _pass_breaker(self) -> None:
        found = breakers.allow(self.state, self.model.provider, now=self.tempo.now())
        if found is not None:
            until = f" until {iso(found.until)}" if found.until else ""
            words = f"The model is left alone{until}: {found.reason}"
            raise ModelFault("unavailable", words.rstrip())

    def _in_turn(self, request: ModelRequest) -> ModelReply:
        pace = Pace(self.pace_folder, self.tempo)
        provider = self.model.provider
        late = self.tempo.monotonic() + WAIT_FOR_TURN_S
        try:
            with pace.turn(provider, self.budget.quotas.spacing(provider), deadline=late):
                return self.model.ask(request)
        except LateError:
            words = "Other questions to the model are still under way; ask again later."
            raise ModelFault("quota", words, retry_after_s=0.0) from None

    def _note_reply(
        self, call: ModelCall, taken: Reservation, request: ModelRequest, reply: ModelReply
    ) -> ModelCall:
        wrong = mismatch(reply.document, request.schema)
        if wrong is None and not isinstance(reply.document, dict):
            wrong = "it is no object"
        words = f"The answer has not the form that was asked for ({wrong}), so it was not used."
        if wrong is None and repeats(reply.document, request.instruction):
            wrong = words = "The answer repeats the instructions of the model, so it was not used."
        if wrong is not None:
            fault = ModelFault("malformed", words, usage=reply.usage)
            self._note_fault(call, taken, fault, reply.model_version)
            raise fault
        cost = self._settle(taken, reply, free=False)
        answer = CallAnswer(reply.document, reply.model_version, reply.finish_reason, cost)
        return model_calls.answered(self.state, call, answer, now=self.tempo.now())

    def _note_fault(
        self, call: ModelCall, taken: Reservation, fault: ModelFault, version: str = ""
    ) -> None:
        now = self.tempo.now()
        if fault.kind == "quota" and fault.retry_after_s:
            until = now + timedelta(seconds=fault.retry_after_s)
            breakers.hold(self.state, self.model.provider, str(fault), now=now, until=until)
        elif fault.kind in OUT_OF_ORDER:
            breakers.bad(self.state, self.model.provider, str(fault), now=now)
        unknown = ModelReply({}, version, "", fault.usage)
        cost = self._settle(taken, unknown, free=fault.kind in FREE)
        failure = CallFailure(fault.kind, str(fault), cost)
        model_calls.failed(self.state, call, failure, now=now)

    def _settle(self, taken: Reservation, reply: ModelReply, *, free: bool) -> CallCost:
        """Correct the ledger. What was billed of a call that was lost is not known: it stays
        reserved, and its cost is none."""
        usage = reply.usage
        known = usage.tokens_in is not None and usage.tokens_out is not None
        tokens = (usage.tokens_in or 0) + (usage.tokens_out or 0) if known else None
        dollars = dollars_of(
            reply.model_version, self.model.model, usage.tokens_in, usage.tokens_out
        )
        if free and tokens is None:
            tokens, dollars = 0, 0.0
        self.budget.settle(taken, calls=usage.attempts, tokens=tokens, dollars=dollars)
        if free and not known:
            return CallCost(0, 0, 0.0, usage.latency_s)
        return CallCost(usage.tokens_in, usage.tokens_out, dollars, usage.latency_s)


def key_of(model: TextModel, request: ModelRequest, purpose: Purpose) -> CallKey:
    """By content: the data, the form asked for, the temperature and the most tokens."""
    content = {
        "data": request.data,
        "schema": dict(request.schema),
        "temperature": request.temperature,
        "most_tokens": request.most_tokens,
    }
    packed = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    digest = hashlib.sha256(packed).hexdigest()
    return CallKey(model.provider, model.model, purpose.prompt_version, digest)


def repeats(document: Any, instruction: str) -> bool:
    """Whether a sentence of the instruction stands in any text of a document."""
    sentences = [_plain(part) for part in SENTENCE.split(instruction)]
    long = [part for part in sentences if len(part) >= SHORTEST_ECHO]
    said = " ".join(_plain(text) for text in texts_of(document))
    return any(part in said for part in long)


def texts_of(document: Any) -> Iterator[str]:
    """Every text of a document, names of fields included."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, part in document.items():
            yield name
            yield from texts_of(part)
    elif isinstance(document, list):
        for part in document:
            yield from texts_of(part)


def _plain(text: str) -> str:
    return "".join(mark for mark in text.casefold() if mark.isalnum())
