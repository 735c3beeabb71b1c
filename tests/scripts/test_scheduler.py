"""The scheduler as a process: started, asked, doubled, killed, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data.clock import utc_now
from data.settings import Settings
from data.state import leases, requests, runs
from data.state.db import State
from data.state.runs import Holder
from data.state.values import Edit
from ingest.schedule.scheduler import LEASE

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., "subprocess.Popen[bytes]"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings.from_env("demo", {"DATA_DIR": str(tmp_path)})
    made.root.mkdir()
    return made


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    found = State.open(settings.state)
    yield found
    found.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a program of ours over this folder, its words in a file of their own."""
    children: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, log: str = "log") -> subprocess.Popen[bytes]:
        with open(tmp_path / log, "ab") as out:
            child = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=os.environ | {"DATA_DIR": str(tmp_path), "WORKSPACE": "demo"},
                stdout=out,
                stderr=out,
            )
        children.append(child)
        return child

    yield begin
    for child in children:
        if child.poll() is None:
            child.kill()
        child.wait()


def until(is_true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def ask(state: State, job: str) -> requests.Request:
    return requests.ask(state, job, {}, edit=Edit("ann", utc_now()))


def stop(child: subprocess.Popen[bytes]) -> int:
    child.send_signal(signal.SIGTERM)
    return child.wait(10)


SCHEDULER = ("-m", "scripts.scheduler")


def test_it_serves_a_request_and_stops_when_told(
    state: State, start: Start, tmp_path: Path
) -> None:
    wish = ask(state, "house.collect")
    child = start(*SCHEDULER)
    until(lambda: requests.read(state, wish.id).status == "done")
    answer = requests.read(state, wish.id)
    assert answer.message == "0 files deleted"
    assert answer.run_id is not None
    run = runs.read(state, answer.run_id)
    assert run is not None and run.outcome.status == "empty"
    log = tmp_path / "demo" / "logs" / "jobs" / "house.collect.log"
    assert log.read_text().startswith("--- ")
    assert stop(child) == 0
    assert leases.current(state, LEASE, now=utc_now()) is None
    words = (tmp_path / "log").read_text()
    assert "source=fred off=workspace demo takes invented rows only" in words
    assert "stopped" in words


def test_of_two_at_once_one_works_and_the_other_takes_over(
    state: State, start: Start, tmp_path: Path
) -> None:
    first = start(*SCHEDULER, log="first")
    until(lambda: leases.current(state, LEASE, now=utc_now()))
    held = leases.current(state, LEASE, now=utc_now())
    second = start(*SCHEDULER, log="second")
    until(lambda: "another_scheduler_works" in (tmp_path / "second").read_text())
    assert leases.current(state, LEASE, now=utc_now()) is not None
    assert stop(first) == 0
    until(lambda: leases.current(state, LEASE, now=utc_now()))
    now_held = leases.current(state, LEASE, now=utc_now())
    assert held and now_held and now_held.fence == held.fence + 1
    assert stop(second) == 0


def test_a_stop_while_waiting_for_another_is_heeded(start: Start, tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "demo" / "run").mkdir(parents=True)
    with open(tmp_path / "demo" / "run" / "scheduler.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = start(*SCHEDULER)
        until(lambda: "another_scheduler_works" in (tmp_path / "log").read_text())
        assert stop(child) == 0


def claimed(state: State, job: str, fence: int = 3) -> runs.Run:
    now = utc_now()
    run = runs.plan(state, job, job.partition(".")[0], due_at=now, now=now)
    found = runs.claim(state, run.id, Holder("me", fence, now + MINUTE), now=now)
    assert found is not None
    return found


@pytest.mark.parametrize(("owner", "fence"), [("me", 2), ("you", 3)])
def test_a_run_under_another_fence_or_owner_is_refused(
    state: State, start: Start, tmp_path: Path, owner: str, fence: int
) -> None:
    run = claimed(state, "house.collect")
    words = ("--run", str(run.id), "--owner", owner, "--fence", str(fence))
    assert start("-m", "scripts.run_job", *words).wait(60) == 6
    assert f"run {run.id} is held by me under fence 3" in (tmp_path / "log").read_text()
    assert runs.read(state, run.id) == run


def test_a_run_that_is_not_under_way_is_refused(state: State, start: Start, tmp_path: Path) -> None:
    words = ("--run", "9", "--owner", "me", "--fence", "1")
    assert start("-m", "scripts.run_job", *words).wait(60) == 6
    assert "run 9 is not under way" in (tmp_path / "log").read_text()


def test_a_demo_without_a_world_is_not_extended(state: State, start: Start) -> None:
    run = claimed(state, "demo.demo_world")
    words = ("--run", str(run.id), "--owner", "me", "--fence", "3")
    assert start("-m", "scripts.run_job", *words).wait(60) == 0
    ended = runs.read(state, run.id)
    assert ended is not None and ended.outcome.status == "skipped"
    assert "python -m scripts.seed_demo" in ended.outcome.message


# A scheduler of four quick jobs, whose children note their end in a file after the ledger took it.
QUICK = """
import sys, time
from functools import partial
from pathlib import Path
from data.clock import utc_now
from data.settings import Settings
from data.state.db import State
from ingest.jobs import Cadence, Job
from ingest.schedule.loop import Loop
from ingest.schedule.planning import Task
from ingest.schedule.process import ChildProcess
from ingest.schedule.scheduler import Hooks, Scheduler
from scripts.support import logs

logs.to_stderr()
folder, child = Path(sys.argv[1]), sys.argv[2]
state = State.open(folder / "demo" / "state.db")

def start(run, task):
    words = [sys.executable, "-c", child, str(folder), str(run.id)]
    return ChildProcess.start(words, folder / "children.log")

cadence = Cadence(every_minutes=1)
tasks = [Task(f"s{n}", Job("quick", (), "", cadence, catch_up="all")) for n in range(4)]
Loop(Scheduler(state, tasks, Hooks(start), f"o{time.monotonic_ns()}", utc_now)).run()
"""
CHILD = """
import json, os, sys, time
from pathlib import Path
from data.clock import utc_now
from data.state import runs
from data.state.db import State
folder = Path(sys.argv[1])
state = State.open(folder / "demo" / "state.db")
run = runs.read(state, int(sys.argv[2]))
with open(folder / "begun", "a") as out:
    out.write(f"{os.getpid()}\\n")
time.sleep(0.3)
runs.finish(state, run, runs.Outcome("ok"), now=utc_now())
with open(folder / "done", "a") as out:
    out.write(json.dumps([run.job, run.due_at.isoformat()]) + "\\n")
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_kills_of_the_scheduler_take_its_runs_along_and_double_nothing(
    state: State, start: Start, tmp_path: Path
) -> None:
    """Ten blows: each time the scheduler dies as a run is under way, and another follows."""
    for item in range(4):  # so much is owed that there is always something to do
        first = utc_now() - 8 * MINUTE
        run = runs.plan(state, f"s{item}.quick", f"s{item}", due_at=first, now=first)
        runs.set_aside(state, run.id, runs.Outcome("skipped"), now=first)
    begun = tmp_path / "begun"
    for _ in range(10):
        before = len(lines(begun))
        child = start("-c", QUICK, str(tmp_path), CHILD)
        until(lambda before=before: len(lines(begun)) > before)
        child.kill()
        child.wait()
        until(lambda: not any(is_alive(int(pid)) for pid in lines(begun)), 10)
        held = leases.current(state, LEASE, now=utc_now())
        assert held is not None
        leases.release(state, held, now=utc_now())  # rather than wait for half a minute
    last = start("-c", QUICK, str(tmp_path), CHILD)
    until(
        lambda: (
            not [
                run for run in runs.waiting(state, now=utc_now()) if run.outcome.status == "planned"
            ]
        )
    )
    last.kill()
    last.wait()
    done = [tuple(json.loads(line)) for line in (tmp_path / "done").read_text().splitlines()]
    assert max(Counter(done).values()) == 1
    recent = runs.recent(state, as_of=utc_now() + MINUTE, limit=500)
    failed = [run for run in recent if run.outcome.status == "failed"]
    assert all(
        "given up" in run.outcome.message or "signal" in run.outcome.message for run in failed
    )
    assert len([run for run in recent if run.outcome.status == "ok"]) >= 20
