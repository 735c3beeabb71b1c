"""Trade and rates of a country's profile: the balance beside rates, commodities, terms of trade."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from data.settings import Settings
from pages.macro.country_ties import by_size, in_segments, quotation, span
from tests.pages import browse, trade_reports, world

LAST = trade_reports.LAST


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world with Italy's trade, and Guyana, of which only the name is known."""
    built = world.build(tmp_path_factory.mktemp("world"))
    world.add_named(built)
    trade_reports.add_trade(built)
    return built


def lines(app: AppTest, number: int) -> dict[str, list[Any]]:
    """The courses of a chart by their names."""
    spec = json.loads(app.get("plotly_chart")[number].proto.spec)
    return {trace["name"]: trace for trace in spec["data"]}


def table(app: AppTest, caption: str) -> str:
    return next(body for body in browse.bodies(app) if f"<caption>{caption}" in body)


def test_the_balance_stands_beside_both_kinds_of_rates(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="ITA", tab="ties", partner="USA")
    assert not app.exception
    assert [said for said in browse.sentences(app) if "tick bus" not in said] == []
    drawn = lines(app, 0)
    assert list(drawn) == [
        *("exports", "imports", "balance", "EUR/USD"),
        *("policy rate, Italy", "policy rate, United States"),
    ]
    years = table(app, "Trade and rates by year")
    for head in ("exports FOB, USD mn", "imports CIF, USD mn", ">EUR/USD<", "difference, pp"):
        assert head in years
    last = re.sub("<[^>]+>", "|", years.partition("<tbody>")[2].partition("</tr>")[0])
    cells = [cell for cell in last.split("|") if cell]
    assert cells == [str(LAST), "70.00", "42.00", "▲ +28.00", "1.67", "1.1400", "▲ +0.88"] + [
        *("4.00", "5.00", "▼ −1.00")
    ]
    shown = " ".join(browse.bodies(app))
    assert "HS2022, exports FOB, imports CIF, as Italy reports them" in shown
    assert shown.count("Two things that move together are not cause and effect.") == 1
    assert 'href="trade?country=ITA&amp;partner=USA"' in shown
    assert "<caption>Profile" not in shown


def test_the_partner_with_most_trade_comes_first(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="ITA", tab="ties")
    box = app.selectbox(key="countries_partner")
    assert (box.value, box.options[:2]) == ("FRA", ["FRA · France", "USA · United States"])
    shown = " ".join(browse.bodies(app))
    assert "EUR/" not in shown  # both use the euro
    assert "Not known at this clock: policy rate of France." in shown
    box.select("USA").run()
    assert browse.asked(app, "partner") == "USA"


def test_a_pair_is_quoted_as_the_market_does(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="USA", tab="ties", partner="DEU")
    assert not app.exception
    assert "EUR/USD" in lines(app, 0)
    assert "1.1400" in table(app, "Trade and rates by year")
    assert quotation("USD", "CNY") == ("USD", "CNY")
    assert quotation("CNY", "USD") == ("USD", "CNY")
    assert quotation("SEK", "NOK") == ("SEK", "NOK")
    assert quotation("EUR", "EUR") is quotation(None, "EUR") is None


def test_commodities_stand_beside_their_prices(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="ITA", tab="ties")
    rows = table(app, "Commodity dependence")
    fuels = next(row for row in rows.split("<tr>") if ">fuels<" in row)
    assert "50.0" in fuels  # 210 of 420
    assert "▲ +25.0" in fuels
    assert "▲ +12.5" in fuels
    assert (
        f"{LAST}: commodities are 50.0 % of exports: not dependent (UNCTAD: from 60 % up)." in rows
    )
    food = next(row for row in rows.split("<tr>") if ">food and agriculture<" in row)
    assert 'class="b-none"' in food  # no report and no price of it


def test_a_new_edition_breaks_the_terms_of_trade(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="ITA", tab="ties")
    shown = " ".join(browse.bodies(app))
    assert f"{LAST - 4}–{LAST - 3} HS2017; {LAST - 2}–{LAST} HS2022" in shown
    starts = lines(app, 1)["segment start"]["x"]
    assert [day[:10] for day in starts] == [f"{LAST - 4}-12-31", f"{LAST - 2}-12-31"]


def test_a_line_has_a_gap_between_segments() -> None:
    frame = pl.DataFrame(
        {
            "year": [2020, 2021, 2022],
            "day": [date(year, 12, 31) for year in (2020, 2021, 2022)],
            "is_start": [True, False, True],
            "index": [100.0, 101.0, 100.0],
        }
    )
    assert in_segments(frame, "index")["value"].to_list() == [100.0, 101.0, None, 100.0]
    assert span(frame, ["index"]) == (98.0, 103.0)
    assert span(frame.with_columns(index=pl.Series([50.0, 99.0, 100.0])), ["index"]) is None


def test_partners_are_ordered_by_trade_both_ways() -> None:
    frame = pl.DataFrame(
        {
            "code": ["AAA", "BBB", "other", "CCC"],
            "kind": ["country", "country", "other", "country"],
            "value_usd": [5.0, None, 99.0, 3.0],
            "opposite_usd": [None, 9.0, 99.0, 3.0],
        }
    )
    assert by_size(frame) == ["BBB", "CCC", "AAA"]


def test_nothing_is_known_before_the_publication(settings: Settings) -> None:
    """The last year stands from its publication on, and not a second before."""
    heads = []
    for moment in (trade_reports.PUBLISHED - timedelta(seconds=1), trade_reports.PUBLISHED):
        app = browse.visit(
            settings, "countries", id="ITA", tab="ties", partner="USA", as_of=iso(moment)
        )
        assert not app.exception
        heads.append(f">{LAST}<" in table(app, "Trade and rates by year"))
    assert heads == [False, True]


def test_without_trade_one_sentence_says_so(settings: Settings, tmp_path: Path) -> None:
    early = {"tab": "ties", "id": "ITA", "as_of": f"{LAST - 4}-12-31T00:00:00Z"}
    app = browse.visit(settings, "countries", **early)
    assert not app.exception
    assert any("Nothing of trade was known at" in said for said in browse.sentences(app))
    app = browse.visit(settings, "countries", id="GUY", tab="ties")
    said = [item for item in browse.sentences(app) if "Guyana has reported no trade" in item]
    assert len(said) == 1
    assert not app.exception
    empty = browse.visit(world.settings(tmp_path), "countries", id="ITA", tab="ties")
    assert not empty.exception
    assert browse.sentences(empty)


def test_a_partner_without_trade_and_an_unknown_one(settings: Settings) -> None:
    app = browse.visit(settings, "countries", id="ITA", tab="ties", partner="GUY")
    assert not app.exception
    assert any("no trade with Guyana" in said for said in browse.sentences(app))
    app = browse.visit(settings, "countries", id="ITA", tab="ties", partner="<b>")
    assert any("no partner named" in said for said in browse.sentences(app))
    assert not app.exception
    app = browse.visit(settings, "countries", id="ITA", tab="nothing")
    assert any("no tab named" in said for said in browse.sentences(app))
