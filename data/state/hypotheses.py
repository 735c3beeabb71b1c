"""Dated claims: what was said, how likely it was thought, what speaks for and against, the outcome.

Refuses to change a claim after it was made (an edit is a fork) or to settle it twice.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, choice, finite, moment, name, pack, prose, stamp, unpack

EvidenceSide = Literal["for", "against", "neutral"]
HypothesisOutcome = Literal["yes", "no", "annulled", "ambiguous"]
SIDES: tuple[EvidenceSide, ...] = get_args(EvidenceSide)
OUTCOMES: tuple[HypothesisOutcome, ...] = get_args(HypothesisOutcome)


@dataclass(frozen=True, slots=True)
class Claim:
    """`resolution` says how it will be decided: rule, vintage, rounding; frozen with the claim."""

    title: str
    statement: str
    resolution: Mapping[str, object] = field(hash=False)
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """How likely an author thought it at an instant."""

    author: str
    probability: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """A note for, against, or beside."""

    side: EvidenceSide
    note: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome, and the value that decided it where there is one."""

    outcome: HypothesisOutcome
    observed: float | None
    note: str
    author: str
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A claim with all that was known of it at the clock."""

    id: int
    claim: Claim
    resolution_sha256: str
    forked_from: int | None
    author: str
    created_at: datetime
    forecasts: tuple[Forecast, ...]
    evidence: tuple[Evidence, ...]
    settlement: Settlement | None


def claim(state: State, what: Claim, *, edit: Edit, forked_from: int | None = None) -> Hypothesis:
    """A new claim; `forked_from` names the one it improves upon."""
    if what.deadline <= edit.at:
        raise ConfigError(
            f"the deadline {stamp(what.deadline)} is not after the claim ({stamp(edit.at)}); "
            "give a later one"
        )
    resolution = pack(what.resolution, "the resolution")
    values = (
        name(what.title, "the title", limit=200),
        prose(what.statement, "the statement"),
        resolution,
        hashlib.sha256(resolution.encode()).hexdigest(),
        stamp(what.deadline),
        forked_from,
        name(edit.author, "the author"),
        stamp(edit.at),
    )
    with state.transaction() as connection:
        if forked_from is not None:
            _present(connection, forked_from)
        row = connection.execute(
            "INSERT INTO hypothesis (title, statement, resolution, resolution_sha256, deadline,"
            " forked_from, author, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            values,
        ).fetchone()
        return _full(connection, row, stamp(edit.at))


def forecast(state: State, hypothesis_id: int, probability: float, *, edit: Edit) -> None:
    """One more dated probability; the earlier ones stay. Refused once the outcome is known."""
    value = finite(probability, "the probability")
    if not 0 <= value <= 1:
        raise ConfigError(f"the probability is {value:g}; expected a number from 0 to 1")
    with state.transaction() as connection:
        _unsettled(connection, hypothesis_id)
        connection.execute(
            "INSERT INTO hypothesis_forecast (hypothesis_id, author, probability, created_at)"
            " VALUES (?, ?, ?, ?)",
            (hypothesis_id, name(edit.author, "the author"), value, stamp(edit.at)),
        )


def add_evidence(state: State, hypothesis_id: int, side: EvidenceSide, *, edit: Edit) -> None:
    """A dated note; its text is that of the edit."""
    values = (choice(side, "the side", SIDES), prose(edit.note, "the evidence"))
    with state.transaction() as connection:
        _present(connection, hypothesis_id)
        connection.execute(
            "INSERT INTO hypothesis_evidence (hypothesis_id, side, note, author, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (hypothesis_id, *values, name(edit.author, "the author"), stamp(edit.at)),
        )


def settle(
    state: State,
    hypothesis_id: int,
    outcome: HypothesisOutcome,
    *,
    edit: Edit,
    observed: float | None = None,
) -> None:
    """The outcome, once and for good; the same outcome again changes nothing."""
    choice(outcome, "the outcome", OUTCOMES)
    value = None if observed is None else finite(observed, "the observed value")
    with state.transaction() as connection:
        _present(connection, hypothesis_id)
        connection.execute(
            "INSERT INTO hypothesis_settlement (hypothesis_id, outcome, observed, note, author,"
            " settled_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hypothesis_id) DO NOTHING",
            (hypothesis_id, outcome, value, prose(edit.note, "the note"))
            + (name(edit.author, "the author"), stamp(edit.at)),
        )
        (stands,) = connection.execute(
            "SELECT outcome FROM hypothesis_settlement WHERE hypothesis_id = ?", (hypothesis_id,)
        ).fetchone()
        if stands != outcome:
            raise ConfigError(
                f"hypothesis {hypothesis_id} was settled as {stands!r}, which is final; "
                "make a new one to claim otherwise"
            )


def read(state: State, hypothesis_id: int, *, as_of: datetime) -> Hypothesis | None:
    """The claim with what was known of it at `as_of`, or none where it was not yet made."""
    clock = stamp(as_of)
    with state.read() as connection:
        row = connection.execute(
            "SELECT * FROM hypothesis WHERE id = ? AND created_at <= ?", (hypothesis_id, clock)
        ).fetchone()
        return None if row is None else _full(connection, row, clock)


def listed(state: State, *, as_of: datetime) -> tuple[Hypothesis, ...]:
    """Every claim made by `as_of`, newest first."""
    clock = stamp(as_of)
    with state.read() as connection:
        rows = connection.execute(
            "SELECT * FROM hypothesis WHERE created_at <= ? ORDER BY created_at DESC, id DESC",
            (clock,),
        ).fetchall()
        return tuple(_full(connection, row, clock) for row in rows)


def _present(connection: sqlite3.Connection, number: int) -> None:
    if not connection.execute("SELECT 1 FROM hypothesis WHERE id = ?", (number,)).fetchone():
        raise ConfigError(f"there is no hypothesis {number}; choose one of the list")


def _unsettled(connection: sqlite3.Connection, number: int) -> None:
    _present(connection, number)
    if connection.execute(
        "SELECT 1 FROM hypothesis_settlement WHERE hypothesis_id = ?", (number,)
    ).fetchone():
        raise ConfigError(f"hypothesis {number} is settled; forecasts after the fact do not count")


def _full(connection: sqlite3.Connection, row: Row, clock: str) -> Hypothesis:
    key = (row["id"], clock)
    forecasts = connection.execute(
        "SELECT * FROM hypothesis_forecast WHERE hypothesis_id = ? AND created_at <= ?"
        " ORDER BY created_at, id",
        key,
    ).fetchall()
    evidence = connection.execute(
        "SELECT * FROM hypothesis_evidence WHERE hypothesis_id = ? AND created_at <= ?"
        " ORDER BY created_at, id",
        key,
    ).fetchall()
    end = connection.execute(
        "SELECT * FROM hypothesis_settlement WHERE hypothesis_id = ? AND settled_at <= ?", key
    ).fetchone()
    return Hypothesis(
        id=row["id"],
        claim=Claim(
            row["title"], row["statement"], unpack(row["resolution"]), moment(row["deadline"])
        ),
        resolution_sha256=row["resolution_sha256"],
        forked_from=row["forked_from"],
        author=row["author"],
        created_at=moment(row["created_at"]),
        forecasts=tuple(
            Forecast(f["author"], f["probability"], moment(f["created_at"])) for f in forecasts
        ),
        evidence=tuple(
            Evidence(e["side"], e["note"], e["author"], moment(e["created_at"])) for e in evidence
        ),
        settlement=None if end is None else _settlement(end),
    )


def _settlement(row: Row) -> Settlement:
    at = moment(row["settled_at"])
    return Settlement(row["outcome"], row["observed"], row["note"], row["author"], at)
