"""The words by which analysts name things, and where they stand in a text.

The tables beside this module have them by language. A name is found as whole words, the longest
first; a capital in a table has to be a capital in the text.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from analytics.claims.statement import Language
from data.errors import ConfigError

FOLDER = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("en", "de", "fr", "es")
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("", "s", "es"),
    "de": ("", "e", "n", "s", "en", "er", "es", "em", "ns"),
    "fr": ("", "s", "e", "es", "ne", "nes"),
    "es": ("", "s", "o", "a", "os", "as", "es"),
}
NameKind = Literal[
    "indicator", "part", "country", "instrument", "company", "concept", "currency", "pair", "tenor"
]
WORD = re.compile(r"[^\W_]+")
# What may stand between two words of one name, and in the names that a market writes.
GAP = re.compile(r"[^\S\n]{1,2}|[^\S\n]?\n[^\S\n]?|[-‐‑–/.]|['’‘]\s?|\s?&(?:amp;)?\s?")
LOOSE_GAP = re.compile(r"[\s:=^.\-/(,]{1,3}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: where it stands, as written, and as it is compared."""

    start: int
    end: int
    raw: str
    plain: str


@dataclass(frozen=True, slots=True)
class NameSense:
    """What a name stands for. `needs_market` says that it is a word of the language as well, and
    means this only beside a word of the market; `is_family` that it is part of longer names."""

    kind: NameKind | Literal["silent"]
    ids: tuple[str, ...]
    idea: str = ""
    is_weak: bool = False
    own: Language | None = None
    needs_market: bool = False
    is_family: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A name as words; `capitals` of each: 0 as one likes, 1 the first letter, 2 all of them."""

    words: tuple[str, ...]
    capitals: tuple[int, ...]
    meaning: NameSense
    is_loose: bool = False


@dataclass(slots=True)
class NameIndex:
    """Names by their first word, the longest first."""

    by_first: dict[str, list[Entry]] = field(default_factory=dict)

    def add(
        self, name: str, meaning: NameSense, *, capitals: int | None = None, is_loose: bool = False
    ) -> None:
        """Take in a name; its capitals are those it is written with unless `capitals` says so."""
        found = [match.group() for match in WORD.finditer(name)]
        words = tuple(plain(word) for word in found)
        if not words or not all(words):
            return
        wanted = tuple(case_of(word) if capitals is None else capitals for word in found)
        entries = self.by_first.setdefault(words[0], [])
        entries.append(Entry(words, wanted, meaning, is_loose))

    def sorted(self) -> NameIndex:
        """The same with the longest names first and none twice."""
        for first, entries in self.by_first.items():
            once = dict.fromkeys(entries)
            self.by_first[first] = sorted(once, key=lambda entry: -len(entry.words))
        return self

    def longest(self, text: str, tokens: Sequence[Token], place: int) -> list[Entry]:
        """The longest names that begin with a word of the text."""
        found: list[Entry] = []
        for entry in self.by_first.get(tokens[place].plain, ()):
            if found and len(entry.words) < len(found[0].words):
                break
            if _stands(entry, text, tokens, place):
                found.append(entry)
        return found


def _stands(entry: Entry, text: str, tokens: Sequence[Token], place: int) -> bool:
    if place + len(entry.words) > len(tokens):
        return False
    for step, word in enumerate(entry.words):
        token = tokens[place + step]
        if token.plain != word or not _has_capitals(token.raw, entry.capitals[step]):
            return False
        if step and not _is_gap(text, tokens[place + step - 1], token, entry.is_loose):
            return False
    return True


def _has_capitals(raw: str, wanted: int) -> bool:
    if not wanted or not raw[0].isalpha():
        return True
    return raw.isupper() if wanted == 2 else raw[0].isupper()


def _is_gap(text: str, before: Token, after: Token, is_loose: bool) -> bool:
    between = text[before.end : after.start]
    if GAP.fullmatch(between) or (between == ". " and len(before.raw) <= 2):
        return True
    return is_loose and bool(LOOSE_GAP.fullmatch(between))


def case_of(word: str) -> int:
    """Which capitals a name asks for by the way it is written."""
    if word.isupper():
        return 2
    return int(word[0].isupper())


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """A word without capitals and accents."""
    bare = unicodedata.normalize("NFKD", word.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(mark for mark in bare if not unicodedata.combining(mark))


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """The words in [start, end) of a text."""
    found = WORD.finditer(text, start, end)
    return [Token(m.start(), m.end(), m.group(), plain(m.group())) for m in found]


@dataclass(frozen=True, slots=True)
class Idea:
    """What a table knows of an indicator: the words of the vocabulary that it may be, in tiers."""

    key: str
    tiers: tuple[tuple[str, ...], ...]
    each: bool = False
    places: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All of them, the best first."""
        return tuple(word for tier in self.tiers for word in tier)


@cache
def table(name: str) -> Mapping[str, Any]:
    """A table of names."""
    try:
        return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{name}.toml cannot be read: {error}") from None


@cache
def ideas() -> Mapping[str, Idea]:
    """Every indicator that has names."""
    return {
        key: Idea(
            key,
            tuple(map(tuple, part["tiers"])),
            part.get("each", False),
            tuple(part.get("in", ())),
        )
        for key, part in table("indicator_names").items()
        if "tiers" in part
    }


@cache
def word_list(part: str, name: str) -> frozenset[str]:
    """A list of single words of the market table."""
    return frozenset(plain(word) for word in table("market_names")[part][name])


@cache
def known_names() -> NameIndex:
    """All names that do not depend on a lake; goods and indexes are in `goods`."""
    index = NameIndex()
    _add_indicators(index)
    _add_places(index)
    markets = table("market_names")
    for code, part in markets["currency"].items():
        _add(index, part, NameSense("currency", (code,)))
    for code in markets["codes"]["currencies"]:
        if code not in markets["codes"]["words"]:
            index.add(code, NameSense("currency", (code,)))
    for name, pair in markets["pairs"].items():
        index.add(name, NameSense("pair", tuple(pair)))
    for country, part in markets["bond"].items():
        _add(index, part, NameSense("country", (country,)))
        _add(index, part, _indicator("government_yield"))
    for concept, part in markets["account"].items():
        _add(index, part, NameSense("concept", (concept,), concept))
        if ratio := part.get("ratio"):
            _add(index, ratio, NameSense("concept", (concept,), ratio["name"]))
    return index.sorted()


def _add_indicators(index: NameIndex) -> None:
    raw = table("indicator_names")
    for key in ideas():
        _add(index, raw[key], _indicator(key))
    for name, part in raw["part"].items():
        _add(index, part, NameSense("part", tuple(part["narrows"]), name))
    _add(index, raw["silent"], NameSense("silent", ()))


def _add_places(index: NameIndex) -> None:
    for country, part in table("place_names").items():
        place = NameSense("country", (country,))
        _add(index, part, place)
        for bank in part.get("banks", ()):
            index.add(bank, place)
            index.add(
                bank, NameSense("indicator", ideas()["policy_rate"].words, "policy_rate", True)
            )
        for capital in part.get("capitals", ()):
            index.add(capital, NameSense("country", (country,), is_weak=True))


def _indicator(key: str) -> NameSense:
    return NameSense("indicator", ideas()[key].words, key)


def _add(index: NameIndex, part: Mapping[str, Any], meaning: NameSense) -> None:
    for name, found in spelled(part, meaning):
        index.add(name, found)


def spelled(part: Mapping[str, Any], meaning: NameSense) -> Iterator[tuple[str, NameSense]]:
    """Every name of a part of a table in all its endings, with what it means."""
    for language in LANGUAGES:
        for key, is_weak in ((language, part.get("kind") == "weak"), (f"weak_{language}", True)):
            for written in part.get(key, ()):
                own = language if written.endswith("=") else None
                found = NameSense(meaning.kind, meaning.ids, meaning.idea, is_weak, own)
                for name in _endings(written.rstrip("="), language):
                    yield name, found


def _endings(written: str, language: str) -> Iterable[str]:
    if not written.endswith("~"):
        return (written,)
    return (written[:-1] + ending for ending in ENDINGS[language])
