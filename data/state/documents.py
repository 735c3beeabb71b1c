"""Texts to be checked, ours and those of others: dated versions, of which none is ever changed.

Each version is recorded in the ledger of claims, which finds whoever changes one all the same. A
document that is withdrawn is gone from then on, and still there at the clocks before.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from data.drafts.draft import DraftText, Format, from_json
from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.hash_chain import (
    ChainPlace,
    append,
    canonical,
    last_date,
    text_hash,
    version_content,
)
from data.state.values import Edit, choice, moment, name, prose, stamp

Side = Literal["ours", "theirs"]
DocumentLanguage = Literal["en", "de", "fr", "es"]
SIDES: tuple[Side, ...] = get_args(Side)
LANGUAGES: tuple[DocumentLanguage, ...] = get_args(DocumentLanguage)
TITLE_LENGTH = 300
URL_LENGTH = 2_000
DRAFT_LENGTH = 30_000_000  # of a draft with its source, as JSON
# The last version entered by a clock, with the document's last status by then; the plus keeps
# SQLite from the index by date, in which the entries of all documents lie.
HEADS = """SELECT v.document_id, v.version, v.title, v.author, v.site, v.url, v.language, v.format,
    v.file_name, v.published_at, v.sha256, v.entered_by, v.entered_at, v.note, d.side,
    (SELECT l.content FROM claim_ledger l WHERE l.kind = 'status'
        AND l.document_id = v.document_id AND +l.recorded_at <= :clock
        ORDER BY l.id DESC LIMIT 1) AS status
FROM document_version v JOIN document d ON d.id = v.document_id WHERE v.entered_at <= :clock"""
LAST = """ AND v.version = (SELECT MAX(x.version) FROM document_version x
    WHERE x.document_id = v.document_id AND x.entered_at <= :clock)"""
OF_ONE = " AND v.document_id = :document"
NEWEST_FIRST = " ORDER BY v.published_at DESC, v.document_id DESC, v.version DESC"
LATEST = "9999"  # as text after every instant


@dataclass(frozen=True, slots=True)
class DocumentHeading:
    """What is said of a text: `published_at` is the clock at which its numbers are checked.

    `site` is who published it, empty of our own drafts; `url` and `file_name` where it came from.
    """

    side: Side
    title: str
    published_at: datetime
    author: str = ""
    site: str = ""
    url: str = ""
    language: DocumentLanguage = "en"
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a document; `draft` gives its text."""

    id: int
    version: int
    heading: DocumentHeading
    format: Format
    sha256: str
    entered_by: str
    entered_at: datetime
    note: str
    is_watched: bool
    is_withdrawn: bool


def add(state: State, draft: DraftText, *, heading: DocumentHeading, edit: Edit) -> Document:
    """A new document with its first version."""
    row = _checked(draft, heading, edit)
    with state.transaction() as connection:
        (number,) = connection.execute(
            "INSERT INTO document (side) VALUES (?) RETURNING id", (heading.side,)
        ).fetchone()
        return _append(connection, int(number), row, heading.side, edit)


def revise(
    state: State, document_id: int, draft: DraftText, *, heading: DocumentHeading, edit: Edit
) -> Document:
    """A new version of a document; the same text under the same heading adds none."""
    row = _checked(draft, heading, edit)
    with state.transaction() as connection:
        last = _present(connection, document_id)
        if last.heading.side != heading.side:
            raise ConfigError(
                f"{last.heading.title!r} is one of {last.heading.side}; a version of it cannot be "
                f"of the other side, add a new document instead"
            )
        (stands,) = connection.execute(
            "SELECT draft FROM document_version WHERE document_id = ? AND version = ?",
            (document_id, last.version),
        ).fetchone()
        if last.heading == _heading(row, heading.side) and stands == row["draft"]:
            return last
        return _append(connection, document_id, row, heading.side, edit)


def revise_last(state: State, seen: Document, draft: DraftText, *, edit: Edit) -> Document:
    """A new version made of one that was seen, which has to be the last still: what another made
    meanwhile is not lost in it unseen."""
    with state.transaction() as connection:
        last = _present(connection, seen.id)
        if last.version != seen.version:
            raise ConfigError(
                f"version {last.version} of {last.heading.title!r} stands now, and this text was "
                f"made of version {seen.version}; open the newest and correct that one"
            )
        return revise(state, seen.id, draft, heading=seen.heading, edit=edit)


def known(state: State, *, as_of: datetime, side: Side | None = None) -> tuple[Document, ...]:
    """The documents as they had been entered by a clock, those published last first; none that
    had been withdrawn."""
    found = _read(state, LAST + NEWEST_FIRST, as_of)
    return tuple(one for one in found if not one.is_withdrawn and side in (None, one.heading.side))


def get(
    state: State, document_id: int, *, as_of: datetime, version: int | None = None
) -> Document | None:
    """One version of a document, the last one by default; none where a clock does not have it."""
    which = LAST if version is None else " AND v.version = :version"
    where = OF_ONE + which
    found = _read(state, where, as_of, document=document_id, version=version)
    return found[0] if found and not found[0].is_withdrawn else None


def history(state: State, document_id: int, *, as_of: datetime) -> tuple[Document, ...]:
    """All versions entered by a clock, the newest first, even of what was withdrawn."""
    return _read(state, OF_ONE + " ORDER BY v.version DESC", as_of, document=document_id)


def draft_of(state: State, document: Document) -> DraftText:
    """The text of a version with its structure."""
    row = state.row(
        "SELECT draft FROM document_version WHERE document_id = ? AND version = ?",
        (document.id, document.version),
    )
    if row is None:
        raise ConfigError(f"there is no version {document.version} of document {document.id}")
    return from_json(json.loads(row["draft"]))


def watch(state: State, document_id: int, is_watched: bool, *, edit: Edit) -> Document:
    """Have a document checked every morning, or no more."""
    with state.transaction() as connection:
        last = _present(connection, document_id)
        if last.is_watched == is_watched:
            return last
        _set_status(connection, document_id, edit, is_watched=is_watched)
        return _present(connection, document_id)


def withdraw(state: State, document_id: int, *, edit: Edit) -> bool:
    """Take a document out from here on; false where it was out already."""
    with state.transaction() as connection:
        found = _last(connection, document_id)
        if found is None or found.is_withdrawn:
            return False
        _set_status(connection, document_id, edit, is_withdrawn=True)
        return True


def _read(state: State, where: str, as_of: datetime, **bound: Any) -> tuple[Document, ...]:
    with state.read() as connection:
        rows = connection.execute(HEADS + where, {"clock": stamp(as_of), **bound})
        return tuple(map(_document, rows))


def _last(connection: sqlite3.Connection, document_id: int) -> Document | None:
    bound = {"clock": LATEST, "document": document_id}
    row = connection.execute(HEADS + OF_ONE + LAST, bound).fetchone()
    return None if row is None else _document(row)


def _present(connection: sqlite3.Connection, document_id: int) -> Document:
    found = _last(connection, document_id)
    if found is None or found.is_withdrawn:
        raise ConfigError(f"there is no document {document_id}; choose one of the list")
    return found


def _checked(draft: DraftText, heading: DocumentHeading, edit: Edit) -> dict[str, str]:
    """The columns of a version, or a refusal in one sentence."""
    if not draft.text.strip():
        raise ConfigError("the document has no text; give one that can be read")
    choice(heading.side, "the side", SIDES)
    published = stamp(heading.published_at)
    if published > stamp(edit.at):
        raise ConfigError(
            f"the document is dated {published[:16].replace('T', ' ')} UTC, which lies ahead; "
            "give a date up to now: its numbers are checked by what is known then"
        )
    url = heading.url.strip()
    if url and not url.lower().startswith(("http://", "https://")):
        raise ConfigError(f"the address {url[:60]!r} is not one of the web; start it with https://")
    text = canonical(draft.as_json())
    if len(text) > DRAFT_LENGTH:
        raise ConfigError(
            f"the document has {len(text) / 1e6:.0f} MB, at most {DRAFT_LENGTH / 1e6:.0f} are "
            "kept; split it into parts"
        )
    return {
        "title": name(heading.title, "the title", limit=TITLE_LENGTH),
        "author": heading.author and name(heading.author, "the author of the document"),
        "site": heading.site and name(heading.site, "the site"),
        "url": prose(url, "the address", limit=URL_LENGTH),
        "language": choice(heading.language, "the language", LANGUAGES),
        "format": choice(draft.format, "the format", get_args(Format)),
        "file_name": prose(heading.file_name, "the name of the file", limit=TITLE_LENGTH),
        "published_at": published,
        "draft": text,
        "sha256": text_hash(draft.text),
        "entered_by": name(edit.author, "the author"),
        "note": prose(edit.note, "the note"),
    }


def _append(
    connection: sqlite3.Connection, number: int, row: dict[str, str], side: Side, edit: Edit
) -> Document:
    (last,) = connection.execute(
        "SELECT COALESCE(MAX(version), 0) FROM document_version WHERE document_id = ?", (number,)
    ).fetchone()
    entered = max(stamp(edit.at), last_date(connection, number))
    row = {**row, "entered_at": entered}
    columns = ", ".join(row)
    connection.execute(
        f"INSERT INTO document_version (document_id, version, {columns})"  # noqa: S608 - own names
        f" VALUES (?, ?, {', '.join('?' * len(row))})",
        (number, last + 1, *row.values()),
    )
    place = ChainPlace(number, last + 1)
    append(connection, "version", [(place, version_content(row, side))], edit)
    return _present(connection, number)


def _set_status(
    connection: sqlite3.Connection,
    document_id: int,
    edit: Edit,
    *,
    is_watched: bool = False,
    is_withdrawn: bool = False,
) -> None:
    content = {
        "is_watched": is_watched,
        "is_withdrawn": is_withdrawn,
        "note": prose(edit.note, "the note"),
    }
    append(connection, "status", [(ChainPlace(document_id), content)], edit)


def _heading(row: Row | dict[str, str], side: Side) -> DocumentHeading:
    return DocumentHeading(
        side=side,
        title=row["title"],
        published_at=moment(row["published_at"]),
        author=row["author"],
        site=row["site"],
        url=row["url"],
        language=choice(row["language"], "the language", LANGUAGES),
        file_name=row["file_name"],
    )


def _document(row: Row) -> Document:
    status = json.loads(row["status"]) if row["status"] else {}
    return Document(
        id=row["document_id"],
        version=row["version"],
        heading=_heading(row, row["side"]),
        format=row["format"],
        sha256=row["sha256"],
        entered_by=row["entered_by"],
        entered_at=moment(row["entered_at"]),
        note=row["note"],
        is_watched=bool(status.get("is_watched", False)),
        is_withdrawn=bool(status.get("is_withdrawn", False)),
    )
