"""News of changed datasets on the bus: once per run, also when the bus was away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from data.bus.memory import MemoryBus
from data.errors import BusError
from data.state.runs import Outcome, Run
from ingest.jobs import Cadence, Job
from ingest.schedule.announce import STREAM, Announcer
from ingest.schedule.planning import Task

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TASK = Task("fred", Job("series", ("macro", "series"), "", Cadence(at="06:00")))


def run(number: int) -> Run:
    done = Outcome("ok", 1, 100, 5, 2)
    return Run(number, "fred.series", "fred", NOW, NOW, 1, None, NOW, NOW, done)


def said(bus: MemoryBus) -> list[dict[str, Any]]:
    return [row for entry in bus.tail(STREAM) for row in entry.block.to_pylist()]


def test_a_change_is_said_once_for_each_dataset() -> None:
    bus = MemoryBus(now=lambda: NOW)
    first = Announcer(bus, lambda: NOW)
    first.note(TASK, run(7))
    first.note(TASK, run(7))
    first.flush()
    after_a_restart = Announcer(bus, lambda: NOW)
    after_a_restart.note(TASK, run(7))
    after_a_restart.note(TASK, run(8))
    after_a_restart.flush()
    assert [(row["event"], row["run_id"]) for row in said(bus)] == [
        ("macro_data_updated", 7),
        ("series_data_updated", 7),
        ("macro_data_updated", 8),
        ("series_data_updated", 8),
    ]
    assert said(bus)[0] == {
        "event": "macro_data_updated",
        "dataset": "macro",
        "job": "fred.series",
        "run_id": 7,
        "rows_added": 5,
        "vintages_added": 2,
        "at": NOW,
    }


def test_a_job_without_datasets_is_no_news() -> None:
    bus = MemoryBus(now=lambda: NOW)
    announcer = Announcer(bus, lambda: NOW)
    announcer.note(Task("house", Job("tidy", (), "", Cadence(at="06:00"))), run(7))
    announcer.flush()
    assert said(bus) == []


def test_news_waits_while_the_bus_is_away() -> None:
    away, bus = MemoryBus(now=lambda: NOW), MemoryBus(now=lambda: NOW)
    away.close()
    announcer = Announcer(away, lambda: NOW)
    announcer.note(TASK, run(7))
    with pytest.raises(BusError):
        announcer.flush()
    announcer.bus = bus
    announcer.flush()
    assert len(said(bus)) == 2
