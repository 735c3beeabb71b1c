"""When jobs are due: through every change of the clocks, each instant once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import ConfigError
from ingest.jobs import Cadence
from ingest.schedule.cadence import occurrences, resolve, sessions

ZONES = [
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Casablanca",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Apia",
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def texts(moments: list[datetime]) -> list[str]:
    return [moment.strftime("%m-%d %H:%M") for moment in moments]


def test_a_skipped_local_time_moves_to_the_end_of_the_gap() -> None:
    daily = Cadence(at="02:30", zone="America/New_York")
    found = occurrences(daily, at("2024-03-08T00:00Z"), at("2024-03-12T00:00Z"))
    assert texts(found) == ["03-08 07:30", "03-09 07:30", "03-10 07:00", "03-11 06:30"]


def test_a_doubled_local_time_counts_once() -> None:
    daily = Cadence(at="01:30", zone="America/New_York")
    found = occurrences(daily, at("2024-11-02T00:00Z"), at("2024-11-05T00:00Z"))
    assert texts(found) == ["11-02 05:30", "11-03 05:30", "11-04 06:30"]


def test_a_day_that_never_was_is_not_run_twice() -> None:
    """Samoa went from 29 to 31 December 2011."""
    daily = Cadence(at="12:00", zone="Pacific/Apia")
    found = occurrences(daily, at("2011-12-28T00:00Z"), at("2012-01-02T12:00Z"))
    assert len(found) == len(set(found))
    assert resolve(date(2011, 12, 30), time(12), ZoneInfo("Pacific/Apia")) == at(
        "2011-12-30T10:00Z"
    )


def test_every_quarter_of_an_hour_on_weekdays() -> None:
    cadence = Cadence(every_minutes=15, days="weekdays", zone="America/New_York")
    found = occurrences(cadence, at("2024-03-09T04:30Z"), at("2024-03-11T04:30Z"))
    assert texts(found) == ["03-09 04:45", "03-11 04:00", "03-11 04:15", "03-11 04:30"]


def test_sessions_end_early_on_half_days_and_not_at_all_on_holidays() -> None:
    cadence = Cadence(
        every_minutes=60, days="sessions", calendar="XNYS", at_close=True, minutes_after_close=20
    )
    found = occurrences(cadence, at("2023-11-23T00:00Z"), at("2023-11-25T00:00Z"))
    assert texts(found) == [
        "11-24 15:00",
        "11-24 16:00",
        "11-24 17:00",
        "11-24 18:00",
        "11-24 18:20",
    ]


def test_first_of_month_and_of_february() -> None:
    monthly = Cadence(at="06:00", zone="UTC", days="first_of_month")
    yearly = Cadence(at="06:00", zone="UTC", days="first_of_february")
    span = (at("2024-01-15T00:00Z"), at("2025-01-15T00:00Z"))
    assert len(occurrences(monthly, *span)) == 12
    assert texts(occurrences(yearly, *span)) == ["02-01 06:00"]


def test_a_local_time_on_session_days_only() -> None:
    cadence = Cadence(at="18:00", zone="America/New_York", days="sessions", calendar="XNYS")
    found = occurrences(cadence, at("2024-07-03T00:00Z"), at("2024-07-06T00:00Z"))
    assert texts(found) == ["07-03 22:00", "07-05 22:00"]


@pytest.mark.parametrize("zone", ZONES)
def test_ten_years_of_a_daily_job_miss_no_day_and_double_none(zone: str) -> None:
    for clock in ("00:00", "02:30"):
        cadence = Cadence(at=clock, zone=zone)
        found = occurrences(cadence, at("2010-01-01T00:00Z"), at("2020-01-01T00:00Z"))
        days = [moment.astimezone(ZoneInfo(zone)).date() for moment in found]
        expected = {date(2010, 1, 2) + timedelta(days=n) for n in range(3650)}
        if zone == "Pacific/Apia":
            expected.discard(date(2011, 12, 30))
        assert expected - set(days) == set()
        gaps = {b - a for a, b in zip(found, found[1:], strict=False)}
        assert all(timedelta(hours=0) < gap <= timedelta(hours=25) for gap in gaps)


@given(
    minute=st.integers(0, 60 * 24 * 3650),
    cuts=st.lists(st.integers(0, 60 * 24 * 40), max_size=6),
    zone=st.sampled_from(ZONES),
    every=st.sampled_from([None, 7, 60, 1440]),
)
def test_a_span_cut_anywhere_gives_the_same_instants(
    minute: int, cuts: list[int], zone: str, every: int | None
) -> None:
    """A scheduler that stops and goes on, however often, finds what one look would have found."""
    cadence = Cadence(every_minutes=every, at="02:30", zone=zone, days="weekdays")
    start = at("2015-01-01T00:00Z") + timedelta(minutes=minute)
    end = start + timedelta(days=40)
    edges = [start, *sorted(start + timedelta(minutes=cut) for cut in cuts), end]
    pieces = [
        moment
        for after, until in zip(edges, edges[1:], strict=False)
        for moment in occurrences(cadence, after, until)
    ]
    assert pieces == occurrences(cadence, start, end)


@pytest.mark.parametrize(
    ("cadence", "says"),
    [
        (Cadence(at="25:00"), "expected HH:MM"),
        (Cadence(at="06:00", zone="Mars/Olympus"), "IANA name"),
        (Cadence(every_minutes=5, days="sessions"), "needs an exchange calendar"),
        (Cadence(every_minutes=5, days="sessions", calendar="XMARS"), "market code"),
    ],
)
def test_what_cannot_be_understood_is_said(cadence: Cadence, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        occurrences(cadence, at("2024-01-01T00:00Z"), at("2024-01-03T00:00Z"))


def test_sessions_are_utc_instants() -> None:
    opened, closed = sessions("XTKS", 2024)[0]
    assert (opened, closed) == (at("2024-01-04T00:00Z"), at("2024-01-04T06:00Z"))
