"""The view Dependency of the Trade page: coverage first, and no score where it does not suffice."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from data.settings import Settings
from pages.world_trade.dependency_cells import HIDDEN
from tests.pages import browse, trade_reports, world

LAST = str(trade_reports.LAST)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world with the reports of Italy, whose main supplier of fuels is missing."""
    built = world.build(tmp_path_factory.mktemp("dependency"))
    trade_reports.add_trade(built)
    return built


def look(settings: Settings, country: str = "ITA", **query: str) -> AppTest:
    app = browse.visit(settings, "trade", view="dependency", country=country, year=LAST, **query)
    assert not app.exception
    return app


def row(app: AppTest, caption: str, first: str) -> list[str]:
    """The cells of the line of a table that begins so."""
    body = next(body for body in browse.bodies(app) if f"<caption>{caption}<" in body)
    line = next(line for line in re.split("<tr[^>]*>", body) if first in line)
    cells = re.findall("<td[^>]*>(.*?)</td>", line)
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in cells]


def test_coverage_stands_before_everything_else(settings: Settings) -> None:
    app = look(settings)
    shown = browse.text(app)
    assert shown.index("<h3>Coverage</h3>") < shown.index("<h3>Dependency by product</h3>")
    assert "27.5 %" in shown  # of 560 in all, 112 and 42 are named
    assert any(
        "Insufficient coverage: of what Italy bought" in said and "27.5 %" in said
        for said in browse.sentences(app)
    )
    assert "CIF, HS2022" in shown


def test_scores_by_hand_where_coverage_suffices(settings: Settings) -> None:
    """60, 30 and 10 of 100: HHI 0.36 + 0.09 + 0.01 = 0.46, as of 2.2 equal suppliers."""
    app = look(settings)
    assert row(app, "Dependency by product", "84 · ") == [
        *("84 · Machinery and computers", "100", "high", "China", "60.0", "4,600", "2.2"),
        *("100.00", "none", "Shock"),
    ]
    shown = browse.text(app)
    link = re.search('href="(trade[^"]+stops=CHN[^"]*)"', shown)
    assert link
    assert "view=shock" in link[1]
    assert "goods=84" in link[1]
    assert re.search('href="trade[^"]+partner=CHN[^"]+view=sides', shown)


def test_a_missing_main_exporter_is_no_spread_supply(settings: Settings) -> None:
    """Four even suppliers of 40 in 100 would be low concentration; Russia is named as missing."""
    app = look(settings)
    cells = row(app, "Dependency by product", "27 · ")
    assert cells == [
        *("27 · Mineral fuels and oils", "40", "insufficient coverage", "–", "–", "–", "–"),
        *("40.00", "Russia", ""),
    ]
    assert HIDDEN.reason in browse.text(app)
    assert "1 of 2 products are below the floor of 80 %" in browse.text(app)


def test_the_share_of_a_chosen_partner(settings: Settings) -> None:
    app = look(settings, partner="FRA")
    assert "France, %" in browse.text(app)
    assert row(app, "Dependency by product", "84 · ")[5] == "30.0"
    assert row(app, "Dependency by product", "27 · ")[5] == "–"


def test_suppliers_and_alternatives_of_a_product(settings: Settings) -> None:
    """China sold 45 kg in its best year and 40 now, at 2 dollars: 10 mn are spare, of 100."""
    app = look(settings, product="84")
    china = row(app, "Suppliers and alternatives", ">China<")
    assert china == [
        *("China", "60.00", "60.0", "0.00", "2.00", "10.00", "10.0", "weight"),
        *(str(trade_reports.LAST - 1), "Shock"),
    ]
    germany = row(app, "Suppliers and alternatives", ">Germany<")
    assert (germany[1], germany[-1]) == ("–", "")
    body = next(body for body in browse.bodies(app) if "<caption>Suppliers and alt" in body)
    assert body.index(">Suppliers<") < body.index(">Other exporters<") < body.index(">Germany<")
    assert "HHI 4,600" in body


def test_no_share_stands_beside_thin_coverage(settings: Settings) -> None:
    app = look(settings, product="27")
    assert any("40.0 %" in s and "No shares are given" in s for s in browse.sentences(app))
    norway = row(app, "Suppliers and alternatives", ">Norway<")
    assert (norway[1], norway[2], norway[6]) == ("10.00", "–", "–")
    body = next(body for body in browse.bodies(app) if "<caption>Suppliers and alt" in body)
    assert "<dt>Silent suppliers</dt><dd>1 <small>Russia</small>" in body


def test_the_screen_of_a_bloc_has_its_three_conditions(settings: Settings) -> None:
    app = look(settings, country="DEU,FRA")
    chemicals = row(app, "Screen of the bloc", "29 · ")
    assert chemicals[1] == "critical"
    assert chemicals[4:7] == ["10,000 met", "100.0 met", "0.06 met"]
    machines = row(app, "Screen of the bloc", "84 · ")
    assert machines[1] == "not critical"
    assert [cell.endswith("not met") for cell in machines[4:7]] == [False, False, True]
    assert "1 critical, 2 not critical, 0 with insufficient coverage" in browse.text(app)
    assert "Screen of the bloc" not in browse.text(look(settings))


def test_a_screen_of_few_members_is_said_to_be_one(settings: Settings) -> None:
    """Three members of the Union have reported; of the others the lake knows nothing."""
    app = look(settings, country="EU")
    (said,) = (s for s in browse.sentences(app) if "the screen rests" in s)
    assert "3 of 27 members have reported" in said
    assert "<dd>3 of 27 <small>account for" in browse.text(app)
    few = look(settings, country="DEU,FRA")
    assert not any("the screen rests" in s for s in browse.sentences(few))


def test_a_year_is_there_from_its_publication_on(settings: Settings) -> None:
    seen = []
    for moment in (trade_reports.PUBLISHED - timedelta(seconds=1), trade_reports.PUBLISHED):
        app = look(settings, as_of=iso(moment))
        seen.append(LAST in app.selectbox(key="trade_year").options)
    assert seen == [False, True]


def test_an_empty_lake_and_a_clock_before_all_say_so(settings: Settings, tmp_path: Path) -> None:
    empty = browse.visit(world.settings(tmp_path), "trade", view="dependency")
    assert not empty.exception
    assert "no rows yet" in browse.text(empty)
    early = browse.visit(settings, "trade", view="dependency", as_of="1999-01-04T12:00Z")
    assert not early.exception
    assert "was known at" in browse.text(early)


def test_unknown_goods_are_said(settings: Settings) -> None:
    app = look(settings, product="<b>27</b>")
    assert any("no product named" in said for said in browse.sentences(app))
    assert "<b>27</b>" not in browse.text(app)
