"""Spans of time with a name of their own: days, months, quarters, halves, years and decades."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import cache, partial
from typing import Literal

from analytics.claims.reading.not_quantities import is_level
from analytics.claims.reading.words import (
    LANGUAGES,
    PRINTED,
    SPACE,
    any_of,
    first_words,
    keys_of,
    matches,
    number_of,
    phrase,
    table,
)
from analytics.claims.reading.written_units import prefix_at, suffix_at
from analytics.claims.statement import Language, Mention, Span

YEARS = r"(?:19|20)[0-9]{2}"
END = r"(?![\w]|[.,][0-9])"
# The year behind a month or a quarter, printed or said.
OF_YEAR = (
    rf"(?:,?{SPACE}+(?:(?:of|de|del|des|du|d'){SPACE}*)?(?P<year>{YEARS}){END}"
    rf"|{SPACE}*[-/']{SPACE}?'?(?P<short>{YEARS}|[0-9]{{2}}){END}|{SPACE}*'(?P<short2>[0-9]{{2}}){END}"
    rf"|,?{SPACE}+(?:(?:of|de|del|des|du){SPACE}+)?(?P<said>{{said}}))?"
)


Role = Literal["of", "since", "from", "to", "ago", "in years"]


@dataclass(frozen=True, slots=True)
class NamedTime:
    """Words in [start, end) that name a span, which the clock makes days of.

    `looking_back` asks first for the span in the mentions before it, of which those from a place
    on are of the same sentence: "the Friday before", "that quarter".
    """

    start: int
    end: int
    span: Callable[[date], Span | None]
    role: Role = "of"
    looking_back: Callable[[Sequence[Mention], int], Span | None] | None = None


def month_span(year: int, month: int) -> Span:
    """A month; months before and after the year count on."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    last = monthrange(year, month)[1]
    return Span(date(year, month, 1), date(year, month, last), "month")


def months_span(year: int, first: int, count: int) -> Span:
    """A quarter for three months, else a span."""
    start, end = month_span(year, first), month_span(year, first + count - 1)
    return Span(start.first, end.last, "quarter" if count == 3 else "span")


def year_span(year: int) -> Span:
    """A calendar year."""
    return Span(date(year, 1, 1), date(year, 12, 31), "year")


def day_span(day: date) -> Span:
    """One day."""
    return Span(day, day, "day")


@cache
def of_year() -> str:
    """A pattern of the year behind a month or quarter: `2024`, `'24`, "of last year"."""
    words = table("time")
    said = [*words["last"]["year"], *words["this"]["year"], *words["before"]["year"]]
    return OF_YEAR.replace("{said}", any_of(said) + r"(?!\w)")


def year_in(found: re.Match[str], clock: date) -> int | None:
    """The year that `of_year` matched; none where none is said."""
    said = {key.removesuffix("_b"): words for key, words in found.groupdict().items() if words}
    if "year" in said:
        return int(said["year"])
    short = said.get("near") or said.get("short") or said.get("short2")
    if short:
        return int(short) if len(short) == 4 else 2000 + int(short)
    if "said" not in said:
        return None
    return clock.year - (phrase(said["said"]) not in table("time")["this"]["year"])


def _last_begun(clock: date, year: int | None, first: int, count: int) -> Span:
    """The stated year's, else the last that has ended or begun by the clock."""
    chosen = year or clock.year - (date(clock.year, first, 1) > clock)
    return month_span(chosen, first) if count == 1 else months_span(chosen, first, count)


def _month_of(word: str) -> int | None:
    """May is a month and may is none: English and German names begin with a capital."""
    for name in LANGUAGES:
        key = keys_of("months", name).get(word.lower())
        if key and (word[0].isupper() or not table(name)["months"]["needs_capital"]):
            return int(key)
    return None


@cache
def _months() -> str:
    return any_of(
        word for name in LANGUAGES for word in keys_of("months", name) if word[0].isalpha()
    )


# A full stop belongs to a month only where it is cut short.
STOP = (
    r"(?:(?:(?<=jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec|okt|dez|mrz|avr|fév|déc|ene|abr|dic)"
    r"|(?<=sept|janv|févr|juil))\.)?"
)


@cache
def _weekday_before() -> str:
    article = rf"(?:(?:the|den|dem){SPACE}+)?"
    return rf"(?:(?<!\w){any_of(keys_of('weekdays'))},?{SPACE}+{article})?"


@cache
def _day_and_month() -> re.Pattern[str]:
    day = r"(?<![\w.,])(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|\.|º)?"
    of = rf"{SPACE}+(?:(?:of|de){SPACE}+)?"
    return re.compile(
        rf"{_weekday_before()}{day}{of}(?P<month>{_months()})(?!\w){STOP}{of_year()}", re.IGNORECASE
    )


@cache
def _month_and_day() -> re.Pattern[str]:
    return re.compile(
        rf"{_weekday_before()}(?<![\w])(?P<month>{_months()}){STOP}{SPACE}+(?P<day>[0-9]{{1,2}})"
        rf"(?:st|nd|rd|th)?(?!\w|[.,:][0-9]|{SPACE}?%){of_year()}",
        re.IGNORECASE,
    )


@cache
def _month() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w])(?P<month>{_months()})(?!\w){STOP}{of_year()}", re.IGNORECASE)


ISO_DAY = re.compile(rf"(?<![\w.,-])({YEARS})[-/]([0-9]{{2}})[-/]([0-9]{{2}})(?![\w-])")
ISO_MONTH = re.compile(rf"(?<![\w.,-])({YEARS})-(0[1-9]|1[0-2])(?![\w-])")
DOTTED_DAY = re.compile(
    rf"(?<![\w.,])([0-9]{{1,2}})([./-])([0-9]{{1,2}})\2({YEARS}|[0-9]{{2}})(?![\w-]|\.[0-9])"
)


@cache
def _dates_begin() -> frozenset[str]:
    return first_words([*keys_of("weekdays"), *keys_of("months")]) | {PRINTED}


@cache
def _parts_begin() -> frozenset[str]:
    letters = [f"{letter}{number}" for letter in "qths" for number in "1234"]
    return first_words([*keys_of("ordinals"), *letters]) | {PRINTED}


def days(text: str, language: Language) -> Iterator[NamedTime]:
    """Dates with a day, printed or in words."""
    for found in ISO_DAY.finditer(text):
        yield NamedTime(*found.span(), partial(_day, int(found[1]), int(found[2]), int(found[3])))
    for found in DOTTED_DAY.finditer(text):
        order = _day_first(int(found[1]), int(found[3]), found[2], language)
        if order:
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
            yield NamedTime(*found.span(), partial(_day, year, *order))
    for pattern in (_day_and_month(), _month_and_day()):
        for found in matches(pattern, _dates_begin(), text):
            month = _month_of(found["month"])
            if month:
                yield NamedTime(*found.span(), partial(_named_day, found, month))


def _day_first(one: int, two: int, mark: str, language: Language) -> tuple[int, int] | None:
    """Month and day; none where an English 03/04/2024 could be either."""
    if mark == "/" and language == "en" and one <= 12 and two <= 12 and one != two:
        return None
    return (one, two) if two > 12 else (two, one)


def _day(year: int, month: int, day: int, clock: date) -> Span | None:
    try:
        return day_span(date(year, month, day))
    except ValueError:
        return None


def _named_day(found: re.Match[str], month: int, clock: date) -> Span | None:
    day, year = int(found["day"]), year_in(found, clock)
    chosen = year or clock.year - ((month, day) > (clock.month, clock.day))
    return _day(chosen, month, day, clock)


def months(text: str) -> Iterator[NamedTime]:
    """Months by name or by number, with a year or without."""
    for found in ISO_MONTH.finditer(text):
        year, month = int(found[1]), int(found[2])
        if (year + 1) % 100 != month:  # 2011-12 may be two years
            yield NamedTime(*found.span(), partial(_month_of_year, year, month))
    for found in matches(_month(), first_words(keys_of("months")), text):
        number = _month_of(found["month"])
        is_followed = bool(found["year"] or found["short"] or found["short2"] or found["said"])
        is_auxiliary = found["month"] == "MAY" and not is_followed
        if number and not (
            is_auxiliary and text[max(0, found.start() - 3) : found.start()].strip().lower() != "in"
        ):
            yield NamedTime(*found.span(), partial(_named_month, found, number))


def _month_of_year(year: int, month: int, clock: date) -> Span:
    return month_span(year, month)


def _named_month(found: re.Match[str], month: int, clock: date) -> Span:
    return _last_begun(clock, year_in(found, clock), month, 1)


@cache
def _parts_of_year() -> re.Pattern[str]:
    """Q1 2024, 1Q24, 2024 Q1, H1, first quarter, 1. Halbjahr, premier trimestre."""
    ordinal = rf"(?:[1-4](?:st|nd|rd|th|er|ère|e|º|\.)|{any_of(keys_of('ordinals'))})"
    quarter = any_of(word for word, kind in keys_of("periods").items() if kind == "quarter")
    half = r"(?:half|halbjahr(?:es|s)?|halbjahre|semestre|jahreshälfte)"
    year = f"(?:{YEARS})"
    said = re.sub(r"\(\?P<(\w+)>", r"(?P<\1_b>", of_year())
    return re.compile(
        rf"(?<![\w.,])(?:(?P<before>{year}){SPACE}?[-/]?(?P<k1>[QTHS])(?P<n1>[1-4])(?!\w)"
        rf"|(?:(?P<k2>[QTHS])(?P<n2>[1-4])|(?P<n3>[1-4])(?P<k3>[QTHS]))(?P<near>{year}|[0-9]{{2}})?(?!\w){of_year()}"
        rf"|(?P<ordinal>{ordinal})(?:{SPACE}+|-)(?P<word>{quarter}|{half})(?!\w){said})",
        re.IGNORECASE,
    )


def parts_of_year(text: str) -> Iterator[NamedTime]:
    """Quarters and halves."""
    for found in matches(_parts_of_year(), _parts_begin(), text):
        letter = found["k1"] or found["k2"] or found["k3"]
        if letter and not letter.isupper():
            continue
        number = number_of(found["n1"] or found["n2"] or found["n3"] or found["ordinal"])
        kind = (letter or found["word"]).lower()
        is_half = kind in ("h", "s") or kind.startswith(("half", "halbj", "semestre", "jahresh"))
        if number and number <= (2 if is_half else 4) and not _is_run(text, found):
            yield NamedTime(
                *found.span(), partial(_part_of_year, found, number, 6 if is_half else 3)
            )


def _is_run(text: str, found: re.Match[str]) -> bool:
    """ "for the third quarter running" names no quarter; "the first half of May" no half."""
    after = text[found.end() : found.end() + 20].lower().strip()
    runs = tuple(word for name in LANGUAGES for word in table(name)["streaks"]["after"])
    before = text[max(0, found.start() - 6) : found.start()].lower()
    is_part = (
        found["word"] is not None and found["word"].lower() == "half" and after.startswith("of ")
    )
    return after.startswith(runs) or before.endswith("for a ") or is_part


def _part_of_year(found: re.Match[str], number: int, count: int, clock: date) -> Span:
    year = int(found["before"]) if found["before"] else year_in(found, clock)
    return _last_begun(clock, year, 1 + (number - 1) * count, count)


DECADE = re.compile(
    r"(?:(?:années|años|the|den|die)[ \u00a0])?(?<![\w.,])(?P<decade>(?:19|20)[0-9]0)"
    r"(?:s|er(?:[ \u00a0]Jahren?)?|ern)(?!\w)"
    r"|(?:années|años)[ \u00a0](?P<decade2>(?:19|20)?[0-9]0)(?![\w]|[.,][0-9])",
    re.IGNORECASE,
)
YEAR_RANGE = re.compile(rf"(?<![\w.,-])({YEARS})[-–/]({YEARS}|[0-9]{{2}})(?![\w-]|[.,][0-9])")
YEAR = re.compile(rf"(?<![\w.,/'])(?<![0-9]-)({YEARS})(?![\w/]|[.,'][0-9]|-[0-9]|[ \u00a0]?=)")


def years(text: str, language: Language) -> Iterator[NamedTime]:
    """Years, ranges of years and decades; no numbers with a unit."""
    for found in DECADE.finditer(text):
        printed = found["decade"] or found["decade2"]
        first = int(printed) if len(printed) == 4 else 1900 + int(printed)
        yield NamedTime(*found.span(), partial(_years, first, first + 9))
    for found in YEAR_RANGE.finditer(text):
        first = int(found[1])
        last = int(found[2]) if len(found[2]) == 4 else first // 100 * 100 + int(found[2])
        if first < last:
            yield NamedTime(*found.span(), partial(_years, first, last))
    for found in YEAR.finditer(text):
        start, end = found.span()
        is_alone = suffix_at(text, end, language).end == end
        is_alone = is_alone and prefix_at(text, start).start == start
        if is_alone and not is_level(text, start):
            yield NamedTime(start, end, partial(_years, int(found[1]), int(found[1])))


def _years(first: int, last: int, clock: date) -> Span:
    if first == last:
        return year_span(first)
    return Span(date(first, 1, 1), date(last, 12, 31), "span")


def shifted(day: date, years: int = 0, months: int = 0, days: int = 0) -> date | None:
    """The day so many years, months and days before; the last of a month where it has none such."""
    count = day.year * 12 + day.month - 1 - 12 * years - months
    if not 12 <= count < (MAXYEAR + 1) * 12:
        return None
    year, month = count // 12, count % 12 + 1
    moved = date(year, month, min(day.day, monthrange(year, month)[1]))
    return moved - timedelta(days=days) if moved.toordinal() > days else None
