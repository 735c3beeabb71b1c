"""Templates fill the form, and the form types percent and durations as people say them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analytics.live.close_rehearsal import close_rule_record
from analytics.live.rules import FLAGS, LAKE, LIVE, METRICS, read_rule, with_rearm
from data.clock import utc_now
from data.settings import Settings
from data.state import rules, watchlists
from data.state.db import State
from data.state.rules import SavedRule, Terms
from data.state.values import Edit
from pages.desk.rule_templates import TEMPLATES, RuleTemplate
from pages.desk.units import from_span, from_typed, span, to_span, to_typed
from pages.frame.resources import open_resources
from tests.pages import browse, world


def saved(settings: Settings, name: str) -> SavedRule:
    state = State.open(settings.state)
    try:
        return {rule.terms.name: rule for rule in rules.listed(state, as_of=utc_now())}[name]
    finally:
        state.close()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_template_is_a_rule_that_can_fire_again(template: RuleTemplate) -> None:
    rule = read_rule(template.definition, "0")
    assert rule.metric in LIVE or rule.metric in LAKE
    assert rule.rearm != rule.trigger


def test_a_template_fills_the_form_and_is_saved_as_it_is(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, "alerts", new="yes")
    app.selectbox(key="alerts_template").set_value("Price falls by 3 % in a day").run()
    assert app.number_input(key="ar_trigger_new").value == -3.0
    assert app.number_input(key="ar_trigger_new").label == "Trigger, %"
    assert app.number_input(key="ar_rest_new").value == 1.0
    assert app.selectbox(key="ar_rest_unit_new").value == "d"
    app.button(key="alerts_save").click().run()
    assert not app.exception
    rule = saved(settings, "Price falls by 3 % in a day").terms
    assert rule.definition == {
        "metric": "daily_move",
        "side": "below",
        "trigger": -0.03,
        "rearm": -0.015,
        "hold_s": 0.0,
        "cooldown_s": 86_400.0,
    }
    assert "Daily move below −3 %; resets above −1.5 %, cooldown 1 d" in browse.text(app)


def test_the_figure_of_a_country_is_chosen_by_name(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, "alerts", new="yes")
    app.selectbox(key="alerts_template").set_value("CPI of Germany is published").run()
    assert app.selectbox(key="ar_country_new").options[:2] == ["all countries", "Germany"]
    assert app.multiselect(key="ar_indicators_new").value == ["CPI"]
    app.button(key="alerts_save").click().run()
    rule = saved(settings, "CPI of Germany is published")
    assert rule.terms.definition["symbols"] == ["DEU CPI"]
    shown = browse.text(app)
    assert "Germany: Consumer price index" in shown
    assert "New figure published; cooldown 0 s" in shown
    app = browse.visit(settings, "alerts", rule=rule.terms.name)
    assert app.button(key="alerts_save").disabled, "a rule that is only looked at is unchanged"


def test_jobs_datasets_and_processes_are_chosen_from_lists(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, "alerts", new="yes")
    name = "A process is silent for five minutes"
    app.selectbox(key="alerts_template").set_value(name).run()
    assert app.multiselect(key="ar_subjects_new").options == ["feed", "archive", "monitor"]
    app.multiselect(key="ar_subjects_new").set_value(["monitor"]).run()
    app.button(key="alerts_save").click().run()
    assert saved(settings, name).terms.definition["symbols"] == ["monitor"]


def test_a_rule_on_closes_is_rehearsed_over_years(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, "alerts", new="yes")
    app.selectbox(key="alerts_template").set_value("Price falls by 3 % in a day").run()
    app.number_input(key="ar_trigger_new").set_value(-1.0).run()
    app.number_input(key="ar_rearm_new").set_value(0.0).run()
    app.toggle(key="alerts_rehearse_closes").set_value(True).run()
    assert not app.exception
    shown = next(body for body in browse.bodies(app) if "<caption>Rehearsal</caption>" in body)
    at = open_resources(settings).db.at(utc_now())
    today = at.as_of.date()
    since = today.replace(year=today.year - 1, day=min(today.day, 28))
    rule = {"metric": "daily_move", "side": "below", "trigger": -0.01, "rearm": 0.0}
    fires = close_rule_record(
        at, definition=json.dumps({**rule, "cooldown_s": 86_400.0}), since=since
    ).frame
    assert fires.height
    assert shown.count("<tr") >= min(fires.height, 100)
    assert f"<dd>{fires.height:,} <small>times" in shown
    newest = fires.sort("date", "symbol", descending=[True, False]).row(0, named=True)
    assert f"{newest['date']:%d %b %Y}" in shown
    assert f"{100 * newest['value']:.2f}".replace("-", "−") in shown.replace("-", "−")


def test_a_rehearsal_says_of_a_list_that_it_is_todays_and_whether_it_is_empty(
    tmp_path: Path,
) -> None:
    settings = world.build(tmp_path)
    made = Edit("tester", utc_now())
    fall = {"metric": "daily_move", "side": "below", "trigger": -0.01, "rearm": 0.0}
    state = State.open(settings.state)
    watchlists.create(state, "Nothing yet", [], edit=made)
    for name, scope in (
        ("Of a list", {"watchlist": world.LIST}),
        ("Of an empty list", {"watchlist": "Nothing yet"}),
        ("Of no portfolio", {"portfolio": "Nobody's"}),
    ):
        rules.create(state, Terms(name, fall | scope), edit=made)
    state.close()
    for name, said in (
        ("Of a list", "list or portfolio as it is now"),
        ("Of an empty list", "This rule watches nothing"),
        ("Of no portfolio", "This rule watches nothing"),
    ):
        app = browse.visit(settings, "alerts", rule=name)
        app.toggle(key="alerts_rehearse_closes").set_value(True).run()
        assert said in browse.text(app)
        assert ("It would not have fired" in browse.text(app)) is False


def test_a_rule_of_the_lakes_state_has_no_rehearsal(tmp_path: Path) -> None:
    app = browse.visit(world.build(tmp_path), "alerts", new="yes")
    app.selectbox(key="alerts_template").set_value("A job failed").run()
    assert "this metric has no such past" in browse.text(app)
    assert not [item for item in app.toggle if "rehearse" in str(item.key)]


STORED: tuple[dict[str, Any], ...] = (
    {
        "metric": "max_drawdown",
        "side": "below",
        "trigger": -0.015,
        "rearm": -0.007,
        "cooldown_s": 120,
    },
    {"metric": "age_ms", "trigger": 20_000, "rearm": 2_000, "cooldown_s": 90.5, "hold_s": 1.25},
    {"metric": "budget_used", "trigger": 0.1234567890123456, "rearm": 0.07},
    {"metric": "bias", "trigger": 0.5, "symbols": ["USA equity", "DEU currency"]},
    {"metric": "regime_turned", "trigger": 1, "rearm": 0.5, "cooldown_s": 86400},
)


@pytest.mark.parametrize("definition", STORED, ids=lambda definition: definition["metric"])
def test_a_stored_rule_stays_what_it_was(tmp_path: Path, definition: dict[str, Any]) -> None:
    settings = world.build(tmp_path)
    state = State.open(settings.state)
    terms = Terms("Stored", with_rearm(definition), "critical")
    rules.create(state, terms, edit=Edit("a", utc_now()))
    state.close()
    app = browse.visit(settings, "alerts", rule="Stored")
    assert not app.exception
    assert app.button(key="alerts_save").disabled


@pytest.mark.parametrize("metric", sorted(METRICS.keys() - FLAGS))
def test_levels_come_back_as_they_were_typed(metric: str) -> None:
    for typed in (3.0, -1.5, 0.07, 7.0, 12345.678, 0.0):
        stored = from_typed(metric, typed)
        assert to_typed(metric, stored) == typed
    assert from_typed("daily_move", 3.0) == 0.03
    assert from_typed("age_ms", 20.0) == 20_000.0
    assert from_typed(metric, None, 1.0) is None


def test_durations_have_the_unit_that_people_would_say() -> None:
    cases = {
        0.0: (0, "s"),
        60.0: (1, "min"),
        90.0: (90, "s"),
        7_200.0: (2, "h"),
        86_400.0: (1, "d"),
        1.5: (1.5, "s"),
    }
    for seconds, (number, unit) in cases.items():
        assert to_span(seconds) == (number, unit)
        assert from_span(number, unit) == seconds
    assert [span(x) for x in (0.5, 120, 5_400, 172_800)] == ["0.5 s", "2 min", "1.5 h", "2 d"]
