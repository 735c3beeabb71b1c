"""Wishes for a refresh: a page asks, the scheduler claims and answers.

Refuses nothing that is well formed; the same wish twice before it is claimed is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, get_args

from data.errors import ConfigError, StateError
from data.state.connection import Row
from data.state.db import State
from data.state.values import (
    Edit,
    choice,
    maybe_moment,
    moment,
    name,
    pack,
    prose,
    stamp,
    unpack,
)

RequestEnd = Literal["done", "failed"]
RequestStatus = Literal["requested", "claimed", RequestEnd]
ENDS: tuple[RequestEnd, ...] = get_args(RequestEnd)


@dataclass(frozen=True, slots=True)
class Request:
    """A wish and what became of it; `run_id` once a run serves it."""

    id: int
    job: str
    arguments: Mapping[str, object] = field(hash=False)
    status: RequestStatus
    requested_by: str
    requested_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    ended_at: datetime | None
    run_id: int | None
    message: str


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """`done` or `failed`, with the run that did it."""

    status: RequestEnd
    run_id: int | None = None
    message: str = ""


def ask(state: State, job: str, arguments: Mapping[str, object], *, edit: Edit) -> Request:
    """The wish; one that waits with the same job and arguments is taken for the same."""
    key = (name(job, "the job"), pack(arguments, "the arguments"))
    author = name(edit.author, "the author")
    with state.transaction() as connection:
        row = connection.execute(
            "SELECT * FROM request WHERE job = ? AND arguments = ? AND status = 'requested'", key
        ).fetchone()
        if row is None:
            row = connection.execute(
                "INSERT INTO request (job, arguments, status, requested_by, requested_at)"
                " VALUES (?, ?, 'requested', ?, ?) RETURNING *",
                (*key, author, stamp(edit.at)),
            ).fetchone()
        return _request(row)


def claim_next(state: State, owner: str, *, now: datetime) -> Request | None:
    """The oldest waiting wish, now this owner's alone; none when there is none."""
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE request SET status = 'claimed', claimed_by = ?, claimed_at = ?"
            " WHERE id = (SELECT id FROM request WHERE status = 'requested'"
            " ORDER BY requested_at, id LIMIT 1) AND status = 'requested' RETURNING *",
            (name(owner, "the owner"), stamp(now)),
        ).fetchone()
        return None if row is None else _request(row)


def answer(state: State, request: Request, reply: RequestAnswer, *, now: datetime) -> Request:
    """The end of a claimed wish, by its claimant only."""
    choice(reply.status, "the answer to a request", ENDS)
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE request SET status = ?, run_id = ?, message = ?, ended_at = ?"
            " WHERE id = ? AND status = 'claimed' AND claimed_by = ? AND claimed_at = ?"
            " RETURNING *",
            (reply.status, reply.run_id, prose(reply.message, "the message", limit=4000))
            + (stamp(now), request.id, request.claimed_by)
            + (stamp(request.claimed_at) if request.claimed_at else None,),
        ).fetchone()
        if row is None:
            raise StateError(
                f"request {request.id} is not claimed by {request.claimed_by} any more; "
                "its answer was not kept"
            )
        return _request(row)


def give_back(state: State, *, claimed_before: datetime) -> int:
    """Wishes whose claimant has been silent since then wait again; how many they were."""
    with state.transaction() as connection:
        return connection.execute(
            "UPDATE request SET status = 'requested', claimed_by = NULL, claimed_at = NULL"
            " WHERE status = 'claimed' AND claimed_at < ?",
            (stamp(claimed_before),),
        ).rowcount


def read(state: State, request_id: int) -> Request:
    """One wish as it stands."""
    row = state.row("SELECT * FROM request WHERE id = ?", (request_id,))
    if row is None:
        raise ConfigError(f"there is no request {request_id}; ask again")
    return _request(row)


def recent(state: State, *, as_of: datetime, limit: int = 100) -> tuple[Request, ...]:
    """Wishes made by `as_of`, newest first, as they stood then."""
    rows = state.rows(
        "SELECT * FROM request WHERE requested_at <= ? ORDER BY requested_at DESC, id DESC LIMIT ?",
        (stamp(as_of), limit),
    )
    return tuple(_as_it_stood(_request(row), as_of) for row in rows)


def _as_it_stood(wish: Request, as_of: datetime) -> Request:
    if wish.ended_at is not None and wish.ended_at > as_of:
        wish = replace(wish, status="claimed", ended_at=None, run_id=None, message="")
    if wish.claimed_at is not None and wish.claimed_at > as_of:
        wish = replace(wish, status="requested", claimed_by=None, claimed_at=None)
    return wish


def _request(row: Row) -> Request:
    return Request(
        id=row["id"],
        job=row["job"],
        arguments=unpack(row["arguments"]),
        status=row["status"],
        requested_by=row["requested_by"],
        requested_at=moment(row["requested_at"]),
        claimed_by=row["claimed_by"],
        claimed_at=maybe_moment(row["claimed_at"]),
        ended_at=maybe_moment(row["ended_at"]),
        run_id=row["run_id"],
        message=row["message"],
    )
