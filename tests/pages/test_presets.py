"""Presets of members: which instruments stand for asset classes and sectors, and the address."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import watchlists
from data.state.values import Edit
from pages.frame.resources import open_resources
from pages.search.presets import asset_classes, sectors
from tests.pages import browse, world

MARKET = pl.DataFrame(
    [
        ("stooq:^spx", "index", None, None),
        ("yahoo:^GSPC", "index", None, None),
        ("stooq:gc.f", "commodity", None, None),
        ("x:IDX", "index", "Energy", None),
        ("x:XLE", "etf", "Energy", 9.0),
        ("x:XLK", "etf", "Technology", 8.0),
        ("x:OIL1", "equity", "Energy", 5.0),
        ("x:SOFT", "equity", "Technology", 7.0),
        ("x:BANK1", "equity", "Financials", 2.0),
        ("x:BANK2", "equity", "Financials", 3.0),
        ("x:LOST", "equity", None, 99.0),
        ("x:COIN", "crypto", None, None),
        ("x:COIN2", "crypto", None, 1.0),
        ("x:WORLD", "index", "World", None),
    ],
    schema=["symbol", "asset_class", "sector", "market_value"],
    orient="row",
)


def test_asset_classes_are_the_strip_and_the_largest_of_a_kind_that_it_lacks() -> None:
    found = asset_classes(MARKET)["symbol"].to_list()
    assert found == ["stooq:gc.f", "x:COIN2", "stooq:^spx"]
    without = asset_classes(MARKET.filter(~pl.col("symbol").str.contains("spx|GSPC")))
    assert without["symbol"].to_list() == ["stooq:gc.f", "x:COIN2", "x:LOST"]


def test_a_sector_is_its_index_or_fund_else_its_largest_share() -> None:
    found = dict(sectors(MARKET).select("sector", "symbol").iter_rows())
    assert found == {"Energy": "x:IDX", "Financials": "x:BANK2", "Technology": "x:XLK"}


def test_an_empty_market_has_no_members() -> None:
    assert asset_classes(MARKET.clear()).is_empty()
    assert sectors(MARKET.clear()).is_empty()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world and two watchlists, one under the name of a preset."""
    built = world.build(Path(tmp_path_factory.mktemp("world")))
    state = open_resources(built).services.found().state
    assert state is not None
    for name, of in (("sectors", ("fx4", "crypto6")), ("mine", ("equity0", "fx4", "crypto6"))):
        members = [watchlists.Member(f"demo:{symbol}") for symbol in of]
        watchlists.create(state, name, members, edit=Edit("me", utc_now()))
    return built


def tickers(settings: Settings, **address: str) -> set[str]:
    """The instruments of the matrix under an address."""
    app = browse.visit(settings, "correlation", **address)
    assert not app.exception
    (drawn,) = app.get("echarts_chart")
    return set(json.loads(drawn.proto.spec)["xAxis"]["data"])


def test_a_click_takes_a_list_and_the_address_has_it(settings: Settings) -> None:
    app = browse.visit(settings, "correlation")
    row = next(group for group in app.get("button_group") if group.label == "Members")
    assert list(row.options)[:3] == ["universe", "asset classes", "sectors"]
    assert {"list mine", "list sectors"} < set(row.options)
    row.set_value("list:mine").run()
    assert app.query_params["preset"] == "list:mine"
    assert tickers(settings, preset="list:mine") == {"EQUITY0", "FX4", "CRYPTO6"}
    assert tickers(settings, preset="list:sectors") == {"FX4", "CRYPTO6"}
    assert len(tickers(settings, preset="classes")) == len({*world.CLASSES} - {"index", "etf"})


def test_a_preset_hides_the_boxes_and_a_past_clock_knows_no_later_list(settings: Settings) -> None:
    app = browse.visit(settings, "correlation", preset="classes")
    assert "Sector" not in [box.label for box in app.selectbox]
    early = iso(utc_now().replace(year=utc_now().year - 1))
    app = browse.visit(settings, "correlation", preset="list:mine", as_of=early)
    assert any("universe is shown" in said for said in browse.sentences(app))
    assert "Sector" in [box.label for box in app.selectbox]
