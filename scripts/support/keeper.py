"""A small process that outlives the supervisor only to stop what it left behind.

It is told every process group over a pipe, by the child itself before it becomes its program, so
there is no instant at which a child is unknown. When the pipe closes, for whatever reason, it ends
those groups and itself. It also inherits the supervisor's lock, so that nobody starts anew before
the old processes are gone. On Linux the kernel backs it up: direct children die with the supervisor
even where one blow ended both.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable

GRACE_S = 5.0
QUIET = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)

PR_SET_PDEATHSIG = 1
# Looked up here, not between fork and exec, where a library must not be loaded.
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class Keeper:
    """Started by fork: the caller must have no threads."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._start()

    def enrol(self) -> Callable[[], None]:
        """What a child calls between fork and exec, already leader of its own group."""
        pipe, parent = self._pipe, os.getpid()

        def enrol() -> None:
            _tell(pipe, "+", os.getpid())
            if PRCTL:
                PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() != parent:
                    os._exit(1)

        return enrol

    def note(self, group: int) -> None:
        """Remembers a child that enrolled, in case the keeper itself must be replaced."""
        self._groups.add(group)

    def forget(self, group: int) -> None:
        """The group is gone; its number may soon belong to somebody else."""
        self._groups.discard(group)
        with contextlib.suppress(OSError):
            _tell(self._pipe, "-", group)

    def renew(self) -> None:
        """Replaces a keeper that was killed."""
        if os.waitpid(self.pid, os.WNOHANG) != (0, 0):
            os.close(self._pipe)
            self._start()
            for group in self._groups:
                _tell(self._pipe, "+", group)

    def close(self) -> None:
        """Lets it end what is left, and waits until it has."""
        os.close(self._pipe)
        os.waitpid(self.pid, 0)

    def _start(self) -> None:
        ears, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(ears)
            return
        try:
            os.close(self._pipe)
            _become_quiet()
            end_groups(_listen(ears), GRACE_S)
        finally:
            os._exit(0)


def end_groups(groups: Iterable[int], grace_s: float) -> None:
    """SIGTERM, then SIGKILL to those that still stand after the grace."""
    left = [group for group in groups if send(group, signal.SIGTERM)]
    end = time.monotonic() + grace_s
    while left and time.monotonic() < end:
        time.sleep(0.05)
        left = [group for group in left if send(group, 0)]
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Whether the group had anybody to receive it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _tell(pipe: int, sign: str, group: int) -> None:
    os.write(pipe, f"{sign}{group}\n".encode())


def _listen(ears: int) -> set[int]:
    groups: set[int] = set()
    with os.fdopen(ears) as lines:
        for line in lines:
            (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    return groups


def _become_quiet() -> None:
    """Out of the terminal's reach, and holding none of the caller's outputs open."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in QUIET:
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
