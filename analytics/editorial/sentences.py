"""Sentences that are too long to be read once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analytics.editorial.draft_reading import DraftReading
from analytics.editorial.finding import EditorialFinding, finding
from analytics.editorial.word_lists import table

WORD = re.compile(r"[^\W_]+(?:['’.,/‑-][^\W_]+)*")
LONG = "the sentence has {count} words, more than {most}: split it"


def long_sentences(reading: DraftReading) -> Iterator[EditorialFinding]:
    """Sentences of more words than their language bears."""
    most = table("rules")["longest_sentence"][reading.language]
    for sentence in reading.sentences:
        count = word_count(reading.text[sentence.start : sentence.end])
        if count > most:
            note = LONG.format(count=count, most=most)
            start = (
                sentence.start
                + len(reading.text[sentence.start : sentence.end])
                - len(reading.text[sentence.start : sentence.end].lstrip())
            )
            yield finding("long_sentence", reading.text, start, sentence.end, note)


def word_count(text: str) -> int:
    """How many words a text has; a number is one, and so is what a hyphen joins."""
    return sum(1 for _ in WORD.finditer(text))
