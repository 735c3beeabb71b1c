"""Lines of company accounts: one table that sources, the demo world, analytics and pages read."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from data.errors import ConfigError

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
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot read the concepts {path}: {error.strerror}") from None
    pairs = [(n, text) for n, text in enumerate(lines, 1) if text.strip() and text[0] != "#"]
    if not pairs or tuple(pairs[0][1].split(",")) != COLUMNS:
        raise ConfigError(f"{path.name}: expected the columns {','.join(COLUMNS)}")
    found: dict[str, Concept] = {}
    for (line, _), cells in zip(pairs[1:], csv.reader(t for _, t in pairs[1:]), strict=True):
        read = _read(f"{path.name}:{line}", [cell.strip() for cell in cells])
        if read.concept in found:
            raise ConfigError(f"{path.name}:{line}: {read.concept!r} stands there twice; keep one")
        found[read.concept] = read
    return found


def _read(place: str, cells: list[str]) -> Concept:
    if len(cells) != len(COLUMNS) or not all(cells):
        raise ConfigError(f"{place}: expected {len(COLUMNS)} filled columns, found {cells}")
    row = dict(zip(COLUMNS, cells, strict=True))
    for column, allowed in ALLOWED.items():
        if row[column] not in allowed:
            raise ConfigError(
                f"{place}: {column} {row[column]!r}; expected one of {', '.join(allowed)}"
            )
    words = {name: () if row[name] == "-" else tuple(row[name].split()) for name in TAXONOMIES}
    return Concept(
        row["concept"], row["label"], row["statement"], row["kind"], row["unit"], **words
    )


@cache
def concepts_by_tag(taxonomy: str) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Tag of a taxonomy (us-gaap, ifrs-full, dei) to its concepts and place in their preference."""
    column = {prefix: name for name, prefix in TAXONOMIES.items()}[taxonomy]
    found: dict[str, list[tuple[str, int]]] = {}
    for concept in concepts().values():
        for place, tag in enumerate(getattr(concept, column)):
            found.setdefault(tag, []).append((concept.concept, place))
    return {tag: tuple(pairs) for tag, pairs in found.items()}
