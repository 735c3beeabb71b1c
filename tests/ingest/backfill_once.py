"""A program for the kill test: for each folder named on stdin a process that runs one backfill.

It has read every library before it forks, and started no thread: a run then lives for tenths of
a second, nearly all of them worth a kill. It says `pid N`, and in the end `exit N` (minus the
signal for one that was killed).
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from data.settings import Settings
from ingest.jobs import Window
from ingest.runs import store
from ingest.runs.engine import open_engine
from ingest.runs.runner import JobRun, execute
from tests.ingest.conftest import JOB, quota, tiny

DUE = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
QUOTAS = quota("1000 calls per second", "9999 calls per day")


def backfill(folder: str, url: str, names: tuple[str, ...]) -> int:
    """0 when the run ended with all there is."""
    store.ROWS = 40  # several commits in one run, so that a kill can fall between them
    settings = Settings.from_env("test", {"DATA_DIR": folder, "MEMORY_LIMIT_MB": "256"})
    with open_engine(settings, quotas=QUOTAS) as engine:
        job_run = JobRun(tiny(url), JOB, Window(names, DUE, job=JOB.name), DUE)
        run = execute(engine, job_run, owner="kill-test")
    if run.outcome.status != "ok":
        sys.stderr.write(f"{run.outcome.status}: {run.outcome.message}\n")
    return 0 if run.outcome.status == "ok" else 1


def main(url: str, *names: str) -> None:
    """Until stdin ends."""
    ended = 0
    for line in sys.stdin:
        if ended:
            os.waitpid(ended, 0)
        child = os.fork()
        if child == 0:
            code = 2
            try:
                code = backfill(line.strip(), url, names)
            finally:
                os._exit(code)
        sys.stdout.write(f"pid {child}\n")
        sys.stdout.flush()
        # Not buried yet, so that a kill which comes late meets nobody else under its number.
        end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        code = -1 if end is None else end.si_status
        killed = end is not None and end.si_code != os.CLD_EXITED
        sys.stdout.write(f"exit {-code if killed else code}\n")
        sys.stdout.flush()
        ended = child


if __name__ == "__main__":
    main(*sys.argv[1:])
