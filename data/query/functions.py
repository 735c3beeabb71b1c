"""The functions that a query may call, by kind, as `functions.toml` lists them."""

from __future__ import annotations

import tomllib
from pathlib import Path

LISTED = tomllib.loads((Path(__file__).parents[1] / "functions.toml").read_text(encoding="utf-8"))
INSTEAD: dict[str, str] = LISTED["instead"]


def _named(*kinds: str) -> frozenset[str]:
    return frozenset(name for kind in kinds for name in LISTED[kind].split())


SCALARS = _named("operators", "numbers", "texts", "times", "lists", "documents", "choices")
CHOOSING = _named("choosing")
AGGREGATES = _named("aggregates") | CHOOSING
ORDERED = _named("ordered")
WINDOWS = _named("windows")
ORDERED_WINDOWS = _named("ordered_windows")
TABLES = _named("tables")
ALLOWED = SCALARS | AGGREGATES | ORDERED | WINDOWS | ORDERED_WINDOWS
MACHINE_TIME = _named("machine_time")
OF_ENGINE = _named("of_engine")
