"""What a text speaks of most: the names it resolves, and the phrases it repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from analytics.claims.naming.subjects import Named
from analytics.editorial.draft_reading import TOPICS, DraftReading
from analytics.editorial.phrases import phrases_of
from analytics.editorial.word_lists import same_subject

FEWEST = 2
FEWEST_PHRASES = 3
MOST_TERMS = 12


@dataclass(frozen=True, slots=True)
class MainTopic:
    """What a text names most often; `is_in` says whether other words name it too."""

    label: str
    count: int
    is_in: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class KeyTerm:
    """A name or a phrase of the text, as it is first written, and how often it is there."""

    label: str
    count: int
    is_name: bool


def main_topic(reading: DraftReading) -> MainTopic | None:
    """The topic that is named most often, at least twice; else the phrase said most often."""
    named = _counted(reading)
    if named:
        subject, count = named.most_common(1)[0]
        if count >= FEWEST:
            ways = {_written(reading, one) for one in _topics(reading) if _key(one) == subject}
            first = next(one for one in _topics(reading) if _key(one) == subject)
            ways_of_it = re.compile(
                "|".join(rf"(?<!\w){re.escape(way)}" for way in sorted(ways, key=len)[::-1]), re.I
            )
            label = _written(reading, first)
            return MainTopic(label, count, lambda text: ways_of_it.search(text) is not None)
    phrases = phrases_of(reading)
    best = next(iter(phrases.items()), None)
    if best is None or len(best[1].sentences) < FEWEST_PHRASES:
        return None
    words, phrase = best
    return MainTopic(
        phrase.label, len(phrase.sentences), lambda text: words in " ".join(text.casefold().split())
    )


def key_terms_of(reading: DraftReading) -> list[KeyTerm]:
    """Names and repeated phrases, those said most often first."""
    first: dict[str, str] = {}
    for one in _topics(reading):
        first.setdefault(_key(one), _written(reading, one))
    terms = [KeyTerm(first[key], count, is_name=True) for key, count in _counted(reading).items()]
    terms += [
        KeyTerm(phrase.label, len(phrase.sentences), is_name=False)
        for phrase in phrases_of(reading).values()
        if len(phrase.sentences) >= FEWEST
    ]
    return sorted(terms, key=lambda term: (-term.count, term.label))[:MOST_TERMS]


def _counted(reading: DraftReading) -> Counter[str]:
    return Counter(_key(one) for one in _topics(reading))


def _topics(reading: DraftReading) -> list[Named]:
    own = [block for block in reading.blocks if not block.part]
    return [
        one
        for block in own
        for one in reading.names_in(block)
        if one.kind in TOPICS and not one.is_weak
    ]


def _key(name: Named) -> str:
    return same_subject(name.idea) if name.kind == "indicator" else "|".join(sorted(name.ids))


def _written(reading: DraftReading, name: Named) -> str:
    return " ".join(reading.text[name.start : name.end].split())
