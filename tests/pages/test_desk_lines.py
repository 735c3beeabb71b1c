"""What the desk has on an instrument, in its chart: only what was recorded by the clock."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import alerts, positions, rules
from data.state.db import State
from data.state.positions import Draft, Exit
from data.state.rules import Terms
from data.state.values import Edit
from tests.pages import browse, world

SYMBOL = "demo:equity3"  # of which the world holds nothing
PORTFOLIO = "My <b>book</b>"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A world whose desk bought, sold and made rules a hundred days ago, and more today."""
    held = world.build(tmp_path_factory.mktemp("world"))
    state, then = State.open(held.state), utc_now() - timedelta(days=100)
    edit = Edit("tester", then)
    first = Draft(PORTFOLIO, SYMBOL, 10.0, 90.0, "USD", then)
    lot, _ = positions.enter(state, first, edit=edit)
    positions.enter(state, Draft("Other", SYMBOL, 10.0, 110.0, "USD", then), edit=edit)
    positions.enter(state, Draft("Other", SYMBOL, -4.0, 80.0, "EUR", then), edit=edit)
    positions.close(state, lot.id, Exit(5.0, 95.0, then), edit=edit)
    below = (("Cheap", "price", 70.0, 71.0), ("Shock", "daily_move", -0.03, -0.02))
    for name, metric, trigger, rearm in below:
        level = {"metric": metric, "side": "below", "trigger": trigger, "rearm": rearm}
        definition = level | {"symbols": [SYMBOL]}
        rules.create(state, Terms(name, definition), edit=edit)
    elsewhere = {"metric": "price", "trigger": 5.0, "symbols": ["demo:equity2"]}
    rules.create(state, Terms("Elsewhere", elsewhere), edit=edit)
    today = Edit("tester", utc_now())
    positions.enter(state, Draft("Late", SYMBOL, 1.0, 500.0, "USD", then), edit=today)
    late = {"metric": "price", "trigger": 300.0, "symbols": [SYMBOL]}
    rules.create(state, Terms("Late", late), edit=today)
    state.close()
    return held


def chart(app: AppTest) -> dict[str, Any]:
    """The data that the page sends to its price chart."""
    (found,) = (
        b.proto for b in app.get("bidi_component") if b.proto.component_name == "price_chart"
    )
    data: dict[str, Any] = json.loads(found.json or found.mixed.json)
    return data


def visit(settings: Settings, **query: str) -> tuple[dict[str, Any], str]:
    app = browse.visit(settings, "instrument", id=SYMBOL, **query)
    assert not app.exception
    return chart(app), " ".join(browse.bodies(app))


def back(days: int) -> str:
    moment: datetime = utc_now() - timedelta(days=days)
    return iso(moment)


def test_costs_and_price_triggers_are_lines_and_all_else_is_a_list(settings: Settings) -> None:
    data, shown = visit(settings, as_of=back(50))
    # Five at 90 and ten at 110 are left; the lots in euros have no line in dollars.
    cost = (5 * 90 + 10 * 110) / 15
    assert [(level["kind"], level["price"]) for level in data["levels"]] == [
        ("cost", pytest.approx(cost)),
        ("alert", 70.0),
    ]
    assert "Average costs in EUR are not drawn in the chart." in shown
    assert "Shock" in shown
    assert "Daily move below −3 %" in shown
    assert "not a price" in shown
    assert "Elsewhere" not in shown


def test_trades_are_marks_with_their_price(settings: Settings) -> None:
    data, _ = visit(settings, as_of=back(50))
    trades = [(m["kind"], m["letter"]) for m in data["marks"] if m["kind"] in ("buy", "sell")]
    assert trades == [("buy", "+10"), ("sell", "−5"), ("buy", "+10"), ("sell", "−4")]
    texts = [mark["text"] for mark in data["marks"] if mark["kind"] == "buy"]
    assert texts[0].endswith(f"Bought 10 at 90 USD · {PORTFOLIO}")


def test_what_was_recorded_later_is_not_there_before(settings: Settings) -> None:
    data, shown = visit(settings, as_of=back(200))
    assert data["levels"] == []
    assert not [mark for mark in data["marks"] if mark["kind"] in ("buy", "sell")]
    assert "<caption>Position" not in shown
    assert "<caption>Alert rules" not in shown
    data, shown = visit(settings, as_of=back(50))
    assert ">Late<" not in shown
    data, shown = visit(settings)
    assert ("alert", 300.0) in [(level["kind"], level["price"]) for level in data["levels"]]
    assert ">Late<" in shown
    assert "Bought 1 at 500 USD · Late" in " ".join(mark["text"] for mark in data["marks"])


def test_names_are_text(settings: Settings) -> None:
    _, shown = visit(settings)
    assert "My &lt;b&gt;book&lt;/b&gt;" in shown
    assert PORTFOLIO not in shown


def test_an_instrument_without_any_has_neither_lines_nor_panels(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="demo:fx5")
    assert chart(app)["levels"] == []
    assert not any("<caption>Position" in body for body in browse.bodies(app))


def test_a_position_has_a_receipt(settings: Settings, tmp_path: Path) -> None:
    app = browse.visit(settings, "instrument", id=SYMBOL)
    app = browse.unfold(app, "menu-position")
    assert any("book_positions" in caption.value for caption in app.caption)


def test_a_rule_on_all_trades_is_listed_where_it_fired(settings: Settings) -> None:
    state, then = State.open(settings.state), utc_now() - timedelta(days=90)
    definition = {"metric": "return_z", "side": "above", "trigger": 6.0, "rearm": 5.0}
    rule = rules.create(state, Terms("Any jump", definition), edit=Edit("tester", then))
    _, before = visit(settings)
    assert "Any jump" not in before
    at = then + timedelta(days=1)
    alerts.insert(state, alerts.Firing(rule.id, 1, "jump", SYMBOL, "return_z", at), now=at)
    state.close()
    _, after = visit(settings)
    assert "Any jump" in after
    _, then_shown = visit(settings, as_of=iso(at - timedelta(hours=1)))
    assert "Any jump" not in then_shown
