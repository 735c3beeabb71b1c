"""Codes of two lists of goods: 33 is petroleum in the SITC and perfumes in the HS."""

from __future__ import annotations

import pytest

from analytics.trade.dependency import trade_dependency
from analytics.trade.supply import trade_alternatives
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, bought_by_another, flow, table

SITC = {"product": "33", "classification": "S2"}
HS = {"product": "33", "classification": "HS2022"}
PAST = {"year": 2021}


def row(db: Db, country: str) -> dict[str, object]:
    found = trade_dependency(db.at(NOW), country=country, year=2022, products=["33"])
    return found.frame.row(0, named=True)


def test_petroleum_is_not_added_to_perfumes(lake: Lake, db: Db) -> None:
    """By its suppliers Germany bought perfumes for 90 + 10, and of Norway in petroleum 400."""
    rows = [flow("FRA", "DEU", 90.0, **HS, **past) for past in ({}, PAST)]
    rows += [flow("ITA", "DEU", 10.0, **HS, **past) for past in ({}, PAST)]
    lake.upsert("trade", table(*rows, *bought_by_another("FRA", "ITA")))
    alone = row(db, "DEU")
    assert (alone["verdict"], alone["top_supplier"], alone["edition"]) == ("high", "FRA", "HS2022")
    assert alone["top_share"] == pytest.approx(0.9)
    lake.upsert("trade", table(*(flow("NOR", "DEU", 400.0, **SITC, **p) for p in ({}, PAST))))
    mixed = row(db, "DEU")
    assert mixed["unspecified_usd"] == pytest.approx(424)
    assert mixed["coverage"] == pytest.approx(100 / 500)
    assert mixed["verdict"] == "insufficient coverage"


def test_petroleum_that_is_sold_is_no_perfume_that_a_report_lacks(lake: Lake, db: Db) -> None:
    """Germany itself reports perfumes of 100, all of them by supplier."""
    rows = [flow("DEU", code, 100.0, "import", **HS) for code in ("FRA", "WLD")]
    rows += [flow("NOR", buyer, 400.0, **SITC, **p) for p in ({}, PAST) for buyer in ("DEU", "USA")]
    rows += [flow("ITA", "USA", 50.0, **HS, **p) for p in ({}, PAST)]
    lake.upsert("trade", table(*rows))
    found = row(db, "DEU")
    assert (found["coverage"], found["unnamed_usd"], found["silent_usd"]) == (1.0, None, None)
    offers = trade_alternatives(db.at(NOW), country="DEU", product="33", year=2022).frame
    assert offers["supplier"].to_list() == ["FRA", "ITA"]


def test_a_buyer_whose_suppliers_all_report_in_the_sitc(lake: Lake, db: Db) -> None:
    rows = [flow("NOR", "DEU", 400.0, **SITC, **p) for p in ({}, PAST)]
    lake.upsert("trade", table(*rows, *bought_by_another("NOR")))
    found = row(db, "DEU")
    assert (found["verdict"], found["edition"]) == ("high", "S2")
