"""Every difficulty that the demo world plants is found through the project's own reader."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
import polars as pl
import pytest

from ingest.sources.demo_world.calamity import CRASHES, FLASH
from ingest.sources.demo_world.sessions import VENUES
from tests.demo_fixture import DemoLake


def frame(
    lake: DemoLake, sql: str, as_of: datetime | None = None, **params: object
) -> pl.DataFrame:
    """One query at the end of the world, or at another clock."""
    return lake.at(as_of).sql(sql, **params).frame


def test_a_ticker_was_recycled(demo_lake: DemoLake) -> None:
    found = frame(
        demo_lake,
        "SELECT ticker, list(symbol ORDER BY listed_on) AS symbols FROM instruments "
        "GROUP BY ticker HAVING count(*) > 1",
    )
    assert found["symbols"].to_list() == [["demo:FIRP", "demo:FIRP.2"]]
    old, new = (
        frame(demo_lake, "SELECT min(date) AS a, max(date) AS b FROM prices WHERE symbol = $s", s=s)
        for s in ("demo:FIRP", "demo:FIRP.2")
    )
    assert old["b"][0] < new["a"][0]


def test_three_were_delisted_and_were_told_before(demo_lake: DemoLake) -> None:
    gone = frame(
        demo_lake, "SELECT symbol, delisted_on FROM instruments WHERE delisted_on IS NOT NULL"
    )
    assert gone.height == 3
    for symbol, day in gone.iter_rows():
        last = frame(demo_lake, "SELECT max(date) AS d FROM prices WHERE symbol = $s", s=symbol)
        assert last["d"][0] <= day
        months_before = datetime(day.year, day.month, 1, tzinfo=UTC) - timedelta(days=31)
        then = frame(
            demo_lake,
            "SELECT delisted_on FROM instruments WHERE symbol = $s",
            months_before,
            s=symbol,
        )
        assert then["delisted_on"][0] is None
    told = frame(demo_lake, "SELECT count(*) AS n FROM events WHERE kind = 'delisting'")
    assert told["n"][0] == 3


def test_one_company_was_renamed(demo_lake: DemoLake) -> None:
    names = frame(
        demo_lake,
        "SELECT name FROM instruments_vintages WHERE symbol = 'demo:FIRS' ORDER BY known_at",
    )
    assert names["name"].to_list() == ["Fictor Software", "Fictor Software Holdings"]


def test_some_are_quoted_in_pence(demo_lake: DemoLake) -> None:
    found = frame(
        demo_lake,
        "SELECT p.currency, c.currency AS accounts, median(p.close) AS price FROM prices p "
        "JOIN instruments i USING (symbol) JOIN companies c USING (company) "
        "WHERE i.venue = 'XLON' GROUP BY ALL",
    )
    assert found.select("currency", "accounts").rows() == [("GBp", "GBP")]
    assert found["price"][0] > 100


def test_splits_leave_no_hole_in_returns(demo_lake: DemoLake) -> None:
    raw = frame(
        demo_lake,
        "SELECT * FROM (SELECT symbol, date, split_ratio, close / lag(close) OVER w AS raw "
        "FROM prices WHERE asset_class = 'equity' "
        "WINDOW w AS (PARTITION BY symbol ORDER BY date)) WHERE split_ratio <> 1",
    )
    assert raw.height >= 3
    assert ((raw["raw"] - 1).abs() > 0.4).all()
    assert ((raw["raw"] * raw["split_ratio"] - 1).abs() < 0.3).all()
    events = frame(
        demo_lake,
        "SELECT symbols[1] AS symbol, CAST(event_at AS DATE) AS date, magnitude AS split_ratio "
        "FROM events WHERE kind = 'split'",
    )
    keys = ["symbol", "date", "split_ratio"]
    assert raw.select(keys).sort(keys).equals(events.select(keys).sort(keys))


def test_dividends_go_ex(demo_lake: DemoLake) -> None:
    paid = frame(
        demo_lake,
        "SELECT symbol, count(*) AS n, max(dividend / close) AS most FROM prices "
        "WHERE dividend > 0 GROUP BY symbol",
    )
    assert paid.height >= 10
    assert paid["most"].max() < 0.04


def test_some_bars_were_printed_wrong_and_corrected(demo_lake: DemoLake) -> None:
    """A clock between print and correction shows what was printed; few wait for a year."""
    twice = frame(
        demo_lake,
        "SELECT symbol, date, min(known_at) AS printed, max(known_at) AS told, "
        "arg_min(close, known_at) AS wrong, arg_max(close, known_at) AS correct, "
        "arg_min(volume, known_at) / arg_max(volume, known_at) AS volumes, "
        "arg_min(dividend, known_at) AS unpaid, arg_max(dividend, known_at) AS paid "
        "FROM prices_vintages WHERE source = 'demo' GROUP BY ALL HAVING count(*) > 1",
    )
    closes = twice.filter(pl.col("wrong") != pl.col("correct"))
    assert closes.height > 20
    assert ((closes["wrong"] / closes["correct"] - 1).abs() < 0.2).all()
    assert twice.filter(pl.col("volumes") > 9.9).height > 5
    assert twice.filter((pl.col("unpaid") == 0) & (pl.col("paid") > 0)).height > 5
    waited = (twice["told"] - twice["printed"]).dt.total_days()
    assert 0.02 < (waited > 365).mean() < 0.25 and waited.median() < 5
    row = closes.row(0, named=True)
    query = "SELECT close FROM prices WHERE symbol = $symbol AND date = $date"
    where = {"symbol": row["symbol"], "date": row["date"]}
    for as_of, close in ((row["printed"], row["wrong"]), (row["told"], row["correct"])):
        assert frame(demo_lake, query, as_of, **where)["close"].to_list() == [close]


@pytest.mark.parametrize("venue", ["XNYS", "XLON", "XTKS"])
def test_sessions_are_the_venues_own_and_half_days_close_early(
    demo_lake: DemoLake, venue: str
) -> None:
    calendar = exchange_calendars.get_calendar(venue, start="2005-01-01", end="2024-06-28")
    found = frame(
        demo_lake,
        "SELECT DISTINCT date, known_at FROM (SELECT p.date, min(p.known_at) AS known_at "
        "FROM prices_vintages p JOIN instruments i USING (symbol) WHERE i.venue = $venue "
        "AND p.source = 'demo' AND p.asset_class = 'equity' GROUP BY p.symbol, p.date) ORDER BY 1",
        venue=venue,
    )
    assert found["date"].to_list() == [day.date() for day in calendar.sessions]
    delay = timedelta(minutes=VENUES[venue].delay_min)
    closes = [moment.to_pydatetime() + delay for moment in calendar.closes]
    assert found["known_at"].to_list() == closes
    if venue == "XNYS":
        early = dict(found.iter_rows())[date(2023, 11, 24)]
        assert early == datetime(2023, 11, 24, 18, 15, tzinfo=UTC)


def test_coins_trade_at_weekends_and_currencies_do_not(demo_lake: DemoLake) -> None:
    days = dict(
        frame(
            demo_lake,
            "SELECT asset_class, count(DISTINCT dayofweek(date)) AS n FROM prices GROUP BY ALL",
        ).iter_rows()
    )
    assert days["crypto"] == 7
    assert days["fx"] == 5


def test_crash_days_are_named_and_felt(demo_lake: DemoLake) -> None:
    events = frame(
        demo_lake,
        "SELECT CAST(event_at AS DATE) AS date, magnitude, title FROM events "
        "WHERE kind = 'crash' ORDER BY 1",
    )
    assert events["date"].to_list() == [crash.day for crash in CRASHES]
    index = frame(
        demo_lake,
        "SELECT date, close / lag(close) OVER (ORDER BY date) - 1 AS r FROM prices "
        "WHERE symbol = 'demo:WORLD'",
    )
    felt = events.join(index, on="date")
    assert ((felt["r"] - felt["magnitude"]).abs() < 0.01).all()


def test_the_flash_crash_is_in_the_lows_only(demo_lake: DemoLake) -> None:
    bars = frame(
        demo_lake,
        "SELECT min(low / least(open, close)) AS depth, max(low / least(open, close)) AS shallow, "
        "median(close / open) AS body FROM prices p JOIN instruments i USING (symbol) "
        "WHERE p.date = $day AND i.venue = 'XNYS' AND p.asset_class = 'equity'",
        day=FLASH.day,
    )
    assert bars["shallow"][0] < 0.8
    assert bars["body"][0] == pytest.approx(1.0, abs=0.05)
    event = frame(demo_lake, "SELECT event_at, ends_at FROM events WHERE kind = 'flash_crash'")
    assert event["ends_at"][0] - event["event_at"][0] == timedelta(minutes=30)


def test_each_country_has_twenty_indicators_with_a_calendar(demo_lake: DemoLake) -> None:
    counts = frame(
        demo_lake,
        "SELECT country, count(DISTINCT indicator) AS n, count(DISTINCT frequency) AS f "
        "FROM series WHERE country IS NOT NULL GROUP BY country",
    )
    assert counts.height == 6
    assert counts["n"].min() >= 20
    assert counts["f"].min() >= 4
    bare = frame(
        demo_lake,
        "SELECT series_id FROM series WHERE source = 'demo' "
        "AND series_id NOT IN (SELECT series_id FROM releases)",
    )
    assert bare.height == 0


def test_releases_keep_local_time_through_summer_time(demo_lake: DemoLake) -> None:
    rows = frame(
        demo_lake,
        "SELECT r.scheduled_at, s.timezone FROM releases r JOIN series s USING (series_id) "
        "WHERE s.indicator = 'CPIYOY' AND r.country IN ('USA', 'DEU', 'JPN')",
    )
    for zone in rows["timezone"].unique().to_list():
        moments = rows.filter(pl.col("timezone") == zone)["scheduled_at"].to_list()
        local = {moment.astimezone(ZoneInfo(zone)).strftime("%H:%M") for moment in moments}
        assert len(local) == 1, zone
        utc = {moment.strftime("%H:%M") for moment in moments}
        assert len(utc) == (1 if zone == "Asia/Tokyo" else 2), zone
        if zone == "America/New_York":
            assert local == {"08:30"}


def test_consensus_is_dated_before_the_print(demo_lake: DemoLake) -> None:
    rows = frame(
        demo_lake,
        "SELECT consensus, consensus_known_at, scheduled_at, actual FROM releases "
        "WHERE status = 'released' AND importance >= 2",
    )
    assert rows.height > 5000
    assert rows["consensus"].null_count() == 0
    assert (rows["consensus_known_at"] < rows["scheduled_at"]).all()
    # Right on average: a z above 4 would be one case in 16,000.
    surprise = (rows["actual"] - rows["consensus"]).to_numpy()
    small = surprise[np.abs(surprise) < 5]
    assert abs(small.mean()) / (small.std() / np.sqrt(len(small))) < 4


def test_a_release_seen_before_its_day_has_no_value_yet(demo_lake: DemoLake) -> None:
    query = (
        "SELECT status, consensus, actual FROM releases "
        "WHERE series_id = 'demo:CPIYOY:USA' AND period = DATE '2019-05-01'"
    )
    early = frame(demo_lake, query, datetime(2019, 2, 1, tzinfo=UTC))
    expected = frame(demo_lake, query, datetime(2019, 6, 11, tzinfo=UTC))
    late = frame(demo_lake, query, datetime(2019, 7, 1, tzinfo=UTC))
    assert early.rows() == [("scheduled", None, None)]
    assert expected["status"][0] == "scheduled"
    assert expected["consensus"][0] is not None
    assert late["status"][0] == "released"
    assert late["actual"][0] is not None


def test_some_releases_were_put_off(demo_lake: DemoLake) -> None:
    moved = frame(
        demo_lake,
        "SELECT series_id, period, min(scheduled_at) AS was, max(scheduled_at) AS became, "
        "min(known_at) FILTER (status = 'rescheduled') AS told FROM releases_vintages "
        "GROUP BY series_id, period HAVING count(DISTINCT scheduled_at) > 1",
    )
    assert moved.height > 50
    assert (moved["told"] < moved["became"]).all()
    shut = moved.filter(
        pl.col("series_id").str.ends_with(":USA")
        & pl.col("was").is_between(
            datetime(2013, 10, 1, tzinfo=UTC), datetime(2013, 10, 17, tzinfo=UTC)
        )
    )
    assert shut.height >= 5
    assert (shut["became"] - shut["was"] >= timedelta(days=15)).all()
    share = moved.height / frame(demo_lake, "SELECT count(*) AS n FROM releases")["n"][0]
    assert share < 0.02


def test_observations_have_a_first_print_and_two_to_four_revisions(demo_lake: DemoLake) -> None:
    counts = frame(
        demo_lake,
        "SELECT s.indicator, max(n) - 1 AS revisions FROM (SELECT series_id, period, count(*) AS n "
        "FROM macro_vintages WHERE source = 'demo' AND period < DATE '2014-01-01' "
        "AND known_at < TIMESTAMPTZ '2016-01-01' "
        "GROUP BY ALL) JOIN series s USING (series_id) GROUP BY ALL",
    )
    found = dict(counts.iter_rows())
    assert found.pop("POLICY") == found.pop("Y10") == 0  # a decision and a market are not revised
    assert set(found.values()) <= {2, 3, 4}
    assert found["GDP"] == 4


def test_one_benchmark_changed_the_unit_of_all_history(demo_lake: DemoLake) -> None:
    query = (
        "SELECT m.unit, count(DISTINCT m.period) AS n, s.unit AS said FROM macro m "
        "JOIN series s USING (series_id) WHERE series_id = 'demo:CPI:USA' GROUP BY ALL"
    )
    before = frame(demo_lake, query, datetime(2016, 12, 1, tzinfo=UTC))
    after = frame(demo_lake, query, datetime(2019, 1, 1, tzinfo=UTC))
    assert before["unit"].to_list() == before["said"].to_list() == ["index, January 2005 = 100"]
    assert after["unit"].to_list() == after["said"].to_list() == ["index, 2015 = 100"]
    assert after["n"][0] > before["n"][0] > 140
    mean = frame(
        demo_lake,
        "SELECT avg(value) AS v FROM macro "
        "WHERE series_id = 'demo:CPI:USA' AND year(period) = 2015",
    )
    assert mean["v"][0] == pytest.approx(100.0, abs=0.2)


def test_gdp_revisions_are_unbiased(demo_lake: DemoLake) -> None:
    """The mean of last print less first is zero within 3 standard errors (1 case in 370).

    First prints are off by 0.35 points on purpose, so single revisions must not be small.
    """
    rows = frame(
        demo_lake,
        "SELECT arg_max(value, known_at) - arg_min(value, known_at) AS revision "
        "FROM macro_vintages WHERE series_id LIKE 'demo:GDPG:%' AND period < DATE '2023-01-01' "
        "GROUP BY series_id, period",
    )["revision"].to_numpy()
    assert len(rows) == 6 * 72
    assert abs(rows.mean()) < 3 * rows.std() / np.sqrt(len(rows))
    assert 0.25 < rows.std() < 0.5


def test_the_trade_balance_is_exports_less_imports(demo_lake: DemoLake) -> None:
    rows = frame(
        demo_lake,
        "SELECT max(abs(x.value - m.value - b.value)) AS gap FROM macro x "
        "JOIN macro m ON m.period = x.period "
        "AND m.series_id = replace(x.series_id, 'EXPORTS', 'IMPORTS') "
        "JOIN macro b ON b.period = x.period "
        "AND b.series_id = replace(x.series_id, 'EXPORTS', 'TRADEBAL') "
        "WHERE x.series_id LIKE 'demo:EXPORTS:%'",
    )
    assert rows["gap"][0] < 1e-6
