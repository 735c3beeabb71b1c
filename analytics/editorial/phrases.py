"""Phrases that a text repeats: two or three words in a row that are said of no time or number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from analytics.claims.naming.names import plain
from analytics.claims.reading.quantities import Stretches
from analytics.claims.reading.words import common_words, keys_of
from analytics.claims.statement import Language
from analytics.editorial.draft_reading import DraftReading, within
from analytics.editorial.word_lists import table

TOKEN = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]{2,})*|[0-9]+")
SHORTEST = 3
LONGEST_PHRASE = 3
ENDINGS: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?<=[a-z]{3}[^s])s$"),
    "de": re.compile(r"(?<=\w{4})(?:en|er|es|e|n|s)$"),
    "fr": re.compile(r"(?<=\w{4})(?:es|s|x)$"),
    "es": re.compile(r"(?<=\w{4})(?:es|s)$"),
}


@dataclass(slots=True)
class Phrase:
    """A phrase as first written, and where the sentences and headings begin that have it."""

    label: str
    sentences: list[int] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)


def phrases_of(reading: DraftReading) -> dict[str, Phrase]:
    """The phrases of a text by their stems, those of most sentences first and of these the longest;
    part of a longer one only where it stands alone too."""
    found: dict[str, Phrase] = {}
    for place in reading.sentences:
        for stem, label in _phrases(reading, place.start, place.end):
            phrase = found.setdefault(stem, Phrase(label))
            if not phrase.sentences or phrase.sentences[-1] != place.start:
                phrase.sentences.append(place.start)
    for block in reading.blocks:
        if block.kind == "heading" and not block.part:
            for stem, label in _phrases(reading, block.start, block.end):
                phrase = found.setdefault(stem, Phrase(label))
                if not phrase.headings or phrase.headings[-1] != block.start:
                    phrase.headings.append(block.start)
    parts = _parts(found)
    kept = {stem: phrase for stem, phrase in found.items() if stem not in parts}
    return dict(
        sorted(kept.items(), key=lambda one: (-len(one[1].sentences), -len(one[0]), one[0]))
    )


def _parts(found: Mapping[str, Phrase]) -> set[str]:
    """Phrases that stand nowhere but in one longer phrase."""
    parts = set()
    for stem, phrase in found.items():
        words = stem.split()
        for length in range(2, len(words)):
            for first in range(len(words) - length + 1):
                part = " ".join(words[first : first + length])
                if _places(phrase) > 1 and _places(found[part]) == _places(phrase):
                    parts.add(part)
    return parts


def _places(phrase: Phrase) -> int:
    return len(phrase.sentences) + len(phrase.headings)


def _phrases(reading: DraftReading, start: int, end: int) -> Iterator[tuple[str, str]]:
    """Every phrase of a stretch, by its stem and as written."""
    for run in _runs(reading, start, end):
        for first in range(len(run)):
            for last in range(first + 1, min(first + LONGEST_PHRASE, len(run))):
                words = run[first : last + 1]
                label = " ".join(reading.text[words[0][0] : words[-1][1]].split())
                yield " ".join(stem for _, _, stem in words), label


def _runs(reading: DraftReading, start: int, end: int) -> Iterator[list[tuple[int, int, str]]]:
    """Words in a row that could make a phrase."""
    text = reading.text
    named = (one for one in within(reading.names, start, end) if not one.is_weak)
    apart = Stretches(
        (one.start, one.end)
        for found in (
            named,
            within(reading.directions, start, end),
            within(reading.times, start, end),
        )
        for one in found
    )
    run: list[tuple[int, int, str]] = []
    for match in TOKEN.finditer(text, start, end):
        is_beside = not run or text[run[-1][1] : match.start()] in (" ", "\u00a0", "\n")
        is_word = _is_content(match[0], reading.language) and not apart.meets(*match.span())
        if run and not (is_beside and is_word):
            yield run
            run = []
        if is_word:
            run.append((*match.span(), stem_of(match[0], reading.language)))
    if run:
        yield run


def _is_content(word: str, language: Language) -> bool:
    small = word.casefold()
    return len(word) >= SHORTEST and not word[0].isdigit() and small not in _no_phrase(language)


@cache
def _no_phrase(language: Language) -> frozenset[str]:
    listed: Sequence[str] = [*table("phrases")[language], *table("phrases")["en"]]
    times = [
        word
        for section in ("months", "weekdays", "periods", "numbers", "ordinals")
        for word in keys_of(section)
    ]
    return common_words() | frozenset(word.casefold() for word in [*listed, *times])


def stem_of(word: str, language: Language) -> str:
    """A word without capitals, accents and the ending of its plural."""
    return ENDINGS[language].sub("", plain(word))
