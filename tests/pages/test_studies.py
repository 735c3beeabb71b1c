"""Event study: what is chosen is studied, each path is there on demand, and what is not is said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from data.settings import Settings
from tests.pages import browse, world

ADDRESS = {"by": "events", "id": "demo:equity0", "after": "5"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return world.build(tmp_path_factory.mktemp("world"))


def traces(app: AppTest) -> list[str]:
    (chart,) = app.get("plotly_chart")
    return [trace["name"] for trace in json.loads(chart.proto.spec)["data"]]


def test_the_median_stands_before_its_band_and_other_days(settings: Settings) -> None:
    app = browse.visit(settings, "studies", **ADDRESS)
    assert traces(app) == ["other days, 95 %", "median, 95 % by resampling", "median"]
    shown = browse.text(app)
    assert "10 <small>windows</small>" in shown
    assert "replay?window=" in shown
    app.toggle(key="studies_each").set_value(True).run()
    assert traces(app).count("each event") == 10


def test_a_rate_is_studied_in_points(settings: Settings) -> None:
    price = browse.text(browse.visit(settings, "studies", **ADDRESS))
    shown = browse.text(browse.visit(settings, "studies", **ADDRESS | {"id": "demo:rate8"}))
    for name in ("Session 0", "By session 5"):
        assert re.search(rf"{name}.{{0,120}}\d pp", shown, re.DOTALL)
        assert re.search(rf"{name}.{{0,120}}\d %", price, re.DOTALL)


def test_what_else_became_known_is_told_before_and_after(settings: Settings) -> None:
    shown = browse.text(browse.visit(settings, "studies", **ADDRESS))
    came = shown.split("Other news", 1)[1]
    assert "with it" in came
    assert "&lt;b&gt;" in came


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"by": "events", "id": "demo:none"}, "lies within the sessions"),
        ({"by": "events", "id": ""}, "No instrument is chosen"),
        ({"by": "odd"}, "There is no by named"),
        ({"by": "events", "kind": "moon"}, "There is no kind named"),
    ],
)
def test_what_cannot_be_studied_is_said(
    settings: Settings, address: dict[str, str], words: str
) -> None:
    app = browse.visit(settings, "studies", **address)
    assert not app.exception
    assert any(words in sentence.replace("&#x27;", "'") for sentence in browse.sentences(app))


def test_few_windows_are_called_few(settings: Settings) -> None:
    early = iso(world.event_known(120))
    assert "windows are few" in browse.text(
        browse.visit(settings, "studies", **ADDRESS, as_of=early)
    )
    assert "windows are few" not in browse.text(browse.visit(settings, "studies", **ADDRESS))


def test_before_everything_nothing_is_known(settings: Settings, tmp_path: Path) -> None:
    app = browse.visit(settings, "studies", as_of="1999-01-01", by="events")
    assert not app.exception
    assert "1999" in browse.text(app)


def test_a_daily_move_is_typed_in_percent(settings: Settings) -> None:
    address = {"by": "moves", "id": "demo:equity0", "percent": "1.5", "after": "5"}
    app = browse.visit(settings, "studies", **address)
    assert not app.exception
    assert app.number_input(key="studies_percent").value == 1.5
    assert re.search(r"−\d\.\d\d % in the session of", browse.text(app))
    assert "Overlapping" in browse.text(app)
    counts = browse.text(app).count("% in the session of")
    app.number_input(key="studies_percent").set_value(1.0).run()
    assert browse.asked(app, "percent") == "1.0"
    assert browse.text(app).count("% in the session of") > counts
    app.selectbox(key="studies_way").set_value("rise").run()
    assert browse.asked(app, "way") == "rise"
    assert not app.exception


@pytest.mark.parametrize("percent", ["much", "-3", "0", "nan", "inf", "1e9"])
def test_a_number_that_is_none_is_said_and_the_usual_one_taken(
    settings: Settings, percent: str
) -> None:
    app = browse.visit(settings, "studies", by="moves", id="demo:crypto6", percent=percent)
    assert not app.exception
    assert any(
        "is no number from 0.01 to 1000; 3 is used" in said for said in browse.sentences(app)
    )
    assert app.number_input(key="studies_percent").value == 3.0


def test_old_links_with_a_share_are_shown_in_percent(settings: Settings) -> None:
    app = browse.visit(settings, "studies", by="falls", id="demo:equity0", share="0.05")
    assert not app.exception
    box = app.selectbox(key="studies_share")
    assert box.value == "0.05"
    assert list(box.options) == ["5 %", "10 %", "20 %"]
    assert "drawdown of " in browse.text(app)


def test_sides_are_called_as_desks_call_them(tmp_path: Path) -> None:
    economy = world.build(tmp_path)
    world.add_economy(economy)
    app = browse.visit(economy, "studies", by="decisions", side="down")
    side = app.selectbox(key="studies_side")
    assert list(side.options) == ["All decisions", "Rate hikes", "Rate cuts"]
    assert side.value == "down"
    app = browse.visit(economy, "studies", by="surprises", z="-1.5")
    beyond = app.selectbox(key="studies_z")
    assert "Upside surprises, +1 σ or more" in beyond.options
    assert "Downside surprises, −1.5 σ or more" in beyond.options
    assert (beyond.value, browse.asked(app, "z")) == ("-1.5", "-1.5")


def test_the_path_of_a_daily_move_begins_after_it(settings: Settings) -> None:
    words = "from the close of the day of the move; session 0 is the next session"
    app = browse.visit(settings, "studies", by="moves", id="demo:equity0", percent="1.5")
    for panel in ("around the events", "By session"):
        assert any(panel in body and words in body for body in browse.bodies(app))
    assert words not in browse.text(browse.visit(settings, "studies", **ADDRESS))
