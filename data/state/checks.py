"""Content checks: a question put to the model, waiting, claimed, answered once.

Refuses an answer from anyone but the claimant; a verdict is advice and starts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from data.errors import StateError
from data.state.connection import Row
from data.state.db import State
from data.state.values import (
    Edit,
    finite,
    maybe_moment,
    moment,
    name,
    pack,
    prose,
    stamp,
    whole,
    words,
)

CheckStatus = Literal["requested", "claimed", "answered", "failed"]
QUESTION_LENGTH = 50_000


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """The parsed answer; `quotes` are the spans it rests on, `tokens` what it cost."""

    verdict: str
    confidence: float | None = None
    reasons: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    model: str = ""
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """A question and what became of it."""

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


def ask(state: State, kind: str, question: str, *, edit: Edit) -> Check:
    """The question; the same one still waiting is taken for the same."""
    key = (name(kind, "the kind of check"), prose(question, "the text", limit=QUESTION_LENGTH))
    author = name(edit.author, "the author")
    with state.transaction() as connection:
        row = connection.execute(
            "SELECT * FROM content_check WHERE kind = ? AND question = ? AND status = 'requested'",
            key,
        ).fetchone()
        if row is None:
            row = connection.execute(
                "INSERT INTO content_check (kind, question, status, requested_by, requested_at)"
                " VALUES (?, ?, 'requested', ?, ?) RETURNING *",
                (*key, author, stamp(edit.at)),
            ).fetchone()
        return _check(row)


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


def answer(state: State, check: Check, verdict: CheckVerdict, *, now: datetime) -> Check:
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
    return _end(state, check, "answered", (*values, "", stamp(now)))


def fail(state: State, check: Check, message: str, *, now: datetime) -> Check:
    """No verdict, and why."""
    text = prose(message, "the message", limit=4000)
    return _end(state, check, "failed", (None, None, "[]", "[]", "", 0, text, stamp(now)))


def give_back(state: State, *, claimed_before: datetime) -> int:
    """Questions whose claimant has been silent since then wait again; how many they were."""
    with state.transaction() as connection:
        return connection.execute(
            "UPDATE content_check SET status = 'requested', claimed_by = NULL, claimed_at = NULL"
            " WHERE status = 'claimed' AND claimed_at < ?",
            (stamp(claimed_before),),
        ).rowcount


def recent(state: State, *, as_of: datetime, limit: int = 100) -> tuple[Check, ...]:
    """Questions asked by `as_of`, newest first; a verdict given later is not shown."""
    clock = stamp(as_of)
    rows = state.rows(
        "SELECT * FROM content_check WHERE requested_at <= ?"
        " ORDER BY requested_at DESC, id DESC LIMIT ?",
        (clock, limit),
    )
    return tuple(_check(row, clock) for row in rows)


def _end(state: State, check: Check, status: CheckStatus, values: tuple[object, ...]) -> Check:
    claimed = None if check.claimed_at is None else stamp(check.claimed_at)
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE content_check SET status = ?, verdict = ?, confidence = ?, reasons = ?,"
            " quotes = ?, model = ?, tokens = ?, message = ?, answered_at = ?"
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
    )


def _verdict(row: Row) -> CheckVerdict:
    return CheckVerdict(
        row["verdict"],
        row["confidence"],
        words(row["reasons"]),
        words(row["quotes"]),
        row["model"],
        row["tokens"],
    )
