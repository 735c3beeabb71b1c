"""Positions: a dry run, one booking, sums that say what they leave out, and dated knowledge."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import imports, ledger, positions
from data.state.db import State
from pages.frame.resources import open_resources
from tests.pages import browse, world

TRADES = """date;side;ticker;quantity;price;currency;fee
2026-01-05;buy;EQUITY0;100;90,5;USD;1
2026-02-05;sell;EQUITY0;40;95,25;USD;1
2026-02-06;short;FX4;1000;100,5;USD;
2026-02-07;buy;demo:equity1;10;100,5;MNT;
2026-02-08;sell;EQUITY2;1;1,5;USD;
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def title_box(app: AppTest) -> Any:
    """The box for the name of a new portfolio."""
    return next(item for item in app.text_input if str(item.key).startswith("positions_title"))


def state_of(settings: Settings) -> State:
    state = open_resources(settings).services.found().state
    assert state is not None
    return state


def enter(settings: Settings, text: str = TRADES, title: str = "Mine") -> AppTest:
    app = browse.visit(settings, "positions")
    app.text_area(key="positions_paste_0").set_value(text).run()
    assert not app.exception
    title_box(app).set_value(title).run()
    app.button(key="positions_enter").click().run()
    assert not app.exception
    return app


def test_trades_are_entered_after_a_dry_run_and_valued(settings: Settings) -> None:
    app = enter(settings)
    lots = positions.lots(state_of(settings), as_of=utc_now(), portfolio="Mine")
    assert [lot.open_quantity for lot in lots] == [60, -1000, 10]
    text = browse.text(app)
    assert "Without a price or a rate, left out of the sums: equity1" in text
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
    assert any("No positions existed at this time" in said for said in browse.sentences(early))
    assert not app.get("file_uploader")


def test_a_mistake_is_voided(settings: Settings) -> None:
    app = enter(settings)
    box = app.selectbox(key="positions_mistake")
    box.set_value(box.options[-1]).run()
    app.button(key="positions_void").click().run()
    assert not app.exception
    lots = positions.lots(state_of(settings), as_of=utc_now(), portfolio="Mine")
    assert {lot.draft.symbol for lot in lots} == {"demo:equity0", "demo:fx4"}


def box(app: AppTest, words: str) -> Any:
    return next(item for item in app.selectbox if words in item.label)


def test_dates_in_either_order_are_asked(settings: Settings) -> None:
    app = browse.visit(settings, "positions")
    text = "date,side,ticker,quantity,price\n01/02/2026,buy,EQUITY0,1,1\n"
    app.text_area(key="positions_paste_0").set_value(text).run()
    assert app.button(key="positions_enter").disabled
    box(app, "choose day or month first").set_value("day first").run()
    assert "01 Feb 2026" in browse.text(app)
    assert app.button(key="positions_enter").label == "Add 1 trade"
    app.text_area(key="positions_paste_0").set_value(
        text.replace("01/02", "13/02") + "02/13/2026,buy,EQUITY1,1,1\n"
    ).run()
    assert any("some dates with the day first" in said for said in browse.sentences(app))


def test_what_is_not_said_is_asked_and_the_layout_is_remembered(settings: Settings) -> None:
    text = "zork,ticker,quantity,price\n2026-01-05,EQUITY0,10,1\n2026-01-06,EQUITY1,5,2\n"
    app = browse.visit(settings, "positions")
    app.text_area(key="positions_paste_0").set_value(text).run()
    assert app.button(key="positions_enter").disabled
    box(app, "No column tells the side").set_value("all are purchases").run()
    assert app.button(key="positions_enter").label == "Add 2 trades"
    title_box(app).set_value("Asked").run()
    app.button(key="positions_enter").click().run()
    assert not app.exception
    again = browse.visit(settings, "positions")
    more = text.replace("-05", "-07").replace("-06", "-08")
    again.text_area(key="positions_paste_0").set_value(more).run()
    assert again.button(key="positions_enter").label == "Add 2 trades"
    assert any("Layout: pasted" in item.value for item in again.caption)


def test_a_sale_of_what_is_not_held_takes_an_opening_balance(settings: Settings) -> None:
    text = "date,side,ticker,quantity,price,currency\n2026-02-05,sell,EQUITY0,40,95,USD\n"
    app = browse.visit(settings, "positions")
    app.text_area(key="positions_paste_0").set_value(text).run()
    assert app.button(key="positions_enter").disabled
    browse.unfold(app, "positions_opening_demo:equity0")
    app.number_input(key="positions_open_quantity_demo:equity0").set_value(100.0).run()
    app.number_input(key="positions_open_price_demo:equity0").set_value(80.0).run()
    app.text_input(key="positions_open_currency_demo:equity0").set_value("USD").run()
    app.date_input(key="positions_open_day_demo:equity0").set_value(date(2025, 1, 2)).run()
    app.button(key="positions_open_add_demo:equity0").click().run()
    assert not app.exception
    (lot,) = positions.held(state_of(settings), as_of=utc_now(), portfolio="Portfolio")
    assert (lot.draft.price, lot.draft.note) == (80.0, "opening balance")
    app.selectbox(key="positions_target").set_value("Portfolio").run()
    app.button(key="positions_enter").click().run()
    (lot,) = positions.held(state_of(settings), as_of=utc_now(), portfolio="Portfolio")
    assert lot.open_quantity == 60.0


def test_the_positions_that_follow_are_shown_and_an_import_is_undone(settings: Settings) -> None:
    dividend = "2026-02-09;dividend;EQUITY0;;2,5;USD;\n"
    app = browse.visit(settings, "positions")
    app.text_area(key="positions_paste_0").set_value(TRADES + dividend).run()
    shown = browse.text(app)
    assert "Positions after import" in shown
    assert "a dividend" in shown
    app = enter(settings, TRADES + dividend)
    state = state_of(settings)
    assert [b.kind for b in ledger.bookings(state, "Mine", as_of=utc_now())] == ["dividend"]
    (found,) = imports.listed(state, "Mine", as_of=utc_now())
    app.selectbox(key="positions_undo_which").set_value(f"import {found.id} · pasted").run()
    app.button(key="positions_undo").click().run()
    assert not app.exception
    assert positions.held(state, as_of=utc_now(), portfolio="Mine") == ()
    assert ledger.bookings(state, "Mine", as_of=utc_now()) == ()


def test_a_name_that_is_none_is_said(settings: Settings) -> None:
    app = browse.visit(settings, "positions")
    app.text_area(key="positions_paste_0").set_value("ticker,quantity,price\nEQUITY0,1,1\n").run()
    assert title_box(app).value == "Portfolio"
    title_box(app).set_value(" ").run()
    assert "Give the portfolio a name" in browse.text(app)
    title_box(app).set_value("../up").run()
    assert not app.exception
    assert any("holds a step of a path" in said for said in browse.sentences(app))


def test_names_and_notes_are_never_markup(settings: Settings) -> None:
    text = "date,side,ticker,quantity,price,note\n2026-01-05,buy,EQUITY0,1,1,<b>note</b>\n"
    app = enter(settings, text, title="<i>book</i>")
    assert "&lt;i&gt;book" in browse.text(app)
    assert "<i>book" not in browse.text(app)
    assert "&lt;b&gt;note" in browse.text(app)
