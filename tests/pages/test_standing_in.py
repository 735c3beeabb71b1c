"""What a source gives only as it is today is marked wherever it stands at a past clock."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from tests.pages import browse, world

DAY = world.last_day() - timedelta(days=60)
PAST = iso(datetime.combine(DAY, time(23, 0), tzinfo=UTC))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A workspace with one instrument whose past came in today, without dates."""
    held = world.build(tmp_path_factory.mktemp("standing"), "real")
    lake = Lake(held.lake, workspace=held.workspace)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    world.put(
        lake,
        "instruments",
        [
            {
                "symbol": "test:late",
                "ticker": "LATE",
                "name": "Late & Co",
                "asset_class": "equity",
                "currency": "USD",
                "source": "test",
                "known_at": start,
                "vintage_grade": "current",
            }
        ],
    )
    days = [DAY - timedelta(days=n) for n in range(100)]
    world.put(
        lake,
        "prices",
        [
            {
                "symbol": "test:late",
                "asset_class": "equity",
                "date": day,
                "source": "test",
                "close": 100.0 + day.day,
                "currency": "USD",
                "vintage_grade": "current",
                "known_at": datetime.combine(day, time(22), tzinfo=UTC),
            }
            for day in days
            if day.weekday() < 5
        ],
    )
    return held


@pytest.mark.parametrize(("mode", "is_shown"), [("public", False), ("restated", True)])
def test_restated_figures_are_shown_on_request_and_marked(
    settings: Settings, mode: str, is_shown: bool
) -> None:
    app = browse.visit(settings, "instrument", id="test:late", as_of=PAST, mode=mode)
    assert not app.exception
    assert (">RESTATED</span>" in browse.text(app)) is is_shown
    assert (len(app.get("plotly_chart")) > 0) is is_shown


def test_a_panel_that_holds_none_bears_no_mark(settings: Settings) -> None:
    app = browse.visit(settings, "releases", as_of=PAST, mode="restated")
    assert "RESTATED" not in browse.text(app)


def test_names_of_today_are_marked_at_a_past_clock_alone(settings: Settings) -> None:
    assert "names as of today" in browse.text(browse.visit(settings, "movers", as_of=PAST))
    assert "names as of today" not in browse.text(browse.visit(settings, "movers"))


def test_names_with_a_history_bear_no_mark(tmp_path: Path) -> None:
    held = world.build(tmp_path, "real")
    assert "names as of today" not in browse.text(browse.visit(held, "movers", as_of=PAST))


def test_taking_them_is_logged_once(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "barograph.web")
    app = browse.visit(settings, "overview", as_of=PAST, mode="restated")
    app.run()
    said = [line for line in caplog.messages if "restated figures are shown" in line]
    assert said == [f"restated figures are shown at {PAST}"]
