"""Event studies: a planted effect is found, chance is not, and nothing after the clock is used."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.markets.event_study import event_paths, event_study, studied
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db
from tests.analytics.quotes import evening, quotes, table
from tests.demo_fixture import DemoLake
from tests.pages.world import put, rows

FIRST = date(2015, 1, 5)
SYMBOL = "demo:X"
CLOCK = datetime(2024, 1, 1, tzinfo=UTC)


def days(count: int) -> list[date]:
    every = (FIRST + timedelta(days=n) for n in range(count * 2))
    return [day for day in every if day.weekday() < 5][:count]


def world(
    folder: Path, rng: random.Random, at: list[int], *, jump: float = 0.0, count: int = 1_500
) -> At:
    """Closes at 21:00 that wander, with events of a kind at noon of some sessions."""
    lake = Lake(folder / "demo" / "lake", workspace="demo")
    price, given = 100.0, []
    sessions = days(count)
    for number, day in enumerate(sessions):
        price *= math.exp(rng.gauss(0, 0.01) + (jump if number in at else 0.0))
        known = datetime.combine(day, time(21), UTC)
        given.append(
            {
                "symbol": SYMBOL,
                "date": day,
                "close": price,
                "currency": "USD",
                "asset_class": "commodity",
                "known_at": known,
                "source": "demo",
            }
        )
    put(lake, "prices", given)
    put(
        lake,
        "events",
        [
            {
                "event_id": f"e{n}",
                "event_at": datetime.combine(sessions[n], time(12), UTC),
                "precision": "minute",
                "kind": "planted",
                "title": f"event {n}",
                "source": "demo",
                "known_at": datetime.combine(sessions[n], time(12), UTC),
            }
            for n in at
        ],
    )
    return Db(lake.root, memory_limit_mb=512, threads=1).at(CLOCK)


def add(lake: Lake, events: list[dict[str, object]]) -> None:
    name = str(events[0]["event_id"])
    lake.upsert("events", rows("events", events), publish_id=name)


PLACES = list(range(40, 1_400, 45))


def test_a_planted_effect_is_within_its_band_and_beyond_chance(
    tmp_path: Path, rng: random.Random
) -> None:
    at = world(tmp_path, rng, PLACES, jump=0.02)
    frame = event_study(at, symbol=SYMBOL, of="event:planted").frame
    assert frame["offset"].to_list() == list(range(-5, 21))
    assert set(frame["events"]) == {len(PLACES)}
    base, first = (frame.row(by_predicate=pl.col("offset") == n, named=True) for n in (-1, 0))
    assert base["median"] == 0.0
    assert first["low"] <= 0.02 <= first["high"]
    assert first["p"] < 0.01
    assert not first["others_low"] <= first["median"] <= first["others_high"]
    again = event_study(at, symbol=SYMBOL, of="event:planted").frame
    assert again.equals(frame)


def test_on_random_dates_the_band_covers_nothing_at_its_rate(rng: random.Random) -> None:
    inside, false, runs = 0, 0, 100
    for run in range(runs):
        logs = np.cumsum([rng.gauss(0, 0.01) for _ in range(600)])
        place = np.array(sorted(rng.sample(range(30, 560), 25)))
        row = studied(logs, place, (2, 3), run).row(2, named=True)
        assert row["offset"] == 0
        inside += row["low"] <= 0.0 <= row["high"]
        false += row["p"] <= 0.05
    assert 0.89 <= inside / runs <= 1.0
    assert false / runs <= 0.11


def test_an_event_after_the_close_moves_the_next_session(
    tmp_path: Path, rng: random.Random
) -> None:
    at = world(tmp_path, rng, [100])
    lake = Lake(tmp_path / "demo" / "lake", workspace="demo")
    evening = datetime.combine(days(1_500)[200], time(22), UTC)
    add(
        lake,
        [
            {
                "event_id": "late",
                "event_at": evening,
                "precision": "minute",
                "kind": "evening",
                "title": "late",
                "source": "demo",
                "known_at": evening,
            }
        ],
    )
    at = Db(lake.root, memory_limit_mb=512, threads=1).at(CLOCK)
    closes = at.sql("SELECT date, close FROM prices ORDER BY date").frame["close"].to_list()
    found = event_paths(at, symbol=SYMBOL, of="event:evening", before=1, after=2).frame
    assert found["path"].to_list() == pytest.approx(
        [0.0, *(math.log(closes[200 + n] / closes[200]) for n in (1, 2, 3))]
    )


def test_the_clock_cuts_windows_off_and_hides_later_events(
    tmp_path: Path, rng: random.Random
) -> None:
    at = world(tmp_path, rng, PLACES, jump=0.02)
    sessions = days(1_500)
    early = at.db.at(datetime.combine(sessions[PLACES[10] + 3], time(23), UTC))
    frame = event_study(early, symbol=SYMBOL, of="event:planted").frame
    counts = dict(frame.select("offset", "events").iter_rows())
    assert counts[3] == 11
    assert counts[4] == 10
    lake = Lake(tmp_path / "demo" / "lake", workspace="demo")
    add(
        lake,
        [
            {
                "event_id": "e9999",
                "event_at": CLOCK,
                "precision": "minute",
                "kind": "planted",
                "title": "later",
                "source": "demo",
                "known_at": CLOCK,
            }
        ],
    )
    again = Db(lake.root, memory_limit_mb=512, threads=1).at(early.as_of)
    assert event_study(again, symbol=SYMBOL, of="event:planted").frame.equals(frame)


def test_surprises_and_falls_of_the_demo_world_can_be_studied(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    symbol = at.sql(
        "SELECT symbol FROM prices WHERE asset_class = 'equity' GROUP BY symbol "
        "ORDER BY count(*) DESC, symbol LIMIT 1"
    ).frame["symbol"][0]
    for of in (
        "surprise:CPIYOY:USA:1",
        "surprise:CPIYOY:USA:-1",
        "drawdown:0.1",
        "event:rate_decision:USA",
    ):
        frame = event_study(at, symbol=symbol, of=of, before=2, after=3).frame
        assert frame["median"][1] == 0.0
        assert frame["events"].min() > 0
        assert np.isfinite(frame["p"].to_numpy()).all()


def test_the_crashes_planted_in_the_demo_world_are_found_in_full(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    planted = at.sql("SELECT magnitude FROM events WHERE kind = 'crash'").frame["magnitude"]
    assert len(planted) == 3
    frame = event_study(at, symbol="demo:WORLD", of="event:crash", before=4, after=3).frame
    # Told after the close of their day: the session before the base is the last one without it.
    (row,) = frame.filter(offset=-2).to_dicts()
    expected = -math.log1p(float(planted.median()))
    assert row["median"] == pytest.approx(expected, abs=0.005)
    assert row["low"] <= expected <= row["high"]
    assert row["p"] < 0.01
    assert not row["others_low"] <= row["median"] <= row["others_high"]


def test_a_direction_picks_the_decisions_of_its_sign(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    counts = dict(
        at.sql(
            "SELECT sign(magnitude)::INT AS side, count(*) AS n FROM events WHERE kind = "
            "'rate_decision' AND country = 'USA' AND event_at > '2008-01-01' GROUP BY side"
        ).frame.iter_rows()
    )
    for side, sign in (("up", 1), ("down", -1)):
        found = event_paths(
            at, symbol="demo:WORLD", of=f"event:rate_decision:USA:{side}", before=1, after=1
        ).frame
        recent = found.filter(pl.col("moment") > datetime(2008, 1, 1, tzinfo=UTC))
        assert recent["event"].n_unique() == counts[sign]


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ("", "expected event:KIND"),
        ("event:", "expected event:KIND"),
        ("surprise:CPI:USA:big", "is no number"),
        ("drawdown:2", "between 0 and 1"),
        ("event:none_such", "no event of"),
        ("moon:full", "expected event:KIND"),
        ("event:crash:USA:odd", "expected event:KIND"),
        ("fall:0", "a number above 0"),
        ("fall:-3", "a number above 0"),
        ("rise:nan", "a number above 0"),
        ("rise:inf", "a number above 0"),
        ("fall:much", "is no number"),
        ("fall:3:USA", "expected event:KIND"),
        ("fall", "expected event:KIND"),
        ("fall:99", "no event of"),
    ],
)
def test_what_cannot_be_studied_is_said_in_one_sentence(
    demo_lake: DemoLake, of: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        event_study(demo_lake.at(), symbol="demo:none", of=of)
    with pytest.raises(ConfigError, match="sessions each"):
        event_study(demo_lake.at(), symbol="demo:none", of="drawdown:0.1", after=0)


def test_a_price_below_zero_is_a_session_without_a_path(tmp_path: Path, rng: random.Random) -> None:
    at = world(tmp_path, rng, [100, 200])
    before = event_paths(at, symbol=SYMBOL, of="event:planted").frame
    lake = Lake(at.db.root, workspace="demo")
    day = days(110)[105]
    put(
        lake,
        "prices",
        [
            {
                "symbol": SYMBOL,
                "date": day,
                "close": -36.98,
                "currency": "USD",
                "asset_class": "commodity",
                "source": "demo",
                "known_at": datetime.combine(day, time(21), UTC) + timedelta(minutes=1),
            }
        ],
    )
    again = Db(lake.root, memory_limit_mb=512, threads=1).at(CLOCK)
    after = event_paths(again, symbol=SYMBOL, of="event:planted").frame
    # The sessions behind it keep their distance from the event, and it has no log itself.
    hole = (pl.col("event") == "e100") & (pl.col("offset") == 5)
    assert after.filter(hole)["path"].to_list() == [None]
    assert after.filter(~hole).equals(before.filter(~hole))
    # Behind it there is no highest so far, so no fall of a share either.
    falls = event_paths(again, symbol=SYMBOL, of="drawdown:0.02").frame
    assert falls["moment"].max() < datetime.combine(day, time(21), UTC)
    assert event_paths(at, symbol=SYMBOL, of="drawdown:0.02").frame[
        "moment"
    ].max() > datetime.combine(day, time(21), UTC)


def test_paths_of_a_rate_are_differences_of_its_level(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "demo" / "lake", workspace="demo")
    levels = [-0.5, -0.5, -0.25, 0.0, 0.5]
    sessions = days(len(levels))
    put(
        lake,
        "prices",
        [
            {
                "symbol": "demo:R",
                "date": day,
                "close": level,
                "currency": "USD",
                "asset_class": "rate",
                "known_at": datetime.combine(day, time(21), UTC),
                "source": "demo",
            }
            for day, level in zip(sessions, levels, strict=True)
        ],
    )
    noon = datetime.combine(sessions[2], time(12), UTC)
    put(
        lake,
        "events",
        [
            {
                "event_id": "e",
                "event_at": noon,
                "precision": "minute",
                "kind": "planted",
                "title": "an event",
                "source": "demo",
                "known_at": noon,
            }
        ],
    )
    at = Db(lake.root, memory_limit_mb=512, threads=1).at(CLOCK)
    window = {"symbol": "demo:R", "before": 1, "after": 3}
    paths = event_paths(at, of="event:planted", **window).frame
    assert paths["path"].to_list() == [0.0, 0.25, 0.5, 1.0, None]
    study = event_study(at, of="event:planted", **window).frame
    assert study["median"].to_list() == [0.0, 0.25, 0.5, 1.0, None]
    assert paths["is_rate"].all() and study["is_rate"].all()
    with pytest.raises(ConfigError, match="a fall is a share of a price"):
        event_study(at, of="drawdown:0.1", **window)


# Closes by hand: -3 % on the third and fourth session, +5 % on the sixth, a split on the seventh.
TABLE = [100.0, 100.0, 97.0, 94.09, 94.09, 98.7945, 49.39725, 48.0]
SPLITS = {6: 2.0}


def by_hand(folder: Path, closes: list[float], kind: str = "equity") -> At:
    """An instrument whose closes are written down, each known at 21:00 of its day."""
    lake = Lake(folder / "demo" / "lake", workspace="demo")
    put(
        lake,
        "prices",
        [
            {
                "symbol": SYMBOL,
                "date": day,
                "close": close,
                "currency": "USD",
                "asset_class": kind,
                "known_at": datetime.combine(day, time(21), UTC),
                "source": "demo",
                "split_ratio": SPLITS.get(number) if kind == "equity" else None,
            }
            for number, (day, close) in enumerate(zip(days(len(closes)), closes, strict=True))
        ],
    )
    return Db(lake.root, memory_limit_mb=512, threads=1).at(CLOCK)


def found_days(at: At, of: str) -> list[tuple[date, str]]:
    frame = event_paths(at, symbol=SYMBOL, of=of, before=1, after=1).frame
    rows = frame.unique("event", keep="first", maintain_order=True)
    return [(row["moment"].date(), row["title"]) for row in rows.iter_rows(named=True)]


def test_days_of_a_fall_are_those_of_a_table_made_by_hand(tmp_path: Path) -> None:
    at = by_hand(tmp_path, TABLE)
    day = days(len(TABLE))
    falls = found_days(at, "fall:3")
    assert [moment for moment, _ in falls] == [day[2], day[3]]  # both days of the row
    assert falls[0][1] == f"-3.00 % in the session of {day[2]:%d %b %Y}"
    assert [moment for moment, _ in found_days(at, "rise:5")] == [day[5]]  # exactly 5 %
    # The split is no fall of a half; the last close fell by 2.83 % and has no session behind it.
    with pytest.raises(ConfigError, match="no event of"):
        event_paths(at, symbol=SYMBOL, of="fall:3.01")
    assert len(found_days(at, "fall:2.5")) == 2
    with pytest.raises(ConfigError, match="no event of"):
        event_paths(at, symbol=SYMBOL, of="rise:5.01")


def test_a_fall_counts_from_the_close_that_shows_it(tmp_path: Path) -> None:
    at = by_hand(tmp_path, TABLE)
    day = days(len(TABLE))
    paths = event_paths(at, symbol=SYMBOL, of="fall:3", before=1, after=2).frame
    first = paths.filter(event=f"fall {day[2]}")
    assert first["moment"][0] == datetime.combine(day[2], time(21), UTC)
    expected = [0.0, math.log(94.09 / 97), math.log(94.09 / 97), math.log(98.7945 / 97)]
    assert first["path"].to_list() == pytest.approx(expected)
    study = event_study(at, symbol=SYMBOL, of="fall:3", before=1, after=2).frame
    medians = [
        0.0,
        math.log(94.09 / 97) / 2,
        (math.log(94.09 / 97) + math.log(1.05)) / 2,
        (math.log(98.7945 / 97) + math.log(1.05)) / 2,
    ]
    assert study["median"].to_list() == pytest.approx(medians)
    assert set(study["overlapping"]) == {2}


def test_before_the_close_was_known_the_day_is_no_event(tmp_path: Path) -> None:
    at = by_hand(tmp_path, TABLE)
    day = days(len(TABLE))
    evening = datetime.combine(day[3], time(21), UTC)
    before = at.db.at(evening - timedelta(seconds=1))
    with pytest.raises(ConfigError, match="no event of"):
        event_paths(before, symbol=SYMBOL, of="fall:3")  # the first fall has no session behind it
    assert [moment for moment, _ in found_days(at.db.at(evening), "fall:3")] == [day[2]]


def test_a_fall_of_a_rate_is_in_points(tmp_path: Path) -> None:
    levels = [2.0, 1.75, 1.75, -0.1, 0.2, 0.2]
    at = by_hand(tmp_path, levels, "rate")
    day = days(len(levels))
    assert found_days(at, "fall:0.25") == [
        (day[1], f"-0.25 points in the session of {day[1]:%d %b %Y}"),
        (day[3], f"-1.85 points in the session of {day[3]:%d %b %Y}"),
    ]
    assert [moment for moment, _ in found_days(at, "rise:0.3")] == [day[4]]


def test_a_price_that_is_not_above_zero_is_no_fall(tmp_path: Path) -> None:
    closes = [10.0, 10.0, -36.98, 10.0, 9.0, 9.0]
    at = by_hand(tmp_path, closes, "commodity")
    assert [moment for moment, _ in found_days(at, "fall:5")] == [days(6)[4]]


@pytest.mark.parametrize(("gap", "overlapping"), [(4, 2), (5, 0)])
def test_windows_overlap_where_they_share_a_session(
    tmp_path: Path, rng: random.Random, gap: int, overlapping: int
) -> None:
    at = world(tmp_path, rng, [100, 100 + gap])
    study = event_study(at, symbol=SYMBOL, of="event:planted", before=2, after=2).frame
    assert set(study["overlapping"]) == {overlapping}


@pytest.mark.parametrize("of", ["fall:5", "drawdown:0.05"])
def test_falls_of_a_history_loaded_at_once_are_no_news(lake: Lake, db: Db, of: str) -> None:
    """Ten days came at one instant; only what was known from day to day afterwards is studied."""
    closes = [100.0, 100, 90, 100, 90, 90, 101, 90, 90, 90, 120, 120, 100, 101, 102]
    before = quotes(dict(enumerate(closes[:10])), known_at=evening(9))
    lake.upsert("prices", table(before, quotes(dict(enumerate(closes[10:], 10)))))
    paths = event_paths(db.at(evening(14)), symbol="x:AAA", of=of, before=1, after=2).frame
    assert paths["moment"].unique().to_list() == [evening(12)]
    assert paths.filter(offset=0)["path"].to_list() == pytest.approx([np.log(101 / 100)])
