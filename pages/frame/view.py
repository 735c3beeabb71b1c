"""View: the reader's clock as the address states it, and the arithmetic of moving it.

Refuses to guess: what cannot be read as an instant is said in one sentence, and Now is shown.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.clock import FIRST, iso, parse_instant
from data.errors import ConfigError
from data.lake.views import MODES, Mode

Unit = Literal["minute", "day", "week", "month"]
ZONES = (
    "UTC",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Toronto",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Zurich",
    "Africa/Johannesburg",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Hong_Kong",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
    "Pacific/Auckland",
)


# How people write a date with the month's name; with or without the time.
WRITTEN = tuple(f"%d %{month} %Y{time}" for month in "bB" for time in ("", " %H:%M", " %H:%M:%S"))


@dataclass(frozen=True, slots=True)
class View:
    """What one run of a page looks at. `as_of` is whole minutes at Now, so that caches hit."""

    as_of: datetime
    is_now: bool
    mode: Mode = "public"
    zone: str = "UTC"
    problems: tuple[str, ...] = ()
    replay: str = ""  # the window whose transport the clock follows, as its address has it

    def local(self, moment: datetime | None = None) -> str:
        """An instant (the clock itself by default) in the view's zone, with the zone's name."""
        there = (moment or self.as_of).astimezone(ZoneInfo(self.zone))
        seconds = ":%S" if there.second else ""
        return there.strftime(f"%a %d %b %Y %H:%M{seconds} %Z")

    @property
    def day(self) -> date:
        """The day of the clock in the view's zone."""
        return self.as_of.astimezone(ZoneInfo(self.zone)).date()

    def params(self) -> dict[str, str]:
        """The part of the address that says this view; what is at its default is left out."""
        told = {} if self.is_now else {"as_of": iso(self.as_of)}
        if self.mode != "public":
            told["mode"] = self.mode
        if self.zone != "UTC":
            told["tz"] = self.zone
        if self.replay:
            told["replay"] = self.replay
        return told


def read_view(told: Mapping[str, str], now: datetime) -> View:
    """The view that an address asks for by `as_of`, `mode`, `tz` and `replay`, with a sentence for
    each problem."""
    problems: list[str] = []
    zone = told.get("tz") or "UTC"
    if not is_zone(zone):
        problems.append(f"Time zone {zone[:40]!r} is not known; times are shown in UTC.")
        zone = "UTC"
    word = told.get("mode") or "public"
    mode: Mode = next((mode for mode in MODES if mode == word), "public")
    if word not in MODES:
        problems.append(f"Clock mode {word[:40]!r} is not known; {', '.join(MODES)} are.")
    floor = now.replace(second=0, microsecond=0)
    try:
        moment = parse_clock(told.get("as_of") or "", zone)
    except ConfigError as problem:
        problems.append(f"The clock in the address cannot be read, so Now is shown: {problem}.")
        moment = None
    if moment is not None and moment > now:
        problems.append(
            f"The clock {iso(moment)} is later than this machine's time, so Now is shown: "
            "nothing of the future is known yet."
        )
        moment = None
    replay = told.get("replay") or "" if moment else ""  # at Now nothing is replayed
    return View(moment or floor, moment is None, mode, zone, tuple(problems), replay)


def parse_clock(text: str, zone: str = "UTC") -> datetime | None:
    """An instant from what people type; none for Now.

    A zone may follow (`2020-03-16 10:30 America/New_York`); without one, the view's zone holds.
    """
    word = " ".join(text.split())
    if not word or word.lower() == "now":
        return None
    head, _, tail = word.rpartition(" ")
    if head and is_zone(tail):
        word, zone = head, tail
    word = _by_month_name(word)
    try:
        plain = datetime.fromisoformat(word)
    except ValueError:
        plain = None
    if plain is None or plain.tzinfo is not None or zone == "UTC":
        return parse_instant(word)
    return parse_instant(plain.replace(tzinfo=ZoneInfo(zone)).isoformat())


def _by_month_name(word: str) -> str:
    """What names its month, as the bar itself writes it (`Mon 16 Mar 2020 21:00`), in ISO form."""
    named = re.sub(r"^[A-Za-z]{3,9},? (?=\d)", "", word)
    for form in WRITTEN:
        with suppress(ValueError):
            return datetime.strptime(named, form).isoformat()  # noqa: DTZ007 - the zone comes later
    return word


def end_of_day(day: date, zone: str) -> datetime:
    """The last minute of a day in a zone, by when its closes are known; in UTC.

    It is the minute before the next day begins: where the clocks go back at midnight 23:59 comes
    twice, elsewhere never, and a day that a zone left out ends with the one before.
    """
    there = ZoneInfo(zone)
    midnight = datetime.combine(day + timedelta(days=1), time(), there)
    # Of a time that comes twice both are tried, and one that never comes is the moment of the jump.
    found = (midnight.replace(fold=fold).astimezone(UTC) - timedelta(minutes=1) for fold in (0, 1))
    return max(moment for moment in found if moment.astimezone(there).date() <= day)


def is_zone(name: str) -> bool:
    """Whether the IANA data base has it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def step(view: View, unit: Unit, count: int) -> datetime:
    """The clock moved by `count` units of wall time in the view's zone; a minute is absolute."""
    if unit == "minute":
        return max(view.as_of + timedelta(minutes=count), FIRST)
    zone = ZoneInfo(view.zone)
    here = view.as_of.astimezone(zone).replace(tzinfo=None)
    if unit == "month":
        months = here.year * 12 + here.month - 1 + count
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        there = here.replace(year=year, month=month + 1, day=min(here.day, last))
    else:
        there = here + timedelta(days=count * (7 if unit == "week" else 1))
    return max(there.replace(tzinfo=zone).astimezone(UTC), FIRST)


def age(of: datetime | None, at: datetime) -> str:
    """How old an instant is at a clock, in the largest unit that says something."""
    if of is None:
        return "never"
    seconds = int((at - of).total_seconds())
    if seconds < 0:
        return "ahead of the clock"
    for size, name in ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and name in ("min", "h")):
            return f"{seconds // size} {name}"
    return "under a minute" if seconds < 60 else f"{seconds // 60} min"
