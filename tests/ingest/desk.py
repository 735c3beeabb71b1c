"""A source run day after day against a server on loopback that speaks its protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from data.query import Db
from data.settings import Settings
from data.state import breakers
from data.state.runs import Run
from ingest.jobs import Call, Parsed, Reply, Source, Window
from ingest.runs.engine import Engine, open_engine
from ingest.runs.http_client import Waits
from ingest.runs.runner import JobRun, execute, window
from tests.ingest.conftest import FakeTime
from tests.ingest.server import Act, Handler, Server, serving, status

# Days of the tests lie behind us: what the lake dates itself, it dates by the clock of today.
START = datetime(2024, 3, 11, 13, 0, tzinfo=UTC)
EVER_AFTER = datetime(2200, 1, 1, tzinfo=UTC)
KEY = "k3y-of-the-tests-0123456789"
Row = tuple[object, ...]


@dataclass
class Api:
    """What the far side answers: `first` once each and in turn, then `say`, or 503 while down."""

    say: Act
    first: list[Act] = field(default_factory=list)
    is_down: bool = False

    def __call__(self, to: Handler) -> None:
        if self.is_down:
            status(503, b"Service Unavailable")(to)
        elif self.first:
            self.first.pop(0)(to)
        else:
            self.say(to)


def nearby(source: Source, origin: str, url: str) -> Source:
    """The source with its hosts on this machine; plan and parse go on seeing its own addresses.

    A path that a call never led to is taken for one of `origin`.
    """
    origins: dict[str, str] = {}

    def here(call: Call) -> Call:
        parts = urlsplit(call.url)
        own = origins[parts.path] = f"{parts.scheme}://{parts.netloc}"
        return replace(call, url=url + call.url.removeprefix(own))

    def at_home(call: Call) -> Call:
        assert call.url.startswith(url), call.url
        own = origins.get(urlsplit(call.url).path, origin)
        return replace(call, url=own + call.url.removeprefix(url))

    def plan(window: Window) -> list[Call]:
        return [here(call) for call in source.plan(window)]

    def parse(reply: Reply) -> Parsed:
        parsed = source.parse(replace(reply, call=at_home(reply.call)))
        return replace(parsed, follow=tuple(here(call) for call in parsed.follow))

    return replace(source, plan=plan, parse=parse)


@dataclass
class Desk:
    """One source, its server, an engine in a folder of its own, and the clock of all three."""

    source: Source
    server: Server
    engine: Engine
    clock: FakeTime
    db: Db

    @property
    def now(self) -> datetime:
        return self.clock.now_at

    def sleep(self, **span: float) -> None:
        """Let time pass."""
        self.clock.sleep(timedelta(**span) / timedelta(seconds=1))

    def speak(self, say: Act, *paths: str) -> Api:
        """The server answers these paths so from now on."""
        api = Api(say)
        self.server.acts.update(dict.fromkeys(paths, api))
        return api

    def run(
        self, *names: str, job: str = "", since: date | None = None, due: datetime | None = None
    ) -> Run:
        """A run of a job, the source's first unless named, due in a second or taken up again."""
        if due is None:  # two runs that are due at one instant would be one
            self.sleep(seconds=1)
        found = next(item for item in self.source.jobs if job in ("", item.name))
        span = Window(names, self.now, since, None, found.name)
        job_run = JobRun(self.source, found, span, due or self.now)
        return execute(self.engine, job_run, owner="test")

    def refresh(self, *names: str) -> tuple[str, int, int]:
        """A second later, what the first job does by itself: as far back as it looks."""
        job = self.source.jobs[0]
        self.sleep(seconds=1)
        span = window(job, self.now, {"names": names})
        job_run = JobRun(self.source, job, span, self.now)
        outcome = execute(self.engine, job_run, owner="test").outcome
        return outcome.status, outcome.rows_added, outcome.vintages_added

    def counts(self, *names: str, job: str = "", since: date | None = None) -> tuple[str, int, int]:
        """The same, as status, rows added and vintages added."""
        outcome = self.run(*names, job=job, since=since).outcome
        return outcome.status, outcome.rows_added, outcome.vintages_added

    def rows(self, sql: str, at: datetime = EVER_AFTER, **params: object) -> list[Row]:
        """What the lake answers at a clock."""
        return list(self.db.at(at).sql(sql, **params).frame.iter_rows())

    @property
    def breaker(self) -> breakers.Breaker:
        name = self.source.limited_as
        return next(b for b in breakers.everyone(self.engine.state) if b.source == name)

    def asked(self, name: str) -> list[str | None]:
        """A parameter of every request so far."""
        return [hit.query.get(name) for hit in self.server.hits]


@contextmanager
def opened(source: Source, folder: Path, *, is_keyed: bool = False) -> Iterator[Desk]:
    """A desk for a source, with the quotas that hold for it; its key is known where it has one."""
    settings = Settings.from_env("test", {"DATA_DIR": str(folder), "CONTACT": "a@example.org"})
    if is_keyed:
        settings.secrets.parent.mkdir(parents=True, exist_ok=True)
        settings.secrets.touch(mode=0o600)
        settings.secrets.write_text(f"{source.secret}={KEY}\n")
    clock = FakeTime(START)
    calls = source.plan(Window((), START, job=source.jobs[0].name))
    parts = urlsplit(calls[0].url)
    with (
        pytest.MonkeyPatch.context() as environment,
        serving() as server,
        open_engine(settings, tempo=clock.tempo, waits=Waits(2.0, 2.0, 5.0)) as engine,
    ):
        if source.secret:  # a developer's own key is not for tests
            environment.delenv(source.secret, raising=False)
        here = nearby(source, f"{parts.scheme}://{parts.netloc}", server.url)
        db = Db(settings.lake, memory_limit_mb=256, threads=1)
        try:
            yield Desk(here, server, engine, clock, db)
        finally:
            db.close()


def leaks(folder: Path) -> list[Path]:
    """The files of a desk's folder that hold its key in any capitals, but for that of the keys."""
    secrets = Settings.from_env("test", {"DATA_DIR": str(folder)}).secrets
    kept = [path for path in folder.rglob("*") if path.is_file() and path != secrets]
    assert kept
    return [path for path in kept if KEY.lower().encode() in path.read_bytes().lower()]


def outage(desk: Desk, api: Api, sql: str, again: Callable[[], Run]) -> None:
    """A day of 503: a failed run, the lake untouched, the source left alone, then well again."""
    before = desk.rows(sql)
    assert before
    api.is_down = True
    seen = len(desk.server.hits)
    failed = again()
    assert failed.outcome.status == "failed"
    assert "503" in failed.outcome.message
    assert (failed.outcome.rows_added, failed.outcome.vintages_added) == (0, 0)
    assert len(desk.server.hits) == seen + 5
    assert "503" in desk.breaker.reason
    assert desk.breaker.until is not None
    assert desk.breaker.until > desk.now
    resting = again()
    assert "left alone until" in resting.outcome.message
    assert len(desk.server.hits) == seen + 5
    assert desk.rows(sql) == before
    api.is_down = False
    desk.sleep(days=1)
    healed = again()
    assert healed.outcome.status == "ok", healed.outcome.message
    assert desk.breaker.until is None
