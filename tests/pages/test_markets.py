"""Heatmaps and the instrument page: the address, lists as they were, and who is meant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import watchlists
from data.state.values import Edit
from pages.frame.resources import open_resources
from tests.pages import browse, world

LIST = "Three of them"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world and a watchlist of three."""
    built = world.build(tmp_path_factory.mktemp("world"))
    state = open_resources(built).services.found().state
    assert state is not None
    members = [watchlists.Member(f"demo:{name}") for name in ("equity0", "fx4", "crypto6")]
    watchlists.create(state, LIST, members, edit=Edit("me", utc_now()))
    return built


def strip(settings: Settings, **address: str) -> str:
    """The breadth strip of the map under an address."""
    app = browse.visit(settings, "heatmaps", **address)
    assert not app.exception
    return next(body for body in browse.bodies(app) if "Advancers" in body)


def test_the_address_narrows_the_universe(settings: Settings) -> None:
    assert "of 4<" in strip(settings)
    assert "of 9<" in strip(settings, **{"class": "all"})
    assert "of 2<" in strip(settings, **{"class": "fx"})
    assert "of 3<" in strip(settings, **{"class": "all", "list": LIST})
    assert "of 1<" in strip(settings, **{"class": "fx", "list": LIST})


def test_a_list_did_not_exist_before_it_was_made(settings: Settings) -> None:
    past = iso(utc_now() - timedelta(days=30))
    app = browse.visit(settings, "heatmaps", **{"class": "all", "list": LIST, "as_of": past})
    assert any(f"no list named &#x27;{LIST}&#x27;" in said for said in browse.sentences(app))
    assert any("of 9<" in body for body in browse.bodies(app))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"class": "bonds"}, "no class named"),
        ({"lens": "globe"}, "no lens named"),
        ({"measure": "luck"}, "no measure named"),
        ({"horizon": "7y"}, "no horizon named"),
        ({"base": "XXX"}, "no base named"),
        ({"lens": "countries", "dimension": "weather"}, "no dimension named"),
    ],
)
def test_what_the_address_gets_wrong_is_said(
    settings: Settings, address: dict[str, str], said: str
) -> None:
    app = browse.visit(settings, "heatmaps", **address)
    assert not app.exception
    assert any(said in sentence for sentence in browse.sentences(app))


@pytest.mark.parametrize("page", ["heatmaps", "instrument"])
@pytest.mark.parametrize("clock", ["1999-01-01T00:00:00Z", ""])
def test_an_empty_lake_and_an_early_clock_are_said(
    tmp_path: Path, settings: Settings, page: str, clock: str
) -> None:
    where = settings if clock else world.settings(tmp_path)
    app = browse.visit(where, page, id="demo:equity0", **({"as_of": clock} if clock else {}))
    assert not app.exception
    assert browse.sentences(app)


def test_one_is_shown_and_of_several_it_is_asked_which(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="equity2")
    heads = " ".join(browse.bodies(app))
    for title in ("EQUITY2 · Invented equity", "Bars", "Drawdown", "Seasons", "What it is"):
        assert title in heads
    app = browse.visit(settings, "instrument", id="Invented equity")
    assert any("4 instruments are called" in said for said in browse.sentences(app))
    assert len(app.get("page_link")) > 3
    assert "Bars" not in " ".join(browse.bodies(app))
    app = browse.visit(settings, "instrument", id="<script>")
    assert any("No instrument called" in said for said in browse.sentences(app))


def test_others_are_drawn_beside_it(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="demo:equity0", vs="demo:fx4, demo:crypto6")
    assert "Compared" in " ".join(browse.bodies(app))
    app = browse.visit(settings, "instrument", id="demo:equity0", vs=" ".join("abcdefghijklm"))
    assert any("expected 1 to 12 symbols" in said for said in browse.sentences(app))
