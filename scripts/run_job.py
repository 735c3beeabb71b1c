"""Carry out one run that the scheduler has claimed; it is the scheduler that starts this.

`python -m scripts.run_job --run 17 --owner NAME --fence 3` writes the end of run 17 into the
ledger. It refuses a run that is claimed by another, or under another fence. A SIGTERM ends it at
once: what it stored stays, and the run is taken up again.
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from datetime import datetime

from data.clock import utc_now
from data.errors import StateError, WorkstationError
from data.query import Db
from data.state import requests, runs
from data.state.runs import Outcome, Run
from ingest.jobs import Job, Source
from ingest.maintenance import jobs
from ingest.quota.watchlist_demand import affordable, left_out, watchlist_names
from ingest.registry import source_named
from ingest.runs import runner
from ingest.runs.engine import Engine, open_engine
from ingest.runs.runner import JobRun
from ingest.schedule.planning import RELEASE, job_of, reason_of, request_of
from ingest.schedule.process import alone
from ingest.schedule.releases import series_of
from scripts.support import console, logs

LOG = logging.getLogger("run_job")


def main(arguments: argparse.Namespace) -> int:
    """The run, to its end; how that was stands in the ledger."""
    logs.to_stderr()
    with open_engine(console.settings(arguments)) as engine:
        run = claimed(engine, arguments)
        if job_of(run.job) in jobs.WORK:
            in_house(engine, run)
        else:
            for_source(engine, run)
    return console.DONE


def claimed(engine: Engine, arguments: argparse.Namespace) -> Run:
    """The run, if it is this process's to carry out."""
    run = runs.read(engine.state, arguments.run)
    if run is None or run.outcome.status != "running" or run.holder is None:
        raise StateError(f"run {arguments.run} is not under way; the scheduler starts what is due")
    if (run.holder.owner, run.holder.fence) != (arguments.owner, arguments.fence):
        raise StateError(
            f"run {run.id} is held by {run.holder.owner} under fence {run.holder.fence}, not by "
            f"{arguments.owner} under {arguments.fence}; nothing was done"
        )
    return run


def in_house(engine: Engine, run: Run) -> None:
    """A job that asks nobody outside."""
    with alone(engine.settings, run.job):
        try:
            outcome = jobs.WORK[job_of(run.job)](engine.settings, engine.state, utc_now())
        except StateError:
            raise
        except (WorkstationError, OSError) as error:
            outcome = Outcome("failed", message=str(error))
        runs.finish(engine.state, run, outcome, now=utc_now())


def for_source(engine: Engine, run: Run) -> None:
    """A job of a source, over the window that its reason asks for."""
    try:
        job_run = job_run_of(engine, run)
    except WorkstationError as error:
        runs.finish(engine.state, run, Outcome("failed", message=str(error)), now=utc_now())
        return
    if job_run is None:
        words = "the calendar knows of no release at that instant any more"
        runs.finish(engine.state, run, Outcome("skipped", message=words), now=utc_now())
        return
    runner.carry_out(engine, job_run, run)


def job_run_of(engine: Engine, run: Run) -> JobRun | None:
    """What the runner is to do; none where the reason of the run has gone."""
    source_name, _, job_name = job_of(run.job).partition(".")
    source = source_named(source_name)
    job = next((job for job in source.jobs if job.name == job_name), None)
    if job is None:
        raise StateError(f"{source_name} has no job {job_name!r} any more; run {run.id} is moot")
    fields, is_user = arguments_of(engine, run, job)
    if fields is None:
        return None
    now = utc_now()
    span = replace(runner.window(job, now, fields), watchlist_names=wishes_of(engine, source, now))
    return JobRun(source, job, span, run.due_at, is_user)


def wishes_of(engine: Engine, source: Source, now: datetime) -> tuple[str, ...]:
    """What the watchlists add to the source's own list, as far as its quota has room."""
    names = watchlist_names(engine.state, source, now=now)
    kept = affordable(source, names, engine.budget.quotas, now=now)
    if told := left_out(source, names, kept):
        LOG.warning("%s", told)
    return kept


def arguments_of(engine: Engine, run: Run, job: Job) -> tuple[dict[str, object] | None, bool]:
    """Names and days, and whether a person asked for them."""
    wish = request_of(run.job)
    if wish is not None:
        return dict(requests.read(engine.state, wish).arguments), True
    if reason_of(run.job) != RELEASE:
        return {}, False
    db = Db(engine.settings.lake, memory_limit_mb=256, threads=1)
    try:
        names = series_of(run, db.at(utc_now()))
    finally:
        db.close()
    return ({"names": names} if names else None), False


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = console.parser("run_job", __doc__ or "")
    made.add_argument("--run", type=int, required=True, help="number of the run in the ledger")
    made.add_argument("--owner", required=True, help="who claimed it")
    made.add_argument("--fence", type=int, required=True, help="of the claim")
    return made


if __name__ == "__main__":
    console.run(main, parser())
