"""Runs: plan, fetch, parse, store, record. A run that was killed goes on from what it stored.

Refuses to call zero rows a success, to drop a reply in silence, and to run one job twice at once.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from data.disk import path_value
from data.errors import BudgetError, ConfigError, StateError, WorkstationError
from data.state import runs
from data.state.runs import EndStatus, Holder, Outcome, Run, RunStatus
from ingest.jobs import Call, Edition, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.runs.cache import call_id
from ingest.runs.editions import StoredEditions
from ingest.runs.engine import Engine
from ingest.runs.journal import Journal
from ingest.runs.keys import MissingKeyError
from ingest.runs.reading import read
from ingest.runs.store import ReplyBatch
from ingest.runs.transport import CallTerms, RestingError

LOG = logging.getLogger(__name__)
GRACE = timedelta(minutes=1)
REPORT_EVERY_S = 2.0
MESSAGE = 1500
COUNTED = re.compile(r"(\d[\d,]*) rows? (.*)")
# After one of these the next call would fare no better.
STOPS: tuple[Problem, ...] = ("auth", "quota", "blocked")


@dataclass(frozen=True, slots=True)
class JobRun:
    """What to run: a job of a source, over a window, for the instant at which it was due."""

    source: Source
    job: Job
    window: Window
    due_at: datetime
    is_user: bool = False

    @property
    def name(self) -> str:
        """Under which the ledger knows the job."""
        return f"{self.source.name}.{self.job.name}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `total` may grow, as pages announce further pages."""

    done: int
    total: int
    rows: int
    words: str = ""


Watcher = Callable[[Progress], None]


def window(job: Job, now: datetime, arguments: Mapping[str, object] | None = None) -> Window:
    """What a run at that instant covers: the job's look back, or what the arguments ask for.

    Arguments: `names` (a list), `since` and `until` (ISO dates).
    """
    given = arguments or {}
    since = _day(given.get("since"))
    if since is None and job.lookback_days is not None:
        since = (now - timedelta(days=job.lookback_days)).date()
    names = given.get("names") or ()
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise ConfigError(f"names {str(names)[:60]!r}: expected a list")
    found = tuple(str(name) for name in names)
    return Window(names=found, now=now, since=since, until=_day(given.get("until")), job=job.name)


def _day(text: object) -> date | None:
    try:
        return None if text is None else date.fromisoformat(str(text))
    except ValueError:
        raise ConfigError(f"{str(text)[:60]!r}: expected a date such as 2020-03-16") from None


def execute(
    engine: Engine,
    job_run: JobRun,
    *,
    owner: str,
    watch: Watcher | None = None,
) -> Run:
    """Plan, claim and carry out; a run of that instant that has ended well is left alone.

    A run that failed, or whose process died, is taken up where it stopped.
    """
    now = engine.tempo.now()
    with _alone(engine, job_run.name):
        run = runs.plan(
            engine.state, job_run.name, job_run.source.name, due_at=job_run.due_at, now=now
        )
        if run.outcome.status == "running":
            # Its process held the lock that we hold now, so it is dead.
            run = runs.forsake(engine.state, run)
        elif run.outcome.status in runs.RETRIED:
            run = runs.retry(engine.state, run.id)
        elif run.outcome.status != "planned":
            return run
        until = now + timedelta(seconds=job_run.job.time_limit_s) + GRACE
        fence = runs.last_fence(engine.state, run.id)
        claimed = runs.claim(engine.state, run.id, Holder(owner, fence, until), now=now)
        if claimed is None:
            raise StateError(f"run {run.id} of {job_run.name} was taken by another process")
        return _Work(engine, job_run, claimed, watch or _nobody).through()


def carry_out(engine: Engine, job_run: JobRun, run: Run, watch: Watcher | None = None) -> Run:
    """A run that the caller, or the process that started it, has claimed; gives it as it ended.

    What goes wrong is in the run, not raised; only a state that cannot be written is, a claim that
    was lost, or another process with the same job.
    """
    with _alone(engine, job_run.name):
        return _Work(engine, job_run, run, watch or _nobody).through()


def _nobody(progress: Progress) -> None:
    """Nobody watches."""


@contextmanager
def _alone(engine: Engine, job: str) -> Iterator[None]:
    """No two processes run one job; the kernel frees the lock when its holder dies."""
    folder = engine.settings.run / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / f"{path_value(job)}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateError(f"{job} is running already; wait for its end") from None
        yield
    finally:
        os.close(handle)


@dataclass(slots=True)
class _Work:
    """One attempt at one run."""

    engine: Engine
    job_run: JobRun
    run: Run
    watch: Watcher
    queue: deque[Call] = field(default_factory=deque)
    known: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: int = 0
    stopped: EndStatus | None = None
    reported: float = 0.0
    deadline: float = 0.0
    batch: ReplyBatch = field(init=False)
    stored_editions: StoredEditions = field(init=False)
    begun: set[str] = field(default_factory=set)  # names of the editions that this run asks for
    empty: set[str] = field(default_factory=set)
    sizes: Counter[str] = field(default_factory=Counter)  # calls of each edition
    unchanged: set[str] = field(default_factory=set)
    postponed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        tempo = self.engine.tempo
        self.deadline = tempo.monotonic() + self.job_run.job.time_limit_s
        self.reported = tempo.monotonic()
        job = self.job_run.name
        journal = Journal.of(self.engine.settings.run / "journal", job, self.job_run.due_at)
        self.batch = ReplyBatch(self.engine, self.job_run.source, job, self.job_run.due_at, journal)
        self.stored_editions = StoredEditions.of(self.engine.settings.run / "editions", job)

    def through(self) -> Run:
        """From the plan to the last word in the ledger."""
        try:
            status = self._status()
        except StateError:
            raise
        except MissingKeyError as error:  # the plan itself needs one
            self.failures.append(str(error))
            status = "skipped"
        except WorkstationError as error:
            status = self._fail(str(error))
        except Exception as error:
            LOG.exception("run_id=%d job=%s failed", self.run.id, self.run.job)
            status = self._fail(f"{type(error).__name__}: {error}")
        now = self.engine.tempo.now()
        finished = runs.finish(self.engine.state, self.run, self._outcome(status), now=now)
        if status in ("ok", "empty"):
            self.batch.journal.clear(now)
        LOG.info(
            "run_id=%d job=%s status=%s rows=%d",
            self.run.id,
            self.run.job,
            status,
            finished.outcome.rows_added,
        )
        return finished

    def _fail(self, words: str) -> EndStatus:
        self.failures.append(words)
        return "partial" if self.done else "failed"

    def _status(self) -> EndStatus:
        self._plan()
        if not self.known:
            self.notes.append("nothing to ask for in this window")
            return "skipped"
        while self.queue and not self.stopped:
            if self.engine.tempo.monotonic() >= self.deadline:
                limit = self.job_run.job.time_limit_s
                self.failures.append(f"the time limit of {limit} s was reached")
                break
            self._one(self.queue.popleft())
            if self.batch.is_full():
                self._store()
            self._tell()
        self._store()
        if self.begun:
            now = self.engine.tempo.now()
            stored = self.batch.journal.read()
            self.stored_editions.remember(stored, self.empty, now, self.begun)
        return self._verdict()

    def _plan(self) -> None:
        """The calls of the plan and those that stored replies led to, less what is done."""
        stored = self.batch.resume(self.job_run.job.datasets)
        self.known |= stored.done
        self.done = len(stored.done)
        self.begun |= {
            call.edition.name
            for call in stored.follow
            if call.edition is not None and call_id(call) in stored.done
        }
        lake, datasets = self.engine.lake, self.job_run.job.datasets
        if self.stored_editions.marks and not any(lake.publications(n, "") for n in datasets):
            self.stored_editions.forget()  # a lake that is new holds none of them
        source = self.job_run.source
        has_key = self.engine.transport.keys.has(source)
        planned = source.plan(replace(self.job_run.window, has_key=has_key))
        self._enqueue_all([*planned, *stored.follow])

    def _enqueue_all(self, calls: Sequence[Call]) -> None:
        self.sizes += Counter(call.edition.name for call in calls if call.edition is not None)
        for call in self.stored_editions.in_turn(calls):
            self._enqueue(call)

    def _enqueue(self, call: Call) -> None:
        identity = call_id(call)
        if identity not in self.known and (call.edition is None or self._is_wanted(call.edition)):
            self.known.add(identity)
            self.queue.append(call)

    def _is_wanted(self, edition: Edition) -> bool:
        """Whether a data set has changed and its turn has come: a run by the timetable takes no
        more of them than its job may cost, and leaves the others to the next."""
        if edition.name in self.begun:
            return True
        if self.stored_editions.has(edition, self.engine.tempo.now()):
            self.unchanged.add(edition.name)
            return False
        span, most = self.job_run.window, self.job_run.job.cost
        is_limited = not (span.names or span.since or self.job_run.is_user) and most is not None
        asked = self.batch.tally.calls + 1 + len(self.queue)  # one is the list that led here
        if is_limited and asked + self.sizes[edition.name] > (most or 0):
            self.postponed.add(edition.name)
            return False
        self.begun.add(edition.name)
        return True

    def _one(self, call: Call) -> None:
        """One call; whatever becomes of it, something is written down."""
        transport = self.engine.transport
        before = transport.calls, transport.received
        try:
            reply = transport.fetch(
                self.job_run.source, call, CallTerms(self.deadline, self.job_run.is_user)
            )
        except BudgetError as error:
            self._stop("over_budget", str(error), call)
        except (RestingError, MissingKeyError) as error:
            self._stop("skipped", str(error), call)
        except ReplyError as error:
            self._failed(error)
        else:
            self._take(reply)
        self.batch.tally.calls += transport.calls - before[0]
        self.batch.tally.bytes += transport.received - before[1]

    def _take(self, reply: Reply) -> None:
        """What a reply says goes to the batch; what says nothing of use, to the rejects."""
        source, transport = self.job_run.source, self.engine.transport
        try:
            parsed = read(source, reply)
        except ReplyError as error:
            if error.problem != "empty":
                transport.refuse(source, reply, error)
                self._failed(error)
                return
            parsed = Parsed({}, note=str(error))
            if reply.call.edition is not None:
                self.empty.add(reply.call.edition.name)
        transport.accept(source, reply)
        self.batch.take(reply, parsed)
        self._enqueue_all(parsed.follow)
        if parsed.note:
            self.notes.append(parsed.note)
        self.done += 1

    def _failed(self, error: ReplyError) -> None:
        self.failures.append(str(error))
        if error.problem in STOPS:
            self.stopped = "over_budget" if error.problem == "quota" else "failed"

    def _stop(self, status: EndStatus, words: str, call: Call) -> None:
        self.queue.appendleft(call)
        self.stopped = status
        self.failures.append(words)

    def _store(self) -> None:
        """Hold the claim, then write; a run that was taken over writes nothing more."""
        self._report()
        refused = self.batch.store()
        self.done -= len(refused)
        self.failures += refused

    def _tell(self) -> None:
        planned = self.done + len(self.queue) + len(self.failures)
        self.watch(Progress(self.done, planned, self.batch.rows))
        if self.engine.tempo.monotonic() - self.reported > REPORT_EVERY_S:
            self._report()

    def _report(self) -> None:
        until = self.engine.tempo.now() + timedelta(seconds=self.job_run.job.time_limit_s) + GRACE
        self.run = runs.report(self.engine.state, self.run, self._outcome("running"), until=until)
        self.reported = self.engine.tempo.monotonic()

    def _verdict(self) -> EndStatus:
        if not self.failures:
            return "ok" if self.batch.rows or self.unchanged else "empty"
        if self.stopped == "over_budget":
            return "over_budget"
        if self.done:
            return "partial"
        return "skipped" if self.stopped == "skipped" and len(self.failures) == 1 else "failed"

    def _outcome(self, status: RunStatus) -> Outcome:
        tally = self.batch.tally
        return Outcome(
            status,
            tally.calls,
            tally.bytes,
            tally.rows_added,
            tally.vintages_added,
            self._words()[:MESSAGE],
        )

    def _words(self) -> str:
        tally, left = self.batch.tally, len(self.queue)
        words = [f"{self.batch.rows} rows: {tally.rows_added} new, {tally.vintages_added} revised"]
        if self.failures:
            more = f" (and {len(self.failures) - 3} more)" if len(self.failures) > 3 else ""
            words.append(f"{len(self.failures)} failed: {'; '.join(self.failures[:3])}{more}")
        if left:
            words.append(f"{left} calls left for the next attempt")
        unchanged, postponed = len(self.unchanged), len(self.postponed)
        if unchanged:
            words.append(f"{unchanged} data sets are unchanged and were not asked for")
        if postponed:
            words.append(f"{postponed} data sets wait for the next run")
        words += _added_up(self.notes)
        return self.engine.transport.keys.redact(". ".join(words)).replace("\0", "")


def _added_up(notes: Sequence[str]) -> list[str]:
    """Notes of several replies as those of one: what begins with a number of rows is added up."""
    counts: dict[str, int] = {}
    others: dict[str, None] = {}
    for note in notes:
        parts = note.split("; ")
        if not any(COUNTED.match(part) for part in parts):
            others[note] = None
            continue
        for part in parts:
            found = COUNTED.match(part)
            if found:
                counts[found[2]] = counts.get(found[2], 0) + int(found[1].replace(",", ""))
            else:
                others[part] = None
    added = [f"{count:,} row{'' if count == 1 else 's'} {words}" for words, count in counts.items()]
    return [*list(others)[:3], *added]
