"""A process that gathers or ends tick files, and dies at the step that it is told to die at.

The parent has everything imported and no engine started; for each line on its standard input it
forks a child, which kills itself without a word as it is about to do its n-th move on a file of the
lake: to open, rename, delete or make one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from data.lake import Lake
from data.lake.compact import compact, retire

WHOLE = "date=2020-01-02/segment=day"
MOVES = ("open", "os.rename", "os.remove", "os.mkdir")


def work(root: Path, job: str) -> None:
    """One maintenance commit over the ticks."""
    lake = Lake(root, workspace="live")
    if job == "compact":
        compact(lake, "ticks", lambda file: WHOLE, publish_id="gathered")
    else:
        retire(lake, "ticks", lambda file: True, publish_id="ended")


def die_at(root: str, strike: int) -> None:
    """Kill this process at its n-th move on a file below a folder; at none if it is 0."""
    made = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal made
        if event in MOVES and str(arguments[0]).startswith(root):
            made += 1
            if made == strike:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def main() -> None:
    """Serve the lines of standard input until it ends; answers each with an exit code."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 3
            try:
                die_at(order["root"], order["strike"])
                work(Path(order["root"]), order["job"])
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
