"""The words of the four languages that numbers and dates of a draft are written with, out of
`words/*.toml`, and the patterns made of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, get_args

from analytics.claims.statement import Language

FOLDER = Path(__file__).parent / "words"
LANGUAGES: tuple[Language, ...] = get_args(Language)
SPACE = "[ \u00a0]"
GAP = SPACE + "{0,18}"  # an entity of HTML leaves as many as it had characters


@cache
def table(name: str) -> Mapping[str, Any]:
    """One file of words: a language, or `units`."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def keys_of(section: str, language: Language | None = None) -> Mapping[str, str]:
    """Word in small letters -> key of `section`, of one language or of all; the first one wins."""
    found: dict[str, str] = {}
    for name in [language] if language else LANGUAGES:
        for key, words in table(name).get(section, {}).items():
            if isinstance(words, list):
                for word in words:
                    found.setdefault(word.lower(), key)
    return found


@cache
def unit_words(section: str) -> Mapping[str, str]:
    """Word in small letters -> unit, scale or currency of a section of `units.toml`."""
    sections = table("units")[section].items()
    return {word.lower(): key for key, words in sections for word in words}


def any_of(words: Iterable[str]) -> str:
    """A group that matches each of the words, the longest first, whatever space is in it."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", f"{SPACE}+") for word in ordered) + ")"


def phrase(found: str) -> str:
    """Matched words as they stand in the tables: small letters, single spaces."""
    return " ".join(found.lower().split())


@cache
def numbers() -> str:
    """A pattern of a number in words, up to twenty, in one of the languages."""
    return any_of(keys_of("numbers"))


def number_of(word: str) -> int | None:
    """A number or an ordinal in digits or in words: `12`, `twelve`, `zwölften`, `3rd`, `2e`."""
    text = phrase(word)
    digits = re.match(r"[0-9]{1,4}(?![0-9])", text)
    if digits:
        return int(digits[0])
    found = keys_of("numbers").get(text) or keys_of("ordinals").get(text)
    return int(found) if found else None


@cache
def common_words() -> frozenset[str]:
    """Function words of all languages: what may follow a plain number that counts nothing."""
    return frozenset(word for name in LANGUAGES for word in table(name)["common"].split())


@cache
def language_votes() -> Mapping[str, Mapping[Language, int]]:
    """What a word says of the language around it: two for one that a single language has."""
    of: dict[str, set[Language]] = {}
    for name in LANGUAGES:
        words = set(table(name)["common"].split()) | set(table(name)["nouns"].split())
        for section in ("months", "weekdays", "periods", "numbers", "ordinals"):
            words |= set(keys_of(section, name))
        for word in words:
            of.setdefault(word, set()).add(name)
    return {
        word: dict.fromkeys(names, 2 if len(names) == 1 else 1)
        for word, names in of.items()
        if len(names) < len(LANGUAGES)
    }


TOKEN = re.compile(r"[^\W_]+")
# A number that words may go on from: "12 months", "3rd", "1Q24", "2024 Q1".
COUNTING = re.compile(r"[0-9]+(?:[^\W\d_]|[ \u00a0.'/ºª-]{1,9}[^\W\d_])")
PRINTED = "0"


@lru_cache(maxsize=2)
def _places(text: str) -> Mapping[str, list[int]]:
    """Word in small letters -> where it stands; numbers that words follow are under `PRINTED`."""
    found: dict[str, list[int]] = {}
    for token in TOKEN.finditer(text):
        word = token[0]
        if word[0].isdigit():
            if COUNTING.match(text, token.start()):
                found.setdefault(PRINTED, []).append(token.start())
        else:
            found.setdefault(word.lower(), []).append(token.start())
    return found


def first_words(phrases: Iterable[str]) -> frozenset[str]:
    """What each of the phrases begins with."""
    tokens = (TOKEN.search(words) for words in phrases)
    return frozenset(token[0].lower() for token in tokens if token)


def matches(pattern: re.Pattern[str], firsts: Iterable[str], text: str) -> Iterator[re.Match[str]]:
    """Matches that begin with one of some words, in order and apart.

    Trying a pattern of many words at every character of a hundred pages takes minutes; where its
    first words stand is known from one reading of the text.
    """
    places = _places(text)
    end = 0
    for place in sorted(place for word in firsts for place in places.get(word, ())):
        found = pattern.match(text, place) if place >= end else None
        if found:
            end = found.end()
            yield found
