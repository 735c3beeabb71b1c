"""Alerts in a replay: opened at their trigger, with the figures that the monitor stored then."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.live.live import MEASURES, live_metrics
from analytics.replay.rule_replay import rule_replay
from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from data.state import alerts
from data.state.db import State
from pages.replaying.window import ReplayWindow
from tests.ingest.live.desk import CRASH, START, SYMBOLS, Desk, tape
from tests.pages import browse, world
from tests.pages.replayed import DAY, LAST, played, stamp, visit


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return world.build(tmp_path_factory.mktemp("world"))


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("silence", [0, 45])
def test_an_alert_opens_at_its_trigger_with_the_figures_of_the_monitor(
    desk: Desk, silence: int
) -> None:
    """Also where the feed was silent for long before: the last price then still stands."""
    trades = tape(500, crashes=[400])
    quiet = START + timedelta(seconds=60), START + timedelta(seconds=60 + silence * 7)
    trades = trades.filter(~pl.col("event_at").is_between(*quiet, closed="left"))
    rule = desk.rule()
    desk.rule(
        CRASH.__class__("Deep", {"metric": "max_drawdown_5m", "side": "below", "trigger": -0.08})
    )
    desk.play(trades, desk.monitor())
    desk.lake.append("ticks", trades, publish_id="tape")
    found = alerts.known(desk.state, as_of=START + DAY)
    alert = next(item for item in found if item.firing.rule_id == rule.id)
    settings = world.settings(desk.folder)
    app = browse.visit(settings, "alerts", as_of=iso(START + DAY))
    centre = alert.firing.known_at
    window = ReplayWindow(
        centre - timedelta(minutes=5),
        centre + timedelta(minutes=5),
        "ticks",
        (SYMBOLS[0],),
        "",
        centre,
    )
    assert "replay?" in browse.text(app)
    document = played(visit(settings, window))
    assert document["centre"] == document["at"] == stamp(centre)
    assert stamp(centre) in document["moments"]
    shown_at = stamp(alert.shown_at)  # written down a moment later, on a screen from then on
    frame = next(n for n, moment in enumerate(document["moments"]) if moment >= shown_at)
    assert (frame, "alert") in {(one["f"], one["kind"]) for one in document["events"]}
    at = desk.db.at(START + DAY)
    begin = window.start - timedelta(seconds=305)
    points = live_metrics(at, symbols=[SYMBOLS[0]], start=begin, end=window.end, carried=True).frame
    instant = datetime.fromisoformat(alert.firing.context["at"])
    (row,) = points.filter(pl.col("at") == instant).to_dicts()
    stored = alert.firing.context["point"]
    assert {name: row[name] for name in MEASURES} == {name: stored[name] for name in MEASURES}
    lead = document["series"][0]
    place = lead["t"].index(stamp(instant))
    assert lead["s"][place] == pytest.approx(stored["volatility"], rel=1e-8)
    assert lead["d"][place] == pytest.approx(stored["drawdown"], rel=1e-8)
    shown = browse.text(visit(settings, window))
    mine = [item for item in found if item.firing.symbol == SYMBOLS[0]]
    assert shown.count("as then") == len(mine) == 2
    assert "only now" not in shown
    assert "only then" not in shown


def test_following_the_table_of_rules_ends_at_the_clock(desk: Desk) -> None:
    trades = tape(200, crashes=[60, 150])
    desk.rule()
    desk.lake.append("ticks", trades, publish_id="tape")
    window = ReplayWindow(START, START + timedelta(seconds=200), "ticks", (SYMBOLS[0],))
    settings = world.settings(desk.folder)
    whole = browse.text(visit(settings, window))
    assert whole.count("only now") == 2
    clock = iso(START + timedelta(seconds=100))
    then = browse.visit(settings, "replay", replay=window.text(), as_of=clock)
    assert browse.text(then).count("only now") == 1


def test_an_alert_about_a_country_opens_its_releases(settings: Settings) -> None:
    state = State.open(settings.state)
    firing = alerts.Firing(1, 1, "turn", "USA", "regime_turned", LAST - DAY)
    alerts.insert(state, firing, now=LAST)
    state.close()
    shown = browse.text(browse.visit(settings, "alerts", as_of=iso(LAST)))
    assert "%2Fdays%2Fdemo%3Aequity0%2FUSA%2F" in shown


def test_a_drawing_made_in_a_replay_is_not_shown_to_others(settings: Settings) -> None:
    row = {
        "news_id": "demo:1",
        "event_at": LAST - DAY,
        "headline": "Output rises",
        "symbols": ["demo:equity0"],
        "known_at": LAST - DAY,
        "vintage_grade": "native",
        "source": "demo",
    }
    lake = Lake(settings.lake, workspace=settings.workspace)
    lake.upsert("news", pl.DataFrame([row]), publish_id="news")
    window = ReplayWindow(LAST - 30 * DAY, LAST, "days", ("demo:equity0",)).text()
    app = browse.visit(settings, "overview", as_of=iso(LAST), replay=window)
    headlines = []
    for _ in range(2):
        text = browse.text(app).partition("<caption>Headlines</caption>")[2]
        headlines.append(text.partition("</table>")[0])
        app.query_params.pop("replay", None)
        app.run()
    assert "replay=" in headlines[0]
    assert headlines[1] and "replay=" not in headlines[1]


@pytest.mark.parametrize("page", ["overview", "live"])
def test_an_alert_about_a_job_leads_to_the_job_and_has_its_unit(
    settings: Settings, page: str
) -> None:
    state = State.open(settings.state)
    for number, (metric, about, value) in enumerate(
        [("job_failed", "demo.demo_world", 1.0), ("daily_move", "demo:equity0", -0.031)]
    ):
        firing = alerts.Firing(1, 1, f"e{number}", about, metric, LAST - DAY / 2, value, value)
        alerts.insert(state, firing, now=LAST)
    state.close()
    shown = browse.text(browse.visit(settings, page, as_of=iso(LAST)))
    table = shown.partition("<caption>Alerts</caption>")[2].partition("</table>")[0]
    assert re.search(r'href="jobs\?[^"]*job=demo\.demo_world', table)
    assert "id=demo.demo_world" not in table
    assert re.search(r'href="instrument\?[^"]*id=demo%3Aequity0', table)
    assert page == "overview" or "−3.1 %" in table


def test_rules_that_are_switched_off_or_not_about_trades_do_not_fire(desk: Desk) -> None:
    desk.lake.append("ticks", tape(90, crashes=[60]), publish_id="tape")
    at = desk.db.at(START + DAY)
    window: dict[str, Any] = {
        "symbols": [SYMBOLS[0]],
        "start": START,
        "end": START + timedelta(minutes=2),
    }
    told = [
        {"id": 1, "version": 1, "name": "a", "definition": dict(CRASH.definition)},
        {
            "id": 2,
            "version": 1,
            "name": "b",
            "definition": dict(CRASH.definition),
            "symbols": [SYMBOLS[1]],
        },
        {"id": 3, "version": 1, "name": "c", "definition": {"metric": "bias", "trigger": 0.5}},
    ]
    fired = rule_replay(at, rules=json.dumps(told), **window).frame
    assert fired["rule"].to_list() == ["a"]
