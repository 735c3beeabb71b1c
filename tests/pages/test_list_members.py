"""Watchlists by hand: a new list, members added and removed by name, and from an instrument."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.lake import Lake
from data.settings import Settings
from data.state import watchlists
from data.state.db import State
from data.state.values import Edit
from data.state.watchlists import Member, Watchlist
from pages.desk.list_members import NAME, OPEN, PICK
from pages.frame.resources import open_resources
from tests.pages import browse, world
from tests.pages.test_pickers import company

HEBREW = "רשימת מניות"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The world with a company that has no price."""
    built = world.build(tmp_path)
    new = company("demo:QUIET", "QUIET", "Quiet Holdings", utc_now() - timedelta(days=90))
    lake = Lake(built.lake, workspace=built.workspace)
    lake.upsert("instruments", world.rows("instruments", [new]), publish_id="quiet")
    return built


def state_of(settings: Settings) -> State:
    state = open_resources(settings).services.found().state
    assert state is not None
    return state


def lists(settings: Settings) -> dict[str, Watchlist]:
    return {item.name: item for item in watchlists.listed(state_of(settings), as_of=utc_now())}


def choose(app: AppTest, key: str, *symbols: str) -> None:
    """What the reader chose in a box that keeps its choice in the session."""
    app.session_state[f"{key}_chosen"] = ((), list(symbols))


def make(settings: Settings, name: str, *symbols: str) -> AppTest:
    """The page after a list of this name was made by hand."""
    app = browse.visit(settings, "watchlists")
    app.button(key="watchlists_make").click().run()
    app.text_input(key=NAME).set_value(name)
    choose(app, PICK, *symbols)
    app.button(key="watchlists_create").click().run()
    assert not app.exception
    return app


def test_a_list_is_made_by_hand_and_shown(settings: Settings) -> None:
    app = make(settings, "By hand", "demo:equity0", "demo:crypto6")
    made = lists(settings)["By hand"]
    assert made.symbols == ("demo:equity0", "demo:crypto6")
    assert (made.version, made.note) == (1, "made by hand")
    assert app.query_params["list"] == "By hand"
    assert "2 members" in browse.text(app)
    assert OPEN not in app.session_state
    assert f"{PICK}_chosen" not in app.session_state


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "is empty; give it a name"),
        ("   ", "is empty; give it a name"),
        (world.LIST.upper(), "exists already"),
        ("N" * 200, "has 200 characters, at most 80"),
        ("a\u202eb", "invisible character U+202E"),
    ],
)
def test_a_bad_name_is_one_sentence_and_keeps_what_was_chosen(
    settings: Settings, name: str, sentence: str
) -> None:
    app = make(settings, name, "demo:equity0")
    assert sum(sentence in said for said in browse.sentences(app)) == 1
    assert set(lists(settings)) == {world.LIST}
    assert app.text_input(key=NAME).value == name
    assert app.session_state[f"{PICK}_chosen"] == ((), ["demo:equity0"])
    app.button(key="watchlists_cancel").click().run()
    assert not any(sentence in said for said in browse.sentences(app))
    assert OPEN not in app.session_state


def test_a_list_may_begin_empty_and_be_named_from_right_to_left(settings: Settings) -> None:
    app = make(settings, HEBREW)
    assert lists(settings)[HEBREW].symbols == ()
    assert "This list has no member" in browse.text(app) or "0 members" in browse.text(app)
    assert not [item for item in app.button if item.key == "watchlists_remove_members"]


def test_an_instrument_without_prices_has_its_name_and_no_figures(settings: Settings) -> None:
    text = browse.text(make(settings, "Quiet ones", "demo:QUIET", "demo:equity0"))
    assert "Quiet Holdings" in text
    assert "1 of them has no price within ten days of the clock, so no figures are shown" in text


def test_members_are_added_once_and_removed(settings: Settings) -> None:
    before = lists(settings)[world.LIST]
    add, remove = f"watchlists_add_{before.id}", f"watchlists_remove_{before.id}"
    app = browse.visit(settings, "watchlists", list=world.LIST)
    choose(app, add, before.symbols[0], "demo:fx4", "demo:equity3")
    app.run()
    assert any("already; a member is kept once" in item.value for item in app.caption)
    assert app.button(key="watchlists_add_members").label == "Add 2 members"
    app.button(key="watchlists_add_members").click().run()
    assert lists(settings)[world.LIST].symbols == (*before.symbols, "demo:fx4", "demo:equity3")
    assert lists(settings)[world.LIST].members[: len(before.members)] == before.members
    assert f"{add}_chosen" not in app.session_state
    choose(app, remove, before.symbols[0])
    app.run()
    app.button(key="watchlists_remove_members").click().run()
    after = lists(settings)[world.LIST]
    assert after.symbols == (*before.symbols[1:], "demo:fx4", "demo:equity3")
    assert after.version == 3
    assert not app.exception


def test_two_readers_add_at_once_and_both_are_kept(settings: Settings) -> None:
    before = lists(settings)[world.LIST]
    key = f"watchlists_add_{before.id}"
    app = browse.visit(settings, "watchlists", list=world.LIST)
    choose(app, key, "demo:fx4")
    app.run()
    state = state_of(settings)
    watchlists.add_members(state, before.id, [Member("demo:fx5")], edit=Edit("bob", utc_now()))
    app.button(key="watchlists_add_members").click().run()
    assert lists(settings)[world.LIST].symbols == (*before.symbols, "demo:fx5", "demo:fx4")


def test_a_name_that_another_reader_took_meanwhile_is_refused(settings: Settings) -> None:
    app = browse.visit(settings, "watchlists")
    app.button(key="watchlists_make").click().run()
    app.text_input(key=NAME).set_value("Race").run()
    watchlists.create(state_of(settings), "race", [], edit=Edit("bob", utc_now()))
    app.button(key="watchlists_create").click().run()
    assert any("exists already" in said for said in browse.sentences(app))
    assert lists(settings)["race"].author == "bob"


def test_unsaved_changes_of_the_table_are_not_lost_without_a_word(settings: Settings) -> None:
    before = lists(settings)[world.LIST]
    app = browse.visit(settings, "watchlists", list=world.LIST)
    app.session_state[f"watchlists_unsaved_{before.id}"] = before.version
    state = state_of(settings)
    watchlists.add_members(state, before.id, [Member("demo:fx5")], edit=Edit("bob", utc_now()))
    app.run()
    assert any("bob saved version 2" in said for said in browse.sentences(app))
    app.run()
    assert not any("bob saved version 2" in said for said in browse.sentences(app))


def test_a_past_clock_changes_nothing_and_shows_what_was(settings: Settings) -> None:
    before = lists(settings)[world.LIST]
    then = utc_now() - timedelta(days=1)
    make(settings, "By hand", "demo:equity0")
    edit = Edit("me", utc_now())
    watchlists.add_members(state_of(settings), before.id, [Member("demo:fx5")], edit=edit)
    app = browse.visit(settings, "watchlists", list=world.LIST, as_of=iso(then))
    assert not [item for item in app.button if item.key == "watchlists_make"]
    assert f"{len(before.members)} members" in browse.text(app)
    assert "By hand" not in app.selectbox(key="watchlists_list").options
    page = browse.visit(settings, "instrument", id="demo:equity0", as_of=iso(then))
    assert not [item for item in page.button if str(item.key).startswith("list-of-")]


def test_an_instrument_is_added_from_its_page(settings: Settings) -> None:
    before = lists(settings)[world.LIST]
    menu = "list-of-demo:fx5"
    app = browse.unfold(browse.visit(settings, "instrument", id="demo:fx5"), menu)
    app.button(key=f"{menu}-0").click().run()
    assert not app.exception
    assert lists(settings)[world.LIST].symbols == (*before.symbols, "demo:fx5")
    assert app.button(key=f"{menu}-0").disabled
    app.text_input(key=f"{menu}-name").set_value(world.LIST).run()
    app.button(key=f"{menu}-new").click().run()
    assert any("exists already" in said for said in browse.sentences(app))
    app.text_input(key=f"{menu}-name").set_value("Rates of exchange").run()
    app.button(key=f"{menu}-new").click().run()
    assert lists(settings)["Rates of exchange"].symbols == ("demo:fx5",)
