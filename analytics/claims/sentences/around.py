"""What stands around a number of a draft: names, words that say which way, periods and doubts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from analytics.claims.naming.directory import SubjectDirectory
from analytics.claims.naming.nearest import nearest
from analytics.claims.naming.subjects import Named, named
from analytics.claims.reading.quantities import quantities
from analytics.claims.reading.time_words import mentions
from analytics.claims.sentences.direction_words import DirectionWord, direction_words
from analytics.claims.sentences.doubts import Doubts
from analytics.claims.sentences.passages import Passage
from analytics.claims.sentences.period_marks import FROM, PAIR_OPENS, WEEKLY
from analytics.claims.sentences.period_words import Periods
from analytics.claims.statement import Language, Quantity, Step, Subject
from data.drafts.draft import DraftText

REACH = 60  # characters from a word that says which way to the number that it speaks of
POINTS = {"pp", "bp"}
FARTHEST = 400  # characters from the first part of a German verb to the number
DAILY = re.compile(r"\bon the day\b", re.IGNORECASE)
INFLATION = re.compile(r"inflation|inflación|teuerung", re.IGNORECASE)
OR_OF = re.compile(r",?\s*(?:or|oder|ou|o|i\.e\.)\s+(?:of|um|von|de|by)?\s*", re.IGNORECASE)
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
# "Slipped 0.2% on Wednesday to $1.7693".
CAME_TO = re.compile(
    r"\s*(?:(?:on|am|le|el)\s+\w+\s*)?,?\s*(?:(?:to close|to trade|closing|trading)\s+)?"
    r"(?:to|at|auf|à|a|hasta(?: los)?)\s+",
    re.IGNORECASE,
)
# A comma before the level that something came to ends no clause.
AIMED = re.compile(r",\s+(?=(?:hasta|to|by|auf|um|à|bis)\b)", re.IGNORECASE)
UM = re.compile(r"\bum\s+(?:rund |etwa |gut |knapp )?$")
# "43,000 jobs were lost": the word that says which way stands behind the number.
PASSIVE = re.compile(
    r"\s*(?:jobs |posts |positions |people )?(?:were|was|have been|had been)\s+", re.I
)
NEXT_OF_LIST = re.compile(r"\s*(?:,|,?\s*(?:and|und|et|y))\s+", re.IGNORECASE)
SAME_LIST = re.compile(
    r"(?:\s+(?:more|less|higher|lower))?\s+"
    r"(?:on|in|from|than|en|sur|gegenüber|zum|im)\s+(?:in )?(?:the |a |el |la |le |un |dem |der )?"
    r"(?:[^\W\d]+\s+)?[^\W\d]+(?:\s(?:ago|earlier|before))?\s+(?:and|but|y|et|und)\s+"
    r"(?:by |of |un |de |um )?",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[;:()]|\s[-\u2013\u2014]\s|,\s|\s(?:and|but|while|und|et|y|mais|pero|aber)\s")


@dataclass(frozen=True, slots=True)
class Placed:
    """A number in its sentence or cell, and the word that says which way it went."""

    quantity: Quantity
    passage: Passage
    word: DirectionWord | None


@dataclass(frozen=True, slots=True)
class Around:
    """What was found in a draft, by place."""

    draft: DraftText
    directory: SubjectDirectory
    names: Sequence[Named]
    words: Sequence[DirectionWord]
    periods: Periods
    doubts: Doubts
    numbers: Sequence[Quantity]
    found_words: dict[tuple[int, int], DirectionWord | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls, draft: DraftText, language: Language, clock: date, directory: SubjectDirectory
    ) -> Around:
        """Everything that stands in a draft."""
        text = draft.text
        numbers = quantities(text, language)
        names = named(text, 0, len(text), directory, language)
        periods = Periods(text, mentions(text, clock, language), clock)
        return cls(
            draft,
            directory,
            names,
            direction_words(text, language),
            periods,
            Doubts(text, language, names, periods, numbers),
            numbers,
        )

    def reach(self, quantity: Quantity, passage: Passage) -> list[Named]:
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

    def word(self, quantity: Quantity, passage: Passage) -> DirectionWord | None:
        """The word that says which way this number went: the last before it in its clause, else
        the one right behind it, or at the end of a German clause."""
        key = (quantity.start, passage.start)
        if key not in self.found_words:
            self.found_words[key] = self._word(quantity, passage)
        return self.found_words[key]

    def _word(self, quantity: Quantity, passage: Passage) -> DirectionWord | None:
        text, found, words = self.draft.text, None, self.words
        first = max(passage.start, quantity.start - FARTHEST)
        place = bisect_left(words, first, key=lambda word: word.start)
        last = bisect_left(words, min(quantity.end + 40, passage.end), key=lambda word: word.start)
        for word in words[place:last]:
            found = self._nearer(word, quantity, found)
        if found is None and (beside := self._same_list(quantity, passage)) is not None:
            return self.word(beside, passage)
        if found is None and (passive := PASSIVE.match(text, quantity.end)):
            found = next((word for word in words[place:] if word.start == passive.end()), None)
        if found is None and UM.search(text[max(0, quantity.start - REACH) : quantity.start]):
            before = bisect_left(words, quantity.start, key=lambda word: word.start)
            is_inside = before > 0 and words[before - 1].start >= passage.start
            return words[before - 1] if is_inside else None
        return found

    def _same_list(self, quantity: Quantity, passage: Passage) -> Quantity | None:
        """The number before it in "up 0.1 points on the month and 0.6 points on the year"."""
        before = [one for one in self.numbers if passage.start <= one.start < quantity.start]
        if not before or before[-1].unit != quantity.unit:
            return None
        between = self.draft.text[before[-1].end : quantity.start]
        is_same = SAME_LIST.fullmatch(between) or NEXT_OF_LIST.fullmatch(between)
        return before[-1] if is_same else None

    def _nearer(
        self, word: DirectionWord, quantity: Quantity, found: DirectionWord | None
    ) -> DirectionWord | None:
        """The next word of the text where it speaks of a number, else the one found before."""
        text, start, end = self.draft.text, quantity.start, quantity.end
        if word.start < start and end <= word.end:
            return word  # "nahm im Mai um 0,4 % zu"
        if word.end <= start:
            compares = COMPARES.fullmatch(text[word.start : word.end]) is not None
            between = AIMED.sub(" ", text[word.end : start])
            is_cut = len(between) > REACH or CLAUSE.search(between)
            return found if is_cut or (compares and quantity.relation != "=") else word
        if found is not None or word.start < end:
            return found
        between = text[end : word.start]
        is_last = UM.search(text[max(0, start - REACH) : start]) and not CLAUSE.search(between)
        is_apposed = word.direction == "flat" and "," in between  # a statement of its own
        is_beside = between.strip(" %,") == "" and not is_apposed
        return word if is_last or is_beside else None

    def is_quoted_in(self, subjects: Sequence[Subject], word: DirectionWord) -> bool:
        """Whether the word tells of the currency that a pair is quoted in, which falls as the pair
        rises: "the yen weakened to 104.63 per dollar"."""
        if len(subjects) != 1 or subjects[0].kind != "instrument":
            return False
        before = [name for name in self.names if name.end <= word.start]
        last = before[-1] if before else None
        is_beside = last is not None and self.draft.text[last.end : word.start].strip() == ""
        return (
            last is not None
            and is_beside
            and last.kind == "currency"
            and last.ids[0] == subjects[0].currency
        )

    def is_called_rate(self, reach: Sequence[Named]) -> bool:
        called = [self.draft.text[name.start : name.end] for name in reach]
        return any(INFLATION.search(words) for words in called)

    def usual_base(self, passage: Passage, subjects: Sequence[Subject]) -> Step | None:
        """What a move is measured from that says nothing of it: accounts from a year before, and
        prices from a week before where the paragraph or the title speaks of one."""
        if not subjects or subjects[0].kind == "series":
            return None
        if subjects[0].kind == "account":
            return "year"
        blocks = self.draft.blocks
        told = [blocks[0], *(blocks[passage.paragraph : passage.paragraph + 1])]
        words = [self.draft.text[part.start : part.end] for part in told]
        words += [self.draft.text[start:end] for start, end in self.headings(passage)]
        is_daily = any(DAILY.search(part) for part in words)
        is_weekly = any(WEEKLY.search(part) for part in words) and not is_daily
        return "week" if is_weekly else None

    def unit_aimed_at(
        self, quantity: Quantity, passage: Passage, reach: Sequence[Named]
    ) -> str | None:
        """ "Slipped 0.2% to $1.7693": the currency of the level that the move came to, where only
        a currency is named."""
        is_money = all(name.kind in ("currency", "country") for name in reach)
        if quantity.unit != "%" or passage.kind == "cell" or not is_money:
            return None
        behind = [one for one in self.numbers if quantity.end <= one.start < passage.end]
        after = behind[0] if behind else None
        if after is None or not after.unit or len(after.unit) != 3 or not after.unit.isupper():
            return None
        between = self.draft.text[quantity.end : after.start]
        return after.unit if CAME_TO.fullmatch(between) else None

    def headings(self, passage: Passage) -> list[tuple[int, int]]:
        """The title of the draft, and the last heading before a passage."""
        blocks = self.draft.blocks
        above = [one for one in blocks if one.kind == "heading" and one.end <= passage.start]
        title = [one for one in blocks[:1] if one.end <= passage.start]
        return [(one.start, one.end) for one in [*above[-1:], *title]]

    def heads_change(self, passage: Passage) -> bool:
        return any(CHANGED.search(self.draft.text[start:end]) for start, end in passage.heads[:1])

    def is_same_move(self, quantity: Quantity, passage: Passage) -> bool:
        """ "A rise of 0.4 points, or of 10.5 percent": one move in two units."""
        before = [one for one in self.numbers if passage.start <= one.start < quantity.start]
        if quantity.unit != "%" or not before or before[-1].unit not in (*POINTS, "points"):
            return False
        return OR_OF.fullmatch(self.draft.text, before[-1].end, quantity.start) is not None

    def is_spent(self, word: DirectionWord, quantity: Quantity) -> bool:
        """Whether the word has its number already: "gained 0.5%, to 1.113". Where it came from is
        none, and a level behind a comma of its own is told apart from the way there."""
        between = self.draft.text[word.end : quantity.start]
        if DETACHED.search(between):
            return True
        inside = [one for one in self.numbers if word.end <= one.start < quantity.start]
        return any(
            not FROM.search(self.draft.text[max(0, one.start - REACH) : one.start])
            and not PAIR_OPENS.search(self.draft.text[max(0, one.start - REACH) : one.start])
            for one in inside
        )
