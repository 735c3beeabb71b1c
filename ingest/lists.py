"""The names to fetch: plain CSV files in ingest/universe/ that an analyst edits in any editor.

Blank lines and lines that begin with # are skipped. Each file is read once per process.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

from data.errors import ConfigError

FOLDER = Path(__file__).resolve().parent / "universe"


@functools.cache
def listed(name: str, key: str) -> Mapping[str, Mapping[str, str]]:
    """The rows of universe/<name>.csv by the value of their column `key`."""
    path = FOLDER / f"{name}.csv"
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read the list {path}: {error.strerror}") from None
    names = [line for line in lines if line.strip() and not line.startswith("#")]
    found: dict[str, Mapping[str, str]] = {}
    for row in csv.DictReader(names):
        if None in row or None in row.values() or key not in row:
            raise ConfigError(f"{path.name}: {dict(row)} has too few or too many columns")
        word = row[key].strip()
        if not word or word in found:
            raise ConfigError(f"{path.name}: {word!r} is empty or stands there twice")
        found[word] = {column: value.strip() for column, value in row.items()}
    return found


def entry(name: str, value: str, key: str = "id") -> Mapping[str, str]:
    """One row of a list; empty for what it lacks."""
    return listed(name, key).get(value, {})
