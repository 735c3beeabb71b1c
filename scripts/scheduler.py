"""The scheduler: keeps a workspace fresh, until it is told to stop.

`python -m scripts.scheduler --workspace live` starts due jobs as processes of their own and serves
what the pages ask for. SIGTERM stops it within ten seconds; what is cut off is taken up again. It
loads none of the sources: their timetable comes from a process of its own.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import uuid
from functools import partial

from data.bus import find_bus
from data.clock import utc_now
from data.errors import ConfigError, WorkstationError
from data.private import private_settings
from data.settings import REPOSITORY, Settings
from data.state.db import State
from ingest.live.pauses import note_pause
from ingest.schedule import process
from ingest.schedule.announce import Announcer
from ingest.schedule.loop import Loop
from ingest.schedule.scheduler import Hooks, Scheduler
from ingest.schedule.timetable import FOLLOW_UPS, Timetable, load
from scripts.support import logs
from scripts.support.loops import alone, stop_on_signals

TIMETABLE_S = 120

log = logging.getLogger("scheduler")


def main() -> int:
    """Exit status 0 after a stop, 1 with one sentence on stderr when it cannot run."""
    arguments = parser().parse_args()
    logs.to_stderr()
    try:
        return run(private_settings(arguments.workspace))
    except WorkstationError as error:
        log.error("%s", error)
        return 1


def run(settings: Settings) -> int:
    """The life of one scheduler."""
    stop = stop_on_signals()
    with alone(settings, "scheduler", stop) as is_mine:
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
            partial(note_pause, settings.root / "live"),
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
