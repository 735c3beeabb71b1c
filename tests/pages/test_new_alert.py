"""The form of an alert rule: opened at the top of Alerts, or from an instrument with its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import rules
from pages.frame.resources import open_resources
from tests.pages import browse, world

TEMPLATE = "Price falls by 3 % in a day"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def saved(settings: Settings) -> dict[str, rules.SavedRule]:
    state = open_resources(settings).services.found().state
    assert state is not None
    return {rule.terms.name: rule for rule in rules.listed(state, as_of=utc_now())}


def has_form(app: AppTest) -> bool:
    return any(box.key == "ar_name_new" for box in app.text_input)


def test_the_form_opens_above_all_panels_and_closes(settings: Settings) -> None:
    app = browse.visit(settings, "alerts")
    assert not has_form(app)
    app.button(key="alerts_new").click().run()
    assert has_form(app)
    headings = [body for body in browse.bodies(app) if "<h3>" in body]
    assert "<h3>New alert</h3>" in headings[0]
    assert "<h3>Inbox</h3>" in headings[1]
    app.text_input(key="ar_name_new").set_value("Begun").run()
    app.button(key="alerts_close").click().run()
    assert not has_form(app)
    assert "new" not in app.query_params
    app.button(key="alerts_new").click().run()
    assert app.text_input(key="ar_name_new").value == ""


def test_a_rule_is_chosen_to_be_changed_and_gives_way_to_a_new_one(settings: Settings) -> None:
    app = browse.visit(settings, "alerts", new="yes")
    app.selectbox(key="alerts_rule").set_value(world.RULE).run()
    assert not has_form(app)
    assert browse.asked(app, "rule") == world.RULE
    assert any("<h3>Change the rule</h3>" in body for body in browse.bodies(app))
    app.button(key="alerts_new").click().run()
    assert has_form(app)
    assert "rule" not in app.query_params
    assert app.selectbox(key="alerts_rule").value == "choose a rule"


def test_an_instrument_is_filled_in_and_stays_with_a_template(settings: Settings) -> None:
    app = browse.visit(settings, "alerts", new="yes", id="demo:equity1")
    assert app.selectbox(key="ar_metric_new").value == "daily_move"
    app.selectbox(key="alerts_template").set_value(TEMPLATE).run()
    name = f"EQUITY1: {TEMPLATE}"
    assert app.text_input(key="ar_name_new").value == name
    app.button(key="alerts_save").click().run()
    assert not app.exception
    assert saved(settings)[name].terms.definition["symbols"] == ["demo:equity1"]
    assert {browse.asked(app, "new"), browse.asked(app, "id")} == {None}
    app.button(key="alerts_new").click().run()
    app.selectbox(key="alerts_template").set_value(TEMPLATE).run()
    app.button(key="alerts_save").click().run()
    assert "symbols" not in saved(settings)[TEMPLATE].terms.definition


def test_an_instrument_has_no_part_in_a_rule_on_something_else(settings: Settings) -> None:
    app = browse.visit(settings, "alerts", new="yes", id="demo:equity1")
    app.selectbox(key="alerts_template").set_value("A job failed").run()
    app.button(key="alerts_save").click().run()
    assert "symbols" not in saved(settings)["A job failed"].terms.definition


def test_an_unknown_instrument_is_said_and_not_filled_in(settings: Settings) -> None:
    app = browse.visit(settings, "alerts", new="yes", id="demo:<b>none")
    assert any("No instrument called" in said for said in browse.sentences(app))
    assert "<b>none" not in browse.text(app)
    app.selectbox(key="alerts_template").set_value(TEMPLATE).run()
    assert app.text_input(key="ar_name_new").value == TEMPLATE


def test_at_a_past_clock_there_is_no_form(settings: Settings) -> None:
    then = iso(utc_now().replace(microsecond=0))
    app = browse.visit(settings, "alerts", new="yes", id="demo:equity1", as_of=then)
    assert not has_form(app)
    assert not [item for item in app.button if item.key == "alerts_new"]
    assert any("Rules are changed at Now" in item.value for item in app.caption)


def test_rehearsal_is_offered_above_the_button_that_saves(settings: Settings) -> None:
    app = browse.visit(settings, "alerts", new="yes")
    app.selectbox(key="alerts_template").set_value(TEMPLATE).run()
    shown = [getattr(item, "key", None) for item in app.main]
    assert shown.index("alerts_rehearse_closes") < shown.index("alerts_save")
    assert app.button(key="alerts_save").label == "Save alert"
    rearm = app.number_input(key="ar_rearm_new")
    assert rearm.help.startswith("The alert is over, and may fire again, once")
    app.toggle(key="alerts_rehearse_closes").set_value(True).run()
    assert not app.exception
    assert any("<h3>Rehearsal</h3>" in body for body in browse.bodies(app))
