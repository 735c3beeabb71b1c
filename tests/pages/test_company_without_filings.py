"""A company of which no filing is known: every view says so, none is empty and none breaks."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from data.lake import Lake
from data.settings import Settings
from tests.pages import browse, company_rows, world

DAYS = [world._at(day) for day in world._weekdays(world.last_day(), world.SESSIONS)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A world in which one company has filed nothing."""
    folder: Path = tmp_path_factory.mktemp("silent")
    made = world.build(folder)
    silent = [row | {"company": "demo:silent"} for row in company_rows.companies(DAYS[0], "demo")]
    lake = Lake(made.lake, workspace="demo")
    lake.upsert("companies", world.rows("companies", silent))
    return made


SAID = {
    "statements": "No fiscal year of this statement was filed by this clock",
    "ratios": "No accounts of twelve months were filed by this clock.",
    "places": "No revenue by place was filed by this clock.",
    "simulate": "no twelve months of accounts are known at this time",
}


@pytest.mark.parametrize("view", SAID)
def test_a_view_says_that_nothing_was_filed(view: str, settings: Settings) -> None:
    app = browse.visit(settings, "company", id="demo:silent", view=view)
    assert not app.exception
    text = unescape(re.sub(r"<[^>]+>", " ", browse.text(app)))
    assert SAID[view] in re.sub(r"\s+", " ", text)
    assert "not foreseen" not in text


def test_the_screen_has_no_figure_of_it_and_no_zero(settings: Settings) -> None:
    app = browse.visit(settings, "companies")
    assert not app.exception
    assert "not foreseen" not in browse.text(app)
