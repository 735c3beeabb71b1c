"""A local server, a clock that stands still, an engine in a folder of its own, a tiny source."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from data.quotas import Limit, Quota
from data.settings import Settings
from data.state.runs import Run
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.runs.engine import Engine, open_engine
from ingest.runs.http_client import Waits
from ingest.runs.pace import Tempo
from ingest.runs.runner import JobRun, execute
from tests.ingest.scheduled import World, opened_world
from tests.ingest.server import Server, serving

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
JOB = Job("values", ("macro",), "Values of the tiny source", Cadence(at="06:00"), time_limit_s=600)


@dataclass
class FakeTime:
    """Instants that move only when somebody sleeps, or when a test says so."""

    now_at: datetime = START
    passed: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds
        self.now_at += timedelta(seconds=seconds)

    @property
    def tempo(self) -> Tempo:
        rng = random.Random(7)
        return Tempo(lambda: self.now_at, lambda: 1000.0 + self.passed, self.sleep, rng.random)


def tiny(url: str, **changes: object) -> Source:
    """A source of ours: `/values` holds {"rows": [[series, period, value], ...], "next": page}."""

    def plan(window: Window) -> list[Call]:
        return [Call(f"{url}/values", {"name": name}) for name in window.names]

    source = Source(
        name="tiny",
        title="Tiny",
        gives="numbers",
        grade="native",
        licence="none",
        jobs=(JOB,),
        plan=plan,
        parse=parse,
    )
    return replace(source, **changes)


def parse(reply: Reply) -> Parsed:
    """Refuses what an attentive parser refuses."""
    document = json.loads(reply.body)
    if "error" in document:
        kind, words = document["error"]
        raise ReplyError(kind, words, document.get("retry_after_s"))
    rows = document["rows"]
    known = [datetime.fromisoformat(row[3]) if len(row) > 3 else START for row in rows]
    table = pa.table(
        {
            "series_id": pa.array([f"tiny:{row[0]}" for row in rows], pa.string()),
            "period": pa.array([date.fromisoformat(row[1]) for row in rows], pa.date32()),
            "value": pa.array([row[2] for row in rows], pa.float64()),
            "unit": pa.array(["one" for _ in rows], pa.string()),
            "is_forecast": pa.array([False for _ in rows], pa.bool_()),
            "known_at": pa.array(known, pa.timestamp("us", "UTC")),
        }
    )
    follow = ()
    if document.get("next"):
        call = reply.call
        follow = (replace(call, params=dict(call.params) | {"page": str(document["next"])}),)
    return Parsed({"macro": table}, follow, document.get("note", ""))


def rows(*values: float, name: str = "a", year: int = 2020) -> dict[str, object]:
    """A document of one series, a value a year."""
    return {"rows": [[name, f"{year + at}-01-01", value] for at, value in enumerate(values)]}


def quota(*limits: str, zone: str = "UTC", at_once: int = 1) -> dict[str, Quota]:
    """The quotas of the tiny source."""
    found = tuple(Limit.parse(limit) for limit in limits)
    return {"tiny": Quota("tiny", found, zone, "https://example.org", date(2026, 11, 1), at_once)}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as home:
        yield home


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env("test", {"DATA_DIR": str(tmp_path), "CONTACT": "a@example.org"})


Open = Callable[..., AbstractContextManager[Engine]]


@pytest.fixture
def opened(settings: Settings, clock: FakeTime) -> Open:
    """An engine on the fake clock; `opened("25 calls per day")` with these quotas."""

    def make(*limits: str, waits: Waits | None = None, **more: object) -> object:
        given = quota(*(limits or ("1000 calls per second",)), **more)
        return open_engine(
            settings, quotas=given, tempo=clock.tempo, waits=waits or Waits(2.0, 2.0, 5.0)
        )

    return make


@pytest.fixture
def engine(opened: Open) -> Iterator[Engine]:
    with opened() as found:
        yield found


Go = Callable[..., Run]


@pytest.fixture
def go(engine: Engine, server: Server) -> Go:
    """Run the tiny job over the names; a later `due_at` for each further run."""

    def make(*names: str, on: Engine | None = None, **changes: object) -> Run:
        place = on or engine
        is_user = bool(changes.pop("is_user", False))
        job = replace(JOB, time_limit_s=int(str(changes.pop("time_limit_s", 600))))
        due_at = changes.pop("due_at", place.tempo.now())
        span = Window(names or ("a",), place.tempo.now(), job=JOB.name)
        source = tiny(server.url, **changes)
        job_run = JobRun(source, job, span, due_at, is_user)
        return execute(place, job_run, owner="test")

    return make


def stored(engine: Engine) -> list[tuple[object, ...]]:
    """Series, period, value and known_at of all vintages in the lake, sorted."""
    from data.query import Db

    sql = "SELECT series_id, period, value, known_at FROM macro_vintages ORDER BY ALL"
    at = Db(engine.settings.lake, memory_limit_mb=512, threads=1).at(
        datetime(2200, 1, 1, tzinfo=UTC), all_vintages=True
    )
    return list(at.sql(sql).frame.iter_rows())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened_world(tmp_path) as found:
        yield found
