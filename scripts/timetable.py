"""Show which jobs run in a workspace and when: `python -m scripts.timetable --workspace live`.

`--format json` is what the scheduler reads at its start; a source that is off says why on stderr.
"""

from __future__ import annotations

import argparse
import sys

import polars as pl

from data.clock import iso, utc_now
from ingest.cadence import next_after
from ingest.registry import SOURCES
from ingest.timetable import dump, timetable
from scripts import console


def main(arguments: argparse.Namespace) -> int:
    """Print the timetable."""
    chosen = console.settings(arguments)
    table = timetable(chosen, SOURCES.values(), chosen.secret)
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


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("timetable", __doc__ or "")
    made.add_argument("--format", choices=("table", "json"), default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
