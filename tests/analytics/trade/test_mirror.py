"""One flow as both sides report it: the four numbers by hand, flags, estimate, gaps and hubs."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from analytics.trade.mirror import mirror_gaps, trade_hubs, trade_pair
from data.lake import Lake
from data.query import Db
from ingest.sources.demo_world.trade import HUBS, is_late
from tests.analytics.trade.flows_table import NOW, flow, table
from tests.demo_fixture import DemoLake


def pair(db: Db, seller: str = "DEU", buyer: str = "FRA") -> dict[str, object]:
    frame = trade_pair(db.at(NOW), country=seller, partner=buyer, year=2022).frame
    return frame.filter(pl.col("seller") == seller).row(0, named=True)


def test_the_four_numbers_by_hand(lake: Lake, db: Db) -> None:
    """100 out and 108 in: 108 / 1.06 = 101.8868 FOB, 1.8868 over the mean of 100.9434 is 0.0187."""
    lake.upsert("trade", table(flow("DEU", "FRA", 100.0), flow("FRA", "DEU", 108.0, "import")))
    found = pair(db)
    assert (found["exports_usd"], found["imports_usd"]) == (100, 108)
    assert found["imports_fob_usd"] == pytest.approx(101.8868, abs=5e-5)
    assert found["gap"] == pytest.approx(0.0187, abs=5e-5)
    assert found["flag"] == "agrees"
    assert found["reconciled_usd"] == pytest.approx((100 + 108 / 1.06) / 2)
    assert found["rule"] == "weighted by agreement"


def test_an_importer_that_reports_fob_pays_no_freight(lake: Lake, db: Db) -> None:
    told = flow("FRA", "DEU", 108.0, "import", valuation="FOB")
    lake.upsert("trade", table(flow("DEU", "FRA", 100.0), told))
    found = pair(db)
    assert found["imports_fob_usd"] == 108
    assert found["gap"] == pytest.approx(8 / 104)
    assert found["imports_valuation"] == "FOB"


def test_what_is_missing_is_no_zero(lake: Lake, db: Db) -> None:
    """France names nothing from Germany, Spain has not reported, Italy states a zero."""
    lake.upsert(
        "trade",
        table(
            flow("DEU", "FRA", 100.0),
            flow("FRA", "USA", 5.0, "import"),
            flow("DEU", "ESP", 50.0),
            flow("DEU", "ITA", 10.0),
            flow("ITA", "DEU", 0.0, "import"),
        ),
    )
    one, none, zero = (pair(db, buyer=code) for code in ("FRA", "ESP", "ITA"))
    assert (one["flag"], one["gap"], one["imports_usd"]) == ("one_sided", None, None)
    assert (one["reconciled_usd"], one["rule"]) == (100, "exporter alone")
    assert (none["flag"], none["gap"]) == ("unverifiable", None)
    assert (zero["flag"], zero["gap"]) == ("one_sided", -2.0)
    ranked = mirror_gaps(db.at(NOW), year=2022).frame
    assert ranked.filter(pl.col("buyer") == "ESP").is_empty()
    assert ranked["buyer"].to_list()[0] == "FRA"


def test_other_editions_of_a_product_have_no_gap(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade",
        table(
            flow("DEU", "FRA", 100.0, product="84"),
            flow("FRA", "DEU", 300.0, "import", product="84", classification="H5"),
        ),
    )
    frame = trade_pair(db.at(NOW), country="DEU", partner="FRA", year=2022, level=2).frame
    assert frame.row(0, named=True)["flag"] == "editions_differ"
    assert frame["gap"].to_list() == [None]
    assert frame["reconciled_usd"].to_list() == [None]
    assert frame["imports_edition"].to_list() == ["HS2017"]


def test_the_estimate_leans_to_who_agrees_with_others(lake: Lake, db: Db) -> None:
    """Germany agrees with Italy on 100 and not with France; France agrees with nobody."""
    lake.upsert(
        "trade",
        table(
            flow("DEU", "ITA", 100.0),
            flow("ITA", "DEU", 106.0, "import"),
            flow("DEU", "FRA", 100.0),
            flow("FRA", "DEU", 212.0, "import"),
        ),
    )
    found = pair(db)
    assert found["gap"] == pytest.approx(100 / 150)
    assert found["exporter_agreement"] == pytest.approx(100 / 250)
    assert found["importer_agreement"] == 0.0
    assert found["reconciled_usd"] == pytest.approx(100.0)


def test_the_planted_hubs_are_found_and_no_other(demo_lake: DemoLake) -> None:
    found = trade_hubs(demo_lake.at(), year=2021, level=2).frame
    planted = {code for code in HUBS if code in found["country"].to_list()}
    assert planted
    assert set(found.filter("is_hub")["country"]) == planted
    assert found["country"][0] in planted


def test_planted_gaps_rank_first(demo_lake: DemoLake) -> None:
    """The largest relative gaps are those drawn with four times the usual error, or go to a hub.

    Errors of 3.5 and 4.5 % alone make a gap above 0.2 at 3.5 sigmas: one in 2,000.
    """
    at = demo_lake.at()
    ranked = mirror_gaps(at, year=2021, level=2, by="gap", top=1000).frame
    gaps = ranked.drop_nulls("gap")
    assert gaps["gap"].abs().is_sorted(descending=True)
    rows = ranked.filter(flag="gap")
    assert (rows["gap"].abs() > 0.2).all()
    raw = at.sql(
        "SELECT x.reporter AS seller, x.partner AS buyer, x.product, x.value_usd AS x, "
        "m.value_usd AS m FROM trade x JOIN trade m ON m.reporter = x.partner "
        "AND m.partner = x.reporter AND m.product = x.product AND m.year = x.year "
        "WHERE x.year = 2021 AND x.flow = 'export' AND m.flow = 'import' AND x.product <> 'TOTAL'"
    ).frame
    fob = raw["m"].to_numpy() / 1.06
    slow = (fob - raw["x"].to_numpy()) / ((fob + raw["x"].to_numpy()) / 2)
    assert rows.height == int((np.abs(slow) > 0.2).sum())


def test_late_reporters_cannot_be_verified(demo_lake: DemoLake) -> None:
    """At the end of the year after, who always reports a year later has told nothing of it."""
    at = demo_lake.at(datetime(2022, 12, 31, tzinfo=UTC))
    late = [code for code in ("CHN",) if is_late(code)]
    frame = trade_pair(at, country="USA", partner=late[0], year=2021).frame
    assert set(frame["flag"]) == {"unverifiable"}
