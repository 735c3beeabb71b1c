"""The plain files and the code that decide what is shown, by the hash of their content.

They are read once per process, and the answers kept in it are of that version; receipts name it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from data.disk import sha256

ROOT = Path(__file__).resolve().parents[2]
CODE = (".py", ".sql", ".toml", ".csv")
RULE_FILES = (
    "analytics/bias.toml",
    "analytics/ranking.toml",
    "analytics/regimes.toml",
    "analytics/venues.toml",
    "data/functions.toml",
    "data/vocabulary.csv",
)


@cache
def rule_files() -> Mapping[str, str]:
    """The first sixteen digits of each file's SHA-256."""
    return {name: sha256(ROOT / name)[:16] for name in RULE_FILES}


@cache
def code_version() -> str:
    """One hash of all code and files of ours that a figure may come from."""
    found = (
        path
        for folder in ("analytics", "data")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in CODE and path.is_file()
    )
    every = [f"{path.relative_to(ROOT)} {sha256(path)}" for path in found]
    return hashlib.sha256("\n".join(every).encode()).hexdigest()[:16]


def changed_since(receipt: Mapping[str, object]) -> list[str]:
    """Files that are not what they were when the receipt was made; those it does not name count."""
    named = receipt.get("rule_files")
    then = named if isinstance(named, Mapping) else {}
    return [name for name, version in rule_files().items() if then.get(name) != version]
