"""Days and instants as people write them; `01/02/2026` is asked, never guessed.

A day without a time counts from its end on: a trade is never shown before it happened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.errors import UploadError

Order = Literal["dmy", "mdy", "ymd", "?", ""]
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")
ISO = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ,;]+(.+))?")
CJK = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:\s*(.+))?")
PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,;]+(.+))?")
DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[-. /]+([^\W\d]{3,12})\.?[-., /]+(\d{4}|\d{2})(?:[T ,;]+(.+))?"
)
MONTH_DAY = re.compile(
    r"([^\W\d]{3,12})\.?[- ]+(\d{1,2})(?:st|nd|rd|th)?,?[- ]+(\d{4})(?:[T ,;]+(.+))?"
)
CLOCK = re.compile(
    r"(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*(.*)"
)
EPOCH = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
OFFSET = re.compile(r"(?:UTC|GMT)?\s*([-+])(\d{1,2}):?(\d{2})?")
ENOUGH = 7  # days that are sorted by no accident
CLOSE, APART = timedelta(days=15), timedelta(days=25)  # a trade and its settlement; no such pair
END = time(23, 59, 59)
WEEKDAY = re.compile(r"^[^\W\d]{2,10}\.?,\s+(?=\d|[^\W\d]{3})")
AS_OF = re.compile(r"(.+?) as of (.+)", re.IGNORECASE)
ZONES: dict[str, tzinfo] = {
    "": UTC,
    "z": UTC,
    "utc": UTC,
    "gmt": UTC,
    "wet": UTC,
    **{
        name: timezone(timedelta(hours=hours))
        for name, hours in (
            ("est", -5),
            ("edt", -4),
            ("cdt", -5),
            ("mst", -7),
            ("mdt", -6),
            ("pst", -8),
            ("pdt", -7),
            ("cet", 1),
            ("cest", 2),
            ("mez", 1),
            ("mesz", 2),
            ("bst", 1),
            ("eet", 2),
            ("eest", 3),
            ("msk", 3),
            ("hkt", 8),
            ("sgt", 8),
            ("jst", 9),
            ("kst", 9),
            ("aest", 10),
            ("aedt", 11),
            ("nzst", 12),
            ("nzdt", 13),
        )
    },
    **{
        word: ZoneInfo(place)
        for place, words in (
            ("America/New_York", "et eastern"),
            ("America/Chicago", "ct central"),
            ("America/Denver", "mt mountain"),
            ("America/Los_Angeles", "pt pacific"),
            ("Europe/London", "london"),
            ("Europe/Berlin", "berlin frankfurt"),
            ("Europe/Paris", "paris"),
            ("Asia/Tokyo", "tokyo"),
            ("Australia/Sydney", "sydney"),
            ("Asia/Kolkata", "kolkata india"),
        )
        for word in words.split()
    },
    "美东": ZoneInfo("America/New_York"),
    "北京": ZoneInfo("Asia/Shanghai"),
    "香港": ZoneInfo("Asia/Hong_Kong"),
    "日本": ZoneInfo("Asia/Tokyo"),
}
MONTHS = (
    "jan ene gen janv sty sij",
    "feb fev fevr lut helm",
    "mar mrz mars maa mrt maar maerz marz",
    "apr abr avr kwi",
    "may mai mag maj mei maio mayo mayis",
    "jun giu cze juin juni kesa",
    "jul lug lip juil juli hein",
    "aug ago aou sie aout elok",
    "sep set wrz sept syys",
    "oct okt ott out paz loka",
    "nov lis marras",
    "dec dez dic gru des joulu",
)
NAMED = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split()}


def order_of(values: Iterable[str]) -> Order:
    """Whether a column writes the day or the month first; `?` where it could be either."""
    found = [match for value in values if (match := PARTS.fullmatch(_bare(value)))]
    if not found:
        return ""
    said = {
        "dmy" if int(m[1]) > 12 or m[2] == "." else "mdy"
        for m in found
        if (int(m[1]) > 12 or int(m[3]) > 12 or m[2] == ".")
    }
    if _may_begin_with_the_year(found):
        return _year_first(found)
    if len(said) == 2:
        raise UploadError("one column writes some dates with the day first and some with the month")
    if said:
        return "dmy" if "dmy" in said else "mdy"
    return "?"


def mark_of(values: Iterable[str]) -> str:
    """What stands between the parts of the first date that is written in numbers."""
    found = (PARTS.fullmatch(_bare(value)) for value in values)
    return next((match[2] for match in found if match), "")


def _may_begin_with_the_year(found: Sequence[re.Match[str]]) -> bool:
    """Of `24/01/05` the year may come first; a year of four digits at the end tells it does not."""
    return all(len(m[4]) == 2 and m[2] != "." for m in found) and all(
        1 <= int(m[3]) <= 12 and 1 <= int(m[4]) <= 31 and int(m[1]) > 12 for m in found
    )


def _year_first(found: Sequence[re.Match[str]]) -> Order:
    """Years change less than days do; where neither is seen to change, it is open."""
    if any(int(m[1]) > 31 for m in found):
        return "ymd"
    firsts, lasts = {m[1] for m in found}, {m[4] for m in found}
    if len(firsts) == len(lasts):
        return "?"
    return "ymd" if len(firsts) < len(lasts) else "dmy"


def settled_order(values: Sequence[str], order: Order, now: datetime) -> Order:
    """An order that was open, where only one reading gives days that exist and are not ahead.

    Days that follow each other in one reading only tell it too, if they are more than chance sorts.
    """
    if order != "?":
        return order
    possible = [item for item in ORDERS[:2] if _all_past(values, item, now)]
    if len(possible) == 1:
        return possible[0]
    sorted_ = [item for item in possible if _is_sorted(values, item)]
    return sorted_[0] if len(sorted_) == 1 and len(set(values)) >= ENOUGH else "?"


def is_contradicted(pairs: Sequence[tuple[str, str]], order: Order) -> bool:
    """Whether two columns of days, trade and settlement, lie close in the other order alone."""
    other: Order = "mdy" if order == "dmy" else "dmy"
    found = {item: _furthest(pairs, item) for item in (order, other)}
    return found[order] > APART and found[other] <= CLOSE


def _furthest(pairs: Sequence[tuple[str, str]], order: Order) -> timedelta:
    try:
        gaps = [abs(instant(one, order) - instant(two, order)) for one, two in pairs]
    except UploadError:
        return timedelta.max
    return max(gaps, default=timedelta())


def _all_past(values: Sequence[str], order: Order, now: datetime) -> bool:
    try:
        return all(instant(value, order).date() <= now.date() for value in values)
    except UploadError:
        return False


def _is_sorted(values: Sequence[str], order: Order) -> bool:
    days = [instant(value, order) for value in values]
    return days == sorted(days) or days == sorted(days, reverse=True)


def is_date(value: str) -> bool:
    """Whether a cell is a day or an instant, in whichever order."""
    for order in ("dmy", "mdy", "ymd"):
        try:
            instant(value, order)
        except UploadError:
            continue
        return True
    return False


def as_stated(at: datetime) -> date:
    """The day alone where an instant is the end of a day that was stated without a time."""
    return at.date() if at.timetz() == END.replace(tzinfo=UTC) else at


def is_clock(value: str) -> bool:
    """Whether a cell is a time of the day and no more."""
    found = CLOCK.fullmatch(value.strip())
    return found is not None and ":" in value and found[6].casefold() in ZONES


@lru_cache(maxsize=100_000)
def instant(value: str, order: Order) -> datetime:
    """The instant of a cell, in UTC where it names no zone."""
    text = _bare(value)
    if (found := ISO.fullmatch(text)) and (found[2] or len(found[3] + found[4]) == 4):
        return _instant(value, (found[1], found[3], found[4]), found[5])
    if found := CJK.fullmatch(text):
        return _instant(value, (found[1], found[2], found[3]), found[4])
    if found := PARTS.fullmatch(text):
        return _of_parts(value, found, order)
    if EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) > 10 else 1), tz=UTC)
    if (found := DAY_MONTH.fullmatch(text)) and (month := _month(found[2])):
        return _instant(value, (_year(found[3]), str(month), found[1]), found[4])
    if (found := MONTH_DAY.fullmatch(text)) and (month := _month(found[1])):
        return _instant(value, (found[3], str(month), found[2]), found[4])
    raise UploadError(f"{value[:30]!r} is no date; write it as 2026-03-16")


def _of_parts(value: str, found: re.Match[str], order: Order) -> datetime:
    if order in ("?", "") and not (found[2] == "." or int(found[1]) > 12 or int(found[3]) > 12):
        raise UploadError(f"{value[:30]} may be in either order: choose day or month first")
    if order == "?" and found[2] != ".":
        raise UploadError(f"{value[:30]} may be in either order: choose day or month first")
    if order == "ymd":
        return _instant(value, (f"20{found[1]}", found[3], found[4]), found[5])
    is_month_first = order == "mdy" or (order == "" and int(found[3]) > 12)
    day, month = (found[3], found[1]) if is_month_first else (found[1], found[3])
    return _instant(value, (_year(found[4]), month, day), found[5])


def _year(text: str) -> str:
    return text if len(text) == 4 else f"20{text}"


def _month(word: str) -> int | None:
    flat = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(mark for mark in flat if mark.isascii() and mark.isalpha())
    return next((NAMED[plain[:n]] for n in (6, 5, 4, 3) if plain[:n] in NAMED), None)


@lru_cache(maxsize=100_000)
def _bare(value: str) -> str:
    """Without a weekday, quotes and what a broker adds; of `A as of B` the day B counts."""
    text = " ".join(unicodedata.normalize("NFKC", value).split()).strip("\"'")
    text = re.sub(r"\((?:月|火|水|木|金|土|日|一|二|三|四|五|六)\)", "", text)
    if found := AS_OF.fullmatch(text):
        text = found[2]
    return WEEKDAY.sub("", text) if not _month(text.split(",")[0].split(" ")[0]) else text


def _instant(value: str, parts: tuple[str, str, str], clock: str | None) -> datetime:
    try:
        day = date(*(int(part) for part in parts))
        if clock is None or clock.strip() in ("00:00:00", "00:00", "00:00:00 AM", "12:00:00 AM"):
            return datetime.combine(day, END, tzinfo=UTC)
        return _with_clock(day, clock.strip())
    except (ValueError, OverflowError):
        raise UploadError(f"{value[:30]!r} is no date; write it as 2026-03-16 14:30") from None


def _with_clock(day: date, clock: str) -> datetime:
    """A day at a time of it; ValueError where it is none, or its zone is not known."""
    found = CLOCK.fullmatch(clock)
    if found is None:
        raise ValueError(clock)
    hour, half = int(found[1]), (found[5] or "").casefold().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(clock)
        hour = hour % 12 + (12 if half == "pm" else 0)
    fraction = int((found[4] or "0").ljust(6, "0")[:6])
    at = time(hour, int(found[2]), int(found[3] or 0), fraction, tzinfo=_zone(found[6]))
    return datetime.combine(day, at).astimezone(UTC)


def _zone(word: str) -> tzinfo:
    text = word.strip().strip("(),; ").casefold().removesuffix("h").strip()
    text = text.removesuffix("standard time").removesuffix("daylight time").removesuffix("time")
    if (text := text.strip()) in ZONES:
        return ZONES[text]
    if "/" in text:
        try:
            return ZoneInfo(word.strip().strip("(),; "))
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(word) from None
    if found := OFFSET.fullmatch(text.upper()):
        sign = -1 if found[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(found[2]), minutes=int(found[3] or 0)))
    raise ValueError(word)
