"""What one run asks of its source: the timetable's window, a person's wish, a release's series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.errors import StateError
from data.settings import Settings
from data.state import requests, runs, watchlists
from data.state.runs import Run
from data.state.values import Edit
from data.state.watchlists import Member
from ingest.runs.engine import Engine, open_engine
from scripts import run_job

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with open_engine(Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})) as found:
        yield found


def planned(engine: Engine, job: str) -> Run:
    return runs.plan(engine.state, job, "fred", due_at=NOW, now=NOW)


def test_a_timed_run_looks_back_as_its_job_says(engine: Engine) -> None:
    job_run = run_job.job_run_of(engine, planned(engine, "fred.fred_series"))
    assert job_run is not None
    assert (job_run.name, job_run.due_at, job_run.is_user) == ("fred.fred_series", NOW, False)
    assert job_run.window.names == ()
    assert job_run.window.since is not None


def test_a_requested_run_does_what_was_asked(engine: Engine) -> None:
    asked = {"names": ["GDPC1"], "since": "2000-01-01"}
    wish = requests.ask(engine.state, "fred.fred_series", asked, edit=Edit("ann", NOW))
    job_run = run_job.job_run_of(engine, planned(engine, f"fred.fred_series@request-{wish.id}"))
    assert job_run is not None
    assert job_run.is_user
    assert (job_run.window.names, job_run.window.since) == (("GDPC1",), date(2000, 1, 1))


def test_a_run_after_a_release_fetches_its_series_alone(engine: Engine) -> None:
    run = planned(engine, "fred.fred_series@release")
    assert run_job.job_run_of(engine, run) is None
    row = {
        "series_id": "fred:CPIAUCSL",
        "period": date(2026, 2, 1),
        "country": "USA",
        "title": "CPI",
        "scheduled_at": NOW - timedelta(minutes=1),
        "precision": "minute",
        "status": "scheduled",
        "importance": 3,
        "unit": "index",
        "known_at": NOW - timedelta(days=9),
        "vintage_grade": "native",
        "source": "fred",
    }
    engine.lake.upsert("releases", pl.DataFrame([row]))
    job_run = run_job.job_run_of(engine, run)
    assert job_run is not None
    assert (job_run.window.names, job_run.is_user) == (("CPIAUCSL",), False)


def test_a_job_that_is_gone_is_said(engine: Engine) -> None:
    with pytest.raises(StateError, match="has no job 'gone' any more"):
        run_job.job_run_of(engine, planned(engine, "fred.gone"))


def test_bad_wishes_end_their_run_with_the_reason(engine: Engine) -> None:
    asked = {"since": "yesterday"}
    wish = requests.ask(engine.state, "fred.fred_series", asked, edit=Edit("ann", NOW))
    run = planned(engine, f"fred.fred_series@request-{wish.id}")
    held = runs.claim(
        engine.state, run.id, runs.Holder("me", 1, NOW + timedelta(minutes=1)), now=NOW
    )
    assert held is not None
    run_job.for_source(engine, held)
    ended = runs.read(engine.state, run.id)
    assert ended is not None and ended.outcome.status == "failed"
    assert "expected a date such as" in ended.outcome.message


def test_a_timed_run_takes_the_symbols_of_the_watchlists_along(engine: Engine) -> None:
    members = [Member("binance:LINKUSDT"), Member("yahoo:SAP.DE")]
    watchlists.create(engine.state, "mine", members, edit=Edit("ann", NOW))
    due = runs.plan(engine.state, "binance.binance_daily", "binance", due_at=NOW, now=NOW)
    job_run = run_job.job_run_of(engine, due)
    assert job_run is not None
    assert job_run.window.watchlist_names == ("LINKUSDT",)
    asked = [call.params["symbol"] for call in job_run.source.plan(job_run.window)]
    assert asked[0] == "BTCUSDT"
    assert asked[-1] == "LINKUSDT"
