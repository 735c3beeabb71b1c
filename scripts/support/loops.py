"""What the processes that run all day share: one of a kind, told to stop, on a shared bus."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator

from data.bus import Bus, find_bus
from data.disk import make_folder
from data.errors import BusError, ConfigError
from data.settings import Settings
from scripts.support import console

log = logging.getLogger(__name__)


def stop_on_signals() -> threading.Event:
    """Set by SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def shared_bus(settings: Settings) -> Bus:
    """A bus that other processes can read, or a ConfigError that says what is missing."""
    bus = find_bus(settings)
    if bus.banner:
        raise ConfigError(f"this needs a bus that other processes can read: {bus.banner}")
    return bus


def rounds(
    step: Callable[[], object], bus: Bus, stop: threading.Event, *, pace_s: float, pause_s: float
) -> None:
    """Step until told to stop; a bus that is away, or a quota that is used up, is said once."""
    told = ""
    while not stop.is_set():
        try:
            step()
            told = ""
            stop.wait(max(pace_s, bus.pauses().read))
        except BusError as error:
            if str(error) != told:
                console.say(str(error))
            told = str(error)
            stop.wait(pause_s)


@contextlib.contextmanager
def alone(settings: Settings, kind: str, stop: threading.Event) -> Iterator[bool]:
    """A lock of this machine, freed by the kernel: waits its turn, false when stopped before."""
    make_folder(settings.run)
    path = settings.run / f"{kind}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    is_told = False
    try:
        while not stop.is_set():
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not is_told:
                    log.info("workspace=%s another_%s_works; waiting", settings.workspace, kind)
                is_told = True
                stop.wait(1.0)
        yield not stop.is_set()
    finally:
        os.close(handle)
