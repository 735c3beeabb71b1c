"""One instrument: found by what people type, its peak, its peers, its months."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.core.catalogue import find, run
from analytics.core.listing import listing_hint
from analytics.core.query_texts import expanded
from analytics.core.resolve import resolve
from analytics.markets.instrument import drawdown, find_instruments, instrument_events, rebased
from analytics.markets.market import market_groups
from analytics.markets.returns import history
from analytics.markets.seasons import monthly_returns, seasonality
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db
from tests import tiers
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.analytics.test_market import instruments, listed
from tests.demo_fixture import DemoLake


def test_a_word_finds_the_surest_first(lake: Lake, db: Db) -> None:
    lake.upsert(
        "instruments",
        instruments(
            listed("x:OLD", ticker="SUN", name="Sun Oil", delisted_on=date(2019, 1, 1)),
            listed("x:NEW", ticker="SUN", name="Sunrise Solar", isin="US0000000001"),
            listed("x:MOON", ticker="MOON", name="Moon over Sun", aliases="LUNA|SELENE"),
        ),
    )
    at = db.at(evening(1))

    def found(word: str) -> list[tuple[str, int]]:
        return find_instruments(at, word=word).frame.select("symbol", "rank").rows()

    assert found("sun") == [("x:NEW", 1), ("x:OLD", 1), ("x:MOON", 4)]
    assert found("x:OLD") == [("x:OLD", 0)]
    assert found("US0000000001") == [("x:NEW", 2)]
    assert found("selene") == [("x:MOON", 2)]
    assert found("moo") == [("x:MOON", 3)]
    assert found("%") == found("nobody") == []


def test_an_instrument_of_which_only_prices_are_known_is_there_under_its_id_and_ticker(
    lake: Lake, db: Db
) -> None:
    """Sources of exchange rates and charts describe nothing; what they price is there."""
    lake.upsert("prices", table(quotes({0: 1.1, 1: 1.2}, "ecb:EURUSD", asset_class="fx")))
    lake.upsert("prices", table(quotes({5: 9.0}, "x:AAA")))
    early, late = db.at(evening(1)), db.at(evening(5))

    def found(at: At, word: str) -> list[tuple[str, str, str]]:
        frame = find_instruments(at, word=word).frame
        return frame.select("symbol", "ticker", "asset_class").rows()

    for word in ("ecb:EURUSD", "EURUSD", "eurusd"):
        assert found(early, word) == [("ecb:EURUSD", "EURUSD", "fx")]
    assert found(db.at(evening(-1)), "ecb:EURUSD") == found(early, "x:AAA") == []
    assert market_groups(early).frame.rows() == [("fx", None, None, 1)]
    assert market_groups(late).frame.height == 2
    assert run(late, "directory").frame["id"].to_list() == ["ecb:EURUSD", "x:AAA"]
    assert run(late, "directory").frame["label"].to_list() == ["ecb:EURUSD", "x:AAA"]
    assert resolve(late, words=["EURUSD"]).frame["symbol"].to_list() == ["ecb:EURUSD"]
    assert run(late, "instrument", symbol="ecb:EURUSD").frame["known_at"].to_list() == [evening(0)]


def test_a_description_takes_the_place_of_what_prices_tell_from_its_own_moment_on(
    lake: Lake, db: Db
) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 9: 1.0}, "x:SUN")))
    lake.upsert("instruments", instruments(listed("x:SUN", name="Sun Oil", known_at=evening(4))))
    names = [find_instruments(db.at(evening(n)), word="x:SUN").frame["name"][0] for n in (3, 4)]
    assert names == [None, "Sun Oil"]
    for day in (3, 4):
        assert find_instruments(db.at(evening(day)), word="x:SUN").frame.height == 1


def test_drawdown_is_measured_from_the_peak_so_far_across_a_split(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = {0: 100.0, 1: 120.0, 2: 90.0, 3: 50.0, 4: 65.0}
    lake.upsert("prices", table(quotes(closes, splits={3: 2.0})))
    found = drawdown(db.at(evening(4)), symbol="x:AAA").frame["value"].to_list()
    assert found == pytest.approx([0, 0, -0.25, -1 / 6, 0])


def test_a_price_below_zero_ends_the_drawdown_and_leaves_what_was_before(
    lake: Lake, db: Db
) -> None:
    # Oil in April 2020: it fell by half, was paid for being taken away, and had a price again.
    oil: dict[int, float | None] = {0: 20.0, 1: 18.0, 2: 10.0, 3: -37.63, 4: 10.0}
    lake.upsert("prices", table(quotes(oil), quotes({0: 5.0, 1: 4.0, 3: 5.0}, "x:BBB")))
    found = drawdown(db.at(evening(4)), symbol="x:AAA").frame["value"].to_list()
    assert found == pytest.approx([0, -0.1, -0.5, None, None])
    # What was known before the fall says the same at every later clock.
    assert drawdown(db.at(evening(2)), symbol="x:AAA").frame["value"].to_list() == found[:3]
    other = drawdown(db.at(evening(4)), symbol="x:BBB").frame["value"].to_list()
    assert other == pytest.approx([0, -0.2, 0])


@pytest.mark.needs("shared")
def test_real_oil_has_a_drawdown_until_the_day_it_is_given_a_price_below_zero(
    lake: Lake, db: Db, shared: Path
) -> None:
    real = pl.read_csv(shared / "real/wti_daily_1986_2012.csv", infer_schema=False)
    prices = real[real.columns[-1]].cast(pl.Float64, strict=False).drop_nulls().to_list()[-60:]
    crashed = [*prices[:40], -36.98, *prices[41:]]
    assert min(prices) > 0
    for symbol, closes in (("x:OIL", prices), ("x:CRASH", crashed)):
        lake.upsert("prices", table(quotes(dict(enumerate(closes)), symbol)))
    at = db.at(evening(60))
    whole, cut = (
        drawdown(at, symbol=name).frame["value"].to_list() for name in ("x:OIL", "x:CRASH")
    )
    assert None not in whole
    assert cut == [*whole[:40], *[None] * 20]


def test_nothing_is_a_share_of_a_price_below_zero(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 20.0, 1: -37.63, 2: 10.0}), quotes({0: 1.0}, "x:BBB")))
    at = db.at(evening(2))
    whole = rebased(at, symbols=["x:AAA", "x:BBB"], since=FIRST).frame.filter(symbol="x:AAA")
    assert whole["value"].to_list() == [100, None, 50]
    with pytest.raises(ConfigError, match=r"x:AAA cannot begin at 100.* 2020-01-02 is -37\.63"):
        rebased(at, symbols=["x:BBB", "x:AAA"], since=FIRST + timedelta(1))


def test_rebased_begins_at_a_hundred_and_takes_splits_in(lake: Lake, db: Db) -> None:
    first = quotes({0: 40.0, 1: 50.0, 2: 30.0}, splits={2: 2.0})
    later = quotes({1: 8.0, 2: 6.0}, "x:BBB")
    lake.upsert("prices", table(first, later))
    at = db.at(evening(2))
    frame = rebased(at, symbols=["x:AAA", "x:BBB"], since=FIRST).frame
    values = {name: part["value"].to_list() for (name,), part in frame.group_by("symbol")}
    assert values["x:AAA"] == pytest.approx([100, 125, 150])
    assert values["x:BBB"] == pytest.approx([100, 75])
    from_second = rebased(at, symbols=["x:AAA"], since=FIRST + timedelta(1)).frame
    assert from_second["value"].to_list() == pytest.approx([100, 120])
    with pytest.raises(ConfigError, match="expected 1 to 12 symbols"):
        rebased(at, symbols=[], since=FIRST)


def test_months_multiply_to_the_whole_and_the_running_one_is_no_season(lake: Lake, db: Db) -> None:
    days = range(0, 75)
    bars = quotes({day: 100.0 + (day * 37) % 11 for day in days}, splits={40: 2.0}, dividend=None)
    bars[20]["dividend"] = 1.0
    lake.upsert("prices", table(bars))
    at = db.at(evening(74))
    months = monthly_returns(at, symbol="x:AAA").frame
    assert months.select("year", "month", "sessions").rows() == [
        (2020, 1, 30),
        (2020, 2, 29),
        (2020, 3, 15),
    ]
    closes = history(at, symbol="x:AAA").frame["adjusted_close"]
    paid = 1 + 1.0 / bars[20]["close"]
    whole = closes[-1] / closes[0] * paid
    assert (months["return"] + 1).product() == pytest.approx(whole)
    # March is under way, and January began with the first close that is known at all.
    assert seasonality(at, symbol="x:AAA").frame["month"].to_list() == [2]


def test_a_history_that_begins_in_the_middle_of_a_month_has_no_season_of_it(
    lake: Lake, db: Db
) -> None:
    """Half of February is not what Februaries do."""
    lake.upsert("prices", table(quotes({day: 100.0 + day for day in range(46, 100)})))
    frame = seasonality(db.at(evening(100)), symbol="x:AAA").frame
    assert frame.select("month", "years").rows() == [(3, 1)]


def test_a_rate_has_no_drawdown(lake: Lake, db: Db) -> None:
    levels: dict[int, float | None] = {0: 2.0, 1: 1.0}
    lake.upsert("prices", table(quotes(levels, "x:RATE", asset_class="rate"), quotes(levels)))
    found = {
        symbol: drawdown(db.at(evening(1)), symbol=symbol).frame["value"].to_list()
        for symbol in ("x:RATE", "x:AAA")
    }
    assert found == {"x:RATE": [None, None], "x:AAA": [0.0, -0.5]}


def test_a_rate_has_neither_months_nor_seasons_of_returns(lake: Lake, db: Db) -> None:
    levels: dict[int, float | None] = {day: 0.1 + day for day in range(100)}
    lake.upsert(
        "prices",
        table(quotes(levels, "x:RATE", asset_class="rate"), quotes(levels, "x:SHARE")),
    )
    at = db.at(evening(100))
    for found in (monthly_returns, seasonality):
        assert found(at, symbol="x:RATE").frame.is_empty()
        assert found(at, symbol="x:SHARE").frame.height > 0


def test_events_of_others_are_left_out_but_for_a_crash(lake: Lake, db: Db) -> None:
    def event(name: str, kind: str, symbols: list[str] | None, country: str | None) -> dict:
        return {
            "event_id": name,
            "event_at": evening(1),
            "precision": "day",
            "kind": kind,
            "title": name,
            "country": country,
            "symbols": symbols,
            "known_at": evening(2),
            "vintage_grade": "native",
            "source": "test",
        }

    rows = [
        event("mine", "split", ["x:AAA"], "USA"),
        event("another's", "split", ["x:BBB"], "USA"),
        event("rate", "rate_decision", None, "USA"),
        event("rate elsewhere", "rate_decision", None, "DEU"),
        event("crash", "crash", ["x:WORLD"], None),
    ]
    kinds = {"symbols": pl.List(pl.String), "country": pl.String}
    lake.upsert("events", pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None))
    asked = {"symbol": "x:AAA", "country": "USA"}
    found = instrument_events(db.at(evening(2)), **asked).frame.select("title", "relation")
    assert sorted(found.rows()) == [("crash", "world"), ("mine", "own"), ("rate", "country")]
    assert instrument_events(db.at(evening(1)), **asked).frame.is_empty()


def test_in_common_each_is_a_hundred_on_the_first_day_that_all_have(lake: Lake, db: Db) -> None:
    first = quotes({0: 40.0, 1: 50.0, 2: 30.0, 3: 60.0}, splits={2: 2.0})
    lake.upsert("prices", table(first, quotes({1: -1.0, 2: 8.0, 3: 6.0}, "x:BBB")))
    at = db.at(evening(3))
    frame = rebased(at, symbols=["x:AAA", "x:BBB"], since=FIRST, common=True).frame
    values = {name: part["value"].to_list() for (name,), part in frame.group_by("symbol")}
    # Adjusted: 40, 50, 60 and 120 in shares of the first day; a price below zero is no base.
    assert values["x:AAA"] == pytest.approx([200 / 3, 250 / 3, 100, 200])
    assert values["x:BBB"] == [None, 100, 75]
    alone = rebased(at, symbols=["x:AAA", "x:NONE"], since=FIRST, common=True).frame
    assert alone["value"].to_list() == pytest.approx([100, 125, 150, 300])
    assert rebased(at, symbols=["x:NONE"], since=FIRST, common=True).frame.is_empty()
    lake.upsert("prices", table(quotes({0: 1.0}, "x:CCC")))
    with pytest.raises(ConfigError, match="no session in common since"):
        rebased(db.at(evening(3)), symbols=["x:BBB", "x:CCC"], since=FIRST, common=True)


@pytest.mark.parametrize("common", [True, False])
def test_a_rate_has_no_return_that_could_stand_beside_others(
    lake: Lake, db: Db, common: bool
) -> None:
    rate = quotes({0: 0.5, 1: 1.0}, "x:Y10", asset_class="rate")
    lake.upsert("prices", table(quotes({0: 40.0, 1: 50.0}), rate))
    with pytest.raises(ConfigError, match="x:Y10 is a rate"):
        rebased(db.at(evening(1)), symbols=["x:AAA", "x:Y10"], since=FIRST, common=common)
    rebased(db.at(evening(1)), symbols=["x:AAA"], since=FIRST, common=common)


def standing_for(at: At, country: str) -> list[str]:
    """Found among all of one clock, as pages find it."""
    frame = find("stand_ins").call(at).frame
    own = frame.filter(stands_for=country)
    return (own if own.height else frame.filter(stands_for=""))["symbol"].to_list()


@pytest.mark.parametrize("country", ["USA", "DEU", ""])
def test_an_index_of_the_world_stands_for_a_country_before_one_of_a_sector(
    demo_lake: DemoLake, country: str
) -> None:
    assert standing_for(demo_lake.at(), country) == ["demo:WORLD"]


ONE_COUNTRY = """
SELECT symbol FROM {listed} AS listed
WHERE standing = 1 AND asset_class IN ('index', 'equity') AND delisted_on IS NULL
ORDER BY (asset_class = 'index') DESC,
    (asset_class = 'index' AND (sector IS NULL OR contains(lower(name), 'world'))) DESC,
    coalesce(country = $country, false) DESC, shares_outstanding DESC NULLS LAST, symbol, source
LIMIT 1
"""


@pytest.mark.parametrize("seed", range(8))
def test_what_stands_for_each_country_is_what_one_asked_alone_gives(
    lake: Lake, db: Db, seed: int
) -> None:
    """Of a random list: an instrument is an index, a share, or neither, of a country or none."""
    rng = random.Random(f"{seed} {tiers.commit()}")
    rows = [
        listed(
            f"x:{number}",
            asset_class=rng.choice(["index", "equity", "fx"] if seed % 2 else ["equity", "fx"]),
            country=rng.choice(["USA", "DEU", "JPN", None]),
            sector=rng.choice([None, "Energy"] if seed % 4 else ["Energy"]),
            name=rng.choice(["Energy of the World", "Energy"]),
            shares_outstanding=rng.choice([None, 1.0, 2.0, 3.0]),
            delisted_on=rng.choice([None, None, date(2019, 1, 1)]),
            known_at=evening(rng.randrange(4)),
        )
        for number in range(rng.choice([0, 1, 3, 12]) if seed else 12)
    ]
    if rows:
        lake.upsert("instruments", instruments(*rows))
    lake.upsert("prices", table(quotes({0: 1.0}, "other:SHARE")))
    for day in range(5):
        at = db.at(evening(day))
        text = expanded(ONE_COUNTRY)
        for country in ("USA", "DEU", "JPN", "FRA", ""):
            alone = at.sql(text, country=country, **listing_hint(at, text)).frame
            assert standing_for(at, country) == alone["symbol"].to_list(), (day, country)
