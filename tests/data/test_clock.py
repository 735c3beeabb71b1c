"""Instants as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.clock import iso, parse_instant, utc_now
from data.errors import ConfigError

NOON = datetime(2020, 3, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2020-03-16", datetime(2020, 3, 16, tzinfo=UTC)),
        ("2020-03-16T12:00", NOON),
        ("2020-03-16 12:00", NOON),
        ("2020-03-16T12:00Z", NOON),
        ("2020-03-16T21:00+09:00", NOON),
        ("  2020-03-16T12:00:00.000000Z  ", NOON),
        ("now", NOON),
        (" NOW ", NOON),
    ],
)
def test_what_can_be_read(text: str, instant: datetime) -> None:
    found = parse_instant(text, now=NOON)
    assert found == instant
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "soon", "2020-02-30", "16.03.2020", "2020-03-16T25:00", "x" * 99]
)
def test_what_cannot_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="not an instant.*a date such as 2020-03-16"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text", ["0001-01-01", "1600-01-01", "9999-12-31", "0001-01-01T00:00+09:00"]
)
def test_what_the_lake_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="outside the years 1677 to 2262"):
        parse_instant(text)


def test_now_is_the_machines_time_where_none_is_given() -> None:
    before = utc_now()
    assert before <= parse_instant("now") <= utc_now()
    assert before.utcoffset() == timedelta(0)


@given(st.datetimes(datetime(1700, 1, 1), datetime(2250, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive by the library's rule
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert parse_instant(iso(moment)) == moment
    assert iso(moment).endswith("Z")
