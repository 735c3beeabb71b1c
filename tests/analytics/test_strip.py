"""The market strip: last value, change and course by hand, and nothing made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from analytics.home.strip import lines, market_strip
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests.analytics.test_formulas import described, prints
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


def known(value: float) -> tuple[float, datetime]:
    return value, datetime(2020, 3, 1, tzinfo=UTC)


def test_the_unit_is_that_of_the_values_and_nothing_crosses_a_new_one(lake: Lake, db: Db) -> None:
    """A source describes as "Percent" what its values state in percent, and rebases an index."""
    yields = {date(2020, 2, day): known(value) for day, value in ((26, 1.30), (27, 1.25))}
    old = {date(2019, 11, 1): known(255.0), date(2019, 12, 1): known(257.0)}
    rebased = {date(2020, 1, 1): known(104.0)}
    later = {date(2020, 2, 1): known(105.04)}
    rows: list[dict[str, Any]] = [
        *prints("s:Y", yields, unit="percent per year"),
        *prints("s:IP", old, unit="2002 = 100"),
        *prints("s:IP", rebased, unit="2015 = 100"),
    ]
    lake.upsert("macro", pl.DataFrame(rows))
    about = [
        described("s:Y", "YIELD", "A yield", unit="Percent", frequency="daily"),
        described("s:IP", "IP", "An index", unit="Index"),
    ]
    lake.upsert("series", pl.DataFrame(about, infer_schema_length=None))
    at = db.at(datetime(2020, 3, 2, tzinfo=UTC))
    rate, index = market_strip(at, items=["s:Y", "s:IP"]).frame.iter_rows(named=True)
    assert (rate["is_rate"], rate["unit"], rate["frequency"]) == (True, "percent per year", "daily")
    assert rate["change"] == pytest.approx(-0.05)
    assert (index["unit"], index["last"], index["change"]) == ("2015 = 100", 104.0, None)
    assert index["path"] == [104.0]
    lake.upsert("macro", pl.DataFrame(prints("s:IP", later, unit="2015 = 100")))
    (index,) = market_strip(
        db.at(datetime(2020, 3, 2, tzinfo=UTC)), items=["s:IP"]
    ).frame.iter_rows(named=True)
    assert index["change"] == pytest.approx(0.01)
