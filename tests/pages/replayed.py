"""A window of the small world, opened on the page, and the document that its player was given."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from data.settings import Settings
from pages.replaying.window import ReplayWindow
from tests.pages import browse, world

LAST = datetime.combine(world.last_day(), time(22, tzinfo=UTC))
DAY = timedelta(days=1)
SYMBOL = "demo:equity0"
WINDOW = ReplayWindow(LAST - 90 * DAY, LAST, "days", (SYMBOL, "demo:fx4"), "USA")


def visit(settings: Settings, window: ReplayWindow = WINDOW, **more: str) -> AppTest:
    app = browse.visit(settings, "replay", **({"window": window.text()} | more))
    assert not app.exception
    return app


def played(app: AppTest) -> dict[str, Any]:
    """The document that the player was given."""
    (found,) = (item for item in app.get("bidi_component") if item.proto.component_name == "player")
    document: dict[str, Any] = json.loads(found.proto.json or found.proto.mixed.json)
    return document


def stamp(moment: datetime) -> int:
    return -((datetime(1970, 1, 1, tzinfo=UTC) - moment) // timedelta(milliseconds=1))
