"""Simulate on the Company page: random edits, saved scenarios, links of a new session, clocks."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analytics.companies.simulation import filing_simulation
from data.clock import iso
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import scenarios
from data.state.db import State
from data.state.scenarios import Scenario, ScenarioTerms
from data.state.values import Edit
from pages.filings.filing_edits import BY_HAND, EVERY, FilingChoice, filing_of
from tests.pages import browse, company_rows, shredder, world
from tests.pages.browse import said, words

DAYS = [world._at(day) for day in world._weekdays(world.last_day(), world.SESSIONS)]
FACTS = company_rows.facts(DAYS, "demo")
AGAIN = next(row for row in FACTS if row["accession"].endswith("000099"))
LAST = AGAIN["period_end"].year
WORKS = company_rows.works("demo")
DEBT = {"view": "simulate", "id": WORKS, "debt": "40", "rate": "5"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace for the tests that do not write."""
    return world.build(tmp_path_factory.mktemp("filings"))


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def saved(held: Settings) -> tuple[Scenario, ...]:
    state = State.open(held.state)
    try:
        return scenarios.listed(state, "filing", as_of=datetime.now(DAYS[0].tzinfo))
    finally:
        state.close()


def save(app: AppTest, title: str) -> AppTest:
    app.text_input(key="company_scenario_title").input(title)
    return app.button(key="company_scenario_save").click().run()


def typed_at_random(rng: random.Random) -> dict[str, float]:
    """Boxes with numbers such as an analyst types, from cents to more than the company has."""
    typed: dict[str, float] = {}
    for one in EVERY:
        if rng.random() < (0.12 if one in BY_HAND else 0.5):
            high = min(one.high, 10.0 ** rng.uniform(-2, 6))
            typed[one.name] = float(
                f"{rng.uniform(max(one.low, -high), high):.{rng.randint(1, 12)}g}"
            )
    return {name: value for name, value in typed.items() if value}


def test_random_edits_as_typed_balance_or_are_refused(
    settings: Settings, rng: random.Random
) -> None:
    """The way of the page: boxes, the analytic over the lake, and back out of what is saved."""
    db, refused = Db(settings.lake), 0
    try:
        for _ in range(300):
            choice = FilingChoice(WORKS, typed_at_random(rng))
            assert filing_of(json.loads(json.dumps(choice.parameters()))) == choice
            again = {name: float(text) for name, text in choice.query().items() if name != "id"}
            assert again == choice.typed
            try:
                frame = filing_simulation(db.at(DAYS[-1]), **choice.params()).frame
            except ConfigError as error:
                refused += 1
                assert re.search("assets are out by|more than all shares are worth", str(error))
                continue
            after = dict(frame.filter(kind="line").select("name", "after").iter_rows())
            parts = after["liabilities"] + after["equity"] + after["other_equity"]
            size = max(abs(after[name]) for name in ("assets", "liabilities", "equity"))
            assert after["assets"] == pytest.approx(parts, abs=1e-8 * max(size, 1.0))
    finally:
        db.close()
    assert 0 < refused < 150


@pytest.mark.parametrize(
    "odd",
    [
        {"company": None},
        {"edits": [1]},
        {"edits": {"rate": 8}},
        {"edits": {"profit": 1}},
        {"edits": {"rate": "much"}},
        {"edits": {"lines": {"goodwill": 1}}},
    ],
)
def test_parameters_of_another_version_are_no_edits(odd: dict[str, object]) -> None:
    parameters = FilingChoice("x:co", {"debt": 5.0}).parameters()
    assert filing_of(parameters) is not None
    assert filing_of({**parameters, **odd}) is None


def test_the_view_names_what_is_crossed_and_draws_the_grid(settings: Settings) -> None:
    """Debts of a thousand times the company at 90 %: equity is gone."""
    shown = words(browse.visit(settings, "company", **DEBT | {"debt": "40000", "rate": "90"}))
    assert re.search(
        r"Negative equity \| USD mn \| 0.00 \| [\d,.]+ \| −[\d,.]+ \| ✕ crossed", shown
    )
    assert "Distress zone: EBIT below 1.5 times interest" in shown
    assert "Revenue change" not in shown.split("Result")[1].split("threshold")[0]
    roe = words(browse.visit(settings, "company", **DEBT | {"of": "equity", "rate_step": "2"}))
    assert "rate 1.00 % | rate 3.00 % | rate 5.00 % | rate 7.00 % | rate 9.00 %" in roe
    assert "Sensitivity: Shareholders' equity" in roe
    assert "as edited" in roe
    low = words(browse.visit(settings, "company", **DEBT | {"rate": "1"}))
    assert "revenue | rate 0.00 % | rate 1.00 % | rate 2.00 % | rate 3.00 % |" in low
    none = words(browse.visit(settings, "company", view="simulate"))
    assert "No new debt is entered, so the rate changes nothing" in none


def test_lines_set_by_hand_are_refused_where_they_do_not_add_up(settings: Settings) -> None:
    wrong = browse.visit(settings, "company", view="simulate", set_assets="9")
    assert "assets are out by" in said(wrong)
    app = save(wrong, "Out of balance")
    assert "assets are out by" in said(app)
    assert saved(settings) == ()


def test_a_saved_simulation_opens_in_a_new_session(own: Settings) -> None:
    app = save(browse.visit(own, "company", **DEBT, margin="0"), "Debt <b>40</b>")
    assert "Debt <b>40</b> is saved as version 1" in said(app)
    (one,) = saved(own)
    assert (one.title, one.owner, one.version) == ("Debt <b>40</b>", "analyst", 1)
    assert one.terms.parameters["edits"] == {"new_debt": 4e7, "rate": 0.05, "margin": 0.0}
    fresh = browse.visit(own, "company", view="simulate", scenario=str(one.id), version="1")
    shown = {name: browse.asked(fresh, name) for name in ("id", "debt", "rate", "margin")}
    assert shown == {"id": WORKS, "debt": "40", "rate": "5", "margin": "0"}
    assert "the result is the same at this clock" in said(fresh)
    assert "<b>40</b>" not in "".join(browse.bodies(fresh))
    before = one.created_at - timedelta(minutes=1)
    gone = browse.visit(own, "company", **DEBT, scenario=str(one.id), as_of=iso(before))
    assert "There is no scenario" in said(gone)
    assert "No scenario had been saved at this clock" in words(gone)


def test_what_is_cleared_stays_so_and_is_a_new_version(own: Settings) -> None:
    save(browse.visit(own, "company", **DEBT), "Debt")
    (one,) = saved(own)
    app = browse.visit(own, "company", view="simulate", scenario=str(one.id))
    app.number_input(key="company_debt").set_value(0.0).run()
    app.number_input(key="company_rate").set_value(0.0).run()
    assert browse.asked(app, "debt") is None
    assert "Changed since Debt, version 1" in said(app)
    app.button(key="company_scenario_version").click().run()
    assert browse.asked(app, "version") == "2"
    assert "Versions of Debt" in words(app)
    app.button(key="company_scenario_delete").click().run()
    assert saved(own) == ()
    assert "Debt is deleted from now on" in said(app)


def refile(held: Settings) -> None:
    """The last balance filed again, a tenth larger in assets and in equity."""
    end = max(row["period_end"] for row in FACTS)
    last = {row["concept"]: row for row in FACTS if row["period_end"] == end}
    more = 0.1 * last["Assets"]["value"]
    rows: list[dict[str, Any]] = [
        last[name] | {"value": last[name]["value"] + more, "accession": "0000000001-00-000100"}
        for name in ("Assets", "StockholdersEquity")
    ]
    known = max(DAYS[-1], last["Assets"]["known_at"]) - timedelta(minutes=1)
    rows = [row | {"known_at": known} for row in rows]
    Lake(held.lake, workspace=held.workspace).upsert(
        "fundamentals", world.rows("fundamentals", rows)
    )


def test_a_base_that_was_filed_again_is_stale(own: Settings) -> None:
    save(browse.visit(own, "company", **DEBT), "Debt")
    (one,) = saved(own)
    was = str(one.terms.parameters["base"])[:8]
    refile(own)
    app = browse.visit(own, "company", view="simulate", scenario=str(one.id))
    assert f"its base is stale: base {was} of the twelve months to" in said(app)
    other = browse.visit(own, "company", view="simulate", compare=str(one.id))
    assert f"Debt, version 1: its base is stale: base {was}" in said(other)


def test_two_simulations_side_by_side(own: Settings) -> None:
    """A dividend of ten beside a debt of forty at 5 %, which costs 2 before and 1.58 after tax."""
    save(browse.visit(own, "company", **DEBT), "Debt")
    (one,) = saved(own)
    app = browse.visit(own, "company", view="simulate", dividend="10", compare=str(one.id))
    shown = words(app)
    assert "this simulation against Debt, version 1 of Invented <b>Works</b>" in shown
    part = shown.split("Compared")[-1]
    found = re.search(
        r"Shareholders' equity \| USD mn \| ([\d,.]+) \| ([\d,.]+) \| ([\d,.]+)", part
    )
    assert found
    before, after, other = (float(text.replace(",", "")) for text in found.groups())
    assert after == pytest.approx(before - 10, abs=0.011)
    assert other == pytest.approx(before - 1.58, abs=0.011)
    assert re.search(r"Total liabilities \|.*\| ▲ \+40\.00 \|", part)


def test_files_say_the_company_and_the_edits() -> None:
    choice = FilingChoice("x:co", {"debt": 40.0, "rate": 5.0}, "USD")
    assert choice.assumed() == (
        "x:co; New debt 40 USD mn, rate of new debt 5 %; "
        'edits {"new_debt": 40000000.0, "rate": 0.05}'
    )


def test_no_simulation_sees_past_its_clock(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, own: Settings
) -> None:
    """On both sides of the restatement, with scenarios saved before and after."""
    own = replace(own, redis_url="redis://127.0.0.1:1/0")  # an address of no folder
    moment = AGAIN["known_at"]
    state = State.open(own.state)
    parameters = FilingChoice(WORKS, {"debt": 40.0, "rate": 5.0}, "USD").parameters()
    at = moment - timedelta(days=9)
    terms = ScenarioTerms(parameters, at, "0a 1b 2c")
    early = scenarios.create(state, "filing", "Early", terms, edit=Edit("ann", at))
    later = replace(terms, parameters=FilingChoice(WORKS, {"debt": 99.0}).parameters())
    after = Edit("bob", moment + timedelta(days=2))
    scenarios.save(state, early.id, later, edit=after, title="Later")
    scenarios.create(state, "filing", "Hidden", later, edit=after)
    state.close()
    clocks = {
        clock: shredder.shred(own, clock, tmp_path_factory.mktemp("torn"))
        for clock in (moment - timedelta(seconds=1), moment)
    }
    addresses = (
        DEBT | {"compare": str(early.id)},
        {"view": "simulate", "scenario": str(early.id)},
    )
    for address in addresses:
        found = shredder.differences(own, "company", address, clocks)
        assert not found, "\n".join(found)
    shown = words(browse.visit(own, "company", **addresses[0], as_of=iso(moment)))
    assert "Early" in shown and "Later" not in shown and "Hidden" not in shown
