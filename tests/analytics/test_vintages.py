"""What was known of macro series, and what a close could know of them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.macro.vintages import latest, prices_with_macro
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table

JANUARY, FEBRUARY = date(2020, 1, 1), date(2020, 2, 1)


def prints(period: date, values: dict[int, float | None], **other: Any) -> list[dict[str, Any]]:
    """Vintages of one period by the day on whose evening they came out."""
    return [
        {
            "series_id": "s:CPI",
            "period": period,
            "value": value,
            "unit": "index",
            "is_forecast": False,
            "known_at": evening(number),
            "vintage_grade": "native",
            "source": "office",
        }
        | other
        for number, value in values.items()
    ]


def macro(*parts: list[dict[str, Any]]) -> pl.DataFrame:
    rows = [row for part in parts for row in part]
    types = {"value": pl.Float64, "known_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=types)


def known(db: Db, number: int, **params: Any) -> list[tuple[Any, ...]]:
    frame = latest(db.at(evening(number)), **params).frame
    return frame.sort("series_id", "period").select("series_id", "period", "value").rows()


def test_the_last_vintage_of_each_period(lake: Lake, db: Db) -> None:
    forecast = prints(date(2020, 3, 1), {1: 9.0}, is_forecast=True)
    rows = macro(prints(JANUARY, {1: 100.0, 3: 101.0}), prints(FEBRUARY, {3: 102.0}), forecast)
    lake.upsert("macro", rows)
    assert known(db, 0) == []
    assert known(db, 2) == [("s:CPI", JANUARY, 100.0)]
    assert known(db, 3) == [("s:CPI", JANUARY, 101.0), ("s:CPI", FEBRUARY, 102.0)]
    lake.upsert("macro", macro(prints(JANUARY, {5: None}), prints(JANUARY, {6: 1.0})))
    assert known(db, 3) == [("s:CPI", JANUARY, 101.0), ("s:CPI", FEBRUARY, 102.0)]
    assert known(db, 5, since=JANUARY)[0] == ("s:CPI", JANUARY, None)


def test_some_series_from_some_period(lake: Lake, db: Db) -> None:
    other = prints(FEBRUARY, {1: 7.0}, series_id="s:GDP")
    lake.upsert("macro", macro(prints(JANUARY, {1: 1.0}), prints(FEBRUARY, {1: 2.0}), other))
    assert known(db, 1, series=["s:CPI"], since=FEBRUARY) == [("s:CPI", FEBRUARY, 2.0)]
    assert known(db, 1, series=[]) == []


def joined(db: Db, number: int, **params: Any) -> list[tuple[Any, ...]]:
    frame = prices_with_macro(db.at(evening(number)), **params).frame
    return frame.sort("series_id", "symbol", "date").select("symbol", "close", "value").rows()


def test_each_close_gets_the_print_that_was_out_by_then(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 10.0, 1: 11.0, 2: 12.0, 3: 13.0, 4: 14.0})))
    # A revision of January after February's print is no news about the newest period.
    january = prints(JANUARY, {1: 1.0, 4: 1.5})
    lake.upsert("macro", macro(january, prints(FEBRUARY, {3: 2.0})))
    expected = [("x:AAA", 10.0, None), ("x:AAA", 11.0, 1.0), ("x:AAA", 12.0, 1.0)]
    assert joined(db, 2, series=["s:CPI"]) == expected
    later = [("x:AAA", 13.0, 2.0), ("x:AAA", 14.0, 2.0)]
    assert joined(db, 4, series=["s:CPI"]) == expected + later
    frame = prices_with_macro(db.at(evening(4)), series=["s:CPI"]).frame.sort("date")
    assert frame["period"].to_list() == [None, JANUARY, JANUARY, FEBRUARY, FEBRUARY]
    assert frame["macro_known_at"].to_list()[3] == evening(3)


def test_a_close_from_before_a_revision_keeps_what_was_known_then(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({1: 11.0, 3: 13.0})))
    lake.upsert("macro", macro(prints(JANUARY, {1: 1.0, 2: 1.5})))
    assert joined(db, 9, series=["s:CPI"]) == [("x:AAA", 11.0, 1.0), ("x:AAA", 13.0, 1.5)]
    lake.upsert("macro", macro(prints(JANUARY, {8: 1.7})))
    assert joined(db, 9, series=["s:CPI"]) == [("x:AAA", 11.0, 1.0), ("x:AAA", 13.0, 1.5)]


def test_by_currency_and_several_series(lake: Lake, db: Db) -> None:
    euro = quotes({1: 20.0}, "x:EUR", currency="EUR")
    yen = quotes({1: 30.0}, "x:JPY", currency="JPY")
    lake.upsert("prices", table(quotes({1: 10.0}), euro, yen))
    rates = [prints(JANUARY, {0: n}, series_id=f"s:{n}") for n in (1.0, 2.0, 3.0)]
    lake.upsert("macro", macro(*rates))
    series = ["s:1.0", "s:2.0", "s:3.0"]
    assert joined(db, 1, series=series, currencies=["USD", "EUR", "USD"]) == [
        ("x:AAA", 10.0, 1.0),
        ("x:EUR", 20.0, 2.0),
        ("x:AAA", 10.0, 3.0),
    ]
    assert [row[2] for row in joined(db, 1, series=series[:2])] == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]
    assert joined(db, 1, series=["s:none"], until=date(2020, 1, 2))[0] == ("x:AAA", 10.0, None)
    with pytest.raises(ConfigError, match="3 series but 1 currencies"):
        prices_with_macro(db.at(evening(1)), series=series, currencies=["USD"])


def test_in_house_mode_a_print_counts_from_when_we_had_it(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({5: 10.0})), ingested_at=evening(6))
    lake.upsert("macro", macro(prints(JANUARY, {1: 1.0})), ingested_at=evening(7))
    for mode, expected in (("public", 1.0), ("house", None)):
        frame = prices_with_macro(db.at(evening(6), mode), series=["s:CPI"]).frame
        assert frame["value"].to_list() == [expected]


def test_no_prices_and_no_series_give_typed_empty_answers(lake: Lake, db: Db) -> None:
    assert joined(db, 1, series=["s:CPI"]) == []
    lake.upsert("prices", table(quotes({1: 10.0})))
    frame = prices_with_macro(db.at(evening(1)), series=[]).frame
    assert (frame.height, frame.schema["value"]) == (0, pl.Float64)


def test_the_reference_vintages(lake: Lake, db: Db, shared: Path) -> None:
    file = pl.read_csv(shared / "real" / "us_vintages_2016.csv", try_parse_dates=True)
    payrolls = file.filter(pl.col("series_id") == "PAYEMS", pl.col("value").is_not_null())
    rows = macro(prints(JANUARY, {0: 1.0})).clear().columns
    frame = payrolls.select(
        "series_id",
        pl.col("ref_date").alias("period"),
        pl.col("value").cast(pl.Float64),
        pl.lit("thousands").alias("unit"),
        pl.lit(False).alias("is_forecast"),
        pl.col("vintage_date").cast(pl.Datetime("us", "UTC")).alias("known_at"),
        pl.lit("native").alias("vintage_grade"),
        pl.lit("office").alias("source"),
    ).select(rows)
    lake.upsert("macro", frame)
    expected = {"2016-09-05": 144_598, "2016-10-31": 144_591, "2016-11-30": 144_600}
    for day, value in ({"2016-09-01": None} | expected).items():
        at = db.at(datetime.fromisoformat(f"{day}T00:00:00+00:00"))
        found = latest(at, since=date(2016, 8, 1)).frame
        shown = found.filter(pl.col("period") == date(2016, 8, 1))["value"].to_list()
        assert shown == ([] if value is None else [value])
