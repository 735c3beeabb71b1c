"""A trade by hand: its price begins with the day's close, and it is matched with what is held."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.query import Db
from data.settings import Settings
from data.state import imports, positions
from data.state.positions import Lot
from tests.pages import browse, world
from tests.pages.test_positions import state_of

SYMBOL = "demo:equity0"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def box(app: AppTest, kind: str, name: str) -> Any:
    return next(
        item for item in getattr(app, kind) if str(item.key).startswith(f"positions_trade_{name}_")
    )


def chosen(settings: Settings, side: str = "buy") -> AppTest:
    """The form with an instrument and the last session of the world."""
    app = browse.visit(settings, "positions", portfolio=world.BOOK)
    turn = app.session_state["positions_trade_turn"]
    app.session_state[f"positions_trade_symbol_{turn}_chosen"] = ((), [SYMBOL])
    box(app, "selectbox", "side").set_value(side)
    box(app, "date_input", "day").set_value(world.last_day()).run()
    assert not app.exception
    return app


def lots_of(settings: Settings) -> list[Lot]:
    found = positions.lots(state_of(settings), as_of=utc_now(), portfolio=world.BOOK)
    return [lot for lot in found if lot.draft.symbol == SYMBOL]


def last_close(settings: Settings) -> float:
    db = Db(settings.lake)
    sql = "SELECT close FROM prices WHERE symbol = $s AND date <= $d ORDER BY date DESC LIMIT 1"
    close = db.at(utc_now()).sql(sql, s=SYMBOL, d=world.last_day()).frame["close"][0]
    db.close()
    return float(close)


def test_a_purchase_begins_with_the_close_and_is_undone_like_an_import(settings: Settings) -> None:
    before = lots_of(settings)
    app = chosen(settings)
    assert box(app, "number_input", "price").value == last_close(settings)
    assert not [item for item in app.button if item.key == "positions_trade_add"]
    box(app, "number_input", "quantity").set_value(100.0).run()
    app.button(key="positions_trade_add").click().run()
    assert not app.exception
    (added,) = [lot for lot in lots_of(settings) if lot.id not in {lot.id for lot in before}]
    draft = added.draft
    assert (draft.quantity, draft.price, draft.currency) == (100, last_close(settings), "USD")
    assert draft.opened_at.date() == world.last_day()
    kept = imports.listed(state_of(settings), world.BOOK, as_of=utc_now())
    assert "by hand" in [item.file.name for item in kept]
    past = browse.visit(
        settings, "positions", portfolio=world.BOOK, as_of=iso(utc_now() - timedelta(hours=1))
    )
    assert "Add trade" not in [item.label for item in past.expander]


def test_a_sale_closes_what_is_held_and_never_more(settings: Settings) -> None:
    held = sum(lot.open_quantity for lot in lots_of(settings))
    app = chosen(settings, "sell")
    box(app, "number_input", "quantity").set_value(held + 1).run()
    assert not [item for item in app.button if item.key == "positions_trade_add"]
    assert any("were open at" in item.value for item in app.caption)
    box(app, "number_input", "quantity").set_value(held).run()
    app.button(key="positions_trade_add").click().run()
    assert sum(lot.open_quantity for lot in lots_of(settings)) == 0


def test_a_price_far_from_the_close_is_doubted_and_two_alike_are_two(settings: Settings) -> None:
    count = len(lots_of(settings))
    for _ in range(2):
        app = chosen(settings)
        box(app, "number_input", "quantity").set_value(1.0).run()
        assert not any("from the close of" in said for said in browse.sentences(app))
        box(app, "number_input", "price").set_value(2 * last_close(settings)).run()
        assert any("+100 % from the close of" in said for said in browse.sentences(app))
        app.button(key="positions_trade_add").click().run()
    assert len(lots_of(settings)) == count + 2
