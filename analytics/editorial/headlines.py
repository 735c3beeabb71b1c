"""Headlines that promise what the text below them does not show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analytics.claims.naming.subjects import Named
from analytics.claims.sentences.direction_words import DirectionWord
from analytics.claims.statement import Quantity
from analytics.editorial.draft_reading import DraftReading, within
from analytics.editorial.finding import EditorialFinding, finding
from analytics.editorial.word_lists import same_subject
from data.drafts.draft import DraftBlock

LONGEST_HEADLINE = 300
NUMBER = "the text does not have the headline's {quote}: correct one of them"
OTHERWISE = "the headline says {quote}, and the text says the opposite of it: correct one of them"
SUBJECT = "the text says nothing of the headline's {quote}: change the headline"


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a headline speaks of, and of which country."""

    name: str
    countries: frozenset[str]


def headline_against_text(reading: DraftReading) -> Iterator[EditorialFinding]:
    """Numbers, directions and subjects of the headline that the text below does not bear out."""
    headline = headline_of(reading)
    if headline is None or not any(one.start >= headline.end for one in reading.prose()):
        return
    end = len(reading.text)
    numbers = within(reading.numbers, headline.end, end)
    for quantity in reading.measured_in(headline):
        if quantity.unit and not quantity.is_word and not _has_number(numbers, quantity):
            yield _remark(reading, quantity, NUMBER)
    names = within(reading.names, headline.end, end)
    below = {_subject(one) for one in names}
    missing = [one for one in _topics(reading, headline) if _subject(one) not in below]
    for one in missing:
        yield _remark(reading, one, SUBJECT)
    for word in within(reading.directions, headline.start, headline.end):
        if word.direction != "flat" and _is_otherwise(reading, headline, word):
            yield _remark(reading, word, OTHERWISE)


def headline_of(reading: DraftReading) -> DraftBlock | None:
    """The first heading of the highest level; a wall of words is none."""
    headings = [
        block
        for block in reading.blocks
        if block.kind == "heading" and block.end - block.start <= LONGEST_HEADLINE
    ]
    return min(headings, key=lambda block: (block.level, block.start), default=None)


def _remark(
    reading: DraftReading, place: Quantity | Named | DirectionWord, note: str
) -> EditorialFinding:
    quote = " ".join(reading.text[place.start : place.end].split())
    return finding(
        "headline", reading.text, place.start, place.end, note.format(quote=f"“{quote}”")
    )


def _has_number(numbers: Sequence[Quantity], wanted: Quantity) -> bool:
    """Whether a number of the same unit is the wanted one, as precisely as the headline says it."""
    return any(
        one.unit == wanted.unit
        and abs(abs(one.value) - abs(wanted.value)) <= max(one.half, wanted.half) * (1 + 1e-9)
        for one in numbers
    )


def _subject(name: Named) -> str:
    return same_subject(name.idea) if name.kind == "indicator" else "|".join(sorted(name.ids))


def _topics(reading: DraftReading, place: DraftBlock) -> list[Named]:
    return [one for one in reading.topics_in(place) if not one.is_weak and (one.ids or one.idea)]


def _subject_of(
    reading: DraftReading, start: int, end: int, word: DirectionWord
) -> _Subject | None:
    """What is nearest before a word that says which way, else behind it, with its countries."""
    names = within(reading.names, start, end)
    topics = [
        one
        for one in names
        if one.kind in ("indicator", "instrument", "company", "pair") and not one.is_weak
    ]
    before = [one for one in topics if one.end <= word.start]
    behind = [one for one in topics if one.start >= word.end]
    nearest = before[-1:] or behind[:1]
    if not nearest:
        return None
    countries = frozenset(one.ids[0] for one in names if one.kind == "country" and one.ids)
    return _Subject(_subject(nearest[0]), countries)


def _is_otherwise(reading: DraftReading, headline: DraftBlock, word: DirectionWord) -> bool:
    """Whether the text says the opposite of a subject, and never what the headline says."""
    promised = _subject_of(reading, headline.start, headline.end, word)
    if promised is None:
        return False
    wanted = _way(word)
    ways: set[str] = set()
    for sentence in reading.sentences:
        if sentence.start < headline.end:
            continue
        for said in within(reading.directions, sentence.start, sentence.end):
            found = _subject_of(reading, sentence.start, sentence.end, said)
            if found is None or found.name != promised.name or said.direction == "flat":
                continue
            if (
                not promised.countries
                or not found.countries
                or promised.countries & found.countries
            ):
                ways.add(_way(said))
    return bool(ways) and wanted not in ways


def _way(word: DirectionWord) -> str:
    turned = {"up": "down", "down": "up"}.get(word.direction, word.direction)
    return turned if word.is_negated else word.direction
