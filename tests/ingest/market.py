"""Replies to put through a source's parse, and what must hold whatever comes back."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from data.datasets import DATASETS
from data.lake.conform import conform
from ingest.jobs import Call, Parsed, Problem, Reply, ReplyError, Source

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>"
PROBLEMS = ("empty", "client", "auth", "quota", "upstream", "blocked")
Facts = dict[str, list[dict[str, Any]]]


def reply(
    body: object, url: str = "", status: int = 200, now: datetime = NOW, **headers: str
) -> Reply:
    """A reply with this body; anything but bytes and text is written as JSON."""
    raw = body if isinstance(body, bytes) else body if isinstance(body, str) else json.dumps(body)
    content = raw if isinstance(raw, bytes) else raw.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(Call(url), status, named, content, now)


@functools.cache
def provenance(folder: Path) -> Mapping[str, tuple[int, str]]:
    """Status and request of each recorded file, by `source/file`."""
    found: dict[str, tuple[int, str]] = {}
    section = ""
    for line in (folder / "PROVENANCE.md").read_text().splitlines():
        section = line[3:].strip() if line.startswith("## ") else section
        if row := re.match(r"\| `([^`]+)` \| \d+ \| (\d+) \| `([^`]+)`", line):
            found[f"{section}/{row[1]}"] = (int(row[2]), row[3])
    return found


def recorded(shared: Path, name: str, url: str | None = None) -> Reply:
    """The recorded reply `source/file` with its own request, or with a fuller one."""
    folder = shared / "recorded"
    status, request = provenance(folder)[name]
    status = 200 if status == 101 else status
    return reply((folder / name).read_bytes(), request if url is None else url, status)


def names(shared: Path, source: str) -> list[str]:
    """Every recorded file of a source."""
    return sorted(f"{source}/{path.name}" for path in (shared / "recorded" / source).iterdir())


def checked(parsed: Parsed) -> Facts:
    """Rows per table, after every table of a dataset was held against its contract."""
    found: Facts = {}
    for name, table in parsed.tables.items():
        if name.startswith("read:"):
            found[name] = table.to_pylist()
            continue
        frame = conform(DATASETS[name], table, workspace="live")
        found[name] = frame.drop("ingested_at", "superseded_at").to_dicts()
    return found


def rows(source: Source, answer: Reply) -> Facts:
    """The same, straight from a reply."""
    return checked(source.parse(answer))


def problem(source: Source, answer: Reply) -> Problem:
    """The class of a reply that is no data; a message must say something."""
    with pytest.raises(ReplyError) as raised:
        source.parse(answer)
    assert str(raised.value).strip()
    return raised.value.problem


def survives(source: Source, answer: Reply) -> None:
    """Whatever the body, there are rows that fit their contract or a classified error."""
    try:
        parsed = source.parse(answer)
    except ReplyError as error:
        assert error.problem in PROBLEMS
        return
    assert parsed.rows >= 0


def mangled(body: bytes) -> st.SearchStrategy[bytes]:
    """The body cut short, or with some bytes replaced by others."""
    cut = st.integers(0, len(body) - 1).map(lambda end: body[:end])
    place = st.tuples(st.integers(0, len(body) - 1), st.binary(min_size=0, max_size=4))
    return cut | st.lists(place, min_size=1, max_size=5).map(lambda marks: _marked(body, marks))


def _marked(body: bytes, marks: list[tuple[int, bytes]]) -> bytes:
    for at, new in marks:
        body = body[:at] + new + body[at + len(new) :]
    return body


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())
