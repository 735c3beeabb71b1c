"""Spans of time that depend on the clock or on what a draft named before: last month, a year
earlier, in three years, on Friday, the week before, that quarter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache, partial

from analytics.claims.reading.dates import (
    NamedTime,
    day_span,
    month_span,
    months_span,
    of_year,
    shifted,
    year_in,
    year_span,
)
from analytics.claims.reading.words import (
    LANGUAGES,
    PRINTED,
    SPACE,
    any_of,
    common_words,
    first_words,
    keys_of,
    matches,
    number_of,
    numbers,
    phrase,
    table,
)
from analytics.claims.statement import Mention, Span

LAST = ("last", "letzten", "letzter", "vergangenen", "vorigen")
FOLLOWING = ("next", "nächsten", "kommenden", "this coming")
# What a pattern with a count may begin with, beside the count.
BEGINNINGS = """in over within for the past last seit binnen innerhalb den letzten vergangenen
depuis en sur les
desde los las plus máximo máximos mínimo mínimos vor il hace first final ersten premiers derniers
primeros últimos"""
MOST = 400  # of a period that a draft can mean
SECTIONS = ("day", "last", "this", "before", "year_to_date", "year_end")


def relative_times(text: str) -> Iterator[NamedTime]:
    """Every stretch that names a time by the clock or by what stands before it."""
    yield from _phrases(text)
    yield from _counted(text)
    yield from _first_months(text)
    yield from _weekdays(text)
    yield from _pointing_back(text)
    yield from _ellipses(text)


@cache
def _phrase_kinds() -> dict[str, tuple[str, str]]:
    """Words -> section and period: "last month" -> last, month."""
    words = table("time")
    return {
        phrase(text): (section, period)
        for section in SECTIONS
        for period, texts in words[section].items()
        for text in texts
    }


@cache
def _phrase_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){any_of(_phrase_kinds())}(?![\w-])", re.IGNORECASE)


def _phrases(text: str) -> Iterator[NamedTime]:
    for found in matches(_phrase_pattern(), first_words(_phrase_kinds()), text):
        section, period = _phrase_kinds().get(phrase(found[0]), ("", ""))
        after = text[found.end() : found.end() + 6].lower()
        if not section or (phrase(found[0]) == "the year" and re.match(r"\W(to|in|[0-9])", after)):
            continue
        if section == "before":
            yield NamedTime(*found.span(), partial(period_before, period, 1), "ago")
        else:
            yield NamedTime(*found.span(), partial(_by_clock, section, period))


def _by_clock(section: str, period: str, clock: date) -> Span | None:
    if section == "day":
        return day_span(clock - timedelta(days=int(period)))
    if section == "this":
        return period_before(period, 0, clock)
    if section == "last":
        return period_before(period, 1, clock)
    if section == "year_to_date":
        return Span(date(clock.year, 1, 1), clock, "span")
    return day_span(date(clock.year - 1, 12, 31))


def period_before(period: str, count: int, clock: date) -> Span | None:
    """The period of the calendar that lies so many before the clock's own."""
    years, months, days = _length(period, count)
    day = shifted(clock, years, months, days) if years < clock.year else None
    if day is None:
        return None
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return Span(monday, monday + timedelta(days=6), "span")
    if period == "month":
        return month_span(day.year, day.month)
    if period == "quarter":
        return months_span(day.year, (day.month - 1) // 3 * 3 + 1, 3)
    return year_span(day.year) if period in ("year", "decade") else day_span(day)


def _length(period: str, count: int) -> tuple[int, int, int]:
    """Years, months and days of so many periods."""
    return {
        "day": (0, 0, count),
        "week": (0, 0, 7 * count),
        "month": (0, count, 0),
        "quarter": (0, 3 * count, 0),
        "year": (count, 0, 0),
        "decade": (10 * count, 0, 0),
    }.get(period, (0, 0, count))


@cache
def _count_pattern(kind: str) -> re.Pattern[str]:
    """Patterns of `time.toml`, with a number and a period in each of them."""
    of_time = [word for word, key in keys_of("periods").items() if key not in ("any", "meeting")]
    texts = []
    for index, text in enumerate(table("time")["patterns"][kind]):
        text = text.replace("_", SPACE + "+").replace(
            "{n}", rf"(?P<n{index}>[0-9]{{1,3}}|{numbers()})"
        )
        texts.append(text.replace("{period}", rf"(?P<p{index}>{any_of(of_time)})"))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(texts)})(?!\w)", re.IGNORECASE)


@cache
def _counts_begin() -> frozenset[str]:
    return first_words([*keys_of("numbers"), *BEGINNINGS.split()]) | {PRINTED} | _compounds()


def _compounds() -> set[str]:
    """ "Sechsjahreshoch": a number in words that its period is written together with."""
    return {f"{word}jahres{end}" for word in keys_of("numbers", "de") for end in ("hoch", "tief")}


def _counted(text: str) -> Iterator[NamedTime]:
    """ "three months ago", "in almost two years", "a six-year high"."""
    for kind in ("ago", "within"):
        for found in matches(_count_pattern(kind), _counts_begin(), text):
            said = {key[0]: words for key, words in found.groupdict().items() if words}
            count = number_of(said["n"])
            fallback = "month" if "monats" in found[0].lower() else "year"
            period = keys_of("periods").get(phrase(said.get("p", "")), fallback)
            if not count or count > MOST or _goes_on(text, found.end()):
                continue
            if kind == "ago":
                yield NamedTime(*found.span(), partial(period_before, period, count), "ago")
            else:
                yield NamedTime(*found.span(), partial(_within, period, count), "in years")


def _goes_on(text: str, end: int) -> bool:
    """A run of periods, "for nine months running", is a count and no time."""
    after = text[end : end + 20].lower().strip()
    return after.startswith(
        tuple(word for name in LANGUAGES for word in table(name)["streaks"]["after"])
    )


def _within(period: str, count: int, clock: date) -> Span | None:
    first = shifted(clock, *_length(period, count))
    return Span(first, clock, "span") if first else None


@cache
def _first_months_pattern() -> re.Pattern[str]:
    """ "the first five months of 2024", "les cinq premiers mois de 2024"."""
    first = any_of(["first", "ersten", "premiers", "primeros"])
    last = any_of(["last", "final", "letzten", "derniers", "últimos"])
    month = any_of(word for word, key in keys_of("periods").items() if key == "month")
    year = of_year().removesuffix("?")
    order = rf"(?:(?P<first>{first})|(?P<last>{last}))"
    swapped = re.sub(r"<(\w+)>", r"<\1_b>", order)
    count = rf"(?P<n>[0-9]{{1,2}}|{numbers()})"
    return re.compile(
        rf"(?<!\w)(?:{order}{SPACE}+{count}|{count.replace('<n>', '<n_b>')}{SPACE}+{swapped})"
        rf"{SPACE}+{month}(?!\w)(?:{year})",
        re.IGNORECASE,
    )


def _first_months(text: str) -> Iterator[NamedTime]:
    for found in matches(_first_months_pattern(), _counts_begin(), text):
        count = number_of(found["n"] or found["n_b"])
        if count and count < 12:
            yield NamedTime(*found.span(), partial(_months_of, found, count))


def _months_of(found: re.Match[str], count: int, clock: date) -> Span:
    is_first = bool(found["first"] or found["first_b"])
    year = year_in(found, clock) or clock.year
    return months_span(year, 1 if is_first else 13 - count, count)


@cache
def _weekday_pattern() -> re.Pattern[str]:
    last = any_of(LAST)
    after = any_of(["dernier", "pasado"])
    following = any_of(FOLLOWING)
    future = any_of(["prochain", "próximo", "que viene"])
    before = any_of(["before", "zuvor", "davor", "précédent", "d'avant", "anterior"])
    return re.compile(
        rf"(?<!\w)(?P<next>{following}{SPACE}+)?(?P<last>{last}{SPACE}+)?"
        rf"(?P<day>(?:{any_of(keys_of('weekdays'))}|midweek))(?!\w)(?P<last_b>{SPACE}+{after}(?!\w))?"
        rf"(?P<before>{SPACE}+{before}(?!\w))?(?P<next_b>{SPACE}+{future}(?!\w))?",
        re.IGNORECASE,
    )


def _weekdays(text: str) -> Iterator[NamedTime]:
    for found in matches(
        _weekday_pattern(), first_words([*keys_of("weekdays"), "midweek", *LAST, *FOLLOWING]), text
    ):
        number = _weekday(found["day"])
        if number is None or found["next"] or found["next_b"]:
            continue
        back = partial(_day_before, number) if found["before"] else None
        is_last = bool(found["last"] or found["last_b"] or found["before"])
        yield NamedTime(*found.span(), partial(_last_weekday, number, is_last), looking_back=back)


def _weekday(word: str) -> int | None:
    if word.lower() == "midweek":
        return 2
    for name in LANGUAGES:
        key = keys_of("weekdays", name).get(word.lower())
        if key and (word[0].isupper() or not table(name)["weekdays"]["needs_capital"]):
            return int(key)
    return None


def _last_weekday(weekday: int, is_last: bool, clock: date) -> Span:
    """The last such day up to the clock; "last Friday" said on a Friday is a week ago."""
    back = (clock.weekday() - weekday) % 7
    return day_span(clock - timedelta(days=back or (7 if is_last else 0)))


def _day_before(weekday: int, earlier: Sequence[Mention], first: int) -> Span | None:
    """ "the Friday before": before the day or the week that the sentence has spoken of."""
    of_sentence = [one for one in earlier if one.start >= first and one.role == "of"]
    if not of_sentence:
        return None
    return _last_weekday(weekday, True, of_sentence[-1].span.first)


@cache
def _pointing_pattern() -> re.Pattern[str]:
    words = any_of(table("time")["same"]["words"])
    kinds = ("day", "month", "quarter", "year")
    period = any_of(word for word, key in keys_of("periods").items() if key in kinds)
    return re.compile(rf"(?<!\w){words}{SPACE}+(?P<p>{period})(?!\w)", re.IGNORECASE)


def _pointing_back(text: str) -> Iterator[NamedTime]:
    """ "in the same quarter", "that year": the last such span before it."""
    for found in matches(_pointing_pattern(), first_words(table("time")["same"]["words"]), text):
        kind = keys_of("periods").get(phrase(found["p"]), "")
        yield NamedTime(*found.span(), _unknown, looking_back=partial(_last_of, kind))


def _unknown(clock: date) -> Span | None:
    return None


def _last_of(kind: str, earlier: Sequence[Mention], first: int) -> Span | None:
    return next((one.span for one in reversed(earlier) if one.span.grain == kind), None)


ELLIPSIS = re.compile(
    rf"(?:(?:in|of){SPACE}the{SPACE}|im{SPACE}|au{SPACE}|en{SPACE}el{SPACE})(?P<n>[^\W\d_]{{4,12}})"
    rf"(?:{SPACE}+(?P<next>[^\W\d_]+)|(?=[.,;:)]))",
    re.IGNORECASE,
)


def _ellipses(text: str) -> Iterator[NamedTime]:
    """ "after 0.9% in the second": the quarter of the year that was spoken of before."""
    for found in matches(ELLIPSIS, ("in", "of", "im", "au", "en"), text):
        number = keys_of("ordinals").get(found["n"].lower())
        after = (found["next"] or "a").lower()
        if number and int(number) <= 4 and after in common_words():
            yield NamedTime(
                *found.span("n"), _unknown, looking_back=partial(_other_quarter, int(number))
            )


def _other_quarter(number: int, earlier: Sequence[Mention], first: int) -> Span | None:
    spoken = next((one.span for one in reversed(earlier[-3:]) if one.span.grain == "quarter"), None)
    if spoken is None:
        return None
    year = spoken.first.year - (3 * number - 2 > spoken.first.month)
    return months_span(year, 3 * number - 2, 3)
