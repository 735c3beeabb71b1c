"""The statements of a draft: each quantity with what it is of, of which period, and which way.

What a quantity does not say itself is taken from the nearest words: subjects by `nearest`, periods
from its sentence or the heads of its cell, the way it went from the word before it. Numbers that no
subject is near are no statements. What a draft states without a number is read beside: movements,
extremes, and one country against others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from analytics.claims.naming.candidates import Candidates, candidates, of_publisher
from analytics.claims.naming.directory import SubjectDirectory
from analytics.claims.sentences.around import COMPARES, Around, Placed
from analytics.claims.sentences.comparisons import comparisons
from analytics.claims.sentences.doubts import is_supposed, is_turned_round
from analytics.claims.sentences.extremes import extremes
from analytics.claims.sentences.measure_words import measure_of, signed
from analytics.claims.sentences.moves import OF_SIGN, PERFECT, RATED, moves
from analytics.claims.sentences.passages import Passage, passages
from analytics.claims.sentences.period_words import before_the_year
from analytics.claims.sentences.respective import share_of
from analytics.claims.sentences.subject_kinds import (
    are_changes,
    are_of_sessions,
    fitting,
    is_yearly,
)
from analytics.claims.statement import (
    Direction,
    Language,
    Measure,
    Quantity,
    Span,
    Statement,
    Step,
    Subject,
)
from data.drafts.draft import DraftText

MOVED: tuple[Measure, ...] = ("change", "percent change", "ratio")
LEVELS: tuple[Measure, ...] = ("level", "close")
TURNED: dict[Direction, Direction] = {"up": "down", "down": "up", "flat": "flat"}
RATE_OF = re.compile(r"\s+at an? (?:\w+ )?(?:rate|pace) of\b", re.IGNORECASE)
SESSIONS = re.compile(r"\s*(?:in|over) \d+ sessions")


def statements(
    draft: DraftText, *, language: Language, clock: date, directory: SubjectDirectory
) -> list[Statement]:
    """The statements of a draft in the order of its text."""
    around = Around.of(draft, language, clock, directory)
    numbers = _Numbers(around)
    found: list[Statement] = []
    for passage in passages(draft):
        if is_supposed(draft.text, passage, language):
            continue
        told = [
            (quantity, numbers.statement(quantity, passage))
            for quantity in around.numbers
            if passage.start <= quantity.start and quantity.end <= passage.end
        ]
        if passage.kind == "cell":
            found += [made for _, made in told if made is not None]
            continue
        beside = comparisons(around, passage)
        taken = [(one.start, one.end) for one in beside]
        found += beside
        found += [
            made
            for quantity, made in told
            if made is not None and not _meets(quantity.start, quantity.end, taken)
        ]
        found += extremes(around, passage)
        found += moves(around, passage, language)
    return [replace(one, is_current=one.period is None) for one in _apart(found)]


def _meets(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in spans)


def _apart(found: list[Statement]) -> list[Statement]:
    """In the order of the text; of those without a number none that meets another one."""
    ordered = sorted(found, key=lambda one: (one.start, one.end))
    solid = [(one.start, one.end) for one in ordered if one.measure != "direction"]
    return [
        one
        for one in ordered
        if one.measure != "direction" or not _meets(one.start, one.end, solid)
    ]


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Statements put together of numbers and what stands around them."""

    around: Around

    def statement(self, quantity: Quantity, passage: Passage) -> Statement | None:
        """What a quantity states; none where nothing near it is named."""
        around = self.around
        reach = around.reach(quantity, passage)
        period = around.periods.of(quantity, passage)
        share = share_of(around, quantity, passage)
        if share is not None:
            reach, period = share.of(reach), share.period or period
        grain = period.grain if period else None
        unit = around.unit_aimed_at(quantity, passage, reach) or quantity.unit
        found = candidates(reach, around.directory, unit=unit, grain=grain)
        if found.state == "unnamed" or SESSIONS.match(around.draft.text[quantity.end :]):
            return None
        placed = Placed(quantity, passage, around.word(quantity, passage))
        subjects = self._subjects(placed, found, is_rate=around.is_called_rate(reach))
        measure = measure_of(around, placed, subjects[0] if subjects else None)
        if measure is None:
            return None
        if measure in LEVELS and (held := self._held(placed, subjects)) is not None:
            return held
        if measure in ("average", "sum"):
            period = around.periods.stretch(passage) or period
        if period is None and are_of_sessions(subjects):
            period = around.periods.session_before(passage, around.headings(passage))
        made = self._made(placed, measure, subjects, period)
        made = replace(made, or_periods=self._others(quantity, passage, period))
        doubt = around.doubts.of(
            made,
            passage,
            has_word=placed.word is not None,
            has_own_name=share is not None and bool(share.kept),
            has_own_time=share is not None and share.period is not None,
        )
        return replace(made, doubt=doubt)

    def _others(
        self, quantity: Quantity, passage: Passage, period: Span | None
    ) -> tuple[Span | None, ...]:
        """What the number may be of instead, where it does not stand beside its period."""
        periods = self.around.periods
        if passage.kind != "sentence" or periods.is_beside(quantity, passage, period):
            return ()
        headings = self.around.headings(passage)
        return tuple(
            one for one in (*periods.of_paragraph(passage, headings), None) if one != period
        )

    def _subjects(self, placed: Placed, found: Candidates, *, is_rate: bool) -> tuple[Subject, ...]:
        around, passage = self.around, placed.passage
        is_moved = passage.kind == "cell" and around.heads_change(passage)
        ago: Step | None = "year" if is_moved else around.periods.ago(placed.quantity, passage)
        if around.periods.value_ago(placed.quantity, passage) is not None:
            ago = None  # the value of then, and no move
        base = around.periods.compared(placed.quantity, passage)
        if ago is None and base is not None and base.grain == "month":
            of = around.periods.of(placed.quantity, passage)
            is_near = of is not None and (of.first - base.first).days < 32
            ago = "month" if is_near and not is_rate else None
        subjects = fitting(placed.quantity, found, ago, is_rate=is_rate)
        return of_publisher(subjects, around.draft.text[passage.start : placed.quantity.start])

    def _made(
        self,
        placed: Placed,
        measure: Measure,
        subjects: tuple[Subject, ...],
        period: Span | None,
    ) -> Statement:
        around, word = self.around, placed.word
        quantity, passage = placed.quantity, placed.passage
        ago = around.periods.ago(quantity, passage)
        if ago is None and measure == "percent change":
            ago = around.usual_base(passage, subjects)
        if measure in MOVED and ago == "year" and is_yearly(subjects) and quantity.unit == "%":
            measure = "level"  # a rate of the year, which says by how much already
        if measure in LEVELS and around.periods.is_value_of(quantity, passage):
            quantity = replace(quantity, relation="=")
            placed = replace(placed, quantity=quantity)
        value_ago = around.periods.value_ago(quantity, passage) if measure in LEVELS else None
        if value_ago is not None:
            plain = replace(quantity, relation="=")
            return Statement(
                quantity.start,
                quantity.end,
                measure,
                subjects,
                signed(around, replace(placed, quantity=plain), measure, subjects),
                period,
                ago=value_ago,
            )
        compare = around.periods.compared(quantity, passage) if measure in MOVED else None
        if measure in MOVED and compare is None and around.periods.is_to_date(period):
            period, compare = None, before_the_year(period)
        is_turned = measure in LEVELS and is_turned_round(around.draft.text, quantity)
        return Statement(
            quantity.start,
            quantity.end,
            measure,
            subjects,
            signed(around, placed, measure, subjects),
            period,
            compare,
            self._way(placed, measure, subjects),
            bool(word and word.is_negated) or is_turned,
            back=int(around.periods.is_earlier(quantity, passage)),
            ago=ago if measure in MOVED and compare is None else None,
            is_open=self._is_open(placed, measure, subjects),
        )

    def _is_open(self, placed: Placed, measure: Measure, subjects: tuple[Subject, ...]) -> bool:
        """Whether it is not said since when something has moved, or which way: of a rise or fall
        that has none of its own words, behind a number that has."""
        text, word, passage = self.around.draft.text, placed.word, placed.passage
        if word is not None:
            return (
                PERFECT.search(text[max(passage.start, word.start - 24) : word.start]) is not None
            )
        told = [one for one in self.around.words if passage.start <= one.start]
        is_after = any(one.end <= placed.quantity.start for one in told)
        return is_after and measure in LEVELS and are_changes(subjects)

    def _way(
        self, placed: Placed, measure: Measure, subjects: tuple[Subject, ...]
    ) -> Direction | None:
        """Which way a streak goes, or a level is said to have gone."""
        around, word = self.around, placed.word
        place, passage = placed.quantity, placed.passage
        if measure == "streak":
            own = [one for one in around.words if place.start <= one.start < place.end]
            inside = [one for one in around.words if passage.start <= one.start < passage.end]
            first = next(iter([*own, *([word] if word else []), *inside]), None)
            return first.direction if first else None
        is_told = (
            measure in LEVELS
            and word is not None
            and (place.relation == "=" or self._is_crossing(placed))
            and not around.periods.is_earlier(place, passage)
            and not are_changes(subjects)
            and not COMPARES.fullmatch(around.draft.text[word.start : word.end])
            and not around.is_spent(word, place)
        )
        if word is None or not is_told:
            return None
        if is_yearly(subjects) and self._is_growth(placed):
            return None  # "grew at a rate of 2.6%": the sign, and not a way that the rate went
        return TURNED[word.direction] if around.is_quoted_in(subjects, word) else word.direction

    def _is_crossing(self, placed: Placed) -> bool:
        """ "Fell below 50": it came from the other side."""
        word, place = placed.word, placed.quantity
        sides: dict[str, Direction] = {"<": "down", ">": "up"}
        if word is None or word.is_negated or sides.get(place.relation) != word.direction:
            return False
        between = self.around.draft.text[word.end : place.start].strip().lower()
        return between in ("", "below", "above", "under", "over", "past", "unter", "über")

    def _is_growth(self, placed: Placed) -> bool:
        """Whether what has grown or shrunk is not itself called a rate."""
        word, text = placed.word, self.around.draft.text
        if word is None or not OF_SIGN.fullmatch(text[word.start : word.end]):
            return False
        if RATED.search(text[placed.passage.start : word.start]):
            return False
        return word.leads != "reached" or RATE_OF.match(text, word.end) is not None

    def _held(self, placed: Placed, subjects: tuple[Subject, ...]) -> Statement | None:
        """ "Has not fallen below 3% since May": how long a level has been so."""
        around, quantity, word = self.around, placed.quantity, placed.word
        since = around.periods.held_since(quantity, placed.passage)
        is_held = word is None or word.direction == "flat" or word.is_negated
        if since is None or not is_held:
            return None
        made = Statement(
            quantity.start,
            quantity.end,
            "since",
            subjects,
            quantity,
            compare=since,
            is_negated=bool(word and word.is_negated)
            or is_turned_round(around.draft.text, quantity),
        )
        return replace(made, doubt=around.doubts.of(made, placed.passage, has_word=True))
