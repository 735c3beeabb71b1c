"""Records and extremes that a draft claims: "the highest since August 2019", "a six-year high"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from analytics.claims.sentences.passages import Passage
from analytics.claims.statement import Direction, Measure, Mention, Quantity, Span

HIGH = (
    r"highest|best|largest|biggest|strongest|greatest|steepest|sharpest|fastest|plus haut\w*|"
    r"plus élevé\w*|plus fort\w*|höchste\w*|größte\w*|stärkste\w*|mayor|más alt\w*"
)
LOW = (
    r"lowest|worst|smallest|weakest|slowest|plus bas\w*|plus faible|niedrigste\w*|tiefste\w*|menor|"
    r"más baj\w*"
)
SINCE = re.compile(
    rf"\b(?:(?P<high>{HIGH})|(?P<low>{LOW}))\b(?P<of>[^.;:\d]{{0,32}}?)\b(?:since|depuis|seit|desde)\s",
    re.IGNORECASE,
)
FIRST = re.compile(
    r"\b(?P<high>first)\s+(?:(?:rate|interest-rate|monthly|annual|quarterly)\s+)?"
    r"(?P<of>cut|hike|rise|increase|fall|decline|drop|gain|decrease|move)\s+since\s",
    re.IGNORECASE,
)
YEARS = re.compile(
    r"\b(?P<n>\w+)[- ]year (?P<way>high|low)\b|"
    rf"\b(?:(?P<high>{HIGH})|(?P<low>{LOW}))\b(?P<of>[^.;:\d]{{0,24}}?)\bin "
    r"(?P<almost>almost |nearly )?(?P<m>\w+) years\b",
    re.IGNORECASE,
)
RECORD = re.compile(
    r"\b(?:new )?record (?P<high>high)|\brecord historique\b|\b(?:all-time|record) (?P<low>low)\b|"
    r"\ball-time high\b|\bhöchststand aller zeiten\b|\bmáximo histórico\b",
    re.IGNORECASE,
)
ON_RECORD = re.compile(
    rf"\b(?:(?P<high>{HIGH})|(?P<low>{LOW}))\b(?P<of>[^.;:\d]{{0,32}}?)\bon record\b", re.IGNORECASE
)
OF_THE_YEAR = re.compile(
    rf"\b(?:(?P<high>{HIGH})|(?P<low>{LOW}))\s+(?:close|level|reading|value|print|rate)?\s*"
    r"(?:of|in|this)\s*(?:the|this)?\s*year\b",
    re.IGNORECASE,
)
# The day of an extreme: certain where it is called one of all times, else it may be of a while.
DAY_OF = re.compile(
    r"\b(?:(?P<sure>all-time|record)\s+(?:(?P<high>high)|(?P<low>low)) of|"
    r"(?P<peaked>peaked(?: at)?)|(?P<bottomed>bottomed(?: out)?(?: at)?|troughed(?: at)?))"
    r"(?P<rest>[^.;:()]|\.(?=\d)){0,32}?\b(?:on|in)\s",
    re.IGNORECASE,
)
NUMBERS = {
    **{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9},
    **{"ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20},
}
WAYS: dict[Direction, re.Pattern[str]] = {
    "down": re.compile(r"\b(?:fall|drop|decline|cut|decrease|loss|plunge)\b", re.IGNORECASE),
    "up": re.compile(r"\b(?:rise|gain|increase|jump|hike|advance)\b", re.IGNORECASE),
}
OF_A_MOVE = re.compile(r"\b(?:move|swing|change|improvement|deterioration|contraction|growth)\b")
OTHER_STEP = re.compile(r"\b(?:one-(?:week|month|quarter|year)|weekly|monthly|quarterly|annual)\b")


@dataclass(frozen=True, slots=True)
class Superlative:
    """Words in [start, end) that call a value extreme, or a move in a direction: since when, of how
    many years, or of which day it is."""

    start: int
    end: int
    measure: Measure
    sense: Literal["high", "low"] | None
    compare: Span | None = None
    quantity: Quantity | None = None
    direction: Direction | None = None
    period: Span | None = None
    is_open: bool = False


def superlatives(text: str, passage: Passage, mentions: Sequence[Mention]) -> Iterator[Superlative]:
    """Those of a passage. What is said of a move whose way is not told is left out."""
    stretch = (text, passage.start, passage.end)
    for match in SINCE.finditer(*stretch):
        since = next((one for one in mentions if one.start <= match.end() <= one.end), None)
        if since is not None and _is_readable(match):
            yield Superlative(
                match.start(),
                since.end,
                "since",
                _sense(match),
                since.span,
                direction=_direction(match),
            )
    for match in FIRST.finditer(*stretch):
        since = next((one for one in mentions if one.start <= match.end() <= one.end), None)
        if since is not None and (way := _direction(match)):
            yield Superlative(
                match.start(), since.end, "since", None, since.span, None, direction=way
            )
    yield from _of_years(*stretch)
    yield from _records(*stretch, mentions)
    yield from _days(*stretch, mentions)


def _of_years(text: str, start: int, end: int) -> Iterator[Superlative]:
    for match in YEARS.finditer(text, start, end):
        word = (match["n"] or match["m"]).lower()
        count = NUMBERS.get(word, int(word) if word.isdecimal() else 0)
        if not count or not _is_readable(match):
            continue
        relation: Literal["just below", "="] = "just below" if match["almost"] else "="
        quantity = Quantity(match.start(), match.end(), count, 0, unit="years", relation=relation)
        yield Superlative(
            match.start(),
            match.end(),
            "years",
            _sense(match),
            quantity=quantity,
            direction=_direction(match),
        )


def _records(text: str, start: int, end: int, mentions: Sequence[Mention]) -> Iterator[Superlative]:
    for match in RECORD.finditer(text, start, end):
        if not text[match.end() :].startswith((" of ", " from ")):
            yield Superlative(match.start(), match.end(), "record", _sense(match))
    for match in ON_RECORD.finditer(text, start, end):
        if _is_readable(match):
            way = _direction(match)
            yield Superlative(match.start(), match.end(), "record", _sense(match), direction=way)
    for match in OF_THE_YEAR.finditer(text, start, end):
        if (year := _year_so_far(mentions, match.start())) is not None:
            yield Superlative(match.start(), match.end(), "record", _sense(match), year)


def _year_so_far(mentions: Sequence[Mention], place: int) -> Span | None:
    """The year of the day that was spoken of last."""
    days = [one.span.last for one in mentions if one.start < place and one.role == "of"]
    if not days:
        return None
    return Span(date(days[-1].year, 1, 1), days[-1], "span")


def _days(text: str, start: int, end: int, mentions: Sequence[Mention]) -> Iterator[Superlative]:
    for match in DAY_OF.finditer(text, start, end):
        day = next((one for one in mentions if one.start <= match.end() <= one.end), None)
        if day is None or day.role != "of":
            continue
        is_low = bool(match["low"] or match["bottomed"])
        yield Superlative(
            day.start,
            day.end,
            "date",
            "low" if is_low else "high",
            period=day.span,
            is_open=match["sure"] is None,
        )


def _is_readable(match: re.Match[str]) -> bool:
    """Of a level, or of a move whose way is told, from one observation to the next."""
    words = match.groupdict().get("of") or ""
    return not (OF_A_MOVE.search(words) or OTHER_STEP.search(words))


def _direction(match: re.Match[str]) -> Direction | None:
    words = match.groupdict().get("of") or ""
    return next((way for way, pattern in WAYS.items() if pattern.search(words)), None)


def _sense(match: re.Match[str]) -> Literal["high", "low"]:
    groups = match.groupdict()
    is_low = bool(groups.get("low")) or (groups.get("way") or "").lower() == "low"
    return "low" if is_low else "high"
