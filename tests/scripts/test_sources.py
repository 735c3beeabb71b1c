"""`python -m scripts.sources`: what is on, what a key would light up, and the printed table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.settings import Settings
from data.state import runs
from data.state.db import State
from data.state.runs import Holder, Outcome
from ingest.registry import SOURCES
from scripts.sources import coverage, listing, standing

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def chosen(folder: Path) -> Settings:
    """Settings of an empty workspace."""
    return Settings.from_env(workspace="live", environ={"DATA_DIR": str(folder)})


def test_the_printed_table_has_every_source_with_its_licence() -> None:
    printed = coverage()
    for name, source in SOURCES.items():
        assert f"| `{name}` |" in printed
        assert source.licence.replace("|", "/") in printed
    assert printed.count("\n") == len(SOURCES) + 1


def test_a_key_lights_a_source_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    fred = SOURCES["fred"]
    assert standing(fred, has_key=False) == "off: needs FRED_API_KEY"
    found = {row["source"]: row for row in listing(chosen(tmp_path), NOW).to_dicts()}
    assert found["fred"]["state"] == "off: needs FRED_API_KEY"
    assert found["ecb"]["state"] == "on"
    monkeypatch.setenv("FRED_API_KEY", "abc")
    found = {row["source"]: row for row in listing(chosen(tmp_path), NOW).to_dicts()}
    assert found["fred"]["state"] == "on"
    assert "abc" not in str(found)
    assert not (tmp_path / "live").exists()


def test_the_last_run_of_a_source_is_the_latest_of_its_jobs(tmp_path: Path) -> None:
    settings = chosen(tmp_path)
    settings.state.parent.mkdir(parents=True)
    state = State.open(settings.state)
    for job, hours, status in (("fred_series", 3, "ok"), ("fred_calendar", 1, "failed")):
        moment = NOW - timedelta(hours=hours)
        run = runs.plan(state, f"fred.{job}@fetch", "fred", due_at=moment, now=moment)
        holder = Holder("me", 1, NOW)
        claimed = runs.claim(state, run.id, holder, now=moment)
        assert claimed
        runs.finish(state, claimed, Outcome(status), now=moment)
    found = {row["source"]: row["last run"] for row in listing(settings, NOW).to_dicts()}
    assert found["fred"] == "failed 2026-11-21T11:00:00Z"
    assert found["ecb"] == "never"
