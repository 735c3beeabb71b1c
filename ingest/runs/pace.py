"""Pace: how far apart the calls to one source are, and how many may be under way, on one machine.

Processes take turns through files that the kernel unlocks when their holder dies. Refuses to wait
past the caller's deadline.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data.clock import utc_now

POLL_S = 0.05
# The file holds an instant of the monotonic clock, which starts anew with the machine: what lies
# further ahead than any honest queue was written before a restart.
FURTHEST_S = 900.0


@dataclass(frozen=True, slots=True)
class Tempo:
    """Time as the engine sees it; tests hand in their own."""

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class LateError(Exception):
    """The turn would come after the deadline."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The turns of all sources, kept in `folder`."""

    folder: Path
    tempo: Tempo

    @contextlib.contextmanager
    def turn(
        self, source: str, spacing_s: float, *, at_once: int = 1, deadline: float
    ) -> Iterator[None]:
        """Wait for one of `at_once` places and for `spacing_s` since the last call; then hold it.

        `deadline` is an instant of the monotonic clock.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as held:
            held.callback(os.close, self._place(source, at_once, deadline))
            wait = self._book(source, spacing_s)
            if self.tempo.monotonic() + wait > deadline:
                raise LateError(f"its turn comes in {wait:.0f} s, after the time limit of the run")
            if wait > 0:
                self.tempo.sleep(wait)
            yield

    def _place(self, source: str, at_once: int, deadline: float) -> int:
        """A lock on one of the places, as an open file."""
        while True:
            for number in range(at_once):
                path = self.folder / f"{source}.{number}"
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return handle
                except BlockingIOError:
                    os.close(handle)
            if self.tempo.monotonic() > deadline:
                raise LateError("other runs held all its places until the time limit of the run")
            self.tempo.sleep(POLL_S)

    def _book(self, source: str, spacing_s: float) -> float:
        """Book the next free instant for a call; gives how long it is until then."""
        with open(self.folder / f"{source}.next", "a+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            now = self.tempo.monotonic()
            free = _number(file.read())
            start = free if now < free < now + FURTHEST_S else now
            file.truncate(0)
            file.write(f"{start + spacing_s:.6f}")
            file.flush()
        return start - now


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
