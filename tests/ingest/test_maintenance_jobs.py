"""Every job of the house has a quiet day on a workspace in which nothing is yet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.settings import Settings
from data.state.db import State
from ingest.maintenance.jobs import WORK
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
