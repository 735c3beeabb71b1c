"""The scheduler: keeps a workspace fresh, until it is told to stop.

`python -m scripts.scheduler --workspace live` starts due jobs as processes of their own and serves
what the pages ask for. SIGTERM stops it within ten seconds; what is cut off is taken up again. It
loads none of the sources: their timetable comes from a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from functools import partial

from data.bus import find_bus
from data.clock import utc_now
from data.disk import make_folder
from data.errors import ConfigError, WorkstationError
from data.settings import REPOSITORY, Settings
from data.state.db import State
from ingest import process
from ingest.announce import Announcer
from ingest.loop import Loop
from ingest.scheduler import Hooks, Scheduler
from ingest.timetable import FOLLOW_UPS, Timetable, load
from scripts import logs

TIMETABLE_S = 120

log = logging.getLogger("scheduler")


def main() -> int:
    """Exit status 0 after a stop, 1 with one sentence on stderr when it cannot run."""
    arguments = parser().parse_args()
    logs.to_stderr()
    try:
        return run(Settings.from_env(workspace=arguments.workspace))
    except WorkstationError as error:
        log.error("%s", error)
        return 1


def run(settings: Settings) -> int:
    """The life of one scheduler."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with alone(settings, stop) as is_mine:
        if not is_mine:
            return 0
        table = read_timetable(settings)
        for name, why in table.off.items():
            log.info("source=%s off=%s", name, why)
        state, bus = State.open(settings.state), find_bus(settings)
        announcer = Announcer(bus, utc_now)
        hooks = Hooks(
            partial(process.start, settings),
            announcer.note,
            partial(process.is_running, settings),
        )
        owner = f"scheduler-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        scheduler = Scheduler(state, table.tasks, hooks, owner, utc_now, follow_ups=FOLLOW_UPS)
        log.info("workspace=%s jobs=%d", settings.workspace, len(table.tasks))
        try:
            Loop(scheduler, announcer.flush, stop).run()
        finally:
            bus.close()
            state.close()
    return 0


@contextlib.contextmanager
def alone(settings: Settings, stop: threading.Event) -> Iterator[bool]:
    """A lock of this machine, beside the lease of the state: waits its turn, false when stopped."""
    make_folder(settings.run)
    handle = os.open(settings.run / "scheduler.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    is_told = False
    try:
        while not stop.is_set():
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not is_told:
                    log.info("workspace=%s another_scheduler_works; waiting", settings.workspace)
                is_told = True
                stop.wait(1.0)
        yield not stop.is_set()
    finally:
        os.close(handle)


def read_timetable(settings: Settings) -> Timetable:
    """From a process that loads the sources and ends, so that this one stays small."""
    words = [sys.executable, "-m", "scripts.timetable", "--format", "json", "--post"]
    words += ["--workspace", settings.workspace]
    try:
        done = subprocess.run(
            words, cwd=REPOSITORY, capture_output=True, text=True, timeout=TIMETABLE_S
        )
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f"the timetable was not read within {TIMETABLE_S} s; run `{' '.join(words[1:])}`"
        ) from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ConfigError(f"the timetable cannot be read: {last}")
    return load(done.stdout)


def parser() -> argparse.ArgumentParser:
    """What the command takes; `console` would load more than this process is to hold."""
    made = argparse.ArgumentParser(
        prog="python -m scripts.scheduler",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--workspace", help="demo, live or a name of your own (default: WORKSPACE, else demo)"
    )
    return made


if __name__ == "__main__":
    sys.exit(main())
