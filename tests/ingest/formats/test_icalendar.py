"""iCalendar: folded lines, escapes, times of named zones, UTC and whole days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ingest.formats import icalendar
from ingest.jobs import ReplyError


def calendar(*lines: str, end: str = "END:VCALENDAR") -> bytes:
    body = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", end]
    return "\r\n".join(body).encode()


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("DTSTART;TZID=US-Eastern:20261014T083000", datetime(2026, 10, 14, 12, 30, tzinfo=UTC)),
        ("DTSTART;TZID=US-Eastern:20261214T083000", datetime(2026, 12, 14, 13, 30, tzinfo=UTC)),
        ('DTSTART;TZID="Europe/Paris":20260714T090000', datetime(2026, 7, 14, 7, tzinfo=UTC)),
        ("DTSTART:20261029T123000Z", datetime(2026, 10, 29, 12, 30, tzinfo=UTC)),
        ("DTSTART:20261029T0830", datetime(2026, 10, 29, 12, 30, tzinfo=UTC)),
        ("DTSTART;VALUE=DATE:20261102", date(2026, 11, 2)),
        ("DTSTART;TZID=Moon-Base:20261014T083000", None),
        ("DTSTART:soon", None),
        ("DTEND:20261029T123000Z", None),
    ],
)
def test_when_an_event_begins(line: str, moment: object) -> None:
    (event,) = icalendar.events(calendar(line))
    assert icalendar.start(event, "America/New_York") == moment


def test_folded_lines_and_escapes() -> None:
    body = calendar("SUMMARY:GDP (Advance\r\n  Estimate)\\, 3rd\\nQuarter", "X;bad", "UID:1")
    (event,) = icalendar.events(body)
    assert icalendar.text(event, "SUMMARY") == "GDP (Advance Estimate), 3rd Quarter"
    assert icalendar.text(event, "DESCRIPTION") == ""


def test_an_alarm_inside_of_an_event_is_not_the_event() -> None:
    body = calendar("BEGIN:VALARM", "SUMMARY:Ring", "END:VALARM", "SUMMARY:CPI", "SUMMARY:again")
    (event,) = icalendar.events(body)
    assert icalendar.text(event, "SUMMARY") == "CPI"


@pytest.mark.parametrize("body", [calendar(end="BEGIN:VEVENT"), b"BEGIN:VEVENT\nEND:VCALENDAR"])
def test_a_cut_calendar_is_refused(body: bytes) -> None:
    with pytest.raises(ReplyError):
        list(icalendar.events(body))
