"""Data sets that a job has stored are not asked for again, and only those."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ingest.jobs import Call, Edition
from ingest.runs.cache import call_id
from ingest.runs.editions import EMPTY_FOR, StoredEditions
from ingest.runs.journal import Journal, Stored, Tally
from ingest.runs.runner import _added_up

NOW = datetime(2024, 3, 11, 13, 0, tzinfo=UTC)


def call(name: str, part: int, mark: str = "1") -> Call:
    """One of the calls that an edition takes."""
    return Call(f"https://example.org/{name}/{part}", edition=Edition(name, mark))


def test_a_journal_gives_a_call_back_with_its_edition(tmp_path: Path) -> None:
    dated = Edition("a", "7", NOW, NOW + timedelta(hours=1))
    calls = [
        Call("https://example.org", {"x": "1"}, edition=dated),
        Call("https://example.org/b", edition=Edition("b", "8")),
        Call("https://example.org/c"),
    ]
    journal = Journal.of(tmp_path, "job", NOW)
    journal.write([], calls, [], Tally())
    assert journal.read().follow == calls


@pytest.mark.parametrize("seed", range(30))
def test_an_edition_is_stored_when_all_its_calls_are(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    asked = [call(name, part) for name in "abcde" for part in range(chance.randrange(1, 4))]
    done = {call_id(each) for each in asked if chance.random() < 0.7}
    StoredEditions.of(tmp_path, "job").remember(Stored(done=done, follow=asked), (), NOW)
    found = StoredEditions.of(tmp_path, "job")
    for name in "abcde":
        is_whole = all(call_id(each) in done for each in asked if each.url.split("/")[3] == name)
        assert found.has(Edition(name, "1"), NOW) == is_whole
        assert not found.has(Edition(name, "2"), NOW)
    assert not StoredEditions.of(tmp_path, "other").marks


def test_an_empty_answer_is_believed_for_a_week(tmp_path: Path) -> None:
    asked = call("a", 1)
    stored = StoredEditions.of(tmp_path, "job")
    stored.remember(Stored(done={call_id(asked)}, follow=[asked]), {"a"}, NOW)
    assert stored.has(Edition("a", "1"), NOW + EMPTY_FOR - timedelta(seconds=1))
    assert not stored.has(Edition("a", "1"), NOW + EMPTY_FOR)


def test_who_never_had_a_turn_goes_first_then_who_had_it_longest_ago(tmp_path: Path) -> None:
    asked = [call(name, 1) for name in "abcd"]
    stored = StoredEditions.of(tmp_path, "job")
    stored.remember(Stored(done={call_id(asked[1])}, follow=asked), (), NOW, {"a", "b"})
    stored.remember(Stored(), (), NOW + timedelta(days=1), {"a"})
    found = StoredEditions.of(tmp_path, "job")
    turns = [each.edition.name for each in found.in_turn(asked) if each.edition]
    assert turns == ["c", "d", "b", "a"]
    assert not found.has(Edition("a", "1"), NOW)
    assert found.has(Edition("b", "1"), NOW)


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    stored = StoredEditions.of(tmp_path, "job")
    stored.path.write_text('[["a", "1", ""], ["b", "1", "2024-03-12T00:00:00+00:00"]]')
    found = StoredEditions.of(tmp_path, "job")
    assert all(found.has(Edition(name, "1"), NOW) for name in "ab")
    assert not found.has(Edition("b", "1"), NOW + timedelta(days=1))


UNREADABLE = (
    *("", "{", "[1]", '[["a"]]', '{"a": 1}', "\udcff", "[" * 100_000),
    *('[["a", "1", "soon"]]', '[["a", "1", "2024-03-12T00:00:00"]]', '[["a", "1", "", "", ""]]'),
)


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    stored = StoredEditions.of(tmp_path, "job")
    stored.path.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert not StoredEditions.of(tmp_path, "job").marks


def test_counted_rows_of_several_replies_are_added_up() -> None:
    notes = ["page 1", "1 row left out: of groups; cut", "1,200 rows left out: of groups", "page 1"]
    assert _added_up(notes) == ["page 1", "cut", "1,201 rows left out: of groups"]
    assert _added_up(["1 row left out: x"]) == ["1 row left out: x"]
    assert _added_up(["data of 2024; or so", "b", "c", "d"]) == ["data of 2024; or so", "b", "c"]
