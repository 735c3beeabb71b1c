"""The chain that the ledger of claims is: entries that each carry the hash of the one before.

Whoever changes, takes out or slips in an entry breaks every hash after it, which `verify` finds.
An end cut off leaves a whole chain; whoever noted the head's hash before finds that it is gone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, name, stamp

EntryKind = Literal["version", "status", "statement", "verdict"]
START = "0" * 64
HASHED = ("id", "kind", "document_id", "version", "place", "author", "recorded_at", "content")
# Columns of a version that its entry repeats, so that none of them can be changed unseen.
VERSION = (
    *("title", "author", "site", "url", "language", "format", "file_name", "published_at"),
    *("sha256", "entered_by", "entered_at", "note"),
)
VERSIONS = """SELECT v.*, d.side FROM document_version v LEFT JOIN document d
    ON d.id = v.document_id ORDER BY v.document_id, v.version"""


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """What an entry is of: a document, one of its versions, one of its statements."""

    document_id: int
    version: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How many entries there are and the hash of the last one."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first entry that is not what was recorded, and what is wrong with it."""

    entry: int
    why: str


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """The head of a chain and its first fault, if it has one."""

    head: ChainHead
    fault: ChainFault | None


def canonical(document: Mapping[str, Any]) -> str:
    """JSON in which equal documents are equal texts; plain letters alone, so any text can be in
    it."""
    return json.dumps(document, sort_keys=True, allow_nan=False, separators=(",", ":"))


def text_hash(text: str) -> str:
    """The hash of a text, whatever is in it."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def append(
    connection: sqlite3.Connection,
    kind: EntryKind,
    entries: Iterable[tuple[ChainPlace, Mapping[str, Any]]],
    edit: Edit,
) -> int:
    """Entries at the end of the chain, within a transaction, which alone keeps it from forking;
    how many there were. No entry of a document is dated before an earlier one of it."""
    last = connection.execute("SELECT id, hash FROM claim_ledger ORDER BY id DESC LIMIT 1")
    first, previous = tuple(last.fetchone() or (0, START))
    author, at = name(edit.author, "the author"), stamp(edit.at)
    dates: dict[int, str] = {}
    count = 0
    for count, (of, content) in enumerate(entries, start=1):
        if of.document_id not in dates:
            dates[of.document_id] = max(at, last_date(connection, of.document_id))
        row = (
            *(first + count, kind, of.document_id, of.version, of.place, author),
            *(dates[of.document_id], canonical(content)),
        )
        made = _hash(dict(zip(HASHED, row, strict=True)), previous)
        connection.execute(
            "INSERT INTO claim_ledger (id, kind, document_id, version, place, author,"
            " recorded_at, content, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, previous, made),
        )
        previous = made
    return count


def last_date(connection: sqlite3.Connection, document_id: int) -> str:
    """When the last entry of a document was recorded; an empty text where it has none."""
    row = connection.execute(
        "SELECT MAX(recorded_at) AS last FROM claim_ledger WHERE document_id = ?", (document_id,)
    ).fetchone()
    return row["last"] or ""


def version_content(row: Mapping[str, Any] | Row, side: str) -> dict[str, Any]:
    """What the chain says of a version of a document: all of it, the text by its hash."""
    said = {column: row[column] for column in VERSION}
    return {**said, "side": side, "draft_sha256": text_hash(row["draft"])}


def head(state: State) -> ChainHead:
    """Where the chain ends."""
    row = state.row(
        "SELECT COUNT(*) AS count, COALESCE((SELECT hash FROM claim_ledger ORDER BY id DESC"
        " LIMIT 1), ?) AS hash FROM claim_ledger",
        (START,),
    )
    return ChainHead(0, START) if row is None else ChainHead(row["count"], row["hash"])


def verify(state: State, *, noted: str | None = None) -> ChainCheck:
    """Walk the chain, and compare texts and queries with what it says of them. `noted` is the
    hash of an earlier head, which has to be in it still."""
    with state.read() as connection:
        found = head(state)
        fault = (
            _not_text(connection)
            or _broken(connection)
            or _unlike_documents(connection)
            or _unlike_queries(connection)
        )
        if fault is None and noted is not None and noted != START:
            query = "SELECT 1 FROM claim_ledger WHERE hash = ?"
            if connection.execute(query, (noted,)).fetchone() is None:
                fault = ChainFault(found.count + 1, f"no entry has the noted hash {noted[:64]}")
    return ChainCheck(found, fault)


def _hash(entry: Mapping[str, Any], previous: str) -> str:
    said = {column: entry[column] for column in HASHED} | {"previous": previous}
    return sha256(canonical(said).encode()).hexdigest()


def _not_text(connection: sqlite3.Connection) -> ChainFault | None:
    """The first entry of which a part is no text, in its own row or in that of its version."""
    own = ("l.kind", "l.author", "l.recorded_at", "l.content", "l.previous", "l.hash")
    parts = {
        "claim_ledger l": own,
        "document_version v JOIN claim_ledger l ON l.kind = 'version'"
        " AND l.document_id = v.document_id AND l.version = v.version": tuple(
            f"v.{column}" for column in (*VERSION, "draft")
        ),
    }
    for table, columns in parts.items():
        tests = " OR ".join(f"typeof({column}) <> 'text'" for column in columns)
        query = f"SELECT min(l.id) FROM {table} WHERE {tests}"  # noqa: S608 - own names
        (first,) = connection.execute(query).fetchone()
        if first is not None:
            return ChainFault(first, "a part of it is no text")
    return None


def _broken(connection: sqlite3.Connection) -> ChainFault | None:
    previous = START
    rows = connection.execute("SELECT * FROM claim_ledger ORDER BY id")
    for number, row in enumerate(rows, start=1):
        if row["id"] != number:
            return ChainFault(number, f"entry {number} is missing; {row['id']} comes in its place")
        if row["previous"] != previous:
            return ChainFault(number, "it does not follow the entry before it")
        if _hash({column: row[column] for column in HASHED}, previous) != row["hash"]:
            return ChainFault(number, "its content is not what was hashed")
        previous = row["hash"]
    return None


def _unlike_documents(connection: sqlite3.Connection) -> ChainFault | None:
    """The first version of a document that is not the one on record."""
    recorded = {
        (row["document_id"], row["version"]): (row["id"], row["content"])
        for row in connection.execute("SELECT * FROM claim_ledger WHERE kind = 'version'")
    }
    faults = []
    for row in connection.execute(VERSIONS):
        words = f"version {row['version']} of document {row['document_id']}"
        entry, content = recorded.pop((row["document_id"], row["version"]), (0, ""))
        if not entry:
            faults.append(ChainFault(0, f"{words} was never recorded"))
        elif canonical(version_content(row, row["side"] or "")) != content:
            faults.append(ChainFault(entry, f"{words} is not the one that was recorded"))
        elif _text_of(row["draft"]) != row["sha256"]:
            faults.append(ChainFault(entry, f"the text of {words} has another hash"))
    for (number, version), (entry, _) in recorded.items():
        faults.append(ChainFault(entry, f"version {version} of document {number} is missing"))
    return min(faults, key=lambda fault: fault.entry, default=None)


def _text_of(draft: str) -> str:
    try:
        return text_hash(json.loads(draft)["text"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _unlike_queries(connection: sqlite3.Connection) -> ChainFault | None:
    """The first verdict whose query is missing or is not the one that was recorded."""
    whole = {
        row["sha256"]
        for row in connection.execute("SELECT * FROM claim_query WHERE typeof(sql) = 'text'")
        if text_hash(row["sql"]) == row["sha256"]
    }
    verdicts = "SELECT id, content FROM claim_ledger WHERE kind = 'verdict' ORDER BY id"
    for row in connection.execute(verdicts):
        asked = json.loads(row["content"]).get("asked", [])
        if not {query["sha256"] for query in asked} <= whole:
            return ChainFault(row["id"], "a query of this verdict is not the one that was recorded")
    return None
