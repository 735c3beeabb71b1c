"""The words of a draft that say where something went, and whether they are denied."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analytics.claims.statement import Direction, Language

FILE = Path(__file__).with_name("direction_words.toml")
WAYS: tuple[Direction, ...] = ("up", "down", "flat")
OTHER_CLAUSE = re.compile(r"[;:]\s")  # what is denied before it is denied there alone
BEFORE = 24  # characters before a word in which a denial of it may stand


@dataclass(frozen=True, slots=True)
class DirectionWord:
    """A word in [start, end) that says which way; `leads` says what a number after it would be:
    the level that was reached, or how far it went; none where no such word follows."""

    start: int
    end: int
    direction: Direction
    is_negated: bool
    leads: str | None


def direction_words(text: str, language: Language) -> list[DirectionWord]:
    """Every such word, in order. English words count in drafts of other languages as well."""
    found: list[DirectionWord] = []
    for spoken in dict.fromkeys((language, "en")):
        ways, denied, leads = _patterns(spoken)
        for match in ways.finditer(text):
            if any(other.start < match.end() and match.start() < other.end for other in found):
                continue
            first = OTHER_CLAUSE.split(text[max(0, match.start() - BEFORE) : match.start()])[-1]
            before = first + text[match.start() : match.end() + 8]
            direction = next(way for way in WAYS if match.group(way))
            after = leads.match(text, match.end())
            kind = after and next(name for name in ("reached", "moved") if after.group(name))
            found.append(
                DirectionWord(
                    match.start(), match.end(), direction, bool(denied.search(before)), kind
                )
            )
    return sorted(found, key=lambda word: word.start)


@cache
def _patterns(
    language: Language,
) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    ways = "|".join(f"(?P<{way}>{any_ending(raw[way][language])})" for way in WAYS)
    leads = "|".join(
        f"(?P<{name}>{any_ending(raw[name][language])})" for name in ("reached", "moved")
    )
    flags = re.IGNORECASE
    return (
        re.compile(rf"(?<!\w)(?:{ways})(?!\w)", flags),
        re.compile(
            rf"(?:(?<!\w)|(?<=\w)(?=n't))(?:{any_ending(raw['negation'][language])})(?!\w)", flags
        ),
        re.compile(rf"\s+(?:{leads})(?!\w)", flags),
    )


def any_ending(words: list[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "|".join(_pattern(word) for word in sorted(words, key=len, reverse=True))


def _pattern(word: str) -> str:
    parts = []
    for part in word.split():
        if part == "*":  # up to ten words of the sentence between
            parts.append(r"(?:(?:[^\s;]*[^\s;.!?]|Mrd\.|Mio\.)\s+){0,10}?")
        else:
            parts.append(re.escape(part).replace(r"\*", r"\w*") + r"\s+")
    return "".join(parts).removesuffix(r"\s+")
