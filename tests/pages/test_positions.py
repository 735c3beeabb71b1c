"""Positions: a dry run, one booking, sums that say what they leave out, and dated knowledge."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import positions
from data.state.db import State
from pages.frame.resources import open_resources
from tests.pages import browse, world

TRADES = """date;side;ticker;quantity;price;currency;fee
2026-01-05;buy;EQUITY0;100;90,5;USD;1
2026-02-05;sell;EQUITY0;40;95,25;USD;1
2026-02-06;short;FX4;1000;100,5;USD;
2026-02-07;buy;demo:equity1;10;100,5;XXX;
2026-02-08;sell;EQUITY2;1;1,5;USD;
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def state_of(settings: Settings) -> State:
    state = open_resources(settings).services.found().state
    assert state is not None
    return state


def enter(settings: Settings, text: str = TRADES, title: str = "Mine") -> AppTest:
    app = browse.visit(settings, "positions")
    app.text_area(key="positions_paste_0").set_value(text).run()
    assert not app.exception
    app.text_input[0].set_value(title).run()
    app.button(key="positions_enter").click().run()
    assert not app.exception
    return app


def test_trades_are_entered_after_a_dry_run_and_valued(settings: Settings) -> None:
    app = enter(settings)
    lots = positions.lots(state_of(settings), as_of=utc_now(), portfolio="Mine")
    assert [lot.open_quantity for lot in lots] == [60, -1000, 10]
    text = browse.text(app)
    assert "Without a price or a rate, left out of the sums: demo:equity1" in text
    assert ">EQUITY0</a>" in text
    assert "05 Jan 2026" in text
    assert app.query_params["portfolio"] == "Mine"
    again = browse.visit(settings, "positions", portfolio="Mine")
    again.text_area(key="positions_paste_0").set_value(TRADES).run()
    again.selectbox(key="positions_target").set_value("Mine").run()
    assert again.button(key="positions_enter").disabled
    assert ">4</dd>" not in browse.text(again)
    strip = next(body for body in browse.bodies(again) if "<dt>Duplicates</dt>" in body)
    assert "<dd>4 " in strip.split("Duplicates")[1]


def test_what_was_recorded_today_was_not_known_yesterday(settings: Settings) -> None:
    enter(settings)
    past = iso(utc_now() - timedelta(days=2))
    app = browse.visit(settings, "positions", portfolio="Mine", as_of=past)
    assert any("no portfolio named" in said for said in browse.sentences(app))
    assert world.BOOK in app.selectbox(key="positions_portfolio").options
    early = browse.visit(settings, "positions", as_of="1999-01-01")
    assert any("Nothing was held and recorded then" in said for said in browse.sentences(early))
    assert not app.get("file_uploader")


def test_a_mistake_is_voided(settings: Settings) -> None:
    app = enter(settings)
    box = app.selectbox(key="positions_mistake")
    box.set_value(box.options[-1]).run()
    app.button(key="positions_void").click().run()
    assert not app.exception
    lots = positions.lots(state_of(settings), as_of=utc_now(), portfolio="Mine")
    assert {lot.draft.symbol for lot in lots} == {"demo:equity0", "demo:fx4"}


def test_dates_in_either_order_are_asked(settings: Settings) -> None:
    app = browse.visit(settings, "positions")
    text = "date,ticker,quantity,price\n01/02/2026,EQUITY0,1,1\n"
    app.text_area(key="positions_paste_0").set_value(text).run()
    assert "choose day or month first" in browse.text(app)
    choice = next(one for one in app.get("button_group") if "Dates begin with" in one.label)
    choice.set_value("day").run()
    assert "choose day or month first" not in browse.text(app)
    app.text_area(key="positions_paste_0").set_value(
        "date,ticker,quantity,price\n13/02/2026,EQUITY0,1,1\n02/13/2026,EQUITY1,1,1\n"
    ).run()
    assert any("some dates with the day first" in said for said in browse.sentences(app))


def test_a_name_that_is_none_is_said(settings: Settings) -> None:
    app = browse.visit(settings, "positions")
    app.text_area(key="positions_paste_0").set_value("ticker,quantity,price\nEQUITY0,1,1\n").run()
    assert app.text_input[0].value == "Portfolio"
    app.text_input[0].set_value(" ").run()
    assert "Give the portfolio a name" in browse.text(app)
    app.text_input[0].set_value("../up").run()
    assert not app.exception
    assert any("holds a step of a path" in said for said in browse.sentences(app))


def test_names_and_notes_are_never_markup(settings: Settings) -> None:
    text = "ticker,quantity,price,note\nEQUITY0,1,1,<b>note</b>\n"
    app = enter(settings, text, title="<i>book</i>")
    assert "&lt;i&gt;book" in browse.text(app)
    assert "<i>book" not in browse.text(app)
    assert "&lt;b&gt;note" in browse.text(app)
