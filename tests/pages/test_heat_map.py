"""The map of tiles: what the browser is given are the rows of the answer, null stays null."""

from __future__ import annotations

import base64
import json
import math
import random
import re
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from data.lake import Lake
from data.settings import Settings
from pages.frame.cached import AnalyticCall, observe
from pages.frame.figures import price_text
from pages.heat.tile_columns import LONGEST, Tiles, lines, repeated
from tests import machine
from tests.pages import browse, world

HOSTILE = '<img src=x onerror="document.title=1"> {b} "\'&'
SCRIPTS = machine.ROOT / "pages" / "heat" / "static"


def numbers(text: str, kind: str) -> list[Any]:
    """What the browser decodes."""
    found: list[Any] = np.frombuffer(base64.b64decode(text), dtype=kind).tolist()
    return found


def words(column: dict[str, Any]) -> list[str]:
    """A column of repeated words as it was."""
    return [column["words"][place] for place in numbers(column["places"], "<u2")]


def market(count: int, **changes: Any) -> pl.DataFrame:
    """A market of shares with equal values unless they are changed."""
    columns: dict[str, Any] = {
        "symbol": [f"x:{n:05}" for n in range(count)],
        "ticker": [f"T{n}" for n in range(count)],
        "name": [f"Name {n}" for n in range(count)],
        "asset_class": ["equity"] * count,
        "currency": ["USD"] * count,
        "sector": [f"Sector {n % 3}" for n in range(count)],
        "date": [date(2020, 3, 13)] * count,
        "close": [10.0 + n for n in range(count)],
        "market_value": [float(count - n) for n in range(count)],
        "total_return": [n / 1000 for n in range(count)],
        "path": [[1.0, 3.0, 2.0]] * count,
        "headline": [None] * count,
        "headline_at": [None] * count,
    }
    kinds = {
        "market_value": pl.Float64,
        "total_return": pl.Float64,
        "sector": pl.String,
        "currency": pl.String,
        "headline": pl.String,
        "headline_at": pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(columns | changes, schema_overrides=kinds)


def test_tiles_come_by_group_and_area_the_largest_first() -> None:
    frame = market(5, market_value=[1.0, 2.0, 30.0, 4.0, 5.0])
    tiles = Tiles.of(frame)
    assert tiles.rows["symbol"].to_list() == ["x:00002", "x:00004", "x:00001", "x:00003", "x:00000"]
    sent = tiles.columns("total_return")
    assert words(sent["groups"]) == ["Sector 2", "Sector 1", "Sector 1", "Sector 0", "Sector 0"]
    assert numbers(sent["areas"], "<f4") == [30.0, 5.0, 2.0, 4.0, 1.0]


def test_what_is_not_known_is_no_number_and_no_word() -> None:
    frame = market(
        3,
        total_return=[0.1 + 0.2, None, 0.0],
        sector=["A", None, ""],
        currency=["CHF", None, "USD"],
        name=["Name", None, "Other"],
    )
    sent = Tiles.of(frame).columns("total_return")
    by_symbol = dict(zip(sent["symbols"], numbers(sent["values"], "<f8"), strict=True))
    assert by_symbol["x:00000"] == 0.1 + 0.2
    assert math.isnan(by_symbol["x:00001"])
    assert by_symbol["x:00002"] == 0.0
    units = dict(zip(sent["symbols"], words(sent["units"]), strict=True))
    assert units == {"x:00000": "CHF", "x:00001": "", "x:00002": "USD"}
    groups = dict(zip(sent["symbols"], words(sent["groups"]), strict=True))
    assert groups == {"x:00000": "A", "x:00001": "not stated", "x:00002": "not stated"}
    assert None in sent["names"]


def test_one_without_a_value_is_drawn_only_where_areas_are_equal() -> None:
    tiles = Tiles.of(market(4, market_value=[5.0, None, None, 2.0]))
    assert (tiles.by_value, tiles.without_value, tiles.rows.height) == (False, 0, 4)
    tiles = Tiles.of(market(4, market_value=[5.0, None, 1.0, 2.0]))
    assert (tiles.by_value, tiles.without_value, tiles.smaller) == (True, 1, 0)
    assert tiles.rows.height == 3
    mixed = market(4, asset_class=["equity", "fx", "fx", "rate"])
    tiles = Tiles.of(mixed)
    assert not tiles.by_value
    sent = tiles.columns("total_return")
    assert sent["areas"] is None
    assert words(sent["groups"]) == ["fx", "fx", "equity", "rate"]
    assert words(sent["units"])[-1] == "%"


def test_of_too_many_the_largest_are_drawn() -> None:
    tiles = Tiles.of(market(75_000))
    assert tiles.rows.height == 10_000
    assert (tiles.smaller, tiles.without_value) == (65_000, 0)
    assert tiles.rows["market_value"].min() == 65_001.0
    assert Tiles.of(market(7), most=7).smaller == 0


def test_headlines_are_cut_and_have_their_day() -> None:
    at = datetime(2020, 3, 12, 8, tzinfo=UTC)
    frame = market(3, headline=["x" * 500, "Short", None], headline_at=[at, at, None])
    sent = Tiles.of(frame).columns("total_return")
    found = dict(zip(sent["symbols"], sent["headlines"], strict=True))
    assert found == {"x:00000": "x" * LONGEST + "…", "x:00001": "Short", "x:00002": None}
    assert sorted(str(day) for day in sent["headline_days"]) == ["12 Mar", "12 Mar", "None"]


def test_lines_go_from_the_lowest_to_the_highest_close() -> None:
    given = [[1.0, 3.0, 2.0], [], None, [5.0, 5.0], [2.0, 1.0], [1.0, 1.0 - 1e-9, 2.0, 0.0]]
    sent = lines(pl.Series(given, dtype=pl.List(pl.Float64)))
    assert numbers(sent["lengths"], "u1") == [3, 0, 0, 2, 2, 4]
    assert numbers(sent["levels"], "u1") == [0, 255, 128, 0, 0, 255, 0, 128, 127, 255, 0]
    assert numbers(sent["rises"], "u1") == [1, 0, 0, 1, 0, 0]


def test_repeated_words_are_sent_once() -> None:
    days = pl.Series([date(2020, 3, 13), date(2020, 3, 12), date(2020, 3, 13)])
    sent = repeated(days, "%d %b %Y")
    assert sent["words"] == ["12 Mar 2020", "13 Mar 2020"]
    assert words(sent) == ["13 Mar 2020", "12 Mar 2020", "13 Mar 2020"]
    assert words(repeated(pl.Series(["b", "a", "b"]))) == ["b", "a", "b"]


def test_five_thousand_tiles_stay_below_a_megabyte() -> None:
    frame = market(5000, name=["A rather long name of a company"] * 5000)
    frame = frame.with_columns(path=pl.Series([[1.0 + n for n in range(30)]] * 5000))
    assert len(json.dumps(Tiles.of(frame).columns("total_return"))) < 1e6


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world, with a share whose name is markup and one that has not traded twice."""
    built = world.build(tmp_path_factory.mktemp("world"))
    add_odd_shares(built)
    return built


def add_odd_shares(held: Settings) -> None:
    """A share of a hostile name, and one with a single session, of which no move is known."""
    lake = Lake(held.lake, workspace=held.workspace)
    start = datetime.combine(world.last_day() - timedelta(days=400), world.CLOSE)
    listed = [
        {
            "symbol": f"demo:{symbol}",
            "ticker": ticker,
            "name": name,
            "asset_class": "equity",
            "sector": sector,
            "country": "USA",
            "currency": "USD",
            "shares_outstanding": 1e9,
            "known_at": start,
            "source": "demo",
        }
        for symbol, ticker, name, sector in (
            ("hostile", "<b>HOST</b>", HOSTILE, "<i>Sector</i>"),
            ("fresh", "FRESH", "Fresh", "New"),
        )
    ]
    lake.upsert("instruments", world.rows("instruments", listed), publish_id="odd-names")
    last = world.last_day()
    days = {"hostile": [last - timedelta(days=7), last], "fresh": [last]}
    bars = [
        {
            "symbol": f"demo:{symbol}",
            "asset_class": "equity",
            "date": day,
            "close": 80.0 + number,
            "currency": "USD",
            "known_at": datetime.combine(day, world.CLOSE),
            "source": "demo",
        }
        for symbol, sessions in days.items()
        for number, day in enumerate(sessions)
    ]
    lake.upsert("prices", world.rows("prices", bars), publish_id="odd-bars")


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ({}, "total_return"),
        ({"class": "all", "horizon": "1m"}, "total_return"),
        ({"measure": "z", "horizon": "1w"}, "z"),
    ],
)
def test_the_map_is_given_the_rows_of_its_answer(
    settings: Settings, query: dict[str, str], column: str
) -> None:
    calls: list[AnalyticCall] = []
    with observe(calls.append):
        app = browse.visit(settings, "heatmaps", **query)
    assert not app.exception
    (answer,) = (call.answer for call in calls if call.name.endswith("market_cards"))
    assert answer is not None
    rows = {row["symbol"]: row for row in answer.frame.iter_rows(named=True)}
    document = browse.component(app, "heat_map")
    sent = document["columns"]
    values = numbers(sent["values"], "<f8")
    assert len(values) == len(sent["symbols"]) >= 4
    for symbol, value, close in zip(
        sent["symbols"], values, numbers(sent["closes"], "<f8"), strict=True
    ):
        known = rows[symbol][column]
        assert math.isnan(value) if known is None else value == known
        assert close == rows[symbol]["close"]
    assert any(map(math.isnan, values))  # of the one with a single session
    assert document["figure"]["factor"] == (1 if column == "z" else 100)


def test_the_map_has_the_mark_and_the_clock(settings: Settings, tmp_path: Path) -> None:
    document = browse.component(browse.visit(settings, "heatmaps", as_of="2026-01-05"), "heat_map")
    assert document["mark"] == "DEMO · invented data"
    assert document["clock"] == "2026-01-05T00:00:00Z"
    real = world.build(tmp_path, "real")
    assert browse.component(browse.visit(real, "heatmaps"), "heat_map")["mark"] == ""


def test_the_legend_says_what_stands_in_the_table_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.heat.tile_columns.Tiles.of.__func__.__defaults__", (2,))
    app = browse.visit(settings, "heatmaps")
    legend = next(body for body in browse.bodies(app) if "b-legend" in body)
    assert re.search(r"the 2 largest are drawn, \d+ smaller ones are in the table only", legend)
    assert len(browse.component(app, "heat_map")["columns"]["symbols"]) == 2


@pytest.mark.needs("node")
def test_the_browser_writes_figures_as_the_server_does() -> None:
    rng = random.Random(5)
    moves = [n / 4000 for n in range(-400, 400)] + [rng.gauss(0, 0.04) for _ in range(3000)]
    prices = [n / 8 for n in range(-80, 4000)] + [rng.lognormvariate(3, 4) for _ in range(3000)]
    script = (
        f"import {{ writeMove, writePrice }} from '{SCRIPTS / 'tile_text.mjs'}';"
        f"const [moves, prices] = {json.dumps([moves, prices])};"
        "console.log(JSON.stringify([moves.map((v) => writeMove(v, "
        "{ factor: 100, unit: ' %' })), prices.map(writePrice)]));"
    )
    done = subprocess.run(
        [machine.require("node"), "--input-type=module"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
    )
    shown_moves, shown_prices = json.loads(done.stdout)
    assert shown_moves == [f"{100 * value:+z.1f} %".replace("-", "−") for value in moves]
    assert shown_prices == [price_text(price) for price in prices]
