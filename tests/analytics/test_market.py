"""A universe at a glance: sessions instead of days, money, what is missing, and who takes part."""

from __future__ import annotations

import math
import random
import statistics
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.core.close_matrix import read_panel
from analytics.core.money import converted
from analytics.core.universe import Universe
from analytics.home.overview import moves
from analytics.markets.market import breadth, contributions, cross_asset, horizons, market
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.demo_fixture import DemoLake


def walk(rng: random.Random, count: int, start: float = 100.0) -> dict[int, float | None]:
    """Closes of consecutive days."""
    closes: dict[int, float | None] = {}
    for day in range(count):
        start *= math.exp(rng.gauss(0, 0.02))
        closes[day] = start
    return closes


def listed(symbol: str, **more: Any) -> dict[str, Any]:
    """An instrument known from the first day on."""
    return {
        "symbol": symbol,
        "ticker": symbol.split(":")[1],
        "name": symbol,
        "asset_class": "equity",
        "sector": None,
        "country": "USA",
        "currency": "USD",
        "shares_outstanding": None,
        "delisted_on": None,
        "known_at": evening(-9),
        "vintage_grade": "native",
        "source": "exchange",
    } | more


def instruments(*rows: dict[str, Any]) -> pl.DataFrame:
    kinds = {
        "shares_outstanding": pl.Float64,
        "delisted_on": pl.Date,
        "sector": pl.String,
        "known_at": pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(list(rows), schema_overrides=kinds, infer_schema_length=None)


def row(at: At, symbol: str, **asked: Any) -> dict[str, Any]:
    frame = market(at, **asked).frame.filter(pl.col("symbol") == symbol)
    return frame.row(0, named=True)


def test_a_week_is_five_sessions_also_across_holidays(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = {day: 100.0 + day for day in (0, 1, 2, 6, 7, 8)}
    lake.upsert("prices", table(quotes(closes), quotes({d: 50.0 + d for d in range(9)}, "x:BBB")))
    found = row(db.at(evening(8)), "x:AAA", sessions=5)
    assert (found["date"], found["base_date"]) == (FIRST + timedelta(8), FIRST)
    assert found["price_return"] == pytest.approx(108 / 100 - 1)
    assert row(db.at(evening(8)), "x:BBB", sessions=5)["base_date"] == FIRST + timedelta(3)


def test_on_a_weekend_each_shows_its_own_last_session(lake: Lake, db: Db) -> None:
    coin = quotes({d: 9.0 + d for d in range(9)}, "x:COIN", asset_class="crypto")
    lake.upsert("prices", table(quotes({d: 100.0 + d for d in range(7)}), coin))
    days = dict(market(db.at(evening(8))).frame.select("symbol", "date").iter_rows())
    assert days == {"x:AAA": FIRST + timedelta(6), "x:COIN": FIRST + timedelta(8)}
    assert market(db.at(evening(17))).frame["symbol"].to_list() == ["x:COIN"]


def test_it_agrees_with_the_query_of_the_overview(lake: Lake, db: Db, rng: random.Random) -> None:
    parts = [quotes(walk(rng, 120), f"x:{n}", dividend=None) for n in range(6)]
    for number, part in enumerate(parts):
        part[100]["dividend"] = 1.5
        part[110]["split_ratio"] = 2.0 + number
    lake.upsert("prices", table(*parts))
    at = db.at(evening(119))
    for sessions in (1, 5, 21):
        asked = moves(at, sessions=sessions, top=99).frame
        found = market(at, sessions=sessions).frame
        both = asked.join(found, on="symbol")
        assert both.height == 6
        assert np.allclose(both["return"], both["total_return"], rtol=1e-12)
        assert np.allclose(both["z"], both["sigmas"], rtol=1e-9)


def test_splits_leave_no_jump_and_dividends_count_in_the_total_alone(lake: Lake, db: Db) -> None:
    bars = quotes({0: 100.0, 1: 99.0, 2: 50.0}, splits={2: 2.0}, dividend=None)
    bars[1]["dividend"] = 2.0
    lake.upsert("prices", table(bars))
    found = row(db.at(evening(2)), "x:AAA", sessions=2)
    assert found["price_return"] == pytest.approx(0.0, abs=1e-12)
    assert found["total_return"] == pytest.approx(101 / 100 * 100 / 99 - 1)


def test_a_split_after_the_shares_were_counted_leaves_the_value_as_it_was(
    lake: Lake, db: Db
) -> None:
    """Four for one on day 30 at a quarter of the price; a later count has the split already."""
    closes = {day: 100.0 if day < 30 else 25.0 for day in range(41)}
    split = {30: 4.0}
    counted = {"shares_outstanding": 10.0, "known_at": evening(5)}
    again = counted | {"shares_outstanding": 44.0, "known_at": evening(35)}
    lake.upsert("prices", table(quotes(closes, splits=split), quotes(closes, "x:B", splits=split)))
    lake.upsert("instruments", instruments(listed("x:AAA", **counted), listed("x:B", **counted)))
    lake.upsert("instruments", instruments(listed("x:B", **again)))
    value = {
        day: dict(market(db.at(evening(day))).frame.select("symbol", "market_value").iter_rows())
        for day in (29, 30, 40)
    }
    assert value[29] == {"x:AAA": 1000.0, "x:B": 1000.0}
    assert value[30] == {"x:AAA": 1000.0, "x:B": 1000.0}
    assert value[40] == {"x:AAA": 1000.0, "x:B": 1100.0}


def test_z_sets_the_span_against_those_before_it(lake: Lake, db: Db, rng: random.Random) -> None:
    closes = walk(rng, 200)
    lake.upsert("prices", table(quotes(closes)))
    logs = [math.log(close or 1) for close in closes.values()]
    spans = [logs[end] - logs[end - 5] for end in range(5, 200)]
    expected = (spans[-1] - statistics.mean(spans[:-1])) / statistics.stdev(spans[:-1])
    found = row(db.at(evening(199)), "x:AAA", sessions=5)
    assert found["z"] == pytest.approx(expected, rel=1e-9)
    assert found["from_high"] is None  # 252 sessions are not there yet


def test_highs_means_and_drawdown(lake: Lake, db: Db) -> None:
    rising: dict[int, float | None] = {day: 100.0 + day for day in range(260)}
    falling: dict[int, float | None] = {day: 400.0 - day for day in range(260)}
    dented = rising | {258: 400.0}
    names = ("x:UP", "x:DOWN", "x:DENT")
    parts = [quotes(c, n) for c, n in zip((rising, falling, dented), names, strict=True)]
    lake.upsert("prices", table(*parts))
    at = db.at(evening(259))
    up, down, dent = (row(at, name, sessions=5) for name in names)
    assert (up["is_high"], up["is_low"], up["above_50"], up["above_200"]) == (
        True,
        False,
        True,
        True,
    )
    assert (down["is_high"], down["is_low"], down["above_200"]) == (False, True, False)
    assert dent["drawdown"] == dent["from_high"] == pytest.approx(359 / 400 - 1)
    assert up["drawdown"] == 0.0


def test_turnover_is_set_against_the_twenty_sessions_before(lake: Lake, db: Db) -> None:
    bars = quotes(dict.fromkeys(range(30), 10.0))
    bars[-1]["volume"] = 45.0
    silent = quotes(dict.fromkeys(range(30), 10.0), "x:BBB", volume=None)
    lake.upsert("prices", table(bars, silent))
    at = db.at(evening(29))
    assert row(at, "x:AAA")["volume_surge"] == pytest.approx(3.5)
    assert row(at, "x:BBB")["volume_surge"] is None


def test_a_rate_has_a_change_and_a_price_below_zero_has_no_return(lake: Lake, db: Db) -> None:
    rate = quotes({0: 4.0, 1: 4.25}, "x:RATE", asset_class="rate")
    oil = quotes({0: 18.27, 1: -37.63, 2: 10.01}, "x:OIL", asset_class="commodity")
    lake.upsert("prices", table(rate, oil))
    found = row(db.at(evening(1)), "x:RATE")
    assert (found["price_return"], found["change"]) == (None, pytest.approx(0.25))
    for evening_of in (1, 2):
        found = row(db.at(evening(evening_of)), "x:OIL")
        assert (found["price_return"], found["total_return"]) == (None, None)
        assert (found["sigmas"], found["close"] is None) == (None, False)


def test_pence_and_currencies_at_the_rate_of_each_date(lake: Lake, db: Db) -> None:
    london = quotes({0: 200.0, 1: 243.08}, "x:LON", currency="GBp")
    tokyo = quotes({0: 1000.0, 1: 1000.0}, "x:TKY", currency="JPY")
    pounds = quotes({0: 1.25, 1: 1.30}, "x:GBPUSD", asset_class="fx", currency="USD")
    yen = quotes({0: 150.0, 1: 160.0}, "x:USDJPY", asset_class="fx", currency="JPY")
    lake.upsert("prices", table(london, tokyo, pounds, yen))
    lake.upsert(
        "instruments",
        instruments(
            listed("x:LON", currency="GBp", shares_outstanding=1000.0),
            listed("x:TKY", currency="JPY"),
        ),
    )
    at = db.at(evening(1))
    found = row(at, "x:LON", currency="GBP")
    assert found["market_value"] == pytest.approx(2430.80)
    assert found["price_return_base"] == pytest.approx(243.08 / 200 - 1)
    assert row(at, "x:LON")["market_value"] == pytest.approx(2430.80 * 1.30)
    assert row(at, "x:TKY")["price_return_base"] == pytest.approx(150 / 160 - 1)
    assert row(at, "x:TKY", currency="CHF")["price_return_base"] is None
    assert row(at, "x:TKY")["market_value"] is None  # its shares are not known


def test_a_rate_older_than_ten_days_converts_nothing(lake: Lake, db: Db) -> None:
    tokyo = quotes({20: 1000.0}, "x:TKY", currency="JPY")
    yen = quotes({9: 150.0}, "x:USDJPY", asset_class="fx", currency="JPY")
    lake.upsert("prices", table(tokyo, yen))
    panel = read_panel(db.at(evening(20)), sessions=2)
    day = int((FIRST - date(1970, 1, 1)).days)
    days = np.array([day + 19, day + 20], dtype=np.int32)
    found = converted(panel, pl.Series(["JPY", "JPY"]), days, "USD")
    assert found[0] == pytest.approx(1 / 150)
    assert math.isnan(found[1])


def test_sector_contributions_add_up_to_the_move(lake: Lake, db: Db, rng: random.Random) -> None:
    names = [f"x:{n}" for n in range(9)]
    lake.upsert("prices", table(*(quotes(walk(rng, 30), name) for name in names)))
    rows = [
        listed(name, sector=("A", "B", "C")[n % 3], shares_outstanding=None if n == 8 else 10.0 * n)
        for n, name in enumerate(names, 1)
    ]
    lake.upsert("instruments", instruments(*rows))
    at = db.at(evening(29))
    sums = contributions(at, sessions=5).frame
    held = market(at, sessions=5).frame.drop_nulls("market_value")
    before = held["market_value"] / (1 + held["price_return"])
    index = held["market_value"].sum() / before.sum() - 1
    assert sums["contribution"].sum() == pytest.approx(index, abs=1e-12)
    assert sums["weight"].sum() == pytest.approx(1.0)
    assert (sums["members"].sum(), sums["valued"].sum()) == (9, 8)


def test_breadth_counts_every_member_once(lake: Lake, db: Db) -> None:
    moved: dict[str, dict[int, float | None]] = {
        "x:A": {0: 1.0, 1: 2.0},
        "x:B": {0: 2.0, 1: 1.0},
        "x:C": {0: 1.0, 1: 1.0},
        "x:D": {1: 1.0},
    }
    lake.upsert("prices", table(*(quotes(closes, name) for name, closes in moved.items())))
    found = breadth(db.at(evening(1))).frame.row(0, named=True)
    counts = ("members", "advancers", "decliners", "unchanged", "without_return")
    assert [found[name] for name in counts] == [4, 1, 1, 1, 1]
    assert found["median"] == 0.0
    assert found["above_50"] is None


def test_horizons_and_kinds_say_what_the_market_says(
    lake: Lake, db: Db, rng: random.Random
) -> None:
    parts = [
        quotes(walk(rng, 90), f"x:{n}", asset_class="crypto" if n % 2 else "equity")
        for n in range(5)
    ]
    lake.upsert("prices", table(*parts))
    at = db.at(evening(89))
    wide = horizons(at).frame
    for label, sessions in (("1d", 1), ("1w", 5), ("3m", 63)):
        assert wide[label].equals(market(at, sessions=sessions).frame["total_return"])
    kinds = cross_asset(at).frame
    assert kinds["asset_class"].to_list() == ["crypto", "equity"]
    equity = wide.filter(pl.col("asset_class") == "equity")
    assert kinds["1m"][1] == equity["1m"].median()


@pytest.mark.parametrize("text", ["Energy", "sectors:Energy", "class:", ":x", "class:equity;x"])
def test_a_universe_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"expected one of class:\.\.\."):
        Universe.read(text)


def test_a_universe_narrows_and_a_list_is_taken_as_it_is(lake: Lake, db: Db) -> None:
    names = ("x:A", "x:B", "x:C")
    lake.upsert("prices", table(*(quotes({0: 1.0, 1: 2.0}, name) for name in names)))
    sectors = ("Energy", "Energy", "Tech")
    lake.upsert(
        "instruments",
        instruments(*(listed(n, sector=s) for n, s in zip(names, sectors, strict=True))),
    )
    at = db.at(evening(1))

    def shown(**asked: Any) -> list[str]:
        return market(at, **asked).frame["symbol"].to_list()

    assert shown(universe="class:equity; sector:Energy") == ["x:A", "x:B"]
    assert shown(universe="country:DEU") == []
    assert shown(symbols=["x:C", "x:unknown"]) == ["x:C"]
    assert shown(symbols=[]) == []


@pytest.mark.parametrize("sessions", [0, -1, 253])
def test_a_span_that_is_not_held_is_refused(db: Db, sessions: int) -> None:
    with pytest.raises(ConfigError, match="expected 1 to 252"):
        market(db.at(evening(1)), sessions=sessions)


def test_an_empty_lake_has_an_empty_market(db: Db) -> None:
    at = db.at(evening(1))
    assert market(at).frame.is_empty()
    assert horizons(at).frame.is_empty()
    assert contributions(at).frame.is_empty()
    assert breadth(at).frame.is_empty()  # none of nothing is not a count


def test_the_delisted_are_there_before_and_gone_after(demo_lake: DemoLake) -> None:
    def shown(day: date) -> set[str]:
        at = demo_lake.db.at(datetime.combine(day, time(22), UTC))
        return set(market(at, universe="class:equity").frame["symbol"])

    known = demo_lake.db.at(datetime(2024, 6, 1, tzinfo=UTC)).sql(
        "SELECT symbol, delisted_on FROM instruments WHERE delisted_on IS NOT NULL"
    )
    assert known.frame.height > 0
    for symbol, last in known.frame.iter_rows():
        assert symbol in shown(last - timedelta(days=3))
        assert symbol not in shown(last + timedelta(days=2))


def test_a_recycled_ticker_keeps_two_identities(demo_lake: DemoLake) -> None:
    sql = """SELECT ticker, list(symbol ORDER BY listed_on) AS symbols, max(listed_on) AS later
        FROM instruments GROUP BY ticker HAVING count(DISTINCT symbol) > 1"""
    twice = demo_lake.db.at(datetime(2024, 6, 1, tzinfo=UTC)).sql(sql).frame
    assert twice.height == 1
    ticker, (first, second), later = twice.row(0)
    for day, symbol in ((date(2008, 6, 3), first), (later + timedelta(days=40), second)):
        at = demo_lake.db.at(datetime.combine(day, time(22), UTC))
        frame = market(at).frame.filter(pl.col("ticker") == ticker)
        assert frame["symbol"].to_list() == [symbol]


def test_without_a_ticker_an_instrument_is_called_by_its_id_without_the_source(
    lake: Lake, db: Db
) -> None:
    closes: dict[int, float | None] = dict(enumerate([10.0, 11.0]))
    names = ("one:AAA", "one:BBB", "other:BBB", "one:CC:D")
    lake.upsert("prices", table(*(quotes(closes, name) for name in names)))
    lake.upsert("prices", table(quotes(closes, "one:AAA", source="another")))
    frame = market(db.at(evening(1)), sessions=1).frame
    named = dict(frame.select("symbol", "ticker").iter_rows())
    assert named == {
        "one:AAA": "AAA",
        "one:BBB": "one:BBB",
        "other:BBB": "other:BBB",
        "one:CC:D": "CC:D",
    }


def test_names_in_a_damaged_file_are_back_once_it_is_mended(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0})))
    lake.upsert("instruments", instruments(listed("x:AAA", name="Alpha")))
    (entry,) = db.manifest("instruments").files
    path = lake.root / "instruments" / entry.file
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    hurt = market(db.at(evening(1)))
    assert hurt.damaged == (f"instruments/{entry.file}",)
    assert hurt.frame["name"].to_list() == [None]
    path.write_bytes(content)
    mended = market(db.at(evening(1)))
    assert not mended.damaged
    assert mended.frame["name"].to_list() == ["Alpha"]
