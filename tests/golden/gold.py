"""The gold set of content checks: drafts, their claims by hand, and the plain rules behind them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from data.query import At

FOLDER = Path(__file__).parent / "claims"
CLASSES = {
    "supported": "supported",
    "within rounding": "supported",
    "superseded": "supported",
    "wrong value": "contradicted",
    "wrong period": "contradicted",
    "wrong direction": "contradicted",
    "unit error": "contradicted",
    "not in the lake": "unverifiable",
    "ambiguous": "unverifiable",
}
SLACK = 1e-9
# What is stated, the value found, and half a unit of the last digit that is printed.
RELATIONS: dict[str, Callable[[float, float, float], bool]] = {
    "=": lambda stated, value, half: _off(stated, value) <= half,
    "about": lambda stated, value, half: _off(stated, value) <= max(half, 0.025 * abs(stated)),
    ">": lambda stated, value, half: value > stated,
    "<": lambda stated, value, half: value < stated,
    "just below": lambda stated, value, half: 0.95 * stated <= value < stated,
    "multiple": lambda stated, value, half: value >= stated - 0.05,
    "half": lambda stated, value, half: value <= 0.505,
    "flat": lambda stated, value, half: abs(value) <= (half or 0.05),
}
Lake = Callable[[datetime], At]


@dataclass(frozen=True, slots=True)
class GoldDraft:
    """One file: a text with its clock, and every claim and decoy in it."""

    name: str
    text: str
    date: datetime
    checked_at: datetime
    world: str
    asides: tuple[str, ...]
    claims: tuple[dict[str, Any], ...]
    decoys: tuple[dict[str, Any], ...]

    @property
    def stretches(self) -> list[dict[str, Any]]:
        """Claims and decoys in the order of the text."""
        return sorted([*self.claims, *self.decoys], key=lambda part: part["span"][0])


@cache
def drafts(world: str) -> tuple[GoldDraft, ...]:
    """All drafts of a world, by name."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.toml"))]
    return tuple(draft for draft in found if draft.world == world)


def _read(path: Path) -> GoldDraft:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return GoldDraft(
        path.stem,
        raw["text"],
        raw["date"],
        raw["checked_at"],
        raw["world"],
        tuple(raw.get("asides", ())),
        tuple(raw.get("claim", ())),
        tuple(raw.get("decoy", ())),
    )


def found(lake: Lake, clock: datetime, proof: str) -> Any:
    """The one value of a proof under a clock."""
    frame = lake(clock).sql(proof).frame
    assert frame.shape == (1, 1), f"a proof gives one value: {proof}"
    value = frame.item()
    return value.isoformat() if isinstance(value, date) else value


def same(one: Any, other: Any) -> bool:
    """Equal, numbers as far as the file prints them."""
    if isinstance(one, bool) or isinstance(other, bool) or not (_number(one) and _number(other)):
        return bool(one == other)
    return abs(one - other) <= SLACK * max(1.0, abs(one), abs(other))


def _off(stated: float, value: float) -> float:
    return abs(value - stated) - SLACK * max(1.0, abs(stated))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def holds(claim: dict[str, Any], value: Any) -> bool:
    """Whether what was stated is true of a value, by the rule of its kind."""
    stated = claim["stated"]
    if claim["kind"] == "direction":
        return bool({"up": value > 0, "down": value < 0}[stated])
    if not _number(stated) or not _number(value):
        return bool(stated == value)
    rule = RELATIONS[claim.get("relation", "=")]
    return bool(rule(stated, value, claim.get("tolerance", 0)))


def moved_as_stated(claim: dict[str, Any]) -> bool:
    """Whether a level moved as the draft says; a smaller deficit is a greater balance."""
    moved = claim["moved"]
    if ":TRADEBAL:" in claim["subject"][0]:
        moved = -moved
    return bool({"up": moved > 0, "down": moved < 0, "flat": moved == 0}[claim["direction"]])
