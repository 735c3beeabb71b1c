"""Heal what was published under a clock that ran ahead: `python -m scripts.repair [--write]`.

Without --write it only says what it would do. Rows that count as ingested in the future count as
ingested at the repair; values stay. Set this machine's clock right before.
"""

from __future__ import annotations

import argparse

import polars as pl

from data.clock import iso, utc_now
from data.datasets import DATASETS
from data.lake import Lake
from data.lake.repair import Ahead, confirm_clock, find_ahead, repair
from scripts.support import console

COLUMNS = {
    "dataset": pl.String,
    "published_at": pl.String,
    "rows": pl.Int64,
    "partitions": pl.Int64,
}


def main(arguments: argparse.Namespace) -> int:
    """Say or heal what lies ahead, or take a person's word for the clock."""
    chosen = console.settings(arguments)
    lake = Lake(chosen.lake, workspace=chosen.workspace, memory_limit_mb=chosen.memory_limit_mb)
    now = utc_now()
    if arguments.clock_is_right:
        return _confirm(lake)
    step = repair if arguments.write else find_ahead
    found = [ahead for name in DATASETS if (ahead := step(lake, name, now)) is not None]
    console.emit(_table(found), arguments.format)
    if not found:
        console.say(f"nothing in workspace {chosen.workspace} lies ahead of {iso(now)}")
    elif arguments.write:
        console.say(f"these count as ingested and published at {iso(now)} now")
    else:
        console.say(f"nothing was changed; if {iso(now)} is right, run it with --write")
    return console.DONE


def _confirm(lake: Lake) -> int:
    now = utc_now()
    name = confirm_clock(lake, now)
    if name is None:
        console.say("no publication is so old that a commit would be refused; nothing was changed")
    else:
        console.say(f"{name} is published as it was under {iso(now)}; this lake takes rows again")
    return console.DONE


def _table(found: list[Ahead]) -> pl.DataFrame:
    rows = [(item.dataset, item.published_at, item.rows, len(item.partitions)) for item in found]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("repair", __doc__ or "")
    made.add_argument("--write", action="store_true", help="do it; without, only say what")
    made.add_argument(
        "--clock-is-right",
        action="store_true",
        help="vouch for this machine's clock where a lake was left alone for long",
    )
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
