"""Notes of refused replies: the newest by the clock, and what strangers wrote stays text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pages.lake.rejects import NOTE_BYTES, listed

WHEN = datetime(2026, 11, 20, 9, 30, 0, 250_000, tzinfo=UTC)


def write(folder: Path, source: str, at: datetime, content: str) -> None:
    home = folder / source
    home.mkdir(parents=True, exist_ok=True)
    (home / f"{at:%Y%m%dT%H%M%S%f}-0a1b2c3d.json").write_text(content, encoding="utf-8")


def test_newest_first_over_all_sources_and_none_of_the_future(tmp_path: Path) -> None:
    for minutes, source in enumerate(("fred", "ecb", "fred", "boe")):
        note = json.dumps({"problem": "upstream", "reason": f"n{minutes}", "status": 500})
        write(tmp_path, source, WHEN + timedelta(minutes=minutes), note)
    found = listed(tmp_path, at=WHEN + timedelta(minutes=2))
    assert [(line["source"], line["reason"]) for line in found] == [
        ("fred", "n2"),
        ("ecb", "n1"),
        ("fred", "n0"),
    ]
    assert found[-1]["at"] == WHEN
    assert found[-1]["status"] == 500
    assert [line["reason"] for line in listed(tmp_path, at=WHEN, limit=1)] == ["n0"]
    assert listed(tmp_path / "none", at=WHEN) == []


@pytest.mark.parametrize("content", ["", "{]", "[1, 2]", "null", '{"reason": "' + "x" * NOTE_BYTES])
def test_note_that_cannot_be_read_says_so(tmp_path: Path, content: str) -> None:
    write(tmp_path, "fred", WHEN, content)
    (line,) = listed(tmp_path, at=WHEN)
    assert "cannot be read" in line["reason"]
    assert line["source"] == "fred"


def test_strange_values_become_short_text(tmp_path: Path) -> None:
    note = {"reason": ["<b>", 1], "status": {"a": 1}, "problem": "x" * 900, "url": "a\n b"}
    write(tmp_path, "fred", WHEN, json.dumps(note))
    (line,) = listed(tmp_path, at=WHEN)
    assert line["reason"] == "['<b>', 1]"
    assert line["status"] == "{'a': 1}"
    assert len(line["problem"]) == 400
    assert line["url"] == "a b"


def test_names_of_no_instant_are_listed_without_one(tmp_path: Path) -> None:
    (tmp_path / "fred").mkdir()
    (tmp_path / "fred" / "0notes.json").write_text("{}")
    (tmp_path / "fred" / "20261120T093000250000-ab.body").write_text("{}")
    (line,) = listed(tmp_path, at=WHEN)
    assert line["at"] is None
