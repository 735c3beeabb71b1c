"""A sentence of a note as the gate reads it: which facts it names, its numbers, times and words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from analytics.claims.reading.quantities import quantities
from analytics.claims.reading.time_words import mentions
from analytics.claims.statement import Mention, Quantity
from analytics.notes.fact import Fact, FactPack

WORDS = Path(__file__).parent / "plain_words.toml"
SENTENCE = re.compile(r"(?<=[.!?])(?<!\b[A-Za-z]\.)\s+|\n+")
QUOTE = re.compile(r"“([^”]*)”|\"([^\"]*)\"|„([^“]*)“|«([^»]*)»")
TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
DIGITS = re.compile(r"[+\-−]?\d[\d.,]*")
BREAK = re.compile(r"[,;:()]|(?<!\w)(?:and|but|while|whereas|after|against|or)(?!\w)")
LINK = re.compile(r"\s+(?:(?:in|for|of|on|about|the|a)\s+)+")
Distance = tuple[int, int]


@cache
def plain_words() -> Mapping[str, frozenset[str]]:
    """The vocabulary of notes, by its parts."""
    read = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    parts = {name: text for name, text in read.items() if isinstance(text, str)}
    for section in ("direction", "relation", "tense", "superlatives"):
        parts |= read[section]
    return {name: frozenset(text.split()) for name, text in parts.items()}


@cache
def allowed_words() -> frozenset[str]:
    """Every word that needs no fact; superlatives need one."""
    return frozenset().union(*(words for name, words in plain_words().items() if name != "words"))


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words in [start, end) that belong to a group of some facts, or name a subject."""

    start: int
    end: int
    groups: frozenset[tuple[str, int]]  # of fact ids
    subject: str = ""


class Phrases:
    """Every phrase by which a pack's facts and subjects are named."""

    def __init__(self, pack: FactPack) -> None:
        self.of: dict[str, set[tuple[str, int]]] = {}
        for fact in pack:
            for number, group in enumerate(fact.named_by):
                for phrase in group if fact.kind != "headline" else ():
                    self.of.setdefault(phrase.lower(), set()).add((fact.id, number))
        for item in pack.missing:  # what is missing may be named; no number states it
            self.of.setdefault(item.label.lower(), set())
        self.subjects = {
            word.lower(): name for name, words in pack.names.items() for word in words if word
        }
        every = sorted({*self.of, *self.subjects}, key=len, reverse=True)
        options = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in every) or "$^"
        self.pattern = re.compile(rf"(?<![\w-])(?:{options})(?:'s)?(?![\w-])", re.IGNORECASE)

    def found(self, text: str) -> Iterator[Spoken]:
        """Where the text names a fact or a subject, the longest phrase first."""
        for match in self.pattern.finditer(text):
            phrase = re.sub(r"\s+", " ", match[0].lower())
            if phrase not in self.of and phrase not in self.subjects:
                phrase = phrase.removesuffix("'s")
            groups = frozenset(self.of.get(phrase, ()))
            yield Spoken(match.start(), match.end(), groups, self.subjects.get(phrase, ""))


@dataclass(frozen=True)
class NoteSentence:
    """One sentence with what it names; places are those of the sentence."""

    text: str
    start: int
    spoken: tuple[Spoken, ...]
    quotes: tuple[tuple[int, int, str], ...]
    numbers: tuple[Quantity, ...]
    times: tuple[Mention, ...]
    named: Mapping[str, tuple[tuple[Spoken, ...], ...]] = field(repr=False)

    def apart(self, one: tuple[int, int], other: tuple[int, int]) -> Distance:
        """How far two stretches are apart: breaks between them, then letters."""
        first, second = sorted((one, other))
        between = self.text[first[1] : second[0]]
        behind = one < other  # the words follow the number: a little farther than before it
        return len(BREAK.findall(between)), 2 * max(0, second[0] - first[1]) + behind

    def nearest(self, fact: Fact, place: tuple[int, int]) -> tuple[Distance, ...]:
        """How far the words of each group of a named fact are from a place."""
        return tuple(
            min(self.apart(place, (one.start, one.end)) for one in group)
            for group in self.named[fact.id]
        )

    def is_covered(self, start: int, end: int) -> bool:
        """Whether a stretch lies in words that name a fact, a subject or a quoted headline."""
        spans = [(one.start, one.end) for one in self.spoken]
        spans += [(first, last) for first, last, _ in self.quotes]
        return any(first <= start and end <= last for first, last in spans)


def sentences(pack: FactPack, phrases: Phrases, text: str) -> Iterator[NoteSentence]:
    """The sentences of a section."""
    place = 0
    for part in SENTENCE.split(text):
        start = text.index(part, place)
        place = start + len(part)
        if part.strip():
            yield _sentence(pack, phrases, part, start)


def _sentence(pack: FactPack, phrases: Phrases, text: str, start: int) -> NoteSentence:
    quotes = tuple(
        (match.start(), match.end(), next(part for part in match.groups() if part is not None))
        for match in QUOTE.finditer(text)
    )
    bare = QUOTE.sub(lambda match: " " * len(match[0]), text)
    spoken = tuple(phrases.found(bare))
    hidden = _hidden(bare, spoken)
    times = _times(bare, pack.as_of.date(), spoken)
    numbers = tuple(_numbers(hidden, times))
    return NoteSentence(text, start, spoken, quotes, numbers, times, _named(pack, bare, spoken))


def _hidden(text: str, spoken: Sequence[Spoken]) -> str:
    """The text with the digits of names and labels out of sight, so that they are no numbers."""
    letters = list(text)
    for one in spoken:
        if any(letter.isdigit() for letter in text[one.start : one.end]):
            letters[one.start : one.end] = "x" * (one.end - one.start)
    return "".join(letters)


def _times(text: str, clock: date, spoken: Sequence[Spoken]) -> tuple[Mention, ...]:
    """The times that a sentence names, horizons of facts apart."""
    found = mentions(text, clock, "en")
    return tuple(
        time
        for time in found
        if not any(one.start < time.end and time.start < one.end for one in spoken)
    )


def _numbers(text: str, times: Sequence[Mention]) -> Iterator[Quantity]:
    """Every number, also those that a draft would not state anything with."""
    read = quantities(text, "en")
    yield from read
    taken = [(one.start, one.end) for one in read] + [(one.start, one.end) for one in times]
    for match in DIGITS.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            digits = match[0].rstrip(".,")
            yield _bare(digits, match.start())


def _bare(digits: str, start: int) -> Quantity:
    """A number that no reading of drafts takes for a quantity."""
    plain = digits.replace("−", "-").replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        value = float("nan")
    half = 0.5 * 10.0 ** -len(plain.partition(".")[2])
    return Quantity(start, start + len(digits), value, half, is_signed=plain[:1] in "+-")


def _named(
    pack: FactPack, text: str, spoken: Sequence[Spoken]
) -> dict[str, tuple[tuple[Spoken, ...], ...]]:
    """The facts of which the sentence has a word of every group, and whose subject it means."""
    said = {one.subject for one in spoken if one.subject}
    by_group: dict[tuple[str, int], list[Spoken]] = {}
    single = {fact.id for fact in pack if len(fact.named_by) == 1}
    for number, one in enumerate(spoken):
        is_qualified = number > 0 and _qualifies(text, spoken[number - 1], one, single)
        for key in one.groups:
            if not (is_qualified and key[0] in single):
                by_group.setdefault(key, []).append(one)
    named = {}
    for fact in pack:
        groups = tuple(tuple(by_group.get((fact.id, n), ())) for n in range(len(fact.named_by)))
        if all(groups) and _is_meant(pack, fact, said):
            named[fact.id] = groups
    return named


def _qualifies(text: str, one: Spoken, other: Spoken, single: set[str]) -> bool:
    """Whether words make another fact of those that follow: "the consensus for the policy rate"."""
    if not LINK.fullmatch(text, one.end, other.start):
        return False
    heads = {name for name, group in one.groups if group == 0 and name not in single}
    return any(name in heads for name, group in other.groups if group > 0)


def _is_meant(pack: FactPack, fact: Fact, said: set[str]) -> bool:
    """Whether a sentence that names these subjects can speak of the fact's."""
    if fact.subject in said or fact.role == "view":
        return True
    same = [name for name in said if _is_like(pack, name) == _is_like(pack, fact.subject)]
    return not same and fact.subject in pack.own


def _is_like(pack: FactPack, name: str) -> bool:
    """Whether a subject is a country; an instrument and its country are not each other's rivals."""
    return any(word in pack.countries for word in pack.names.get(name, ()))
