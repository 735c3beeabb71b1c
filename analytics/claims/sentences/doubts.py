"""Words by which a number is something else than a plain statement of what is named near it.

A sentence that only supposes holds no statement. A number that is denied from afar, of another time
than can be read, of a part of what is named, or that one of several countries or subjects may have,
is found but not judged: an agreement of its value would be chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.claims.naming.subjects import Named
from analytics.claims.sentences.doubt_words import (
    RHYTHMS,
    Doubting,
    carried_words,
    rhythm_of,
    words_of,
)
from analytics.claims.sentences.passages import Passage
from analytics.claims.sentences.period_marks import AGO
from analytics.claims.sentences.period_words import Periods
from analytics.claims.statement import Language, Measure, Mention, Quantity, Statement
from analytics.claims.wording import as_spoken

MOVES: tuple[Measure, ...] = ("change", "percent change", "ratio", "direction")
LEVELS: tuple[Measure, ...] = ("level", "close")
SUBJECTS = ("indicator", "instrument", "company", "concept", "pair", "part")
TOPICS = (*SUBJECTS, "tenor", "currency")
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
SHORT = 3
# A sentence that points back speaks of what was named before.
POINTING = re.compile(
    r"\b(?:it|they|its|their|this|that|these|sie|er|es|ihr\w*|dies\w*|elle|il|ils|elles|celui|celle|"
    r"ella|este|esta)\b|\bl['’]indice\b|\bder index\b|\bthe index\b|\bthe rate\b",
    re.IGNORECASE,
)
LONG = ("year", "span")
BEHIND = 48  # characters behind a number in which words may still speak of it
MODAL = re.compile(r"\bmay\s+(?:not\s+|also\s+|well\s+|yet\s+)?[a-z]")  # the month has a capital
# A denial right before a number turns it round; what stands between is no word of its own.
TURNED = re.compile(
    r"(?:\b(?:is|was|are|were)\s+(?:not|no longer|never)|\b(?:is|was|are|were)n['’]t|\bno longer|"
    r"\b(?:not|no longer) (?:above|below|over|under|more than|less than)|"
    r"\bnicht(?: mehr)?(?: bei)?|\bpas (?:de|à)|\bno (?:es|era|fue)(?: de| del| el)?|\bnot)\s+$",
    re.IGNORECASE,
)
ONLY = re.compile(
    r"\b(?:not (?:only|just|merely|far from|far off)|nicht nur|pas seulement|no s[oó]lo)\b",
    re.IGNORECASE,
)
CUT = re.compile(r"[;:]|,\s|\s[-–—]\s|\b(?:but|sondern|aber|mais|sino|pero)\b", re.IGNORECASE)
HALF = re.compile(
    r";|,\s+(?:while|whereas|but|and|während|und|tandis que|et|mientras|y)\b|\bwhile\b",
    re.IGNORECASE,
)
# What may stand between a country and the number that is its own: "France at", "in France (".
BESIDE = re.compile(
    r"(?:['’]s?)?\s*\(?(?:(?:at|is|was|with|had|has|to|of|by|de|du|del|bei|à|el|le|la)\s+){0,2}"
    r"[-+−–$€£¥(]*",
    re.IGNORECASE,
)
JOINED = re.compile(
    r"(?:['’]s?)?\s*(?:,|,?\s*(?:and|or|und|oder|et|ou|y|o|as well as)\s|/|\()\s*"
    r"(?:(?:in|of|the|for|der|die|das|den|im|la|le|les|l['’]|el|los|las|de|du|des|del|en|aux?)\s+){0,2}",
    re.IGNORECASE,
)
# What stands between two numbers of one list: "4.4% and 5.1%", "47.2 (45.5)".
LISTED = re.compile(
    r"[\s,/()–-]*(?:and|und|et|y|e|against|respectively)?[\s(]*(?:(?:of|de|du|del|el|von)\s+)?",
    re.IGNORECASE,
)
# What begins an aside that speaks of something else than its sentence.
ASIDE = re.compile(
    r",\s+(?:unlike|against|compared|as (?:in|opposed)|like|which|who|whose|with|versus|"
    r"next to|not|frente|a diferencia|contre|contrairement|anders als|im Gegensatz|gegenüber|"
    r"que|die|der|das|qui|dont|higher|lower|more|less|above|below|just)\b",
    re.IGNORECASE,
)
BUT = re.compile(r"\banything but\b", re.IGNORECASE)
# The whole sentence denies what follows.
UNTRUE = re.compile(
    r"\bnot true\b|\buntrue\b|\bstimmt nicht\b|\bnicht wahr\b|\bfalsch, dass\b|"
    r"n['’]est pas vrai|\bil est faux\b|\bno es (?:cierto|verdad)\b|\bes falso\b",
    re.IGNORECASE,
)
SUPERLATIVE = re.compile(r"\b(?:\w+est|best|worst|first time|high|low)\b[^,;]*$", re.IGNORECASE)
# A time that something is compared with is not that of the number.
AGAINST = re.compile(
    r"\b(?:than|from|over|above|below|on|against|after|gegenüber|als|über|unter|nach|que|sur|contre|"
    r"frente a)\b[^,;]{0,16}$",
    re.IGNORECASE,
)
FAR = 40  # characters from a number to the country that it is compared with
AGAINST_COUNTRY = re.compile(
    r"^[^.;,\d]*\b(?:than|below|above|als|unter|über|gegenüber|que|inférieure? à|supérieure? à)\s+"
    r"(?:(?:in|that|those|of|the|der|die|das|den|en|la|le|el|de|celle|celui|à)\s+)*(?:l['’])?$",
    re.IGNORECASE,
)
CITY = re.compile(r"\b(?:in|à|en)\s$", re.IGNORECASE)


def is_supposed(text: str, passage: Passage, language: Language) -> bool:
    """Whether a sentence only supposes, asks or looks ahead."""
    words = text[passage.start : passage.end]
    if passage.kind == "cell":
        return False
    asks = words.rstrip(" \"'”»)").endswith("?")
    return bool(asks or MODAL.search(words) or words_of("supposed", language).search(words))


def is_turned_round(text: str, quantity: Quantity) -> bool:
    """Whether a number itself is denied: "is not 4.4%"."""
    before = text[max(0, quantity.start - 40) : quantity.start]
    return TURNED.search(before) is not None


@dataclass(frozen=True, slots=True)
class _Room:
    """The words around a number that speak of it alone, in [first, last) of the text."""

    first: int
    last: int
    before: str
    behind: str


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is needed to tell, for every number of a draft, whether it can be judged."""

    text: str
    language: Language
    names: Sequence[Named]
    periods: Periods
    numbers: Sequence[Quantity]

    def of(
        self,
        statement: Statement,
        passage: Passage,
        *,
        has_word: bool,
        has_own_name: bool = False,
        has_own_time: bool = False,
    ) -> str:
        """Why a statement cannot be judged; empty where it can. Its own name or period may have
        been told from those of a list beside it."""
        if passage.is_rest:
            return "…"
        if narrower := self._narrower(statement, passage):
            return narrower
        if passage.kind == "cell":
            return ""
        if stranger := self._stranger(statement, passage):
            return stranger
        if self._is_in_brackets(statement):
            return self.text[statement.start - 1 : statement.end + 1]
        room = self._room(statement, passage)
        is_move = statement.measure in MOVES
        return (
            self._denied(statement, passage)
            or ("" if has_own_name else self._rivals(statement, passage, room.first))
            or self._rhythm(statement, passage, room.behind)
            or ("" if has_own_time else self._joined_times(statement, room.first))
            or (self._other_base(statement, room) if is_move else "")
            or (self._other_origin(statement, passage, room) if statement.back else "")
            or (self._other_time(statement, room, has_word=has_word) if not is_move else "")
        )

    def _room(self, statement: Statement, passage: Passage) -> _Room:
        """From the number before to the number behind, within the sentence."""
        before = [one for one in self.numbers if passage.start <= one.start < statement.start]
        starts = [one.start for one in self.numbers if one.start >= statement.end]
        place, first = statement.start, passage.start
        for one in reversed(before):
            if not LISTED.fullmatch(self.text, one.end, place):
                first = one.end
                break
            place = one.start
        halves = [match.end() for match in HALF.finditer(self.text, first, statement.start)]
        first = halves[-1] if halves else first
        last = min([passage.end, statement.end + BEHIND, *starts[:1]])
        cut = CUT.search(self.text, statement.end, last)
        last = cut.start() if cut else last
        words = self.text[first : statement.start], self.text[statement.end : last]
        return _Room(first, last, *words)

    def _narrower(self, statement: Statement, passage: Passage) -> str:
        """Words for a part or a kind of what is named, which no name of it has taken in."""
        stretches = [(passage.start, passage.end)] if passage.kind != "cell" else passage.heads
        is_account = any(one.kind == "account" for one in statement.candidates)
        sections: list[Doubting] = ["narrower", "of_accounts"] if is_account else ["narrower"]
        for start, end in stretches:
            for section in sections:
                for found in words_of(section, self.language).finditer(self.text, start, end):
                    is_read = any(_is_read(name, found) for name in self.names)
                    if section == "of_accounts" or not is_read:
                        return found[0]
            for found in words_of("compilers", self.language).finditer(self.text, start, end):
                if not any(found[0].lower() in one.title.lower() for one in statement.candidates):
                    return found[0]
        is_market = all(one.kind == "instrument" for one in statement.candidates)
        return "" if is_market else self._city(passage)

    def _is_in_brackets(self, statement: Statement) -> bool:
        """ "4.2% (3.8%)": of the period before, or what was expected."""
        start, end = statement.start, statement.end
        if self.text[start - 1 : start] != "(" or self.text[end : end + 1] != ")":
            return False
        return any(self.text[one.end : start].strip() == "(" for one in self.numbers)

    def _stranger(self, statement: Statement, passage: Passage) -> str:
        """The subject of a sentence that is none of the names known, where the one that would be
        judged comes from a sentence before."""
        inside = [one for one in self.names if passage.start <= one.start < passage.end]
        if passage.kind == "heading" or any(one.kind in TOPICS for one in inside):
            return ""
        if self.text[max(0, passage.start - 8) : passage.start].rstrip().endswith((";", ":")):
            return ""
        if POINTING.search(self.text[passage.start : statement.start]):
            return ""
        covered = [(one.start, one.end) for one in inside]
        covered += [(one.start, one.end) for one in self.periods.mentions]
        covered += [(one.start, one.end) for one in self.numbers]
        for found in WORD.finditer(self.text, passage.start, statement.start):
            is_read = any(first <= found.start() < last for first, last in covered)
            word = found[0].lower()
            if len(word) > SHORT and not is_read and not carried_words().fullmatch(word):
                return found[0]
        return ""

    def _city(self, passage: Passage) -> str:
        """ "In Berlin": the city, and not the country that it speaks for."""
        inside = [one for one in self.names if passage.start <= one.start < passage.end]
        places = [name for name in inside if name.kind == "country"]
        for name in places:
            lead = self.text[max(0, name.start - 4) : name.start]
            if all(one.is_weak for one in places) and CITY.search(lead):
                return self.text[name.start : name.end]
        return ""

    def _denied(self, statement: Statement, passage: Passage) -> str:
        if statement.is_negated:
            return ""
        clause = self.text[passage.start : statement.start]
        if whole := UNTRUE.search(clause):
            return whole[0]
        clause = BUT.sub("far from", clause)
        cuts = [match.end() for match in CUT.finditer(clause)]
        clause = ONLY.sub("", clause[cuts[-1] if cuts else 0 :])
        found = words_of("denied", self.language).search(clause)
        return found[0] if found else ""

    def _rivals(self, statement: Statement, passage: Passage, first: int) -> str:
        """Two countries, or two subjects joined, of which it is not told which has the number."""
        told = [name for name in self.names if passage.start <= name.start < statement.start]
        told = [name for name in told if name.end <= statement.start]
        ahead = [name for name in told if first <= name.start]
        places = _apart(name for name in ahead if name.kind == "country" and not name.is_weak)
        if len({name.ids for name in places}) > 1:
            one, two = places[-2:]
            is_joined = JOINED.fullmatch(self.text, one.end, two.start) is not None
            if is_joined or not self._is_beside(two, statement):
                return self.text[one.start : two.end]
        if joined := self._last_joined(told, statement):
            return joined
        for kinds in (("country",), SUBJECTS):
            of_kind = _apart(name for name in told if name.kind in kinds)
            if len({name.ids for name in of_kind}) > 1 and self._is_aside(of_kind[-1], statement):
                return self.text[of_kind[-1].start : of_kind[-1].end]
        subjects = _apart(name for name in ahead if name.kind in SUBJECTS)
        for one, two in zip(subjects, subjects[1:], strict=False):
            is_same = (one.kind, one.ids, one.idea) == (two.kind, two.ids, two.idea)
            is_joined = JOINED.fullmatch(self.text, one.end, two.start) is not None
            if one.kind == two.kind and is_joined and not is_same:
                return self.text[one.start : two.end]
        return ""

    def _last_joined(self, told: Sequence[Named], statement: Statement) -> str:
        """Two countries that were joined before an earlier number, and none named since."""
        places = _apart(name for name in told if name.kind == "country" and not name.is_weak)
        tenors = _apart(name for name in told if name.kind == "tenor")
        pairs = [*zip(places[-2:], places[-1:], strict=False)]
        pairs += zip(tenors[-2:], tenors[-1:], strict=False)
        for one, two in pairs:
            is_joined = JOINED.fullmatch(self.text, one.end, two.start) is not None
            if one.ids != two.ids and is_joined and not self._is_beside(two, statement):
                return self.text[one.start : two.end]
        return ""

    def _is_beside(self, name: Named, statement: Statement) -> bool:
        return BESIDE.fullmatch(self.text, name.end, statement.start) is not None

    def _is_aside(self, name: Named, statement: Statement) -> bool:
        """Whether a name stands in parentheses or commas that are closed before the number."""
        between = self.text[name.end : statement.start]
        if re.match(r"[^(]*\)", between):
            return True
        before = self.text[max(0, name.start - 60) : name.start]
        closed = re.search(r"[^,]*,\s+[^\W\d]", between)
        opened = before[max(before.rfind(", "), 0) :]
        return bool(closed and ASIDE.search(opened))

    def _rhythm(self, statement: Statement, passage: Passage, behind: str) -> str:
        """A rate of the year that is said of the month, or the other way round."""
        rhythms = {rhythm_of(subject) for subject in statement.candidates}
        are_rates = all(one.unit.lower().startswith("percent") for one in statement.candidates)
        if statement.measure != "level" or not statement.candidates or not are_rates:
            return ""
        before = self.text[passage.start : statement.start]
        for words in (behind, CUT.split(before)[-1]):
            for step, pattern in RHYTHMS.items():
                if step not in rhythms and (found := pattern.search(words)):
                    return found[0]
        return ""

    def _joined_times(self, statement: Statement, first: int) -> str:
        """Two periods joined, of which it is not told which has the number."""
        ahead = self._mentions(first, statement.start, ("of",))
        for one, two in zip(ahead, ahead[1:], strict=False):
            opened = self.text[max(first, one.start - 10) : one.start].lower()
            is_within = one.span.first <= two.span.first and two.span.last <= one.span.last
            if "between" in opened or is_within:
                continue
            if JOINED.fullmatch(self.text, one.end, two.start):
                return self.text[one.start : two.end]
        return ""

    def _other_origin(self, statement: Statement, passage: Passage, room: _Room) -> str:
        """Where something came from is the value before, but not from so long ago."""
        far = AGO["year"].search(room.behind)
        if far and any(one.frequency != "annual" for one in statement.candidates):
            return far[0]
        rest = self._mentions(statement.end, passage.end, ("of",))
        return next((as_spoken(one.span) for one in rest if one.span.grain in LONG), "")

    def _other_time(self, statement: Statement, room: _Room, *, has_word: bool) -> str:
        """Of a time that is told, but not as a period."""
        if statement.measure not in LEVELS or statement.back or statement.ago:
            return ""
        for words in (room.before, room.behind):
            for found in words_of("other_time", self.language).finditer(words):
                if not AGAINST.search(words[: found.start()]):
                    return found[0]
        return self._undated(statement, room, has_word=has_word)

    def _undated(self, statement: Statement, room: _Room, *, has_word: bool) -> str:
        """ "A year ago it was 4.4%", "4.4% since January": spans that are no period of a level."""
        rhythms = {rhythm_of(subject) for subject in statement.candidates}
        is_yearly = rhythms == {"year"}
        own = RHYTHMS.get(next(iter(rhythms), "")) if len(rhythms) == 1 else None
        roles = ("ago", "since") if is_yearly else ("ago", "since", "in years")
        for mention in self._mentions(room.first, room.last, roles):
            told = self.text[mention.start : mention.end]
            lead = self.text[max(0, mention.start - 60) : mention.start]
            is_others = not self.text[room.first : mention.start].strip() and any(
                one.end == room.first for one in self.numbers
            )
            if is_others or AGAINST.search(lead) or (own is not None and own.search(told)):
                continue
            if mention.role != "since":
                return told
            is_extreme = SUPERLATIVE.search(re.sub(r"\W*since\W*$", "", lead)) is not None
            if not has_word and not is_extreme and mention.start >= statement.end:
                return told
        return ""

    def _other_base(self, statement: Statement, room: _Room) -> str:
        """A move since some time that was not understood."""
        if abroad := self._against_country(statement):
            return abroad
        if statement.compare is not None or statement.ago is not None:
            return ""
        roles = ("since", "from", "in years", "ago")
        if bases := self._mentions(room.first, room.last, roles):
            return self.text[bases[0].start : bases[0].end]
        period = statement.period
        if period is not None and period.grain == "span" and statement.measure != "ratio":
            return as_spoken(period)
        for words in (room.before, room.behind):
            if found := words_of("other_base", self.language).search(words):
                return found[0]
        return ""

    def _against_country(self, statement: Statement) -> str:
        """ "0.9 points below German inflation": no move, and what it is against was not read."""
        for name in self.names:
            if name.kind != "country" or not 0 < name.start - statement.end <= FAR:
                continue
            if AGAINST_COUNTRY.search(self.text[statement.end : name.start]):
                return self.text[statement.end : name.end].strip()
        return ""

    def _mentions(self, first: int, last: int, roles: Sequence[str]) -> list[Mention]:
        return [
            one for one in self.periods.mentions if first <= one.start < last and one.role in roles
        ]


def _apart(names: Iterable[Named]) -> list[Named]:
    """Of names on the same words the first, in the order of the text."""
    kept: list[Named] = []
    for name in sorted(names, key=lambda one: (one.start, one.end)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept


def _is_read(name: Named, found: re.Match[str]) -> bool:
    return name.start <= found.start() and found.end() <= name.end
