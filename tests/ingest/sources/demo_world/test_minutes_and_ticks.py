"""Minutes add up to their day, and ticks come as a venue sends them: lost, doubled, late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import polars as pl
import pytest

from ingest.sources.demo_world.tape import Quote, due_at, ticks
from tests.demo_fixture import DemoLake

QUOTES = [Quote("demo:AAAUSD", 100.0, 2), Quote("demo:BBBUSD", 0.5, 4)]
START = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)


def stream(seconds: int, start: datetime = START, rate: float = 4.0) -> pl.DataFrame:
    """So many batches as one frame, in the order of arrival."""
    batches = list(islice(ticks(7, start, rate, QUOTES), seconds))
    return pl.concat([pl.DataFrame(batch) for batch in batches])


def test_minutes_are_the_day_cut_in_pieces(demo_lake: DemoLake) -> None:
    rows = (
        demo_lake.at()
        .sql(
            "SELECT b.symbol, b.date, arg_min(b.open, b.event_at) AS o, max(b.high) AS h, "
            "min(b.low) AS l, arg_max(b.close, b.event_at) AS c, min(p.open) AS po, "
            "min(p.high) AS ph, min(p.low) AS pl, min(p.close) AS pc "
            "FROM bars b JOIN prices p ON p.symbol = b.symbol AND p.date = b.date "
            "WHERE p.source = 'demo' GROUP BY 1, 2"
        )
        .frame
    )
    assert rows.height == 38  # the last day of a coin is known the minute after the world ends
    for minute, day in (("o", "po"), ("h", "ph"), ("l", "pl"), ("c", "pc")):
        assert (rows[minute] - rows[day]).abs().max() == 0


def test_minutes_cover_the_last_ten_sessions_whole(demo_lake: DemoLake) -> None:
    rows = (
        demo_lake.at()
        .sql(
            "SELECT venue, symbol, date, count(*) AS n, "
            "min(epoch_us(known_at) - epoch_us(event_at)) AS wait FROM bars GROUP BY ALL"
        )
        .frame
    )
    assert rows.group_by("venue").agg(pl.col("date").n_unique())["date"].to_list() == [10, 10]
    assert set(rows.filter(pl.col("venue") == "XNYS")["n"]) == {390}
    assert set(rows.filter(pl.col("venue") == "DEMOCOIN")["n"]) == {1440, 1439}
    assert rows["wait"].min() >= 60_000_000
    low = demo_lake.at().sql(
        "SELECT count(*) AS n FROM bars "
        "WHERE low > least(open, close) OR high < greatest(open, close)"
    )
    assert low.frame["n"][0] == 0


def test_an_archive_that_caught_up_tells_its_minutes_again(demo_lake: DemoLake) -> None:
    """Its hours come whole nine hours after they began; before, they lack trades."""
    told = demo_lake.at().sql(
        "SELECT date_trunc('hour', event_at) AS hour, venue, symbol, event_at, "
        "max(known_at) AS again, arg_min(volume, known_at) AS first, "
        "arg_max(volume, known_at) AS whole, "
        "arg_max(high, known_at) - arg_min(high, known_at) AS up "
        "FROM bars_vintages GROUP BY ALL HAVING count(*) > 1"
    )
    frame = told.frame
    assert frame.height > 100
    assert (frame["again"] == frame["hour"] + timedelta(hours=9)).all()
    assert (frame["first"] < frame["whole"]).all() and frame["up"].min() >= 0
    row = frame.row(0, named=True)
    query = "SELECT volume FROM bars WHERE symbol = $symbol AND event_at = $minute"
    for as_of, volume in (
        (row["again"] - timedelta(seconds=1), row["first"]),
        (row["again"], row["whole"]),
    ):
        found = demo_lake.at(as_of).sql(query, symbol=row["symbol"], minute=row["event_at"])
        assert found.frame["volume"].to_list() == [volume]


def test_the_archive_has_gaps_doubles_and_stragglers(demo_lake: DemoLake) -> None:
    rows = (
        demo_lake.at()
        .sql(
            "SELECT symbol, trade_id, event_at, known_at, price FROM ticks_vintages "
            "ORDER BY known_at"
        )
        .frame
    )
    _judge(rows)
    last = rows["known_at"].max()
    assert demo_lake.spec.end - timedelta(seconds=10) < last < demo_lake.spec.end


def test_a_live_stream_has_them_too() -> None:
    _judge(stream(900))


def _judge(rows: pl.DataFrame) -> None:
    """Shares of each fault are those that were planted, give or take a half."""
    ids = rows.unique(["symbol", "trade_id"]).sort("symbol", "trade_id")
    gaps = ids.with_columns(pl.col("trade_id").diff().over("symbol").alias("step"))
    lost = (gaps["step"].drop_nulls() - 1).sum()
    assert lost > 0
    assert rows.height > ids.height
    late = (rows["known_at"] - rows["event_at"]) > timedelta(milliseconds=400)
    assert 0.002 < late.mean() < 0.03
    ordered = rows.sort("known_at", maintain_order=True)
    back = ordered.with_columns(pl.col("trade_id").diff().over("symbol").alias("step"))
    assert (back["step"] < 0).sum() > 0
    assert (rows["known_at"] >= rows["event_at"]).all()


def test_arrivals_are_in_order_and_paced_by_the_second() -> None:
    batches = list(islice(ticks(7, START, 4.0, QUOTES), 30))
    frame = pl.concat([pl.DataFrame(batch) for batch in batches])
    assert frame["known_at"].is_sorted()
    seconds = {due_at(batch).replace(microsecond=0) for batch in batches}
    assert len(seconds) == len(batches)
    assert 30 * 8 * 0.7 < frame.height < 30 * 8 * 1.3


def test_the_rate_is_what_was_asked() -> None:
    assert stream(120, rate=20.0).height == pytest.approx(120 * 20 * 2, rel=0.15)


def test_starting_later_sends_the_same_trades() -> None:
    whole, later = stream(300), stream(60, START + timedelta(minutes=2))
    keys = ["symbol", "trade_id", "event_at", "size"]
    middle = whole.filter(
        pl.col("known_at").is_between(
            START + timedelta(minutes=2, seconds=10), START + timedelta(minutes=2, seconds=50)
        )
    )
    assert middle.height > 100
    assert middle.join(later, on=keys, how="anti").height == 0
