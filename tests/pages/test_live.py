"""The live desk and the alerts without a browser: what is held, what fired then, rules by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import alerts, rules
from data.state.db import State
from data.state.values import Edit
from tests.pages import browse, world


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return world.build(tmp_path_factory.mktemp("live"))


def test_without_a_bus_the_desk_says_so_and_shows_what_is_held(settings: Settings) -> None:
    app = browse.visit(settings, "live")
    assert not app.exception
    shown = browse.text(app)
    assert "OFFLINE" in shown
    assert "<dt>Trades</dt><dd>–" in shown  # not known, which is not nought
    assert "<dt>Firing</dt><dd>–" in shown
    assert "as recorded; the bus is away" in shown
    assert any("Offline since" in sentence for sentence in browse.sentences(app))
    assert "Portfolio" in shown
    assert "equity0" in shown  # at its last close


def test_every_amount_of_a_portfolio_has_its_currency(settings: Settings) -> None:
    shown = browse.bodies(browse.visit(settings, "live"))
    portfolio = next(body for body in shown if "<caption>Portfolio</caption>" in body)
    head, *lines = portfolio.split("<tr>")[1:]
    for name in ("average cost", "last", "gain", "realised"):
        place = [cell for cell in head.split("<th")[1:]].index(
            next(cell for cell in head.split("<th")[1:] if f">{name}<" in cell)
        )
        for line in lines:
            cell = line.split("<td")[1:][place]
            assert "USD" in cell or "not known" in cell, (name, cell)
    assert lines


def test_the_chart_knows_how_long_a_hole_may_be_before_its_line_breaks(tmp_path: Path) -> None:
    built = world.build(tmp_path)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    world.add_ticks(built, noon, minutes=2)
    app = browse.visit(built, "live", as_of=iso(noon))
    charts = (one.proto for one in app.get("bidi_component"))
    (chart,) = (one for one in charts if one.component_name == "live_chart")
    data = json.loads(chart.json or chart.mixed.json)
    steps = {b - a for one in data["series"] for a, b in pairwise(one["t"])}
    assert steps == {1_000}  # a point a second
    assert max(steps) < data["gap"] <= 5_000


def test_an_odd_portfolio_is_said(settings: Settings) -> None:
    app = browse.visit(settings, "live", portfolio="none such")
    assert any("no portfolio named" in sentence for sentence in browse.sentences(app))


def test_alerts_of_then_are_in_the_state_of_then(settings: Settings) -> None:
    state = State.open(settings.state)
    last = alerts.known(state, as_of=utc_now())[0].firing.known_at
    state.close()
    clocks = {"before": -1, "during": 60, "after": 300}
    shown = {
        name: browse.text(
            browse.visit(
                settings,
                "alerts",
                as_of=iso((last + timedelta(seconds=off)).replace(microsecond=0)),
            )
        )
        for name, off in clocks.items()
    }
    stamp = last.strftime("%d %b %H:%M:%S")
    assert stamp not in shown["before"]
    assert stamp in shown["during"]
    assert "firing" in shown["during"].partition("Alerts fired")[2]
    assert "firing" not in shown["after"].partition("Alerts fired")[2]
    assert "&lt;b&gt;coin&lt;/b&gt;" in shown["after"]
    assert "Make or change" not in shown["after"]


def test_a_rule_is_made_changed_and_deleted(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, "alerts", new="yes")
    app.text_input(key="ar_name_new").set_value("Mine").run()
    app.number_input(key="ar_trigger_new").set_value(5.0).run()
    captions = [item.value for item in app.caption]
    assert (
        "Fires above 5. Resets below 4.95, the default of this metric: only then can it fire "
        "again." in captions
    )
    app.button(key="alerts_save").click().run()
    assert not app.exception
    mine = named(settings, "Mine")
    assert mine.terms.definition["trigger"] == 5.0
    assert mine.terms.definition["rearm"] == 4.95
    assert "price above 5; resets below 4.95, cooldown 1 min" in browse.text(app)
    app.button(key="alerts_new").click().run()
    assert (
        app.text_input(key="ar_name_new").value,
        app.number_input(key="ar_trigger_new").value,
    ) == (
        "",
        None,
    )
    app = browse.visit(settings, "alerts", rule="Mine")
    key = f"{mine.id}_{mine.version}"
    assert app.button(key="alerts_save").disabled
    app.number_input(key=f"ar_rearm_{key}").set_value(9.0).run()
    assert any("would end where it fires" in item for item in browse.sentences(app))
    app.number_input(key=f"ar_rearm_{key}").set_value(4.0).run()
    app.button(key="alerts_save").click().run()
    assert named(settings, "Mine").version == 2
    app = browse.visit(settings, "alerts", rule="Mine")
    app.button(key="alerts_delete").click().run()
    state = State.open(settings.state)
    assert [rule.terms.name for rule in rules.listed(state, as_of=utc_now())] == [world.RULE]
    state.close()


def test_a_rule_of_before_the_band_is_shown_and_kept_with_its_reset(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    state = State.open(settings.state)
    old = rules.create(
        state,
        rules.Terms("Old", {"metric": "price", "trigger": 5.0}),
        edit=Edit("a", utc_now()),
    )
    state.close()
    app = browse.visit(settings, "alerts", rule="Old")
    assert app.number_input(key=f"ar_rearm_{old.id}_1").value == 2.5
    assert app.button(key="alerts_save").disabled
    app.toggle(key=f"ar_on_{old.id}_1").set_value(False).run()
    app.button(key="alerts_save").click().run()
    assert named(settings, "Old").terms.definition["rearm"] == 2.5


def test_a_reset_at_the_trigger_is_warned_of(tmp_path: Path) -> None:
    app = browse.visit(world.build(tmp_path), "alerts", new="yes")
    app.number_input(key="ar_trigger_new").set_value(0.0).run()
    assert any("It resets where it fires" in item for item in browse.sentences(app))


def named(settings: Settings, name: str) -> rules.SavedRule:
    state = State.open(settings.state)
    try:
        held = {rule.terms.name: rule for rule in rules.listed(state, as_of=utc_now())}
        return held[name]
    finally:
        state.close()


def test_a_metric_that_has_no_archive_is_not_rehearsed(settings: Settings) -> None:
    app = browse.visit(settings, "alerts", new="yes")
    app.selectbox(key="ar_metric_new").set_value("bias").run()
    app.number_input(key="ar_trigger_new").set_value(0.5).run()
    assert "this metric has no such past" in browse.text(app)


def test_a_rule_of_all_instruments_is_rehearsed_on_all_that_traded_in_the_window(
    tmp_path: Path,
) -> None:
    """Also on those that had been quiet for the last hour of it."""
    settings = world.build(tmp_path)
    world.add_ticks(settings, utc_now() - timedelta(hours=3), minutes=2)
    app = browse.visit(settings, "alerts", new="yes")
    app.selectbox(key="ar_side_new").set_value("below").run()
    app.number_input(key="ar_trigger_new").set_value(1_000.0).run()
    app.number_input(key="ar_rearm_new").set_value(2_000.0).run()
    app.toggle(key="alerts_rehearse").set_value(True).run()
    said = "No instrument of this rule traded in the 1 hour before the clock."
    assert said in " ".join(browse.sentences(app))
    app.selectbox(key="alerts_span").set_value("6 hours").run()
    text = browse.text(app)
    assert "the 6 hours before the clock · 2 instruments" in text
    assert "AAAUSD" in text and "BBBUSD" in text
