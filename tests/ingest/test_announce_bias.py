"""After new releases the bias is said on the bus once, and not again while nothing changed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.macro.bias import bias
from analytics.macro.weights import Weights, added, own_file
from data.bus.memory import MemoryBus
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state.db import State
from ingest.maintenance.announce_bias import STREAM, say_bias
from ingest.maintenance.jobs import WORK
from ingest.schedule.timetable import FOLLOW_UPS
from tests import machine
from tests.analytics.test_surprises import keep, noon, release
from tests.data.test_bus import running

STEPS = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Six surprises of one series, ten days apart."""
    made = Lake(tmp_path / "desk" / "lake", workspace="desk")
    keep(made, *(release(10 * n, 100 + s, 100.0, "s:J") for n, s in enumerate(STEPS)))
    return made


@pytest.fixture
def db(lake: Lake) -> Db:
    return Db(lake.root)


def test_each_change_is_said_once_with_every_score(lake: Lake, db: Db) -> None:
    bus = MemoryBus()
    assert say_bias(db.at(noon(51)), bus).status == "ok"
    (entry,) = bus.read(STREAM)
    said = pl.DataFrame(entry.block)
    scores = bias(db.at(noon(51))).frame
    assert said["score"].to_list() == scores["score"].to_list()
    assert set(said["event"]) == {"bias_computed"}
    assert set(said["at"]) == {noon(51)}
    # A day later the scores have faded, but no release moved them.
    assert say_bias(db.at(noon(52)), bus).status == "empty"
    keep(lake, release(53, 90.0, 100.0, "s:J"))
    outcome = say_bias(db.at(noon(53)), bus)
    assert outcome.status == "ok"
    assert outcome.message.startswith(f"{scores.height} scores changed")
    own_file(db.root).write_text(added("", Weights(noon(53) + timedelta(hours=1), {"tea": {}})))
    assert say_bias(db.at(noon(54)), bus).status == "ok"
    assert len(bus.read(STREAM)) == 3


def test_the_job_follows_what_moves_the_bias(lake: Lake, tmp_path: Path) -> None:
    machine.require("redis-server")
    settings = Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})
    state = State.open(settings.state)
    with running(settings):
        assert WORK["house.bias"](settings, state, noon(51)).status == "ok"
        assert WORK["house.bias"](settings, state, noon(51)).status == "empty"
    state.close()
    assert {"releases", "expectations"} <= {
        name for name, jobs in FOLLOW_UPS.items() if "house.bias" in jobs
    }
