"""Histories asked once: at any clock their beginning is what the query itself gives there."""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.core.catalogue import function_named
from analytics.core.close_matrix import read_panel
from analytics.core.known_history import Beginning, known_history
from analytics.core.query_texts import query_text
from analytics.macro.realtime import ShownPrints, rules
from analytics.macro.surprises import surprise_index, surprises, surprises_since
from analytics.regimes.breaks import live_breaks, moves_on_the_year
from analytics.regimes.quadrants import jobless_rule, named, rise_of_joblessness, turns
from data.clock import FIRST
from data.errors import LakeError
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db, Value
from tests import tiers
from tests.analytics import revised_world
from tests.analytics.months import describe, keep, known, month
from tests.analytics.quotes import evening, quotes, table
from tests.analytics.test_surprises import keep as keep_releases
from tests.analytics.test_surprises import noon, release
from tests.spoil import spoil

CLOCKS = tiers.amount("HISTORY_CLOCKS", day=8, night=60)
QUERIES: dict[str, Mapping[str, Value]] = {
    "parts/first_surprises": {"countries": None, "since": FIRST},
    "parts/country_prints": {"countries": None, "indicators": rules().names()},
    "parts/panel_splits": {},
}


def drawn(seed: str) -> list[datetime]:
    """Clocks of all years, and minutes around those at which the lake took in most."""
    rng = random.Random(f"{seed} {tiers.commit()}")
    busy = [*revised_world.PARTS, revised_world.AFTERWARDS, revised_world.TAKEN_IN]
    first = datetime(2005, 6, 1, tzinfo=UTC)
    minutes = (revised_world.TAKEN_IN + timedelta(days=200) - first) // timedelta(minutes=1)
    found = [first + timedelta(minutes=rng.randrange(minutes)) for _ in range(CLOCKS - len(busy))]
    return found + [moment + timedelta(minutes=rng.randrange(-90, 90)) for moment in busy]


def asked(at: At, name: str, params: Mapping[str, Value]) -> pl.DataFrame:
    """The slow way."""
    return at.sql(query_text(name), **params).frame


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", QUERIES)
def test_at_any_clock_as_the_query_says(revised: Db, name: str, mode: Mode) -> None:
    cut = 0
    for clock in drawn(f"{name} {mode}"):
        at = revised.at(clock, mode)
        found = known_history(at, name, **QUERIES[name])
        cut += found.whole is not None
        assert found.answer.frame.equals(asked(at, name, QUERIES[name])), (clock, mode)
    assert cut > CLOCKS // 2, "most clocks have to be the beginning of what is kept"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_readings_are_those_of_the_prints_at_the_clock(revised: Db, mode: Mode) -> None:
    rows = 0
    for clock in drawn(mode):
        shown = ShownPrints.at(revised.at(clock, mode), None)
        found = shown.found()
        for read in (named, rise_of_joblessness, turns, live_breaks, moves_on_the_year):
            readings = shown.readings(revised.at(clock, mode), read)
            assert set(readings) == set(found)
            for country, frame in readings.items():
                assert frame.equals(read(found[country])), (clock, mode, country)
                rows += frame.height
    assert rows > 1_000


def test_a_history_is_asked_once_per_version(lake: Lake, db: Db) -> None:
    keep_releases(lake, *[release(day, day % 3, 1.0) for day in range(0, 200, 10)])

    def found(day: int) -> Beginning:
        name = "parts/first_surprises"
        return known_history(db.at(noon(day)), name, countries=None, since=FIRST)

    assert [found(day).answer.frame.height for day in (0, 100, 190, 500)] == [1, 11, 20, 20]
    assert found(50).whole is found(100).whole
    before = found(100)
    lake.upsert("releases", pl.DataFrame(release(205, 3.0, 1.0), schema_overrides=_types()))
    after = found(100)
    assert after.whole is not before.whole
    assert after.answer.frame.equals(before.answer.frame)
    assert found(205).answer.frame.height == 21


def _types() -> dict[str, Any]:
    from tests.analytics.test_surprises import TYPES

    return TYPES | {"importance": pl.Int32}


def test_an_expectation_that_came_late_is_asked_of_the_lake(lake: Lake, db: Db) -> None:
    """Told before the print, it came into view days after; between the two there was none."""
    days = range(0, 90, 10)
    keep_releases(lake, *[release(day, day % 3, 1.0) for day in days])
    late = release(40, None, None)[0] | {
        "consensus": 2.0,
        "consensus_known_at": noon(40) - timedelta(minutes=5),
        "actual": 1.0,
        "status": "released",
        "known_at": noon(45),
    }
    lake.upsert("releases", pl.DataFrame([late], schema_overrides=_types()))

    def surprise(day: int) -> float:
        frame = surprises_since(db.at(noon(day)), noon(-30)).frame
        value = frame.filter(period=date(2020, 1, 1) + timedelta(days=40))["surprise"].item()
        assert isinstance(value, float)
        return value

    params: Mapping[str, Value] = {"countries": None, "since": FIRST}
    for day, is_kept, expected in ((39, True, None), (42, False, 0.0), (46, True, -1.0)):
        at = db.at(noon(day))
        found = known_history(at, "parts/first_surprises", **params)
        assert (found.whole is not None) is is_kept, day
        assert found.answer.frame.equals(asked(at, "parts/first_surprises", params))
        assert expected is None or surprise(day) == expected


def test_a_series_described_otherwise_before_is_asked_of_the_lake(lake: Lake, db: Db) -> None:
    """Until it was called industrial production it was another country's."""
    describe(lake, {"IP": "index"}, country="CAN")
    keep(lake, "IP", {month(number): 100.0 + number for number in range(60)})
    moved = known(month(40))
    row = db.at(moved).sql("SELECT * EXCLUDE (ingested_at) FROM series").frame
    other = row.with_columns(pl.lit("USA").alias("country"), pl.lit(moved).alias("known_at"))
    lake.upsert("series", other.cast({"known_at": pl.Datetime("us", "UTC")}))
    for number, country in ((30, "CAN"), (39, "CAN"), (41, "USA"), (59, "USA")):
        at = db.at(known(month(number)))
        shown = ShownPrints.at(at, None)
        assert list(shown.found()) == [country]
        assert ShownPrints.at(at, [country]).found()[country].keys() == {"IP"}
        assert not ShownPrints.at(at, ["USA" if country == "CAN" else "CAN"]).found()
        assert (shown.beginning.whole is not None) is (country == "USA")


STEPS = [3.0, -1.0, 2.0, 0.0, -2.0, 4.0, 1.0, 2.5]


def keep_moved(lake: Lake, numbers: range) -> None:
    """Releases of the USA every ten days, some of which a day later are Canada's."""
    keep_releases(lake, *(release(10 * n, 100 + step, 100.0) for n, step in enumerate(STEPS)))
    moved = [
        release(10 * n, 100 + STEPS[n], 100.0)[-1]
        | {"country": "CAN", "known_at": noon(10 * n) + timedelta(days=1)}
        for n in numbers
    ]
    lake.upsert("releases", pl.DataFrame(moved, schema_overrides=_types()))


def test_an_index_is_of_the_country_that_its_releases_are_of_now(lake: Lake, db: Db) -> None:
    keep_moved(lake, range(8))
    found = surprise_index(db.at(noon(80))).frame
    assert set(found["country"]) == {"CAN"}
    assert found["releases"].to_list() == [3, 3]
    just_before = surprise_index(db.at(noon(70))).frame  # the last one is not Canada's yet
    assert set(just_before["country"]) == {"CAN", "USA"}
    assert surprise_index(db.at(noon(80)), countries=["USA"]).frame.is_empty()


def test_what_moved_to_another_country_measures_no_surprise_of_the_first(
    lake: Lake, db: Db
) -> None:
    keep_moved(lake, range(2))
    at = db.at(noon(80))
    of_usa = surprises(at, countries=["USA"]).frame.sort("released_at")
    assert of_usa["surprise"].to_list() == STEPS[2:]
    assert of_usa["z"].null_count() == 5
    assert of_usa["z"][-1] == pytest.approx(2.5 / statistics.stdev(STEPS[2:7]))
    of_all = surprises(at).frame.sort("released_at")
    assert of_all["z"][-1] == pytest.approx(2.5 / statistics.stdev(STEPS[:7]))
    for day in (0, 5, 10, 11, 60, 80):
        at = db.at(noon(day))
        for countries in (None, ["USA"], ["CAN"]):
            params: Mapping[str, Value] = {"countries": countries, "since": FIRST}
            found = known_history(at, "parts/first_surprises", **params)
            assert found.answer.frame.equals(asked(at, "parts/first_surprises", params))


def test_a_closed_dataset_is_refused_though_it_was_empty_before(lake: Lake, db: Db) -> None:
    describe(lake, {"UNEMP": "percent"})
    assert jobless_rule(db.at(known(month(60))), country="USA").frame.is_empty()
    keep(lake, "UNEMP", {month(number): 5.0 + number % 3 for number in range(60)})
    spoil(lake.root, "macro")
    at = db.at(known(month(60)))
    with pytest.raises(LakeError, match="damaged"):
        jobless_rule(at, country="USA")
    assert jobless_rule(at.opened(), country="USA").frame.is_empty()
    with pytest.raises(LakeError, match="damaged"):
        jobless_rule(at, country="USA")


def test_with_all_vintages_each_says_since_when_it_is_in_view(lake: Lake, db: Db) -> None:
    keep_releases(lake, *(release(10 * n, 100 + step, 100.0) for n, step in enumerate(STEPS)))
    lake.upsert("prices", table(quotes({0: 8.0, 1: 4.0}, splits={1: 2.0})))
    at = db.at(noon(40), all_vintages=True)
    for name, params in QUERIES.items():
        found = known_history(at, name, **params)
        assert found.whole is None
        assert found.answer.frame.equals(
            known_history(db.at(noon(90)), name, **params).answer.frame
        )
    assert read_panel(at, sessions=5).splits["ratio"].to_list() == [2.0]
    seen = at.sql("SELECT known_at, seen_at FROM releases_known").frame
    assert seen.height == 3 * len(STEPS)
    assert seen["known_at"].equals(seen["seen_at"])
    assert "seen_at" not in at.sql("FROM releases").frame.columns


def test_a_split_that_was_told_late_or_withdrawn_is_asked_of_the_lake(lake: Lake, db: Db) -> None:
    name = "parts/panel_splits"
    lake.upsert("prices", table(quotes({0: 8.0, 1: 4.0, 2: 4.0, 3: 4.0}, splits={3: 2.0})))
    lake.upsert("prices", table(quotes({1: 4.0}, splits={1: 2.0}, known_at=evening(5))))
    lake.upsert("prices", table(quotes({3: 4.0}, known_at=evening(7))))
    for day, is_kept, ratios in (
        (0, True, []),
        (1, False, []),
        (4, False, [2.0]),
        (6, False, [2.0, 2.0]),
        (7, True, [2.0]),
    ):
        at = db.at(evening(day))
        found = known_history(at, name)
        assert (found.whole is not None) is is_kept, day
        assert found.answer.frame.equals(asked(at, name, {})), day
        assert found.answer.frame["ratio"].drop_nulls().to_list() == ratios, day
        assert read_panel(at, sessions=5).splits["ratio"].to_list() == ratios


def test_a_damaged_file_is_told_and_not_kept(lake: Lake, db: Db) -> None:
    keep_releases(lake, *[release(day, day % 3, 1.0) for day in range(0, 90, 10)])
    keep_releases(lake, *[release(day, day % 3, 1.0) for day in range(400, 490, 10)])
    (file, *_) = (entry.file for entry in db.manifest("releases").files)
    path = lake.root / "releases" / file
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    name, params = "parts/first_surprises", {"countries": None, "since": FIRST}
    hurt = known_history(db.at(noon(500)), name, **params).answer
    assert hurt.damaged == (f"releases/{file}",)
    path.write_bytes(content)
    mended = known_history(db.at(noon(500)), name, **params).answer
    assert not mended.damaged
    assert mended.frame.height > hurt.frame.height


def test_a_receipt_of_a_beginning_runs_again_in_plain_sql(lake: Lake, db: Db) -> None:
    keep_releases(lake, *[release(day, day % 3, 1.0) for day in range(0, 90, 10)])
    known_history(db.at(noon(80)), "parts/first_surprises", countries=None, since=FIRST)
    found = known_history(db.at(noon(50)), "parts/first_surprises", countries=None, since=FIRST)
    assert found.whole is not None
    receipt = make_receipt(found.answer)
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))
    changed = known_history(db.at(noon(60)), "parts/first_surprises", countries=None, since=FIRST)
    assert make_receipt(changed.answer) != receipt
