"""Shock on the Trade page: figures by hand, saved scenarios, links of a new session, clocks."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from data.state import scenarios
from data.state.db import State
from data.state.scenarios import Scenario, ScenarioTerms
from data.state.values import Edit
from pages.frame.links import plain
from pages.world_trade.shock_form import ShockChoice, shock_of
from tests.analytics.trade.flows_table import flow, table
from tests.pages import browse, shredder, trade_rows, world
from tests.pages.browse import said, words

DAYS = [world._at(day) for day in world._weekdays(world.last_day(), world.SESSIONS)]
LAST = DAYS[-1].year - 2
GAS = {"view": "shock", "country": "DEU", "stops": "DEU", "goods": "27", "year": str(LAST)}
REVENUE_KNOWN = DAYS[150]


def add_revenue(held: Settings) -> None:
    """A company of the list's first instrument, with 60 % of its revenue in the United States."""
    lake, base = Lake(held.lake, workspace=held.workspace), {"source": "demo"}
    instrument = world._instrument("demo:equity0", "equity", REVENUE_KNOWN, "demo")
    given = [instrument | {"company": "demo:co"}]
    lake.upsert("instruments", world.rows("instruments", given), publish_id="shock-company")
    told = base | {"company": "demo:co", "known_at": REVENUE_KNOWN}
    named = [told | {"name": "Invented Works"}]
    lake.upsert("companies", world.rows("companies", named), publish_id="shock-companies")
    exposures = [
        told
        | {
            "period_end": date(REVENUE_KNOWN.year - 1, 12, 31),
            "year": REVENUE_KNOWN.year - 1,
            "place": place,
            "revenue": value,
            "currency": "USD",
        }
        for place, value in (("USA", 60.0), ("CHN", 30.0), ("undisclosed", 10.0))
    ]
    lake.upsert("exposures", world.rows("exposures", exposures), publish_id="shock-exposures")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace for the tests that do not write."""
    held = world.build(tmp_path_factory.mktemp("shock"))
    add_revenue(held)
    return held


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def supplied(seller: str, buyer: str = "USA", year: int = LAST) -> tuple[float, float]:
    """What a buyer says it bought of mineral fuels from one seller, in mn, and its share."""
    others = [code for code in trade_rows.PARTNERS if code != buyer]
    values = {code: trade_rows.sold(code, buyer, "27", year) * trade_rows.CIF for code in others}
    return values[seller] / 1e6, values[seller] / sum(values.values())


def saved(held: Settings) -> tuple[Scenario, ...]:
    state = State.open(held.state)
    try:
        return scenarios.listed(state, "shock", as_of=datetime.now(DAYS[0].tzinfo))
    finally:
        state.close()


def save(app: AppTest, title: str) -> AppTest:
    app.text_input(key="trade_scenario_title").input(title)
    return app.button(key="trade_scenario_save").click().run()


def test_losses_are_those_of_the_rows(settings: Settings) -> None:
    shown = words(browse.visit(settings, "trade", **GAS))
    lost, share = supplied("DEU")
    assert f"Germany stops exporting 27 · Mineral fuels and oils, {LAST}" in shown
    assert re.search(
        rf"United States \| 100 \| known \| {lost:,.1f} \| {100 * share:.1f} \|", shown
    )
    half = words(browse.visit(settings, "trade", **GAS, cut="50"))
    assert f"{50 * share:.1f} |" in half and "exports 50 % less of" in half
    next_usd, _ = supplied("CHN")
    assert f"CHN {next_usd:,.1f} (2.00, –)" in shown


def test_who_bought_of_nobody_else_has_no_next_supplier(own: Settings) -> None:
    given = {"product": "28", "year": LAST, "source": "demo"}
    rows = [flow("USA", seller, 5e6, "import", **given) for seller in ("DEU", "WLD")]
    Lake(own.lake, workspace=own.workspace).upsert("trade", table(*rows), publish_id="sole-seller")
    shown = words(browse.visit(own, "trade", **GAS | {"goods": "28"}))
    line = r"United States \| 100 \| known \| 5,000\.0 \| 100\.0 \| [\d.]+ \| – \|"
    assert re.search(line, shown)


def test_several_exporters_and_goods(settings: Settings) -> None:
    both = words(browse.visit(settings, "trade", **GAS | {"stops": "DEU CHN", "goods": "27 84"}))
    share = supplied("DEU")[1] + supplied("CHN")[1]
    assert f"{100 * share:.1f} |" in both
    assert "Germany, CHN stop exporting" in both or "CHN, Germany stop exporting" in both
    assert "84 · Machinery" in both


def test_companies_and_lists_through_revenue(settings: Settings) -> None:
    """60 % of the revenue times the loss of the United States, 30 % times that of China."""
    shown = words(browse.visit(settings, "trade", **GAS))
    weighted = 60.0 * supplied("DEU")[1] + 30.0 * supplied("DEU", "CHN")[1]
    line = rf"Invented Works \| {weighted:.2f} \| 90\.0 \| 10\.0 \| CHN, United States"
    assert re.search(line, shown)
    assert re.search(rf"{world.LIST} \| 3 \| 1 \| 0 \| 2 \| {weighted:.2f} \|", shown)
    assert "EQUITY0" in shown
    early = words(browse.visit(settings, "trade", **GAS, as_of=iso(REVENUE_KNOWN)))
    before = REVENUE_KNOWN - timedelta(seconds=1)
    late = words(browse.visit(settings, "trade", **GAS, as_of=iso(before)))
    assert "Invented Works" in early and "Invented Works" not in late


def test_what_happened_is_said_once_it_is_reported(settings: Settings) -> None:
    """The United States have reported the later year by now, France not before its evening."""
    first = GAS | {"year": str(LAST - 1)}
    now = words(browse.visit(settings, "trade", **first))
    bought = supplied("DEU", year=LAST - 1)[0], supplied("DEU")[0]
    assert f"{LAST} against {LAST - 1}" in now
    realised = f"{100 * (1 - bought[1] / bought[0]):.1f}".replace("-", "−")
    assert (
        f"United States | did not happen | {bought[0]:,.1f} | {bought[1]:,.1f} | {realised}" in now
    )
    before = words(browse.visit(settings, "trade", **first, as_of=iso(DAYS[399])))
    assert re.search(r"FRA \| not yet reported \| [\d,]+\.\d \| – \| – \|", before)
    assert not re.search(r"FRA \| not yet reported", now)


def test_a_saved_shock_opens_in_a_new_session(own: Settings) -> None:
    app = save(browse.visit(own, "trade", **GAS, cut="75"), "Gas <b>75</b>")
    assert "Gas <b>75</b> is saved as version 1" in said(app)
    (one,) = saved(own)
    assert (one.title, one.owner, one.version) == ("Gas <b>75</b>", "analyst", 1)
    assert shock_of(one.terms.parameters) == ShockChoice(("DEU",), ("27",), 0.75, LAST, "DEU")
    fresh = browse.visit(own, "trade", view="shock", scenario=str(one.id), version="1")
    assert {name: browse.asked(fresh, name) for name in ("stops", "goods", "cut", "year")} == {
        "stops": "DEU",
        "goods": "27",
        "cut": "75",
        "year": str(LAST),
    }
    assert "the result is the same at this clock" in said(fresh)
    assert "exports 75 % less of" in words(fresh)
    assert "<b>75</b>" not in "".join(browse.bodies(fresh))
    before = one.created_at - timedelta(minutes=1)
    gone = browse.visit(own, "trade", **GAS, scenario=str(one.id), as_of=iso(before))
    assert "There is no scenario" in said(gone)
    assert "No scenario had been saved at this clock" in words(gone)


@pytest.mark.parametrize("cut", ["33.33333333", "66.6666667", "29", "57.1"])
def test_a_part_opens_as_exactly_as_it_was_saved(own: Settings, cut: str) -> None:
    save(browse.visit(own, "trade", **GAS, cut=cut), "A part")
    (one,) = saved(own)
    fresh = browse.visit(own, "trade", view="shock", scenario=str(one.id))
    assert browse.asked(fresh, "cut") == cut
    assert "the result is the same at this clock" in said(fresh)


def test_a_title_is_no_markup_of_a_button(own: Settings) -> None:
    title = "![i](http://far.example/x) **b**"
    save(browse.visit(own, "trade", **GAS), title)
    (one,) = saved(own)
    app = browse.visit(own, "trade", view="shock", scenario=str(one.id))
    label = app.button(key="trade_scenario_version").label
    assert label == f"Save as a new version of {plain(title)}"
    assert "](" not in label and "**" not in label


@pytest.mark.parametrize(
    "odd",
    [
        {"exporters": "RUS"},
        {"exporters": [["RUS"]]},
        {"exporters": []},
        {"products": None},
        {"cut": 50},
        {"cut": math.nan},
        {"year": math.inf},
        {"year": 10**30},
        {"year": "soon"},
    ],
)
def test_parameters_of_another_version_are_no_shock(odd: dict[str, object]) -> None:
    sound = ShockChoice(("RUS",), ("27",), 0.5, LAST, "DEU")
    parameters = sound.params() | {"country": "DEU"}
    assert shock_of(parameters) == sound
    assert shock_of(parameters | odd) is None


def test_a_result_that_differs_now_is_said(own: Settings) -> None:
    """Saved at a clock before France has reported."""
    clock = DAYS[399]
    app = save(browse.visit(own, "trade", **GAS, as_of=iso(clock)), "Before France")
    assert "press Now" in said(app) and "No scenario had been saved" in words(app)
    (one,) = saved(own)
    assert one.terms.as_of == clock
    fresh = browse.visit(own, "trade", view="shock", scenario=str(one.id))
    assert "the result differs at this clock" in said(fresh)
    (then,) = re.findall(r'href="(trade\?[^"]*as_of[^"]*)"', "".join(browse.bodies(fresh)))
    assert "scenario=" not in unescape(then) and "stops=DEU" in unescape(then)


def test_a_changed_shock_is_a_new_version(own: Settings) -> None:
    save(browse.visit(own, "trade", **GAS), "Gas")
    (one,) = saved(own)
    address = {"scenario": str(one.id), "version": "1"}
    app = browse.visit(own, "trade", **GAS | {"stops": "DEU CHN"}, **address)
    assert "Changed since Gas, version 1" in said(app)
    app.button(key="trade_scenario_version").click().run()
    assert browse.asked(app, "version") == "2"
    assert "Versions of Gas" in words(app)
    first = browse.visit(own, "trade", view="shock", **address)
    assert browse.asked(first, "stops") == "DEU"
    app.button(key="trade_scenario_delete").click().run()
    assert saved(own) == ()
    assert browse.asked(app, "scenario") is None
    assert "Gas is deleted from now on" in said(app)


def test_two_shocks_side_by_side(own: Settings) -> None:
    save(browse.visit(own, "trade", **GAS, cut="50"), "Half")
    (one,) = saved(own)
    shown = words(browse.visit(own, "trade", **GAS, compare=str(one.id)))
    lost, share = supplied("DEU")
    assert "this shock against Half" in shown
    assert f"known | known | {lost:,.1f} | {lost / 2:,.1f} | ▼ −{lost / 2:,.1f}" in shown
    assert f"▼ −{50 * share:.1f} |" in shown


@pytest.mark.parametrize(
    ("wrong", "words_"),
    [
        ({"goods": "<b>x</b>"}, "no code of goods"),
        ({"goods": "123456"}, "Nobody is known to have bought"),
        ({"stops": "XXX"}, "Nobody is known to have bought"),
        ({"cut": "0"}, "is no number from 1 to 100"),
        ({"cut": "<b>"}, "is no number from 1 to 100"),
        ({"after": "99"}, "There is no after"),
        ({"scenario": "99"}, "There is no scenario"),
        ({"scenario": "1; DROP"}, "There is no scenario"),
        ({"scenario": "1", "version": "9" * 30}, "There is no scenario"),
        ({"compare": "77"}, ""),
    ],
)
def test_what_the_address_gets_wrong_is_said(
    settings: Settings, wrong: dict[str, str], words_: str
) -> None:
    app = browse.visit(settings, "trade", **GAS | wrong)
    assert words_ in words(app)
    assert "<b>" not in "".join(browse.sentences(app)).replace("<b>There", "").replace(
        '"status"><b>', ""
    )


def test_a_group_asks_who_stops(settings: Settings) -> None:
    app = browse.visit(settings, "trade", view="shock", country="EU")
    assert "Nobody stops exporting" in said(app)


def test_no_shock_sees_past_its_clock(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, own: Settings
) -> None:
    """On both sides of the evening on which France publishes, with scenarios saved before and
    after: versions, titles and results of later are not there."""
    own = replace(own, redis_url="redis://127.0.0.1:1/0")  # an address of no folder
    add_revenue(own)
    evening = DAYS[400]
    state = State.open(own.state)
    shock = ShockChoice(("DEU",), ("27",), 0.5, LAST - 1, "DEU")
    terms = ScenarioTerms(shock.params() | {"country": "DEU"}, DAYS[300], "0a 1b 2c")
    early = scenarios.create(state, "shock", "Early", terms, edit=Edit("ann", DAYS[380]))
    later = ScenarioTerms({**terms.parameters, "cut": 1.0}, DAYS[405], "0a 1b 2c")
    scenarios.save(state, early.id, later, edit=Edit("bob", DAYS[405]), title="Later")
    scenarios.create(state, "shock", "Hidden", later, edit=Edit("bob", DAYS[410]))
    state.close()
    clocks = {
        clock: shredder.shred(own, clock, tmp_path_factory.mktemp("torn"))
        for clock in (evening - timedelta(seconds=1), evening)
    }
    addresses = (
        GAS | {"year": str(LAST - 1), "compare": str(early.id)},
        {"view": "shock", "scenario": str(early.id)},
    )
    for address in addresses:
        found = shredder.differences(own, "trade", address, clocks)
        assert not found, "\n".join(found)
    shown = words(browse.visit(own, "trade", **addresses[0], as_of=iso(evening)))
    assert "Early" in shown and "Later" not in shown and "Hidden" not in shown
