"""Edits of companies that the team asked for: waiting until the scheduler wrote them into the lake.

An edit says only what it changes, so that two people who change different things both stand, and
of two who change the same the later. Refuses to end one twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data.errors import ConfigError, StateError
from data.fields import ID, TITLE
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, maybe_moment, moment, name, pack, prose, stamp, unpack

ATTRIBUTES = ("name", "sector", "industry", "country")
WITHDRAWN, NOTE = "withdrawn", "note"
Change = str | bool | None


@dataclass(frozen=True, slots=True)
class CompanyEdit:
    """One edit; a value of none gives an attribute back to what was filed."""

    id: int
    company: str
    changes: Mapping[str, Change] = field(hash=False)
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None = None
    message: str = ""


def ask(state: State, company: str, changes: Mapping[str, Change], *, edit: Edit) -> CompanyEdit:
    """Keep that an edit was asked for."""
    values = (
        name(company, "the company", limit=ID),
        pack(checked(changes), "the edit"),
        name(edit.author, "the author"),
        stamp(edit.at),
    )
    with state.transaction() as connection:
        row = connection.execute(
            "INSERT INTO company_edit (company, changes, asked_by, asked_at)"
            " VALUES (?, ?, ?, ?) RETURNING *",
            values,
        ).fetchone()
        return _edit(row)


def checked(changes: Mapping[str, Change]) -> dict[str, Change]:
    """The changes as they are kept: texts of one line, a note as written, nothing unknown."""
    if not changes:
        raise ConfigError("nothing is changed; change a value first")
    found: dict[str, Change] = {}
    for key, value in changes.items():
        if key == WITHDRAWN and isinstance(value, bool):
            found[key] = value
        elif key == NOTE and isinstance(value, str | None):
            found[key] = prose(value, "the note", limit=TITLE).strip() or None if value else None
        elif key in ATTRIBUTES and isinstance(value, str | None):
            limit = TITLE if key == "name" else ID
            found[key] = None if value is None else name(value, f"the {key}", limit=limit)
        else:
            raise ConfigError(f"{key[:40]}={value!r:.40} cannot be edited of a company")
    return found


def waiting(state: State) -> tuple[CompanyEdit, ...]:
    """Those that are not in the lake yet, the oldest first."""
    rows = state.rows("SELECT * FROM company_edit WHERE ended_at IS NULL ORDER BY id")
    return tuple(_edit(row) for row in rows)


def recent(
    state: State, company: str, *, as_of: datetime, limit: int = 20
) -> tuple[CompanyEdit, ...]:
    """Those of one company asked for by a clock, newest first; a later end is not shown."""
    clock = stamp(as_of)
    rows = state.rows(
        "SELECT * FROM company_edit WHERE company = ? AND asked_at <= ? ORDER BY id DESC LIMIT ?",
        (company, clock, limit),
    )
    return tuple(_edit(row, clock) for row in rows)


def end(state: State, edit: CompanyEdit, *, now: datetime, message: str = "") -> CompanyEdit:
    """It is in the lake, or why it is not."""
    text = prose(message, "the message", limit=4000)
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE company_edit SET ended_at = ?, message = ? WHERE id = ? AND ended_at IS NULL"
            " RETURNING *",
            (stamp(now), text, edit.id),
        ).fetchone()
        if row is None:
            raise StateError(f"the edit {edit.id} of a company has ended already")
        return _edit(row)


def _edit(row: Row, clock: str | None = None) -> CompanyEdit:
    is_later = clock is not None and row["ended_at"] is not None and row["ended_at"] > clock
    changes = {
        key: value if isinstance(value, bool) or value is None else str(value)
        for key, value in unpack(row["changes"]).items()
    }
    return CompanyEdit(
        row["id"],
        row["company"],
        changes,
        row["asked_by"],
        moment(row["asked_at"]),
        None if is_later else maybe_moment(row["ended_at"]),
        "" if is_later else row["message"],
    )
