"""The jobs that ask nobody outside, as the process of a run carries them out.

Each gives an outcome for the ledger; what goes wrong is a WorkstationError with its sentence.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl

from data.datasets import DATASETS
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state.db import State
from data.state.runs import EndStatus, Outcome
from data.uploads.inbox import waiting
from ingest.live.keeping import keep_ticks
from ingest.live.lake_rules import judge_lake
from ingest.live.slack import send_alerts
from ingest.maintenance.announce_bias import tell_bias
from ingest.maintenance.backup import back_up
from ingest.maintenance.backup_store import find_store
from ingest.maintenance.check_claims import check_claims, check_watched_documents
from ingest.maintenance.company_edits import take_company_edits
from ingest.maintenance.competitor_texts import fetch_competitor_texts
from ingest.maintenance.fit_regimes import fit_regimes
from ingest.models.worker import answer_questions
from ingest.outbound.brief import send_brief
from ingest.outbound.mail import send_mail
from ingest.outbound.webhook import send_to_webhook
from ingest.registry import SOURCES
from ingest.schedule.planning import HOUSE
from ingest.schedule.releases import watch
from ingest.schedule.timetable import (
    BACKUP,
    BIAS,
    BRIEF,
    CLAIMS,
    COLLECT,
    COMPANY_EDITS,
    EXPECTED,
    MAIL,
    MODELS,
    REGIMES,
    RELEASES,
    RULES,
    SLACK,
    TEXTS,
    TICKS,
    WATCHED,
    WEBHOOK,
    timetable,
)
from ingest.sources import demo
from ingest.sources.demo_world.spec import make_spec

Work = Callable[[Settings, State, datetime], Outcome]

log = logging.getLogger(__name__)


def collect(settings: Settings, state: State, now: datetime) -> Outcome:
    """Delete files of the lake that no reader can need any more."""
    lake = Lake(settings.lake, workspace=settings.workspace)
    removed = sum(len(lake.collect(name, now=now)) for name in DATASETS)
    return Outcome("ok" if removed else "empty", message=f"{removed} files deleted")


def take_expectations(settings: Settings, state: State, now: datetime) -> Outcome:
    """Keep what people brought, and take each file away once its rows are in the lake."""
    lake = Lake(settings.lake, workspace=settings.workspace)
    name, added, vintages = EXPECTED.datasets[0], 0, 0
    paths = waiting(settings, name)
    for path in paths:
        done = lake.upsert(name, pl.read_json(path), publish_id=f"inbox:{path.stem}")
        if not done.repeated:
            added, vintages = added + done.rows_added, vintages + done.vintages_added
        path.unlink()
    words = f"{len(paths)} files taken in"
    status: EndStatus = "ok" if added or vintages else "empty"
    return Outcome(status, rows_added=added, vintages_added=vintages, message=words)


def plan_releases(settings: Settings, state: State, now: datetime) -> Outcome:
    """Plan a run for the minute after each scheduled release of the next two days."""
    tasks = timetable(settings, SOURCES.values(), settings.secret).tasks
    db = Db(settings.lake, memory_limit_mb=256, threads=1)
    try:
        planned = watch(state, db.at(now), tasks, now)
    finally:
        db.close()
    return Outcome("ok" if planned else "empty", message=f"{planned} runs planned")


def extend_demo(settings: Settings, state: State, now: datetime) -> Outcome:
    """The days that the demo world lacks, drawn with the seed and the scale that it has."""
    world = demo.read_stamp(settings)
    last = now.date() - timedelta(days=1)
    if world is None:
        return Outcome("skipped", message="no demo world here yet: python -m scripts.seed_demo")
    if world.until >= last:
        return Outcome("empty", message=f"the demo world runs to {world.until} already")
    before = _rows(settings)
    longer = demo.seed(settings, make_spec(world.seed, last, world.scale), log.info)
    added = _rows(settings) - before
    words = f"the demo world runs to {longer.until} now"
    return Outcome("ok" if added else "empty", rows_added=added, message=words)


def _rows(settings: Settings) -> int:
    """Every row that the lake holds, all vintages."""
    db = Db(settings.lake, memory_limit_mb=256, threads=1)
    try:
        return sum(db.manifest(name).rows for name in DATASETS)
    finally:
        db.close()


def keep_safe(settings: Settings, state: State, now: datetime) -> Outcome:
    """A restore point."""
    store = find_store(settings)
    made = back_up(settings, state, store, now)
    size = made.bytes_added / 1e6
    words = (
        f"{made.point.name} in {store}: {len(made.point.entries)} files, {made.objects_added} new "
        f"({size:.1f} MB); {made.points_removed} older points removed"
    )
    return Outcome("ok", bytes=made.bytes_added, message=words)


WORK: dict[str, Work] = {
    f"{HOUSE}.{COLLECT.name}": collect,
    f"{HOUSE}.{BIAS.name}": tell_bias,
    f"{HOUSE}.{CLAIMS.name}": check_claims,
    f"{HOUSE}.{WATCHED.name}": check_watched_documents,
    f"{HOUSE}.{EXPECTED.name}": take_expectations,
    f"{HOUSE}.{COMPANY_EDITS.name}": take_company_edits,
    f"{HOUSE}.{REGIMES.name}": fit_regimes,
    f"{HOUSE}.{TICKS.name}": keep_ticks,
    f"{HOUSE}.{RULES.name}": judge_lake,
    f"{HOUSE}.{SLACK.name}": send_alerts,
    f"{HOUSE}.{MAIL.name}": send_mail,
    f"{HOUSE}.{WEBHOOK.name}": send_to_webhook,
    f"{HOUSE}.{BRIEF.name}": send_brief,
    f"{HOUSE}.{MODELS.name}": answer_questions,
    f"{HOUSE}.{RELEASES.name}": plan_releases,
    f"{HOUSE}.{BACKUP.name}": keep_safe,
    f"{HOUSE}.{TEXTS.name}": fetch_competitor_texts,
    "demo.demo_world": extend_demo,
}
