"""The resident panel says what the query says, is made once, and gives up the least used."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal

from analytics.core.close_matrix import CloseMatrices, read_panel
from analytics.markets.returns import heatmap
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table


def fill(lake: Lake, rng: random.Random) -> None:
    parts = []
    for number in range(12):
        days = sorted(rng.sample(range(60), rng.randint(1, 50)))
        kind = "crypto" if number % 3 == 0 else "commodity"
        odd = None if kind == "crypto" else -1.0
        closes: dict[int, float | None] = {
            day: rng.choice([rng.uniform(1, 9), rng.uniform(1, 9), None, odd]) for day in days
        }
        splits = {day: 2.0 for day in days if rng.random() < 0.1}
        parts.append(quotes(closes, f"x:{number:02d}", splits=splits, asset_class=kind))
    lake.upsert("prices", table(*parts))


@pytest.mark.parametrize("number", [20, 45, 59])
def test_it_equals_the_query(lake: Lake, db: Db, rng: random.Random, number: int) -> None:
    fill(lake, rng)
    at = db.at(evening(number))
    panel = read_panel(at, sessions=50)
    for sessions in (1, 3, 10):
        asked = {"sessions": sessions, "fresh_days": 20}
        assert_frame_equal(panel.heatmap(**asked).frame, heatmap(at, **asked).frame)
    one = {"sessions": 2, "asset_class": "crypto"}
    assert_frame_equal(panel.heatmap(**one).frame, heatmap(at, **one).frame)


def test_more_sessions_than_it_holds_are_refused(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0})))
    panel = read_panel(db.at(evening(1)), sessions=5)
    with pytest.raises(ConfigError, match="expected 1 to 4"):
        panel.heatmap(sessions=5)
    with pytest.raises(ConfigError, match="expected 1 to 4"):
        panel.heatmap(sessions=0)
    assert panel.heatmap(sessions=4).frame["return"].to_list() == [None]


def test_an_empty_lake_has_an_empty_panel(db: Db) -> None:
    assert read_panel(db.at(evening(0))).heatmap().frame.height == 0


def test_it_is_shared_by_threads_and_follows_the_clock_and_the_data(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0})))
    panels = CloseMatrices()
    at, found = db.at(evening(1)), []
    threads = [threading.Thread(target=lambda: found.append(panels.of(at))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(panel) for panel in found}) == 1
    assert panels.of(db.at(evening(0))) is not found[0]
    lake.upsert("prices", table(quotes({1: 3.0}, known_at=evening(1) - timedelta(hours=1))))
    assert panels.of(db.at(evening(1))) is not found[0]
    assert panels.of(at) is found[0]


def test_the_least_used_goes_when_memory_is_short(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0})))
    panels = CloseMatrices(max_mb=0)
    first = panels.of(db.at(evening(0)))
    assert panels.of(db.at(evening(0))) is first
    panels.of(db.at(evening(1)))
    assert panels.of(db.at(evening(0))) is not first


def test_it_cannot_be_written_to(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0})))
    with pytest.raises(ValueError, match="read-only"):
        read_panel(db.at(evening(0))).closes[-1] = 0.0


def test_the_first_day_of_the_epoch_is_a_day(lake: Lake, db: Db) -> None:
    offset = (FIRST - FIRST.replace(year=1970)).days
    lake.upsert("prices", table(quotes({-offset: 1.0, 1 - offset: 2.0})))
    at = db.at(evening(2 - offset))
    assert_frame_equal(
        read_panel(at, sessions=4).heatmap(sessions=1).frame, heatmap(at, sessions=1).frame
    )
