"""Codes of two lists of goods on the Trade page: 33 is petroleum in the SITC, not perfumes."""

from __future__ import annotations

import pytest

from data.lake import Lake
from data.settings import Settings
from tests.analytics.trade.flows_table import flow, table
from tests.pages import browse, world

OIL, SCENT = "33 · Petroleum", "33 · Perfumes and cosmetics"
CHOSEN = {"year": "1990", "product": "33", "country": "USA"}


def reports(year: int, edition: str) -> list[dict[str, object]]:
    """The United States and Norway on their trade in 33, and the totals."""
    more = {"year": year, "classification": edition}
    rows = []
    for goods in ("TOTAL", "33"):
        for partner in ("NOR", "WLD"):
            rows.append(flow("USA", partner, 80e6, "import", product=goods, **more))
            rows.append(flow("USA", partner, 20e6, product=goods, **more))
        for partner in ("USA", "CAN", "WLD"):
            rows.append(flow("NOR", partner, 75e6, product=goods, **more))
    return rows


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    held = world.settings(tmp_path_factory.mktemp("lists"))
    rows = [*reports(1990, "S2"), *reports(1989, "S2"), *reports(1996, "H1")]
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("trade", table(*(row | {"source": "demo"} for row in rows)))
    return held


@pytest.mark.parametrize("view", ["flows", "sides", "dependency", "position"])
@pytest.mark.parametrize("flow_of", ["export", "import"])
def test_goods_are_named_in_the_list_of_the_report(
    settings: Settings, view: str, flow_of: str
) -> None:
    fields = CHOSEN | {"view": view, "flow": flow_of}
    shown = browse.text(browse.visit(settings, "trade", **fields))
    assert OIL in shown
    assert SCENT not in shown
    later = browse.text(browse.visit(settings, "trade", **fields | {"year": "1996"}))
    assert SCENT in later
    assert OIL not in later


def test_two_sides_of_one_pair_are_named_by_either_side(settings: Settings) -> None:
    """Canada has not reported, the United States report imports from Norway."""
    for country, partner in (("USA", "NOR"), ("NOR", "CAN"), ("NOR", "USA")):
        fields = {"view": "sides", "country": country, "partner": partner, "year": "1990"}
        shown = browse.text(browse.visit(settings, "trade", **fields))
        assert OIL in shown
        assert SCENT not in shown


def test_what_suppliers_say_is_named_in_their_list(settings: Settings) -> None:
    fields = {"view": "dependency", "year": "1990", "flow": "import"}
    shown = browse.text(browse.visit(settings, "trade", country="NOR", **fields))
    assert OIL in shown
    assert SCENT not in shown


def test_a_shock_is_named_in_the_list_of_who_stops(settings: Settings) -> None:
    fields = {"view": "shock", "stops": "NOR", "goods": "33", "country": "NOR"}
    shown = browse.text(browse.visit(settings, "trade", **fields, year="1990"))
    assert f"Norway stops exporting {OIL}" in shown or f"NOR stops exporting {OIL}" in shown
    assert SCENT not in shown
    later = browse.text(browse.visit(settings, "trade", **fields, year="1996"))
    assert SCENT in later
