"""Layouts of files that readers' choices made, kept so that the next file asks nothing again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from data.state.db import State
from data.state.values import Edit, name, pack, stamp, unpack

MOST = 500


def keep(state: State, document: Mapping[str, object], *, edit: Edit) -> None:
    """Keep a layout; one of the same columns is replaced."""
    headings = document.get("headings")
    words = sorted(str(word) for word in headings) if isinstance(headings, Sequence) else []
    signature = hashlib.sha256("\x1f".join(words).encode()).hexdigest()
    with state.transaction() as connection:
        connection.execute(
            "INSERT INTO file_layout (signature, document, author, created_at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (signature) DO UPDATE SET"
            " document = excluded.document, author = excluded.author,"
            " created_at = excluded.created_at",
            (signature, pack(document, "the layout"), name(edit.author, "the author"))
            + (stamp(edit.at),),
        )


def kept(state: State) -> list[dict[str, object]]:
    """The documents of the layouts that are kept, the latest first."""
    with state.read() as connection:
        rows = connection.execute(
            "SELECT document FROM file_layout ORDER BY created_at DESC, id DESC LIMIT ?", (MOST,)
        ).fetchall()
    return [unpack(row["document"]) for row in rows]
