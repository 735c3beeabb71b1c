"""The statements of a draft: each quantity with what it is of, of which period, and which way.

What a quantity does not say itself is taken from the nearest words: subjects by `nearest`, periods
from its sentence or the heads of its cell, the way it went from the word before it. Numbers that no
subject is near are no statements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from analytics.claims.naming.candidates import Candidates, candidates
from analytics.claims.naming.directory import SubjectDirectory
from analytics.claims.naming.nearest import nearest
from analytics.claims.naming.subjects import Named, named
from analytics.claims.reading.quantities import quantities
from analytics.claims.reading.time_words import mentions
from analytics.claims.sentences.direction_words import DirectionWord, direction_words
from analytics.claims.sentences.doubts import Doubts, is_supposed, is_turned_round
from analytics.claims.sentences.passages import Passage, passages
from analytics.claims.sentences.period_words import FROM, PAIR_OPENS, THAN, WEEKLY, Periods
from analytics.claims.sentences.superlatives import Superlative, superlatives
from analytics.claims.statement import (
    Direction,
    Language,
    Measure,
    Quantity,
    Relation,
    Span,
    Statement,
    Step,
    Subject,
)
from data.drafts.draft import DraftText

REACH = 60  # characters from a word that says which way to the number that it speaks of
LEAST_AMOUNT = 100.0  # no rate of growth is as high
MOVED: tuple[Measure, ...] = ("change", "percent change", "ratio")
POINTS = {"pp", "bp"}
COUNTS = {"months", "quarters", "years", "days", "meetings"}
# Series whose value is itself a change: "GDP grew 0.4%" states a value of one.
CHANGES = re.compile(r"quarter on quarter|month on month|\bchange in\b|\bq/q\b|\bm/m\b", re.I)
BALANCE = re.compile(r"balance|current account", re.IGNORECASE)
SHORTFALL = re.compile(r"deficit|trade gap|shortfall|déficit|defizit|fehlbetrag", re.IGNORECASE)
GAINED = re.compile(r"surplus|überschuss|excédent|superávit", re.IGNORECASE)
INFLATION = re.compile(r"inflation|inflación|teuerung", re.IGNORECASE)
AVERAGED = re.compile(
    r"\baveraged\b|\bon average\b|durchschnitt\w*|\bim Mittel\b|\ben moyenne\b|\bpromedio\b|"
    r"\bde media\b",
    re.IGNORECASE,
)
TOTALLED = re.compile(r"\btotal\w*|\bsumm\w*|\bwhole of\b|\bsum of\b|\bcumul\w*", re.IGNORECASE)
REACHED = re.compile(
    r"\b(?:to|at|auf|bei|à|al|hasta(?: el)?|en el)\s+"
    r"(?:(?:a|an|einem?|une?) \w+ (?:of|von|de)\s+)?[$€£¥]?$",
    re.IGNORECASE,
)
ROW = re.compile(
    r"in a row|running|consecutive|in folge|de suite|consécuti|seguid|consecutiv", re.I
)
FOR_A = re.compile(r"\bfor (?:a|the) $", re.IGNORECASE)
OR_OF = re.compile(r",?\s*(?:or|oder|ou|o|i\.e\.)\s+(?:of|um|von|de|by)?\s*", re.IGNORECASE)
SESSIONS = re.compile(r"\s*(?:in|over) \d+ sessions")
TWICE = re.compile(r"twice|thrice|three times", re.IGNORECASE)
BY = re.compile(r"(?:^|\s)(?:by|um|un|en)(?:\s|$)", re.IGNORECASE)
CHANGED = re.compile(r"\bchange\b|\bveränderung\b|\bvariation\b|\bcambio\b", re.IGNORECASE)
# Words that compare one level with another and do not say that it moved.
COMPARES = re.compile(
    r"above|below|less|more|off|up|down|higher|lower|mehr|weniger|höher|niedriger|plus|minus|"
    r"de plus|de moins|más que|menos que|loss|cut|cuts",
    re.IGNORECASE,
)
# "Raised its rate in June, to 1.5%", "rose on the day to 11,330": the way is told by itself.
DETACHED = re.compile(
    r",\s+(?:hasta|to|auf|à|bis)\b|\bon the (?:day|week|month|year)\s+to\b", re.IGNORECASE
)
# A comma before the level that something came to ends no clause.
AIMED = re.compile(r",\s+(?=(?:hasta|to|auf|à|bis)\b)", re.IGNORECASE)
UM = re.compile(r"\bum\s+(?:rund |etwa |gut |knapp )?$")
# "43,000 jobs were lost": the word that says which way stands behind the number.
PASSIVE = re.compile(
    r"\s*(?:jobs |posts |positions |people )?(?:were|was|have been|had been)\s+", re.I
)
CLAUSE = re.compile(r"[;:()]|\s[-\u2013\u2014]\s|,\s|\s(?:and|but|while|und|et|y|mais|pero|aber)\s")


def statements(
    draft: DraftText, *, language: Language, clock: date, directory: SubjectDirectory
) -> list[Statement]:
    """The statements of a draft in the order of its text."""
    numbers = quantities(draft.text, language)
    reader = _Reader.of(draft, language, clock, directory, numbers)
    found = []
    for passage in passages(draft):
        if is_supposed(draft.text, passage, language):
            continue
        for quantity in numbers:
            if passage.start <= quantity.start and quantity.end <= passage.end:
                found.append(reader.statement(quantity, passage))
        if passage.kind != "cell":
            found += [
                reader.extreme(words, passage)
                for words in superlatives(draft.text, passage, reader.periods.mentions)
            ]
    kept = [statement for statement in found if statement is not None]
    return sorted(kept, key=lambda statement: (statement.start, statement.end))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What was found in a draft, by place."""

    draft: DraftText
    directory: SubjectDirectory
    names: Sequence[Named]
    words: Sequence[DirectionWord]
    periods: Periods
    doubts: Doubts
    numbers: Sequence[Quantity]

    @classmethod
    def of(
        cls,
        draft: DraftText,
        language: Language,
        clock: date,
        directory: SubjectDirectory,
        numbers: Sequence[Quantity],
    ) -> _Reader:
        """Everything that stands around the quantities."""
        text = draft.text
        names = named(text, 0, len(text), directory, language)
        periods = Periods(text, mentions(text, clock, language))
        return cls(
            draft,
            directory,
            names,
            direction_words(text, language),
            periods,
            Doubts(text, language, names, periods, numbers),
            numbers,
        )

    def statement(self, quantity: Quantity, passage: Passage) -> Statement | None:
        """What a quantity states; none where nothing near it is named."""
        period = self.periods.of(quantity, passage)
        grain = period.grain if period else None
        reach = self._reach(quantity, passage)
        found = candidates(reach, self.directory, unit=quantity.unit, grain=grain)
        if found.state == "unnamed":
            return None
        word = self._word(quantity, passage)
        ago = self.periods.ago(quantity, passage)
        is_moved = passage.kind == "cell" and self._heads_change(passage)
        subjects = _fitting(
            quantity, found, ago if not is_moved else "year", is_rate=self._is_called_rate(reach)
        )
        measure = self._measure(quantity, passage, subjects[0] if subjects else None, word)
        if self._is_same_move(quantity, passage):
            measure = "percent change"
        if measure is None or SESSIONS.match(self.draft.text[quantity.end :]):
            return None
        if ago is None and measure == "percent change":
            ago = self._usual_base(passage, subjects)
        if measure in MOVED and ago == "year" and _is_yearly(subjects) and quantity.unit == "%":
            measure = "level"  # a rate of the year, which says by how much already
        held = self.periods.held_since(quantity, passage) if measure in ("level", "close") else None
        if held is not None and (word is None or word.direction == "flat" or word.is_negated):
            return self._held(quantity, passage, subjects, held, word)
        compare = self.periods.compared(quantity, passage) if measure in MOVED else None
        is_back = self.periods.is_earlier(quantity, passage)
        is_told = (
            measure in ("level", "close")
            and not is_back
            and quantity.relation == "="
            and not _are_changes(subjects)
            and word is not None
            and not COMPARES.fullmatch(self.draft.text[word.start : word.end])
            and not self._is_spent(word, quantity)
        )
        is_turned = measure in ("level", "close") and is_turned_round(self.draft.text, quantity)
        made = Statement(
            quantity.start,
            quantity.end,
            measure,
            subjects,
            self._signed(quantity, passage, measure, word, subjects),
            period,
            compare,
            self._way(quantity, word, measure, passage, is_told=is_told),
            bool(word and word.is_negated) or is_turned,
            back=int(is_back),
            ago=ago if measure in MOVED and compare is None else None,
        )
        return replace(made, doubt=self.doubts.of(made, passage, has_word=word is not None))

    def _is_same_move(self, quantity: Quantity, passage: Passage) -> bool:
        """ "A rise of 0.4 points, or of 10.5 percent": one move in two units."""
        before = [one for one in self.numbers if passage.start <= one.start < quantity.start]
        if quantity.unit != "%" or not before or before[-1].unit not in (*POINTS, "points"):
            return False
        return OR_OF.fullmatch(self.draft.text, before[-1].end, quantity.start) is not None

    def _is_spent(self, word: DirectionWord, quantity: Quantity) -> bool:
        """Whether the word has its number already: "gained 0.5%, to 1.113". Where it came from is
        none, and a level behind a comma of its own is told apart from the way there."""
        between = self.draft.text[word.end : quantity.start]
        if DETACHED.search(between):
            return True
        inside = [one for one in self.numbers if word.end <= one.start < quantity.start]
        return any(
            not FROM.search(self.draft.text[: one.start])
            and not PAIR_OPENS.search(self.draft.text[: one.start])
            for one in inside
        )

    def _way(
        self,
        place: Quantity,
        word: DirectionWord | None,
        measure: Measure,
        passage: Passage,
        *,
        is_told: bool,
    ) -> Direction | None:
        if measure == "streak":
            own = [one for one in self.words if place.start <= one.start < place.end]
            inside = [one for one in self.words if passage.start <= one.start < passage.end]
            word = next(iter([*own, *([word] if word else []), *inside]), None)
        return word.direction if word and (is_told or measure == "streak") else None

    def _held(
        self,
        quantity: Quantity,
        passage: Passage,
        subjects: tuple[Subject, ...],
        since: Span,
        word: DirectionWord | None,
    ) -> Statement:
        """ "Has not fallen below 3% since May": how long a level has been so."""
        made = Statement(
            quantity.start,
            quantity.end,
            "since",
            subjects,
            quantity,
            compare=since,
            is_negated=bool(word and word.is_negated) or is_turned_round(self.draft.text, quantity),
        )
        return replace(made, doubt=self.doubts.of(made, passage, has_word=True))

    def extreme(self, words: Superlative, passage: Passage) -> Statement | None:
        """What a superlative states of the subject that its sentence is about."""
        place = Quantity(words.start, words.end, 0.0, 0.0)
        period = self.periods.of(place, passage)
        grain = period.grain if period else None
        found = candidates(self._reach(place, passage), self.directory, grain=grain)
        if found.state == "unnamed":
            return None
        made = Statement(
            words.start,
            words.end,
            words.measure,
            found.subjects,
            words.quantity,
            period,
            words.compare,
            sense=words.sense,
        )
        return replace(made, doubt=self.doubts.of(made, passage, has_word=False))

    def _reach(self, quantity: Quantity, passage: Passage) -> list[Named]:
        around = nearest(self.names, self.draft.text, quantity.start, quantity.end)
        if passage.kind != "cell":
            return around
        heads = [
            name
            for name in self.names
            if any(start <= name.start and name.end <= end for start, end in passage.heads)
        ]
        kinds = {name.kind for name in heads}
        if "country" in kinds or not kinds & {"indicator", "part", "tenor"}:
            return heads
        return [*heads, *(name for name in around if name.kind == "country")]

    def _word(self, quantity: Quantity, passage: Passage) -> DirectionWord | None:
        """The word that says which way this number went: the last before it in its clause, else
        the one right behind it, or at the end of a German clause."""
        text, found = self.draft.text, None
        for word in self.words:
            compares = COMPARES.fullmatch(text[word.start : word.end]) is not None
            if compares and quantity.relation != "=":
                continue
            if passage.start <= word.start and word.end <= quantity.start:
                between = AIMED.sub(" ", text[word.end : quantity.start])
                if len(between) <= REACH and not CLAUSE.search(between):
                    found = word
            elif found is None and quantity.end <= word.start < min(quantity.end + 40, passage.end):
                between = text[quantity.end : word.start]
                is_last = UM.search(text[: quantity.start]) and not CLAUSE.search(between)
                found = word if is_last or between.strip(" %,") == "" else None
        if found is None and (passive := PASSIVE.match(text, quantity.end)):
            found = next((word for word in self.words if word.start == passive.end()), None)
        if found is None and UM.search(text[: quantity.start]):
            before = [word for word in self.words if passage.start <= word.start < quantity.start]
            return before[-1] if before else None
        return found

    def _is_called_rate(self, reach: Sequence[Named]) -> bool:
        called = [self.draft.text[name.start : name.end] for name in reach]
        return any(INFLATION.search(words) for words in called)

    def _usual_base(self, passage: Passage, subjects: Sequence[Subject]) -> Step | None:
        """What a move is measured from that says nothing of it: accounts from a year before, and
        prices from a week before where the paragraph or the title speaks of one."""
        if not subjects or subjects[0].kind == "series":
            return None
        if subjects[0].kind == "account":
            return "year"
        blocks = self.draft.blocks
        told = [blocks[0], *(blocks[passage.paragraph : passage.paragraph + 1])]
        is_weekly = any(WEEKLY.search(self.draft.text[part.start : part.end]) for part in told)
        return "week" if is_weekly else None

    def _heads_change(self, passage: Passage) -> bool:
        return any(CHANGED.search(self.draft.text[start:end]) for start, end in passage.heads[:1])

    def _measure(
        self,
        quantity: Quantity,
        passage: Passage,
        subject: Subject | None,
        word: DirectionWord | None,
    ) -> Measure | None:
        if quantity.unit in COUNTS or quantity.unit == "times" or _is_run(quantity):
            return self._of_count(quantity)
        if subject is None:
            return "level"
        if passage.kind == "cell":
            return self._of_cell(quantity, passage, subject)
        clause = self.draft.text[max(passage.start, quantity.start - REACH) : quantity.start]
        clause = clause[max(clause.rfind(";"), clause.rfind(", ")) + 1 :]
        behind = self.draft.text[quantity.end :].lstrip()
        if AVERAGED.search(clause) or behind.startswith("on average"):
            return "average"
        if TOTALLED.search(clause) and subject.kind == "series":
            return "sum"
        if quantity.unit == "%" and subject.kind == "instrument":
            return "percent change" if word is not None or quantity.is_signed else None
        level: Measure = "close" if subject.kind == "instrument" else "level"
        return level if REACHED.search(clause) else self._of_move(quantity, subject, word, level)

    def _of_count(self, quantity: Quantity) -> Measure | None:
        """Of words and counts: a streak, or how many times as much."""
        words = self.draft.text[quantity.start : quantity.end]
        is_row = ROW.search(words) or FOR_A.search(self.draft.text[: quantity.start])
        if quantity.is_word and quantity.unit != "times" and is_row:
            return "streak"
        return "ratio" if quantity.unit == "times" and not TWICE.match(words) else None

    def _of_move(
        self, quantity: Quantity, subject: Subject, word: DirectionWord | None, level: Measure
    ) -> Measure | None:
        """A level, or how far something went; of a rate the way is in points."""
        unit, is_share = quantity.unit, _is_share(subject)
        moved = self._is_moved(quantity, word)
        if _are_changes((subject,)) and unit not in POINTS:
            return level
        if unit in POINTS or (unit == "points" and is_share):
            return "change" if moved or word is not None else level
        if unit == "%" and not is_share:
            return "percent change" if word is not None or moved else None
        is_beside = unit == "%" and word is not None and not self._between(word, quantity).strip()
        return "change" if moved or is_beside else level

    def _between(self, word: DirectionWord, quantity: Quantity) -> str:
        return self.draft.text[word.end : quantity.start]

    def _of_cell(self, quantity: Quantity, passage: Passage, subject: Subject) -> Measure:
        if quantity.unit == "%" and not _is_share(subject):
            return "percent change"
        if self._heads_change(passage) or quantity.unit in POINTS:
            return "change"
        return "close" if subject.kind == "instrument" else "level"

    def _is_moved(self, quantity: Quantity, word: DirectionWord | None) -> bool:
        """Whether a number says how far something went, and not where it came to."""
        between = self.draft.text[word.end : quantity.start] if word else ""
        told = word is not None and (
            word.leads == "moved" or UM.search(self.draft.text[: quantity.start])
        )
        behind = self.draft.text[quantity.end : quantity.end + REACH]
        is_against = THAN.match(behind) is not None and not behind.startswith(")")
        return bool(told) or BY.search(between) is not None or is_against

    def _signed(
        self,
        quantity: Quantity,
        passage: Passage,
        measure: Measure,
        word: DirectionWord | None,
        subjects: Sequence[Subject],
    ) -> Quantity:
        """The number with the sign that its words give it, of persons where it counts some."""
        quantity = _counted(quantity, passage, subjects)
        if quantity.is_signed or quantity.value < 0 or not subjects:
            return quantity
        counts = measure in ("change", "percent change") or _are_changes(subjects)
        before = self.draft.text[passage.start : quantity.start]
        counts = counts and not (word and word.leads == "reached") and not REACHED.search(before)
        is_down = counts and word is not None and word.direction == "down"
        is_short = measure in ("level", "sum") and self._is_short(quantity, passage, subjects[0])
        if counts and self._is_short(quantity, passage, subjects[0]):
            is_down = word is not None and word.direction == "up"  # a deficit that grows
        if not (is_down or is_short):
            return quantity
        turned: dict[Relation, Relation] = {">": "<", "<": ">"}
        relation = turned.get(quantity.relation, quantity.relation)
        return replace(quantity, value=-quantity.value, relation=relation)

    def _is_short(self, quantity: Quantity, passage: Passage, subject: Subject) -> bool:
        """Whether a balance is called a deficit; the nearer word counts."""
        if not BALANCE.search(subject.title):
            return False
        near = self.draft.text[passage.start : quantity.end + 12]
        short = [match.start() for match in SHORTFALL.finditer(near)]
        gained = [match.start() for match in GAINED.finditer(near)]
        return max(short, default=-1) > max(gained, default=-1)


def _counted(quantity: Quantity, passage: Passage, subjects: Sequence[Subject]) -> Quantity:
    """In a sentence "382 claims" are so many, whatever the series counts in."""
    is_bare = quantity.unit is None and quantity.scale == 1.0 and quantity.relation == "="
    are_persons = bool(subjects) and all("persons" in subject.unit for subject in subjects)
    if is_bare and are_persons and passage.kind == "sentence":
        return replace(quantity, unit="persons")
    return quantity


def _is_run(quantity: Quantity) -> bool:
    """ "Fifth decline in a row": a count of nothing that has a unit."""
    return quantity.is_word and quantity.unit is None


def _is_share(subject: Subject) -> bool:
    return subject.unit.lower().startswith(("percent", "%"))


def _are_changes(subjects: Sequence[Subject]) -> bool:
    """Whether a value of these is itself a change, so that a fall is a value below zero."""
    return bool(subjects) and all(
        CHANGES.search(f"{subject.unit} {subject.title}") for subject in subjects
    )


def _is_yearly(subjects: Sequence[Subject]) -> bool:
    return bool(subjects) and all("year on year" in subject.unit for subject in subjects)


def _fitting(
    quantity: Quantity, found: Candidates, ago: Step | None, *, is_rate: bool
) -> tuple[Subject, ...]:
    """The subjects, or what the same words mean in another unit where that alone fits: an amount,
    or a change on the year of what has a rate for the quarter. What is called inflation is no level
    of prices."""
    if not found.otherwise or not found.subjects:
        return found.subjects
    are_shares = all(_is_share(subject) for subject in found.subjects)
    is_amount = quantity.unit not in ("%", *POINTS) and abs(quantity.value) >= LEAST_AMOUNT
    if is_rate and any("index" in subject.unit for subject in found.otherwise):
        return found.subjects
    is_yearly = ago == "year" and quantity.unit == "%" and _are_changes(found.subjects)
    return found.otherwise if are_shares and (is_amount or is_yearly) else found.subjects
