"""Macro impact and exposure on the Company page, by hand, before and after the filing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from pages.filings.macro_shock import MacroChoice
from tests.pages import browse, company_rows, world

WORKS = company_rows.works("demo")
DAYS = [world._at(day) for day in world._weekdays(world.last_day(), world.SESSIONS)]
PLACES = company_rows.places(DAYS, "demo")
FILED = max(row["known_at"] for row in PLACES)


def all_words(app: AppTest) -> str:
    return browse.words(app) + browse.said(app)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace for all tests, with the money of two countries: nothing here writes."""
    held = world.build(tmp_path_factory.mktemp("macro"))
    money = [
        {"country": code, "name": name, "currency": unit, "known_at": DAYS[1], "source": "demo"}
        for code, name, unit in (("USA", "United States", "USD"), ("DEU", "Germany", "EUR"))
    ]
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("countries", world.rows("countries", money))
    return held


def shown(settings: Settings, **query: str) -> str:
    return all_words(browse.visit(settings, "company", **{"id": WORKS, "view": "macro", **query}))


def test_contributions_add_up_to_the_change(settings: Settings) -> None:
    """600 of 1,000 in the United States fall by a tenth, 300 in Germany by a twentieth."""
    text = shown(settings, demand="USA:-10;DEU:-5", fx="")
    assert "Revenue | USD mn | 1,000.00 | ▼ −75.00 | 925.00 | ▼ −7.50 |" in text
    assert re.search(r"United States \| 600 \| 60\.0 \| ▼ −10\.0 \| USD \|.*?\| ▼ −60\.0", text)
    assert re.search(r"Germany \| 300 \| 30\.0 \| ▼ −5\.0 \| EUR \|.*?\| ▼ −15\.0", text)
    assert (
        "90.0 % of revenue is in countries whose currency is known, 10.0 % is not disclosed" in text
    )
    assert "EBIT moves by 30.0 % (assumed)" in text
    assert "tax 21.0 %" in text


def test_a_currency_moves_the_places_in_it(settings: Settings) -> None:
    text = shown(settings, demand="", fx="EUR:-8")
    assert "EUR −8 %" in text
    assert "Revenue | USD mn | 1,000.00 | ▼ −24.00 | 976.00 | ▼ −2.40 |" in text


def test_the_address_has_the_shock_and_boxes_change_it(settings: Settings) -> None:
    app = browse.visit(settings, "company", id=WORKS, view="macro")
    assert "demand in United States −10 %" in all_words(
        app
    )  # its largest place, until one is chosen
    app = app.multiselect(key="company_fx_names").set_value(["EUR"]).run()
    assert app.query_params["fx"] == "EUR:10"
    app = app.number_input(key="company_fx_EUR").set_value(-8.0).run()
    assert app.query_params["fx"] == "EUR:-8"
    assert "EUR −8 %" in all_words(app)
    app = app.multiselect(key="company_demand_names").set_value([]).run()
    assert "▼ −24.00" in all_words(app)


def test_margin_and_elasticity_count(settings: Settings) -> None:
    text = shown(settings, demand="USA:-10", fx="", elasticity="2", margin="50")
    assert "▼ −120.00" in text
    assert "EBIT moves by 50.0 % (given)" in text


def test_the_ranking_has_every_company_with_its_coverage(settings: Settings) -> None:
    text = shown(settings, demand="USA:-10", fx="")
    assert re.search(
        r"Invented <b>Works</b> \| Manufacturing \| United States \| ▼ −6\.00 \|", text
    )
    assert "1 companies state revenue by place" not in text
    assert "older than 18 months" in text


def test_nothing_is_known_before_the_filing(settings: Settings) -> None:
    early = shown(settings, demand="USA:-10", as_of=iso(FILED - timedelta(seconds=1)))
    late = shown(settings, demand="USA:-10", as_of=iso(FILED))
    assert "1,000.00" not in early
    assert "1,000.00" in late


@pytest.mark.parametrize("demand", ["USA", "USA:abc", "USA:-10;USA:-5", "USA:-200"])
def test_a_wrong_shock_is_said(settings: Settings, demand: str) -> None:
    text = shown(settings, demand=demand, fx="")
    assert "emand" in text
    assert "Traceback" not in text


def test_a_choice_says_itself_in_address_and_parameters() -> None:
    choice = MacroChoice({"USA": -10.0}, {"EUR": 5.5}, 1.0, 0.3)
    assert choice.params() == {"demand": "USA:-10", "currencies": "EUR:5.5", "elasticity": 1.0}
    assert choice.query()["margin"] == "30"


def test_revenue_by_currency_says_what_is_not_known(settings: Settings) -> None:
    text = shown(settings, view="exposure")
    assert "USD | United States | 600 | 60.0 | currency of the accounts" in text
    assert "EUR | Germany | 300 | 30.0" in text
    assert "of 10.0 % of revenue no currency is known" in text
    assert "Share against currencies and commodities" in text
