"""Days and instants as people write them; `01/02/2026` is asked, never guessed.

A day without a time counts from its end on: a trade is never shown before it happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Literal

from data.errors import UploadError

Order = Literal["dmy", "mdy", "?", ""]
ISO = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ](.+))?")
PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,]+(.+))?")
END = time(23, 59, 59)


def order_of(values: Iterable[str]) -> Order:
    """Whether a column writes the day or the month first; `?` where it could be either."""
    told: set[str] = set()
    is_open = False
    for value in values:
        found = PARTS.fullmatch(value.strip())
        if found is None:
            continue
        first, mark, second = int(found[1]), found[2], int(found[3])
        if first > 12 or mark == ".":
            told.add("dmy")
        elif second > 12:
            told.add("mdy")
        else:
            is_open = True
    if len(told) == 2:
        raise UploadError("one column writes some dates with the day first and some with the month")
    if told:
        return "dmy" if "dmy" in told else "mdy"
    return "?" if is_open else ""


def instant(value: str, order: Order) -> datetime:
    """The instant of a cell, in UTC where it names no zone."""
    text = value.strip()
    if found := ISO.fullmatch(text):
        return _instant(value, (found[1], found[2], found[3]), found[4])
    found = PARTS.fullmatch(text)
    if found is None:
        raise UploadError(f"{value[:30]!r} is no date; write it as 2026-03-16")
    if order == "?" and found[2] != ".":
        raise UploadError(f"{value[:30]} may be in either order: choose day or month first")
    year = found[4] if len(found[4]) == 4 else f"20{found[4]}"
    day, month = (found[3], found[1]) if order == "mdy" else (found[1], found[3])
    return _instant(value, (year, month, day), found[5])


def _instant(value: str, parts: tuple[str, str, str], clock: str | None) -> datetime:
    try:
        day = date(*(int(part) for part in parts))
        if clock is None or clock in ("00:00:00", "00:00"):
            return datetime.combine(day, END, tzinfo=UTC)
        moment = datetime.fromisoformat(f"{day}T{clock.strip().replace(' ', '')}")
    except ValueError:
        raise UploadError(f"{value[:30]!r} is no date; write it as 2026-03-16 14:30") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
