"""Runs planned for the minute after a release, and taken back when it is moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.lake import Lake
from data.query import Db
from data.state import runs
from data.state.db import State
from ingest.jobs import Cadence, Job
from ingest.schedule.planning import Task
from ingest.schedule.releases import series_of, watch

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TASKS = [
    Task("fred", Job("series", ("macro",), "", Cadence(at="06:00"))),
    Task("fred", Job("calendar", ("releases",), "", Cadence(at="06:00"))),
    Task("other", Job("series", ("macro",), "", Cadence(at="06:00"))),
]


class Calendar:
    def __init__(self, folder: Path) -> None:
        self.lake = Lake(folder / "lake", workspace="test")
        self.state = State.open(folder / "state.db")
        self.folder = folder

    def say(self, name: str, at: datetime, known: datetime = NOW - HOUR, **more: object) -> None:
        row = {
            "series_id": name,
            "period": date(2026, 2, 1),
            "country": "USA",
            "title": name,
            "scheduled_at": at,
            "precision": "minute",
            "status": "scheduled",
            "importance": 3,
            "unit": "index",
            "known_at": known,
            "vintage_grade": "native",
            "source": "fred",
        } | more
        self.lake.upsert("releases", pl.DataFrame([row]))

    def watch(self, now: datetime = NOW) -> int:
        db = Db(self.folder / "lake", memory_limit_mb=256, threads=1)
        try:
            return watch(self.state, db.at(now), TASKS, now)
        finally:
            db.close()

    def series(self, run: runs.Run) -> tuple[str, ...]:
        db = Db(self.folder / "lake", memory_limit_mb=256, threads=1)
        try:
            return series_of(run, db.at(run.due_at))
        finally:
            db.close()

    @property
    def planned(self) -> list[tuple[str, datetime]]:
        far = datetime(2200, 1, 1, tzinfo=UTC)
        return [(run.job, run.due_at) for run in runs.waiting(self.state, now=far)]


@pytest.fixture
def calendar(tmp_path: Path) -> Iterator[Calendar]:
    made = Calendar(tmp_path)
    yield made
    made.state.close()


def test_a_release_is_followed_a_minute_later_by_its_source_alone(calendar: Calendar) -> None:
    calendar.say("fred:CPI", NOW + HOUR)
    calendar.say("fred:CPI_CORE", NOW + HOUR)
    calendar.say("fred:FAR", NOW + 60 * HOUR)
    calendar.say("fred:VAGUE", NOW + 2 * HOUR, precision="day")
    calendar.say("fred:OFF", NOW + 3 * HOUR, status="cancelled")
    assert calendar.watch() == 1
    assert calendar.watch(NOW + timedelta(minutes=1)) == 0
    due_at = NOW + HOUR + timedelta(minutes=1)
    assert calendar.planned == [("fred.series@release", due_at)]
    run = runs.recent(calendar.state, as_of=NOW)[0]
    assert calendar.series(run) == ("CPI", "CPI_CORE")


def test_a_release_that_moves_takes_its_run_with_it(calendar: Calendar) -> None:
    calendar.say("fred:CPI", NOW + HOUR)
    calendar.watch()
    later = NOW + timedelta(minutes=10)
    calendar.say("fred:CPI", NOW + 5 * HOUR, known=later, status="rescheduled")
    assert calendar.watch(later + timedelta(minutes=1)) == 1
    assert calendar.planned == [("fred.series@release", NOW + 5 * HOUR + timedelta(minutes=1))]
    gone = runs.recent(calendar.state, as_of=later + HOUR)[-1]
    assert gone.outcome.status == "skipped"
    assert "moved or cancelled" in gone.outcome.message


def test_a_release_not_yet_announced_is_not_planned(calendar: Calendar) -> None:
    calendar.say("fred:CPI", NOW + HOUR, known=NOW + timedelta(minutes=30))
    assert calendar.watch() == 0


def test_a_run_just_due_is_left_to_start(calendar: Calendar) -> None:
    calendar.say("fred:CPI", NOW + HOUR)
    calendar.watch()
    assert calendar.watch(NOW + HOUR + timedelta(minutes=2)) == 0
    assert len(calendar.planned) == 1
