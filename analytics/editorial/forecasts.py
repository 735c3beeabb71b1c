"""Forecasts that a draft states as if they had happened."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.claims.sentences.passages import Passage
from analytics.claims.statement import Quantity
from analytics.editorial.draft_reading import DraftReading
from analytics.editorial.finding import EditorialFinding, finding
from analytics.editorial.word_lists import pattern

NOTE = "a forecast is stated as fact: say whose it is, or write that it is expected"


def forecasts_as_fact(reading: DraftReading) -> Iterator[EditorialFinding]:
    """Sentences with a number of the future that nobody is said to expect and nothing has
    settled."""
    for sentence in reading.sentences:
        if reading.says("hedged", sentence) or reading.says("settled", sentence):
            continue
        numbers = reading.measured_in(sentence)
        if numbers and (place := _stretch_of(reading, sentence, numbers)):
            yield finding("forecast_as_fact", reading.text, *place, NOTE)


def _stretch_of(
    reading: DraftReading, sentence: Passage, numbers: list[Quantity]
) -> tuple[int, int] | None:
    """From the word of the future to the number that it tells."""
    found = reading.says("future", sentence)
    verbs = pattern(reading.language, "future_verb")
    needs_verb = verbs.pattern != "(?!)"
    if found and (not needs_verb or verbs.search(reading.text, found.end(), sentence.end)):
        behind = [one for one in numbers if one.start >= found.end()]
        before = [one for one in numbers if one.end <= found.start()]
        if behind:
            return found.start(), behind[0].end
        if before and needs_verb:
            return before[-1].start, found.end()
    is_ahead = any(
        time.span.first > reading.clock and time.role == "of" for time in reading.times_in(sentence)
    )
    if (is_ahead or reading.says("next", sentence)) and any(
        sentence.start <= word.start < sentence.end for word in reading.directions
    ):
        return numbers[0].start, numbers[0].end
    return None
