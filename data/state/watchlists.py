"""Named lists of symbols, versioned and dated: every save is a new version, none is ever changed.

Refuses names that another list bears, doubled symbols and numbers that are not finite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import (
    NOTE_LENGTH,
    Edit,
    finite,
    folded,
    moment,
    name,
    pack,
    prose,
    stamp,
    words,
)

MEMBERS = 100_000
SYMBOL_LENGTH = 120
HEAD = """SELECT v.*, w.owner FROM watchlist_version v JOIN watchlist w ON w.id = v.watchlist_id
WHERE v.version = (SELECT MAX(x.version) FROM watchlist_version x
    WHERE x.watchlist_id = v.watchlist_id AND x.created_at <= ?)"""
BY_ID = HEAD + " AND v.watchlist_id = ?"
BY_NAME = HEAD + " AND v.is_deleted = 0 AND v.name_key = ?"
ALL = HEAD + " AND v.is_deleted = 0 ORDER BY v.name_key"


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a list; weight and quantity as the analyst gave them, signed."""

    symbol: str
    weight: float | None = None
    quantity: float | None = None
    tags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """One version of a list; `restored_from` when it is a copy of an earlier one."""

    id: int
    version: int
    name: str
    owner: str
    author: str
    created_at: datetime
    note: str
    is_deleted: bool
    restored_from: int | None
    members: tuple[Member, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """In the order of the list."""
        return tuple(member.symbol for member in self.members)


def create(state: State, title: str, members: Sequence[Member], *, edit: Edit) -> Watchlist:
    """A new list; its author is its owner."""
    title, kept = name(title, "the watchlist's name"), _checked(members)
    with state.transaction() as connection:
        _refuse_taken(connection, title, 0)
        owner = name(edit.author, "the author")
        (number,) = connection.execute(
            "INSERT INTO watchlist (owner, created_at) VALUES (?, ?) RETURNING id",
            (owner, stamp(edit.at)),
        ).fetchone()
        head = Watchlist(number, 0, title, owner, owner, edit.at, "", False, None, kept)
        return _append(connection, head, edit)


def save(state: State, watchlist_id: int, members: Sequence[Member], *, edit: Edit) -> Watchlist:
    """The list with these members; the same members again add no version."""
    kept = _checked(members)
    with state.transaction() as connection:
        last = _present(connection, watchlist_id)
        if last.members == kept:
            return last
        return _append(connection, _with(last, members=kept), edit)


def add_members(
    state: State, watchlist_id: int, members: Sequence[Member], *, edit: Edit
) -> Watchlist:
    """These at the end of the list as it is by now; those that it has already stay as they are."""
    given = _checked(members)
    with state.transaction() as connection:
        last = _present(connection, watchlist_id)
        present = set(last.symbols)
        new = tuple(member for member in given if member.symbol not in present)
        if not new:
            return last
        return _append(connection, _with(last, members=_checked((*last.members, *new))), edit)


def remove_members(
    state: State, watchlist_id: int, symbols: Sequence[str], *, edit: Edit
) -> Watchlist:
    """The list as it is by now without these; what it does not have changes nothing."""
    with state.transaction() as connection:
        last = _present(connection, watchlist_id)
        gone = set(symbols)
        rest = tuple(member for member in last.members if member.symbol not in gone)
        if rest == last.members:
            return last
        return _append(connection, _with(last, members=rest), edit)


def rename(state: State, watchlist_id: int, title: str, *, edit: Edit) -> Watchlist:
    """The list under another name; at an earlier clock it bears the earlier one."""
    title = name(title, "the watchlist's name")
    with state.transaction() as connection:
        last = _present(connection, watchlist_id)
        if last.name == title:
            return last
        _refuse_taken(connection, title, watchlist_id)
        return _append(connection, _with(last, title=title), edit)


def delete(state: State, watchlist_id: int, *, edit: Edit) -> None:
    """Gone from now on; at earlier clocks it is still there, and it can be restored."""
    with state.transaction() as connection:
        last = _present(connection, watchlist_id)
        _append(connection, _with(last, members=(), is_deleted=True), edit)


def restore(state: State, watchlist_id: int, version: int, *, edit: Edit) -> Watchlist:
    """An earlier version once more, as a new one."""
    with state.transaction() as connection:
        wanted = _version(connection, watchlist_id, version)
        if wanted is None or wanted.is_deleted:
            raise ConfigError(
                f"watchlist {watchlist_id} has no version {version} to restore; look at its history"
            )
        _refuse_taken(connection, wanted.name, watchlist_id)
        return _append(connection, wanted, edit, restored_from=version)


def undo(state: State, watchlist_id: int, *, edit: Edit) -> Watchlist:
    """One step back; again, and it goes a further step back, rather than forth."""
    with state.transaction() as connection:
        last = _last(connection, watchlist_id)
        if last is None:
            raise _unknown(watchlist_id)
        target = (last.restored_from or last.version) - 1
        while target > 0 and _is_deletion(connection, watchlist_id, target):
            target -= 1
        if target < 1:
            raise ConfigError(f"watchlist {last.name!r} has no earlier version to go back to")
        return restore(state, watchlist_id, target, edit=edit)


def read(state: State, watchlist_id: int, *, as_of: datetime) -> Watchlist | None:
    """The list as it was at `as_of`, or none where it did not exist."""
    with state.read() as connection:
        row = connection.execute(BY_ID, (stamp(as_of), watchlist_id)).fetchone()
        return None if row is None or row["is_deleted"] else _full(connection, row)


def find(state: State, title: str, *, as_of: datetime) -> Watchlist | None:
    """The list that bore this name at `as_of`, whatever the case of its letters."""
    key = folded(name(title, "the watchlist's name"))
    with state.read() as connection:
        row = connection.execute(BY_NAME, (stamp(as_of), key)).fetchone()
        return None if row is None else _full(connection, row)


def listed(state: State, *, as_of: datetime) -> tuple[Watchlist, ...]:
    """Every list that existed at `as_of`, by name."""
    with state.read() as connection:
        rows = connection.execute(ALL, (stamp(as_of),)).fetchall()
        return tuple(_full(connection, row) for row in rows)


def history(state: State, watchlist_id: int, *, as_of: datetime) -> tuple[Watchlist, ...]:
    """All versions up to `as_of`, the newest first."""
    with state.read() as connection:
        rows = connection.execute(
            "SELECT v.*, w.owner FROM watchlist_version v JOIN watchlist w ON w.id = v.watchlist_id"
            " WHERE v.watchlist_id = ? AND v.created_at <= ? ORDER BY v.version DESC",
            (watchlist_id, stamp(as_of)),
        ).fetchall()
        return tuple(_full(connection, row) for row in rows)


def _checked(members: Sequence[Member]) -> tuple[Member, ...]:
    if len(members) > MEMBERS:
        raise ConfigError(f"the list has {len(members)} members, at most {MEMBERS} are kept")
    kept = tuple(_checked_member(member) for member in members)
    seen: set[str] = set()
    for member in kept:
        if member.symbol in seen:
            raise ConfigError(f"{member.symbol!r} stands twice in the list; keep it once")
        seen.add(member.symbol)
    return kept


def _checked_member(member: Member) -> Member:
    symbol = name(member.symbol, "a symbol", limit=SYMBOL_LENGTH)
    weight, quantity = member.weight, member.quantity
    return Member(
        symbol,
        None if weight is None else finite(weight, f"the weight of {symbol}"),
        None if quantity is None else finite(quantity, f"the quantity of {symbol}"),
        tuple(name(tag, f"a tag of {symbol}") for tag in member.tags),
        prose(member.note, f"the note of {symbol}", limit=NOTE_LENGTH),
    )


def _append(
    connection: sqlite3.Connection, head: Watchlist, edit: Edit, restored_from: int | None = None
) -> Watchlist:
    """The next version. Its time is never before that of the last, even if the clock went back."""
    last = connection.execute(
        "SELECT COALESCE(MAX(version), 0), MAX(created_at) FROM watchlist_version"
        " WHERE watchlist_id = ?",
        (head.id,),
    ).fetchone()
    version, at = last[0] + 1, max(stamp(edit.at), last[1] or "")
    author, note = name(edit.author, "the author"), prose(edit.note, "the note")
    connection.execute(
        "INSERT INTO watchlist_version (watchlist_id, version, name, name_key, is_deleted, author,"
        " created_at, note, restored_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (head.id, version, head.name, folded(head.name), int(head.is_deleted), author, at, note)
        + (restored_from,),
    )
    connection.executemany(
        "INSERT INTO watchlist_member (watchlist_id, version, place, symbol, weight, quantity,"
        " tags, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (head.id, version, place, m.symbol, m.weight, m.quantity, pack(m.tags, "tags"), m.note)
            for place, m in enumerate(head.members)
        ],
    )
    found = _version(connection, head.id, version)
    assert found is not None  # it was written four lines above, in this transaction
    return found


def _with(
    last: Watchlist,
    *,
    title: str | None = None,
    members: tuple[Member, ...] | None = None,
    is_deleted: bool = False,
) -> Watchlist:
    kept = last.members if members is None else members
    title = title or last.name
    return Watchlist(
        last.id, 0, title, last.owner, last.author, last.created_at, "", is_deleted, None, kept
    )


def _version(connection: sqlite3.Connection, number: int, version: int) -> Watchlist | None:
    row = connection.execute(
        "SELECT v.*, w.owner FROM watchlist_version v JOIN watchlist w ON w.id = v.watchlist_id"
        " WHERE v.watchlist_id = ? AND v.version = ?",
        (number, version),
    ).fetchone()
    return None if row is None else _full(connection, row)


def _last(connection: sqlite3.Connection, number: int) -> Watchlist | None:
    (version,) = connection.execute(
        "SELECT MAX(version) FROM watchlist_version WHERE watchlist_id = ?", (number,)
    ).fetchone()
    return None if version is None else _version(connection, number, version)


def _present(connection: sqlite3.Connection, number: int) -> Watchlist:
    last = _last(connection, number)
    if last is None or last.is_deleted:
        raise _unknown(number)
    return last


def _unknown(number: int) -> ConfigError:
    return ConfigError(f"there is no watchlist {number}; choose one of the list, or make a new one")


def _is_deletion(connection: sqlite3.Connection, number: int, version: int) -> bool:
    found = _version(connection, number, version)
    return found is None or found.is_deleted


def _refuse_taken(connection: sqlite3.Connection, title: str, number: int) -> None:
    taken = connection.execute(
        "SELECT v.watchlist_id FROM watchlist_version v WHERE v.name_key = ? AND v.is_deleted = 0"
        " AND v.watchlist_id <> ? AND v.version = (SELECT MAX(x.version) FROM watchlist_version x"
        " WHERE x.watchlist_id = v.watchlist_id)",
        (folded(title), number),
    ).fetchone()
    if taken is not None:
        raise ConfigError(
            f"a watchlist named {title!r} exists already; save to it, or choose another name"
        )


def _full(connection: sqlite3.Connection, row: Row) -> Watchlist:
    members = connection.execute(
        "SELECT * FROM watchlist_member WHERE watchlist_id = ? AND version = ? ORDER BY place",
        (row["watchlist_id"], row["version"]),
    ).fetchall()
    return Watchlist(
        id=row["watchlist_id"],
        version=row["version"],
        name=row["name"],
        owner=row["owner"],
        author=row["author"],
        created_at=moment(row["created_at"]),
        note=row["note"],
        is_deleted=bool(row["is_deleted"]),
        restored_from=row["restored_from"],
        members=tuple(
            Member(m["symbol"], m["weight"], m["quantity"], words(m["tags"]), m["note"])
            for m in members
        ),
    )
