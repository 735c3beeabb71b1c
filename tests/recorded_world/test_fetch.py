"""A fortnight fetched from hosts that answer as the real ones did: every figure as in its file."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from data.query import At, Db
from ingest.registry import SOURCES
from tests.ingest.server import Act, status
from tests.recorded_world import fetch
from tests.recorded_world.conftest import Fetched
from tests.recorded_world.fortnight import BEFORE, EVENINGS, MIDDLE, NOW
from tests.recorded_world.material import MOVES

pytestmark = pytest.mark.needs("shared")

# Drawn here, imported by hand, or kept in the house: nobody outside is asked.
INSIDE = {"demo", "stooq", "countries"}
# What the recordings do not hold and the hosts therefore refuse.
PARTLY = {
    "alpha_vantage.alpha_vantage_daily",
    "alpha_vantage.alpha_vantage_companies",
    "binance.binance_daily",
    "binance.binance_minutes",
    "coingecko.coingecko_daily",
    "central_bank_rss.central_bank_news",
    "fred.fred_series",
    "fred.fred_descriptions",
    "worldbank.worldbank_indicators",
    "yahoo_chart.yahoo_daily",
}
FAILING = {
    "openexchangerates.openexchangerates_daily",
    "house.bias",
    "imf.imf_outlook",
    "boe.boe_curves",  # no archive of its was ever recorded
    "sec_edgar.sec_filings",  # recorded filers are asked in tests of their own
    "sec_13f.sec_13f_holdings",
}
PRICE = (
    "SELECT close, currency, CAST(known_at AT TIME ZONE 'UTC' AS VARCHAR) FROM prices"
    " WHERE symbol = $id AND date = $on"
)
FIGURE = (
    "SELECT value, unit, CAST(known_at AT TIME ZONE 'UTC' AS VARCHAR) FROM macro"
    " WHERE series_id = $id AND period = $on"
)
# Read by hand in the file that stands behind each: id, day, figure, currency, and how the moment
# begins at which it was known: the minute of its publication, or the evening on which it was seen.
PRICES = [
    ("ecb:EURUSD", "2026-03-18", 1.15, "USD", "2026-03-18 15:00:00"),
    ("ecb:EURKRW", "2026-03-18", 1729.08, "KRW", "2026-03-18 15:00:00"),
    ("frankfurter:EURUSD", "2026-03-16", 1.1478, "USD", "2026-03-16 15:00:00"),
    ("boe:GBPUSD", "2026-03-20", 1.3302, "USD", "2026-03-20 23:"),
    ("boj:USDJPY", "2026-03-20", 154.1, "JPY", "2026-03-20 23:"),
    ("imf:USDJPY", "2026-03-13", 159.2, "JPY", "2026-03-13 23:"),
    ("imf:GBPUSD", "2026-03-16", 1.32795, "USD", "2026-03-20 23:"),
    ("oxr:USDEUR", "2026-03-14", 0.726804, "EUR", "2026-03-15 00:00:00"),
    ("erh:USDEUR", "2026-03-14", 0.726804, "EUR", "2026-03-15 00:00:00"),
    ("binance:BTCUSDT", "2026-03-19", 12400.63, "USDT", "2026-03-20 00:00:00"),
    ("coingecko:bitcoin", "2026-03-19", 12407.06, "USD", "2026-03-20 00:35:00"),
    ("av:IBM", "2026-03-16", 128.58, "USD", "2026-03-16 21:00:00"),
    ("marketstack:AAPL.XNAS", "2026-03-13", 227.79, "USD", "2026-03-13 22:00:00"),
    ("yahoo:AMZN", "2026-03-20", 749.869995, "USD", "2026-03-20 20:20:00"),
    ("yahoo:OCDO.L", "2026-03-19", 1259.5, "GBp", "2026-03-19 16:50:00"),
    ("yahoo:WSU.DE", "2026-03-17", 33.2, "EUR", "2026-03-17 16:50:00"),
    ("yahoo:BZ=F", "2026-03-18", 79.74, "USD", "2026-03-18 22:20:00"),
    ("yahoo:AAPL", "2026-03-20", 118.69, "USD", "2026-03-20 20:20:00"),
    ("eia:RWTC", "2026-03-13", 85.91, "USD", "2026-03-20 23:"),
]
FIGURES = [
    # Updated on 3 March 2026: public by the end of that day in Washington, which is in winter time.
    ("pink_sheet:gold", "2026-02-01", 5019.97, "USD per troy ounce", "2026-03-04 04:59:59"),
    (
        "pink_sheet:liquefied_natural_gas_japan",
        "2026-02-01",
        11.4696,
        "USD per million BTU",
        "2026-03-04 04:59:59",
    ),
    ("fred:CPIAUCSL", "2026-02-01", 242.348, "index 1982-1984=100", "2026-03-19 12:30:00"),
    ("fred:PAYEMS", "2026-02-01", 145128.0, "thousand persons", "2026-03-06 13:30:00"),
    ("fred:RSAFS", "2026-02-01", 465513.0, "million USD", "2026-03-18 12:30:00"),
    ("fred:DEXUSEU", "2026-03-13", 1.1444, "USD per EUR", "2026-03-20 23:"),
    ("fred:VIXCLS", "2026-03-16", 18.02, "index points", "2026-03-18 13:30:00"),
    ("fred:DCOILWTICO", "2026-03-16", 91.83, "USD per barrel", "2026-03-20 23:"),
    ("bls:CUUR0000SA0", "2025-09-01", 324.8, "index 1982-1984=100", "2026-03-09 23:"),
    ("bls:APU0000701111", "2025-10-01", 0.534, "USD per pound", "2026-03-09 23:"),
    (
        "bea:T10101.Q.A191RL",
        "2025-10-01",
        2.1,
        "percent change from the quarter before, at annual rate",
        "2026-03-09 23:",
    ),
    ("us_treasury:par:10y", "2026-03-17", 0.72, "percent per year", "2026-03-17 22:00:00"),
    ("us_treasury:real:10y", "2026-03-17", 1.91, "percent per year", "2026-03-17 22:00:00"),
    ("bis:WS_CBPOL.M.US", "2026-02-01", 3.625, "percent per year", "2026-03-09 23:"),
    ("bis:WS_EER.M.N.B.CN", "2026-02-01", 111.83, "index 2020=100", "2026-03-09 23:"),
    # Eurostat says when it published: 11:00 at two hours before Greenwich, on 17 March.
    (
        "eurostat:prc_hicp_minr.M.I15.TOTAL.IT",
        "2026-02-01",
        128.41,
        "index 2015=100",
        "2026-03-17 09:00:00",
    ),
    (
        "oecd:DSD_KEI@DF_KEI.GBR.M.IRLT.PA._Z._Z._Z",
        "2026-02-01",
        3.9319,
        "percent per year",
        "2026-03-09 23:",
    ),
    (
        "wb:FP.CPI.TOTL.ZG:ZAF",
        "2024-01-01",
        4.36115246518962,
        "percent per year",
        "2026-03-09 23:",
    ),
    ("wb:NY.GDP.MKTP.CD:USA", "2024-01-01", 27360935000000.0, "current USD", "2026-03-09 23:"),
    ("imf:NGDP_R:SVK", "2018-01-01", 94669000000.0, "national currency", "2025-11-19 21:00:00"),
]


def test_the_days_of_every_file_are_moved_by_one_rule() -> None:
    for name, move in MOVES.items():
        assert name.startswith(("recorded/", "real/"))
        assert not (move.weeks and move.months) or name == "real/us_vintages_2016.csv", name


def test_every_source_is_asked_and_says_how_it_went(recorded: Fetched) -> None:
    outcomes: dict[str, set[str]] = {}
    for run in recorded.ledger:
        job = run.job.partition("@")[0]
        outcomes.setdefault(job, set()).add(run.outcome.status)
    asked = {name.partition(".")[0] for name in outcomes}
    left = sorted({*SOURCES} - asked - INSIDE)
    assert not left, f"{left}: give each its recorded answers, or a place in INSIDE, in {__file__}"
    bad = {name for name, found in outcomes.items() if found & {"failed", "over_budget"}}
    assert bad <= FAILING
    partial = {name for name, found in outcomes.items() if "partial" in found}
    assert partial <= PARTLY
    for run in recorded.ledger:
        if run.outcome.status in ("partial", "failed"):
            assert "failed" in run.outcome.message or "bus" in run.outcome.message


def test_no_key_is_in_what_was_kept(recorded: Fetched) -> None:
    kept = [path for path in recorded.settings.root.rglob("*") if path.is_file()]
    assert len(kept) > 100
    for path in kept:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        assert fetch.KEY.encode() not in content.lower(), path


@pytest.mark.parametrize(("name", "on", "figure", "currency", "known"), PRICES)
def test_a_price_is_that_of_its_file(
    recorded: Fetched, name: str, on: str, figure: float, currency: str, known: str
) -> None:
    rows = list(recorded.at().sql(PRICE, id=name, on=date.fromisoformat(on)).frame.iter_rows())
    assert [(close, unit, when[: len(known)]) for close, unit, when in rows] == [
        (figure, currency, known)
    ]


@pytest.mark.parametrize(("name", "on", "figure", "unit", "known"), FIGURES)
def test_a_figure_is_that_of_its_file(
    recorded: Fetched, name: str, on: str, figure: float, unit: str, known: str
) -> None:
    rows = list(recorded.at().sql(FIGURE, id=name, on=date.fromisoformat(on)).frame.iter_rows())
    assert [(value, said, when[: len(known)]) for value, said, when in rows] == [
        (figure, unit, known)
    ]


def test_flows_headlines_and_minutes_are_those_of_their_files(recorded: Fetched) -> None:
    def one(sql: str) -> tuple[object, ...]:
        (row,) = recorded.at().sql(sql).frame.iter_rows()
        return row

    assert one(
        "SELECT value_usd, valuation FROM trade WHERE reporter = 'USA' AND partner = 'MEX'"
        " AND flow = 'import' AND year = 2024"
    ) == (459177656357.0, "CIF")
    assert one(
        "SELECT value_usd FROM trade WHERE reporter = 'CHN' AND partner = 'USA' AND year = 2024"
    ) == (582756110047.0,)
    assert one("SELECT max(event_at) FROM news WHERE country = 'JPN'") == (
        datetime(2026, 3, 20, 7, tzinfo=UTC),
    )
    assert one("SELECT first(close ORDER BY event_at), min(event_at) FROM bars") == (
        60719.27,
        datetime(2026, 3, 20, 23, 3, tzinfo=UTC),
    )
    assert one("SELECT name, shares_outstanding FROM instruments WHERE symbol = 'av:IBM'") == (
        "International Business Machines Corporation",
        890579008.0,
    )


def test_a_split_that_came_later_is_multiplied_back(recorded: Fetched) -> None:
    """The chart divides every close by it; what was paid is about four times as much before."""
    sql = "SELECT date, close, split_ratio FROM prices WHERE symbol = 'yahoo:NVDA' ORDER BY date"
    frame = recorded.at().sql(sql).frame
    at = frame["split_ratio"].fill_null(1).to_list().index(4.0)
    before, after = frame["close"][at - 1], frame["close"][at]
    assert 3.5 < before / after < 4.5


def test_nothing_is_known_before_the_first_evening_but_what_was_dated(recorded: Fetched) -> None:
    count = "SELECT count(*) FROM prices WHERE source = 'boj'"
    counts = [recorded.at(moment).sql(count).frame.item() for moment in (BEFORE, MIDDLE, NOW)]
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2]


SPOILED: dict[str, tuple[Act, set[str]]] = {
    "429": (status(429, b"slow down", Retry_After="7200"), {"over_budget", "partial", "failed"}),
    "500": (status(500, b"sorry"), {"failed", "skipped"}),
    "nothing": (status(200, b""), {"failed", "empty"}),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_host_that_fails_leaves_what_is_held_and_says_so(small: Path, spoiled: str) -> None:
    act, verdicts = SPOILED[spoiled]
    with fetch.opened(small, "ecb", "us_treasury") as world:
        world.evening(0)
        before = contents(world)
        assert before["ecb"]
        world.hosts.acts["data-api.ecb.europa.eu"] = act
        seen = len(world.ledger())
        world.evening(1)
        later = [run for run in world.ledger()[seen:] if run.job == "ecb.ecb_series"]
        assert {run.outcome.status for run in later} <= verdicts
        assert all(run.outcome.message for run in later)
        after = contents(world)
        assert after["ecb"] == before["ecb"]
        assert len(after["us_treasury"]) > len(before["us_treasury"]), "the other one went on"


def test_the_body_of_last_year_makes_nothing_fresh_and_loses_nothing(small: Path) -> None:
    with fetch.opened(small, "yahoo_chart") as world:
        world.hosts.behind["query1.finance.yahoo.com"] = timedelta(weeks=52)
        world.evening(0)
        stale = newest(world, "yahoo:^GSPC")
        assert stale == date(2025, 3, 10)
        world.hosts.behind.clear()
        world.evening(1)
        fresh = newest(world, "yahoo:^GSPC")
        assert fresh == date(2026, 3, 12), "the day after is Christmas in the file"
        before = contents(world)["yahoo_chart"]
        world.hosts.behind["query1.finance.yahoo.com"] = timedelta(weeks=52)
        world.evening(2)
        assert newest(world, "yahoo:^GSPC") == fresh
        held = contents(world)["yahoo_chart"]
        assert {row for row in before if row[1] == "yahoo:^GSPC"} == {
            row for row in held if row[1] == "yahoo:^GSPC"
        }


def contents(world: fetch.Recorded) -> dict[str, set[tuple[object, ...]]]:
    """What the lake holds of each source."""
    sql = {
        "prices": "SELECT source, symbol, date, close, known_at FROM prices",
        "macro": "SELECT source, series_id, period, value, known_at FROM macro",
    }
    found: dict[str, set[tuple[object, ...]]] = {"ecb": set(), "us_treasury": set()}
    for text in sql.values():
        for row in reader(world).sql(text).frame.iter_rows():
            found.setdefault(str(row[0]), set()).add(row)
    return found


def newest(world: fetch.Recorded, symbol: str) -> date:
    sql = "SELECT max(date) FROM prices WHERE symbol = $symbol"
    found: date = reader(world).sql(sql, symbol=symbol).frame.item()
    return found


def reader(world: fetch.Recorded) -> At:
    """The lake after the last evening."""
    return Db(world.settings.lake, memory_limit_mb=256, threads=1).at(EVENINGS[-1] + timedelta(1))
