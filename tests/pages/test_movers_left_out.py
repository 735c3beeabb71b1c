"""Movers says how many are left out and why, and a dash what would have given a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.clock import utc_now
from data.lake import Lake
from data.settings import Settings
from data.state import watchlists
from data.state.values import Edit
from pages.frame.resources import open_resources
from pages.frame.tables import Absent, Column, cell
from tests.pages import browse, world
from tests.pages.test_pickers import company

LIST = "Two and a quiet one"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world, and a list of which one member has no price."""
    built = world.build(tmp_path_factory.mktemp("world"))
    quiet = company("demo:QUIET", "QUIET", "Quiet", utc_now() - timedelta(days=90))
    lake = Lake(built.lake, workspace=built.workspace)
    lake.upsert("instruments", world.rows("instruments", [quiet]), publish_id="quiet")
    state = open_resources(built).services.found().state
    assert state is not None
    symbols = ("demo:equity0", "demo:fx4", "demo:QUIET", "=EQUITY0/EQUITY1")
    members = [watchlists.Member(symbol) for symbol in symbols]
    watchlists.create(state, LIST, members, edit=Edit("me", utc_now()))
    return built


def line(settings: Settings, **address: str) -> str:
    app = browse.visit(settings, "movers", **address)
    assert not app.exception
    body = next(body for body in browse.bodies(app) if "<caption>Movers</caption>" in body)
    return body.partition("<table")[0]


def test_all_are_shown_where_none_is_left_out(settings: Settings) -> None:
    assert "All 9 instruments are shown." in line(settings)


def test_who_is_left_out_is_said_with_the_reason(settings: Settings) -> None:
    said = line(settings, by="move")
    assert "8 of 9 instruments are shown." in said
    assert "1 without a return over the horizon, as rates are" in said
    assert "with no more turnover than usual" in line(settings, by="turnover")


def test_a_member_without_prices_is_said_and_a_formula_is_none(settings: Settings) -> None:
    said = line(settings, list=LIST)
    assert "2 of 3 instruments are shown." in said
    assert "1 of the list without a price within ten days of the clock" in said


def test_a_dash_says_what_would_have_given_a_reason(settings: Settings) -> None:
    app = browse.visit(settings, "movers", **{"class": "equity"})
    text = browse.text(app)
    assert "No reason: its sector " in text
    assert "and no event, important release or headline of it or its country came between" in text
    assert "only shares are compared with a sector" in browse.text(
        browse.visit(settings, "movers", **{"class": "fx"})
    )


def test_what_is_absent_is_a_dash_with_its_reason_as_text() -> None:
    shown = cell(Absent('<b>"why"</b>'), Column("why", "reason", "wide"))
    assert shown == ('<span class="b-none" title="&lt;b&gt;&quot;why&quot;&lt;/b&gt;">–</span>')
