"""A run as a process of its own: started, watched, ended with all that it started.

Refuses to leave a run behind: on Linux the kernel ends it with the scheduler, elsewhere the lock
of its job says that it still runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.clock import iso, utc_now
from data.disk import make_folder, path_value
from data.errors import StateError
from data.settings import REPOSITORY, Settings
from data.state.runs import Run
from ingest.schedule.planning import Task, job_of

LOG_BYTES = 5 * 2**20
NICENESS = 5  # pages are answered first
PR_SET_PDEATHSIG = 1
# Looked up here, not between fork and exec, where a library must not be loaded.
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(slots=True)
class ChildProcess:
    """One process and its group."""

    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, words: Sequence[str], log: Path) -> ChildProcess:
        """Its own session, nothing to read, everything it says at the end of `log`."""
        with _opened(log) as out:
            process = subprocess.Popen(
                words,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=_bound_to(os.getpid()),
            )
        return cls(process)

    def poll(self) -> int | None:
        """Its exit status; what it may have left of its group is ended with it."""
        code = self.process.poll()
        if code is not None:
            self._send(signal.SIGKILL)
        return code

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def start(settings: Settings, run: Run, task: Task) -> ChildProcess:
    """The process of a run that was claimed for it."""
    if run.holder is None:
        raise StateError(f"run {run.id} of {run.job} was not claimed; claim it before its start")
    words = [sys.executable, "-m", "scripts.run_job", "--workspace", settings.workspace]
    words += ["--run", str(run.id), "--owner", run.holder.owner, "--fence", str(run.holder.fence)]
    return ChildProcess.start(words, settings.logs / "jobs" / f"{path_value(task.name)}.log")


@contextlib.contextmanager
def alone(settings: Settings, run_name: str) -> Iterator[None]:
    """Hold the lock of a job, as the runner does for the jobs of sources."""
    handle = _lock(settings, run_name)
    if handle is None:
        raise StateError(f"{job_of(run_name)} is running already; wait for its end")
    try:
        yield
    finally:
        os.close(handle)


def is_running(settings: Settings, job: str) -> bool:
    """Whether a process holds the lock of that job."""
    handle = _lock(settings, job)
    if handle is None:
        return True
    os.close(handle)
    return False


def _lock(settings: Settings, run_name: str) -> int | None:
    folder = settings.run / "jobs"
    make_folder(folder)
    path = folder / f"{path_value(job_of(run_name))}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _bound_to(parent: int) -> Callable[[], None]:
    """What a child calls between fork and exec."""

    def bind() -> None:
        os.nice(NICENESS)
        if PRCTL:
            PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

    return bind


@contextlib.contextmanager
def _opened(log: Path) -> Iterator[int]:
    """The log to append to; one that has grown long is set aside once as `.1`."""
    make_folder(log.parent)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        os.write(out, f"--- {iso(utc_now())}\n".encode())
        yield out
    finally:
        os.close(out)
