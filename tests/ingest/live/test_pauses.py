"""Pauses: a closed lid or a stopped scheduler is nobody's silence, and a real silence is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data import streams
from data.clock import iso
from data.query import At
from data.settings import Settings
from data.state import alerts
from data.state.db import State
from data.state.rules import Terms
from ingest.live.lake_rules import MEASURED, LakeQuestion
from ingest.live.pauses import FILE, Pause, note_pause, read_pauses, time_awake
from tests.demo_fixture import DemoLake
from tests.ingest.live.desk import START, SYMBOLS, Desk, tape

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
OLD = Terms("Old", {"metric": "age_ms", "trigger": 20_000, "rearm": 1_000})
VOLATILE = Terms("Volatile", {"metric": "volatility", "trigger": 1.0, "rearm": 0.5})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.rule(OLD)
    made.rule(VOLATILE)
    yield made
    made.close()


def words(desk: Desk) -> list[tuple[str, str]]:
    rows = [row for e in desk.bus.tail(streams.ALERTS) for row in e.block.to_pylist()]
    return [(row["kind"], row["rule"]) for row in rows]


def later(trades: pl.DataFrame, by: timedelta, number: int) -> pl.DataFrame:
    """The same tape again, after a while."""
    moved = [pl.col(name) + by for name in ("event_at", "known_at")]
    return trades.with_columns(*moved, pl.col("trade_id") + number)


def test_time_awake_leaves_the_pauses_out() -> None:
    pauses = [Pause(START, START + HOUR), Pause(START + 3 * HOUR, START + 4 * HOUR)]
    assert time_awake(START - HOUR, START + 5 * HOUR, pauses) == 4 * HOUR
    assert time_awake(START + MINUTE, START + HOUR + MINUTE, pauses) == MINUTE
    assert time_awake(START + MINUTE, START + 2 * MINUTE, pauses) == timedelta(0)
    assert time_awake(START + HOUR, START + 2 * HOUR, ()) == HOUR
    assert time_awake(START + HOUR, START, ()) == timedelta(0)


def test_pauses_are_kept_for_the_judge(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    assert read_pauses(folder) == ()
    note_pause(folder, START, START + 59 * SECOND)  # somebody was busy
    assert read_pauses(folder) == ()
    note_pause(folder, START, START + HOUR)
    note_pause(folder, START + 2 * HOUR, START + 3 * HOUR)
    whole = (Pause(START, START + HOUR), Pause(START + 2 * HOUR, START + 3 * HOUR))
    assert read_pauses(folder) == whole
    note_pause(folder, START + MINUTE, START + 2 * HOUR)  # of a clock that was set back
    assert read_pauses(folder) == (Pause(START + MINUTE, START + 2 * HOUR),)
    month = timedelta(days=31)
    note_pause(folder, START + month, START + month + HOUR)
    assert read_pauses(folder) == (Pause(START + month, START + month + HOUR),)
    for broken in ("", "{}", "[[1]]", '[["x", "y"]]', "[1]"):
        (folder / FILE).write_text(broken)
        assert read_pauses(folder) == ()


def test_a_closed_lid_is_no_alarm_and_the_day_goes_on(desk: Desk) -> None:
    trades, monitor = tape(40), desk.monitor()
    desk.play(trades, monitor)
    desk.play(later(trades, HOUR, 400), monitor)
    assert words(desk) == []
    # What stays away after the pause is told, in the time of afterwards.
    quiet = later(trades, HOUR + 40 * SECOND, 800).filter(pl.col("symbol") != SYMBOLS[1])
    desk.play(quiet, monitor)
    assert ("fired", "Old") in words(desk)
    (alert,) = alerts.known(desk.state, as_of=START + timedelta(days=1))
    assert alert.firing.symbol == SYMBOLS[1]
    assert alert.firing.known_at > START + HOUR + MINUTE


def test_a_monitor_that_was_stopped_for_an_hour_tells_no_alarm_of_it(desk: Desk) -> None:
    trades = tape(40)
    desk.play(trades, desk.monitor())
    desk.clock.now = START + HOUR
    desk.play(later(trades, HOUR, 400), desk.monitor())
    assert words(desk) == []


def test_a_venue_that_is_silent_while_somebody_watches_is_told(desk: Desk) -> None:
    trades, monitor = tape(40), desk.monitor()
    desk.play(trades, monitor)
    while desk.clock.now < START + HOUR:
        desk.clock.now += 10 * SECOND
        monitor.step(0)
    desk.play(later(trades, HOUR, 400), monitor)
    assert ("fired", "Old") in words(desk)
    assert ("no data", "Volatile") in words(desk)


def test_one_that_does_not_trade_again_is_told_a_minute_after_the_pause(desk: Desk) -> None:
    trades, monitor = tape(100), desk.monitor()
    desk.play(trades.filter(pl.col("event_at") < START + 40 * SECOND), monitor)
    after = later(trades, HOUR, 1_000).filter(pl.col("symbol") != SYMBOLS[2])
    desk.play(after, monitor)
    (alert,) = alerts.known(desk.state, as_of=START + timedelta(days=1))
    assert alert.firing.symbol == SYMBOLS[2]
    assert START + HOUR + MINUTE < alert.firing.known_at < START + HOUR + 70 * SECOND


def test_silence_and_lateness_count_the_time_in_which_the_scheduler_ran(
    demo_lake: DemoLake, tmp_path: Path
) -> None:
    settings: Settings = replace(demo_lake.settings, data_dir=tmp_path)
    state, now = State.open(settings.state), demo_lake.spec.end
    at = demo_lake.at()
    notes = {"feed": {"at": iso(now - 61 * MINUTE)}, "archive": {"at": iso(now - 2 * MINUTE)}}
    plain = LakeQuestion(at, state, now, notes)
    paused = replace(plain, pauses=(Pause(now - 61 * MINUTE, now - MINUTE),))
    assert MEASURED["silent_minutes"](plain).rows() == [("archive", 2.0), ("feed", 61.0)]
    assert MEASURED["silent_minutes"](paused).rows() == [("archive", 1.0), ("feed", 1.0)]
    late = later_than(at, state, now + timedelta(days=3), ())
    slept = Pause(now, now + timedelta(days=3) - HOUR)
    rested = later_than(at, state, now + timedelta(days=3), (slept,))
    dues = [name for name, hours in late.items() if hours]
    assert dues
    assert all(late[name] - rested[name] > 24 for name in dues if late[name] > 48)
    assert all(rested[name] <= late[name] for name in late)
    state.close()


def later_than(at: At, state: State, now: datetime, pauses: tuple[Pause, ...]) -> dict[str, float]:
    frame = MEASURED["late_hours"](LakeQuestion(at, state, now, pauses=pauses))
    return dict(frame.drop_nulls().iter_rows())
