"""Show which jobs run in a workspace and when: `python -m scripts.timetable --workspace live`.

`--format json` is what the scheduler reads at its start; a source that is off says why on stderr.
`--post` also keeps it in the state, with sources, quotas and the proof of the month: pages read it.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import polars as pl

from data.clock import iso, utc_now
from data.profiles import quotas_in_force
from data.settings import Settings
from data.state import timetable as posted
from data.state.db import State
from data.state.values import Edit
from ingest.quota.published_timetable import line_up
from ingest.registry import SOURCES
from ingest.schedule.cadence import next_after
from ingest.schedule.timetable import Timetable, dump, timetable
from scripts.plan import in_use, wishes_in
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """Print the timetable."""
    chosen = console.settings(arguments)
    table = timetable(chosen, SOURCES.values(), chosen.secret)
    if arguments.post:
        post(chosen, table)
    if arguments.format == "json":
        sys.stdout.write(dump(table) + "\n")
        return console.DONE
    now = utc_now()
    rows = []
    for task in table.tasks:
        due = next_after(task.job.cadence, now)
        rows.append((task.name, iso(due) if due else "", task.job.about))
    console.emit(
        pl.DataFrame(rows, schema=["job", "next due", "what it does"], orient="row"), "table"
    )
    for name, why in table.off.items():
        console.say(f"{name} is off: {why}")
    return console.DONE


def post(settings: Settings, table: Timetable) -> None:
    """What pages show of it; a quotas file that cannot be read is refused here, at the start."""
    now = utc_now()
    quotas = in_use(quotas_in_force(settings), settings)
    table = replace(table, wishes=wishes_in(settings, SOURCES.values()))
    stored_timetable = line_up(settings, table, SOURCES.values(), quotas, now=now)
    state = State.open(settings.state)
    try:
        posted.post(state, stored_timetable, edit=Edit("scheduler", now))
    finally:
        state.close()


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("timetable", __doc__ or "")
    made.add_argument("--format", choices=("table", "json"), default="table", help="form on stdout")
    made.add_argument("--post", action="store_true", help="keep it in the state, for the pages")
    return made


if __name__ == "__main__":
    console.run(main, parser())
