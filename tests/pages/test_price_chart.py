"""The price chart and its indicators: what is drawn where, and that nothing later changes it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from data.settings import Settings
from pages.frame.theme import DARK
from pages.instruments.price_chart import (
    ComparedLine,
    LevelLine,
    compared_series,
    drawn_lines,
    level_panes,
    line_name,
)
from pages.server.vendor import CHARTS, CHARTS_ADDRESS, VENDOR_ROUTES
from tests.pages import browse, world

DAYS = [date(2024, 3, 4) + timedelta(days=number) for number in range(3)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return world.build(tmp_path_factory.mktemp("world"))


def test_lines_lie_over_the_price_or_in_panes_below_it() -> None:
    bars = pl.DataFrame({"date": DAYS})
    found = pl.DataFrame({"date": DAYS[1:], "sma_2": [1.5, None], "rsi_14": [61.5, 40.0]})
    overlays, panes = drawn_lines(bars, found, ["sma_2", "rsi_14"], DARK)
    assert [(line["name"], line["values"]) for line in overlays] == [("SMA 2", [None, 1.5, None])]
    (pane,) = panes
    assert pane["title"] == "RSI 14"
    assert [(line["values"], line["levels"]) for line in pane["lines"]] == [
        ([None, 61.5, 40.0], (30.0, 70.0))
    ]
    assert drawn_lines(bars, None, ["sma_2"], DARK) == ([], [])


def test_a_compared_line_has_the_days_of_the_bars_and_gaps_where_it_has_none() -> None:
    bars = pl.DataFrame({"date": DAYS})
    closes = pl.DataFrame({"date": [date(2024, 3, 3), DAYS[0], DAYS[2]], "value": [9.0, 100, 50]})
    lines = [ComparedLine(name, closes) for name in "ABCDEFG"]
    drawn = compared_series(bars, lines, DARK)
    assert [line["name"] for line in drawn] == list("ABCDEFG")
    assert drawn[0]["values"] == [100.0, None, 50.0]
    assert len({line["color"] for line in drawn[:6]}) == 6
    assert DARK.accent not in {line["color"] for line in drawn}


def test_levels_stand_in_a_pane_for_each_unit() -> None:
    bars = pl.DataFrame({"date": DAYS})
    levels = pl.DataFrame({"date": [date(2024, 3, 3), DAYS[0], DAYS[2]], "value": [9.0, 2.5, 3.0]})
    units = {"DGS10": "percent", "DGS10 - DGS2": "percentage points", "yoy(CPI)": "percent"}
    panes = level_panes(bars, [LevelLine(name, unit, levels) for name, unit in units.items()], DARK)
    assert [pane["title"] for pane in panes] == ["percent", "percentage points"]
    rates, difference = (pane["lines"] for pane in panes)
    assert [line["name"] for line in rates] == ["DGS10, percent", "yoy(CPI), percent"]
    assert rates[0]["values"] == [2.5, None, 3.0]
    assert len({line["color"] for line in [*rates, *difference]}) == 3


@pytest.mark.parametrize(
    ("column", "name"),
    [("sma_50", "SMA 50"), ("macd_signal", "MACD signal"), ("bollinger_upper", "Bollinger upper")],
)
def test_a_line_has_a_name(column: str, name: str) -> None:
    assert line_name(column) == name


def test_chosen_indicators_stand_in_a_table_with_a_receipt(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="demo:equity0", ind="sma_20,rsi_14,macd")
    assert not app.exception
    shown = next(body for body in browse.bodies(app) if "<caption>Indicators" in body)
    for name in ("SMA 20", "RSI 14", "MACD signal"):
        assert f">{name}<" in shown


def test_an_indicator_that_does_not_exist_is_one_sentence(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="demo:equity0", ind="rsi_14,sma_0,<b>,")
    assert not app.exception
    said = " ".join(browse.sentences(app))
    assert "windows of 1 to 1000 sessions" in said
    assert "There is no indicator" in said
    shown = next(body for body in browse.bodies(app) if "<caption>Indicators" in body)
    assert ">RSI 14<" in shown


def test_a_formula_is_drawn_and_a_broken_one_is_one_sentence(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="demo:equity0", f="demo:equity0 / demo:equity1")
    assert not app.exception
    assert any("Formula: demo:equity0 / demo:equity1" in body for body in browse.bodies(app))
    charts = len(app.get("plotly_chart"))
    app = browse.visit(settings, "instrument", id="demo:equity0", f="demo:equity0 /")
    assert not app.exception
    assert any("expected a name or number" in said.lower() for said in browse.sentences(app))
    assert len(app.get("plotly_chart")) == charts - 1


def test_raw_prices_bear_no_lines_of_adjusted_ones(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="demo:equity0", ind="sma_20", prices="raw")
    assert not any("<caption>Indicators" in body for body in browse.bodies(app))
    assert any("drawn with adjusted prices" in caption.value for caption in app.caption)


def test_the_library_comes_from_this_server_as_a_script() -> None:
    answer = TestClient(Starlette(routes=VENDOR_ROUTES)).get(CHARTS_ADDRESS)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text == CHARTS.read_text(encoding="utf-8")
    version = CHARTS_ADDRESS.rpartition("-")[2].removesuffix(".js")
    assert f"Charts™ v{version}" in answer.text[:200]


def test_its_notice_and_the_link_are_kept() -> None:
    root = Path(__file__).resolve().parents[2]
    assert "Lightweight Charts" in (root / "THIRD_PARTY.md").read_text(encoding="utf-8")
    module = root / "pages" / "frame" / "trading_chart.py"
    assert "https://www.tradingview.com/" in module.read_text(encoding="utf-8")
