"""Flows by product and partner, and both sides of every partner, by hand."""

from __future__ import annotations

import pytest

from analytics.trade.mirror import trade_pair
from analytics.trade.pictures import trade_links, trade_map
from analytics.trade.sides import trade_sides
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, flow, table


def test_links_leave_nothing_out_and_count_nothing_twice(lake: Lake, db: Db) -> None:
    """Six flows of 21 in all; the largest of each side by name, the rest as one each."""
    rows = [
        flow("DEU", "FRA", 6.0, product="27"),
        flow("DEU", "FRA", 1.0, product="84"),
        flow("DEU", "USA", 5.0, product="27"),
        flow("DEU", "USA", 2.0, product="10"),
        flow("DEU", "_X", 4.0, product="27"),
        flow("DEU", "CHN", 3.0, product="99"),
    ]
    world = [flow("DEU", "WLD", 21.0, product="27"), flow("DEU", "WLD", 21.0)]
    lake.upsert("trade", table(*rows, *world, flow("DEU", "DEU", 9.0, product="27")))
    found = trade_links(db.at(NOW), country="DEU", year=2022, top=1).frame
    values = {(row["product"], row["partner"]): row["value_usd"] for row in found.to_dicts()}
    assert values == {
        ("27", "FRA"): 6.0,
        ("27", "other"): 9.0,
        ("other", "FRA"): 1.0,
        ("other", "other"): 5.0,
    }
    assert found["share"].sum() == pytest.approx(1.0)
    wide = trade_links(db.at(NOW), country="DEU", year=2022, top=9).frame
    kept = {(row["product"], row["partner"]): row["value_usd"] for row in wide.to_dicts()}
    assert kept["27", "unspecified"] == 4.0
    assert kept["unspecified", "CHN"] == 3.0
    assert wide["value_usd"].sum() == 21.0


def test_a_partner_without_a_place_is_on_no_map_and_in_the_table(lake: Lake, db: Db) -> None:
    known = {"known_at": NOW.replace(year=2000), "vintage_grade": "native", "source": "rest"}
    lake.upsert(
        "countries",
        table({"country": "FRA", "name": "France", "iso_numeric": 250, "region": "Europe"} | known),
    )
    lake.upsert("trade", table(flow("DEU", "FRA", 6.0), flow("DEU", "XYZ", 1.0)))
    found = trade_map(db.at(NOW), country="DEU", year=2022).frame
    assert found.select("country", "iso_numeric").rows() == [("FRA", 250), ("XYZ", None)]


def test_both_sides_of_each_partner(lake: Lake, db: Db) -> None:
    """106 CIF are 100 FOB; a partner that has not reported leaves one side alone."""
    rows = [
        flow("DEU", "FRA", 80.0),
        flow("FRA", "DEU", 106.0, "import"),
        flow("DEU", "CHN", 50.0),
        flow("FRA", "USA", 7.0),
    ]
    lake.upsert("trade", table(*rows))
    found = trade_sides(db.at(NOW), country="DEU", year=2022).frame
    first, second = found.to_dicts()
    assert (first["buyer"], first["exports_usd"], first["imports_fob_usd"]) == ("FRA", 80.0, 100.0)
    assert first["gap"] == pytest.approx(20 / 90)
    assert first["flag"] == "gap"
    assert first["reconciled_usd"] == pytest.approx(90.0)
    assert (second["buyer"], second["flag"], second["gap"]) == ("CHN", "unverifiable", None)
    assert second["rule"] == "exporter alone"
    pair = trade_pair(db.at(NOW), country="DEU", partner="FRA", year=2022).frame
    assert set(found.columns) == set(pair.columns)
    assert found.row(0, named=True) == pair.filter(seller="DEU").select(found.columns).to_dicts()[0]
    bought = trade_sides(db.at(NOW), country="FRA", year=2022, flow="import").frame
    assert bought["seller"].to_list() == ["DEU"]
