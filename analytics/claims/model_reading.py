"""What a model reads in a draft that the rules did not, judged like any other statement.

A model points: to words, to one of the subjects it was shown, to a period. It never says whether
something is so. Refuses what it points to that does not stand in the draft, or that the rules have
read already, so that no verdict of theirs can change by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from analytics.claims.check import CheckedStatement
from analytics.claims.judging.judge import judge_many
from analytics.claims.naming.directory import SubjectDirectory, directory_of
from analytics.claims.naming.subjects import named
from analytics.claims.reading.dates import day_span, month_span, months_span, year_span
from analytics.claims.reading.quantities import quantities
from analytics.claims.reading.time_words import mentions
from analytics.claims.sentences.compose import statements
from analytics.claims.sentences.doubts import is_supposed, is_turned_round
from analytics.claims.sentences.passages import passages
from analytics.claims.statement import Direction, Language, Quantity, Span, Statement, Subject
from data.drafts.draft import DraftText
from data.query import At

ProposedMeasure = Literal["level", "close", "change", "percent change", "average", "direction"]
PROPOSED_MEASURES: tuple[ProposedMeasure, ...] = get_args(ProposedMeasure)
MOST_SUBJECTS = 150
PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(\d{2})(?:-(\d{2}))?))?")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model says that words in [start, end) of a draft state. `value` is as the words have
    it; without one they state a direction. `period` is 2024, 2024-Q1, 2024-05 or 2024-05-31."""

    start: int
    end: int
    subject: str
    measure: ProposedMeasure
    value: float | None = None
    period: str | None = None
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class ModelReading:
    """Statements by the model's reading with the verdicts of the lake, and why others were left."""

    checked: tuple[CheckedStatement, ...]
    left_out: tuple[str, ...]


def subjects_for(at: At, draft: DraftText, *, language: Language = "en") -> tuple[Subject, ...]:
    """The closed list that a model may choose from: what the draft names, and the shown series of
    each country that it names; at most 150, in the order of the text."""
    directory = directory_of(at)
    names = named(draft.text, 0, len(draft.text), directory, language)
    countries = {name.ids[0] for name in names if name.kind == "country" and name.ids}
    symbols = [one for name in names if name.kind == "instrument" for one in name.ids]
    words = {one for name in names if name.kind == "indicator" for one in name.ids}
    found = [directory.instruments[one] for one in symbols if one in directory.instruments]
    for is_named in (True, False):
        for indicator, series in directory.series.items():
            if (indicator in words) == is_named:
                found += [one.subject for one in series if one.country in countries]
    return tuple(dict.fromkeys(found))[:MOST_SUBJECTS]


def by_the_model(
    at: At,
    draft: DraftText,
    proposals: Sequence[Proposal],
    *,
    language: Language = "en",
    later: At | None = None,
) -> ModelReading:
    """The proposals as statements, with their verdicts; what the rules read is passed over."""
    reader = _ProposalReader.of(at, draft, language)
    made: list[Statement] = []
    left_out: list[str] = []
    for proposal in proposals:
        found = reader.statement(proposal)
        if isinstance(found, str):
            left_out.append(found)
        elif not any(_overlap(found, other) for other in made):
            made.append(found)
    checked = [
        CheckedStatement(draft.text[one.start : one.end], one, finding)
        for one, finding in zip(made, judge_many(at, made, later), strict=True)
    ]
    return ModelReading(tuple(checked), tuple(left_out))


def with_picks(
    at: At,
    checked: Sequence[CheckedStatement],
    picks: Mapping[int, str],
    *,
    later: At | None = None,
) -> dict[int, CheckedStatement]:
    """Ambiguous statements judged again for the candidate that was picked, by their place in
    `checked`. What is not ambiguous, and a pick that is no candidate, is passed over."""
    chosen: dict[int, Statement] = {}
    for place, subject in picks.items():
        if not 0 <= place < len(checked) or checked[place].finding.verdict != "ambiguous":
            continue
        statement = checked[place].statement
        found = [one for one in statement.candidates if one.id == subject]
        if len(found) == 1:
            chosen[place] = replace(statement, candidates=(found[0],))
    findings = judge_many(at, list(chosen.values()), later)
    return {
        place: CheckedStatement(checked[place].quote, statement, finding)
        for (place, statement), finding in zip(chosen.items(), findings, strict=True)
    }


@dataclass(frozen=True, slots=True)
class _ProposalReader:
    """What stands in the draft by the rules: its numbers, its periods, what was read already."""

    draft: DraftText
    subjects: Mapping[str, Subject]
    numbers: Sequence[Quantity]
    periods: frozenset[Span]
    known: Sequence[Statement]
    supposed: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, at: At, draft: DraftText, language: Language) -> _ProposalReader:
        text, clock, directory = draft.text, at.as_of.date(), directory_of(at)
        spans = mentions(text, clock, language)
        known = statements(draft, language=language, clock=clock, directory=directory)
        supposed = [
            (passage.start, passage.end)
            for passage in passages(draft)
            if is_supposed(text, passage, language)
        ]
        return cls(
            draft,
            _by_id(directory),
            quantities(text, language),
            frozenset(mention.span for mention in spans),
            known,
            supposed,
        )

    def statement(self, proposal: Proposal) -> Statement | str:
        """The statement, or why there is none."""
        start, end = proposal.start, proposal.end
        if not 0 <= start < end <= len(self.draft.text):
            return "It points to words outside the draft."
        if any(first < end and start < last for first, last in self.supposed):
            return "The words suppose or expect something, and state nothing."
        subject = self.subjects.get(proposal.subject)
        if subject is None:
            return "The lake has no such subject at this time."
        period = period_span(proposal.period) if proposal.period else None
        if proposal.period and (period is None or period not in self.periods):
            return f"The draft names no period {proposal.period[:20]}."
        return self._built(proposal, subject, period)

    def _built(self, proposal: Proposal, subject: Subject, period: Span | None) -> Statement | str:
        quantity = self._quantity(proposal)
        if isinstance(quantity, str):
            return quantity
        if quantity is None and proposal.direction is None:
            return "It names neither a number nor a direction."
        made = Statement(
            proposal.start if quantity is None else quantity.start,
            proposal.end if quantity is None else quantity.end,
            "direction" if quantity is None else proposal.measure,
            (subject,),
            quantity,
            period,
            direction=proposal.direction,
        )
        if any(_overlap(made, other) for other in self.known):
            return "The rules have read these words already."
        return made

    def _quantity(self, proposal: Proposal) -> Quantity | None | str:
        """The number as the rules read it in these words: the model's own is only a pointer."""
        if proposal.measure == "direction" or proposal.value is None:
            return None
        inside = [
            one for one in self.numbers if proposal.start <= one.start and one.end <= proposal.end
        ]
        near = [one for one in inside if _is_near(abs(one.value), abs(proposal.value))]
        near = near or [
            one for one in inside if _is_near(abs(one.value) / one.scale, abs(proposal.value))
        ]
        if any(is_turned_round(self.draft.text, one) for one in near):
            return "The words deny the number."
        if len(near) != 1:
            return "The number does not stand in these words, or stands there more than once."
        return near[0]


def period_span(text: str) -> Span | None:
    """The span that 2024, 2024-Q1, 2024-05 or 2024-05-31 names."""
    found = PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    year = int(found[1])
    try:
        if found[2]:
            return months_span(year, int(found[2]) * 3 - 2, 3)
        if found[4]:
            return day_span(date(year, int(found[3]), int(found[4])))
        if found[3]:
            return month_span(year, date(year, int(found[3]), 1).month)
        return year_span(year)
    except ValueError:
        return None


def _by_id(directory: SubjectDirectory) -> dict[str, Subject]:
    series = (one.subject for found in directory.series.values() for one in found)
    return {**{one.id: one for one in series}, **directory.instruments}


def _is_near(one: float, two: float) -> bool:
    return abs(one - two) <= 1e-9 * max(1.0, abs(one), abs(two))


def _overlap(one: Statement, two: Statement) -> bool:
    return one.start < two.end and two.start < one.end
