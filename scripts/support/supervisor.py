"""Starts child processes, starts them again when they die, stops them all; it knows none by name.

Each child leads its own process group, so that the terminal's Ctrl-C reaches only the supervisor,
which then stops them in order, and so that a child's own children go with it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.clock import iso, utc_now
from data.settings import keyless
from scripts.support.keeper import Keeper, end_groups, send

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
STEADY_S = 60.0  # a child that lived this long has its earlier deaths forgiven
LOG_BYTES = 10 * 2**20
POLL_S = 0.05


@dataclass(slots=True)
class Child:
    """One process and its history."""

    name: str
    words: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0
    has_keys: bool = False

    @property
    def pid(self) -> int | None:
        """None while it waits for its next start."""
        return self.process.pid if self.process else None


class Supervisor:
    """Use as a context: on the way out nothing that it started is left."""

    def __init__(self, logs: Path, *, first_wait_s: float = FIRST_WAIT_S) -> None:
        self.is_stopping = False
        self.children: list[Child] = []
        self._logs = logs
        self._first_wait_s = first_wait_s

    def __enter__(self) -> Supervisor:
        self._keeper = Keeper()
        self._ears, self._bell = os.pipe()
        os.set_blocking(self._ears, False)
        os.set_blocking(self._bell, False)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        for number in STOP:
            if signal.getsignal(number) != signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, self._hear)  # `nohup` keeps its meaning
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._keeper.close()
        signal.set_wakeup_fd(-1)
        for number in (*STOP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.close(self._ears)
        os.close(self._bell)

    def start(self, name: str, words: Sequence[str], *, has_keys: bool = False) -> Child:
        """From here on the child is kept running."""
        child = Child(name, words, self._logs / f"{name}.log", has_keys=has_keys)
        self.children.append(child)
        self._launch(child)
        return child

    def run(self, words: Sequence[str]) -> int | None:
        """One command to its end, its output on our stderr; None where a stop came first."""
        process = self._spawn(words, sys.stderr.fileno())
        while process.poll() is None and not self.is_stopping:
            self._wait(None)
        if process.poll() is None:
            end_groups([process.pid], 3.0)
        self._gone(process)
        return None if self.is_stopping else process.returncode

    def until(self, is_true: Callable[[], bool], seconds: float) -> bool:
        """Keeps the children running until the condition holds, the time is up, or a stop came."""
        end = time.monotonic() + seconds
        while not self.is_stopping and time.monotonic() < end:
            if is_true():
                return True
            self.step(POLL_S)
        return False

    def step(self, seconds: float | None = None) -> None:
        """Waits for a death, a stop or a due start, and deals with it."""
        due = [child.due - time.monotonic() for child in self.children if not child.process]
        waits = due if seconds is None else [*due, seconds]
        self._wait(max(min(waits), 0.0) if waits else None)
        self._keeper.renew()
        for child in self.children:
            if child.process and child.process.poll() is not None:
                self._bury(child)
            if not child.process and child.due <= time.monotonic() and not self.is_stopping:
                self._launch(child)

    def stop(self) -> None:
        """All but the first child at once, then the first, which the others may need to the end."""
        self.is_stopping = True
        for batch, grace_s in ((self.children[1:], 5.0), (self.children[:1], 3.0)):
            running = [child.process for child in batch if child.process]
            for process in running:
                send(process.pid, signal.SIGTERM)
            end = time.monotonic() + grace_s
            for process in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(end - time.monotonic(), 0.0))
            for process in running:
                self._gone(process)
        self.children.clear()

    def _hear(self, *_: object) -> None:
        self.is_stopping = True

    def _wait(self, seconds: float | None) -> None:
        if self.is_stopping:
            return
        if select.select([self._ears], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._ears, 4096)

    def _launch(self, child: Child) -> None:
        child.started = time.monotonic()
        try:
            with _log(child.log) as log:
                child.process = self._spawn(child.words, log, has_keys=child.has_keys)
                os.write(log, f"--- {iso(utc_now())} started as {child.pid}\n".encode())
        except (OSError, subprocess.SubprocessError) as error:
            self._put_off(child, f"cannot be started ({error})")

    def _bury(self, child: Child) -> None:
        assert child.process is not None
        code = child.process.returncode
        self._gone(child.process)
        child.process = None
        if time.monotonic() - child.started > STEADY_S:
            child.deaths = 0
        self._put_off(child, f"was killed by signal {-code}" if code < 0 else f"ended with {code}")

    def _put_off(self, child: Child, why: str) -> None:
        wait_s = min(self._first_wait_s * 2**child.deaths, LONGEST_WAIT_S)
        child.deaths += 1
        child.due = time.monotonic() + wait_s
        say(f"{child.name} {why}; next start in {wait_s:g} s, log: {child.log}")

    def _spawn(
        self, words: Sequence[str], output: int, *, has_keys: bool = False
    ) -> subprocess.Popen[bytes]:
        """Only a process that asks sources is given their keys; the pages hold none."""
        self._keeper.renew()
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=self._keeper.enrol(),
            env=None if has_keys else keyless(),
        )
        self._keeper.note(process.pid)
        return process

    def _gone(self, process: subprocess.Popen[bytes]) -> None:
        """Ends what the child left of its group, itself included, and reaps it."""
        send(process.pid, signal.SIGKILL)
        process.wait()
        self._keeper.forget(process.pid)


@contextlib.contextmanager
def _log(path: Path) -> Iterator[int]:
    """The log to append to; one that has grown long is set aside once as `.1`."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        yield log
    finally:
        os.close(log)


def say(sentence: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"up: {sentence}\n")
    sys.stderr.flush()
