"""The market strip over the recorded fortnight: which sources fill it, and its numbers by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analytics.home.strip import lines, market_strip
from data.state import readers
from data.state.db import State
from ingest.lists import listed
from pages.frame.reader import SHARED
from tests.pages import browse
from tests.recorded_world.conftest import Fetched
from tests.recorded_world.fortnight import MIDDLE, NOW
from tests.recorded_world.material import document

pytestmark = [pytest.mark.needs("shared"), pytest.mark.usefixtures("evening")]

# How an id follows from the line of a list, for sources that the fortnight asks for a part only.
LISTS = {
    "stooq": ("stooq", "symbol"),
    "yahoo": ("yahoo_chart", "symbol"),
    "fred": ("fred", "id"),
    "binance": ("binance", "symbol"),
    "coingecko": ("coingecko", "id"),
    "eia": ("eia_prices", "id"),
}
CHOSEN = ["fred:UNRATE", "us_treasury:par:10y", "fred:CPIAUCSL", "fred:DCOILWTICO"]


def test_every_market_of_the_file_is_one_that_a_source_writes(recorded: Fetched) -> None:
    sql = "SELECT DISTINCT symbol AS id FROM prices UNION SELECT DISTINCT series_id FROM macro"
    there = set(recorded.at().sql(sql).frame["id"])
    for prefix, (name, column) in LISTS.items():
        there |= {f"{prefix}:{word}" for word in listed(name, column)}
    wanted = {item for _, several in lines() for item in several if not item.startswith("demo:")}
    assert wanted - there == set()


def test_real_sources_fill_it_and_its_changes_are_those_of_the_files(recorded: Fetched) -> None:
    rows = {row["item"]: row for row in market_strip(recorded.at()).frame.iter_rows(named=True)}
    assert {"us_treasury:par:10y", "ecb:EURUSD", "boj:USDJPY", "fred:DCOILWTICO"} <= set(rows)
    # The ECB's fixings of the last two days, and the yen of nine o'clock in Tokyo.
    assert rows["ecb:EURUSD"]["change"] == pytest.approx(1.15 / 1.1531 - 1)
    (yen,) = document("recorded/boj/api_v1_FM08_FXERD01_2025-01.json")["RESULTSET"]
    assert rows["boj:USDJPY"]["last"] in yen["VALUES"]["VALUES"]
    earlier = market_strip(recorded.at(MIDDLE)).frame
    assert earlier.filter(item="ecb:EURUSD")["change"].item() == pytest.approx(1.1476 / 1.1547 - 1)


@pytest.fixture
def chosen(recorded: Fetched) -> Iterator[None]:
    """A reader without a cookie chose these."""
    state = State.open(recorded.settings.state)
    readers.choose(state, SHARED, "strip", CHOSEN, now=NOW)
    yield
    readers.choose(state, SHARED, "strip", None, now=NOW)
    state.close()


@pytest.mark.usefixtures("chosen")
def test_each_is_shown_in_its_unit_and_with_its_period(recorded: Fetched) -> None:
    app = browse.visit(recorded.settings, "overview")
    (drawn,) = (body for body in browse.bodies(app) if "b-strip" in body)
    cells = {cell.partition('"')[0]: cell for cell in drawn.split('href="')[1:]}
    jobless, bond, prices, oil = (
        next(cell for to, cell in cells.items() if name in to)
        for name in ("UNRATE", "10y", "CPIAUCSL", "DCOILWTICO")
    )
    assert "percent of labour force, Feb 2026" in jobless and " pp<" in jobless
    assert "percent per year, Tue 17 Mar" in bond and "▲ +1 bp" in bond
    assert "<small>index 1982-1984=100</small>" in prices and "+0.20 %" in prices
    assert "91.83 <small>USD per barrel</small>" in oil and "+1.29 %" in oil
