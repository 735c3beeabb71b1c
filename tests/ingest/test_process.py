"""A run's process: its words kept, ended with all that it started, its job's lock seen."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import StateError
from data.settings import Settings
from ingest.schedule.process import LOG_BYTES, ChildProcess, alone, is_running

STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("child", child.pid, flush=True)
time.sleep(60)
"""


def until(is_true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_a_process_that_heeds_nothing_is_ended_with_its_own_children(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "job.log"
    child = ChildProcess.start([sys.executable, "-c", STUBBORN], log)
    until(lambda: "child" in log.read_text())
    grandchild = int(log.read_text().split("child ")[1])
    child.terminate()
    assert child.poll() is None
    child.kill()
    until(lambda: child.poll() == -9)
    until(lambda: is_gone(grandchild))


def test_what_a_process_leaves_behind_goes_with_it(tmp_path: Path) -> None:
    leaving = STUBBORN.replace("time.sleep(60)\n", "")
    log = tmp_path / "job.log"
    child = ChildProcess.start([sys.executable, "-c", leaving], log)
    until(lambda: child.poll() == 0)
    until(lambda: is_gone(int(log.read_text().split("child ")[1])))


def test_a_log_that_has_grown_long_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    child = ChildProcess.start([sys.executable, "-c", "print('anew')"], log)
    until(lambda: child.poll() == 0)
    assert (tmp_path / "job.log.1").stat().st_size == LOG_BYTES + 1
    assert log.read_text().endswith("anew\n")


def test_the_lock_of_a_job_says_that_it_runs(tmp_path: Path) -> None:
    settings = Settings.from_env("demo", {"DATA_DIR": str(tmp_path)})
    assert not is_running(settings, "house.tidy")
    with alone(settings, "house.tidy@request-3"):
        assert is_running(settings, "house.tidy")
        assert not is_running(settings, "house.other")
        with (
            pytest.raises(StateError, match=r"house\.tidy is running already"),
            alone(settings, "house.tidy"),
        ):
            pass
    assert not is_running(settings, "house.tidy")
