"""Fetch a source's whole history: `python -m scripts.backfill fred --since 1990`.

Runs every job of the source (or those named by `--job`) from `--since` on; stopped or killed, the
same command goes on where it stopped. Quotas hold here too: what they refuse today, the same
command fetches tomorrow.
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from data.state import runs
from ingest.jobs import Job, Source
from ingest.registry import source_named
from ingest.runs.engine import Engine, open_engine
from ingest.runs.runner import JobRun, execute, window
from scripts import fetch
from scripts.support import console
from scripts.support.progress import Bar

RESUMED = ("planned", "running", *runs.RETRIED)
RESUMED_FOR = timedelta(days=14)


def main(arguments: argparse.Namespace) -> int:
    """Each job in turn; the worst of their exit codes."""
    source = source_named(arguments.source)
    jobs = [fetch.job_named(source, name) for name in arguments.job] or list(source.jobs)
    codes = []
    with open_engine(console.settings(arguments)) as engine:
        for job in jobs:
            run = backfill(engine, source, job, fetch.asked(arguments))
            codes.append(fetch.tell(run, arguments.format))
    return max(codes, default=console.DONE)


def backfill(engine: Engine, source: Source, job: Job, fields: dict[str, Any]) -> runs.Run:
    """One job from its first day; an unfinished backfill of the same extent is taken up again."""
    extent = ",".join([*map(str, fields.get("names") or ()), str(fields.get("since") or "start")])
    name = f"{job.name}:{extent}" if len(extent) < 30 else f"{job.name}:{fingerprint(extent)}"
    long = replace(job, name=name, time_limit_s=fetch.TIME_LIMIT_S)
    now = engine.tempo.now()
    due_at = unfinished(engine, f"{source.name}.{name}", now) or now
    span = replace(window(long, due_at, fields), job=job.name)
    with Bar(f"{source.name} {job.name}") as bar:
        return execute(
            engine, JobRun(source, long, span, due_at), owner=fetch.owner(), watch=bar.show
        )


def fingerprint(text: str) -> str:
    """A short name for a long list."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def unfinished(engine: Engine, name: str, now: datetime) -> datetime | None:
    """When the last backfill of that name was due, if it did not come to its end."""
    latest = runs.recent(engine.state, as_of=now, job=name, limit=1)
    if latest and latest[0].outcome.status in RESUMED and now - latest[0].due_at < RESUMED_FOR:
        return latest[0].due_at
    return None


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("backfill", __doc__ or "")
    made.add_argument("source", help="name of the source")
    made.add_argument("names", nargs="*", help="series or symbols, as the source calls them")
    made.add_argument("--job", action="append", default=[], help="only this job; may be repeated")
    made.add_argument("--since", metavar="DAY", help="2000, 2000-03 or 2000-03-16 (default: all)")
    made.add_argument("--until", metavar="DAY", help="the same")
    made.add_argument("--format", choices=console.FORMATS, default="table", help="form on stdout")
    return made


if __name__ == "__main__":
    console.run(main, parser())
