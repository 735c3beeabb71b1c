"""Formulas in watchlists and rules: typed, pasted or in the grid, their values at the clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.formulas.values import MOST_FORMULAS, formula_values
from data.clock import iso, utc_now
from data.settings import Settings
from data.state import rules, watchlists
from data.state.db import State
from data.state.values import Edit
from data.state.watchlists import Member, Watchlist
from pages.frame.figures import decimals, written
from pages.frame.resources import open_resources
from tests.pages import browse, world
from tests.pages.test_watchlists import paste, tally, title_field

RATIO = "EQUITY0/EQUITY1"
GROWTH = 'yoy("demo:USA.CPI")'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def state_of(settings: Settings) -> State:
    state = open_resources(settings).services.found().state
    assert state is not None
    return state


def listed(settings: Settings) -> Watchlist:
    found = watchlists.find(state_of(settings), world.LIST, as_of=utc_now())
    assert found is not None
    return found


def box(app: AppTest, settings: Settings) -> str:
    """The key of the box that adds a formula to the list."""
    found = listed(settings)
    return f"watchlists_formula_{found.id}_{found.version}"


def formulas(app: AppTest) -> str:
    """The table of formulas."""
    return next(body for body in browse.bodies(app) if "<caption>Formulas</caption>" in body)


def test_a_formula_is_added_and_has_its_value_at_the_clock(settings: Settings) -> None:
    app = browse.visit(settings, "watchlists", list=world.LIST)
    app.text_input(key=box(app, settings)).set_value(RATIO).run()
    assert any("Last value:" in item.value for item in app.caption)
    app.button(key="watchlists_add_formula").click().run()
    assert not app.exception
    assert listed(settings).symbols[-1] == f"={RATIO}"
    at = open_resources(settings).db.at(utc_now())
    row = formula_values(at, texts=[RATIO]).frame.row(0, named=True)
    assert f"{row['value']:.5g}"[:5] in formulas(app)
    digits = decimals([row["value"], row["previous"]])
    assert written(row["change"], digits, sign=True) in formulas(app)
    assert row["unit"] in formulas(app)
    members = next(
        body for body in browse.bodies(app) if f"<caption>{world.LIST}</caption>" in body
    )
    assert RATIO not in members


def test_an_earlier_clock_has_the_earlier_value(settings: Settings) -> None:
    state, found = state_of(settings), listed(settings)
    early = found.created_at + timedelta(minutes=1)
    members = (*found.members, Member(f"={RATIO}"), Member(f"={GROWTH}"))
    watchlists.save(state, found.id, members, edit=Edit("me", early))
    then = utc_now() - timedelta(days=40)
    app = browse.visit(settings, "watchlists", list=world.LIST, as_of=iso(then))
    at = open_resources(settings).db.at(then)
    frame = formula_values(at, texts=[RATIO, GROWTH]).frame
    for row in frame.iter_rows(named=True):
        assert row["known_at"] <= then
        assert f"{row['date']:%d %b %Y}" in formulas(app)


def test_of_thousands_the_first_are_computed_and_that_is_said(settings: Settings) -> None:
    state, found = state_of(settings), listed(settings)
    given = [Member(f"=EQUITY0*{number}") for number in range(5_000)]
    watchlists.save(state, found.id, given, edit=Edit("me", utc_now()))
    app = browse.visit(settings, "watchlists", list=world.LIST)
    assert not app.exception
    assert formulas(app).count("<tr") == MOST_FORMULAS + 1
    assert f"the first {MOST_FORMULAS} of 5,000" in browse.text(app)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("EQUITY0/", "character"),
        ("EQUITY0/NOBODY", "at character 9 is no instrument or series"),
        ("1 + 2", "names no instrument or series"),
    ],
)
def test_a_bad_formula_is_one_sentence(settings: Settings, typed: str, sentence: str) -> None:
    app = browse.visit(settings, "watchlists", list=world.LIST)
    app.text_input(key=box(app, settings)).set_value(typed).run()
    assert not app.exception
    (said,) = [said for said in browse.sentences(app) if sentence in said]
    assert "Correct the formula" in said
    assert not [item for item in app.button if item.key == "watchlists_add_formula"]


def test_a_pasted_list_may_hold_formulas(settings: Settings) -> None:
    app = paste(settings, f"symbol\nEQUITY0\n={RATIO}\n=EQUITY0/\n")
    assert tally(app) == {"Rows": 3, "Accepted": 2, "Duplicates": 0, "Rejected": 1}
    title_field(app).set_value("Mixed").run()
    app.button(key="watchlists_keep").click().run()
    found = watchlists.find(state_of(settings), "Mixed", as_of=utc_now())
    assert found is not None
    assert found.symbols == ("demo:equity0", f"={RATIO}")


def test_a_rule_on_a_formula_is_saved_with_it(settings: Settings) -> None:
    app = browse.visit(settings, "alerts", new="yes")
    app.text_input(key="ar_name_new").set_value("Ratio").run()
    app.selectbox(key="ar_metric_new").set_value("formula").run()
    app.number_input(key="ar_trigger_new").set_value(2.0).run()
    assert any("a rule on a formula needs one" in said.lower() for said in browse.sentences(app))
    app.text_input(key="ar_formula_new").set_value(RATIO).run()
    assert any("Last value:" in item.value for item in app.caption)
    app.button(key="alerts_save").click().run()
    assert not app.exception
    saved = next(
        item
        for item in rules.listed(state_of(settings), as_of=utc_now())
        if item.terms.name == "Ratio"
    )
    assert saved.terms.definition["symbols"] == [f"={RATIO}"]
    again = browse.visit(settings, "alerts", rule="Ratio")
    key = f"ar_formula_{saved.id}_{saved.version}"
    assert again.text_input(key=key).value == RATIO
