"""Lines of company accounts: one table that sources, the demo world, analytics and pages read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from data.word_lists import word_lines

FILE = Path(__file__).with_suffix(".csv")
STATEMENTS = ("income", "balance", "cash", "shares")
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "statement": STATEMENTS,
    "kind": ("instant", "duration"),
    "unit": ("money", "per_share", "shares", "percent"),
}
TAXONOMIES: Mapping[str, str] = {"us_gaap": "us-gaap", "ifrs_full": "ifrs-full", "dei": "dei"}


@dataclass(frozen=True, slots=True)
class Concept:
    """One line of accounts; tags stand in order of preference, without prefix."""

    concept: str
    label: str
    statement: str
    kind: str
    unit: str
    us_gaap: tuple[str, ...]
    ifrs_full: tuple[str, ...]
    dei: tuple[str, ...]

    @property
    def is_instant(self) -> bool:
        """Whether it is a balance at the end of a day."""
        return self.kind == "instant"


COLUMNS = tuple(field.name for field in fields(Concept))


@cache
def concepts(path: Path = FILE) -> Mapping[str, Concept]:
    """Every line of the file, in its order; a line that cannot be right is refused by number."""
    found: dict[str, Concept] = {}
    for _, row in word_lines(path, "concepts", COLUMNS, ALLOWED):
        tags = {name: () if row[name] == "-" else tuple(row[name].split()) for name in TAXONOMIES}
        found[row["concept"]] = Concept(
            row["concept"], row["label"], row["statement"], row["kind"], row["unit"], **tags
        )
    return found


@cache
def concepts_by_tag(taxonomy: str) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Tag of a taxonomy (us-gaap, ifrs-full, dei) to its concepts and place in their preference."""
    column = {prefix: name for name, prefix in TAXONOMIES.items()}[taxonomy]
    found: dict[str, list[tuple[str, int]]] = {}
    for concept in concepts().values():
        for place, tag in enumerate(getattr(concept, column)):
            found.setdefault(tag, []).append((concept.concept, place))
    return {tag: tuple(pairs) for tag, pairs in found.items()}
