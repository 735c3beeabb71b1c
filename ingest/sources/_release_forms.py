"""How agencies write their calendars: iCalendar, three kinds of JSON, a flow of SDMX.

Each reader gives the entries in their order, and None for one that has no title or no time that
can be read. A period is what the entry states, in its title or beside it, and never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ingest.formats import icalendar, tables
from ingest.formats.body import decoded
from ingest.formats.periods import first_day
from ingest.formats.sdmx import LABEL, from_csv
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.jobs import Reply, ReplyError

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
QUARTERS = {
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
}
STATED = re.compile(
    rf"(?i)(?P<title>.+?)(?:,| for)\s+(?:the\s+)?(?P<period>(?:{'|'.join(MONTHS)})\s+\d{{4}}"
    rf"|(?:{'|'.join(QUARTERS)})\s+quarter(?:\s+of)?\s+\d{{4}}|\d{{4}})"
)
# The hour at which Eurostat publishes, in Brussels: as UTC it would read nine or ten.
BRUSSELS_HOUR = time(11)
CLOCK = re.compile(r"(?i)(\d{1,2})(?::(\d\d))?\s*([ap])\.?m\.?")


@dataclass(frozen=True, slots=True)
class Release:
    """One entry of a calendar; `at` is an instant or a day, `code` its id where it has one."""

    title: str
    at: datetime | date
    period: date | None = None
    code: str = ""


def _from_ical(reply: Reply, body: bytes, zone: str) -> Iterator[Release | None]:
    for event in icalendar.events(body):
        at = icalendar.start(event, zone)
        title = icalendar.text(event, "SUMMARY")
        is_off = icalendar.text(event, "STATUS").upper() == "CANCELLED"
        yield _named(title, at) if title and at and not is_off else None


def _from_bea(reply: Reply, body: bytes, zone: str) -> Iterator[Release | None]:
    """Dates by title; without period, and the estimates of GDP under one title."""
    document = decoded(reply, body)
    if not isinstance(document, dict):
        raise ReplyError("upstream", "expected releases with their dates")
    for title, about in document.items():
        for word in about["release_dates"] if isinstance(about, dict) else ():
            moment = datetime.fromisoformat(str(word))
            yield Release(title, moment) if moment.tzinfo and title.strip() else None


def _from_fed(reply: Reply, body: bytes, zone: str) -> Iterator[Release | None]:
    """Month, days and hour stand apart; a meeting of several days ends with its decision."""
    for event in decoded(reply, body)["events"]:
        title = " ".join(str(event.get("title") or "").split())
        month = re.fullmatch(r"(\d{4})-(\d\d)", str(event.get("month") or "").strip())
        days = [int(day) for day in re.findall(r"\d+", str(event.get("days") or ""))]
        if not (title and month and days):
            yield None
            continue
        clock = _clock(str(event.get("time") or ""))
        for day in days[-1:] if event.get("type") == "FOMC" else days:
            on = date(int(month[1]), int(month[2]), day)
            yield Release(title, tables.instant_of(on, clock, zone) if clock else on)


def _clock(word: str) -> time | None:
    """`2:00 p.m.`"""
    found = CLOCK.fullmatch(word.strip())
    if not found:
        return None
    return time(int(found[1]) % 12 + 12 * (found[3].lower() == "p"), int(found[2] or 0))


def _from_eurostat(reply: Reply, body: bytes, zone: str) -> Iterator[Release | None]:
    """Its hour of publication is that of Brussels, also where it is written as UTC."""
    document = decoded(reply, body)
    if not isinstance(document, list):
        raise ReplyError("upstream", "expected a list of events")
    for event in document:
        title = " ".join(str(event.get("title") or "").split())
        word = str(event.get("start") or "")
        if not (title and word):
            yield None
            continue
        moment = datetime.fromisoformat(word)
        if moment.tzinfo is None or (not moment.utcoffset() and moment.time() == BRUSSELS_HOUR):
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        yield Release(title, moment, _period(str(event.get("period") or "")))


def _from_bis(reply: Reply, body: bytes, zone: str) -> Iterator[Release | None]:
    """The day of a release as the number 20240418, by category and period."""
    found = from_csv(reply, body)
    for row in found.frame.to_dicts():
        day = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", f"{row[VALUE]:.0f}" if row[VALUE] else "")
        if not day:
            yield None
            continue
        code = ".".join(str(row[name]) for name in found.dims)
        title = row.get("CATEGORY" + LABEL) or row.get("CATEGORY") or code
        on = date(int(day[1]), int(day[2]), int(day[3]))
        yield Release(str(title), on, first_day(row[TIME])[0], code)


def _named(title: str, at: datetime | date) -> Release:
    """`Consumer Price Index for September 2026` in its title and its period."""
    found = STATED.fullmatch(title)
    period = _period(found["period"]) if found else None
    return Release(found["title"].strip() if found and period else title, at, period)


def _period(word: str) -> date | None:
    """`July 2026`, `Q2/2026`, `3rd Quarter 2026`, `2026`; None for anything else."""
    text = " ".join(word.lower().replace(" of ", " ").split())
    if found := re.fullmatch(r"([a-z]+) (\d{4})", text):
        month = MONTHS.index(found[1]) + 1 if found[1] in MONTHS else 0
        return date(int(found[2]), month, 1) if month else None
    if found := re.fullmatch(r"(?:q([1-4])/|(\w+) quarter )(\d{4})", text):
        quarter = int(found[1] or QUARTERS.get(found[2], 0))
        return date(int(found[3]), quarter * 3 - 2, 1) if quarter else None
    return date(int(text), 1, 1) if re.fullmatch(r"[12]\d{3}", text) else None


FORMS: Mapping[str, Callable[[Reply, bytes, str], Iterator[Release | None]]] = {
    "ical": _from_ical,
    "bea": _from_bea,
    "fed": _from_fed,
    "eurostat": _from_eurostat,
    "bis": _from_bis,
}
