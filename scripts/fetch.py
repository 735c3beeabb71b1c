"""Fetch from one source now: `python -m scripts.fetch fred GDPC1 --since 2000`.

Names are the source's own (series, symbols); without names the source's own list is fetched.
`--job` picks one of the source's jobs (default: its first). `--list` shows sources and jobs.
What was fetched lies in the lake and the run in the ledger, as if the scheduler had done it;
fetched again, equal values add nothing.
"""

from __future__ import annotations

import argparse
import os
import socket
from dataclasses import replace
from datetime import date

import polars as pl

from data.errors import ConfigError
from data.state.runs import EndStatus, Run
from ingest.jobs import Job, Source
from ingest.registry import SOURCES, source_named
from ingest.runs.engine import open_engine
from ingest.runs.runner import JobRun, execute, window
from scripts.support import console
from scripts.support.progress import Bar

GOOD: tuple[EndStatus, ...] = ("ok", "empty")
# A whole history takes longer than the scheduler's patience with one run.
TIME_LIMIT_S = 6 * 3600


def main(arguments: argparse.Namespace) -> int:
    """Run one job once, for the names and days asked for."""
    if arguments.list or not arguments.source:
        console.emit(listing(), arguments.format)
        return console.DONE
    source = source_named(arguments.source)
    job = job_named(source, arguments.job)
    with open_engine(console.settings(arguments)) as engine, Bar(source.name) as bar:
        now = engine.tempo.now()
        span = window(job, now, asked(arguments))
        # A name of its own in the ledger: what the scheduler owes is not paid by this.
        named = replace(job, name=f"{job.name}@fetch", time_limit_s=TIME_LIMIT_S)
        job_run = JobRun(source, named, span, now, is_user=True)
        run = execute(engine, job_run, owner=owner(), watch=bar.show)
    return tell(run, arguments.format)


def asked(arguments: argparse.Namespace) -> dict[str, object]:
    """Names and days as the runner takes them; without `--since` all there is."""
    return {
        "names": arguments.names,
        "since": first_day(arguments.since) if arguments.since else None,
        "until": first_day(arguments.until) if arguments.until else None,
    }


def first_day(text: str) -> str:
    """`2000`, `2000-03` or `2000-03-16` as a date."""
    parts = text.split("-")
    try:
        return date(*[int(part) for part in parts + ["1"] * (3 - len(parts))]).isoformat()
    except (ValueError, TypeError):
        raise ConfigError(f"{text[:40]!r}: expected a year, a month or a date") from None


def job_named(source: Source, name: str | None) -> Job:
    """One of the source's jobs, without its look back: the command line says from when."""
    jobs = (replace(job, lookback_days=None) for job in source.jobs)
    found = [job for job in jobs if name in (None, job.name)]
    if not found:
        names = ", ".join(job.name for job in source.jobs)
        raise ConfigError(f"{source.name} has no job {name!r}; it has {names}")
    return found[0]


def owner() -> str:
    """Who runs it, for the ledger."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def tell(run: Run, form: str) -> int:
    """The run on stdout, its message on stderr; 0 for a run with all the source had."""
    done = run.outcome
    console.say(f"{run.job} {done.status}: {done.message}")
    facts = {
        "run": run.id,
        "job": run.job,
        "status": done.status,
        "calls": done.calls,
        "bytes": done.bytes,
        "rows_added": done.rows_added,
        "vintages_added": done.vintages_added,
    }
    console.emit(pl.DataFrame([facts]), form)
    return console.DONE if done.status in GOOD else console.FAILED


def listing() -> pl.DataFrame:
    """Every job of every source."""
    rows = [
        (source.name, job.name, ", ".join(job.datasets), job.about, source.secret or "")
        for source in SOURCES.values()
        for job in source.jobs
    ]
    return pl.DataFrame(rows, schema=["source", "job", "datasets", "about", "key"], orient="row")


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("fetch", __doc__ or "")
    made.add_argument("source", nargs="?", help="name of the source")
    made.add_argument("names", nargs="*", help="series or symbols, as the source calls them")
    made.add_argument("--job", help="one of the source's jobs (default: its first)")
    made.add_argument("--since", metavar="DAY", help="2000, 2000-03 or 2000-03-16")
    made.add_argument("--until", metavar="DAY", help="the same")
    made.add_argument("--list", action="store_true", help="list sources and jobs")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
