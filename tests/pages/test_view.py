"""The clock as an address says it, and the arithmetic of moving it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from data.clock import iso
from data.errors import ConfigError
from data.lake.views import MODES
from pages.frame.view import Unit, View, age, end_of_day, parse_clock, read_view, step

NOW = datetime(2026, 11, 21, 8, 30, 42, 5, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_now_is_whole_minutes() -> None:
    view = read_view({}, NOW)
    assert view == View(at("2026-11-21T08:30:00"), True)
    assert view.params() == {}


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2020-03-16T14:30:00Z", "UTC", "2020-03-16T14:30:00"),
        ("2020-03-16T10:30:00-04:00", "Asia/Tokyo", "2020-03-16T14:30:00"),
        ("2020-03-16 10:30 America/New_York", "UTC", "2020-03-16T14:30:00"),
        ("2020-01-16 10:30", "America/New_York", "2020-01-16T15:30:00"),
        ("2020-03-16", "UTC", "2020-03-16T00:00:00"),
        ("2020-03-16", "Asia/Tokyo", "2020-03-15T15:00:00"),
        ("16 Mar 2020 22:00", "UTC", "2020-03-16T22:00:00"),
        ("16 march 2020", "Asia/Tokyo", "2020-03-15T15:00:00"),
        ("Mon 16 Mar 2020 10:30:15 America/New_York", "UTC", "2020-03-16T14:30:15"),
        ("Monday, 16 March 2020 22:00 UTC", "Asia/Tokyo", "2020-03-16T22:00:00"),
    ],
)
def test_clock_is_read_with_its_zone(text: str, zone: str, moment: str) -> None:
    assert parse_clock(text, zone) == at(moment)


@pytest.mark.parametrize("text", ["yesterday", "2020-13-40", "16/03/2020", "%00", "9" * 5000])
def test_unreadable_clock_is_said_and_now_is_shown(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_clock(text)
    view = read_view({"as_of": text}, NOW)
    assert view.is_now
    assert len(view.problems) == 1
    assert len(view.problems[0]) < 400


def test_clock_of_the_future_is_now() -> None:
    view = read_view({"as_of": "2099-01-01"}, NOW)
    assert view.is_now
    assert "later than this machine's time" in view.problems[0]


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_comes_back_from_its_own_address(mode: str) -> None:
    view = read_view({"mode": mode}, NOW)
    assert (view.mode, view.problems) == (mode, ())
    assert read_view(view.params(), NOW) == view


def test_unknown_mode_and_zone_are_said() -> None:
    view = read_view({"mode": "secret", "tz": "Mars/Olympus"}, NOW)
    assert (view.mode, view.zone, len(view.problems)) == ("public", "UTC", 2)


def test_view_survives_its_own_address() -> None:
    view = read_view({"as_of": "2020-03-16T14:30Z", "mode": "house", "tz": "Asia/Tokyo"}, NOW)
    assert read_view(view.params(), NOW) == view
    assert view.params() == {"as_of": "2020-03-16T14:30:00Z", "mode": "house", "tz": "Asia/Tokyo"}


@pytest.mark.parametrize(
    ("start", "unit", "count", "end"),
    [
        ("2024-03-31T12:00:00", "month", -1, "2024-02-29T12:00:00"),
        ("2024-12-31T12:00:00", "month", 1, "2025-01-31T12:00:00"),
        ("2024-01-01T00:00:00", "minute", -1, "2023-12-31T23:59:00"),
        ("2024-01-01T00:00:00", "week", 2, "2024-01-15T00:00:00"),
    ],
)
def test_step(start: str, unit: Unit, count: int, end: str) -> None:
    assert step(View(at(start), False), unit, count) == at(end)


def test_a_day_keeps_the_wall_time_over_a_change_of_clocks() -> None:
    close = View(at("2024-03-08T21:00:00"), False, zone="America/New_York")
    assert step(close, "day", 3) == at("2024-03-11T20:00:00")


@given(
    some.datetimes(at("1980-01-01").replace(tzinfo=None), at("2100-01-01").replace(tzinfo=None)),
    some.integers(1, 40),
)
def test_days_and_weeks_undo_each_other(moment: datetime, count: int) -> None:
    start = moment.replace(tzinfo=UTC)
    there = step(View(start, False), "week", count)
    assert step(View(there, False), "day", -7 * count) == start
    assert parse_clock(iso(there)) == there


def test_steps_stop_where_the_lake_ends() -> None:
    assert step(View(at("1677-09-25T00:00:00"), False), "month", -1) == at("1677-09-22T00:00:00")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (30, "under a minute"),
        (90, "1 min"),
        (5400, "1 h"),
        (90_000, "25 h"),
        (86_400 * 30, "30 d"),
        (86_400 * 800, "2 y"),
        (-5, "ahead of the clock"),
    ],
)
def test_age(seconds: int, said: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2020-03-16", "UTC", "2020-03-16T23:59:00Z"),
        ("2020-03-16", "America/New_York", "2020-03-17T03:59:00Z"),
        ("2020-03-16", "Asia/Tokyo", "2020-03-16T14:59:00Z"),
        # Midnight comes twice, or rather the hour before it.
        ("2026-04-04", "America/Santiago", "2026-04-05T03:59:00Z"),
        ("2026-10-29", "Africa/Cairo", "2026-10-29T21:59:00Z"),
        # The first hour of the next day comes twice.
        ("2026-10-31", "America/Havana", "2026-11-01T03:59:00Z"),
        ("2026-10-24", "Atlantic/Azores", "2026-10-24T23:59:00Z"),
        # A minute after midnight the clocks went back, so that the day ended twice.
        ("2006-10-28", "America/St_Johns", "2006-10-29T03:29:00Z"),
        # The next day begins at one o'clock, and this one's last hour never comes.
        ("2026-09-05", "America/Santiago", "2026-09-06T03:59:00Z"),
        ("2026-03-28", "America/Nuuk", "2026-03-29T00:59:00Z"),
        # The 30th was left out when the line was moved.
        ("2011-12-29", "Pacific/Apia", "2011-12-30T09:59:00Z"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T09:59:00Z"),
        ("2011-12-31", "Pacific/Apia", "2011-12-31T09:59:00Z"),
    ],
)
def test_the_end_of_a_day_by_hand(day: str, zone: str, end: str) -> None:
    assert iso(end_of_day(date.fromisoformat(day), zone)) == end


@given(
    some.dates(date(1700, 1, 1), date(2100, 1, 1)),
    some.sampled_from(["Africa/Cairo", "America/Santiago", "Asia/Beirut", "Europe/London"]),
)
def test_a_minute_after_the_end_of_a_day_it_is_another_day(day: date, zone: str) -> None:
    end, there = end_of_day(day, zone), ZoneInfo(zone)
    assert end.astimezone(there).date() == day
    assert (end + timedelta(minutes=1)).astimezone(there).date() == day + timedelta(days=1)
