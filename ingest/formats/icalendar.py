"""Events of an iCalendar file (RFC 5545): folded lines joined, escapes undone, times in their zone.

It reads what a calendar of releases has: a start, a title, a status. Repetition rules are not
expanded; an event that has one is given with its first start alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.jobs import ReplyError

# Names of zones that are none of the IANA's, as agencies write them.
ZONES = {
    "US-Eastern": "America/New_York",
    "US/Eastern": "America/New_York",
    "Eastern Standard Time": "America/New_York",
    "US-Central": "America/Chicago",
    "US-Mountain": "America/Denver",
    "US-Pacific": "America/Los_Angeles",
    "W. Europe Standard Time": "Europe/Berlin",
    "Romance Standard Time": "Europe/Brussels",
    "GMT Standard Time": "Europe/London",
}
LINE = re.compile(r"([A-Za-z0-9-]+)((?:;[^=;:]+=(?:\"[^\"]*\"|[^;:]*))*):(.*)", re.DOTALL)
PARAMETER = re.compile(r";([^=;:]+)=(\"[^\"]*\"|[^;:]*)")
ESCAPE = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True, slots=True)
class Property:
    """A value with its parameters."""

    value: str
    parameters: Mapping[str, str]


Event = dict[str, Property]


def events(body: bytes) -> Iterator[Event]:
    """The events in their order; a file that has no end is cut and refused."""
    lines = _lines(body)
    event: Event | None = None
    inside = 0  # an alarm inside of an event has properties of its own
    for name, parameters, value in lines:
        kind = value.upper()
        if name == "BEGIN":
            event, inside = ({}, 0) if kind == "VEVENT" else (event, inside + 1)
        elif name == "END":
            if kind == "VEVENT" and event is not None:
                yield event
            event, inside = (None, 0) if kind == "VEVENT" else (event, inside - 1)
        elif event is not None and inside == 0:
            given = {key.upper(): word.strip('"') for key, word in PARAMETER.findall(parameters)}
            event.setdefault(name, Property(value, given))


def _lines(body: bytes) -> list[tuple[str, str, str]]:
    """Name, parameters and value of each line, after folded ones are joined."""
    text = body.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = re.sub(r"\n[ \t]", "", text).strip().split("\n")
    if lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise ReplyError("upstream", "expected a calendar that begins with BEGIN:VCALENDAR")
    if lines[-1].strip().upper() != "END:VCALENDAR":
        raise ReplyError("upstream", "the calendar has no end: it may be cut")
    found = (LINE.fullmatch(line.strip()) for line in lines)
    return [(line[1].upper(), line[2], line[3]) for line in found if line]


def text(event: Event, name: str) -> str:
    """A text without escapes and doubled blanks."""
    if name not in event:
        return ""
    words = ESCAPE.sub(lambda m: " " if m[1] in "nN" else m[1], event[name].value)
    return " ".join(words.split())


def start(event: Event, zone: str) -> datetime | date | None:
    """When it begins: an instant, or a day. A time that names no zone is of `zone`; one of a zone
    that nobody knows is none."""
    if "DTSTART" not in event:
        return None
    given = event["DTSTART"]
    word = given.value.strip()
    if re.fullmatch(r"\d{8}", word):
        return date(int(word[:4]), int(word[4:6]), int(word[6:]))
    found = re.fullmatch(r"(\d{8}T\d{4})(\d\d)?(Z?)", word)
    if not found:
        return None
    moment = datetime.strptime(found[1], "%Y%m%dT%H%M")  # noqa: DTZ007 - the zone comes below
    if found[3]:
        return moment.replace(tzinfo=UTC)
    name = given.parameters.get("TZID") or zone
    try:
        return moment.replace(tzinfo=ZoneInfo(ZONES.get(name, name))).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError):
        return None
