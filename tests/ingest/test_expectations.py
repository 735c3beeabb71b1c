"""Expectations from the inbox to the lake, and what they count for in surprises."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.macro.surprises import surprises
from data.datasets import DATASETS
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state.db import State
from data.uploads.inbox import leave, waiting
from ingest.maintenance.jobs import WORK

DUE = datetime(2024, 3, 12, 12, 30, tzinfo=UTC)
NAME = "expectations"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace of its own."""
    made = Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})
    made.root.mkdir(parents=True)
    return made


@pytest.fixture
def lake(settings: Settings) -> Lake:
    """One release of one series, announced and then printed at 3.2."""
    made = Lake(settings.lake, workspace="desk")
    announced = {
        "series_id": "bls:CPI",
        "period": date(2024, 2, 1),
        "country": "USA",
        "title": "CPI",
        "scheduled_at": DUE,
        "precision": "minute",
        "status": "scheduled",
        "importance": 3,
        "actual": None,
        "unit": "percent",
        "vintage_grade": "native",
        "source": "bls",
        "known_at": DUE - timedelta(days=30),
    }
    printed = announced | {"actual": 3.2, "status": "released", "known_at": DUE}
    made.upsert("releases", pl.DataFrame([announced, printed]))
    return made


def rows(value: float, known: datetime, unit: str = "percent") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "series_id": "bls:CPI",
                "period": date(2024, 2, 1),
                "expected": value,
                "unit": unit,
                "known_at": known,
                "vintage_grade": "lagged",
                "source": "upload",
            }
        ]
    )


def take_in(settings: Settings) -> tuple[str, int]:
    state = State.open(settings.state)
    try:
        outcome = WORK["house.expectations"](settings, state, datetime.now(UTC))
    finally:
        state.close()
    return outcome.status, outcome.rows_added


def consensus(settings: Settings, clock: datetime) -> float | None:
    db = Db(settings.lake)
    try:
        frame = surprises(db.at(clock)).frame
        assert frame.height == 1
        found: float | None = frame["consensus"][0]
        return found
    finally:
        db.close()


def test_what_was_left_is_taken_in_once(settings: Settings, lake: Lake) -> None:
    assert take_in(settings) == ("empty", 0)
    given = rows(3.1, DUE - timedelta(days=1))
    path = leave(settings, NAME, given)
    assert leave(settings, NAME, given) == path
    assert waiting(settings, NAME) == [path]
    assert take_in(settings) == ("ok", 1)
    assert waiting(settings, NAME) == []
    leave(settings, NAME, given)
    assert take_in(settings) == ("empty", 0)  # the same again adds nothing


def test_an_expectation_counts_from_when_it_was_known(settings: Settings, lake: Lake) -> None:
    first, second = DUE - timedelta(days=3), DUE - timedelta(hours=2)
    for value, known in ((3.0, first), (3.1, second), (9.9, DUE + timedelta(hours=1))):
        leave(settings, NAME, rows(value, known))
    assert take_in(settings) == ("ok", 1)
    minute = timedelta(minutes=1)
    assert consensus(settings, first - minute) is None
    assert consensus(settings, second - minute) == 3.0
    assert consensus(settings, second) == 3.1
    assert consensus(settings, DUE + timedelta(days=1)) == 3.1  # not what came after the print


def test_an_expectation_in_another_unit_is_none(settings: Settings, lake: Lake) -> None:
    leave(settings, NAME, rows(310.0, DUE - timedelta(days=1), unit="index"))
    take_in(settings)
    assert consensus(settings, DUE + timedelta(days=1)) is None


def test_what_breaks_the_contract_stays_and_is_said(settings: Settings, lake: Lake) -> None:
    leave(settings, NAME, rows(3.1, DUE).drop("unit"))
    with pytest.raises(Exception, match="expectations"):
        take_in(settings)
    assert len(waiting(settings, NAME)) == 1
    assert DATASETS[NAME].key == ("series_id", "period", "source")
