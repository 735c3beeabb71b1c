"""A print that arrives while a page is open is lit for a minute, at Now and nowhere else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.lake import Lake
from data.settings import Settings
from pages.frame.arrivals import KEY, LIT_S, OPEN_S, Watch
from tests.pages import browse, world

SERIES = "demo:USA.CPI"
PAGES = [
    ("series", {"id": SERIES}),
    ("releases", {"country": "USA", "reach": "3m"}),
    ("overview", {"since": "week"}),
]
LIT = re.compile(r'<tr class="b-new" style="animation-delay:-(\d+)s"[^>]*>(.*?)</tr>')


def publish(settings: Settings, known_at: datetime, value: float) -> None:
    """A print of this month, in the series and in the calendar."""
    lake = Lake(settings.lake, workspace=settings.workspace)
    period = utc_now().date().replace(day=1)
    base = {"series_id": SERIES, "period": period, "unit": "index", "source": "demo"}
    base |= {"known_at": known_at}
    release = {
        "country": "USA",
        "title": "CPI USA",
        "scheduled_at": known_at,
        "precision": "minute",
        "importance": 3,
        "consensus": 100.0,
        "status": "released",
        "actual": value,
    }
    rows = {"macro": base | {"value": value, "is_forecast": False}, "releases": base | release}
    for name, row in rows.items():
        lake.upsert(name, world.rows(name, [row]), publish_id=f"print-{name}-{value}")


def lit(app: AppTest) -> list[tuple[int, str]]:
    """The lit rows with their age."""
    assert not app.exception
    return [(int(age), row) for body in browse.bodies(app) for age, row in LIT.findall(body)]


def watch(app: AppTest) -> Watch:
    """What the session knows of its pages."""
    found = app.session_state[KEY]
    assert isinstance(found, Watch)
    return found


@pytest.mark.parametrize(("page", "query"), PAGES)
def test_a_print_is_lit_where_it_arrives(tmp_path: Path, page: str, query: dict[str, str]) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, page, **query)
    assert lit(app) == [], "a first look lights nothing"
    assert lit(app.run()) == [], "and a second one nothing that was there"
    publish(settings, utc_now() - timedelta(minutes=2), 123.25)
    ((age, row),) = lit(app.run())
    assert age == 0
    assert "123.25" in row
    for shown in watch(app).shown.values():
        shown.lit = {key: since - 20 for key, since in shown.lit.items()}
    ((age, _),) = lit(app.run())
    assert 20 <= age < 40, "it goes on fading where it was"
    for shown in watch(app).shown.values():
        shown.lit = {key: since - LIT_S for key, since in shown.lit.items()}
    assert lit(app.run()) == []
    assert lit(browse.visit(settings, page, **query)) == [], "another session saw it from the first"


def test_nothing_is_lit_at_a_past_clock_or_when_back_from_it(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, "series", id=SERIES)
    publish(settings, utc_now() - timedelta(minutes=3), 123.25)
    app.query_params["as_of"] = iso(utc_now() - timedelta(minutes=2))
    app.run()
    assert "123.25" in browse.text(app)
    assert lit(app) == []
    del app.query_params["as_of"]
    assert lit(app.run()) == []


def test_what_came_while_the_page_was_away_or_is_old_is_not_lit(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    app = browse.visit(settings, "series", id=SERIES)
    publish(settings, utc_now() - timedelta(days=2), 123.25)
    assert "123.25" in browse.text(app.run())
    assert lit(app) == [], "two days old: a backfill"
    for shown in watch(app).shown.values():
        shown.looked -= OPEN_S + 1
    publish(settings, utc_now() - timedelta(minutes=2), 124.5)
    assert "124.5" in browse.text(app.run())
    assert lit(app) == []


def test_another_choice_of_rows_lights_nothing(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    publish(settings, utc_now() - timedelta(minutes=2), 123.25)
    app = browse.visit(settings, "releases", country="DEU")
    app.query_params["country"] = "USA"
    app.run()
    assert "123.25" in browse.text(app)
    assert lit(app) == []
