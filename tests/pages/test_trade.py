"""The Trade page: figures against the rows by hand, clocks before a report, and what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from ingest.lists import listed
from pages.frame import charts
from pages.frame.theme import palette
from pages.world_trade.flows_view import _goods_name
from pages.world_trade.words import AREAS
from tests.pages import browse, trade_rows, world

DAYS = [world._at(day) for day in world._weekdays(world.last_day(), world.SESSIONS)]
LAST = DAYS[-1].year - 2


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace for all tests: nothing here writes."""
    return world.build(tmp_path_factory.mktemp("trade"))


def exports(reporter: str, year: int = LAST) -> dict[str, float]:
    """What a reporter sold to each partner, in bn, as its rows say after the correction."""
    found = {}
    for partner in trade_rows.PARTNERS:
        if partner != reporter:
            parts = [trade_rows.sold(reporter, partner, c, year) for c in trade_rows.CHAPTERS]
            lifted = 1.5 if (reporter, partner, year) == ("DEU", "USA", LAST) else 1.0
            found[partner] = (parts[0] * lifted + parts[1]) / 1e9
    return found


def test_figures_are_those_of_the_rows(settings: Settings) -> None:
    """The World and the partners of the United States, whose rows were never corrected."""
    shown = browse.text(browse.visit(settings, "trade", country="USA"))
    sold = exports("USA")
    assert f"USD {sum(sold.values()):,.1f} bn" in shown
    for name, code in (("Germany", "DEU"), ("CHN", "CHN"), ("FRA", "FRA")):
        assert name in shown
        assert f"{sold[code]:,.1f}" in shown
    assert "FOB, HS2022" in shown
    assert "World, as reported" in shown
    assert "Mineral fuels and oils" in shown


def test_a_year_is_there_from_its_publication_on(settings: Settings) -> None:
    """An hour before and after the evening on which the United States publish."""
    before, after = DAYS[99], DAYS[101]
    early = browse.visit(settings, "trade", country="USA", as_of=iso(before))
    late = browse.visit(settings, "trade", country="USA", as_of=iso(after))
    assert early.selectbox(key="trade_year").options[0] == str(LAST - 1)
    assert late.selectbox(key="trade_year").options[:2] == [str(LAST), str(LAST - 1)]
    assert early.selectbox(key="trade_year").options[1] == f"{LAST - 2} (not reported)"


def test_who_has_not_reported_is_named(settings: Settings) -> None:
    """France reports last: until then it is late or expected, and no zero."""
    clock = iso(DAYS[300])
    shown = browse.text(browse.visit(settings, "trade", country="USA", year=str(LAST), as_of=clock))
    assert "2 reporters, 1 has not reported yet: FRA" in shown
    assert "missing, not zero" in shown


def test_four_numbers_of_a_pair(settings: Settings) -> None:
    app = browse.visit(settings, "trade", view="sides", country="USA", partner="DEU")
    shown = browse.text(app)
    sold = exports("USA")["DEU"]
    assert "United States to Germany" in shown
    assert f"{sold:,.2f}" in shown
    assert f"{sold * trade_rows.CIF:,.2f}" in shown
    assert "sides agree" in shown
    assert "None is inferred" in shown


def test_a_side_that_never_reports_is_said(settings: Settings) -> None:
    shown = browse.text(browse.visit(settings, "trade", view="sides", country="USA"))
    assert "one side has not reported" in shown
    assert "exporter alone" in shown


def test_a_group_has_no_sides_and_counts_its_own_trade_apart(settings: Settings) -> None:
    sides = browse.text(browse.visit(settings, "trade", view="sides", country="EU"))
    assert "European Union is a group" in sides
    flows = browse.text(browse.visit(settings, "trade", country="DEU,FRA"))
    assert "Trade among members" in flows


def test_position_has_advantage_and_model(settings: Settings) -> None:
    shown = browse.text(browse.visit(settings, "trade", view="position", country="USA"))
    for title in ("Comparative advantage", "Trade both ways", "Similar exporters", "intensity"):
        assert title in shown
    assert "it says little of so few goods" in shown


def test_an_empty_lake_and_a_clock_before_all_say_so(settings: Settings, tmp_path: Path) -> None:
    nothing = browse.text(browse.visit(world.settings(tmp_path), "trade"))
    assert "no rows yet" in nothing or "This lake is empty" in nothing
    early = browse.text(browse.visit(settings, "trade", as_of="1999-01-04T12:00Z"))
    assert "was known at" in early


def test_what_the_address_gets_wrong_is_said(settings: Settings) -> None:
    shown = browse.text(
        browse.visit(settings, "trade", country="<b>X</b>", year="1066", partner="?", level="5")
    )
    assert shown.count("There is no") >= 4
    assert "<b>X</b>" not in "".join(browse.bodies(browse.arrive("trade")))


def test_the_whole_of_a_group_is_what_its_history_has(settings: Settings) -> None:
    """Trade among members is no part of what the group exports, in the number or in the chart."""

    def sold(to: str) -> float:
        """By Germany and France; the correction of a chapter left the totals as they were."""
        of = [(code, chapter) for code in ("DEU", "FRA") for chapter in trade_rows.CHAPTERS]
        return sum(trade_rows.sold(code, to, c, LAST) for code, c in of if code != to) / 1e9

    outside, inside = sold("USA") + sold("CHN"), sold("DEU") + sold("FRA")
    shown = browse.text(browse.visit(settings, "trade", country="DEU,FRA", year=str(LAST)))
    assert f"USD {outside:,.1f} bn" in shown
    assert f"USD {outside + inside:,.1f} bn" not in shown
    assert "with countries outside" in shown


def test_a_part_of_a_chapter_is_not_drawn_under_the_name_of_the_whole() -> None:
    names = [_goods_name(code, "HS2022") for code in ("84", "8471", "847130")]
    assert not names[0].startswith("84")
    assert len(set(names)) == 3
    assert names[1].startswith("8471") and names[2].startswith("847130")


def test_a_partner_that_is_no_country_of_today_has_a_name() -> None:
    countries = listed("countries", "iso3")
    codes = {row["iso3"] for row in listed("comtrade_areas", "code").values()} - {"", "WLD"}
    others = {code for code in codes if countries.get(code, {"until": "-"})["until"]}
    assert {"XNS", "SUN"} <= others <= AREAS.keys()


def test_a_name_in_a_picture_is_no_markup() -> None:
    name = '<a href="https://far.example">x</a>'
    links = [charts.Link(name, "Germany", 1.0)]
    tiles = [charts.Tile("84", name, "Goods", 1.0, None, "1.0")]
    drawn = (
        charts.sankey(links, palette("dark"), unit="USD mn").to_dict()["data"][0]["node"]["label"],
        charts.treemap(tiles, palette("dark"), limit=0.25).to_dict()["data"][0]["labels"],
    )
    for labels in drawn:
        assert any(label.startswith("&lt;a ") for label in labels)
        assert not any("<" in label for label in labels)


def test_a_lake_of_months_alone_has_a_page(tmp_path: Path) -> None:
    """Two months and no year: the later one is shown, and nothing to compare it with."""
    held = world.settings(tmp_path)
    month = date(DAYS[-1].year - 1, 3, 1)
    base = {
        "reporter": "DEU",
        "product": "TOTAL",
        "flow": "export",
        "period": month,
        "valuation": "FOB",
        "classification": "HS2022",
        "known_at": datetime.combine(month + timedelta(days=60), time(12), UTC),
        "source": "demo",
    }
    rows = [base | {"partner": p, "value_usd": v} for p, v in (("FRA", 3e9), ("WLD", 4e9))]
    rows += [row | {"period": date(month.year - 1, 1, 1)} for row in rows]
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("trade_months", world.rows("trade_months", rows), publish_id="months-alone")
    app = browse.visit(held, "trade")
    assert not app.exception
    shown = browse.text(app)
    assert f"{month:%b %Y}" in shown
    assert "USD 4,000.0 mn" in shown
    assert f"no growth in {month:%b %Y}: the month a year before is missing" in shown
