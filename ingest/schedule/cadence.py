"""When a job is due, as a pure function of its cadence: no clock is read and nothing is kept.

Local times follow their zone through every change of the clocks: a time that does not exist on a
day moves to the first instant after the gap, a time that comes twice counts once, the first.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.errors import ConfigError
from ingest.jobs import Cadence

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Session = tuple[datetime, datetime]
# Spans in which an occurrence is looked for, the short ones first: a job of every minute is found
# in the first, a yearly one in the last.
SPANS = tuple(timedelta(hours=hours) for hours in (1, 25, 8 * 24, 40 * 24, 400 * 24))

log = logging.getLogger(__name__)


def occurrences(cadence: Cadence, after: datetime, until: datetime) -> list[datetime]:
    """Every due instant in `(after, until]`, in order, each once, in UTC."""
    found: set[datetime] = set()
    if cadence.every_minutes is not None:
        found.update(_repeated(cadence, after, until))
    if cadence.at is not None:
        found.update(_at_local_time(cadence, after, until))
    if cadence.at_close:
        found.update(_after_closes(cadence, after, until))
    return sorted(moment for moment in found if after < moment <= until)


def next_after(cadence: Cadence, after: datetime) -> datetime | None:
    """The first due instant later than that; none when there is none within 400 days."""
    for span in SPANS:
        if found := occurrences(cadence, after, after + span):
            return found[0]
    return None


def latest(cadence: Cadence, after: datetime, until: datetime, count: int) -> list[datetime]:
    """The last `count` due instants in `(after, until]`, without walking through all of a year."""
    for span in SPANS:
        start = max(after, until - span)
        found = occurrences(cadence, start, until)
        if len(found) >= count or start == after:
            break
    return found[-count:]


def in_words(cadence: Cadence) -> str:
    """When it is due, as people say it."""
    names = []
    if cadence.every_minutes is not None:
        names.append(f"every {_span(cadence.every_minutes)}{_while(cadence)}")
    if cadence.at is not None:
        names.append(f"{_on(cadence)} at {cadence.at} {cadence.zone}")
    if cadence.at_close:
        names.append(f"{cadence.minutes_after_close} min after each close of {cadence.calendar}")
    return " and ".join(names) or "never"


def _span(minutes: int) -> str:
    days, rest = divmod(minutes, DAY // timedelta(minutes=1))
    if not rest:
        return "day" if days == 1 else f"{days} d"
    if minutes % 60 == 0:
        return "hour" if minutes == 60 else f"{minutes // 60} h"
    return "minute" if minutes == 1 else f"{minutes} min"


def _while(cadence: Cadence) -> str:
    if cadence.days == "all":
        return ""
    if cadence.days == "sessions":
        return f" while {cadence.calendar} is open"
    return f" {_on(cadence)} of {cadence.zone}"


def _on(cadence: Cadence) -> str:
    return {
        "weekdays": "on weekdays",
        "sessions": f"on days of {cadence.calendar}",
        "first_of_month": "on the 1st of each month",
        "first_of_february": "on 1 February",
    }.get(cadence.days, "every day")


def resolve(day: date, local: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time on a day."""
    wall = datetime.combine(day, local)
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # The time was skipped. Read with the offset before the gap it lies after the change, read
    # with the offset behind it before the change; the change itself is found in between.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = first
    offset = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def zone_named(name: str) -> ZoneInfo:
    """An IANA zone, or one sentence."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"zone {name[:60]!r}: expected an IANA name such as Europe/London"
        ) from None


@lru_cache(maxsize=1024)
def sessions(calendar: str, year: int) -> tuple[Session, ...]:
    """Opening and closing instants of a venue's sessions in a year, half-days as they were."""
    # Imported here: it brings pandas, which an idle scheduler can do without.
    import exchange_calendars

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            venue = exchange_calendars.get_calendar(
                calendar, start=f"{year}-01-01", end=f"{year}-12-31"
            )
        except exchange_calendars.errors.InvalidCalendarName:
            raise ConfigError(
                f"exchange calendar {calendar[:60]!r}: expected a market code such as XNYS"
            ) from None
        except ValueError as error:
            # Some calendars end with the holidays that were announced; the year may come later.
            log.warning("calendar=%s year=%d no_sessions_known=%s", calendar, year, error)
            return ()
    return tuple(
        (opened.to_pydatetime().astimezone(UTC), closed.to_pydatetime().astimezone(UTC))
        for opened, closed in zip(venue.opens, venue.closes, strict=True)
    )


def _repeated(cadence: Cadence, after: datetime, until: datetime) -> Iterator[datetime]:
    """A grid of whole steps since the epoch, so that restarts never shift it."""
    step = timedelta(minutes=cadence.every_minutes or 1)
    if cadence.days == "sessions":
        for opened, closed in _sessions_between(cadence, after - DAY, until + DAY):
            yield from _grid(max(opened - SECOND, after), min(closed, until), step)
        return
    zone = zone_named(cadence.zone)
    for moment in _grid(after, until, step):
        if _is_on(cadence, moment.astimezone(zone).date()):
            yield moment


def _grid(after: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    moment = EPOCH + ((after - EPOCH) // step + 1) * step
    while moment <= until:
        yield moment
        moment += step


def _at_local_time(cadence: Cadence, after: datetime, until: datetime) -> Iterator[datetime]:
    zone = zone_named(cadence.zone)
    try:
        local = time.fromisoformat(cadence.at or "")
    except ValueError:
        raise ConfigError(f"time of day {cadence.at!r}: expected HH:MM") from None
    open_days: frozenset[date] | None = None
    if cadence.days == "sessions":
        spans = _sessions_between(cadence, after - 2 * DAY, until + 2 * DAY)
        open_days = frozenset(opened.astimezone(zone).date() for opened, _ in spans)
    day = after.astimezone(zone).date() - DAY
    last = until.astimezone(zone).date() + DAY
    while day <= last:
        if day in open_days if open_days is not None else _is_on(cadence, day):
            yield resolve(day, local, zone)
        day += DAY


def _after_closes(cadence: Cadence, after: datetime, until: datetime) -> Iterator[datetime]:
    delay = timedelta(minutes=cadence.minutes_after_close)
    for _, closed in _sessions_between(cadence, after - delay - DAY, until):
        yield closed + delay


def _sessions_between(cadence: Cadence, start: datetime, end: datetime) -> Iterator[Session]:
    if cadence.calendar is None:
        raise ConfigError("a cadence by sessions needs an exchange calendar such as XNYS")
    for year in range(start.year, end.year + 1):
        for opened, closed in sessions(cadence.calendar, year):
            if closed >= start and opened <= end:
                yield opened, closed


def _is_on(cadence: Cadence, day: date) -> bool:
    if cadence.days == "weekdays":
        return day.weekday() < 5
    if cadence.days == "first_of_month":
        return day.day == 1
    if cadence.days == "first_of_february":
        return (day.month, day.day) == (2, 1)
    return True
