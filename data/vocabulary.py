"""The vocabulary of indicators: one table that every source list, the demo world and page reads.

A word that it lacks has no meaning here: no dimension of its own, no direction, no name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from data.errors import ConfigError
from data.fields import DIMENSIONS
from data.word_lists import word_lines

FILE = Path(__file__).with_suffix(".csv")
UNITS = ("percent", "index", "money", "count", "rate", "time", "flag")
SEASONS = ("sa", "nsa", "either")
BETTER = ("higher", "lower", "neither")
# More inflation is more inflation and a tighter policy is a tighter one: neither has a negative.
POSITIVE = ("inflation", "policy")
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "unit": UNITS,
    "dimension": DIMENSIONS,
    "direction": ("1", "-1", "0"),
    "season": SEASONS,
    "better": BETTER,
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One word and what it means; `line` is where the file says so."""

    word: str
    name: str
    unit: str
    dimension: str
    direction: int
    season: str
    better: str
    line: int


COLUMNS = tuple(field.name for field in fields(Indicator))[:-1]


@cache
def vocabulary(path: Path = FILE) -> Mapping[str, Indicator]:
    """Every word of the file, in its order; a line that cannot be right is refused by number."""
    found: dict[str, Indicator] = {}
    for line, row in word_lines(path, "vocabulary", COLUMNS, ALLOWED):
        if row["dimension"] in POSITIVE and row["direction"] == "-1":
            raise ConfigError(
                f"{path.name}:{line}: {row['dimension']} counts upwards; expected direction 1 or 0"
            )
        sign = int(row.pop("direction"))
        found[row["word"]] = Indicator(**row, direction=sign, line=line)
    return found


def meaning(word: str) -> Indicator | None:
    """What a word means, by itself or by how it begins; nothing where the vocabulary lacks it."""
    indicators = vocabulary()
    if word in indicators:
        return indicators[word]
    begins = [key for key in indicators if key.endswith("*") and word.startswith(key[:-1])]
    return indicators[max(begins, key=len)] if begins else None


def sign(word: str) -> tuple[str, int]:
    """Dimension and direction of a word: `other` and none where the vocabulary lacks it."""
    found = meaning(word)
    return (found.dimension, found.direction) if found else ("other", 0)


def good(word: str) -> int:
    """The sign with which a rise is coloured; 0 where neither way is better or nothing is known."""
    found = meaning(word)
    return {"higher": 1, "lower": -1}.get(found.better, 0) if found else 0


def named(word: str) -> str:
    """The name on the screen: the vocabulary's, else the word itself."""
    found = meaning(word)
    return word if found is None or found.word.endswith("*") else found.name


def labels(words: Iterable[str]) -> dict[str, str]:
    """A name for each word, with the word beside it where two of them share a name."""
    names = {word: named(word) for word in words}
    shared = Counter(names.values())
    return {word: name if shared[name] == 1 else f"{name} ({word})" for word, name in names.items()}
