"""Which way something went, told without a number: "core inflation did not fall".

The subject stands before the verb, and nothing between them but words that say nothing of their
own: where another word does, it is not certain what went that way.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from analytics.claims.naming.candidates import candidates
from analytics.claims.naming.subjects import Named
from analytics.claims.sentences.around import CLAUSE, Around
from analytics.claims.sentences.direction_words import FILE, DirectionWord, any_ending
from analytics.claims.sentences.passages import Passage
from analytics.claims.sentences.subject_kinds import are_changes, is_yearly
from analytics.claims.statement import Language, Quantity, Statement, Step, Subject

TOPICS = ("indicator", "instrument", "company", "concept", "pair", "part", "tenor")
POLICY = "policy_rate"
# "Has fallen": from when is not said.
PERFECT = re.compile(r"\b(?:has|have)(?:\s+(?:not|now|also|since|already|recently))?\s+$", re.I)
INNER = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?", re.IGNORECASE)
# Behind the verb what these begin belongs to a number or another subject, or is no whole sentence.
GOES_ON = re.compile(
    r"\s*(?:to|by|at|from a|auf|um|bei|à|de|al|un|en un|hasta|short of|behind|in line|faster|less|"
    r"more|further|than)\b(?!\s+(?:the|der|la|le|el)\b)|\s*[\d$€£¥+−-]",
    re.IGNORECASE,
)
# Of a growth that is a value of the series itself: its sign is what these verbs say.
OF_SIGN = re.compile(
    r"r[oi]se|risen|rise|f[ea]ll(?:en)?|grew|grown|contracted|shrank|shrunk|expanded|increased|"
    r"decreased|declined|dropped|wuchs|gewachsen|schrumpfte|geschrumpft|stieg|gestiegen|sank|"
    r"gesunken|fiel|gefallen|augment[ée]|progress[ée]|recul[ée]|baiss[ée]|diminué|creció|cayó|"
    r"aumentó|bajó|subió|disminuyó",
    re.IGNORECASE,
)
RATED = re.compile(
    r"inflation|growth|rate|quote|teuerung|inflación|croissance|taux|tasa|crecimiento|wachstum|pace",
    re.IGNORECASE,
)
# What is done to something else: of a bank's rates alone it is told what.
WITH_OBJECT = re.compile(
    r"raised|raises|hiked|cut|lowered|erhöhte|senkte|gesenkt|angehoben|relevé|recortó",
    re.IGNORECASE,
)
APPOSED = re.compile(r",\s+$")


def moves(around: Around, passage: Passage, language: Language) -> list[Statement]:
    """The movements of a passage that are told without a number, or apart from it."""
    found = [
        _move(around, passage, word, language)
        for word in around.words
        if passage.start <= word.start and word.end <= passage.end
    ]
    return [statement for statement in found if statement is not None]


def _move(
    around: Around, passage: Passage, word: DirectionWord, language: Language
) -> Statement | None:
    text = around.draft.text
    if not _is_told(text, word, language) or _has_number(around, word, passage):
        return None
    place = Quantity(word.start, word.end, 0.0, 0.0)
    if not _subject_leads(around, passage, word):
        return None
    period = around.periods.of(place, passage)
    reach = around.reach(place, passage)
    found = candidates(reach, around.directory, grain=period.grain if period else None)
    if found.state != "found" or _is_unclear(around, reach, word, found.subjects):
        return None
    if are_changes(found.subjects) and word.direction == "flat":
        return None  # of sales that did not move, or of a growth that was the same as before
    compare = around.periods.compared(place, passage)
    ago: Step | None = None if compare else around.periods.ago(place, passage)
    if are_changes(found.subjects) and OF_SIGN.fullmatch(text[word.start : word.end]):
        return _of_sign(around, passage, word, found.subjects)
    made = Statement(
        word.start,
        word.end,
        "direction",
        found.subjects,
        None,
        period,
        compare,
        word.direction,
        word.is_negated,
        ago=ago,
        is_open=PERFECT.search(text[max(passage.start, word.start - 24) : word.start]) is not None,
    )
    return replace(made, doubt=around.doubts.of(made, passage, has_word=True))


def _of_sign(
    around: Around, passage: Passage, word: DirectionWord, subjects: tuple[Subject, ...]
) -> Statement | None:
    """Of a series that has the growth itself, "GDP contracted" says that it lies below zero."""
    if word.direction == "flat":
        return None
    place = Quantity(word.start, word.end, 0.0, 0.0)
    period = around.periods.of(place, passage)
    if around.periods.compared(place, passage) or around.periods.ago(place, passage):
        return None
    quantity = replace(place, relation=">" if word.direction == "up" else "<")
    made = Statement(
        word.start,
        word.end,
        "level",
        subjects,
        quantity,
        period,
        is_negated=word.is_negated,
    )
    return replace(made, doubt=around.doubts.of(made, passage, has_word=True))


def _is_told(text: str, word: DirectionWord, language: Language) -> bool:
    said = text[word.start : word.end]
    return any(_verbs(spoken).fullmatch(said) for spoken in dict.fromkeys((language, "en")))


@cache
def _verbs(language: Language) -> re.Pattern[str]:
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return re.compile(any_ending(raw["told"][language]), re.IGNORECASE)


@cache
def _rates() -> re.Pattern[str]:
    """What a central bank raises, with up to three words before it."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    words = "|".join(word for some in raw["rates"].values() for word in some)
    return re.compile(rf"\s+(?:[^\W\d]+\s+){{0,3}}?(?:{words})\b", re.IGNORECASE)


@cache
def _between_words() -> frozenset[str]:
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return frozenset(word for words in raw["between"].values() for word in words)


def _has_number(around: Around, word: DirectionWord, passage: Passage) -> bool:
    """Whether a number of its clause tells the way: that one is judged with it."""
    text = around.draft.text
    for quantity in around.numbers:
        if quantity.start < word.end and quantity.end > word.start:
            return True
        if not passage.start <= quantity.start < passage.end:
            continue
        is_told = around.word(quantity, passage) == word and not around.is_spent(word, quantity)
        if is_told and not around.periods.is_earlier(quantity, passage):
            return True
    return GOES_ON.match(text, word.end) is not None


def _subject_leads(around: Around, passage: Passage, word: DirectionWord) -> bool:
    """Whether a name is the last thing before the verb that says something."""
    text = around.draft.text
    before = [
        name for name in around.names if passage.start <= name.start and name.end <= word.start
    ]
    topics = [name for name in before if name.kind in TOPICS and name.role != "unit"]
    if not topics or not _is_empty(around, text, topics[-1].end, word.start, before):
        return False
    last, said = topics[-1], text[word.start : word.end]
    is_bank = last.idea == POLICY and last.is_weak
    if is_bank and word.direction == "flat":
        return _rates().search(text, last.start, word.start) is not None
    if is_bank:
        return _rates().match(text, word.end) is not None
    return WITH_OBJECT.fullmatch(said) is None


def _is_empty(around: Around, text: str, start: int, end: int, names: Sequence[Named]) -> bool:
    """Whether words between two places are countries, times, or say nothing of their own."""
    is_apposed = APPOSED.search(text[start:end]) is not None
    if is_apposed and not text[end:].startswith("unchanged"):
        return False
    if is_apposed and not re.search(r"[;:(]", text[start:end]):
        return True  # "rose to 2.7% in October, unchanged from September"
    if ";" in text[start:end] or ":" in text[start:end]:
        return False
    covered = [(name.start, name.end) for name in names if name.kind == "country"]
    covered += [(one.start, one.end) for one in around.periods.mentions]
    for found in INNER.finditer(text, start, end):
        if any(first <= found.start() and found.end() <= last for first, last in covered):
            continue
        if found[0].lower() not in _between_words():
            return False
    return not CLAUSE.search(_without_asides(text[start:end])) and not re.search(
        r"\d", "".join(_left(text, start, end, covered))
    )


def _without_asides(words: str) -> str:
    """Without a time between two commas: "inflation, in May, rose"."""
    return re.sub(r",[^,]*,", " ", words)


def _left(text: str, start: int, end: int, covered: Sequence[tuple[int, int]]) -> Iterator[str]:
    for place in range(start, end):
        if not any(first <= place < last for first, last in covered):
            yield text[place]


def _is_unclear(
    around: Around, reach: Sequence[Named], word: DirectionWord, subjects: Sequence[Subject]
) -> bool:
    """ "Prices rose", of which only the rate of the year is there: it may fall all the same."""
    text = around.draft.text
    called = " ".join(text[name.start : name.end] for name in reach)
    if RATED.search(called) or RATED.search(text[max(0, word.start - 16) : word.start]):
        return False
    return is_yearly(subjects)
