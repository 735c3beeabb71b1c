"""A row that claims what cannot be is refused, whatever its types; an odd but real one is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from data.datasets import DATASETS
from data.errors import ContractError
from data.lake.conform import conform
from tests.data.samples import day, observation, price, table, tick

FRIDAY = date(2020, 3, 20)
CLOSE = datetime(2020, 3, 20, 21, tzinfo=UTC)


def bar(**other: Any) -> pl.DataFrame:
    """One sound daily price, changed."""
    return table(price(10.0, FRIDAY, CLOSE) | other)


def accepted(name: str, frame: pl.DataFrame, **how: Any) -> int:
    """How many rows a live workspace takes."""
    return conform(DATASETS[name], frame, **({"workspace": "live"} | how)).height


def refusal(name: str, frame: pl.DataFrame | pa.Table, **how: Any) -> str:
    """The sentence with which they are refused."""
    with pytest.raises(ContractError) as caught:
        conform(DATASETS[name], frame, **({"workspace": "live"} | how))
    return str(caught.value)


def test_a_price_is_not_known_before_its_session() -> None:
    assert "prices.date: 1 row known more than 1 day before it" in refusal(
        "prices", bar(known_at=datetime(2020, 3, 18, tzinfo=UTC))
    )
    assert "prices.date" in refusal("prices", bar(date=date(2999, 1, 2)))


def test_a_session_may_close_before_its_date_begins_in_utc() -> None:
    """In Auckland it is Friday's noon when UTC's Thursday ends."""
    assert accepted("prices", bar(known_at=datetime(2020, 3, 19, 4, tzinfo=UTC))) == 1


def test_an_observation_is_known_near_its_period_and_a_forecast_long_before() -> None:
    period = date(2025, 1, 1)
    early = observation(1.0, day(10), period=period)
    assert "known more than 45 days before it" in refusal("macro", table(early))
    assert accepted("macro", table(early | {"is_forecast": True})) == 1
    month = observation(1.0, datetime(2024, 12, 20, tzinfo=UTC), period=period)
    assert accepted("macro", table(month)) == 1


def test_a_forecast_of_centuries_ahead_is_refused() -> None:
    far = observation(1.0, day(10), period=date(2999, 1, 1), is_forecast=True)
    assert "more than a century after it was known" in refusal("macro", table(far))


def release(**other: Any) -> pl.DataFrame:
    """A release announced a year ahead, changed."""
    row = {
        "series_id": "s:CPI",
        "period": date(2021, 1, 1),
        "country": "USA",
        "title": "Consumer prices",
        "scheduled_at": datetime(2021, 2, 10, 13, 30, tzinfo=UTC),
        "precision": "minute",
        "status": "scheduled",
        "importance": 3,
        "unit": "index",
        "known_at": day(20),
        "vintage_grade": "native",
        "source": "fred",
    }
    return pl.DataFrame([row | other])


def test_a_release_is_scheduled_ahead_and_no_figure_is_known_before_it() -> None:
    assert accepted("releases", release()) == 1
    said = refusal("releases", release(actual=1.0, status="released"))
    assert "releases.scheduled_at: 1 row known more than 1 day before it" in said


def test_rows_of_a_writer_that_is_years_ahead_are_refused() -> None:
    now = datetime(2020, 4, 1, tzinfo=UTC)
    later = bar(date=date(2022, 1, 3), known_at=datetime(2022, 1, 3, 21, tzinfo=UTC))
    assert "known more than a year after this machine's clock, 2020-04-01T00:00:00Z" in refusal(
        "prices", later, now=now
    )
    assert accepted("prices", bar(), now=now) == 1


@pytest.mark.parametrize("bad", ["\0", "\x1b", "\n", "\u202e", "\u200b", "\u200f", "\ufeff"])
@pytest.mark.parametrize("name", ["symbol", "source"])
def test_an_id_has_only_what_can_be_seen(name: str, bad: str) -> None:
    said = refusal("prices", bar(**{name: f"x:A{bad}B"}))
    assert f"prices.{name}: 1 row with control characters" in said


@pytest.mark.parametrize("bad", [" x:A", "x:A ", "x:A\u00a0", "\u3000x:A", "   "])
def test_an_id_has_no_blanks_around_it(bad: str) -> None:
    assert "prices.symbol: 1 row with blanks before or after" in refusal("prices", bar(symbol=bad))
    assert "prices.source" in refusal("prices", bar(source=f"{bad} "))


@pytest.mark.parametrize("bad", ["\u3164", "\u2800", "\u115f", "\u034f", "\uffff"])
def test_an_id_has_no_letters_that_are_drawn_as_nothing(bad: str) -> None:
    assert "prices.symbol: 1 row with control" in refusal("prices", bar(symbol=f"x:A{bad}"))
    assert "news.symbols: 1 row with control" in refusal("news", headline(symbols=[f"x:A{bad}"]))


@pytest.mark.parametrize("good", ["x:BRK.B", "x:日経", "x:^GSPC", "x:A B", "x:É=F"])
def test_an_id_of_any_script_is_taken(good: str) -> None:
    assert accepted("prices", bar(symbol=good)) == 1


def test_an_id_is_no_book() -> None:
    assert "longer than 200 characters" in refusal("prices", bar(symbol="x" * 201))
    assert accepted("prices", bar(symbol="x" * 200)) == 1


def headline(**other: Any) -> pl.DataFrame:
    """One piece of news, changed."""
    row = {
        "news_id": "https://example.org/1",
        "event_at": day(5),
        "headline": "Rates held",
        "known_at": day(5),
        "vintage_grade": "native",
        "source": "boe",
    }
    return pl.DataFrame([row | other])


def test_prose_has_lines_and_marks_that_its_script_needs() -> None:
    text = "first line\nنمی\u200cخواهم \u200fא"
    assert accepted("news", headline(headline=text, summary=text)) == 1
    assert "with control characters" in refusal("news", headline(headline="a\0b"))
    assert "news.symbols: 1 row with control" in refusal("news", headline(symbols=["x:A\u202e"]))
    assert "news.symbols: 1 row longer" in refusal("news", headline(symbols=["x:A", "y" * 300]))


def test_a_publisher_may_date_an_item_ahead() -> None:
    assert accepted("news", headline(event_at=day(900))) == 1


@pytest.mark.parametrize("kind", ["equity", "index", "etf", "fx", "crypto"])
def test_what_is_owned_costs_more_than_nothing(kind: str) -> None:
    for wrong in (0.0, -1.0):
        assert "at or below zero" in refusal("prices", bar(asset_class=kind, low=wrong))


@pytest.mark.parametrize("kind", ["commodity", "rate"])
def test_a_commodity_and_a_rate_may_have_any_sign(kind: str) -> None:
    row = {name: -37.63 for name in ("open", "high", "low", "close")}
    assert accepted("prices", bar(asset_class=kind, **row)) == 1


def test_a_price_has_a_magnitude_of_this_world() -> None:
    assert "prices.close: 1 row above 1000000000000000.0" in refusal("prices", bar(close=1e16))
    assert accepted("prices", bar(close=4.2e14)) == 1


def test_a_truth_is_no_number_no_text_and_no_date() -> None:
    for name, column in (("prices", "close"), ("prices", "currency"), ("prices", "date")):
        frame = bar().with_columns(pl.lit(True).alias(column))
        assert f"prices.{column}: 1 row of 1 cannot be read" in refusal(name, frame)


ALIKE = {
    "Cyrillic e": "d\u0435mo",
    "Greek o": "dem\u03bf",
    "accents": "d\u00e9m\u00f6",
    "mathematical": "\U0001d41d\U0001d41e\U0001d426\U0001d428",
}


@pytest.mark.parametrize("word", ALIKE.values(), ids=ALIKE)
def test_letters_that_look_alike_are_read_as_the_demo(word: str) -> None:
    assert "takes no demo rows" in refusal("prices", bar(source=word))
    assert "ids that begin with" in refusal("prices", bar(symbol=f"{word}:AAA"))


@pytest.mark.parametrize("colon", [" :", "\uff1a", "\u2236", "\ua789"])
def test_signs_that_look_like_a_colon_are_read_as_one(colon: str) -> None:
    assert "ids that begin with" in refusal("prices", bar(symbol=f"demo{colon}AAA"))


@pytest.mark.parametrize("source", ["demo", "Demo", " demo", "demo ", "ＤＥＭＯ", "DEMO"])
def test_a_live_workspace_takes_no_source_that_reads_as_the_demo(source: str) -> None:
    assert "takes no demo rows" in refusal("prices", bar(source=source))


@pytest.mark.parametrize("symbol", ["demo:AAA", "Demo:AAA", " demo:AAA", "ｄｅｍｏ:AAA"])
def test_a_live_workspace_takes_no_id_of_the_demo_world(symbol: str) -> None:
    assert "ids that begin with `demo:`" in refusal("prices", bar(symbol=symbol))
    assert "ids that begin with" in refusal(
        "macro", table(observation(1.0, day(1), series_id=symbol))
    )
    assert "ids that begin with" in refusal("news", headline(symbols=["x:A", symbol]))


def test_a_word_that_only_contains_demo_is_no_demo() -> None:
    assert accepted("prices", bar(symbol="x:DEMO")) == 1
    assert accepted("macro", table(observation(1.0, day(1), series_id="eurostat:demo_gind"))) == 1


def test_a_trade_does_not_arrive_days_before_it_is_made() -> None:
    early = tick(1, day(1), event_at=day(1) + timedelta(days=2))
    assert "ticks.event_at: 1 row known more than 1 day before it" in refusal("ticks", table(early))


def minute(known_at: datetime) -> pl.DataFrame:
    """The bar of the first minute of day 5."""
    return table(
        {
            "venue": "binance",
            "date": day(5).date(),
            "symbol": "x:A",
            "event_at": day(5),
            "close": 1.0,
            "currency": "USD",
            "known_at": known_at,
            "vintage_grade": "lagged",
            "source": "binance",
        }
    )


def test_a_minute_is_known_when_it_is_over() -> None:
    early = minute(day(5) + timedelta(seconds=59))
    assert "bars.event_at: 1 row known less than 1 minute after it" in refusal("bars", early)
    assert accepted("bars", minute(day(5) + timedelta(minutes=1))) == 1


def test_an_expectation_is_not_told_before_it_is_held() -> None:
    said = refusal("releases", release(consensus=1.0, consensus_known_at=day(21)))
    assert "releases.consensus_known_at: 1 row known before it" in said
    assert accepted("releases", release(consensus=1.0, consensus_known_at=day(20))) == 1
