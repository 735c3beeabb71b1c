"""Figures, currencies and stamps as sources write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from ingest.formats.bars import (
    BarFeed,
    always_open,
    currency_of,
    daily,
    dates,
    epoch,
    instruments,
    minutes,
    numbers,
)
from ingest.jobs import ReplyError
from tests.ingest.market import NOW, reply


@pytest.mark.parametrize(
    ("stated", "stored"),
    [
        ("usd", "USD"),
        ("GBp", "GBp"),
        ("GBX", "GBp"),
        ("GBP", "GBP"),
        ("ZAc", "ZAc"),
        ("zac", "ZAc"),
        ("ILA", "ILA"),
        ("USDT", "USDT"),
        ("", "XXX"),
        (None, "XXX"),
    ],
)
def test_a_currency_keeps_its_unit(stated: str | None, stored: str) -> None:
    assert currency_of(stated) == stored


def test_figures_are_numbers_or_missing_and_never_guessed() -> None:
    words = ["1.5", " -37.63 ", "1e-9", "None", "-", ".", "N/D", "", None, "3%"]
    assert numbers(list(words)).to_list() == [1.5, -37.63, 1e-9, *[None] * 6, 3.0]
    assert numbers([1, 2.5, None, float("inf"), float("nan")]).to_list() == [
        1,
        2.5,
        None,
        None,
        None,
    ]
    assert numbers([]).to_list() == []
    for odd in (["abc"], [True], [[1]], [{}]):
        with pytest.raises((ValueError, pl.exceptions.PolarsError)):
            numbers(list(odd))


@pytest.mark.parametrize("scale", [1, 1000, 1_000_000])
def test_stamps_tell_their_unit_by_their_size(scale: int) -> None:
    stamp = int(datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp())
    assert epoch(pl.Series([stamp * scale]))[0] == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_dates_are_what_a_stamp_begins_with() -> None:
    assert dates(["2024-09-27T00:00:00+0000", "2024-09-28"]).to_list() == [
        date(2024, 9, 27),
        date(2024, 9, 28),
    ]
    with pytest.raises(pl.exceptions.PolarsError):
        dates(["27/09/2024"])


def frame(**columns: object) -> pl.DataFrame:
    """One day of one instrument."""
    return pl.DataFrame(
        {
            "symbol": "x:A",
            "asset_class": "equity",
            "currency": "USD",
            "date": date(2024, 7, 3),
            "close": 1.0,
        }
        | columns
    )


def test_a_day_is_known_after_its_close_and_never_after_we_held_it() -> None:
    feed = BarFeed("x", "XNYS", "America/New_York", delay_minutes=30)
    closed = datetime(2024, 7, 3, 17, tzinfo=UTC)  # the day before a holiday
    known = daily(frame(), reply(b"", now=NOW), feed)["known_at"].to_pylist()
    assert known == [closed.replace(minute=30)]
    soon = closed.replace(minute=10)
    assert daily(frame(), reply(b"", now=soon), feed)["known_at"].to_pylist() == [soon]
    with pytest.raises(ReplyError, match="under way"):
        daily(frame(), reply(b"", now=closed.replace(hour=16)), feed)


def test_a_minute_is_known_as_late_as_its_feed_shows_it_and_never_after_we_held_it() -> None:
    start = datetime(2024, 7, 3, 14, 30, tzinfo=UTC)
    bar = frame(venue="XNYS", event_at=start, open=1.0, high=1.0, low=1.0)
    end = datetime(2024, 7, 3, 14, 31, tzinfo=UTC)
    for delay, now, known in (
        (0, NOW, end),
        (20, NOW, end.replace(minute=51)),
        (20, end.replace(minute=40), end.replace(minute=40)),
        (20, end, end),
    ):
        made = minutes(bar, reply(b"", now=now), BarFeed("x", delay_minutes=delay))
        assert made["known_at"].to_pylist() == [known]
    with pytest.raises(ReplyError, match="under way"):
        minutes(bar, reply(b"", now=end.replace(minute=30)), BarFeed("x", delay_minutes=20))


def test_a_day_of_nothing_is_no_row_but_a_dividend_alone_is_one() -> None:
    parts = [
        frame(close=None, dividend=0.5),
        frame(date=date(2024, 7, 2), dividend=0.0),
        frame(date=date(2024, 7, 1), close=None, dividend=0.0),
    ]
    days = pl.concat(parts, how="vertical_relaxed")
    kept = daily(days, reply(b""), always_open("x"))
    assert kept["date"].to_pylist() == [date(2024, 7, 3), date(2024, 7, 2)]


@pytest.mark.parametrize(("kind", "opened"), [("index", None), ("rate", 0.0), ("commodity", 0.0)])
def test_an_opening_of_zero_is_a_gap_where_no_price_can_be_zero(
    kind: str, opened: float | None
) -> None:
    """As charts give it for decades in which openings were not kept."""
    day = frame(asset_class=kind, open=0.0)
    kept = daily(day, reply(b""), always_open("x"))
    assert kept["open"].to_pylist() == [opened]
    assert kept["close"].to_pylist() == day["close"].to_list()


def test_an_instrument_named_twice_is_one() -> None:
    row = {"symbol": "x:A", "ticker": "A", "name": "A", "asset_class": "equity", "currency": "USD"}
    found = instruments([dict(row), {**row, "name": "B"}], reply(b""), source="x")
    assert (found.num_rows, found["known_at"].to_pylist()) == (1, [NOW])
