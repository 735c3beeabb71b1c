"""Alert rules, versioned and dated: what a rule said at a clock is what it said then.

Refuses documents that are not JSON; what a definition means is for the engine that folds it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, choice, moment, name, pack, prose, stamp, unpack

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
LAST = "SELECT * FROM rule_version WHERE rule_id = ? ORDER BY version DESC LIMIT 1"
AT = """SELECT * FROM rule_version v WHERE v.version = (SELECT MAX(x.version)
FROM rule_version x WHERE x.rule_id = v.rule_id AND x.created_at <= ?)"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule says; `definition` holds metric, scope, condition, durations."""

    name: str
    definition: Mapping[str, object] = field(hash=False)
    severity: Severity = "warning"
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class SavedRule:
    """One version of a rule."""

    id: int
    version: int
    terms: Terms
    author: str
    created_at: datetime
    note: str
    is_deleted: bool


def create(state: State, terms: Terms, *, edit: Edit) -> SavedRule:
    """A new rule, at version 1."""
    with state.transaction() as connection:
        (number,) = connection.execute(
            "INSERT INTO rule (created_at) VALUES (?) RETURNING id", (stamp(edit.at),)
        ).fetchone()
        return _append(connection, number, terms, edit=edit)


def save(state: State, rule_id: int, terms: Terms, *, edit: Edit) -> SavedRule:
    """The rule with these terms as a new version; the same terms again add none."""
    with state.transaction() as connection:
        last = _present(connection, rule_id)
        return last if last.terms == terms else _append(connection, rule_id, terms, edit=edit)


def delete(state: State, rule_id: int, *, edit: Edit) -> None:
    """Gone from now on; its earlier versions and its alerts stay."""
    with state.transaction() as connection:
        last = _present(connection, rule_id)
        _append(connection, rule_id, last.terms, edit=edit, is_deleted=True)


def read(state: State, rule_id: int, *, as_of: datetime) -> SavedRule | None:
    """The rule as it stood at `as_of`, or none."""
    row = state.row(AT + " AND v.rule_id = ?", (stamp(as_of), rule_id))
    return None if row is None or row["is_deleted"] else _rule(row)


def listed(state: State, *, as_of: datetime) -> tuple[SavedRule, ...]:
    """Every rule that stood at `as_of`, switched on or not."""
    rows = state.rows(AT + " AND v.is_deleted = 0 ORDER BY v.rule_id", (stamp(as_of),))
    return tuple(_rule(row) for row in rows)


def has_any(state: State) -> bool:
    """Whether there ever was a rule, deleted ones included."""
    return state.row("SELECT 1 FROM rule LIMIT 1", ()) is not None


def history(state: State, rule_id: int, *, as_of: datetime) -> tuple[SavedRule, ...]:
    """All versions up to `as_of`, the newest first."""
    rows = state.rows(
        "SELECT * FROM rule_version WHERE rule_id = ? AND created_at <= ? ORDER BY version DESC",
        (rule_id, stamp(as_of)),
    )
    return tuple(_rule(row) for row in rows)


def _append(
    connection: sqlite3.Connection,
    rule_id: int,
    terms: Terms,
    *,
    edit: Edit,
    is_deleted: bool = False,
) -> SavedRule:
    last = connection.execute(LAST, (rule_id,)).fetchone()
    version, at = (last["version"] + 1, last["created_at"]) if last else (1, "")
    connection.execute(
        "INSERT INTO rule_version (rule_id, version, name, severity, is_enabled, is_deleted,"
        " definition, author, created_at, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (rule_id, version, name(terms.name, "the rule's name"))
        + (choice(terms.severity, "the severity", SEVERITIES), int(terms.is_enabled))
        + (int(is_deleted), pack(terms.definition, "the rule's definition"))
        + (name(edit.author, "the author"), max(at, stamp(edit.at)), prose(edit.note, "the note")),
    )
    return _rule(connection.execute(LAST, (rule_id,)).fetchone())


def _present(connection: sqlite3.Connection, rule_id: int) -> SavedRule:
    row = connection.execute(LAST, (rule_id,)).fetchone()
    if row is None or row["is_deleted"]:
        raise ConfigError(f"there is no rule {rule_id}; choose one of the list, or make a new one")
    return _rule(row)


def _rule(row: Row) -> SavedRule:
    return SavedRule(
        row["rule_id"],
        row["version"],
        Terms(row["name"], unpack(row["definition"]), row["severity"], bool(row["is_enabled"])),
        row["author"],
        moment(row["created_at"]),
        row["note"],
        bool(row["is_deleted"]),
    )
