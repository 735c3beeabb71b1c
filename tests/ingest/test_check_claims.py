"""The jobs that check claims again: what they say, and what brings them about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.claims.check import CheckedStatement
from analytics.claims.judging.judge import judge_many
from analytics.claims.ledger.entry import record_check
from analytics.claims.statement import Statement
from data.drafts.draft import DraftText
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import claim_ledger, documents
from data.state.db import State
from data.state.documents import DocumentHeading
from data.state.values import Edit
from ingest.maintenance.jobs import WORK
from ingest.schedule.timetable import FOLLOW_UPS, WATCHED
from tests.analytics.claims.small_lakes import months, of, says, series

NOW = datetime(2000, 6, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    found = State.open(settings.state)
    yield found
    found.close()


def test_a_refresh_turns_a_claim_and_the_job_says_so(settings: Settings, state: State) -> None:
    lake = Lake(settings.lake, workspace="desk")
    months(lake, [1.0, 2.0, 3.0])
    db = Db(settings.lake, threads=1)
    heading = DocumentHeading("ours", "Rates", NOW)
    document = documents.add(
        state, DraftText("words", "text"), heading=heading, edit=Edit("a", NOW)
    )
    said = Statement(0, 1, "level", (series(),), says("3.0"), period=of(2))
    found = CheckedStatement("w", said, judge_many(db.at(NOW), [said])[0])
    record_check(state, document, [found], later=db.at(NOW), edit=Edit("a", NOW))
    db.close()
    quiet = WORK["house.claims"](settings, state, NOW + HOUR)
    assert (quiet.status, quiet.message) == ("empty", "0 claims judged again in 1 documents")
    months(lake, [1.0, 2.0, 9.0], lag=100)
    later = NOW + timedelta(days=30)
    done = WORK["house.claims"](settings, state, later)
    assert done.status == "ok"
    assert done.message == "1 claims judged again in 1 documents; turned: 1 superseded"
    (turned,) = claim_ledger.turned(state, since=NOW, as_of=later)
    assert turned.now.recorded_at == later
    watched = WORK["house.watched"](settings, state, later + HOUR)
    assert watched.status == "empty"
    assert watched.message.endswith("0 documents; turned: 1 superseded since yesterday")


def test_the_jobs_follow_what_verdicts_rest_on() -> None:
    read = {"macro", "series", "prices", "fundamentals", "instruments", "companies"}
    assert {name for name, jobs in FOLLOW_UPS.items() if "house.claims" in jobs} == read
    assert WATCHED.cadence.at == "06:00"
