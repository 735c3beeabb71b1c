"""Calls of a model: who asked what of which model, what it cost, and what came back.

A row is written before the call. Refuses an end for a call that has one already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from data.errors import StateError
from data.state.connection import Row
from data.state.db import State
from data.state.values import (
    finite,
    maybe_moment,
    moment,
    name,
    pack,
    prose,
    stamp,
    unpack,
    whole,
)

CallStatus = Literal["asked", "answered", "cached", "failed"]
MESSAGE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class CallKey:
    """What makes two questions the same: one that was answered is not asked again."""

    provider: str
    model: str
    prompt_version: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class CallCost:
    """What a call took; a number that is not known is none, never 0."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    dollars: float | None = None
    latency_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallIntent:
    """Who is about to ask what, and how many tokens that may take."""

    key: CallKey
    reader: str
    purpose: str
    temperature: float = 0.0
    tokens_reserved: int = 0


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """A validated answer, from which model it came and how it ended."""

    reply: Mapping[str, object] = field(hash=False)
    model_version: str
    finish_reason: str
    cost: CallCost


@dataclass(frozen=True, slots=True)
class CallFailure:
    """Why there is no answer: the kind of fault, its sentence, and what was spent all the same."""

    fault: str
    message: str
    cost: CallCost = CallCost()


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call and what became of it; `cached_from` is the call whose answer was used again."""

    id: int
    key: CallKey
    asked_at: datetime
    ended_at: datetime | None
    status: CallStatus
    reader: str
    purpose: str
    temperature: float
    tokens_reserved: int
    cost: CallCost
    model_version: str = ""
    finish_reason: str = ""
    fault: str = ""
    message: str = ""
    reply: dict[str, object] | None = field(default=None, hash=False)
    cached_from: int | None = None


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Calls, tokens and dollars of a span; `unpriced` calls are those whose dollars are unknown."""

    calls: int
    cached: int
    failed: int
    tokens: int
    dollars: float
    unpriced: int


def begin(state: State, intent: CallIntent, *, now: datetime) -> ModelCall:
    """The call, about to be made."""
    with state.transaction() as connection:
        row = connection.execute(
            "INSERT INTO model_call (asked_at, status, reader, purpose, provider, model,"
            " prompt_version, content_hash, temperature, tokens_reserved)"
            " VALUES (?, 'asked', ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (stamp(now), name(intent.reader, "the reader"), name(intent.purpose, "the purpose"))
            + _names(intent.key)
            + (finite(intent.temperature, "the temperature"),)
            + (whole(intent.tokens_reserved, "the tokens"),),
        ).fetchone()
        return _call(row)


def answered(state: State, call: ModelCall, answer: CallAnswer, *, now: datetime) -> ModelCall:
    """The call with its answer."""
    values = (
        "answered",
        prose(answer.model_version, "the model", limit=200),
        prose(answer.finish_reason, "the end", limit=80),
        "",
        "",
        pack(answer.reply, "the reply"),
    )
    return _end(state, call, values, answer.cost, now)


def failed(state: State, call: ModelCall, failure: CallFailure, *, now: datetime) -> ModelCall:
    """The call without an answer, and why."""
    words = prose(failure.message[:MESSAGE_LENGTH], "the message")
    values = ("failed", "", "", name(failure.fault, "the fault"), words, None)
    return _end(state, call, values, failure.cost, now)


def reuse(
    state: State, source: ModelCall, *, reader: str, purpose: str, now: datetime
) -> ModelCall:
    """The answer of an earlier call used again: no tokens, no dollars, and marked as such."""
    with state.transaction() as connection:
        row = connection.execute(
            "INSERT INTO model_call (asked_at, ended_at, status, reader, purpose, provider, model,"
            " model_version, prompt_version, content_hash, temperature, tokens_in, tokens_out,"
            " dollars, latency_s, finish_reason, reply, cached_from)"
            " SELECT ?, ?, 'cached', ?, ?, provider, model, model_version, prompt_version,"
            " content_hash, temperature, 0, 0, 0.0, 0.0, finish_reason, reply, id"
            " FROM model_call WHERE id = ? RETURNING *",
            (stamp(now), stamp(now), name(reader, "the reader"), name(purpose, "the purpose"))
            + (source.id,),
        ).fetchone()
        return _call(row)


def find_answer(state: State, key: CallKey) -> ModelCall | None:
    """The latest call that answered the same, if one did."""
    row = state.row(
        "SELECT * FROM model_call WHERE provider = ? AND model = ? AND prompt_version = ?"
        " AND content_hash = ? AND status = 'answered' ORDER BY id DESC LIMIT 1",
        _names(key),
    )
    return None if row is None else _call(row)


def read(state: State, call_id: int) -> ModelCall | None:
    """One call as it stands."""
    row = state.row("SELECT * FROM model_call WHERE id = ?", (call_id,))
    return None if row is None else _call(row)


def recent(state: State, *, as_of: datetime, limit: int = 100) -> tuple[ModelCall, ...]:
    """Calls made by `as_of`, newest first; how one ended later is not shown."""
    clock = stamp(as_of)
    rows = state.rows(
        "SELECT * FROM model_call WHERE asked_at <= ? ORDER BY asked_at DESC, id DESC LIMIT ?",
        (clock, limit),
    )
    return tuple(_call(row, clock) for row in rows)


def use(
    state: State, *, as_of: datetime, span: timedelta | None = None, reader: str | None = None
) -> ModelUse:
    """What was used in the span before `as_of`, by one reader or by all, as known then."""
    clock = stamp(as_of)
    since = "" if span is None else stamp(as_of - span)
    row = state.row(
        "SELECT sum(status <> 'cached') AS calls, sum(status = 'cached') AS cached,"
        " sum(status = 'failed' AND ended_at <= ?) AS failed,"
        " sum(CASE WHEN ended_at <= ? THEN coalesce(tokens_in, 0) + coalesce(tokens_out, 0)"
        " ELSE 0 END) AS tokens,"
        " sum(CASE WHEN ended_at <= ? THEN coalesce(dollars, 0.0) ELSE 0.0 END) AS dollars,"
        " sum(ended_at <= ? AND dollars IS NULL AND coalesce(tokens_in, 0) > 0) AS unpriced"
        " FROM model_call WHERE asked_at <= ? AND asked_at > ? AND (? IS NULL OR reader = ?)",
        (clock, clock, clock, clock, clock, since, reader, reader),
    )
    if row is None:
        return ModelUse(0, 0, 0, 0, 0.0, 0)
    columns = ("calls", "cached", "failed", "tokens", "dollars", "unpriced")
    return ModelUse(*(row[column] or 0 for column in columns))


def _end(
    state: State, call: ModelCall, values: tuple[object, ...], cost: CallCost, now: datetime
) -> ModelCall:
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE model_call SET status = ?, model_version = ?, finish_reason = ?, fault = ?,"
            " message = ?, reply = ?, tokens_in = ?, tokens_out = ?, dollars = ?, latency_s = ?,"
            " ended_at = ? WHERE id = ? AND status = 'asked' RETURNING *",
            (*values, cost.tokens_in, cost.tokens_out, cost.dollars, cost.latency_s)
            + (stamp(now), call.id),
        ).fetchone()
        if row is None:
            raise StateError(f"model call {call.id} has ended already; its end was not kept")
        return _call(row)


def _names(key: CallKey) -> tuple[str, str, str, str]:
    return (
        name(key.provider, "the provider"),
        name(key.model, "the model"),
        name(key.prompt_version, "the version of the prompt"),
        name(key.content_hash, "the hash of the content"),
    )


def _call(row: Row, clock: str | None = None) -> ModelCall:
    is_later = clock is not None and row["ended_at"] is not None and row["ended_at"] > clock
    costs = ("tokens_in", "tokens_out", "dollars", "latency_s")
    return ModelCall(
        id=row["id"],
        key=CallKey(row["provider"], row["model"], row["prompt_version"], row["content_hash"]),
        asked_at=moment(row["asked_at"]),
        ended_at=None if is_later else maybe_moment(row["ended_at"]),
        status="asked" if is_later else row["status"],
        reader=row["reader"],
        purpose=row["purpose"],
        temperature=row["temperature"],
        tokens_reserved=row["tokens_reserved"],
        cost=CallCost() if is_later else CallCost(*(row[column] for column in costs)),
        model_version="" if is_later else row["model_version"],
        finish_reason="" if is_later else row["finish_reason"],
        fault="" if is_later else row["fault"],
        message="" if is_later else row["message"],
        reply=None if is_later or row["reply"] is None else unpack(row["reply"]),
        cached_from=row["cached_from"],
    )
