"""The replies that could not be used, from the notes beside them; the bodies are never opened.

A note is data of strangers: it is read as text with a limit, and one that cannot be read says so.
"""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from data.clock import parse_instant
from data.errors import ConfigError

SHOWN = 40
NOTE_BYTES = 64 * 1024
FIELDS = ("problem", "reason", "status", "url", "bytes")


def listed(folder: Path, *, at: datetime, limit: int = SHOWN) -> list[dict[str, Any]]:
    """The newest by this clock; names begin with the instant of the reply."""
    by = f"{at:%Y%m%dT%H%M%S%f}~"
    names = ((name, home) for home in _homes(folder) for name in _notes(home) if name <= by)
    return [_note(home, name) for name, home in heapq.nlargest(limit, names)]


def _homes(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry) for entry in os.scandir(folder) if entry.is_dir())
    except OSError:
        return []


def _notes(home: Path) -> Iterator[str]:
    try:
        yield from (name for name in os.listdir(home) if name.endswith(".json"))
    except OSError:
        return


def _note(home: Path, name: str) -> dict[str, Any]:
    line: dict[str, Any] = {"source": home.name, "file": name, "at": _instant(name)}
    try:
        with (home / name).open("rb") as file:
            raw = json.loads(file.read(NOTE_BYTES))
        fields = {field: _plain(raw.get(field)) for field in FIELDS}
    except (OSError, ValueError, AttributeError):
        fields = dict.fromkeys(FIELDS) | {"reason": "the note beside the reply cannot be read"}
    return line | fields


def _plain(value: object) -> object:
    """A note holds texts and whole numbers; anything else is shown as the text it is."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return " ".join(str(value).split())[:400]


def _instant(name: str) -> datetime | None:
    stem = name.partition("-")[0]
    try:
        return parse_instant(datetime.strptime(stem + "+0000", "%Y%m%dT%H%M%S%f%z").isoformat())
    except (ValueError, ConfigError):
        return None
