"""What a note says, held against its fact pack and the lake: what is not so is withheld.

Every number has to state a fact that is named beside it, in its unit and period; every direction,
relation and state has to follow from facts; every time has to be that of a fact; every quoted
headline has to be one; and every other word has to be of the plain vocabulary, so that a name or an
event that no fact stands behind is found whatever it is. A number that states no fact of the pack
may still be one of the lake: then the check of drafts has to support it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.claims.check import CheckedStatement, check_draft
from analytics.notes.binding import BoundNumber, bound, is_of
from analytics.notes.fact import Fact, FactPack
from analytics.notes.reading import (
    DIGITS,
    TOKEN,
    NoteSentence,
    Phrases,
    allowed_words,
    plain_words,
    sentences,
)
from analytics.notes.saying import SentenceFacts, state_words, wrong_words
from analytics.notes.sections import roles_of
from data.drafts.reader import paste
from data.query import At

MISSING = re.compile(
    r"(?<![\w-])(?:missing|lacking|unavailable|unknown|not known)(?![\w-])", re.IGNORECASE
)
LISTED = re.compile(r"Missing at this time: (.+?)\.?", re.IGNORECASE)
PAST = ("record", "since", "years", "streak", "rank", "crossing", "date")


@dataclass(frozen=True, slots=True)
class NoteProblem:
    """Words of a section that withhold the note, and why."""

    section: str
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckedFigure:
    """A number of a section, in [start, end) of its text, and the fact that it states; none where
    the lake alone has it."""

    section: str
    start: int
    end: int
    fact: Fact | None
    statement: CheckedStatement | None = None


@dataclass(frozen=True, slots=True)
class GatedNote:
    """The sections of a note with what the gate found; one that has a problem is not shown."""

    sections: Mapping[str, str]
    figures: tuple[CheckedFigure, ...]
    problems: tuple[NoteProblem, ...]

    @property
    def is_withheld(self) -> bool:
        """Whether the note may not be shown."""
        return bool(self.problems)


def compose_note(at: At, pack: FactPack, sections: Mapping[str, str]) -> GatedNote:
    """A note of some texts, each of a section; each sees the facts of its own roles alone."""
    phrases = Phrases(pack)
    figures: list[CheckedFigure] = []
    problems: list[NoteProblem] = []
    for section, text in sections.items():
        roles = roles_of(section)
        facts = [fact for fact in pack if fact.role in roles]
        reader = SectionGate(at, pack, section, text, facts, phrases)
        reader.read()
        figures += reader.figures
        problems += reader.problems
    return GatedNote(dict(sections), tuple(figures), tuple(problems))


class SectionGate:
    """The check of one section."""

    def __init__(  # noqa: PLR0913 - what a section is checked with
        self,
        at: At,
        pack: FactPack,
        section: str,
        text: str,
        facts: Sequence[Fact],
        phrases: Phrases,
    ) -> None:
        self.pack, self.section, self.text, self.facts = pack, section, text, facts
        self.phrases = phrases
        self.checked = check_draft(at, paste(text))
        self.figures: list[CheckedFigure] = []
        self.problems: list[NoteProblem] = []

    def read(self) -> None:
        """Check every sentence."""
        for sentence in sentences(self.pack, self.phrases, self.text):
            self._read(sentence)

    def _read(self, sentence: NoteSentence) -> None:
        numbers, lake = self._numbers(sentence)
        self._quotes(sentence)
        self._missing(sentence)
        known = SentenceFacts(self.pack, sentence, tuple(self.facts), tuple(numbers))
        self._times(sentence, known, lake)
        free = self._free_spans(sentence, lake)
        for start, end, reason in wrong_words(known):
            if not _inside(free, start, end):
                self._refuse(sentence.text[start:end], reason)
        self._words(sentence, free)

    def _numbers(self, sentence: NoteSentence) -> tuple[list[BoundNumber], list[CheckedStatement]]:
        found: list[BoundNumber] = []
        lake: list[CheckedStatement] = []
        for quantity in sentence.numbers:
            if any(a <= quantity.start and quantity.end <= b for a, b, _ in sentence.quotes):
                continue
            start, end = sentence.start + quantity.start, sentence.start + quantity.end
            over = [one for one in self.checked if _is_number_at(one, start, end)]
            result = bound(sentence, quantity, self.facts)
            quote = sentence.text[quantity.start : quantity.end]
            if isinstance(result, BoundNumber):
                against = next((one for one in over if _contradicts(one, result.fact)), None)
                if against is not None:
                    self._refuse(against.quote, against.finding.note)
                found.append(result)
                self.figures.append(CheckedFigure(self.section, start, end, result.fact))
            elif not result.is_wrong and (right := self._of_lake(over)) is not None:
                lake.append(right)
                self.figures.append(CheckedFigure(self.section, start, end, None, right))
            else:
                notes = [one.finding.note for one in over if not one.finding.holds][:1]
                self._refuse(quote, "; ".join([result.reason, *notes]))
        return found, lake

    def _of_lake(self, over: Sequence[CheckedStatement]) -> CheckedStatement | None:
        """The statement that the lake supports, of a subject of this note."""
        prefixes = {fact.id.split("/")[0] for fact in self.pack}
        for one in over:
            subject = one.finding.subject
            if one.finding.holds and subject is not None and subject.id in prefixes:
                return one
        return None

    def _quotes(self, sentence: NoteSentence) -> None:
        titles = {fact.text.strip() for fact in self.facts if fact.kind == "headline"}
        for _, _, words in sentence.quotes:
            if words.strip(" .") not in titles and words.strip() not in titles:
                self._refuse(words, "no headline of the pack reads so")

    def _missing(self, sentence: NoteSentence) -> None:
        """What is said to be missing has to be: no fact that is known, nothing that has no name."""
        said = MISSING.search(sentence.text)
        if said is None:
            return
        lacking = self.pack.lacking(*roles_of(self.section))
        labels = {item.label.casefold() for item in lacking}
        if not lacking:
            self._refuse(said[0], "nothing is missing among the facts that this section sees")
        for one in sentence.spoken:
            words = sentence.text[one.start : one.end]
            if one.groups and words.casefold() not in labels:
                self._refuse(words, "it is said to be missing, and is known")
        listed = LISTED.fullmatch(sentence.text.strip())
        if listed is not None and listed[1].casefold() not in labels:
            for part in listed[1].split(", "):
                if part.casefold() not in labels:
                    self._refuse(part, "nothing of this name is missing")

    def _times(
        self, sentence: NoteSentence, known: SentenceFacts, lake: Sequence[CheckedStatement]
    ) -> None:
        day = self.pack.as_of.date()
        for time in sentence.times:
            span = time.span
            if (span.first, span.last) == (day, day):
                continue
            if any(is_of(fact, time) for fact in known.stated()):
                continue
            periods = [one.finding.period for one in lake]
            if any(p and (p.first, p.last) == (span.first, span.last) for p in periods):
                continue
            words = sentence.text[time.start : time.end].strip()
            self._refuse(words, "no fact that the sentence states is of this time")

    def _free_spans(
        self, sentence: NoteSentence, lake: Sequence[CheckedStatement]
    ) -> list[tuple[int, int]]:
        """Superlatives that the lake supports."""
        spans = []
        for one in (*lake, *self.checked):
            if one.finding.holds and one.statement.measure in PAST and one in lake:
                spans.append(
                    (one.statement.start - sentence.start, one.statement.end - sentence.start)
                )
        return spans

    def _words(self, sentence: NoteSentence, free: Sequence[tuple[int, int]]) -> None:
        used = [(one.start, one.end) for one in sentence.numbers]
        used += [(one.start, one.end) for one in sentence.times]
        used += free
        used += [_unit_after(sentence.text, one.end) for one in sentence.numbers]
        allowed = allowed_words() | state_words(self.pack)
        for token in TOKEN.finditer(sentence.text):
            start, end = token.span()
            low = token[0].lower().removesuffix("'s")
            if low in allowed or sentence.is_covered(start, end) or _inside(used, start, end):
                continue
            self._refuse(token[0], _why(low))
        for letter in sentence.text:
            if letter.isnumeric() and letter not in "0123456789":
                self._refuse(letter, "a number that is not written in plain digits")
        for digits in DIGITS.finditer(sentence.text):
            place = digits.span()
            if not sentence.is_covered(*place) and not _meets(used, *place):
                self._refuse(digits[0], "a number that states no fact")

    def _refuse(self, quote: str, reason: str) -> None:
        problem = NoteProblem(self.section, quote, reason)
        if problem not in self.problems:
            self.problems.append(problem)


def _why(word: str) -> str:
    if word in plain_words()["words"]:
        return "a record, rank or run that no fact states"
    return "names something that is no fact of this note"


def _is_number_at(one: CheckedStatement, start: int, end: int) -> bool:
    quantity = one.statement.quantity
    return quantity is not None and quantity.start < end and start < quantity.end


def _contradicts(one: CheckedStatement, fact: Fact) -> bool:
    """Whether the check of drafts read the number as this level, and found it wrong."""
    subject = one.finding.subject
    if one.finding.verdict_class != "contradicted" or subject is None or fact.kind != "level":
        return False
    if one.statement.measure not in ("level", "close"):
        return False
    return fact.id in (subject.id, f"{subject.id}/close")


def _unit_after(text: str, end: int) -> tuple[int, int]:
    """The words of a unit behind a number, as facts print it."""
    for unit in ("standard deviations", "USD per share", "per share", "GBp", "persons", "shares"):
        place = len(text[:end]) + len(text[end:]) - len(text[end:].lstrip())
        if text.startswith(unit, place):
            return place, place + len(unit)
    for size in (3, 4):
        place = end + (text[end : end + 1] == " ")
        if text[place : place + size].isalpha() and text[place : place + 2].isupper():
            return place, place + size
    return end, end


def _inside(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _meets(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(first < end and start < last for first, last in spans)
