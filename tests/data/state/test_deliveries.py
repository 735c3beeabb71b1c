"""The outbox by channel: lines of before are Slack's, and each channel settles for itself."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.state import alerts, deliveries, rules
from data.state.alerts import Firing
from data.state.db import State
from data.state.deliveries import Delivery
from data.state.migrate import FOLDER
from data.state.rules import Terms
from data.state.values import Edit

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WITHIN = timedelta(minutes=15)


def fire(state: State, event: str = "e1") -> int:
    made = rules.create(state, Terms(event, {"metric": "price"}), edit=Edit("tester", NOW))
    firing = Firing(made.id, made.version, event, "demo:A", "price", NOW)
    return alerts.insert(state, firing, now=NOW)[0].id


def test_lines_of_before_the_channels_are_slacks(tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(FOLDER, before)
    steps = sorted(before.glob("*.sql"))
    number = next(n for n, step in enumerate(steps) if "delivery_channel" in step.name)
    for step in steps[number:]:
        step.unlink()
    path = tmp_path / "state.db"
    old = State.open(path, migrations=before)
    alert = fire(old)
    old.close()
    with sqlite3.connect(path) as raw:
        raw.execute(
            "INSERT INTO alert_delivery (alert_id, status, attempts, settled_at, note)"
            " VALUES (?, 'given up', 3, '2026-11-20T12:05:00.000000Z', 'HTTP 404')",
            (alert,),
        )
    raw.close()
    new = State.open(path)
    expected = Delivery(
        alert, "slack", "given up", 3, settled_at=NOW + timedelta(minutes=5), note="HTTP 404"
    )
    assert deliveries.of(new, (alert,)) == {alert: (expected,)}
    assert deliveries.pending(new, "slack", now=NOW, within=WITHIN) == ()
    assert len(deliveries.pending(new, "email", now=NOW, within=WITHIN)) == 1
    new.close()


def test_a_channel_settles_for_itself_and_only_once(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    alert = fire(state)
    deliveries.record(state, Delivery(alert, "email", "sent", 1, settled_at=NOW))
    deliveries.record(state, Delivery(alert, "email", "given up", 2, settled_at=NOW))
    deliveries.record(state, Delivery(alert, "webhook", "waiting", 1, next_at=NOW + WITHIN))
    found = {item.channel: item.status for item in deliveries.of(state, (alert,))[alert]}
    assert found == {"email": "sent", "webhook": "waiting"}
    due = {
        channel: len(deliveries.pending(state, channel, now=NOW, within=WITHIN))
        for channel in deliveries.CHANNELS
    }
    assert due == {"slack": 1, "email": 0, "webhook": 0}
    state.close()
