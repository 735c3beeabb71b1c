"""What became known between two clocks: seven planted changes are seven items, in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from analytics.home.changes import knowledge_diff
from analytics.macro.bias import bias
from analytics.macro.surprises import surprises
from analytics.regimes.quadrants import quadrants
from data.datasets import DATASETS
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.months import describe, keep, month
from tests.analytics.quotes import quotes, table
from tests.analytics.test_surprises import keep as keep_releases
from tests.analytics.test_surprises import noon, release

BEFORE = datetime(2022, 1, 10, tzinfo=UTC)
AFTER = datetime(2022, 1, 31, tzinfo=UTC)
BETWEEN = datetime(2022, 1, 20, 12, tzinfo=UTC)


def put(lake: Lake, name: str, **row: Any) -> None:
    """One row of a dataset, known between the clocks unless it says otherwise."""
    left_out = {"ingested_at", "superseded_at", *DATASETS[name].derived}
    schema = pa.schema([c for c in DATASETS[name].schema if c.name not in left_out])
    whole = {"vintage_grade": "native", "source": "office", "known_at": BETWEEN} | row
    lake.upsert(name, pa.Table.from_pylist([whole], schema=schema))


@pytest.fixture
def planted(lake: Lake) -> Lake:
    """Seven changes between the clocks: print, regime, revision, trade, two late ones, event."""
    describe(lake, {"IP": "index", "CPIYOY": "percent, year on year", "LEADING": "index"})
    months = [month(n) for n in range(264)]
    # Growth quickens in the last year, so that a fall of the last month turns its state.
    rising = [100 * 1.002**n * 1.01 ** max(0, n - 250) + (n % 7) / 10 for n in range(263)]
    keep(lake, "IP", dict(zip(months[:263], rising, strict=True)), lag=10)
    keep(
        lake,
        "CPIYOY",
        {day: 2 + (n % 5) / 10 for n, day in enumerate(months)},
        lag=10,
        unit="percent, year on year",
    )
    keep(lake, "LEADING", {day: 50.0 + n % 3 for n, day in enumerate(months[:260])}, lag=10)
    # A fall of production that nobody saw before: a print, and with it another quadrant.
    last = months[263]
    put(lake, "macro", series_id="IP", period=last, value=100.0, unit="index", is_forecast=False)
    put(
        lake,
        "macro",
        series_id="LEADING",
        period=months[200],
        value=60.0,
        unit="index",
        is_forecast=False,
    )
    put(
        lake,
        "trade",
        reporter="FRA",
        partner="WLD",
        product="TOTAL",
        flow="export",
        year=2020,
        value_usd=1e9,
    )
    put(
        lake,
        "events",
        event_id="e1",
        event_at=BETWEEN - timedelta(hours=1),
        precision="minute",
        kind="crash",
        title="A crash",
        symbols=["x:A"],
    )
    days = [(date(2022, 1, n) - date(2020, 1, 1)).days for n in (3, 4, 5, 6, 9)]
    lake.upsert("prices", table(quotes(dict.fromkeys(days, 10.0), "x:A")))
    schedule = {
        "series_id": "LEADING",
        "period": months[261],
        "title": "Leading",
        "importance": 2,
        "country": "USA",
        "precision": "minute",
        "status": "scheduled",
        "unit": "index",
    }
    put(lake, "releases", **schedule, scheduled_at=BETWEEN, known_at=BEFORE - timedelta(days=9))
    return lake


def test_each_planted_change_is_one_item(planted: Lake, db: Db) -> None:
    found = knowledge_diff(db.at(AFTER), since=BEFORE).frame
    kinds = found.group_by("kind").agg(pl.col("subject").sort()).sort("kind").rows()
    assert kinds == [
        ("event", ["x:A"]),
        ("late dataset", ["prices"]),
        ("late release", ["LEADING"]),
        ("print", ["IP"]),
        ("regime", ["USA"]),
        ("revision", ["LEADING"]),
        ("trade", ["FRA"]),
    ]
    assert found["weight"].is_sorted(descending=True)


def test_equal_clocks_differ_in_nothing(planted: Lake, db: Db) -> None:
    for clock in (AFTER, BEFORE, datetime(1999, 1, 1, tzinfo=UTC)):
        assert knowledge_diff(db.at(clock), since=clock).frame.is_empty()
    with pytest.raises(ConfigError, match="later than the clock"):
        knowledge_diff(db.at(BEFORE), since=AFTER)


def test_the_numbers_and_moments_of_the_items(planted: Lake, db: Db) -> None:
    found = {r["kind"]: r for r in knowledge_diff(db.at(AFTER), since=BEFORE).frame.to_dicts()}
    printed, revised, regime = found["print"], found["revision"], found["regime"]
    assert (printed["after"], printed["period"], printed["count"]) == (100.0, month(263), 1)
    assert printed["expected"] is None
    assert printed["before"] == pytest.approx(100 * 1.002**262 * 1.01**12 + 0.3)
    assert (revised["before"], revised["after"], revised["period"]) == (52.0, 60.0, month(200))
    assert revised["weight"] == 4.0  # eight points against changes of about one and a half
    labels = quadrants(db.at(AFTER), country="USA").frame.drop_nulls("quadrant")["quadrant"]
    assert [regime["was"], regime["is"]] == labels[-2:].to_list()
    assert found["trade"]["period"] == date(2020, 1, 1)
    assert {found[kind]["moment"] for kind in ("print", "regime", "event")} == {BETWEEN}
    assert found["late release"]["moment"] == BETWEEN + timedelta(minutes=15)


def test_what_came_later_changes_no_earlier_difference(planted: Lake, db: Db) -> None:
    before = knowledge_diff(db.at(AFTER), since=BEFORE).frame
    put(
        planted,
        "macro",
        series_id="LEADING",
        period=month(201),
        value=70.0,
        unit="index",
        is_forecast=False,
        known_at=AFTER + timedelta(days=1),
    )
    put(
        planted,
        "events",
        event_id="e2",
        event_at=BETWEEN,
        precision="day",
        kind="split",
        title="Known too late",
        symbols=["x:A"],
        known_at=AFTER + timedelta(days=1),
    )
    assert knowledge_diff(db.at(AFTER), since=BEFORE).frame.equals(before)
    later = knowledge_diff(db.at(AFTER + timedelta(days=2)), since=AFTER).frame
    assert later["kind"].sort().to_list()[:2] == ["event", "revision"]


def test_a_new_base_is_a_unit_and_a_withdrawn_value_has_none(lake: Lake, db: Db) -> None:
    describe(lake, {"IP": "index"})
    keep(lake, "IP", {month(n): 100.0 + n for n in range(200, 263)}, lag=10)
    for number, value, unit in ((260, 42.0, "2020 = 100"), (261, None, "index")):
        put(
            lake,
            "macro",
            series_id="IP",
            period=month(number),
            value=value,
            unit=unit,
            is_forecast=False,
        )
    found = knowledge_diff(db.at(AFTER), since=BEFORE).frame
    rows = found.filter(pl.col("kind").is_in(["unit", "revision"])).sort("kind").to_dicts()
    assert [(r["kind"], r["before"], r["after"], r["was"], r["is"]) for r in rows] == [
        ("revision", 361.0, None, None, None),
        ("unit", None, None, "index", "2020 = 100"),
    ]


def test_a_bias_that_changed_its_word_is_one_item_at_its_release(lake: Lake, db: Db) -> None:
    keep_releases(
        lake, *(release(day, 101 - day // 10 % 2 * 2, 100.0, "s:J") for day in range(-120, 60, 10))
    )
    keep_releases(lake, release(60, 94.0, 100.0, "s:J"))
    clock, since = noon(63), noon(55)
    now, then = (bias(db.at(m)).frame.sort("asset") for m in (clock, since))
    changed = [
        a for a, b, c in zip(now["asset"], now["label"], then["label"], strict=True) if b != c
    ]
    assert len(changed) > 1
    items = knowledge_diff(db.at(clock), since=since).frame.filter(kind="bias").to_dicts()
    assert [(i["subject"], i["count"], i["moment"]) for i in items] == [
        ("USA", len(changed), noon(60))
    ]
    row = now.row(by_predicate=pl.col("asset") == items[0]["title"], named=True)
    assert (items[0]["after"], items[0]["is"]) == (row["score"], row["label"])


def test_a_print_says_what_was_expected_and_weighs_its_surprise(lake: Lake, db: Db) -> None:
    steps = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0]
    keep_releases(lake, *(release(30 * n, 100 + s, 101.0, "s:J") for n, s in enumerate(steps)))
    for number, step in enumerate(steps):
        day = date(2020, 1, 1) + timedelta(days=30 * number)
        put(
            lake,
            "macro",
            series_id="s:J",
            period=day,
            value=100 + step,
            unit="thousand",
            is_forecast=False,
            known_at=noon(30 * number),
        )
    items = knowledge_diff(db.at(noon(151)), since=noon(149)).frame.filter(kind="print").to_dicts()
    assert [(i["after"], i["expected"]) for i in items] == [(102.0, 101.0)]
    z = surprises(db.at(noon(151))).frame.drop_nulls("z")["z"].item()
    assert items[0]["weight"] == pytest.approx(2 * abs(z))  # importance two


def test_the_house_clock_counts_from_when_this_lake_had_it(planted: Lake, db: Db) -> None:
    clock = datetime.now(UTC) + timedelta(minutes=1)
    found = knowledge_diff(db.at(clock, "house"), since=clock - timedelta(days=1)).frame
    # All of it was stored just now: everything is news to this lake, and nothing is revised.
    assert set(found["kind"]) >= {"print", "event", "trade"}
    assert "revision" not in set(found["kind"])


def test_a_print_before_its_month_has_its_expectation_years_later(lake: Lake, db: Db) -> None:
    """A climate index comes out in the last days of the month before the one that it is named by;
    here the figure came years after the release."""
    steps = [3.0, -1.0, 2.0, 0.0, -2.0, 4.0, 1.0, 2.5]
    rows = [release(30 * n, 100 + step, 100.0) for n, step in enumerate(steps)]
    for n, part in enumerate(rows):
        for row in part:
            row["period"] = noon(30 * n + 20).date()
    keep_releases(lake, *rows)
    put(
        lake,
        "macro",
        series_id="s:X",
        period=noon(30 * 6 + 20).date(),
        value=101.0,
        unit="thousand",
        is_forecast=False,
        known_at=noon(1_100),
    )
    found = knowledge_diff(db.at(noon(1_200)), since=noon(1_000)).frame.filter(kind="print")
    assert found["expected"].to_list() == [100.0]
