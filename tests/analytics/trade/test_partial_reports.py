"""Reports of one direction, of totals, or of the World alone: of the rest they say nothing."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from analytics.trade.dependency import trade_dependency
from analytics.trade.mirror import mirror_gaps, trade_pair
from analytics.trade.outcome import shock_outcome
from analytics.trade.shock import supply_shock
from analytics.trade.supply import trade_alternatives
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, bought_by_another, flow, month_flow, table

OIL = {"product": "27"}
PAST = {"product": "27", "year": 2021, "classification": "HS2022"}
# What Russia reports of the year, and whether that tells that it sold Germany no oil.
REPORTS = {
    "imports": ([flow("RUS", "CHN", 30.0, "import", **OIL)], False),
    "totals": ([flow("RUS", "CHN", 30.0)], False),
    "the World": ([flow("RUS", "WLD", 30.0, **OIL)], False),
    "another level": ([flow("RUS", "CHN", 30.0, product="270900")], False),
    "exports by partner": ([flow("RUS", "CHN", 30.0, product="84")], True),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_supplier_that_reports_something_else_is_silent(lake: Lake, db: Db, name: str) -> None:
    """Germany bought 60 of 100 from Russia a year ago, and now names 40 without it."""
    told, is_told = REPORTS[name]
    before = {"RUS": 60.0, "NOR": 20.0, "USA": 20.0, "WLD": 100.0}
    now = {"NOR": 20.0, "USA": 20.0, "WLD": 40.0}
    rows = [flow("DEU", code, value, "import", **PAST) for code, value in before.items()]
    rows += [flow("DEU", code, value, "import", **OIL) for code, value in now.items()]
    lake.upsert("trade", table(*rows, *told))
    (row,) = trade_dependency(
        db.at(NOW), country="DEU", year=2022, products=["27"]
    ).frame.to_dicts()
    assert row["silent_suppliers"] == (None if is_told else "RUS")
    assert row["coverage"] == pytest.approx(1.0 if is_told else 0.4)
    assert row["verdict"] == ("high" if is_told else "insufficient coverage")
    given: dict[str, Any] = {"exporters": ["RUS"], "products": ["27"], "year": 2021}
    (outcome,) = shock_outcome(db.at(NOW), **given).frame.to_dicts()
    assert outcome["state"] == ("happened" if is_told else "insufficient coverage")
    assert outcome["missing_sellers"] == (None if is_told else "RUS")


@pytest.mark.parametrize("name", REPORTS)
def test_an_exporter_that_reports_something_else_is_not_known(
    lake: Lake, db: Db, name: str
) -> None:
    """Of 300 that was sold a year ago Russia sold 200."""
    told, is_told = REPORTS[name]
    rows = [flow("RUS", "CHN", 200.0, **PAST), flow("NOR", "CHN", 100.0, **PAST)]
    rows += [flow("NOR", "DEU", 100.0, **OIL)]
    rows += [flow("DEU", code, 106.0, "import", **OIL) for code in ("NOR", "WLD")]
    lake.upsert("trade", table(*rows, *[row for row in told if row["partner"] != "WLD"]))
    frame = trade_alternatives(db.at(NOW), country="DEU", product="27", year=2022).frame
    assert frame["supply_coverage"][0] == pytest.approx(1.0 if is_told else 1 / 3)


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("name", ["imports", "exports", "totals", "World"])
def test_a_side_that_says_nothing_of_a_flow_is_not_one_that_says_none(
    lake: Lake, db: Db, name: str, level: int
) -> None:
    """Germany sells to China; China reports one thing and not another."""
    goods = {"product": "84"} if level else {}
    other = {
        "imports": [flow("CHN", "JPN", 5.0, "import", **goods)],
        "exports": [flow("CHN", "JPN", 5.0, **goods)],
        "totals": [flow("CHN", "JPN", 5.0, "import")],
        "World": [flow("CHN", "WLD", 5.0, "import", **goods)],
    }[name]
    lake.upsert("trade", table(flow("DEU", "CHN", 33.0, **goods), *other))
    is_told = name == "imports" or (name == "totals" and level == 0)
    (row,) = trade_pair(
        db.at(NOW), country="DEU", partner="CHN", year=2022, level=level
    ).frame.to_dicts()
    assert row["flag"] == ("one_sided" if is_told else "unverifiable")
    assert row["reconciled_usd"] == 33
    gaps = mirror_gaps(db.at(NOW), year=2022, level=level).frame
    assert ("CHN" in gaps.filter(seller="DEU")["buyer"].to_list()) == is_told


@pytest.mark.parametrize("kind", ["import", "export"])
def test_the_same_of_months(lake: Lake, db: Db, kind: str) -> None:
    rows = [
        month_flow("DEU", "CHN", 33.0, "2024-05"),
        month_flow("CHN", "JPN", 5.0, "2024-05", kind),
    ]
    lake.upsert("trade_months", table(*rows))
    frame = trade_pair(db.at(NOW), country="DEU", partner="CHN", month="2024-05").frame
    assert frame["flag"].to_list() == ["one_sided" if kind == "import" else "unverifiable"]


def test_a_product_is_judged_alike_alone_and_beside_others(lake: Lake, db: Db) -> None:
    """Germany reports machines by partner and no oil, and Russia says that it sold oil: what it
    bought is not known, whichever goods are asked for with it. France reports nothing."""
    rows = [flow("RUS", buyer, 100.0, **given) for buyer in ("DEU", "FRA") for given in (OIL, PAST)]
    for goods in ({"product": "84"}, {}):
        rows += [flow("DEU", code, 10.0, "import", **goods) for code in ("CHN", "WLD")]
    lake.upsert("trade", table(*rows, *bought_by_another("RUS")))
    at = db.at(NOW)
    every = trade_dependency(at, country="DEU", year=2022).frame.filter(product="27")
    alone = trade_dependency(at, country="DEU", year=2022, products=["27"]).frame
    assert alone.row(0) == every.row(0)
    assert every["verdict"].to_list() == ["insufficient coverage"]
    for products in (["27"], ["27", "84"], ["27", "TOTAL"]):
        losses = supply_shock(at, exporters=["RUS"], products=products, year=2022).frame
        of_others = losses.filter(pl.col("importer") != "ISL")
        assert of_others["importer"].to_list() == ["FRA"]
        assert of_others["verdict"].to_list() == ["known"]
        assert of_others["is_own_report"].to_list() == [False]
