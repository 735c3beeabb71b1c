"""From a reply to rows: parsed, dated and labelled, or refused with the class of what came.

Refuses to take an answer for data because its status is 200, and for none because it is not.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from data.datasets import DATASETS
from data.fields import INSTANT
from ingest.jobs import Parsed, Problem, Reply, ReplyError, Source

LOG = logging.getLogger(__name__)
BY_STATUS: dict[int, Problem] = {
    401: "auth",
    403: "auth",
    407: "auth",
    418: "quota",
    429: "quota",
    451: "blocked",
}
SHOWN = 160


def read(source: Source, reply: Reply) -> Parsed:
    """The rows of a reply as the lake takes them; ReplyError where it is none."""
    try:
        found = source.parse(reply)
    except ReplyError as error:
        # What the parser made of the text of a refusal matters less than the refusal itself.
        if reply.status in (408, 425, 429) or reply.status >= 500:
            problem = by_status(reply.status)
            raise ReplyError(problem, _said(source, reply, str(error))) from None
        raise
    except Exception as error:
        LOG.warning(
            "source=%s status=%d unexpected shape", source.name, reply.status, exc_info=True
        )
        if reply.status >= 400:
            raise ReplyError(by_status(reply.status), _said(source, reply, "")) from None
        raise ReplyError(
            "upstream",
            f"{source.name}: the answer has another shape than expected"
            f" ({type(error).__name__}: {str(error)[:SHOWN]}); it begins {_head(reply)}",
        ) from None
    # A refusal may lead to smaller requests, but it holds no facts.
    if reply.status >= 400 and (found.tables or not found.follow):
        raise ReplyError(by_status(reply.status), _said(source, reply, ""))
    # What a source read beside facts, e.g. a list of vintages, is shown by `scripts.parse` alone.
    facts = {name: table for name, table in found.tables.items() if name in DATASETS}
    tables = {name: _dated(source, reply, table) for name, table in facts.items()}
    beside = ", ".join(sorted(found.tables.keys() - facts.keys()))
    note = found.note or (f"{source.name} also gave {beside}, which the lake does not keep")
    return replace(found, tables=tables, note=note if beside else found.note)


def by_status(status: int) -> Problem:
    """What a status means when nothing else is known."""
    known: Problem = "upstream" if status >= 500 or status in (408, 425) else "client"
    return BY_STATUS.get(status, known)


def _said(source: Source, reply: Reply, more: str) -> str:
    words = more or _head(reply)
    return f"{source.name} answered HTTP {reply.status}: {words}"


def _head(reply: Reply) -> str:
    text = " ".join(reply.body[: 4 * SHOWN].decode("utf-8", errors="replace").split())
    return repr(text[:SHOWN]) if text else "nothing"


def _dated(source: Source, reply: Reply, table: pa.Table) -> pa.Table:
    """Source, grade and `known_at` filled in; a snapshot is known since we fetched it."""
    names = table.column_names
    fetched = pa.scalar(reply.fetched_at, type=INSTANT)
    if "source" not in names:
        table = table.append_column("source", pa.repeat(source.name, table.num_rows))
    if "known_at" not in names:
        table = table.append_column("known_at", pa.repeat(fetched, table.num_rows))
        names = [*names, "known_at"]
        if "vintage_grade" not in names:
            table = table.append_column("vintage_grade", pa.repeat("snapshot", table.num_rows))
        return table
    if "vintage_grade" not in names:
        table = table.append_column("vintage_grade", pa.repeat(source.grade, table.num_rows))
    is_snapshot = pc.equal(table["vintage_grade"], "snapshot")
    known = pc.if_else(is_snapshot, fetched, table["known_at"].cast(INSTANT))
    return table.set_column(table.column_names.index("known_at"), "known_at", known)
