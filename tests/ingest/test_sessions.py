"""Closes: half days, daylight saving, days that a calendar does not know."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from ingest.formats.sessions import closes, venue, venue_of_yahoo


def end(day: date, calendar: str = "", zone: str = "UTC") -> datetime:
    """The end of one session."""
    found: datetime = closes(pl.Series([day]), calendar=calendar, zone=zone)[0]
    return found


@pytest.mark.parametrize(
    ("day", "calendar", "zone", "expected"),
    [
        (date(2024, 7, 2), "XNYS", "America/New_York", datetime(2024, 7, 2, 20, tzinfo=UTC)),
        (date(2024, 7, 3), "XNYS", "America/New_York", datetime(2024, 7, 3, 17, tzinfo=UTC)),
        (date(2024, 1, 3), "XNYS", "America/New_York", datetime(2024, 1, 3, 21, tzinfo=UTC)),
        (date(2024, 7, 4), "XNYS", "America/New_York", datetime(2024, 7, 5, 4, tzinfo=UTC)),
        (date(2024, 1, 4), "XTKS", "Asia/Tokyo", datetime(2024, 1, 4, 6, tzinfo=UTC)),
        (date(2024, 12, 6), "XTKS", "Asia/Tokyo", datetime(2024, 12, 6, 6, 30, tzinfo=UTC)),
        (date(2024, 1, 6), "24/7", "UTC", datetime(2024, 1, 7, tzinfo=UTC)),
        (date(2024, 3, 30), "", "Europe/London", datetime(2024, 3, 31, tzinfo=UTC)),
        (date(2024, 3, 31), "", "Europe/London", datetime(2024, 3, 31, 23, tzinfo=UTC)),
        (date(1885, 3, 2), "XNYS", "America/New_York", datetime(1885, 3, 2, 21, tzinfo=UTC)),
    ],
)
def test_a_session_ends(day: date, calendar: str, zone: str, expected: datetime) -> None:
    assert end(day, calendar, zone) == expected


def test_a_midnight_that_a_zone_skips_is_no_gap() -> None:
    assert end(date(2017, 10, 14), "", "America/Sao_Paulo") >= datetime(2017, 10, 15, 3, tzinfo=UTC)


def test_a_calendar_that_contradicts_itself_falls_back_on_midnight() -> None:
    found = end(date(2020, 11, 25), "ASEX", "Europe/Athens")
    assert datetime(2020, 11, 25, 15, tzinfo=UTC) <= found <= datetime(2020, 11, 25, 22, tzinfo=UTC)


def test_venues_by_their_own_and_by_yahoos_code() -> None:
    assert venue("XNAS")["calendar"] == "XNYS"
    assert venue_of_yahoo("NMS")["mic"] == "XNAS"
    assert (venue("NOPE"), venue_of_yahoo("NOPE")) == ({}, {})
    assert venue("XLON")["currency"] == ""  # pounds and pence are both quoted there


def test_no_day_has_no_close() -> None:
    assert closes(pl.Series([], dtype=pl.Date), calendar="XNYS").is_empty()
