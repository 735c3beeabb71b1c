"""Every job of the house has a quiet day on a workspace in which nothing is yet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.contracts import Origin
from data.datasets import DATASETS
from data.settings import Settings
from data.state.db import State
from ingest.live import archive
from ingest.maintenance.jobs import WORK
from ingest.registry import SOURCES
from ingest.schedule.timetable import EXPECTED
from tests.data.test_bus import running


@pytest.mark.needs("redis-server")
@pytest.mark.parametrize("workspace", ["live", "demo", "desk"])
def test_no_job_fails_where_nothing_is(tmp_path: Path, workspace: str) -> None:
    settings = Settings.from_env(workspace, {"DATA_DIR": str(tmp_path)})
    state = State.open(settings.state)
    try:
        with running(settings):
            for name in sorted(WORK):
                outcome = WORK[name](settings, state, datetime.now(UTC))
                assert outcome.status in ("ok", "empty", "skipped"), f"{name}: {outcome.message}"
                assert outcome.rows_added == 0
    finally:
        state.close()


def written() -> dict[str, set[Origin]]:
    """Who writes each dataset, by those that write it: jobs of sources, the inbox, the archive."""
    found: dict[str, set[Origin]] = {}
    for source in (one for one in SOURCES.values() if one.name != "demo"):
        for job in source.jobs:
            for name in job.datasets:
                found.setdefault(name, set()).add("source")
    for name in EXPECTED.datasets:
        found.setdefault(name, set()).add("team")
    found.setdefault(archive.NAME, set()).add("maintenance")
    return found


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_says_who_writes_it(name: str) -> None:
    """One without a writer has `source`: its sources are still to come."""
    stated, origins = DATASETS[name].origin, written().get(name, {"source"})
    assert origins == {stated}, (
        f'data/datasets/{name}.py: origin="{stated}", yet its rows come from '
        f"{' and '.join(sorted(origins))}; correct that line, or in ingest/sources the `datasets` "
        "of the job that writes it"
    )
