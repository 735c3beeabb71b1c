"""Instants: the one place that reads the machine's time, and the one parser of a written one.

Every instant in the house is an aware UTC `datetime`. A date alone means its first instant in
UTC; a time without a zone is read as UTC.
"""

from __future__ import annotations

import ctypes
from datetime import UTC, datetime, timedelta

from data.errors import ConfigError

EXPECTED = "expected `now`, a date such as 2020-03-16, or an instant such as 2020-03-16T14:30Z"
FIRST = datetime(1677, 9, 22, tzinfo=UTC)
LAST = datetime(2262, 4, 11, tzinfo=UTC)
# Of the kernel's `struct timex`, which is only read: room enough, and the answer TIME_ERROR.
TIMEX, UNSYNCHRONISED = 512, 5


def utc_now() -> datetime:
    """The machine's time. Only mains, loops and the frame may ask for it."""
    return datetime.now(UTC)


def is_disciplined(moment: datetime) -> bool:
    """Whether the kernel says that this machine's clock is kept right, and it shows this moment.

    A kernel that cannot say (there is none outside Linux, and some containers have none) does not.
    """
    call = getattr(ctypes.CDLL(None), "adjtimex", None)
    if call is None or abs(utc_now() - moment) > timedelta(minutes=1):
        return False
    answer = int(call(ctypes.create_string_buffer(TIMEX)))
    return 0 <= answer < UNSYNCHRONISED


def parse_instant(text: str, now: datetime | None = None) -> datetime:
    """`now`, an ISO date or an ISO instant, as UTC."""
    word = text.strip()
    if word.lower() == "now":
        return now or utc_now()
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise ConfigError(f"not an instant: {text[:60]!r}; {EXPECTED}") from None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        moment = FIRST.replace(year=1)
    if not FIRST <= moment <= LAST:
        raise ConfigError(f"{text[:60]!r} is outside the years 1677 to 2262 that the lake can hold")
    return moment


def iso(moment: datetime) -> str:
    """The written form used in URLs, receipts and messages: `2020-03-16T14:30:00Z`."""
    text = moment.astimezone(UTC).isoformat(timespec="auto")
    return text.replace("+00:00", "Z")
