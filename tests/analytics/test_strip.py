"""The market strip: last value, change and course by hand, and nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from analytics.home.strip import lines, market_strip
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from tests.demo_fixture import DemoLake

MARCH = datetime(2020, 3, 12, 22, tzinfo=UTC)


def test_values_are_those_of_the_lake(demo_lake: DemoLake) -> None:
    at = demo_lake.db.at(MARCH)
    frame = market_strip(at, items=["demo:EURUSD", "demo:WORLD", "nobody", "demo:Y10:USA"]).frame
    assert frame["item"].to_list() == ["demo:EURUSD", "demo:WORLD", "demo:Y10:USA"]
    assert frame["name"][0] == "EUR/USD"
    for row in frame.iter_rows(named=True):
        if row["kind"] == "instrument":
            sql = "SELECT date, close AS v FROM prices WHERE symbol = $id ORDER BY date"
        else:
            sql = "SELECT period AS date, value AS v FROM macro WHERE series_id = $id ORDER BY 1"
        stored = at.sql(sql, id=row["item"]).frame.drop_nulls("v").tail(2)
        before, last = stored["v"].to_list()
        assert (row["date"], row["last"], row["path"][-2:]) == (
            stored["date"][1],
            last,
            [before, last],
        )
        expected = last - before if row["is_rate"] else last / before - 1
        assert abs(row["change"] - expected) < 1e-12


def test_the_default_is_one_of_each_line_under_its_own_name(demo_lake: DemoLake) -> None:
    frame = market_strip(demo_lake.db.at(MARCH)).frame
    known = {item for _, several in lines() for item in several if item.startswith("demo:")}
    assert set(frame["item"]) <= known
    assert 5 <= frame.height <= len(lines())
    real = {name for name, _ in lines()} - {"EUR/USD", "USD/JPY"}
    assert not real & set(frame["name"])  # an invented market bears no real one's name


def test_before_the_lake_there_is_nothing(demo_lake: DemoLake) -> None:
    answer = market_strip(demo_lake.db.at(datetime(1999, 1, 1, tzinfo=UTC)))
    assert answer.frame.is_empty()
    assert answer.frame.schema["path"] == pl.List(pl.Float64())


def test_its_receipt_runs_again(demo_lake: DemoLake) -> None:
    from analytics.core.catalogue import called, function_named

    answer = called(market_strip, demo_lake.db.at(MARCH), items=["demo:WORLD", "demo:Y10:USA"])
    verdicts = verify(make_receipt(answer), demo_lake.db.root, function_named)
    assert verdicts and all(item.same for item in verdicts)
