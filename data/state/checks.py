"""Content checks: a question put to the model, waiting, claimed, answered once.

Refuses an answer from anyone but the claimant; a verdict is advice and starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from data.errors import StateError
from data.state import requests
from data.state.connection import Row
from data.state.db import State
from data.state.values import (
    Edit,
    finite,
    maybe_moment,
    maybe_stamp,
    moment,
    name,
    pack,
    prose,
    stamp,
    unpack,
    whole,
    words,
)

CheckStatus = Literal["requested", "claimed", "answered", "failed"]
QUESTION_LENGTH = 50_000
WORKER = "house.models"  # the job that answers


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """The parsed answer; `quotes` are the spans it rests on, `tokens` what it cost, `reply` the
    whole of it in the form that was asked for."""

    verdict: str
    confidence: float | None = None
    reasons: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    model: str = ""
    tokens: int = 0
    reply: Mapping[str, object] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class CheckSubject:
    """What is asked about: the data of the question, the document it is of, when it is moot."""

    payload: Mapping[str, object] = field(default_factory=dict, hash=False)
    document_id: int | None = None
    document_version: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A question and what became of it; `model_call_id` says what it cost."""

    id: int
    kind: str
    question: str
    status: CheckStatus
    requested_by: str
    requested_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    answered_at: datetime | None
    verdict: CheckVerdict | None
    message: str
    subject: CheckSubject = field(default_factory=CheckSubject)
    model_call_id: int | None = None


def ask(
    state: State, kind: str, question: str, *, edit: Edit, subject: CheckSubject | None = None
) -> Check:
    """The question; the same one still waiting is taken for the same."""
    of = subject or CheckSubject()
    key = (
        name(kind, "the kind of check"),
        prose(question, "the text", limit=QUESTION_LENGTH),
        pack(of.payload, "the data of the question"),
    )
    author = name(edit.author, "the author")
    with state.transaction() as connection:
        row = connection.execute(
            "SELECT * FROM content_check WHERE kind = ? AND question = ? AND payload = ?"
            " AND coalesce(document_id, -1) = coalesce(?, -1)"
            " AND coalesce(document_version, -1) = coalesce(?, -1) AND status = 'requested'",
            (*key, of.document_id, of.document_version),
        ).fetchone()
        if row is None:
            row = connection.execute(
                "INSERT INTO content_check (kind, question, payload, status, requested_by,"
                " requested_at, document_id, document_version, expires_at)"
                " VALUES (?, ?, ?, 'requested', ?, ?, ?, ?, ?) RETURNING *",
                (*key, author, stamp(edit.at), of.document_id, of.document_version)
                + (maybe_stamp(of.expires_at),),
            ).fetchone()
        return _check(row)


def ask_soon(
    state: State, kind: str, question: str, *, edit: Edit, subject: CheckSubject | None = None
) -> Check:
    """The question, and the wish that whoever answers looks at once rather than by its hour."""
    made = ask(state, kind, question, edit=edit, subject=subject)
    requests.ask(state, WORKER, {}, edit=edit)
    return made


def read(state: State, check_id: int) -> Check | None:
    """One question as it stands."""
    row = state.row("SELECT * FROM content_check WHERE id = ?", (check_id,))
    return None if row is None else _check(row)


def claim_next(state: State, owner: str, *, now: datetime) -> Check | None:
    """The oldest waiting question, now this owner's alone."""
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE content_check SET status = 'claimed', claimed_by = ?, claimed_at = ?"
            " WHERE id = (SELECT id FROM content_check WHERE status = 'requested'"
            " ORDER BY requested_at, id LIMIT 1) AND status = 'requested' RETURNING *",
            (name(owner, "the owner"), stamp(now)),
        ).fetchone()
        return None if row is None else _check(row)


def answer(
    state: State,
    check: Check,
    verdict: CheckVerdict,
    *,
    now: datetime,
    model_call_id: int | None = None,
) -> Check:
    """The verdict on a claimed question."""
    confidence = verdict.confidence
    values = (
        name(verdict.verdict, "the verdict"),
        None if confidence is None else finite(confidence, "the confidence"),
        pack(verdict.reasons, "the reasons"),
        pack(verdict.quotes, "the quotes"),
        prose(verdict.model, "the model", limit=200),
        whole(verdict.tokens, "the tokens"),
    )
    said = None if verdict.reply is None else pack(verdict.reply, "the reply")
    return _end(state, check, "answered", (*values, "", stamp(now), said, model_call_id))


def fail(
    state: State, check: Check, message: str, *, now: datetime, model_call_id: int | None = None
) -> Check:
    """No verdict, and why."""
    text = prose(message, "the message", limit=4000)
    values = (None, None, "[]", "[]", "", 0, text, stamp(now), None, model_call_id)
    return _end(state, check, "failed", values)


def give_back(state: State, *, claimed_before: datetime) -> int:
    """Questions whose claimant has been silent since then wait again; how many they were."""
    with state.transaction() as connection:
        return connection.execute(
            "UPDATE content_check SET status = 'requested', claimed_by = NULL, claimed_at = NULL"
            " WHERE status = 'claimed' AND claimed_at < ?",
            (stamp(claimed_before),),
        ).rowcount


def recent(
    state: State,
    *,
    as_of: datetime,
    limit: int = 100,
    kind: str | None = None,
    document_id: int | None = None,
) -> tuple[Check, ...]:
    """Questions asked by `as_of`, newest first, of one kind or document where that is given; a
    verdict given later is not shown."""
    clock = stamp(as_of)
    rows = state.rows(
        "SELECT * FROM content_check WHERE requested_at <= ? AND (? IS NULL OR kind = ?)"
        " AND (? IS NULL OR document_id = ?) ORDER BY requested_at DESC, id DESC LIMIT ?",
        (clock, kind, kind, document_id, document_id, limit),
    )
    return tuple(_check(row, clock) for row in rows)


def _end(state: State, check: Check, status: CheckStatus, values: tuple[object, ...]) -> Check:
    claimed = None if check.claimed_at is None else stamp(check.claimed_at)
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE content_check SET status = ?, verdict = ?, confidence = ?, reasons = ?,"
            " quotes = ?, model = ?, tokens = ?, message = ?, answered_at = ?, reply = ?,"
            " model_call_id = ?"
            " WHERE id = ? AND status = 'claimed' AND claimed_by = ? AND claimed_at = ?"
            " RETURNING *",
            (status, *values, check.id, check.claimed_by, claimed),
        ).fetchone()
        if row is None:
            raise StateError(
                f"check {check.id} is not claimed by {check.claimed_by} any more; "
                "its answer was not kept"
            )
        return _check(row)


def _check(row: Row, clock: str | None = None) -> Check:
    later = [
        clock is not None and row[column] is not None and row[column] > clock
        for column in ("claimed_at", "answered_at")
    ]
    status: CheckStatus = "requested" if later[0] else "claimed" if later[1] else row["status"]
    has_verdict = row["verdict"] is not None and not any(later)
    return Check(
        id=row["id"],
        kind=row["kind"],
        question=row["question"],
        status=status,
        requested_by=row["requested_by"],
        requested_at=moment(row["requested_at"]),
        claimed_by=None if later[0] else row["claimed_by"],
        claimed_at=None if later[0] else maybe_moment(row["claimed_at"]),
        answered_at=None if any(later) else maybe_moment(row["answered_at"]),
        verdict=_verdict(row) if has_verdict else None,
        message="" if any(later) else row["message"],
        subject=CheckSubject(
            unpack(row["payload"]),
            row["document_id"],
            row["document_version"],
            maybe_moment(row["expires_at"]),
        ),
        model_call_id=None if any(later) else row["model_call_id"],
    )


def _verdict(row: Row) -> CheckVerdict:
    return CheckVerdict(
        row["verdict"],
        row["confidence"],
        words(row["reasons"]),
        words(row["quotes"]),
        row["model"],
        row["tokens"],
        None if row["reply"] is None else unpack(row["reply"]),
    )
