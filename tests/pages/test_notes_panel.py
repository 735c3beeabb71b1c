"""Notes on the page of an instrument: written, changed, deleted, and shown as of the clock."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import notes
from data.state.db import State
from data.state.values import Edit
from tests.pages import browse, world

SYMBOL = "demo:equity0"
MARKUP = "<b>Sell</b> **all**\nnext line"


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return world.build(tmp_path_factory.mktemp("world"))


def marks(app: AppTest) -> list[dict[str, Any]]:
    """The notes that the page sends to its price chart."""
    (found,) = (
        b.proto for b in app.get("bidi_component") if b.proto.component_name == "price_chart"
    )
    data = json.loads(found.json or found.mixed.json)
    return [mark for mark in data["marks"] if mark["kind"] == "note"]


def written(app: AppTest) -> list[str]:
    return [body for body in browse.bodies(app) if 'class="b-written"' in body]


def press(app: AppTest, label: str) -> AppTest:
    app = next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def write(app: AppTest, text: str) -> AppTest:
    app.text_area(key="instrument_note").set_value(text)
    return press(app, "Save note")


def test_a_note_is_written_marked_changed_and_deleted(settings: Settings) -> None:
    before = utc_now() - timedelta(minutes=2)
    app = write(browse.visit(settings, "instrument", id=SYMBOL), MARKUP)
    (shown,) = written(app)
    assert "&lt;b&gt;Sell&lt;/b&gt; **all**\nnext line" in shown
    assert "analyst · " in shown
    (mark,) = marks(app)
    assert mark["text"].endswith("analyst: <b>Sell</b> **all** next line")
    state = State.open(settings.state)
    (note,) = notes.of_instrument(state, SYMBOL, as_of=utc_now())
    app = browse.unfold(app, f"note-edit-{note.id}")
    app.text_area(key=f"note-edit-{note.id}-text").set_value("Hold")
    app = press(app, "Save")
    assert [">Hold<" in body for body in written(app)] == [True]
    (second,) = notes.of_instrument(state, SYMBOL, as_of=utc_now())
    app = press(browse.unfold(app, f"note-edit-{second.id}"), "Delete")
    assert written(app) == []
    assert marks(app) == []
    # What it said is still there for the clock that had it.
    assert notes.of_instrument(state, SYMBOL, as_of=note.written_at) == (note,)
    assert notes.of_instrument(state, SYMBOL, as_of=before) == ()
    state.close()


def test_a_past_clock_has_the_notes_of_its_time_and_changes_none(settings: Settings) -> None:
    state, then = State.open(settings.state), utc_now() - timedelta(days=60)
    about = then - timedelta(days=30)
    notes.write(state, about, "Early", symbols=(SYMBOL,), edit=Edit("Ann", then))
    notes.write(state, about, "Other", symbols=("demo:equity1",), edit=Edit("Ann", then))
    state.close()
    app = browse.visit(settings, "instrument", id=SYMBOL, as_of=iso(then - timedelta(days=1)))
    assert written(app) == marks(app) == []
    assert "No note had been written by this clock." in browse.text(app)
    app = browse.visit(settings, "instrument", id=SYMBOL, as_of=iso(then + timedelta(days=1)))
    assert [">Early<" in body for body in written(app)] == [True]
    assert [mark["day"] for mark in marks(app)] == [about.date().isoformat()]
    assert not [button for button in app.button if button.label == "Delete"]
    app = write(app, "Seen now")  # of that moment, and not known then
    assert len(written(app)) == 1
    assert any("At this clock it had not been written" in said for said in browse.sentences(app))
    app = browse.visit(settings, "instrument", id=SYMBOL)
    assert len(written(app)) == 2


@pytest.mark.parametrize(
    ("text", "words"), [("  ", "without words"), ("x" * 4_001, "at most 4000 are kept")]
)
def test_what_cannot_be_kept_is_one_sentence(settings: Settings, text: str, words: str) -> None:
    app = write(browse.visit(settings, "instrument", id=SYMBOL), text)
    assert sum(words in said for said in browse.sentences(app)) == 1
    assert written(app) == []
    assert app.text_area(key="instrument_note").value == text  # nothing that was typed is lost
