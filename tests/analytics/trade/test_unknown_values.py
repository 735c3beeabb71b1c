"""Values and weights that a report leaves open: none of them is a zero, and none prices goods."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.trade.advantage import intra_industry
from analytics.trade.flows import trade_partners
from analytics.trade.supply import trade_alternatives
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, flow, table

OIL = {"product": "27"}


def test_a_weight_of_zero_beside_a_value_prices_nothing(lake: Lake, db: Db) -> None:
    """100 dollars of 50 kg and 100 of a weight not stated are no 200 dollars of 50 kg."""
    rows = [
        flow("NOR", "DEU", 100.0, net_weight_kg=50.0, **OIL),
        flow("NOR", "FRA", 100.0, net_weight_kg=0.0, **OIL),
        flow("DEU", "NOR", 106.0, "import", **OIL),
        flow("DEU", "WLD", 106.0, "import", **OIL),
    ]
    lake.upsert("trade", table(*rows))
    at = db.at(NOW)
    offer = trade_alternatives(at, country="DEU", product="27", year=2022).frame
    assert offer["unit_value_usd_kg"].to_list() == [None]
    lines = trade_partners(at, country="NOR", year=2022, product="27", top=1).frame
    price = dict(lines.select("code", "unit_value_usd_kg").iter_rows())
    assert price == {"DEU": 2.0, "other": None, "sum": None}
    # The same with a weight stated is priced: 200 dollars of 100 kg.
    later = {"known_at": datetime(2024, 1, 1, tzinfo=UTC)}
    lake.upsert("trade", table(flow("NOR", "FRA", 100.0, net_weight_kg=50.0, **OIL, **later)))
    offer = trade_alternatives(db.at(NOW), country="DEU", product="27", year=2022).frame
    assert offer["unit_value_usd_kg"].to_list() == [2.0]


def test_a_weight_without_a_value_prices_nothing(lake: Lake, db: Db) -> None:
    rows = [
        flow("NOR", "DEU", 100.0, net_weight_kg=50.0, **OIL),
        flow("NOR", "FRA", None, net_weight_kg=50.0, **OIL),
    ]
    lake.upsert("trade", table(*rows))
    lines = trade_partners(db.at(NOW), country="NOR", year=2022, product="27").frame
    assert lines.filter(kind="sum")["unit_value_usd_kg"].to_list() == [None]


def test_sales_without_a_value_are_not_none(lake: Lake, db: Db) -> None:
    rows = [
        flow("DEU", "NOR", 106.0, "import", **OIL),
        flow("DEU", "WLD", 106.0, "import", **OIL),
        flow("NOR", "FRA", None, net_weight_kg=50.0, **OIL),
    ]
    lake.upsert("trade", table(*rows))
    offer = trade_alternatives(db.at(NOW), country="DEU", product="27", year=2022).frame
    assert offer["exports_usd"].to_list() == [None]
    assert offer["elsewhere_usd"].to_list() == [None]


def test_trade_both_ways_without_a_value(lake: Lake, db: Db) -> None:
    """27 is sold at a value not stated, 84 is sold for 50 and bought for 60, 90 is not sold."""
    rows = [
        flow("DEU", "WLD", None, net_weight_kg=5.0, **OIL),
        flow("DEU", "WLD", 100.0, "import", **OIL),
        flow("DEU", "WLD", 50.0, product="84"),
        flow("DEU", "WLD", 60.0, "import", product="84"),
        flow("DEU", "WLD", 10.0, "import", product="90"),
    ]
    lake.upsert("trade", table(*rows))
    frame = intra_industry(db.at(NOW), country="DEU", year=2022).frame
    found = {row["product"]: row for row in frame.iter_rows(named=True)}
    names = ("exports_usd", "grubel_lloyd", "balance_usd", "cover_ratio")
    assert [found["27"][name] for name in names] == [None] * 4
    assert [found["90"][name] for name in names] == [0.0, 0.0, -10.0, 0.0]
    # Over the goods of which both directions are known: |50 - 60| + |0 - 10| of 120.
    assert found["all"]["grubel_lloyd"] == pytest.approx(1 - 20 / 120)
    assert found["all"]["balance_usd"] == -20.0
