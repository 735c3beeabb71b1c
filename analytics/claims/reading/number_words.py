"""Numbers that a draft says in words: fractions, multiples, runs of months, and two percent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from analytics.claims.reading.number_format import SpokenLanguages
from analytics.claims.reading.words import (
    LANGUAGES,
    PRINTED,
    SPACE,
    any_of,
    first_words,
    keys_of,
    matches,
    number_of,
    numbers,
    phrase,
    table,
    unit_words,
)
from analytics.claims.reading.written_units import TIMES, relation_before, share_at, suffix_at
from analytics.claims.statement import Quantity, Relation

# One of them counts only where a unit says so: a percentage point, a million people.
ARTICLES = re.compile("an?|une?|un[ao]|ein(?:e[nmrs]?)?")
HALVES = ("halben", "halber", "halbes", "demi", "medio", "media")
NEXT = re.compile(rf"{SPACE}*(\w{{1,40}})")
UNITS_OF_RUN = {"day": "days", "week": "weeks", "month": "months", "quarter": "quarters"}
UNITS_OF_RUN |= {"year": "years", "meeting": "meetings"}
ORDINAL = r"[0-9]{1,3}(?:st|nd|rd|th|er|ère|e|ème|º|ª|o|a|\.)"
POINT = (
    r"(?:of{s}(?:a{s})?|de{s}|-)?(?:percentage{s}|percentage-)?(?:points?|prozentpunkte?s?"
    r"|punkte?|punktes?|puntos?)(?:{s}(?:de{s}pourcentage|porcentual|porcentuales))?"
).replace("{s}", "[ \u00a0]")
# What makes "a third" a part of something and no ordinal.
PART_AFTER = """below above lower higher less more smaller larger cheaper dearer fewer of weniger
mehr niedriger höher unter über kleiner größer billiger teurer der des aller de du del menos más
inferior superior"""


def number_words(text: str, reading: SpokenLanguages) -> Iterator[Quantity]:
    """Every number in words; they may overlap, the earlier kinds go first."""
    yield from _runs(text)
    yield from _points_in_parts(text)
    yield from _tenths(text)
    yield from _multiples(text)
    yield from _parts(text)
    yield from _small_numbers(text, reading)


def _hedged(text: str, quantity: Quantity) -> Quantity:
    """With the relation that a word before it asks for."""
    said = relation_before(text, quantity.start)
    return replace(quantity, relation=said) if said else quantity


@cache
def _run_pattern() -> re.Pattern[str]:
    """ "twelfth month in a row", "nine months running", "for the third month", "zweiten Monat in
    Folge", "troisième mois consécutif", "three straight months"."""
    ordinal = rf"(?:{ORDINAL}|{any_of(keys_of('ordinals'))})"
    count = rf"(?:[0-9]{{1,3}}|{numbers()})"
    period = any_of(keys_of("periods"))
    after = any_of(_words("after"))
    before = any_of(_words("before"))
    gap = f"{SPACE}+"
    return re.compile(
        rf"(?<![\w.,])(?:"
        rf"(?P<a>{ordinal}|{count}){gap}(?P<pa>{period}){gap}{after}"
        rf"|(?P<b>{ordinal}|{count}){gap}{before}{gap}(?P<pb>{period})"
        rf"|(?<=for{SPACE}a{SPACE})(?P<c>{ordinal}){gap}(?P<pc>{period})"
        rf"|(?<=for{SPACE}the{SPACE})(?P<d>{ordinal}){gap}(?P<pd>{period})"
        rf")(?!\w)",
        re.IGNORECASE,
    )


@cache
def _counts() -> frozenset[str]:
    """What a count begins with."""
    return first_words(keys_of("numbers")) | {PRINTED}


def _words(key: str) -> list[str]:
    return [word for name in LANGUAGES for word in table(name)["streaks"][key]]


def _runs(text: str) -> Iterator[Quantity]:
    for found in matches(_run_pattern(), {*_counts(), *first_words(keys_of("ordinals"))}, text):
        kind = next(key for key in "abcd" if found[key])
        count = number_of(found[kind])
        period = keys_of("periods").get(phrase(found["p" + kind]), "any")
        if not count or (kind in "cd" and (count == 1 or period == "any")):
            continue  # "for the first time" is no run
        unit = UNITS_OF_RUN.get(period)
        yield Quantity(*found.span(), float(count), 0.0, unit=unit, is_word=True)


@cache
def _fractions() -> str:
    return any_of([*keys_of("fractions"), *HALVES])


@cache
def _points_pattern() -> re.Pattern[str]:
    """ "half a point", "a quarter of a percentage point", "ein Viertelprozentpunkt"."""
    number = rf"(?:(?:{numbers()}){SPACE}+|three{SPACE}*-?{SPACE}*)?"
    return re.compile(
        rf"(?<!\w){number}(?P<part>{_fractions()})(?:{SPACE}+an?)?(?:{SPACE}|-)*(?:{POINT}|"
        rf"(?:of{SPACE}(?:one|a){SPACE})?(?P<percent>percent|per{SPACE}cent|prozent|%))(?!\w)",
        re.IGNORECASE,
    )


def _points_in_parts(text: str) -> Iterator[Quantity]:
    for found in matches(
        _points_pattern(), first_words([*HALVES, *keys_of("fractions"), *keys_of("numbers")]), text
    ):
        share = _share(found["part"])
        head = text[found.start() : found.start("part")].strip(" \u00a0-").lower()
        times = (number_of(head) or 1) if head else 1
        if share is None or share * times >= 100:
            continue
        unit = "%" if found["percent"] else "pp"
        places = 0.05 if share * times == 50 else 0.005
        value = round(share * times / 100, 4)
        yield _hedged(text, Quantity(*found.span(), value, places, unit=unit, is_word=True))


def _share(word: str) -> float | None:
    """The hundredths that a part is, once: quarter 25; thirds 33.333."""
    found = "50" if phrase(word) in HALVES else keys_of("fractions").get(phrase(word))
    if found is None:
        return None
    return {"66.667": 100 / 3, "33.333": 100 / 3}.get(found, float(found))


@cache
def _tenths_pattern() -> re.Pattern[str]:
    tenths = rf"décimas?|dixièmes?(?:{SPACE}de{SPACE}point)?|zehntel(?:punkte?|prozentpunkte?)?"
    return re.compile(
        rf"(?P<n>[0-9]{{1,2}}|{numbers()}){SPACE}+(?:{tenths})(?!\w|{SPACE}parte)", re.IGNORECASE
    )


def _tenths(text: str) -> Iterator[Quantity]:
    """Spanish and French say "cuatro décimas" of four tenths of a point."""
    for found in matches(_tenths_pattern(), _counts(), text):
        count = number_of(found["n"])
        if count:
            quantity = Quantity(*found.span(), count / 10, 0.05, unit="pp", is_word=True)
            yield _hedged(text, quantity)


@cache
def _multiple_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-])(?P<word>{any_of(keys_of('multiples'))})(?![\w-])", re.IGNORECASE
    )


def _multiples(text: str) -> Iterator[Quantity]:
    for found in matches(_multiple_pattern(), first_words(keys_of("multiples")), text):
        value = float(keys_of("multiples").get(phrase(found["word"]), 0))
        if not value or text[found.end() : found.end() + 1] == "-":
            continue
        is_half = value < 1
        relation: Relation = "half" if is_half else "multiple"
        said = relation_before(text, found.start()) or _said_less(text, found.start())
        if said in (">", "<") and is_half:
            said = "<" if said == ">" else ">"  # more than halved: less than half is left
        elif said == "just below" and is_half:
            said = "about"
        yield Quantity(
            *found.span(),
            value,
            0.005 if is_half else 0.05,
            unit="times",
            relation=said or relation,
            is_word=True,
        )


def _said_less(text: str, place: int) -> Relation | None:
    """ "more than doubled": before a verb the comparison stands without a number."""
    said: dict[str, Relation] = {"more than": ">", "mehr als": ">", "plus que": ">", "más que": ">"}
    said |= {"less than": "<", "weniger als": "<", "moins que": "<"}
    window = " ".join(text[max(0, place - 12) : place].lower().split())
    return next((relation for words, relation in said.items() if window.endswith(words)), None)


@cache
def _part_pattern() -> re.Pattern[str]:
    """ "a fifth", "two thirds below", "ein Drittel", "un quart", "una cuarta parte"."""
    return re.compile(
        rf"(?:(?P<n>{numbers()}|die|la)(?:{SPACE}+|-))?(?P<part>{any_of(keys_of('fractions'))})"
        rf"(?!\w)(?P<after>{SPACE}+(?:{any_of(PART_AFTER.split())})(?!\w))?",
        re.IGNORECASE,
    )


@cache
def _by_pattern() -> re.Pattern[str]:
    by = any_of(["by", "um", "d'", "de", "en"])
    hedge = any_of(keys_of("hedges"))
    return re.compile(rf"(?<!\w){by}{SPACE}*(?:{hedge}{SPACE}*)?\Z", re.IGNORECASE)


def _parts(text: str) -> Iterator[Quantity]:
    firsts = first_words([*keys_of("fractions"), *keys_of("numbers"), "die", "la"])
    for found in matches(_part_pattern(), firsts, text):
        key = keys_of("fractions").get(phrase(found["part"]))
        number = found["n"]
        if key is None or not _is_part(text, found):
            continue
        times = (number_of(number) or 1) if number else 1
        share = 100 * 2 / 3 if key == "66.667" and " " in found["part"] else _share(found["part"])
        value = (share or 0.0) * times
        if 0 < value < 100:
            share_of, end = share_at(text, found.end("part"))
            quantity = Quantity(found.start(), end, round(value, 3), 0.5, unit="%", is_word=True)
            yield _hedged(text, replace(quantity, share_of=share_of))


def _is_part(text: str, found: re.Match[str]) -> bool:
    """A part of something: not the third month, the second half or a quarter earlier."""
    number, part = phrase(found["n"] or ""), phrase(found["part"])
    follows = NEXT.match(text, found.end("part"))
    next_word = follows[1].lower() if follows else ""
    if next_word in keys_of("periods") or next_word in keys_of("ordinals"):
        return False
    if (number_of(number) or 1) > 1 or " " in part:
        return True
    is_by = _by_pattern().search(text[max(0, found.start() - 40) : found.start()]) is not None
    if part in ("half", "hälfte", "moitié", "mitad"):
        return is_by
    return bool(number) and (is_by or bool(found["after"]))


@cache
def _small_pattern() -> re.Pattern[str]:
    scales = [word for word in unit_words("scales") if len(word) > 3]
    units = [
        word
        for section in ("units", "currencies", "hundredths")
        for word in unit_words(section)
        if len(word) > 2 or word == "%"
    ]
    return re.compile(
        rf"(?<![\w-])(?P<n>{numbers()})(?P<rest>(?:{SPACE}+|-)(?:and{SPACE}a{SPACE}half{SPACE}+)?"
        rf"(?={any_of([*scales, *units])}(?!\w)))",
        re.IGNORECASE,
    )


def _small_numbers(text: str, reading: SpokenLanguages) -> Iterator[Quantity]:
    """ "two percent", "drei Prozent", "a percentage point"; never years, which are time."""
    for found in matches(_small_pattern(), first_words(keys_of("numbers")), text):
        count, place = number_of(found["n"]), found.end("n")
        half = 0.5 if "half" in found["rest"].lower() else 0.0
        suffix = suffix_at(text, found.end() if half else place, reading.near(place))
        is_article = ARTICLES.fullmatch(phrase(found["n"])) is not None
        is_said = suffix.unit in ("pp", "%") or (suffix.scale > 1 and suffix.unit is not None)
        if not count or suffix.unit in TIMES or suffix.end <= place:
            continue
        if is_article and not half and not is_said:
            continue
        yield _hedged(
            text,
            Quantity(
                found.start(),
                suffix.end,
                (count + half) * suffix.scale,
                (0.05 if half else 0.5) * suffix.scale,
                suffix.scale,
                suffix.unit,
                suffix.share_of,
                is_word=True,
            ),
        )
