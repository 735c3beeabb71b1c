"""Statements of records, extremes and their days: "the largest fall since May", "an all-time low of
1.97 on 24 April"."""

from __future__ import annotations

from dataclasses import replace

from analytics.claims.naming.candidates import candidates
from analytics.claims.sentences.around import Around
from analytics.claims.sentences.passages import Passage
from analytics.claims.sentences.subject_kinds import are_changes
from analytics.claims.sentences.superlatives import Superlative, superlatives
from analytics.claims.statement import Quantity, Statement


def extremes(around: Around, passage: Passage) -> list[Statement]:
    """Those of a passage whose subject is named."""
    found = [
        _extreme(around, words, passage)
        for words in superlatives(around.draft.text, passage, around.periods.mentions)
    ]
    return [statement for statement in found if statement is not None]


def _extreme(around: Around, words: Superlative, passage: Passage) -> Statement | None:
    """What a superlative states of the subject that its sentence is about."""
    place = Quantity(words.start, words.end, 0.0, 0.0)
    period = words.period or around.periods.of(place, passage)
    grain = period.grain if period else None
    found = candidates(around.reach(place, passage), around.directory, grain=grain)
    if found.state == "unnamed" or (words.direction and are_changes(found.subjects)):
        return None
    made = Statement(
        words.start,
        words.end,
        words.measure,
        found.subjects,
        words.quantity,
        period,
        words.compare,
        words.direction,
        sense=words.sense,
        is_open=words.is_open,
    )
    return replace(made, doubt=around.doubts.of(made, passage, has_word=False))
