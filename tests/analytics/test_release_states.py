"""Releases cut from their states: at any clock they are what the query itself gives there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.core.catalogue import function_named
from analytics.core.query_texts import query_text
from analytics.macro import release_states
from analytics.macro.release_states import KEPT_STATES, QUERY, releases_as_known
from data.clock import FIRST, LAST
from data.errors import LakeError
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests import tiers
from tests.analytics.test_known_history import drawn
from tests.analytics.test_surprises import TYPES, release
from tests.spoil import spoil

CLOCKS = tiers.amount("STATE_CLOCKS", day=12, night=200)
START = datetime(2020, 1, 1, tzinfo=UTC)
DAYS = 1_500
BATCHES = (400, 800, 1_200, 1_700)  # days at which the lake took in what was known by then
CHOICES: tuple[list[str] | None, ...] = (None, ["USA"], ["CAN"], ["USA", "JPN"], [])


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    KEPT_STATES.clear()
    yield
    KEPT_STATES.clear()


def slowly(at: At, since: datetime, countries: list[str] | None) -> pl.DataFrame:
    """What the query says of the lake."""
    return at.sql(query_text(QUERY), countries=countries, since=since).frame


def vintages(rng: random.Random, series: str, day: int, source: str) -> list[dict[str, Any]]:
    """A release that is put off, expected, printed, mended, taken back or moved, in any order."""
    now = START + timedelta(days=day - rng.randrange(5, 60), minutes=rng.randrange(1_440))
    row: dict[str, Any] = {
        "series_id": series,
        "period": (START + timedelta(days=day)).date().replace(day=1),
        "country": rng.choice(["USA", "USA", "CAN", "JPN", None]),
        "title": f"{series} {day}",
        "scheduled_at": START + timedelta(days=day),
        "precision": "minute",
        "status": "scheduled",
        "importance": rng.choice([1, 2, 3]),
        "consensus": None,
        "consensus_known_at": None,
        "previous": None,
        "actual": None,
        "unit": "thousand",
        "vintage_grade": "native",
        "source": source,
    }
    found = []
    for _ in range(rng.randrange(1, 7)):
        early = row["actual"] is not None and row["scheduled_at"] > now
        found.append({**row, "known_at": now} | ({"scheduled_at": now} if early else {}))
        now += timedelta(minutes=rng.randrange(1, 60 * 24 * rng.choice([1, 20, 300])))
        change = rng.randrange(8)
        if change == 0:
            row |= {
                "scheduled_at": now + timedelta(days=rng.randrange(30)),
                "status": "rescheduled",
            }
        elif change < 3:
            told_at = now - timedelta(minutes=rng.randrange(3_000))
            row |= {"consensus": float(rng.randrange(9)), "consensus_known_at": told_at}
        elif change < 6 and now > START + timedelta(days=day - 10):
            row |= {"actual": float(rng.randrange(9)), "status": "released"}
        elif change == 6:
            row |= rng.choice([{"unit": "percent"}, {"actual": None}, {"consensus": None}])
        elif change == 7:
            row |= {"country": rng.choice(["USA", "CAN", None])}
        row["vintage_grade"] = rng.choice(["native"] * 9 + ["current"])
    return found


def expectations(rng: random.Random, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What teams brought of some releases, before and after their prints."""
    return [
        {
            "series_id": row["series_id"],
            "period": row["period"],
            "expected": rng.choice([None, 1.0, 2.0, 3.0]),
            "unit": rng.choice(["thousand", "thousand", "percent"]),
            "known_at": row["known_at"]
            + timedelta(minutes=rng.randrange(-9_000, 9_000), seconds=7),
            "vintage_grade": "native",
            "source": rng.choice(["desk", "house"]),
        }
        for row in rng.sample(rows, len(rows) // 5)
    ]


@pytest.fixture
def restless(lake: Lake, db: Db) -> Db:
    """A calendar in which everything changes that can, taken in by parts."""
    rng = random.Random(tiers.commit())
    slots = {
        (series, (START + timedelta(days=day)).date().replace(day=1)): (series, day)
        for series in ("a:X", "a:Y", "b:Z")
        for day in range(0, DAYS, 31)
    }
    rows = [
        row
        for series, day in slots.values()
        for source in ("office", "other")
        for row in vintages(rng, series, day, source)
    ]
    brought = expectations(rng, rows)
    last = START
    for day in BATCHES:
        until = LAST if day == BATCHES[-1] else START + timedelta(days=day)
        for name, all_rows, types in (
            ("releases", rows, TYPES | {"importance": pl.Int32, "country": pl.String}),
            ("expectations", brought, {"expected": pl.Float64}),
        ):
            part = [row for row in all_rows if last <= row["known_at"] < until]
            lake.upsert(
                name,
                pl.DataFrame(part, infer_schema_length=None, schema_overrides=types),
                ingested_at=START + timedelta(days=day),
            )
        last = until
    return db


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_at_any_clock_as_the_query_says(
    restless: Db, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(f"{mode} {tiers.commit()}")
    cut = []
    standing = release_states._standing
    monkeypatch.setattr(
        release_states, "_standing", lambda *args: cut.append(standing(*args)) or cut[-1]
    )
    rows = 0
    for _ in range(CLOCKS):
        clock = START + timedelta(minutes=rng.randrange(-90_000, 1_440 * (DAYS + 400)))
        at = restless.at(clock, mode)
        for countries in CHOICES:
            for since in (clock - timedelta(days=rng.randrange(800)), FIRST):
                found = releases_as_known(at, since=since, countries=countries).frame
                asked = slowly(at, since, countries)
                assert found.equals(asked), (clock, mode, countries, since)
                assert found.schema == asked.schema
                rows += found.height
    assert rows > 1_000
    assert sum(frame is not None for frame in cut) > 2 * CLOCKS


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_in_a_whole_world(revised: Db, mode: Mode) -> None:
    for clock in drawn(f"states {mode}"):
        at = revised.at(clock, mode)
        for countries in (None, ["USA"]):
            for since in (clock - timedelta(days=400), FIRST):
                found = releases_as_known(at, since=since, countries=countries).frame
                assert found.equals(slowly(at, since, countries)), (clock, mode, countries, since)


def test_states_are_asked_anew_when_the_calendar_changes(restless: Db, lake: Lake) -> None:
    clock = START + timedelta(days=700)
    before = releases_as_known(restless.at(clock), since=clock - timedelta(days=300)).frame
    rng = random.Random(1)
    rows = [row for row in vintages(rng, "c:new", 690, "office") if row["known_at"] <= clock]
    types = TYPES | {"importance": pl.Int32}
    lake.upsert("releases", pl.DataFrame(rows, infer_schema_length=None, schema_overrides=types))
    after = releases_as_known(restless.at(clock), since=clock - timedelta(days=300)).frame
    assert after.height == before.height + 1
    assert after.filter(pl.col("series_id") != "c:new").equals(before)


def test_all_vintages_and_damage_are_asked_of_the_lake(restless: Db, lake: Lake) -> None:
    clock = START + timedelta(days=700)
    at = restless.at(clock, all_vintages=True)
    found = releases_as_known(at, since=FIRST)
    assert found.frame.equals(slowly(at, FIRST, None))
    (file, *_) = (entry.file for entry in restless.manifest("releases").files)
    path = lake.root / "releases" / file
    path.write_bytes(path.read_bytes()[:-9])
    hurt = releases_as_known(restless.at(clock), since=clock - timedelta(days=300))
    assert hurt.damaged == (f"releases/{file}",)
    assert not KEPT_STATES._results


def test_a_closed_calendar_is_refused(restless: Db, lake: Lake) -> None:
    clock = START + timedelta(days=700)
    releases_as_known(restless.at(clock), since=clock - timedelta(days=300))
    spoil(lake.root, "releases")
    other = Db(lake.root, threads=1)
    try:
        with pytest.raises(LakeError, match="damaged"):
            releases_as_known(other.at(clock), since=clock - timedelta(days=300))
    finally:
        other.close()


def test_a_receipt_runs_again_in_plain_sql(restless: Db, lake: Lake) -> None:
    clock = START + timedelta(days=700)
    for since, countries in ((clock - timedelta(days=300), None), (FIRST, ["USA"])):
        found = releases_as_known(restless.at(clock), since=since, countries=countries)
        assert found.asked[0].sql == query_text(QUERY)
        receipt = make_receipt(found)
        assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


def test_of_expectations_of_one_instant_it_is_the_last_by_name_that_counts(
    lake: Lake, db: Db
) -> None:
    for day in range(40):
        rows = release(day, None, 1.0, series=f"s:{day}")
        told = rows[-1]
        brought = [
            {
                **{name: told[name] for name in ("series_id", "period", "unit", "known_at")},
                "expected": expected,
                "vintage_grade": "native",
                "source": source,
            }
            for source, expected in (("b", 3.0), ("a", 2.0))
        ]
        lake.upsert("releases", pl.DataFrame(rows, schema_overrides=TYPES))
        lake.upsert("expectations", pl.DataFrame(brought if day % 2 else brought[::-1]))
    at = db.at(START + timedelta(days=60))
    found = releases_as_known(at, since=at.as_of - timedelta(days=90)).frame
    assert found["consensus"].to_list() == [3.0] * 40
    assert found.equals(slowly(at, at.as_of - timedelta(days=90), None))
