"""What was looked at last is kept for a reader beyond the session, and never for all at once."""

from __future__ import annotations

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from data.clock import utc_now
from data.settings import Settings
from data.state import readers
from data.state.db import State
from pages.frame.reader import COOKIE, SHARED
from pages.search.recents import KEY, MOST, SETTING
from tests.pages import browse, world

ANNA, BEN = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The small world."""
    return world.build(tmp_path_factory.mktemp("recents"))


def visit(demo: Settings, cookie: str, page: str = "instrument", **query: str) -> AppTest:
    """A new session of the browser that sends this cookie."""
    with pytest.MonkeyPatch.context() as browser:
        cookies = {COOKIE: cookie} if cookie else {}
        browser.setattr(ContextProxy, "cookies", property(lambda _: cookies))
        return browse.visit(demo, page, **query)


def kept(demo: Settings, reader: str) -> object:
    """What the state has of it."""
    state = State.open(demo.state)
    try:
        return readers.setting(state, reader, SETTING)
    finally:
        state.close()


def keep(demo: Settings, reader: str, value: object) -> None:
    """Put it into the state."""
    state = State.open(demo.state)
    try:
        readers.choose(state, reader, SETTING, value, now=utc_now())
    finally:
        state.close()


def test_a_new_session_opens_with_what_the_reader_saw_last(demo: Settings) -> None:
    visit(demo, ANNA, id="demo:equity1")
    visit(demo, BEN, id="demo:equity2")
    assert browse.asked(visit(demo, ANNA), "id") == "demo:equity1"
    assert browse.asked(visit(demo, BEN), "id") == "demo:equity2"
    assert kept(demo, ANNA) == {"instrument": ["demo:equity1"]}


def test_two_tabs_of_a_reader_lose_nothing_to_each_other(demo: Settings) -> None:
    keep(demo, ANNA, None)
    first = visit(demo, ANNA, id="demo:equity0")
    visit(demo, ANNA, id="demo:equity1")
    assert first.session_state[KEY] == {"instrument": ["demo:equity0"]}
    keep(demo, ANNA, {"instrument": [f"demo:{n}" for n in range(MOST)], "country": ["DEU"]})
    visit(demo, ANNA, id="demo:equity2")
    lists = kept(demo, ANNA)
    assert isinstance(lists, dict)
    assert lists["instrument"] == ["demo:equity2", *(f"demo:{n}" for n in range(MOST - 1))]
    assert lists["country"] == ["DEU"]


@pytest.mark.parametrize("cookie", ["", "no id", SHARED])
def test_without_a_cookie_the_session_alone_has_them(demo: Settings, cookie: str) -> None:
    app = visit(demo, cookie, id="demo:equity1")
    assert app.session_state[KEY] == {"instrument": ["demo:equity1"]}
    assert kept(demo, SHARED) is None
    assert browse.asked(visit(demo, cookie), "id") != "demo:equity1"


@pytest.mark.parametrize("value", ["text", 3, {"instrument": "x"}, {"instrument": [1, None, {}]}])
def test_what_cannot_be_read_is_no_list(demo: Settings, value: object) -> None:
    keep(demo, ANNA, value)
    app = visit(demo, ANNA)
    assert not app.exception
    assert browse.asked(app, "id").startswith("demo:")


def test_a_name_that_is_not_known_at_the_clock_is_not_offered(demo: Settings) -> None:
    keep(demo, ANNA, {"instrument": ["demo:later", "demo:equity1"]})
    assert browse.asked(visit(demo, ANNA), "id") == "demo:equity1"
