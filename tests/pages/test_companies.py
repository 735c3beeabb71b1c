"""The Companies page: filters and columns in the address, and what is saved of a screen."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.lake import Lake
from data.settings import Settings
from data.state import rules, views, watchlists
from data.state.db import State
from data.state.values import Edit
from data.state.views import Target
from pages.frame.resources import open_resources
from pages.frame.run import PageRun
from pages.frame.view import View
from pages.screening.columns import COLUMNS, SETS, column_text, read_columns
from pages.screening.words import screen_words
from pages.search.palette import search
from tests.pages import browse, company_rows, world

NAME = "Invented <b>Works</b>"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace for the tests that do not write."""
    return world.build(tmp_path_factory.mktemp("companies"))


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def words(app: AppTest) -> str:
    """All that is shown, without markup."""
    assert not app.exception, app.exception
    return unescape(re.sub(r"\s+", " ", browse.text(app)))


def where(app: AppTest) -> str:
    """The ranges and the place of the address."""
    return "".join(app.query_params["where"])


def shown(settings: Settings, **query: str) -> str:
    return words(browse.visit(settings, "companies", **query))


def test_filters_of_the_address_leave_out_what_does_not_meet_them(settings: Settings) -> None:
    assert NAME in shown(settings, where="net_margin:0.05..0.2")
    assert "No company of this choice" in shown(settings, where="net_margin:0.2..")
    assert NAME in shown(settings, where="place:DEU:0.25..0.4")
    assert "No company of this choice" in shown(settings, where="place:DEU:0.4..")
    assert "expected one of sector" in shown(settings, where="kind:x")
    app = browse.visit(settings, "companies", where="net_margin:0.05..;place:DEU:..0.4")
    labels = [button.label for button in app.button if button.key.startswith("companies_drop")]
    assert labels == ["Net margin from 5 %", "Revenue in Germany up to 40 %"]
    app.button(key="companies_drop_net_margin").click().run()
    assert where(app) == "place:DEU:..0.4"
    app.button(key="companies_drop_place_share").click().run()
    assert "where" not in app.query_params


def test_a_filter_that_is_typed_goes_into_the_address(settings: Settings) -> None:
    app = browse.visit(settings, "companies")
    app.selectbox(key="companies_new_figure").select("net_margin").run()
    app.number_input(key="companies_new_low").set_value(5.0).run()
    app.button(key="companies_add").click().run()
    assert where(app) == "net_margin:0.05.."
    app.button(key="companies_add").click().run()
    assert "expected a range" in words(app)
    app.selectbox(key="companies_new_figure").select("place_share").run()
    app.selectbox(key="companies_new_place").select("DEU").run()
    app.number_input(key="companies_new_high").set_value(40.0).run()
    app.button(key="companies_add").click().run()
    assert where(app) == "net_margin:0.05..;place:DEU:..0.4"
    assert "revenue in Germany, %" in words(app)


def test_columns_are_those_of_the_address(settings: Settings) -> None:
    for name, (_, columns) in SETS.items():
        page = shown(settings, columns=name)
        for column in columns:
            assert f'data-column="{column}"' in page, name
    page = shown(settings, columns="net_margin,volatility,odd")
    assert "There is no column or set named 'odd'" in page
    assert 'data-column="net_margin"' in page
    assert "no price at this clock" in page
    assert column_text(SETS["growth"][1]) == "growth"
    assert read_columns("pe, roe,pe")[0] == ("pe", "roe")
    assert read_columns(",".join(COLUMNS))[1] == []


def test_a_saved_set_of_columns_is_there_from_its_instant_on(own: Settings) -> None:
    app = browse.visit(own, "companies", columns="net_margin,roe")
    browse.unfold(app)
    app.text_input(key="companies_set_name").set_value("Mine").run()
    app.button(key="companies_set_save").click().run()
    assert "Mine is saved as version 1" in words(app)
    assert "Mine (analyst)" in app.selectbox(key="companies_set").options
    app.text_input(key="companies_set_name").set_value("Mine").run()
    app.multiselect(key="companies_columns").set_value(["pe"]).run()
    app.button(key="companies_set_save").click().run()
    assert "Mine is saved as version 2" in words(app)
    early = browse.visit(own, "companies", as_of=iso(utc_now() - HOUR))
    assert not [name for name in early.selectbox(key="companies_set").options if "Mine" in name]
    again = browse.visit(own, "companies", columns="pe")
    again.button(key="companies_set_delete").click().run()
    assert "Mine is deleted from now on" in words(again)
    assert again.selectbox(key="companies_set").value == "pe"
    assert "Mine (analyst)" not in again.selectbox(key="companies_set").options


def test_a_saved_screen_opens_as_it_was_saved(own: Settings) -> None:
    query = {"where": "net_margin:0.05..", "sector": "Manufacturing", "columns": "growth"}
    app = browse.visit(own, "companies", **query)
    app.text_input(key="companies_screen_name").set_value("Makers").run()
    app.button(key="companies_screen_save").click().run()
    page = words(app)
    assert "Makers is saved as version 1" in page
    assert "Manufacturing · Net margin from 5 %" in page
    (to,) = re.findall(r'href="(companies\?[^"]*)"[^>]*>Makers', page)
    fields = {name: one for name, (one,) in parse_qs(urlsplit(to).query).items()}
    assert {name: fields[name] for name in query} == query
    state = State.open(own.state)
    moment = utc_now()
    (saved,) = views.listed(state, as_of=moment)
    state.close()
    assert saved.target.page == "companies"
    second = timedelta(seconds=1)
    before = shown(own, as_of=iso(saved.created_at - second))
    after = shown(own, as_of=iso(saved.created_at.replace(microsecond=0) + second))
    assert "No screen had been saved at this clock" in before
    assert "Makers" in after


def test_a_view_of_another_page_is_no_screen(own: Settings) -> None:
    state = State.open(own.state)
    edit = Edit("ann", utc_now() - HOUR)
    views.create(state, "Elsewhere", Target("trade", "country=DEU"), edit=edit)
    state.close()
    assert "Elsewhere" not in shown(own)


def add_share(held: Settings) -> datetime:
    """Let the first instrument be a share of the company; gives since when."""
    known = world._at(world._weekdays(world.last_day(), world.SESSIONS)[150])
    lake = Lake(held.lake, workspace=held.workspace)
    share = world._instrument("demo:equity0", "equity", known, "demo")
    rows = world.rows("instruments", [share | {"company": company_rows.works("demo")}])
    lake.upsert("instruments", rows, publish_id="companies-share")
    return known


def test_the_result_is_saved_as_a_list_of_its_shares_at_the_clock(own: Settings) -> None:
    known = add_share(own)
    nobody = browse.visit(own, "companies", where="net_margin:0.99..", as_of=iso(known))
    nobody.button(key="companies_list_save").click().run()
    assert "no company of this screen has a share" in words(nobody).lower()
    before = known - timedelta(days=1)
    early = browse.visit(own, "companies", where="net_margin:0.05..", as_of=iso(before))
    early.button(key="companies_list_save").click().run()
    app = browse.visit(own, "companies", where="net_margin:0.05..", as_of=iso(known))
    app.button(key="companies_list_save").click().run()
    name = f"Net margin from 5 %, {known:%d %b %Y}"
    assert f"{name} is saved with 1 share." in words(app)
    state = State.open(own.state)
    found = watchlists.find(state, name, as_of=utc_now())
    earlier = watchlists.find(state, f"Net margin from 5 %, {before:%d %b %Y}", as_of=utc_now())
    assert earlier is not None and earlier.symbols == ("demo:workshare",)
    assert watchlists.find(state, name, as_of=known) is None
    state.close()
    assert found is not None
    assert found.symbols == ("demo:equity0",)
    assert f"{known:%Y-%m-%d %H:%M} UTC" in found.note


def test_an_alert_begins_on_the_page_and_is_saved_with_its_screen(own: Settings) -> None:
    text = "sector:Manufacturing;net_margin:0.05.."
    query = {"new": "yes", "screen": text, "metric": "screen_left"}
    app = browse.visit(own, "alerts", **query)
    assert app.text_input(key="ar_screen_new").value == text
    assert app.selectbox(key="ar_metric_new").value == "screen_left"
    assert "Manufacturing · Net margin from 5 %" in words(app).replace("\\", "")
    app.button(key="alerts_save").click().run()
    state = State.open(own.state)
    (rule,) = (one for one in rules.listed(state, as_of=utc_now()) if "screen" in one.terms.name)
    state.close()
    assert rule.terms.definition["screen"] == text
    assert rule.terms.name == "Company leaves a screen: Manufacturing · Net margin from 5 %"
    assert "screen" not in app.query_params
    again = browse.visit(own, "alerts", rule=rule.terms.name)
    assert again.text_input(key=f"ar_screen_{rule.id}_1").value == text
    assert "Manufacturing · Net margin from 5 %" in words(again)
    odd = browse.visit(own, "alerts", **(query | {"screen": "kind:x"}))
    assert "expected one of sector" in words(odd)


def test_peers_open_in_the_screen(settings: Settings) -> None:
    company = company_rows.works("demo")
    app = browse.visit(settings, "companies", peers=company)
    assert "1 company" in words(app)
    assert "nearest of its sector" in words(app)
    app.button(key="companies_no_peers").click().run()
    assert "peers" not in app.query_params
    assert "no company 'nobody' was known" in shown(settings, peers="nobody").lower()


def test_the_palette_finds_a_company_from_its_first_instant_on(settings: Settings) -> None:
    held = open_resources(settings)

    def found(text: str, clock: datetime) -> list[str]:
        run = PageRun(
            View(clock, False), held.db.at(clock), settings, "dark", held.services.found()
        )
        return [hit.label for hit in search(run, text)[0] if hit.page == "company"]

    known = held.db.at(utc_now()).sql("SELECT min(known_at) AS at FROM companies").frame["at"][0]
    for text in ("invented works", "demo:works", "WORKS"):
        assert found(text, known) == [f"{NAME} · company"]
        assert found(text, known - timedelta(seconds=1)) == []


def test_a_screen_reads_as_words() -> None:
    text = "sector:Energy;country:DEU;market_value_usd:1e9..5e9;return_3m:..-0.1;place:CHN"
    said = screen_words(text, {"DEU": "Germany", "CHN": "China"})
    assert said == (
        "Energy · Germany · Market value 1 to 5 USD bn · Return 3 months up to −10 % · "
        "Revenue in China"
    )
    assert screen_words("", {}) == "all companies"
