"""Which jobs run where, and the reason of those that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import ConfigError
from data.settings import Settings
from ingest.registry import SOURCES
from ingest.schedule.timetable import FOLLOW_UPS, dump, load, timetable


def settings(folder: Path, workspace: str, **environ: str) -> Settings:
    return Settings.from_env(workspace, {"DATA_DIR": str(folder), **environ})


def test_a_demo_workspace_runs_its_own_source_and_the_house(tmp_path: Path) -> None:
    table = timetable(settings(tmp_path, "demo"), SOURCES.values(), lambda name: "a key")
    assert {task.name for task in table.tasks} == {
        "demo.demo_world",
        "house.bias",
        "house.claims",
        "house.collect",
        "house.company_edits",
        "house.expectations",
        "house.models",
        "house.regimes",
        "house.rules",
        "house.ticks",
        "house.watched",
        "house.slack",
        "house.webhook",
    }
    assert set(table.off) == set(SOURCES) - {"demo"}


def test_a_demo_workspace_is_backed_up_where_that_was_asked_for(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "demo", BACKUP=str(tmp_path))
    names = {task.name for task in timetable(chosen, (), lambda name: None).tasks}
    assert "house.backup" in names


def test_a_source_without_its_key_is_off_and_says_so(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "live")
    without = timetable(chosen, SOURCES.values(), lambda name: None)
    assert "set FRED_API_KEY" in without.off["fred"]
    assert "demo" in without.off
    with_key = timetable(chosen, SOURCES.values(), lambda name: "a key")
    assert "fred" not in with_key.off
    assert {task.source for task in with_key.tasks} >= {"fred", "worldbank", "house"}


def test_a_source_whose_key_is_optional_runs_without_it(tmp_path: Path) -> None:
    table = timetable(settings(tmp_path, "live"), SOURCES.values(), lambda name: None)
    assert SOURCES["coingecko"].is_key_optional
    assert "coingecko" not in table.off


def test_a_source_that_is_off_by_default_runs_when_it_is_named(tmp_path: Path) -> None:
    from dataclasses import replace

    shy = replace(SOURCES["worldbank"], is_default=False)
    assert (
        "put worldbank into SOURCES"
        in timetable(settings(tmp_path, "live"), [shy], lambda name: None).off["worldbank"]
    )
    named = settings(tmp_path, "live", SOURCES="gdelt, worldbank")
    assert timetable(named, [shy], lambda name: None).off == {}


def test_the_timetable_passes_between_processes_unchanged(tmp_path: Path) -> None:
    table = timetable(settings(tmp_path, "live"), SOURCES.values(), lambda name: "a key")
    assert load(dump(table)) == table


@pytest.mark.parametrize("text", ["", "[]", '{"tasks": 3}', '{"tasks": [{"source": "a"}]}'])
def test_what_is_no_timetable_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(text)


def test_follow_ups_name_jobs_that_exist(tmp_path: Path) -> None:
    known = {task.name for task in timetable(settings(tmp_path, "live"), (), lambda _: None).tasks}
    assert {job for jobs in FOLLOW_UPS.values() for job in jobs} <= known
