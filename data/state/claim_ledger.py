"""The claims of documents and every verdict on them, recorded for good in a chain of hashes.

A verdict is recorded only where it says something else than the last one on its statement, so the
entries of a statement are the dates on which it turned. Nothing is shown that was recorded after
the clock. What a statement and a finding are is for the checks of claims to say: here they are
documents.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.errors import ConfigError
from data.state import documents
from data.state.connection import Row
from data.state.db import State
from data.state.documents import LATEST, Document, Side
from data.state.hash_chain import ChainPlace, append, canonical, text_hash
from data.state.values import Edit, moment, name, stamp

# The plus keeps SQLite from the index by date, in which the entries of all documents lie.
STATEMENTS = """SELECT * FROM claim_ledger WHERE kind = 'statement' AND document_id = ?
    AND version = ? AND +recorded_at <= ? ORDER BY id"""
VERDICTS = """SELECT * FROM claim_ledger WHERE kind = 'verdict' AND document_id = ?
    AND version = ? AND +recorded_at <= ? ORDER BY id"""
LAST_VERDICT = """SELECT content FROM claim_ledger WHERE kind = 'verdict' AND document_id = ?
    AND version = ? AND place = ? ORDER BY id DESC LIMIT 1"""
# Verdicts of a span of time, each with the one before it: the first one on a statement is no turn.
TURNS = """SELECT l.*, (SELECT p.content FROM claim_ledger p WHERE p.kind = 'verdict'
        AND p.document_id = l.document_id AND p.version = l.version AND p.place = l.place
        AND p.id < l.id ORDER BY p.id DESC LIMIT 1) AS before,
    (SELECT s.content FROM claim_ledger s WHERE s.kind = 'statement'
        AND s.document_id = l.document_id AND s.version = l.version AND s.place = l.place
        ORDER BY s.id DESC LIMIT 1) AS statement
FROM claim_ledger l WHERE l.kind = 'verdict' AND l.recorded_at > ? AND l.recorded_at <= ?
ORDER BY l.recorded_at DESC, l.id DESC"""


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """A statement as it is recorded: its words, their place in the text, and itself as JSON."""

    quote: str
    start: int
    end: int
    statement: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """A verdict as it is recorded: the finding as JSON, with its `verdict` and `class`.

    `clock` is that of the document, `checked_at` the later one that says what was superseded.
    `asked` are the queries behind it, each with `sql`, `params`, `as_of` and `mode`; `lake` the
    version of each dataset that they read.
    """

    clock: datetime
    mode: str
    checked_at: datetime
    finding: Mapping[str, Any]
    asked: Sequence[Mapping[str, Any]] = ()
    lake: Mapping[str, int] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Its word."""
        return str(self.finding["verdict"])

    @property
    def verdict_class(self) -> str:
        """Supported, contradicted or unverifiable."""
        return str(self.finding["class"])


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """A verdict with the number of its entry and when it was recorded."""

    entry: int
    recorded_at: datetime
    record: VerdictRecord


@dataclass(frozen=True, slots=True)
class LedgerClaim:
    """A statement of a version and its verdicts, the oldest first; none before its first check."""

    of: ChainPlace
    rule: str
    record: StatementRecord
    recorded_at: datetime
    verdicts: tuple[LedgerVerdict, ...]

    @property
    def latest(self) -> LedgerVerdict | None:
        """The verdict that stands."""
        return self.verdicts[-1] if self.verdicts else None


@dataclass(frozen=True, slots=True)
class TurnedClaim:
    """A claim whose verdict became another: what it was, and what it is since when."""

    document: Document
    of: ChainPlace
    quote: str
    before: str
    now: LedgerVerdict


@dataclass(frozen=True, slots=True)
class CheckedVersion:
    """A version and the state of the lake by which its claims were checked last."""

    document: Document
    lake: Mapping[str, Any]
    checked_at: datetime


def enter_statements(
    state: State,
    document: Document,
    rule: str,
    statements: Sequence[StatementRecord],
    *,
    edit: Edit,
) -> tuple[ChainPlace, ...]:
    """Record what a rule finds in a version, unless it was the last to go over it: their places,
    in their order. What stands where a statement stood before has its place and its verdicts."""
    rule = name(rule, "the version of the rules")
    contents = [
        {
            "rule": rule,
            "quote": one.quote,
            "start": one.start,
            "end": one.end,
            "statement": one.statement,
        }
        for one in statements
    ]
    with state.transaction() as connection:
        rows = connection.execute(STATEMENTS, (document.id, document.version, LATEST)).fetchall()
        before = [(row["place"], json.loads(row["content"])) for row in rows]
        known = {key: before[n][0] for n, key in enumerate(_spots(said for _, said in before))}
        first = max((place for place, _ in before), default=0) + 1
        new = itertools.count(first)
        places = tuple(
            ChainPlace(document.id, document.version, known.get(spot) or next(new))
            for spot in _spots(contents)
        )
        if not before or before[-1][1]["rule"] != rule:
            append(connection, "statement", zip(places, contents, strict=True), edit)
        return places


def _spots(contents: Iterable[Mapping[str, Any]]) -> list[tuple[object, ...]]:
    """Where each statement stands; several of one stretch are told apart by their order."""
    found: list[tuple[object, ...]] = []
    seen: Counter[tuple[object, ...]] = Counter()
    for said in contents:
        spot = said["rule"], said["start"], said["end"]
        seen[spot] += 1
        found.append((*spot[1:], seen[spot]))
    return found


def record_verdicts(
    state: State,
    verdicts: Sequence[tuple[ChainPlace, VerdictRecord]],
    *,
    edit: Edit,
    checked: Sequence[tuple[Document, Mapping[str, Any]]] = (),
) -> tuple[ChainPlace, ...]:
    """Record the verdicts that say something new, and by which state of the lake these versions
    are checked now: both or neither. The places whose verdict is another than before."""
    late = next((record for _, record in verdicts if record.checked_at > edit.at), None)
    if late is not None:
        raise ConfigError(f"a verdict of {stamp(late.checked_at)} cannot be recorded before that")
    with state.transaction() as connection:
        new = [
            (of, record) for of, record in verdicts if _last(connection, of) != _compared(record)
        ]
        for _, record in new:
            _keep_queries(connection, record)
        append(connection, "verdict", [(of, _content(record)) for of, record in new], edit)
        for document, lake in checked:
            connection.execute(
                "INSERT INTO claim_check (document_id, version, lake, checked_at)"
                " VALUES (?, ?, ?, ?) ON CONFLICT (document_id, version) DO UPDATE"
                " SET lake = excluded.lake, checked_at = excluded.checked_at",
                (document.id, document.version, canonical(lake), stamp(edit.at)),
            )
        return tuple(of for of, _ in new)


def claims_of(
    state: State, document_id: int, version: int, *, as_of: datetime
) -> tuple[LedgerClaim, ...]:
    """The statements of a version in the order of its text, each with its verdicts by a clock;
    those of the last rules that went over it by then."""
    bound = (document_id, version, stamp(as_of))
    with state.read() as connection:
        statements = [
            (row, json.loads(row["content"])) for row in connection.execute(STATEMENTS, bound)
        ]
        verdicts: dict[int, list[LedgerVerdict]] = {}
        for row in connection.execute(VERDICTS, bound):
            verdicts.setdefault(row["place"], []).append(_verdict(row))
    rule = statements[-1][1]["rule"] if statements else ""
    # Rules may come back to what they found before: then the last entry of a place stands.
    standing = {row["place"]: (row, said) for row, said in statements if said["rule"] == rule}
    found = (
        LedgerClaim(
            ChainPlace(document_id, version, place),
            rule,
            StatementRecord(said["quote"], said["start"], said["end"], said["statement"]),
            moment(row["recorded_at"]),
            tuple(verdicts.get(place, ())),
        )
        for place, (row, said) in standing.items()
    )
    return tuple(sorted(found, key=lambda claim: (claim.record.start, claim.of.place)))


def turned(
    state: State, *, since: datetime, as_of: datetime, side: Side | None = None
) -> tuple[TurnedClaim, ...]:
    """The claims whose verdict became another after `since` and by a clock, the last first; none
    of documents that had been withdrawn."""
    found: list[TurnedClaim] = []
    kept: dict[tuple[int, int], Document | None] = {}
    for row in state.rows(TURNS, (stamp(since), stamp(as_of))):
        before = json.loads(row["before"])["finding"]["verdict"] if row["before"] else None
        now = _verdict(row)
        if before is None or before == now.record.verdict:
            continue
        key = row["document_id"], row["version"]
        if key not in kept:
            kept[key] = documents.get(state, key[0], version=key[1], as_of=as_of)
        document = kept[key]
        if document is not None and side in (None, document.heading.side):
            of = ChainPlace(*key, row["place"])
            found.append(
                TurnedClaim(document, of, json.loads(row["statement"])["quote"], before, now)
            )
    return tuple(found)


def checked_versions(state: State, *, as_of: datetime) -> tuple[CheckedVersion, ...]:
    """The last version of each document that stands and was checked, with its state of the lake;
    a check that cannot be read is none."""
    rows = state.rows("SELECT * FROM claim_check WHERE json_valid(lake)")
    checks = {(row["document_id"], row["version"]): row for row in rows}
    return tuple(
        CheckedVersion(one, json.loads(row["lake"]), moment(row["checked_at"]))
        for one in documents.known(state, as_of=as_of)
        if (row := checks.get((one.id, one.version))) is not None
    )


def query_sql(state: State, sha256: str) -> str | None:
    """The text of a query behind a verdict."""
    row = state.row("SELECT sql FROM claim_query WHERE sha256 = ?", (sha256,))
    return None if row is None else str(row["sql"])


def _last(connection: sqlite3.Connection, of: ChainPlace) -> str | None:
    key = (of.document_id, of.version, of.place)
    row = connection.execute(LAST_VERDICT, key).fetchone()
    if row is None:
        return None
    said = json.loads(row["content"])
    return canonical({"mode": said["mode"], "clock": said["clock"], "finding": said["finding"]})


def _compared(record: VerdictRecord) -> str:
    said = {"mode": record.mode, "clock": stamp(record.clock), "finding": record.finding}
    return canonical(said)


def _content(record: VerdictRecord) -> dict[str, Any]:
    asked = [
        {key: value for key, value in one.items() if key != "sql"}
        | {"sha256": text_hash(one["sql"])}
        for one in record.asked
    ]
    return {
        "clock": stamp(record.clock),
        "mode": record.mode,
        "checked_at": stamp(record.checked_at),
        "finding": record.finding,
        "asked": asked,
        "lake": record.lake,
    }


def _keep_queries(connection: sqlite3.Connection, record: VerdictRecord) -> None:
    connection.executemany(
        "INSERT INTO claim_query (sha256, sql) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING",
        [(text_hash(one["sql"]), one["sql"]) for one in record.asked],
    )


def _verdict(row: Row) -> LedgerVerdict:
    said = json.loads(row["content"])
    record = VerdictRecord(
        moment(said["clock"]),
        said["mode"],
        moment(said["checked_at"]),
        said["finding"],
        tuple(said["asked"]),
        said["lake"],
    )
    return LedgerVerdict(row["id"], moment(row["recorded_at"]), record)
