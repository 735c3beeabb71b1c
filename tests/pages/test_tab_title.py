"""Titles of tabs: what is open by its name, and the page's own title where nothing is."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from data.settings import Settings
from pages.frame.tab_title import KEY, LONGEST, TabTitle
from tests.pages import browse, world


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The small world."""
    return world.build(tmp_path_factory.mktemp("titles"))


def title(app: AppTest) -> str:
    """What the tab shows after the run."""
    found = app.session_state[KEY]
    assert isinstance(found, TabTitle)
    return found.text


@pytest.mark.parametrize(
    ("page", "query", "expected"),
    [
        ("movers", {}, "Movers · Barograph"),
        ("instrument", {"id": "demo:equity0"}, "EQUITY0 · Instrument · Barograph"),
        ("watchlists", {"list": world.LIST}, f"{world.LIST} · Watchlists · Barograph"),
        ("positions", {"portfolio": world.BOOK}, f"{world.BOOK} · Positions · Barograph"),
        ("alerts", {"rule": world.RULE}, f"{world.RULE} · Alerts · Barograph"),
        ("data", {"dataset": "macro"}, "macro · Data · Barograph"),
        ("data", {}, "Data · Barograph"),
    ],
)
def test_a_tab_says_what_is_open(
    demo: Settings, page: str, query: dict[str, str], expected: str
) -> None:
    assert title(browse.visit(demo, page, **query)) == expected


def test_a_series_and_a_country_are_called_by_name(demo: Settings) -> None:
    shown = title(browse.visit(demo, "series", id="demo:USA.CPI"))
    assert shown.endswith(" · Series · Barograph")
    assert "demo:" not in shown
    assert title(browse.visit(demo, "releases", country="USA")) == (
        "United States · Calendar · Barograph"
    )


def test_the_title_follows_the_choice_and_the_page(demo: Settings) -> None:
    app = browse.visit(demo, "instrument", id="demo:equity0")
    app.query_params["id"] = "demo:equity1"
    assert title(app.run()) == "EQUITY1 · Instrument · Barograph"
    assert title(browse.turn(app, "overview")) == "Home · Barograph"


def test_a_long_name_is_cut() -> None:
    def script() -> None:
        from pages.frame.tab_title import begin_title, end_title, name_tab

        begin_title("Series")
        name_tab("a  b " + "x" * 200)
        end_title()

    app = AppTest.from_function(script).run()
    subject = app.session_state[KEY].subject
    assert subject.startswith("a b xxx")
    assert subject.endswith("…")
    assert len(subject) == LONGEST
