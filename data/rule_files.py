"""The plain files that decide what is shown, each with the hash of its content.

They are read once per process, and the answers kept in it are of that version; receipts name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from data.disk import sha256

ROOT = Path(__file__).resolve().parents[1]
RULE_FILES = (
    "analytics/bias.toml", "analytics/ranking.toml", "analytics/regimes.toml",
    "analytics/venues.toml", "data/functions.toml", "data/vocabulary.csv",
)  # fmt: skip


@cache
def rule_files() -> Mapping[str, str]:
    """The first sixteen digits of each file's SHA-256."""
    return {name: sha256(ROOT / name)[:16] for name in RULE_FILES}


def changed_since(receipt: Mapping[str, object]) -> list[str]:
    """Files that are not what they were when the receipt was made; those it does not name count."""
    named = receipt.get("rule_files")
    then = named if isinstance(named, Mapping) else {}
    return [name for name, version in rule_files().items() if then.get(name) != version]
