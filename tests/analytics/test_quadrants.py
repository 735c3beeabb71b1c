"""The rule view: labels of their own vintage, by hand, on real series, and never changed later."""

from __future__ import annotations

import math
import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.macro.realtime import rules
from analytics.regimes.quadrants import jobless_rule, quadrants
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.months import describe, keep, known, month

UNITS = {"IP": "index", "cpi": "index", "UNEMP": "percent"}


def cycle(months: int, wave: float, rng: random.Random) -> dict[date, float | None]:
    """An index whose growth swings, with a little noise."""
    level, found = 100.0, dict[date, float | None]()
    for number in range(months):
        level *= math.exp(0.002 + 0.004 * math.sin(number / wave) + rng.gauss(0, 0.0005))
        found[month(number)] = level
    return found


@pytest.fixture
def world(lake: Lake, rng: random.Random) -> Lake:
    """Fourteen years of production and prices."""
    describe(lake, UNITS)
    keep(lake, "IP", cycle(168, 9.0, rng))
    keep(lake, "cpi", cycle(168, 14.0, rng), lag=43)
    return lake


def test_a_label_by_hand(world: Lake, db: Db) -> None:
    frame = quadrants(db.at(known(month(167), 60)), country="USA").frame
    level = {
        row["period"]: row["value"]
        for row in db.at(known(month(167), 60))
        .sql("SELECT period, value FROM macro WHERE series_id = 'IP'")
        .frame.to_dicts()
    }
    year = {n: 100 * (level[month(n)] / level[month(n - 12)] - 1) for n in range(12, 168)}
    impulse = {
        n: sum(year[n - k] for k in range(3)) / 3 - sum(year[n - k] for k in range(12)) / 12
        for n in range(23, 168)
    }
    at = 150
    past = [impulse[n] for n in range(at - 120, at)]
    mean = sum(past) / len(past)
    band = 0.1 * math.sqrt(sum((value - mean) ** 2 for value in past) / (len(past) - 1))
    row = frame.row(by_predicate=pl.col("month") == month(at), named=True)
    assert row["growth_impulse"] == pytest.approx(impulse[at])
    assert row["growth_band"] == pytest.approx(band)
    assert row["growth_state"] == (1 if impulse[at] > band else -1)
    assert row["known_at"] == known(month(at), 43)  # prices come three days after production
    first = frame.drop_nulls("growth_state")["month"][0]
    assert first >= month(23 + 60)


def test_within_the_band_the_state_before_stays(world: Lake, db: Db) -> None:
    frame = quadrants(db.at(known(month(167), 60)), country="USA").frame.drop_nulls("growth_state")
    within = frame.with_columns(pl.col("growth_state").shift(1).alias("before")).filter(
        pl.col("growth_impulse").abs() <= pl.col("growth_band")
    )
    assert within.height > 0
    assert (within["growth_state"] == within["before"]).all()


def test_a_revision_changes_no_label_of_before(world: Lake, db: Db) -> None:
    clock = known(month(167), 60)
    before = quadrants(db.at(clock), country="USA").frame
    lake = world
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                {
                    "series_id": "IP",
                    "period": month(number),
                    "value": 50.0 + number,
                    "unit": "index",
                    "is_forecast": False,
                    "known_at": clock,
                    "vintage_grade": "native",
                    "source": "office",
                }
                for number in range(100, 168)
            ]
        ),
    )
    after = quadrants(db.at(clock), country="USA").frame
    assert after.equals(before)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=90, max_value=167), st.integers(min_value=-5, max_value=45))
def test_what_comes_later_changes_nothing_earlier(world: Lake, number: int, days: int) -> None:
    db = Db(world.root, threads=1)
    whole = quadrants(db.at(known(month(167), 60)), country="USA").frame
    clock = known(month(number), days)
    part = quadrants(db.at(clock), country="USA").frame
    assert part.equals(whole.filter(pl.col("known_at") <= clock))
    db.close()


def test_a_rebasing_is_no_recession(world: Lake, db: Db) -> None:
    """The same months in a new base, all at once: growth is as it was, and so is the label."""
    clock = known(month(167), 60)
    held = db.at(clock).sql("SELECT period, value FROM macro WHERE series_id = 'IP'").frame
    before = quadrants(db.at(clock), country="USA").frame
    rebased = held.filter(pl.col("period") < month(160)).with_columns(
        pl.col("value") / 3,
        pl.lit("IP").alias("series_id"),
        pl.lit("new base").alias("unit"),
        pl.lit(False).alias("is_forecast"),
        pl.lit("native").alias("vintage_grade"),
        pl.lit("office").alias("source"),
        pl.lit(known(month(158))).alias("known_at"),
    )
    world.upsert("macro", rebased)
    after = quadrants(db.at(clock), country="USA").frame
    same = before.filter(pl.col("month") <= month(158))["growth_state"]
    assert after.filter(pl.col("month") <= month(158))["growth_state"].equals(same)
    # From month 160 on the old base comes again: across it no growth is known.
    assert after.filter(pl.col("month") == month(161))["growth_year"].to_list() == [None]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {month(0): 1.0},
        {month(n): 5.0 for n in range(120)},
        {month(n): None for n in range(120)},
    ],
)
def test_poor_series_have_no_state(lake: Lake, db: Db, values: dict[date, float | None]) -> None:
    describe(lake, UNITS)
    if values:
        keep(lake, "IP", values)
        keep(lake, "cpi", values)
        keep(lake, "UNEMP", values, unit="percent")
    at = db.at(known(month(200)))
    assert quadrants(at, country="USA").frame["quadrant"].drop_nulls().is_empty()
    assert not jobless_rule(at, country="USA").frame["called"].fill_null(value=False).any()
    assert quadrants(at, country="XXX").frame.is_empty()


def test_what_is_only_known_as_of_today_is_left_out(lake: Lake, db: Db, rng: random.Random) -> None:
    describe(lake, UNITS)
    keep(lake, "IP", cycle(168, 9.0, rng), grade="current")
    keep(lake, "cpi", cycle(168, 14.0, rng))
    assert quadrants(db.at(known(month(200))), country="USA").frame.is_empty()


def test_a_series_that_comes_later_is_not_read(world: Lake, db: Db, rng: random.Random) -> None:
    """Another office begins with a longer past: the labels stay those of the first."""
    clock = known(month(167), 60)
    before = quadrants(db.at(clock), country="USA").frame
    describe(world, {"A": "index"})
    other = db.at(clock).sql("FROM series WHERE series_id = 'A'").frame.drop("ingested_at")
    is_output = [pl.lit("IP").alias("indicator"), pl.lit("other").alias("source")]
    world.upsert("series", other.with_columns(is_output))
    late = pl.DataFrame(
        {
            "series_id": "A",
            "period": [month(n, 1990) for n in range(215)],
            "value": 1.0,
            "unit": "index",
            "is_forecast": False,
            "known_at": known(month(100)),
            "vintage_grade": "native",
            "source": "other",
        }
    )
    world.upsert("macro", late)
    assert quadrants(db.at(clock), country="USA").frame.equals(before)


def test_a_broken_file_of_rules_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "regimes.toml"
    file.write_text("growth = [")
    with pytest.raises(ConfigError, match="expected `growth`, `prices`"):
        rules(file)


@pytest.mark.needs("shared")
def test_the_rule_on_sixty_years_of_real_series(lake: Lake, db: Db, shared: Path) -> None:
    file = pl.read_csv(shared / "real" / "fred_md_a.csv", try_parse_dates=True)
    describe(lake, UNITS)
    for name, column in (("IP", "INDPRO"), ("cpi", "CPIAUCSL"), ("UNEMP", "UNRATE")):
        held = file.select("date", column).drop_nulls()
        keep(lake, name, dict(held.iter_rows()), unit=UNITS[name])
    at = db.at(known(date(2030, 1, 1)))
    frame = quadrants(at, country="USA").frame
    named = frame.drop_nulls("quadrant")
    assert named["month"][0] == date(1965, 12, 1)
    wanted = {
        date(1974, 6, 1): "stagflation",
        date(1982, 6, 1): "slowdown",
        date(1986, 12, 1): "goldilocks",
        date(2009, 12, 1): "reflation",
        date(2021, 6, 1): "reflation",
        date(2022, 12, 1): "slowdown",
    }
    for day, state in wanted.items():
        assert named.filter(pl.col("month") == day)["quadrant"].to_list() == [state]
    changes = (named["quadrant"] != named["quadrant"].shift(1)).fill_null(value=False).sum()
    assert (changes, named.height) == (94, 694)
    rise = jobless_rule(at, country="USA").frame
    for day, value in (
        (date(1990, 10, 1), 0.567),
        (date(2001, 7, 1), 0.567),
        (date(2008, 2, 1), 0.533),
        (date(2020, 4, 1), 4.0),
    ):
        found = rise.filter(pl.col("month") == day)
        assert found["rise"].item() == pytest.approx(value, abs=5e-4)
        assert found["called"].item()
