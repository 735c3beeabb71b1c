"""Fill a demo workspace with an invented world: `python -m scripts.seed_demo`.

One seed, one --until and one scale make one world, the same rows on every machine. Run again
with a later --until, it adds the days that are missing and changes none before. Progress goes to
stderr; the last line on stdout is the hash of the world's content: every column but the instants
of ingestion and `superseded_at`, which follows from the other rows. --check reads the lake through
the reader, hashes it anew and compares with the hash that seeding noted.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date, timedelta

from data.clock import utc_now
from data.errors import ConfigError
from ingest.sources import demo
from ingest.sources.demo_world.spec import SCALES, make_spec
from scripts.support import console


def main(arguments: argparse.Namespace) -> int:
    """Seed, or check; the hash comes last."""
    settings = console.settings(arguments)
    if arguments.check:
        return _check(arguments)
    stamp = demo.read_stamp(settings) if settings.is_demo else None
    spec = make_spec(
        _seed(arguments.seed)
        if arguments.seed is not None
        else stamp.seed
        if stamp
        else demo.DEFAULT_SEED,
        _day(arguments.until),
        arguments.scale or (stamp.scale if stamp else "default"),
    )
    done = demo.seed(settings, spec, console.say)
    console.say(f"{sum(done.rows.values())} rows until {done.until} in {settings.root}")
    sys.stdout.write(f"{done.hash}\n")
    return console.DONE


def _check(arguments: argparse.Namespace) -> int:
    found = demo.check(console.settings(arguments))
    if found.datasets:
        console.say(
            f"the lake differs from what was seeded until {found.stamp.until}: expected "
            f"{found.stamp.hash}, found {found.found}; differing: {', '.join(found.datasets)}"
        )
    else:
        console.say(f"the lake is what was seeded until {found.stamp.until}")
    sys.stdout.write(f"{found.found}\n")
    return console.DIFFERS if found.datasets else console.DONE


def _day(text: str | None) -> date:
    yesterday = utc_now().date() - timedelta(days=1)
    if text is None:
        return yesterday
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--until {text[:40]!r}: expected a date such as 2024-06-30") from None
    if day > yesterday:
        raise ConfigError(
            f"--until {day}: expected a day that is over, {yesterday} or earlier: what has not "
            "happened cannot be known"
        )
    return day


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise ConfigError(f"--seed {text[:40]!r}: expected a whole number such as 7")
    return int(text)


def arguments_of() -> argparse.ArgumentParser:
    """What the command takes; what is left out is as the workspace has it."""
    made = console.parser("seed_demo", (__doc__ or "").split("\n\n", 1)[0])
    made.add_argument("--scale", help=f"{', '.join(SCALES)} (default: default)")
    made.add_argument("--seed", metavar="N", help=f"which world (default: {demo.DEFAULT_SEED})")
    made.add_argument("--until", metavar="DATE", help="its last day (default: yesterday, UTC)")
    made.add_argument("--check", action="store_true", help="verify the world that is there")
    return made


if __name__ == "__main__":
    console.run(main, arguments_of())
