"""Replay: a window is a sequence of frames that no later row changes, told as it became known."""

from __future__ import annotations

import math
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analytics.live.live import live_metrics
from analytics.replay.frames import Frames, frames, in_order, items
from analytics.replay.moves import replay_moves
from analytics.replay.replay import replay, replay_span
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db
from data.settings import Settings
from tests import shred
from tests.demo_fixture import DemoLake
from tests.pages import world

X, Y = "demo:X", "demo:Y"
DAY = timedelta(days=1)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def session(number: int) -> date:
    return (FIRST + number * DAY).date()


def close_of(number: int) -> datetime:
    return FIRST + number * DAY + timedelta(hours=21)


def bar(symbol: str, number: int, close: float, **more: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "date": session(number),
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "volume": 1.0,
        "currency": "USD",
        "asset_class": "equity",
        "known_at": close_of(number),
        "source": "demo",
    } | more


@pytest.fixture
def lake(tmp_path: Path, rng: random.Random) -> Lake:
    """Two instruments over 400 days, one split, one close corrected two days later."""
    held = Lake(tmp_path / "demo" / "lake", workspace="demo")
    given, prices = [], {X: 100.0, Y: 50.0}
    for number in range(400):
        for symbol in (X, Y):
            prices[symbol] *= math.exp(rng.gauss(0, 0.01))
            split = {"split_ratio": 2.0} if (symbol, number) == (X, 350) else {}
            prices[symbol] /= split.get("split_ratio", 1.0)
            given.append(bar(symbol, number, prices[symbol], **split))
            if (symbol, number) == (Y, 360):
                given.append(bar(Y, 360, prices[Y] * 1.5, known_at=close_of(362) - timedelta(1)))
    world.put(held, "prices", given)
    world.put(
        held,
        "events",
        [
            {
                "event_id": "told-late",
                "event_at": close_of(345),
                "precision": "day",
                "kind": "outage",
                "title": "a fault",
                "symbols": [X],
                "source": "demo",
                "known_at": close_of(352),
            }
        ],
    )
    return held


def handle(lake: Lake, clock: datetime, mode: Any = "public") -> At:
    return Db(lake.root, memory_limit_mb=512, threads=1).at(clock, mode)


WINDOW: dict[str, Any] = {"symbols": [X, Y], "start": close_of(340), "end": close_of(380)}


def played(at: At, **window: Any) -> Frames:
    return frames(replay(at, **(WINDOW | window)).frame)


def test_frames_are_what_each_clock_knew_and_no_later_row_changes_one(
    lake: Lake, tmp_path: Path
) -> None:
    whole = played(handle(lake, close_of(399)))
    # The late event and the correction come with a close, and so have no frame of their own.
    assert len(whole.moments) == len(set(whole.hashes)) == 41
    for number in range(0, len(whole.moments), 10):
        moment = whole.moments[number]
        stepped = played(handle(lake, moment))
        assert stepped.hashes == whole.hashes[: number + 1]
        torn = shred.shred(lake.root, tmp_path / f"torn{number}" / "demo" / "lake", moment)
        left = played(Db(torn, memory_limit_mb=512, threads=1).at(close_of(399)))
        assert left.hashes == whole.hashes[: number + 1]


def test_later_ingestion_changes_no_frame(lake: Lake) -> None:
    before = played(handle(lake, close_of(399)))
    lake.upsert(
        "prices",
        world.rows(
            "prices",
            [bar(X, 370, 1.0, known_at=close_of(381)), bar("demo:NEW", 370, 5.0), bar(X, 400, 7.0)],
        ),
        publish_id="later",
    )
    assert played(handle(lake, close_of(450))).hashes == before.hashes


def test_a_backfill_of_the_window_is_seen_by_the_public_clock_alone(lake: Lake) -> None:
    taken_in = datetime.now(UTC) + timedelta(seconds=1)
    span: dict[str, Any] = {"start": close_of(340), "end": taken_in}
    public, house = (played(handle(lake, taken_in, mode), **span) for mode in ("public", "house"))
    assert len(house.moments) == 2  # this lake took in all prices at one instant, then the event
    lake.upsert(
        "prices",
        world.rows("prices", [bar(X, 377, 1.0, known_at=close_of(378))]),
        publish_id="backfill",
    )
    clock = datetime.now(UTC) + DAY
    assert played(handle(lake, clock, "house"), **span).hashes[:2] == house.hashes
    changed = played(handle(lake, clock), **span)
    number = public.until(close_of(378)) - 1
    assert changed.hashes[:number] == public.hashes[:number]
    assert changed.hashes[number] != public.hashes[number]


def test_measures_are_those_of_the_closes_known_at_that_instant(lake: Lake) -> None:
    at = handle(lake, close_of(399))
    found = replay(at, **WINDOW).frame.filter(kind="bar")
    for row in found.iter_rows(named=True):
        known = (
            handle(lake, row["known_at"])
            .sql(
                "SELECT close, coalesce(split_ratio, 1) AS split FROM prices "
                "WHERE symbol = $symbol ORDER BY date",
                symbol=row["symbol"],
            )
            .frame
        )
        close, split = known["close"].to_numpy(), known["split"].to_numpy()
        moves = np.log(close[1:] / close[:-1] * split[1:])
        assert row["volatility"] == pytest.approx(moves[-20:].std(ddof=1) * math.sqrt(252))
        level = np.concatenate([[0.0], moves.cumsum()])[-252:]
        assert row["drawdown"] == pytest.approx(math.expm1(level[-1] - level.max()))
    corrected = found.filter(symbol=Y, about=FIRST + 360 * DAY)
    assert corrected["known_at"].to_list() == [close_of(360), close_of(361)]


def test_an_event_told_late_comes_late(lake: Lake) -> None:
    (event,) = replay(handle(lake, close_of(399)), **WINDOW).frame.filter(kind="event").to_dicts()
    assert (event["known_at"], event["about"]) == (close_of(352), close_of(345))
    assert event["precision"] == "day"


def test_moves_of_each_evening_are_those_of_its_clock(lake: Lake) -> None:
    at = handle(lake, close_of(399))
    found = replay_moves(at, start=close_of(345), end=close_of(366)).frame
    assert found["known_at"].n_unique() == 22
    for (evening,), rows in found.partition_by("known_at", as_dict=True).items():
        known = (
            handle(lake, evening)
            .sql(
                "SELECT symbol, close * coalesce(split_ratio, 1) / lag(close) OVER (PARTITION BY "
                "symbol ORDER BY date) - 1 AS move FROM prices QUALIFY date = max(date) OVER "
                "(PARTITION BY symbol) ORDER BY symbol"
            )
            .frame
        )
        assert rows["move"].to_list() == pytest.approx(known["move"].to_list())
    gone = replay_moves(handle(lake, close_of(420)), start=close_of(398), end=close_of(420)).frame
    assert gone.filter(pl.col("known_at") > close_of(399) + 10 * DAY).is_empty()


def test_the_demo_world_replays_the_same_from_every_clock(demo_lake: DemoLake) -> None:
    window: dict[str, Any] = {
        "symbols": ["demo:WORLD"],
        "start": datetime(2020, 2, 1, tzinfo=UTC),
        "end": datetime(2020, 5, 1, tzinfo=UTC),
        "country": "USA",
    }
    whole = frames(replay(demo_lake.at(), **window).frame)
    assert {"bar", "event", "headline", "release", "regime", "bias"} <= {*whole.items["kind"]}
    for number in range(0, len(whole.moments), 10):
        at = demo_lake.db.at(whole.moments[number])
        assert frames(replay(at, **window).frame).hashes == whole.hashes[: number + 1]


@pytest.fixture
def traded(tmp_path: Path) -> Settings:
    held = world.settings(tmp_path)
    world.add_ticks(held, datetime(2026, 3, 2, 12, tzinfo=UTC), minutes=30)
    return held


def test_points_are_those_of_the_live_desk_and_thinning_loses_no_extreme(
    traded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    at = Db(traded.lake, memory_limit_mb=512, threads=1).at(noon + DAY)
    window: dict[str, Any] = {
        "symbols": ["demo:AAAUSD", "demo:BBBUSD"],
        "start": noon - timedelta(minutes=10),
        "end": noon,
    }
    live = live_metrics(at, **(window | {"start": noon - timedelta(minutes=30)})).frame
    live = live.filter(pl.col("known_at").is_between(window["start"], noon))
    found = replay(at, scale="ticks", **window).frame.filter(kind="bar").sort("symbol", "about")
    expected = live.sort("symbol", "at")
    assert found.height == expected.height > 2_000
    for ours, theirs in (
        ("close", "price"),
        ("volatility",) * 2,
        ("drawdown",) * 2,
        ("volume",) * 2,
        ("known_at",) * 2,
        ("about", "at"),
    ):
        assert found[ours].to_list() == expected[theirs].to_list()
    monkeypatch.setattr("analytics.replay.replay.MOST_FRAMES", 100)
    few = replay(at, scale="ticks", **window).frame.filter(kind="bar")
    assert few["known_at"].n_unique() <= 102
    for symbol, part in expected.group_by("symbol"):
        mine = few.filter(symbol=symbol[0])
        assert mine["high"].max() == part["price"].max()
        assert mine["low"].min() == part["price"].min()
        assert mine["volume"].sum() == part["volume"].sum()
        assert mine["volatility"][-1] == part["volatility"][-1]
    whole = frames(replay(at, scale="ticks", **window).frame)
    for moment in whole.moments[::20]:
        stepped = frames(replay(at.earlier(moment), scale="ticks", **window).frame)
        assert stepped.hashes == whole.hashes[: whole.until(moment)]


def test_trades_are_known_to_the_house_once_it_had_them(tmp_path: Path) -> None:
    held, now = world.settings(tmp_path), datetime.now(UTC)
    world.add_ticks(held, now - timedelta(minutes=3), minutes=10)
    at = Db(held.lake, memory_limit_mb=512, threads=1)
    window: dict[str, Any] = {
        "symbols": ["demo:AAAUSD"],
        "scale": "ticks",
        "start": now - timedelta(minutes=20),
        "end": now + timedelta(minutes=20),
    }
    clock = now + timedelta(minutes=30)
    public, house = (replay(at.at(clock, mode), **window).frame for mode in ("public", "house"))
    assert public["known_at"].min() < now - timedelta(minutes=12)
    assert house.height == public.height > 500
    assert house["known_at"].n_unique() == 1  # all of it came in at one instant
    assert house["known_at"].min() > now
    assert house["close"].to_list() == public["close"].to_list()


def test_what_is_held_is_told_by_scale(traded: Settings) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    at = Db(traded.lake, memory_limit_mb=512, threads=1).at(noon)
    (span,) = replay_span(at, symbols=[], scale="ticks").frame.rows()
    assert span[0] == noon - timedelta(minutes=30) + timedelta(milliseconds=80)
    assert noon - timedelta(seconds=1) < span[1] <= noon
    assert replay_span(at, symbols=[X], scale="days").frame.rows() == [(None, None)]
    assert replay_span(at, symbols=[X], scale="minutes").frame.rows() == [(None, None)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scale": "weeks"}, "expected one of ticks, minutes, days"),
        ({"end": close_of(340)}, "expected the start before the end"),
        ({"symbols": []}, "0 instruments: expected 1 to 20"),
        ({"scale": "ticks"}, "take a coarser scale or a shorter window"),
    ],
)
def test_a_window_that_cannot_be_is_refused(lake: Lake, wrong: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        replay(handle(lake, close_of(399)), **(WINDOW | wrong))


def test_an_empty_window_has_no_frame(lake: Lake) -> None:
    early = played(handle(lake, close_of(399)), start=FIRST - 60 * DAY, end=FIRST - 30 * DAY)
    assert (early.moments, early.hashes) == ((), ())


def test_the_hash_tells_every_figure_and_text_apart_and_not_how_a_frame_was_built() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    columns: dict[str, Any] = {
        "known_at": [noon, noon, noon + DAY],
        "kind": ["bar", "event", "bar"],
        "symbol": [X, None, X],
        "about": [noon, noon, noon + DAY],
        "close": [1.0, None, 2.0],
        "text": [None, "a", None],
    }
    base = frames(in_order(items(**columns)))
    turned = items(**columns).reverse()
    assert frames(in_order(turned[:1], turned[1:])).hashes == base.hashes
    for name, values in (
        ("close", [1.0, None, 3.0]),
        ("text", [None, "b", None]),
        ("symbol", [Y, None, X]),
    ):
        other = frames(in_order(items(**(columns | {name: values}))))
        assert other.hashes != base.hashes
    assert base.until(noon) == 1
