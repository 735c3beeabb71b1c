"""When a filing became known: EDGAR's JSON states UTC for most filers and New York time for others.

Both carry a `Z`. What shows which it is are the hours at which EDGAR accepts nothing (22:00 to
06:00 in New York) and the filing date, which is the next business day after 17:30, but for a few
forms. A filer none of whose times shows it is dated by the end of the filing day. What is accepted
in the evening for the next filing day is public on the morning of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

FilerClock = Literal["utc", "new_york", "unsure"]
NEW_YORK = ZoneInfo("America/New_York")
CLOSES = time(22, 0)
SHOWN_BY = time(7, 30)  # EDGAR shows from 6:00 on what it accepted the evening before
# A few minutes of grace: what was sent before a deadline is accepted shortly after it.
OPEN_FROM, OPEN_UNTIL = time(5, 55), time(22, 5)
SAME_DAY_UNTIL, NEXT_DAY_FROM = time(18, 0), time(17, 30)
LONGEST_GAP = timedelta(days=5)  # a Friday evening before a long weekend
# Filed on the same day until 22:00.
EVENING = ("3", "4", "5", "144", "SC 13", "SCHEDULE 13")
# Sent by filers under the rule of 17:30; what the SEC itself writes has other hours.
BY_FILERS = ("10-", "8-K", "20-F", "40-F", "6-K", "11-K", "DEF", "13F", "S-", "424B", "ARS", "SD")


@dataclass(frozen=True, slots=True)
class FilingTime:
    """A form, its filing date and the time as the JSON states it, taken without its zone."""

    form: str
    filed_on: date
    stated: datetime | None


def stated_time(word: str) -> datetime | None:
    """`2026-04-20T21:29:51.000Z` or `20231114163012` as a wall clock of an unknown zone."""
    text = word.strip().removesuffix("Z")
    try:
        if text.isdigit() and len(text) == 14:
            text = f"{text[:8]}T{text[8:]}"
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=None)


def end_of_day(day: date) -> datetime:
    """When EDGAR closes on a filing day: by then whatever was filed on it is public."""
    return datetime.combine(day, CLOSES, NEW_YORK).astimezone(UTC)


def public_from(day: date, accepted_at: datetime | None) -> datetime:
    """When anybody could read a filing of that filing day; without an hour, the end of the day."""
    if accepted_at is None:
        return end_of_day(day)
    if accepted_at.astimezone(NEW_YORK).date() < day:
        return datetime.combine(day, SHOWN_BY, NEW_YORK).astimezone(UTC)
    return accepted_at


def as_instant(stated: datetime, clock: FilerClock) -> datetime:
    """The instant that a stated time means on that clock."""
    zone = UTC if clock == "utc" else NEW_YORK
    return stated.replace(tzinfo=zone).astimezone(UTC)


def clock_shown(one: FilingTime) -> FilerClock:
    """What a single filing shows: one clock, if the other would contradict its filing date."""
    if one.stated is None:
        return "unsure"
    can_be_utc = _fits(one, as_instant(one.stated, "utc").astimezone(NEW_YORK))
    can_be_local = _fits(one, one.stated)
    if can_be_utc == can_be_local:
        return "unsure"
    return "utc" if can_be_utc else "new_york"


def filer_clock(filings: Sequence[FilingTime], known: FilerClock = "unsure") -> FilerClock:
    """The clock of a filer, where its filings agree; `known` is that of its other pages."""
    shown = {clock_shown(one) for one in filings} | {known}
    shown.discard("unsure")
    return shown.pop() if len(shown) == 1 else "unsure"


def accepted(one: FilingTime, clock: FilerClock) -> datetime | None:
    """The instant of acceptance, where it is certain: by the filer's clock, else by itself."""
    own = clock_shown(one)
    sure = clock if clock != "unsure" else own
    if one.stated is None or sure == "unsure" or (own not in ("unsure", sure)):
        return None
    found = as_instant(one.stated, sure)
    return found if _is_near(one, found.astimezone(NEW_YORK).date()) else None


def _fits(one: FilingTime, local: datetime) -> bool:
    """Whether EDGAR could have accepted it at that New York time and given it that date."""
    at, day = local.time(), local.date()
    if not OPEN_FROM <= at <= OPEN_UNTIL or day.weekday() > 4 or not _is_near(one, day):
        return False
    if one.form.startswith(EVENING):
        return one.filed_on == day or at > NEXT_DAY_FROM
    if not one.form.startswith(BY_FILERS):
        return True
    return at <= SAME_DAY_UNTIL if one.filed_on == day else at >= NEXT_DAY_FROM


def _is_near(one: FilingTime, day: date) -> bool:
    return timedelta(0) <= one.filed_on - day <= LONGEST_GAP
