"""The ledger of claims: what a clock has of it, what breaks its chain, two who write at once."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data.drafts.draft import DraftText
from data.errors import ConfigError
from data.state import claim_ledger, documents
from data.state.claim_ledger import StatementRecord, VerdictRecord
from data.state.db import State
from data.state.documents import Document, DocumentHeading
from data.state.hash_chain import START, ChainPlace, head, verify
from data.state.values import Edit
from tests.data.state.conftest import Spawn

At = Callable[[float], datetime]
Edits = Callable[..., Edit]
WORDS = StatementRecord("5.3%", 14, 18, {"measure": "level"})
QUERY = {"sql": "SELECT 1", "params": {"ids": ["x:A"]}, "as_of": "2024", "mode": "public"}


def verdict(
    at: datetime, word: str = "supported", value: float = 5.3, **more: Any
) -> VerdictRecord:
    finding = {"verdict": word, "class": "supported", "value": value}
    return VerdictRecord(at, "public", more.pop("checked_at", at), finding, (QUERY,), {"series": 3})


def entered(state: State, at: At, edit: Edits, *, side: Any = "ours", hours: float = 1) -> Document:
    heading = DocumentHeading(side, f"Rates of {side}", at(0))
    return documents.add(
        state, DraftText("Rates rose to 5.3%.", "text"), heading=heading, edit=edit(hours)
    )


@pytest.fixture
def full(state: State, at: At, edit: Edits) -> State:
    """Two documents, three statements, four verdicts, one of which turned, and a status."""
    for side in ("ours", "theirs"):
        document = entered(state, at, edit, side=side)
        places = claim_ledger.enter_statements(
            state, document, "1", [WORDS] * (2 if side == "ours" else 1), edit=edit(1)
        )
        claim_ledger.record_verdicts(
            state, [(of, verdict(at(0))) for of in places], edit=edit(1), checked=[(document, {})]
        )
    claim_ledger.record_verdicts(
        state, [(ChainPlace(1, 1, 2), verdict(at(0), "superseded"))], edit=edit(5)
    )
    documents.watch(state, 2, True, edit=edit(6))
    return state


def test_a_clock_has_what_was_recorded_by_then(full: State, at: At) -> None:
    assert claim_ledger.claims_of(full, 1, 1, as_of=at(0.9)) == ()
    first, second = claim_ledger.claims_of(full, 1, 1, as_of=at(4.9))
    assert [len(claim.verdicts) for claim in (first, second)] == [1, 1]
    assert second.latest is not None and second.latest.record.verdict == "supported"
    first, second = claim_ledger.claims_of(full, 1, 1, as_of=at(5))
    assert [one.record.verdict for one in second.verdicts] == ["supported", "superseded"]
    assert [one.recorded_at for one in second.verdicts] == [at(1), at(5)]
    assert first.record == WORDS and first.rule == "1" and first.of == ChainPlace(1, 1, 1)
    asked = second.verdicts[-1].record.asked[0]
    assert claim_ledger.query_sql(full, asked["sha256"]) == "SELECT 1"
    assert asked["params"] == QUERY["params"]


def test_what_turned_is_shown_from_its_date_on(full: State, at: At, edit: Edits) -> None:
    (found,) = claim_ledger.turned(full, since=at(1), as_of=at(5))
    assert (found.document.id, found.of.place, found.quote) == (1, 2, "5.3%")
    assert (found.before, found.now.record.verdict) == ("supported", "superseded")
    assert claim_ledger.turned(full, since=at(0), as_of=at(4.9)) == ()
    assert claim_ledger.turned(full, since=at(5), as_of=at(9)) == ()
    assert claim_ledger.turned(full, since=at(1), as_of=at(9), side="theirs") == ()
    documents.withdraw(full, 1, edit=edit(8))
    assert claim_ledger.turned(full, since=at(1), as_of=at(9)) == ()
    assert claim_ledger.turned(full, since=at(1), as_of=at(7)) == (found,)


def test_only_what_says_something_new_is_recorded(full: State, at: At, edit: Edits) -> None:
    of = ChainPlace(1, 1, 1)
    count = head(full).count
    again = [(of, verdict(at(0), checked_at=at(7)))]
    assert claim_ledger.record_verdicts(full, again, edit=edit(7)) == ()
    assert head(full).count == count
    other = [(of, verdict(at(0), value=5.4))]
    assert claim_ledger.record_verdicts(full, other, edit=edit(7)) == (of,)
    assert claim_ledger.record_verdicts(full, other, edit=edit(8)) == ()
    with pytest.raises(ConfigError, match="cannot be recorded before that"):
        claim_ledger.record_verdicts(full, [(of, verdict(at(0), checked_at=at(9)))], edit=edit(8))


def test_statements_are_entered_once_and_new_rules_find_their_own(
    full: State, at: At, edit: Edits
) -> None:
    document = documents.get(full, 1, as_of=at(9))
    assert document is not None
    count = head(full).count
    again = claim_ledger.enter_statements(full, document, "1", [WORDS] * 2, edit=edit(7))
    assert (again, head(full).count) == ((ChainPlace(1, 1, 1), ChainPlace(1, 1, 2)), count)
    other = StatementRecord("Rates", 0, 5, {})
    both = claim_ledger.enter_statements(full, document, "2", [WORDS, other], edit=edit(7))
    assert both == (ChainPlace(1, 1, 1), ChainPlace(1, 1, 3))
    rates, first = claim_ledger.claims_of(full, 1, 1, as_of=at(7))
    assert (rates.rule, rates.of.place, rates.latest) == ("2", 3, None)
    assert (first.of.place, len(first.verdicts)) == (1, 1)
    assert len(claim_ledger.claims_of(full, 1, 1, as_of=at(6))) == 2
    back = claim_ledger.enter_statements(full, document, "1", [WORDS] * 2, edit=edit(8))
    assert back == again
    found = claim_ledger.claims_of(full, 1, 1, as_of=at(8))
    assert [claim.of.place for claim in found] == [1, 2]


def test_versions_checked_are_the_last_that_stand(full: State, at: At, edit: Edits) -> None:
    found = claim_ledger.checked_versions(full, as_of=at(9))
    assert {(one.document.id, one.checked_at) for one in found} == {(1, at(1)), (2, at(1))}
    documents.withdraw(full, 2, edit=edit(7))
    assert [one.document.id for one in claim_ledger.checked_versions(full, as_of=at(9))] == [1]


def test_a_whole_chain_is_found_whole(full: State, state: State, tmp_path: Path) -> None:
    check = verify(full)
    assert (check.fault, check.head) == (None, head(full))
    assert check.head.count == len(full.rows("SELECT * FROM claim_ledger")) == 10
    assert verify(full, noted=check.head.hash).fault is None
    assert verify(full, noted=START).fault is None
    fault = verify(full, noted="f" * 64).fault
    assert fault is not None and "no entry has the noted hash" in fault.why
    empty = State.open(tmp_path / "empty.db")
    assert (verify(empty).head.count, verify(empty).fault) == (0, None)


TAMPERED = [
    ("UPDATE claim_ledger SET kind = 'status' WHERE id = 3", 3),
    ("UPDATE claim_ledger SET document_id = 2 WHERE id = 3", 3),
    ("UPDATE claim_ledger SET version = 2 WHERE id = 4", 4),
    ("UPDATE claim_ledger SET place = 9 WHERE id = 4", 4),
    ("UPDATE claim_ledger SET author = 'bob' WHERE id = 5", 5),
    ("UPDATE claim_ledger SET recorded_at = '2023' || substr(recorded_at, 5) WHERE id = 5", 5),
    ("UPDATE claim_ledger SET content = replace(content, '5.3', '5.2') WHERE id = 5", 5),
    ("UPDATE claim_ledger SET previous = 'x' WHERE id = 6", 6),
    ("UPDATE claim_ledger SET hash = 'x' WHERE id = 6", 6),
    ("UPDATE claim_ledger SET id = 99 WHERE id = 7", 7),
    ("DELETE FROM claim_ledger WHERE id = 1", 1),
    ("DELETE FROM claim_ledger WHERE id = 4", 4),
    ("UPDATE document SET side = 'theirs' WHERE id = 1", 1),
    *(
        (f"UPDATE document_version SET {column} = 'x' WHERE document_id = 2", 6)
        for column in (
            *("title", "author", "site", "url", "language", "format", "file_name", "published_at"),
            *("draft", "sha256", "entered_by", "entered_at", "note"),
        )
    ),
    ("UPDATE document_version SET version = 2 WHERE document_id = 2", 0),
    ("DELETE FROM document_version WHERE document_id = 2", 6),
    (
        "INSERT INTO document_version SELECT document_id, 2, title, author, site, url, language,"
        " format, file_name, published_at, draft, sha256, entered_by, entered_at, note"
        " FROM document_version WHERE document_id = 1",
        0,
    ),
    ("UPDATE claim_ledger SET content = CAST(content AS BLOB) WHERE id = 5", 5),
    ("UPDATE document_version SET draft = CAST(draft AS BLOB) WHERE document_id = 2", 6),
    ("UPDATE claim_query SET sql = 'SELECT 2'", 4),
    ("UPDATE claim_query SET sql = CAST(sql AS BLOB)", 4),
    ("DELETE FROM claim_query", 4),
]


@pytest.mark.parametrize(("change", "entry"), TAMPERED)
def test_whoever_changes_anything_is_found(
    full: State, tmp_path: Path, change: str, entry: int
) -> None:
    full.close()
    copy = tmp_path / "copy.db"
    shutil.copy(full.path, copy)
    connection = sqlite3.connect(copy)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (trigger,) in names:
        connection.execute(f"DROP TRIGGER {trigger}")
    assert connection.execute(change).rowcount > 0
    connection.commit()
    connection.close()
    fault = verify(State(copy)).fault
    assert fault is not None and fault.entry == entry, fault


WRITE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from data.state import claim_ledger
from data.state.claim_ledger import VerdictRecord
from data.state.db import State
from data.state.hash_chain import ChainPlace
from data.state.values import Edit
state = State.open(Path(sys.argv[1]))
at = datetime(2024, 1, 3, tzinfo=UTC)
for number in range(40):
    finding = {"verdict": sys.argv[2], "class": "x", "value": number}
    record = VerdictRecord(at, "public", at, finding)
    claim_ledger.record_verdicts(state, [(ChainPlace(1, 1, 1), record)], edit=Edit(sys.argv[2], at))
"""


def test_two_who_write_at_once_make_one_chain(full: State, spawn: Spawn) -> None:
    before = head(full).count
    children = [spawn(WRITE, full.path, word) for word in ("one", "two")]
    for child in children:
        _, said = child.communicate(timeout=60)
        assert child.returncode == 0, said
    check = verify(full)
    assert (check.fault, check.head.count) == (None, before + 80)
    rows = full.rows("SELECT author, content FROM claim_ledger WHERE id > ?", (before,))
    for word in ("one", "two"):
        mine = [json.loads(row["content"]) for row in rows if row["author"] == word]
        assert [said["finding"]["value"] for said in mine] == list(range(40))
