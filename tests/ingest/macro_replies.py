"""Replies for the sources of macro data, and what their rows must hold whatever came."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.datasets import DATASETS
from data.lake.conform import conform
from ingest.jobs import Call, Parsed, Reply, ReplyError, Source

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>x</body></html>"


def reply(
    body: object,
    url: str = "",
    status: int = 200,
    *,
    now: datetime = NOW,
    headers: dict[str, str] | None = None,
) -> Reply:
    """A reply with this body; anything but bytes and text is written as JSON."""
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return Reply(
        Call(url), status, headers or {}, raw if isinstance(raw, bytes) else raw.encode(), now
    )


def recorded(shared: Path, name: str) -> Reply:
    """The recorded response `folder/file` with the request and status of its provenance."""
    folder, _, file = name.partition("/")
    text = (shared / "recorded" / "PROVENANCE.md").read_text()
    section = re.split(rf"(?m)^## {folder}$", text)[1].split("\n## ")[0]
    row = re.search(rf"(?m)^\| `{re.escape(file)}` \| \d+ \| (\d*) \| `([^`]*)`", section)
    assert row, f"{name} has no provenance"
    body = (shared / "recorded" / folder / file).read_bytes()
    address = re.search(r"https?://\S+", row[2])  # of a POST the body stands behind it
    return reply(body, address[0] if address else row[2], int(row[1] or 200))


def files(shared: Path, folder: str) -> list[str]:
    """Every recorded response of a source."""
    return sorted(f"{folder}/{path.name}" for path in (shared / "recorded" / folder).iterdir())


def held(parsed: Parsed) -> dict[str, pl.DataFrame]:
    """Tables that keep their contracts; what is no dataset is given as read."""
    found = {}
    for name, table in parsed.tables.items():
        if name in DATASETS:
            found[name] = conform(DATASETS[name], table, workspace="live")
            assert found[name].height == table.num_rows, f"{name}: rows that were twice there"
        else:
            assert name.startswith("read:")
            found[name] = pl.DataFrame(pl.from_arrow(table))
    return found


def rows(source: Source, answer: Reply, dataset: str) -> list[dict[str, Any]]:
    """Rows of one dataset, as they would lie in the lake."""
    return held(source.parse(answer))[dataset].to_dicts()


def problem(source: Source, answer: Reply) -> ReplyError:
    """The refusal of a reply that is no data."""
    with pytest.raises(ReplyError) as caught:
        source.parse(answer)
    assert str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def survives(source: Source, answer: Reply) -> None:
    """Rows that keep their contracts, or a refusal; nothing else."""
    try:
        parsed = source.parse(answer)
    except ReplyError as error:
        assert str(error)
        return
    held(parsed)
