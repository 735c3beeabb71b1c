"""Which span of time a number of a draft is of, and with which it is compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.claims.sentences.passages import Passage
from analytics.claims.sentences.period_marks import (
    AFTERWARDS,
    AGO,
    AIMED_AT,
    APART,
    APART_OR_JOINED,
    ARROW,
    AT_ONCE,
    BASE,
    BEATEN,
    CLAUSE_ENDS,
    COMPARED,
    FROM,
    HAS_BEEN,
    HELD_BEHIND,
    IT_STOOD,
    ITS_OWN,
    LEADS,
    LED_BY_BASE,
    LOWER,
    NEAR,
    NOW,
    OF_BASE,
    OF_EXTREME,
    ON_THE_DAY,
    OTHER_CLAUSE,
    OTHER_NUMBER,
    OWNS,
    PAIR_GOES_ON,
    PAIR_OPENS,
    PEAKED,
    RELATIVE,
    SENTENCE_END,
    SHUT,
    STOP,
    THAN,
    THE,
    TO_DATE,
    TO_FROM,
    TWELVE,
    VALUE_OF,
    WHEN,
    WHERE_IT_HAS_BEEN,
    WITHIN,
)
from analytics.claims.statement import Mention, Quantity, Span, Step


def before_the_year(span: Span | None) -> Span | None:
    """The last day before the year of a span."""
    if span is None:
        return None
    day = date(span.first.year - 1, 12, 31)
    return Span(day, day, "day")


def _tells_ago(words: str) -> bool:
    """Whether words before a period name a number's base: "higher than a year earlier in"."""
    return any(pattern.search(words) for pattern in AGO.values())


@dataclass(frozen=True, slots=True)
class Periods:
    """The spans that a draft names."""

    text: str
    mentions: Sequence[Mention]
    clock: date = date.max

    def of(self, quantity: Quantity, passage: Passage) -> Span | None:
        """The period that a number is of; none where the draft leaves it to the reader.

        The first one behind the number in its clause, else the last one before it in its sentence;
        of a cell what its heads name.
        """
        stretches = passage.heads if passage.kind == "cell" else ((passage.start, passage.end),)
        inside = self._within(stretches)
        plain = [mention for mention in inside if mention.role == "of"]
        if passage.kind == "cell":
            return plain[0].span if plain else None
        if (owner := self._owner(quantity, inside)) is not None:
            return owner
        ahead = [
            mention
            for mention in plain
            if mention.end <= quantity.start
            and not BASE.search(self.text[max(passage.start, mention.start - 16) : mention.start])
            and not SHUT.search(self.text[mention.end : quantity.start])
            and not self._is_of_another(mention, passage, quantity.start)
            and not OF_BASE.search(
                self.text[max(passage.start, mention.start - 60) : mention.start]
            )
        ]
        if ahead and not re.search(r"[\w(]", self.text[ahead[-1].end : quantity.start]):
            return ahead[-1].span
        behind = next((one for one in plain if one.start >= quantity.end), None)
        if behind is not None:
            between = self.text[quantity.end : behind.start]
            is_base = THAN.search(between) is not None and not _tells_ago(between)
            is_base = is_base or OF_EXTREME.search(between) is not None
            is_base = is_base or BEATEN.search(between) is not None
            is_base = is_base or ("," in between and LEADS.match(self.text, behind.end) is not None)
            if len(between) < NEAR and not STOP.search(between) and not is_base:
                return behind.span
            if AIMED_AT.fullmatch(between):
                return behind.span
        if ahead:
            is_apart = OTHER_CLAUSE.search(self.text[ahead[-1].end : quantity.start])
            return None if is_apart else ahead[-1].span
        return self._of_the_half_before(passage) or self._of_the_day(quantity, passage)

    def _is_of_another(self, mention: Mention, passage: Passage, place: int) -> bool:
        """Whether a span before a number belongs to words of its own: "after stagnating in April
        and is", "at its highest this year"."""
        first = min(passage.start, self.text.rfind("\n", 0, mention.start) + 1)
        lead = self.text[max(first, mention.start - 60) : mention.start]
        lead = SENTENCE_END.split(lead)[-1]
        if OF_EXTREME.search(lead):
            return True
        between = self.text[mention.end : place]
        if RELATIVE.search(lead) and re.search(r",\s", between):
            return True
        return (
            AFTERWARDS.search(lead) is not None
            and CLAUSE_ENDS.search(self.text[mention.end : place]) is not None
        )

    def _owner(self, quantity: Quantity, inside: Sequence[Mention]) -> Span | None:
        ahead = [one for one in inside if one.end <= quantity.start]
        if not ahead:
            return None
        last, place = ahead[-1], ahead[-1].end
        is_own = last.role in ("of", "from") and OWNS.fullmatch(self.text, place, quantity.start)
        is_when = last.role != "ago" and WHEN.fullmatch(self.text, place, quantity.start)
        return last.span if is_own or is_when else None

    def _of_the_day(self, quantity: Quantity, passage: Passage) -> Span | None:
        """ "On the day": the one that the draft has spoken of last."""
        if not ON_THE_DAY.match(self.text, quantity.end):
            return None
        told = [
            one
            for one in self.mentions
            if one.role == "of" and (one.end <= passage.start or quantity.end <= one.start)
            if one.end <= passage.end
        ]
        return told[-1].span if told and told[-1].span.grain == "day" else None

    def session_before(
        self, passage: Passage, headings: Sequence[tuple[int, int]] = ()
    ) -> Span | None:
        """The day or week that the sentences before or the heading speak of: a report of a
        market that names it once means it until it names another one."""
        if self._within(((passage.start, passage.end),)) or passage.kind != "sentence":
            return None
        if NOW.search(self.text, passage.start, passage.end):
            return None
        first = self.text.rfind("\n", 0, passage.start) + 1
        told = [
            one
            for one in self._within(((first, passage.start),)) or self._before_clock(headings)
            if one.role == "of" and not self._is_of_another(one, passage, passage.start)
        ]
        told = [one for one in told if not self._is_base(one)]
        last = told[-1].span if told else None
        if last is None or (last.last - last.first).days > 6:
            return None
        return last

    def _before_clock(self, headings: Sequence[tuple[int, int]]) -> list[Mention]:
        """The times of headings but for the day of the draft itself."""
        return [one for one in self._within(headings) if one.span.last < self.clock]

    def of_paragraph(
        self, passage: Passage, headings: Sequence[tuple[int, int]] = ()
    ) -> list[Span]:
        """The spans that the paragraph of a passage and its headings name, each once."""
        first = self.text.rfind("\n", 0, passage.start) + 1
        last = self.text.find("\n", passage.end)
        named = self._within(((first, last if last >= 0 else len(self.text)), *headings))
        own = [one for one in named if one.role == "of" and not self._is_base(one)]
        return list(dict.fromkeys(one.span for one in own))

    def _is_base(self, mention: Mention) -> bool:
        """Whether something else is compared with a span: "above its level at the end of May"."""
        lead = self.text[max(0, mention.start - 44) : mention.start]
        return COMPARED.search(lead) is not None or BEATEN.search(lead[-20:]) is not None

    def is_beside(self, quantity: Quantity, passage: Passage, span: Span | None) -> bool:
        """Whether a span is named in the clause of a number, or leads its sentence."""
        for one in self._within(((passage.start, passage.end),)):
            if one.span != span or one.role != "of":
                continue
            if one.start >= quantity.end:
                between = self.text[quantity.end : one.start]
            else:
                between = self.text[one.end : quantity.start]
            leads = len(self.text[passage.start : one.start].split()) <= 3
            if leads or not APART_OR_JOINED.search(between):
                return True
        return False

    def _of_the_half_before(self, passage: Passage) -> Span | None:
        """What the sentence named before a semicolon."""
        before = self.text[: passage.start].rstrip()
        if not before.endswith(";"):
            return None
        named = [
            one
            for one in self.mentions
            if one.end <= passage.start
            and one.role == "of"
            and not OF_BASE.search(self.text[max(0, one.start - 60) : one.start])
            and not self._is_of_another(one, passage, passage.start)
            and not self._is_base(one)
        ]
        between = self.text[named[-1].end : passage.start] if named else "\n\n"
        if SHUT.search(between) or re.search(r"[.!?\n]\s", between):
            return None
        return named[-1].span

    def stretch(self, passage: Passage) -> Span | None:
        """ "Between January and May": of a mean or a sum all of it."""
        inside = self._within(((passage.start, passage.end),))
        for one, two in zip(inside, inside[1:], strict=False):
            if one.role == "from" and two.role == "to":
                return Span(one.span.first, two.span.last, "span")
        return None

    def compared(self, quantity: Quantity, passage: Passage) -> Span | None:
        """What a change is measured against, where the draft says it behind the number."""
        if passage.kind == "cell":
            return None
        for mention in self._within(((passage.start, passage.end),)):
            between = self.text[quantity.end : mention.start]
            if mention.role == "ago":
                continue
            if mention.role == "since" and mention.end <= quantity.start:
                before = self.text[mention.end : quantity.start]
                if len(before) < NEAR and not APART.search(before):
                    return mention.span
            is_far = len(between) > NEAR or OTHER_NUMBER.search(between)
            if mention.start < quantity.end or is_far or APART.search(between):
                continue
            is_base = THAN.match(between) is not None and not _tells_ago(between)
            if mention.role in ("since", "from") or is_base:
                return mention.span
        return self._peak(quantity, passage)

    def _peak(self, quantity: Quantity, passage: Passage) -> Span | None:
        """The day of the extreme that the sentence has spoken of before it says how much lower."""
        if not LOWER.match(self.text, quantity.end) and not LOWER.search(
            self.text[quantity.start : quantity.end]
        ):
            return None
        inside = self._within(((passage.start, quantity.start),))
        for mention in inside:
            if mention.role == "of" and PEAKED.search(self.text[passage.start : mention.start]):
                return mention.span
        return None

    def is_to_date(self, span: Span | None) -> bool:
        """Whether a span is the year up to now: a move is measured from the end of the last one."""
        return any(
            one.span == span and TO_DATE.search(self.text[one.start : one.end])
            for one in self.mentions
            if one.span.grain == "span"
        )

    def held_since(self, quantity: Quantity, passage: Passage) -> Span | None:
        """Since when a level is said to have been so: right behind a number that has been."""
        before = self.text[passage.start : quantity.start]
        lead = re.split(r"[;:]|,\s", before)[-1]
        for mention in self._within(((quantity.end, passage.end),)):
            between = self.text[quantity.end : mention.start]
            if mention.role == "since" and HELD_BEHIND.fullmatch(between) and HAS_BEEN.search(lead):
                return mention.span
            if mention.role == "since" and WHERE_IT_HAS_BEEN.fullmatch(between):
                return mention.span
        return None

    def ago(self, quantity: Quantity, passage: Passage) -> Step | None:
        """How long ago the value was that a number is compared with, by the words behind it."""
        behind = self.text[quantity.end : min(quantity.end + 48, passage.end)]
        if TWELVE.match(behind):
            return "year"
        behind = re.split(r"[;:]|,\s|\d", behind)[0]
        before = self.text[max(passage.start, quantity.start - 40) : quantity.start]
        before = re.split(r"[;:\d]", before)[-1]
        for step, words in AGO.items():
            ahead = words.search(before)
            if words.search(behind) or (ahead and (step == "year" or "vor" in ahead[0].lower())):
                return step
        return None

    def is_value_of(self, quantity: Quantity, passage: Passage) -> bool:
        """ "Below the $0.80 of the first quarter": the number is the value itself of then, and what
        lies below it is something else."""
        before = self.text[max(passage.start, quantity.start - 24) : quantity.start]
        if ITS_OWN.search(before):
            return True
        behind = [one for one in self.mentions if quantity.end <= one.start < passage.end]
        return (
            THE.search(before) is not None
            and bool(behind)
            and VALUE_OF.fullmatch(self.text, quantity.end, behind[0].start) is not None
        )

    def value_ago(self, quantity: Quantity, passage: Passage) -> Step | None:
        """How long ago a number was the value itself: "compared with 3.6% a year earlier"."""
        before = self.text[max(passage.start, quantity.start - 60) : quantity.start]
        for step, words in AGO.items():
            told = [one for one in words.finditer(before) if not WITHIN.search(one[0])]
            if told and IT_STOOD.fullmatch(before, told[-1].end()):
                return step
        if not LED_BY_BASE.search(before):
            return None
        behind = self.text[quantity.end : min(quantity.end + 40, passage.end)]
        for step, words in AGO.items():
            found = words.search(behind)
            if found and AT_ONCE.fullmatch(behind[: found.start()]) and not WITHIN.search(found[0]):
                return step
        return None

    def is_earlier(self, quantity: Quantity, passage: Passage) -> bool:
        """Whether a number is where something came from, and no period of it is named."""
        before = self.text[passage.start : quantity.start]
        behind = self.text[quantity.end : passage.end]
        is_pair = PAIR_OPENS.search(before) and PAIR_GOES_ON.match(behind)
        if not (FROM.search(before) or TO_FROM.search(before) or ARROW.match(behind) or is_pair):
            return False
        inside = [one for one in self.mentions if quantity.end <= one.start < passage.end]
        own = inside[0] if inside else None
        if own is None or own.role != "of":
            return True
        between = self.text[quantity.end : own.start]
        return len(between) > 16 or STOP.search(between) is not None

    def _within(self, stretches: Sequence[tuple[int, int]]) -> list[Mention]:
        return [
            mention
            for start, end in stretches
            for mention in self.mentions
            if start <= mention.start and mention.end <= end
        ]
