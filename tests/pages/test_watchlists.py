"""Watchlists: a dry run before anything is kept, questions instead of guesses, dated versions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import readers, watchlists
from data.state.db import State
from data.state.values import Edit
from data.uploads.check import Meaning, Reading, check_list, members
from data.uploads.columns import guess, tabulate
from data.uploads.sheet import read_grid
from pages.frame import exports
from pages.frame.lists import to_frame
from pages.frame.reader import SHARED
from pages.frame.resources import open_resources
from tests.data.uploads import nasty
from tests.pages import browse, world

PASTE = "watchlists_paste_0"
MIME = "application/octet-stream"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A world with its list, and two instruments of one ticker."""
    built = world.build(tmp_path)
    lake = open_resources(built)
    assert lake.db.at(utc_now()).sql("SELECT count(*) AS n FROM instruments").frame["n"][0] == 10
    return built


def state_of(settings: Settings) -> State:
    state = open_resources(settings).services.found().state
    assert state is not None
    return state


def paste(settings: Settings, text: str, **address: str) -> AppTest:
    """The page after something was pasted."""
    app = browse.visit(settings, "watchlists", **address)
    app.text_area(key=PASTE).set_value(text).run()
    assert not app.exception
    return app


def title_field(app: AppTest) -> TextInput:
    """Where the list of what was pasted gets its name."""
    (field,) = (box for box in app.text_input if box.label == "Name of the list")
    return field


def tally(app: AppTest) -> dict[str, int]:
    """What the strip of the dry run says."""
    strip = next(body for body in browse.bodies(app) if "<dt>Accepted</dt>" in body)
    found = {}
    for part in strip.split("<dt>")[1:]:
        label, _, rest = part.partition("</dt><dd>")
        found[label] = int(rest.split(" ")[0].replace(",", ""))
    return found


def names(settings: Settings) -> dict[str, tuple[str, ...]]:
    return {
        item.name: item.symbols for item in watchlists.listed(state_of(settings), as_of=utc_now())
    }


def test_a_dry_run_comes_first_and_keeps_nothing(settings: Settings) -> None:
    app = paste(settings, "ticker;weight\nEQUITY0;0,5\nEQUITY0;1\nNOBODY;1\nFX4;NaN\nCRYPTO6;1")
    assert tally(app) == {"Rows": 5, "Accepted": 2, "Duplicates": 1, "Rejected": 2}
    assert set(names(settings)) == {world.LIST}
    title_field(app).set_value("Mine").run()
    app.button(key="watchlists_keep").click().run()
    assert not app.exception
    assert names(settings)["Mine"] == ("demo:equity0", "demo:crypto6")
    assert app.query_params["list"] == "Mine"
    assert "2 members · weights add up to 1.5" in browse.text(app)
    assert app.text_area(key="watchlists_paste_1").value in (None, "")


def test_the_only_list_opens_and_the_import_stays_open(settings: Settings) -> None:
    app = browse.visit(settings, "watchlists")
    assert app.selectbox(key="watchlists_list").value == world.LIST
    assert "3 members" in browse.text(app)
    imports = next(box for box in app.expander if box.label == "Import watchlist")
    assert imports.proto.expanded
    app.selectbox(key="watchlists_list").set_value("none ").run()
    assert app.query_params["list"] == "none "
    assert "3 members" not in browse.text(app)
    app = browse.visit(settings, "watchlists", list=world.LIST)
    imports = next(box for box in app.expander if box.label == "Import watchlist")
    assert not imports.proto.expanded
    watchlists.create(state_of(settings), "Second", [], edit=Edit("me", utc_now()))
    app = browse.visit(settings, "watchlists")
    assert app.selectbox(key="watchlists_list").value == "none "


def test_the_same_again_is_all_duplicates(settings: Settings) -> None:
    app = paste(settings, "EQUITY0\nEQUITY1\nEQUITY2\n")
    app.selectbox(key="watchlists_target").set_value(world.LIST).run()
    assert tally(app) == {"Rows": 3, "Accepted": 0, "Duplicates": 3, "Rejected": 0}
    assert app.button(key="watchlists_keep").disabled
    app = paste(settings, "EQUITY0\nEQUITY3\n")
    app.selectbox(key="watchlists_target").set_value(world.LIST).run()
    app.button(key="watchlists_keep").click().run()
    assert names(settings)[world.LIST][-1] == "demo:equity3"
    held = watchlists.find(state_of(settings), world.LIST, as_of=utc_now())
    assert held is not None
    assert held.version == 2
    assert held.members[0].note == "=SUM(1) <b>bold</b>"


def test_a_name_that_means_several_is_asked(settings: Settings) -> None:
    app = paste(settings, "name\nInvented equity\nInvented crypto\n")
    assert tally(app) == {"Rows": 2, "Accepted": 1, "Duplicates": 0, "Rejected": 0, "Questions": 1}
    (box,) = [box for box in app.selectbox if box.label == "Which Invented equity?"]
    assert box.value is None
    assert len(box.options) == 4
    box.set_value(box.options[2]).run()
    assert tally(app) == {"Rows": 2, "Accepted": 2, "Duplicates": 0, "Rejected": 0}
    title_field(app).set_value("Asked").run()
    app.button(key="watchlists_keep").click().run()
    assert names(settings)["Asked"] == ("demo:equity2", "demo:crypto6")


def test_questions_are_answered_in_any_order_and_can_be_answered_anew(settings: Settings) -> None:
    app = paste(settings, "name\nInvented fx\nInvented equity\n")

    def box(word: str) -> Any:
        return next(item for item in app.selectbox if item.label == f"Which {word}?")

    box("Invented equity").set_value(box("Invented equity").options[3]).run()
    assert tally(app)["Accepted"] == 1
    box("Invented fx").set_value(box("Invented fx").options[1]).run()
    assert tally(app) == {"Rows": 2, "Accepted": 2, "Duplicates": 0, "Rejected": 0}
    box("Invented equity").set_value(box("Invented equity").options[0]).run()
    shown = browse.text(app)
    assert "demo:equity0" in shown
    assert "demo:equity3" not in shown
    assert "demo:fx5" in shown


def test_a_workbook_begins_at_the_first_sheet_that_holds_something(settings: Settings) -> None:
    app = browse.visit(settings, "watchlists")
    app.file_uploader(key="watchlists_file_0").upload("book.xlsx", nasty.spreadsheet(), MIME).run()
    assert not app.exception
    sheet = next(box for box in app.selectbox if box.label == "Sheet")
    assert sheet.value == "Holdings"
    assert tally(app)["Rows"] == 4
    app.run()
    assert tally(app)["Rows"] == 4
    next(box for box in app.selectbox if box.label == "Sheet").set_value("Empty").run()
    assert any("No sheet of this workbook has a cell" in s for s in browse.sentences(app))
    next(box for box in app.selectbox if box.label == "Sheet").set_value("Holdings").run()
    assert tally(app)["Rows"] == 4


def test_columns_can_be_changed_and_an_open_mark_is_asked(settings: Settings) -> None:
    app = paste(settings, 'thing,girth\nEQUITY0,"1,234"\nEQUITY1,"5,678"\n')
    girth = next(box for box in app.selectbox if box.label == "quantity")
    assert girth.value == "—"
    girth.set_value("girth").run()
    assert tally(app)["Rejected"] == 2
    mark = next(item for item in app.get("button_group") if "the decimal mark is" in item.label)
    mark.set_value(",").run()
    assert tally(app)["Accepted"] == 2
    next(box for box in app.selectbox if box.label == "symbol").set_value("—").run()
    assert any("No column names the instruments" in said for said in browse.sentences(app))


def test_what_cannot_be_read_is_one_sentence(settings: Settings) -> None:
    app = paste(settings, 'ticker,note\nEQUITY0,"open\n')
    (said,) = [said for said in browse.sentences(app) if "quote" in said]
    assert "Line 2: a quote is not closed" in said
    assert "Nothing was imported" in said


def test_a_name_that_is_taken_or_a_path_is_refused(settings: Settings) -> None:
    for title, words in ((world.LIST.upper(), "exists already"), ("../up", "step of a path")):
        app = paste(settings, "EQUITY0\n")
        title_field(app).set_value(title).run()
        app.button(key="watchlists_keep").click().run()
        assert any(words in said for said in browse.sentences(app))
    assert set(names(settings)) == {world.LIST}


def test_at_a_past_clock_a_list_is_as_it_was_and_cannot_be_changed(settings: Settings) -> None:
    state = state_of(settings)
    held = watchlists.find(state, world.LIST, as_of=utc_now())
    assert held is not None
    later = utc_now() - timedelta(days=1)
    watchlists.save(state, held.id, held.members[:1], edit=Edit("me", later))
    now = browse.visit(settings, "watchlists", list=world.LIST)
    then = browse.visit(
        settings, "watchlists", list=world.LIST, as_of=iso(later - timedelta(days=9))
    )
    assert "1 member ·" in browse.text(now)
    assert "3 members" in browse.text(then)
    assert now.get("file_uploader")
    assert not then.get("file_uploader")
    early = browse.visit(settings, "watchlists", list=world.LIST, as_of="1999-01-01")
    assert any("no list named" in said for said in browse.sentences(early))


def test_undo_rename_and_delete(settings: Settings) -> None:
    app = paste(settings, "EQUITY3\n")
    app.selectbox(key="watchlists_target").set_value(world.LIST).run()
    app.button(key="watchlists_keep").click().run()
    assert len(names(settings)[world.LIST]) == 4
    app.button(key="watchlists_undo").click().run()
    assert len(names(settings)[world.LIST]) == 3
    browse.unfold(app, "watchlists_more")
    held = watchlists.find(state_of(settings), world.LIST, as_of=utc_now())
    assert held is not None
    app.text_input(key=f"watchlists_rename_{held.id}").set_value("Renamed").run()
    app.button(key="watchlists_do_rename").click().run()
    assert set(names(settings)) == {"Renamed"}
    assert app.query_params["list"] == "Renamed"
    app.button(key="watchlists_delete").click().run()
    assert names(settings) == {}
    assert "list" not in app.query_params


def test_a_change_is_signed_with_the_name_of_the_reader(settings: Settings) -> None:
    authors = []
    for typed, ticker in (("", "EQUITY3"), ("Ada  Byron", "FX4")):
        if typed:
            readers.rename(state_of(settings), SHARED, typed, now=utc_now())
        app = paste(settings, f"{ticker}\n")
        app.selectbox(key="watchlists_target").set_value(world.LIST).run()
        app.button(key="watchlists_keep").click().run()
        assert not app.exception
        saved = watchlists.find(state_of(settings), world.LIST, as_of=utc_now())
        assert saved is not None
        (newest, *_) = watchlists.history(state_of(settings), saved.id, as_of=utc_now())
        authors.append(newest.author)
    assert authors == ["analyst", "Ada Byron"]


def test_cells_of_a_list_are_never_markup(settings: Settings) -> None:
    text = browse.text(browse.visit(settings, "watchlists", list=world.LIST))
    assert "=SUM(1) &lt;b&gt;bold&lt;/b&gt;" in text
    assert "<b>bold" not in text


def test_an_export_comes_back_as_it_went(settings: Settings) -> None:
    held = watchlists.find(state_of(settings), world.LIST, as_of=utc_now())
    assert held is not None
    for make, name in ((exports.to_csv, "a.csv"), (exports.to_parquet, "a.parquet")):
        table = tabulate(read_grid(make(to_frame(held), {"title": "Ours, all"}), name))
        columns = guess(table)
        meanings = {symbol: [Meaning(symbol, symbol)] for symbol in held.symbols}
        assert tuple(members(check_list(table, Reading(columns), meanings))) == held.members
