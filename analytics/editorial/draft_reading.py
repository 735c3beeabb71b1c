"""A draft read once for all editorial checks: paragraphs, sentences, numbers, times and names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from analytics.claims.naming.directory import SubjectDirectory
from analytics.claims.naming.subjects import Named, named
from analytics.claims.reading.quantities import quantities
from analytics.claims.reading.time_words import mentions
from analytics.claims.sentences.direction_words import DirectionWord, direction_words
from analytics.claims.sentences.passages import Passage, passages
from analytics.claims.statement import Language, Mention, Quantity
from analytics.editorial.word_lists import pattern
from data.drafts.draft import DraftBlock, DraftText

PROSE = ("paragraph", "list item", "quotation")
COUNTED = frozenset({"months", "quarters", "years", "days", "meetings", "times"})
TOPICS = ("indicator", "instrument", "company", "pair")
LEAST_BARE = 1_000.0
LONGEST_SENTENCE = 3_000  # characters: a wall of words without an end is looked at in pieces
BARE_DECIMAL = re.compile(r"[0-9][.,][0-9]")


class InDraft(Protocol):
    """What stands in [start, end) of the text."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""


T = TypeVar("T", bound=InDraft)


def within(found: Sequence[T], start: int, end: int) -> Sequence[T]:
    """Of things in the order of the text those that begin in a stretch of it."""
    first = bisect_left(found, start, key=lambda one: one.start)
    last = bisect_left(found, end, lo=first, key=lambda one: one.start)
    return found[first:last]


@dataclass(frozen=True, slots=True)
class DraftReading:
    """What the checks look at; all in the order of the text, and of the draft's own text alone:
    menus, adverts and the foot of a page are no part of it."""

    draft: DraftText
    language: Language
    clock: date
    blocks: Sequence[DraftBlock]
    sentences: Sequence[Passage]
    numbers: Sequence[Quantity]
    times: Sequence[Mention]
    names: Sequence[Named]
    directions: Sequence[DirectionWord]

    @property
    def text(self) -> str:
        """The draft's text."""
        return self.draft.text

    def prose(self) -> Iterator[DraftBlock]:
        """Paragraphs, items of lists and quotations."""
        return (block for block in self.blocks if block.kind in PROSE)

    def sentences_in(self, block: DraftBlock) -> Iterator[Passage]:
        """The sentences of a block."""
        return iter(within(self.sentences, block.start, block.end))

    def numbers_in(self, place: InDraft) -> Sequence[Quantity]:
        """The quantities of a stretch."""
        return within(self.numbers, place.start, place.end)

    def measured_in(self, place: InDraft) -> list[Quantity]:
        """The quantities of a stretch that are data, and no counts of what the text speaks of."""
        return [one for one in self.numbers_in(place) if self.is_measured(one)]

    def is_measured(self, quantity: Quantity) -> bool:
        """Whether a quantity is of a unit, or printed as nobody prints a count of things."""
        if quantity.unit:
            return quantity.unit not in COUNTED
        printed = self.text[quantity.start : quantity.end]
        is_long = abs(quantity.value) >= LEAST_BARE or bool(BARE_DECIMAL.search(printed))
        return is_long and not quantity.is_word

    def times_in(self, place: InDraft) -> Sequence[Mention]:
        """The times of a stretch."""
        return within(self.times, place.start, place.end)

    def names_in(self, place: InDraft) -> Sequence[Named]:
        """The names of a stretch."""
        return within(self.names, place.start, place.end)

    def topics_in(self, place: InDraft) -> list[Named]:
        """What a stretch can be about: indicators, instruments, companies and pairs, the surest."""
        found = [one for one in self.names_in(place) if one.kind in TOPICS]
        return [one for one in found if not one.is_weak] or found

    def says(self, name: str, place: InDraft) -> re.Match[str] | None:
        """The first of the words of a list in a stretch."""
        return pattern(self.language, name).search(self.text, place.start, place.end)


def reading_of(
    draft: DraftText, *, language: Language, clock: date, directory: SubjectDirectory
) -> DraftReading:
    """A draft by the clock that is its date."""
    text = draft.text
    blocks = [block for block in draft.blocks if not block.part or block.kind == "heading"]
    own = [(block.start, block.end) for block in blocks if not block.part]
    starts = [start for start, _ in own]

    def is_own(passage: Passage) -> bool:
        at = bisect_left(starts, passage.start + 1) - 1
        return at >= 0 and passage.start < own[at][1]

    return DraftReading(
        draft,
        language,
        clock,
        blocks,
        [
            piece
            for one in passages(draft)
            if one.kind == "sentence" and is_own(one)
            for piece in _pieces(text, one)
        ],
        quantities(text, language),
        mentions(text, clock, language),
        named(text, 0, len(text), directory, language),
        direction_words(text, language),
    )


def _pieces(text: str, sentence: Passage) -> Iterator[Passage]:
    """A sentence; one without an end in pieces, so that what it costs grows with its length."""
    start = sentence.start
    while sentence.end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
        stop = cut if cut > start else start + LONGEST_SENTENCE
        yield replace(sentence, start=start, end=stop)
        start = stop
    yield replace(sentence, start=start)
