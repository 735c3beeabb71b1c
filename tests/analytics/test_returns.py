"""Returns by hand: sessions of the instrument, splits taken in, nothing from after the clock."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from analytics.markets.returns import heatmap, history
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table


def returns(db: Db, number: int, **params: object) -> dict[str, float | None]:
    frame = heatmap(db.at(evening(number)), **params).frame
    return dict(frame.select("symbol", "return").iter_rows())


def test_last_close_against_n_sessions_of_the_instrument(lake: Lake, db: Db) -> None:
    daily = quotes({0: 100.0, 1: 110.0, 2: 121.0})
    paused = quotes({0: 50.0, 2: 40.0}, "x:BBB")
    lake.upsert("prices", table(daily, paused))
    assert returns(db, 2, sessions=1) == {"x:AAA": pytest.approx(0.1), "x:BBB": pytest.approx(-0.2)}
    assert returns(db, 2, sessions=2) == {"x:AAA": pytest.approx(0.21), "x:BBB": None}
    row = heatmap(db.at(evening(2)), sessions=1).frame.row(0, named=True)
    assert (row["date"], row["base_date"]) == (date(2020, 1, 3), date(2020, 1, 2))
    assert (row["close"], row["base_close"]) == (121.0, 110.0)


def test_a_split_is_no_return(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 100.0, 1: 51.0, 2: 26.0}, splits={1: 2.0, 2: 2.0})))
    assert returns(db, 1, sessions=1) == {"x:AAA": pytest.approx(0.02)}
    assert returns(db, 2, sessions=2) == {"x:AAA": pytest.approx(26.0 * 4 / 100 - 1)}
    assert returns(db, 2, sessions=1) == {"x:AAA": pytest.approx(26.0 * 2 / 51 - 1)}


def test_a_split_on_a_day_without_a_close_still_counts(lake: Lake, db: Db) -> None:
    rows = quotes({0: 100.0, 1: None, 2: 50.0}, splits={1: 2.0})
    lake.upsert("prices", table(rows))
    assert returns(db, 2, sessions=1) == {"x:AAA": pytest.approx(0.0)}


def test_what_is_known_later_changes_nothing(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 100.0, 1: 110.0})))
    before = heatmap(db.at(evening(1)), sessions=1).frame
    corrected = quotes({1: 105.0}, known_at=evening(3))
    late = quotes({0: 10.0, 1: 30.0}, "x:NEW", known_at=evening(3))
    split = quotes({2: 55.0}, splits={2: 2.0})
    lake.upsert("prices", table(corrected, late, split))
    assert heatmap(db.at(evening(1)), sessions=1).frame.equals(before)
    assert returns(db, 3, sessions=1) == {
        "x:AAA": pytest.approx(110 / 105 - 1),
        "x:NEW": pytest.approx(2.0),
    }


def test_a_price_at_or_below_zero_has_no_return(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: -1.0, 1: 5.0}), quotes({0: 5.0, 1: 0.0}, "x:BBB")))
    assert returns(db, 1, sessions=1) == {"x:AAA": None, "x:BBB": None}


def test_one_kind_only_and_nothing_stale(lake: Lake, db: Db) -> None:
    crypto = quotes({0: 1.0, 30: 2.0}, "x:BTC", asset_class="crypto")
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0}), crypto))
    assert returns(db, 30, sessions=1) == {"x:BTC": pytest.approx(1.0)}
    assert returns(db, 5, sessions=1, asset_class="equity") == {"x:AAA": pytest.approx(1.0)}
    assert returns(db, 5, sessions=1, asset_class="rate") == {}


def test_sessions_further_back_than_the_usual_window_are_found(lake: Lake, db: Db) -> None:
    rare = quotes({-700: 10.0, -350: 20.0, 0: 30.0}, "x:RARE")
    lake.upsert("prices", table(quotes({-1: 1.0, 0: 2.0}), rare))
    answer = heatmap(db.at(evening(0)), sessions=2)
    assert dict(answer.frame.select("symbol", "return").iter_rows()) == {
        "x:AAA": None,
        "x:RARE": pytest.approx(2.0),
    }
    assert len(answer.asked) == 2


def test_each_source_is_an_instrument_of_its_own(lake: Lake, db: Db) -> None:
    other = quotes({0: 100.0, 1: 90.0}, source="vendor")
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0}), other))
    frame = heatmap(db.at(evening(1)), sessions=1).frame
    assert frame.select("source", "return").rows() == [
        ("exchange", pytest.approx(1.0)),
        ("vendor", pytest.approx(-0.1)),
    ]


def test_history_shows_prices_raw_and_in_shares_of_the_last_day(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 120.0, 1: 60.0, 2: 30.0}, splits={1: 2.0, 2: 2.0})))
    frame = history(db.at(evening(2)), symbol="x:AAA").frame
    assert frame["close"].to_list() == [120.0, 60.0, 30.0]
    assert frame["split_factor"].to_list() == [4.0, 2.0, 1.0]
    assert frame["adjusted_close"].to_list() == [30.0, 30.0, 30.0]
    assert frame["adjusted_volume"].to_list() == [40.0, 20.0, 10.0]
    # Before the second split was known its effect on older prices was not known either.
    earlier = history(db.at(evening(1)), symbol="x:AAA", asset_class="equity").frame
    assert earlier["adjusted_close"].to_list() == [60.0, 60.0]
    since = history(db.at(evening(2)), symbol="x:AAA", since=FIRST + timedelta(days=1)).frame
    assert since["adjusted_close"].to_list() == [30.0, 30.0]


def test_an_empty_lake_gives_typed_empty_answers(db: Db) -> None:
    at = db.at(evening(0))
    assert heatmap(at).frame.schema["return"] == pl.Float64
    assert history(at, symbol="x:AAA").frame.schema["adjusted_close"] == pl.Float64
    assert not heatmap(at).frame.height + history(at, symbol="x:AAA").frame.height
