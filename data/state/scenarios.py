"""Scenarios of all kinds: what was assumed, at which clock, and the hash of the result.

Every save is a new version, none is ever changed. A deleted scenario is gone from then on, and
still there at the clocks before.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, moment, name, pack, prose, stamp, unpack

KIND = re.compile(r"[a-z][a-z_]{0,39}")
HASH = re.compile(r"[0-9a-f]+( [0-9a-f]+)*")
TITLE_LENGTH = 200
LAST = "SELECT * FROM scenario WHERE scenario_id = ? ORDER BY version DESC LIMIT 1"
KNOWN = """SELECT s.* FROM scenario s WHERE s.version = (SELECT MAX(x.version) FROM scenario x
    WHERE x.scenario_id = s.scenario_id AND x.created_at <= :clock) AND s.is_deleted = 0"""


@dataclass(frozen=True, slots=True)
class ScenarioTerms:
    """What is assumed at a clock, and the hash of its result there."""

    parameters: Mapping[str, object] = field(hash=False)
    as_of: datetime
    result_hash: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version of a scenario; `owner` is who made the first."""

    id: int
    version: int
    kind: str
    title: str
    terms: ScenarioTerms
    owner: str
    author: str
    created_at: datetime
    note: str
    is_deleted: bool


def create(state: State, kind: str, title: str, terms: ScenarioTerms, *, edit: Edit) -> Scenario:
    """A new scenario; its author is its owner. Several may have one title."""
    if not KIND.fullmatch(kind):
        raise ConfigError(f"the kind of a scenario is {kind[:40]!r}; expected a word as 'shock'")
    with state.transaction() as connection:
        (number,) = connection.execute(
            "SELECT COALESCE(MAX(scenario_id), 0) + 1 FROM scenario"
        ).fetchone()
        owner = name(edit.author, "the author")
        return _append(connection, (number, kind, owner), (title, terms), edit=edit)


def save(
    state: State, scenario_id: int, terms: ScenarioTerms, *, edit: Edit, title: str | None = None
) -> Scenario:
    """The next version; the same terms under the same title add none."""
    with state.transaction() as connection:
        last = _present(connection, scenario_id)
        kept = name(title or last.title, "the title", limit=TITLE_LENGTH)
        if (kept, _written(terms)) == (last.title, _written(last.terms)):
            return last
        return _append(connection, (last.id, last.kind, last.owner), (kept, terms), edit=edit)


def delete(state: State, scenario_id: int, *, edit: Edit) -> None:
    """Gone from now on; at earlier clocks it is still there."""
    with state.transaction() as connection:
        last = _present(connection, scenario_id)
        what = (last.id, last.kind, last.owner)
        _append(connection, what, (last.title, last.terms), edit=edit, is_deleted=True)


def read(
    state: State, scenario_id: int, *, as_of: datetime, version: int | None = None
) -> Scenario | None:
    """A version as a clock knows it, the last one by default; none of a scenario that did not exist
    yet, or had been deleted by then."""
    clock = stamp(as_of)
    if not abs(scenario_id) < 2**63 or not abs(version or 0) < 2**63:
        return None
    with state.read() as connection:
        given = {"clock": clock, "number": scenario_id}
        row = connection.execute(KNOWN + " AND s.scenario_id = :number", given).fetchone()
        if row is None or version is None:
            return None if row is None else _scenario(row)
        row = connection.execute(
            "SELECT * FROM scenario WHERE scenario_id = ? AND version = ? AND is_deleted = 0"
            " AND created_at <= ?",
            (scenario_id, version, clock),
        ).fetchone()
        return None if row is None else _scenario(row)


def listed(
    state: State, kind: str, *, as_of: datetime, owner: str | None = None
) -> tuple[Scenario, ...]:
    """The last version of every scenario of a kind that existed at a clock, saved last first."""
    with state.read() as connection:
        rows = connection.execute(
            KNOWN + " AND s.kind = :kind AND (:owner IS NULL OR s.owner = :owner)"
            " ORDER BY s.created_at DESC, s.scenario_id DESC",
            {"clock": stamp(as_of), "kind": kind, "owner": owner},
        ).fetchall()
        return tuple(_scenario(row) for row in rows)


def history(state: State, scenario_id: int, *, as_of: datetime) -> tuple[Scenario, ...]:
    """All versions up to a clock, the newest first, its deletion among them."""
    rows = state.rows(
        "SELECT * FROM scenario WHERE scenario_id = ? AND created_at <= ? ORDER BY version DESC",
        (scenario_id, stamp(as_of)),
    )
    return tuple(_scenario(row) for row in rows)


def _written(terms: ScenarioTerms) -> tuple[str, str, str]:
    if not HASH.fullmatch(terms.result_hash):
        raise ConfigError(f"the hash of the result is {terms.result_hash[:40]!r}; expected hex")
    parameters = pack(terms.parameters, "the parameters")
    return stamp(terms.as_of), parameters, prose(terms.result_hash, "the hash", limit=400)


def _append(
    connection: sqlite3.Connection,
    what: tuple[int, str, str],
    content: tuple[str, ScenarioTerms],
    *,
    edit: Edit,
    is_deleted: bool = False,
) -> Scenario:
    """The next version. Its time is never before that of the last, even if the clock went back."""
    title, terms = content
    if terms.as_of > edit.at:
        raise ConfigError(
            "a scenario cannot be saved at a clock in the future; choose an earlier one"
        )
    last = connection.execute(LAST, (what[0],)).fetchone()
    version, since = (last["version"] + 1, last["created_at"]) if last else (1, "")
    row = connection.execute(
        "INSERT INTO scenario (scenario_id, kind, owner, version, title, author, as_of, parameters,"
        " result_hash, is_deleted, created_at, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " RETURNING *",
        (*what, version, name(title, "the title", limit=TITLE_LENGTH))
        + (name(edit.author, "the author"), *_written(terms), int(is_deleted))
        + (max(since, stamp(edit.at)), prose(edit.note, "the note")),
    ).fetchone()
    return _scenario(row)


def _present(connection: sqlite3.Connection, number: int) -> Scenario:
    row = connection.execute(LAST, (number,)).fetchone()
    if row is None or row["is_deleted"]:
        raise ConfigError(f"there is no scenario {number}; choose one of the list")
    return _scenario(row)


def _scenario(row: Row) -> Scenario:
    return Scenario(
        id=row["scenario_id"],
        version=row["version"],
        kind=row["kind"],
        title=row["title"],
        terms=ScenarioTerms(
            _parameters(row["parameters"]), moment(row["as_of"]), row["result_hash"]
        ),
        owner=row["owner"],
        author=row["author"],
        created_at=moment(row["created_at"]),
        note=row["note"],
        is_deleted=bool(row["is_deleted"]),
    )


def _parameters(text: str) -> dict[str, object]:
    """What was assumed; nothing where it cannot be read: one row does not hide the others."""
    try:
        found: object = unpack(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
