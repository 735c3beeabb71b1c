"""Make a restore point of state and lake: `python -m scripts.backup [TARGET]`.

TARGET is a folder or `s3://bucket/prefix` (default: BACKUP, else DATA_DIR/backups); below it each
workspace has a folder of its own. Seven daily, five weekly and twelve monthly points are kept.
`--list` shows them.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import polars as pl

from data.clock import iso, utc_now
from data.errors import ConfigError
from data.state.db import State
from ingest.maintenance import jobs
from ingest.maintenance.backup import moment_of, points
from ingest.maintenance.backup_store import find_store
from ingest.schedule.planning import HOUSE
from ingest.schedule.process import alone
from ingest.schedule.timetable import BACKUP
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """One backup, or the list of those there are."""
    chosen = console.settings(arguments)
    if arguments.target:
        chosen = replace(chosen, backup=arguments.target)
    if arguments.list:
        store = find_store(chosen)
        rows = [(name, iso(moment_of(name))) for name in points(store)]
        frame = pl.DataFrame(rows, schema={"point": pl.String, "made at": pl.String}, orient="row")
        console.emit(frame, arguments.format)
        return console.DONE
    if not chosen.state.exists():
        raise ConfigError(
            f"workspace {chosen.workspace} has no state yet; start it once, then back up"
        )
    state = State.open(chosen.state)
    try:
        with alone(chosen, f"{HOUSE}.{BACKUP.name}"):
            console.say(jobs.keep_safe(chosen, state, utc_now()).message)
    finally:
        state.close()
    return console.DONE


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("backup", __doc__ or "")
    made.add_argument("target", nargs="?", help="a folder or s3://bucket/prefix")
    made.add_argument("--list", action="store_true", help="show the restore points there are")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
