"""Saved views: a page and its query under a name, versioned and dated like the lists.

Refuses pages and queries that could lead out of the house (an address, a scheme, a path step).
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, folded, moment, name, prose, stamp

PAGE = re.compile(r"[a-z0-9_]{1,40}")
QUERY_LENGTH = 4000
LAST = """SELECT v.*, s.owner FROM saved_view_version v JOIN saved_view s ON s.id = v.view_id
WHERE v.view_id = ? ORDER BY v.version DESC LIMIT 1"""
AT = """SELECT v.*, s.owner FROM saved_view_version v JOIN saved_view s ON s.id = v.view_id
WHERE v.is_deleted = 0 AND v.version = (SELECT MAX(x.version) FROM saved_view_version x
    WHERE x.view_id = v.view_id AND x.created_at <= ?)"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a view leads: the page's name and the query part of its URL, without `?`."""

    page: str
    query: str


@dataclass(frozen=True, slots=True)
class SavedView:
    """One version of a saved view."""

    id: int
    version: int
    name: str
    target: Target
    owner: str
    author: str
    created_at: datetime
    note: str


def create(state: State, title: str, target: Target, *, edit: Edit) -> SavedView:
    """A new view; its author is its owner. Several may bear one name."""
    with state.transaction() as connection:
        (number,) = connection.execute(
            "INSERT INTO saved_view (owner, created_at) VALUES (?, ?) RETURNING id",
            (name(edit.author, "the author"), stamp(edit.at)),
        ).fetchone()
        return _append(connection, number, (title, target), edit=edit)


def save(state: State, view_id: int, title: str, target: Target, *, edit: Edit) -> SavedView:
    """The view with another name or target, as a new version."""
    with state.transaction() as connection:
        _present(connection, view_id)
        return _append(connection, view_id, (title, target), edit=edit)


def delete(state: State, view_id: int, *, edit: Edit) -> None:
    """Gone from now on; at earlier clocks it is still there."""
    with state.transaction() as connection:
        last = _present(connection, view_id)
        _append(connection, view_id, (last.name, last.target), edit=edit, is_deleted=True)


def read(state: State, view_id: int, *, as_of: datetime) -> SavedView | None:
    """The view as it was at `as_of`, or none."""
    row = state.row(AT + " AND v.view_id = ?", (stamp(as_of), view_id))
    return None if row is None else _view(row)


def listed(state: State, *, as_of: datetime, owner: str | None = None) -> tuple[SavedView, ...]:
    """Every view that existed at `as_of`, of one owner or of all, by name."""
    rows = state.rows(
        AT + " AND (? IS NULL OR s.owner = ?) ORDER BY v.name_key, v.view_id",
        (stamp(as_of), owner, owner),
    )
    return tuple(_view(row) for row in rows)


def _append(
    connection: sqlite3.Connection,
    view_id: int,
    content: tuple[str, Target],
    *,
    edit: Edit,
    is_deleted: bool = False,
) -> SavedView:
    title, target = name(content[0], "the view's name"), content[1]
    if not PAGE.fullmatch(target.page):
        raise ConfigError(f"{target.page[:60]!r} is not the name of a page; take it from the menu")
    query = prose(target.query, "the view's query", limit=QUERY_LENGTH)
    if any(mark in query for mark in "\r\n\t?# "):
        raise ConfigError("the view's query is not that of a URL; copy the part after the `?`")
    last = connection.execute(LAST, (view_id,)).fetchone()
    version, at = (last["version"] + 1, last["created_at"]) if last else (1, "")
    connection.execute(
        "INSERT INTO saved_view_version (view_id, version, name, name_key, page, query, is_deleted,"
        " author, created_at, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (view_id, version, title, folded(title), target.page, query, int(is_deleted))
        + (name(edit.author, "the author"), max(at, stamp(edit.at)), prose(edit.note, "the note")),
    )
    return _view(connection.execute(LAST, (view_id,)).fetchone())


def _present(connection: sqlite3.Connection, view_id: int) -> SavedView:
    row = connection.execute(LAST, (view_id,)).fetchone()
    if row is None or row["is_deleted"]:
        raise ConfigError(f"there is no saved view {view_id}; choose one of the list")
    return _view(row)


def _view(row: Row) -> SavedView:
    return SavedView(
        row["view_id"],
        row["version"],
        row["name"],
        Target(row["page"], row["query"]),
        row["owner"],
        row["author"],
        moment(row["created_at"]),
        row["note"],
    )
