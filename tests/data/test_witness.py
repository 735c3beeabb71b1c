"""A clock that ran ahead dates nothing for ever, and a lake that was left alone stays writable."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data import clock
from data import lake as writer
from data.errors import LakeError
from data.lake import Lake, draft, witness
from data.lake import compact as compaction
from data.lake.compact import compact
from data.lake.manifest import read_manifest
from data.query import Db
from tests.data.samples import day, observation, price, table, tick

REAL = clock.utc_now()
DAY = timedelta(days=1)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let this machine's clock show that moment."""
    for module in (clock, writer, draft, compaction):
        monkeypatch.setattr(module, "utc_now", lambda: moment)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network time, whatever the machine that runs this has, and one moment for all of it."""
    monkeypatch.setattr(witness, "is_disciplined", lambda now: False)
    at(monkeypatch, REAL)


def old(name: str, **other: Any) -> pl.DataFrame:
    """A row of 2020, which says nothing of today."""
    return table(observation(1.0, day(1), series_id=f"s:{name}", **other))


def test_a_commit_far_after_the_last_one_is_refused_without_a_witness(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.upsert("macro", old("A"))
    at(monkeypatch, REAL + 400 * DAY)
    with pytest.raises(LakeError, match=r"macro: this machine's clock, .*, is \d+ days after .*re"):
        lake.upsert("macro", old("B"))
    with pytest.raises(LakeError, match="nothing else says that it is so late"):
        lake.upsert("prices", table(price(1.0, date(2020, 1, 2), day(2))))
    at(monkeypatch, REAL)
    lake.upsert("macro", old("C"))
    db = Db(lake.root, threads=1)
    answer = db.at(clock.utc_now() + DAY, "house").sql("SELECT series_id FROM macro ORDER BY ALL")
    db.close()
    assert answer.frame["series_id"].to_list() == ["s:A", "s:C"]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("macro", lambda now: observation(1.0, now - 9 * DAY)),
        (
            "macro",
            lambda now: observation(
                1.0, now, period=(now - 20 * DAY).date(), vintage_grade="current"
            ),
        ),
        (
            "prices",
            lambda now: price(1.0, (now - 3 * DAY).date(), now - 2 * DAY, vintage_grade="lagged"),
        ),
    ],
    ids=["a source's clock", "a period", "a session"],
)
def test_rows_of_the_last_days_speak_for_the_clock(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, name: str, row: Any
) -> None:
    lake.upsert("macro", old("A"))
    now = REAL + 400 * DAY
    at(monkeypatch, now)
    lake.upsert(name, table(row(now)))
    # With that publication in the lake, what is old may follow, into any dataset.
    lake.upsert("macro", old("B"))
    assert read_manifest(lake.store, "macro").rows >= 2


@pytest.mark.parametrize(
    "row",
    [
        lambda now: observation(1.0, now, vintage_grade="current"),
        lambda now: observation(1.0, day(1), period=now.date(), is_forecast=True),
        lambda now: observation(1.0, now + 100 * DAY),
    ],
    ids=["dated by our own clock", "a forecast", "of days to come"],
)
def test_rows_that_only_repeat_the_clock_do_not(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, row: Any
) -> None:
    lake.upsert("macro", old("A"))
    now = REAL + 400 * DAY
    at(monkeypatch, now)
    with pytest.raises(LakeError, match="nothing else says"):
        lake.upsert("macro", table(row(now)))


def typed(now: datetime) -> dict[str, Any]:
    """An expectation of an analyst, dated by this machine."""
    return {
        "series_id": "s:A",
        "period": date(2026, 1, 1),
        "expected": 1.0,
        "unit": "index",
        "known_at": now,
        "vintage_grade": "native",
        "source": "upload",
    }


def test_what_arrives_or_is_typed_here_is_no_witness(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trade's receipt and a typed row bear this machine's clock, whatever their grade."""
    lake.upsert("macro", old("A"))
    now = REAL + 400 * DAY
    at(monkeypatch, now)
    with pytest.raises(LakeError, match="nothing else says"):
        lake.append("ticks", table(tick(1, now, event_at=REAL)), publish_id="a")
    with pytest.raises(LakeError, match="nothing else says"):
        lake.upsert("expectations", table(typed(now)))
    # The venue's own time is one: it came from outside.
    assert lake.append("ticks", table(tick(1, now)), publish_id="b").rows_added == 1


def test_a_system_clock_that_the_network_keeps_right_is_a_witness(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.upsert("macro", old("A"))
    monkeypatch.setattr(witness, "is_disciplined", lambda now: True)
    at(monkeypatch, REAL + 400 * DAY)
    assert lake.upsert("macro", old("B")).rows_added == 1


def test_a_clock_other_than_the_system_clock_is_never_kept_right() -> None:
    assert not clock.is_disciplined(clock.utc_now() + 400 * DAY)


def test_some_weeks_away_need_no_witness(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.upsert("macro", old("A"))
    at(monkeypatch, REAL + 59 * DAY)
    assert lake.upsert("macro", old("B")).rows_added == 1


def test_the_first_commit_of_a_lake_has_nothing_to_be_compared_with(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, REAL + 400 * DAY)
    assert lake.upsert("macro", old("A")).rows_added == 1


def test_a_publication_ahead_of_the_clock_closes_its_dataset_until_it_is_repaired(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, REAL)
    lake.upsert("prices", table(price(1.0, date(2020, 1, 2), day(2))))
    at(monkeypatch, REAL + 40 * DAY)
    lake.upsert("macro", old("A"))
    at(monkeypatch, REAL)
    with pytest.raises(LakeError, match=r"lies ahead of this machine's clock.*scripts\.repair"):
        lake.upsert("macro", old("B"))
    assert lake.upsert("prices", table(price(2.0, date(2020, 1, 3), day(3)))).rows_added == 1


def test_a_clock_put_back_by_years_begins_no_dataset(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows would count as held by this lake since long before they came."""
    lake.upsert("macro", old("A"))
    first = table(price(1.0, date(2020, 1, 2), day(2)))
    at(monkeypatch, REAL - 400 * DAY)
    with pytest.raises(LakeError, match=r"prices has no publication yet, and the last one of mac"):
        lake.upsert("prices", first)
    assert not (lake.root / "prices" / "_meta" / "manifest.json").exists()
    monkeypatch.setattr(witness, "is_disciplined", lambda now: True)
    assert lake.upsert("prices", first).rows_added == 1


def test_a_clock_put_back_by_minutes_writes_on(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, REAL)
    lake.upsert("macro", old("A"))
    at(monkeypatch, REAL - timedelta(minutes=10))
    lake.upsert("macro", old("B"))
    assert read_manifest(lake.store, "macro").version == 2


def test_no_row_counts_as_ingested_in_the_future(lake: Lake) -> None:
    with pytest.raises(LakeError, match="which this machine's clock, .*, has not reached"):
        lake.upsert("macro", old("A"), ingested_at=datetime(2100, 1, 1, tzinfo=UTC))
    assert not (lake.root / "macro" / "_meta" / "manifest.json").exists()


def test_moving_files_is_a_commit_like_any_other(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake.append("ticks", table(tick(1, day(1))), publish_id="a")
    at(monkeypatch, REAL + 400 * DAY)
    target = "date=2020-01-02/segment=day"
    with pytest.raises(LakeError, match="ticks: this machine's clock"):
        compact(lake, "ticks", lambda file: target, publish_id="p")
    at(monkeypatch, REAL)
    assert compact(lake, "ticks", lambda file: target, publish_id="p").version == 2
