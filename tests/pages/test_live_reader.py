"""The live desk's one reader: what it keeps, what it says when the bus goes, and for how many."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from data import streams
from data.bus.memory import MemoryBus
from data.clock import iso, utc_now
from data.errors import BusError
from data.settings import Settings
from data.state import alerts, rules
from data.state.alerts import AlertChange, Firing
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.alerting import WORDS
from pages.desk.processes import process_rows
from pages.frame import live_reader as module
from pages.frame.live_reader import Desk, LiveReader, last_trades
from tests.ingest.live.desk import SENT, START, SYMBOLS, tape
from tests.pages import world


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.settings(tmp_path)


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def reader(
    settings: Settings, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LiveReader]:
    monkeypatch.setattr(module, "PAUSE_S", 0.02)
    monkeypatch.setattr(module, "NOTES_EVERY_S", 0.0)
    made = LiveReader(settings, lambda _: bus)
    yield made
    made.close()


def wait_for(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)


def points(second: float, *prices: float, is_stale: bool = False) -> pa.Table:
    at = START + timedelta(seconds=second)
    return (
        pl.DataFrame({"symbol": list(SYMBOLS[: len(prices)]), "price": prices})
        .with_columns(at=pl.lit(at), is_stale=pl.lit(is_stale))
        .to_arrow()
    )


def word(kind: str, number: str, second: float) -> pa.Table:
    at = START + timedelta(seconds=second)
    row = {
        "kind": kind,
        "id": number,
        "rule": "r",
        "rule_id": 1,
        "severity": "info",
        "symbol": SYMBOLS[0],
        "metric": "price",
        "side": "above",
        "trigger": 1.0,
        "value": 2.0,
        "at": at,
        "known_at": at,
    }
    return pa.Table.from_pylist([row], schema=WORDS)


def test_points_trades_and_alerts_are_kept_once(reader: LiveReader, bus: MemoryBus) -> None:
    bus.publish(streams.points("demo"), points(0, 10.0, 20.0))
    assert reader.wait(5)
    bus.publish(streams.points("demo"), points(0.5, 11.0))
    bus.publish(streams.points("demo"), points(0.5, 11.0))  # said again after a crash
    bus.publish(streams.ALERTS, word("fired", "a", 1))
    bus.publish(streams.ALERTS, word("ended", "a", 5))
    trades = tape(2).select([f.name for f in SENT]).to_arrow().cast(pa.schema(SENT))
    bus.publish(streams.ticks("demo"), trades.combine_chunks())
    wait_for(lambda: bool(reader.look().alerts) and bool(reader.look().tape))
    wait_for(lambda: reader.look().alerts["a"].word == "ended")
    desk = reader.look()
    assert [price for _, price in desk.history[SYMBOLS[0]]] == [10.0, 11.0]
    assert desk.last[SYMBOLS[1]]["price"] == 20.0
    assert desk.alerts["a"].row["at"] == START + timedelta(seconds=1)
    newest = last_trades(desk, 5)
    assert len(newest) == 5
    assert newest[0]["known_at"] == trades["known_at"].combine_chunks().to_pylist()[-1]
    assert desk.newest == newest[0]["known_at"].astimezone(UTC)


def test_a_bus_that_goes_leaves_the_last_values_and_says_since_when(
    settings: Settings, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.02)
    away = False

    class Line(MemoryBus):
        def follow(self, *words: object, **named: object) -> object:  # type: ignore[override]  # passes all on
            if away:
                raise BusError("the line is cut")
            return bus.follow(*words, **named)  # type: ignore[arg-type]  # passes all on

        def tail(self, *words: object, **named: object) -> object:  # type: ignore[override]  # passes all on
            return bus.tail(*words, **named)  # type: ignore[arg-type]  # passes all on

        def last_id(self, stream: str) -> str:
            return bus.last_id(stream)

    reader = LiveReader(settings, lambda _: Line())
    bus.publish(streams.points("demo"), points(0, 10.0))
    assert reader.wait(5)
    away = True
    wait_for(lambda: reader.look().trouble is not None)
    assert reader.look().offline_since is not None
    assert reader.look().last[SYMBOLS[0]]["price"] == 10.0
    away = False
    bus.publish(streams.points("demo"), points(1, 12.0))
    wait_for(lambda: reader.look().last[SYMBOLS[0]]["price"] == 12.0)
    wait_for(lambda: reader.look().trouble is None)
    reader.close()


def test_what_is_drawn_is_drawn_once_for_all(reader: LiveReader, bus: MemoryBus) -> None:
    bus.publish(streams.points("demo"), points(0, 10.0))
    assert reader.wait(5)
    time.sleep(0.1)
    drawn = []

    def draw(desk: Desk) -> int:
        drawn.append(desk.turn)
        return desk.turn

    turn = reader.look().turn
    shown = [reader.shared("key", draw) for _ in range(50)]
    assert len(drawn) <= 1 + reader.look().turn - turn
    assert set(shown) == set(drawn)


def test_nobody_looking_means_nothing_is_read(
    reader: LiveReader, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus.publish(streams.points("demo"), points(0, 10.0))
    assert reader.wait(5)
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    time.sleep(1.0)
    bus.publish(streams.points("demo"), points(1, 11.0))
    time.sleep(0.3)
    assert reader._desk.last[SYMBOLS[0]]["price"] == 10.0
    monkeypatch.setattr(module, "PATIENCE_S", 30.0)
    reader.look()
    wait_for(lambda: reader.look().last[SYMBOLS[0]]["price"] == 11.0)


def test_after_a_pause_the_first_look_has_what_is_there_now(
    settings: Settings, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lid was closed: all clocks but the wall's stood still."""
    monkeypatch.setattr(module, "NOTES_EVERY_S", 3_600.0)
    slept = timedelta(0)
    reader = LiveReader(settings, lambda _: bus, lambda: START + slept)
    bus.note(streams.ticks("demo"), "feed", {"at": iso(START)})
    bus.publish(streams.points("demo"), points(0, 10.0))
    assert reader.wait(5)
    wait_for(lambda: "feed" in reader.look().notes)
    assert reader.look().watched_since == START
    trades = tape(1).select([f.name for f in SENT]).to_arrow().cast(pa.schema(SENT))
    bus.publish(streams.ticks("demo"), trades.combine_chunks())
    wait_for(lambda: bool(reader.look().arrivals))
    follow, is_asleep = bus.follow, threading.Event()

    def sleep(*words: Any, **named: Any) -> Any:
        while is_asleep.is_set():
            time.sleep(0.01)
        return follow(*words, **named)

    monkeypatch.setattr(bus, "follow", sleep)
    is_asleep.set()
    time.sleep(0.7)
    bus.publish(streams.points("demo"), points(3_600, 20.0))
    bus.note(streams.ticks("demo"), "feed", {"at": iso(START + timedelta(hours=1))})
    slept = timedelta(hours=1)
    threading.Timer(0.2, is_asleep.clear).start()
    desk = reader.look()
    assert desk.last[SYMBOLS[0]]["price"] == 20.0
    assert desk.notes["feed"]["at"] == iso(START + timedelta(hours=1))
    assert desk.watched_since == START + timedelta(hours=1)
    assert not desk.arrivals  # delays of then are none of now
    assert [at for at, _ in desk.history[SYMBOLS[0]]] == [
        int((START + timedelta(seconds=second)).timestamp() * 1000) for second in (0, 3_600)
    ]
    reader.close()


def test_the_last_price_of_a_silence_is_no_point_of_the_line(
    reader: LiveReader, bus: MemoryBus
) -> None:
    bus.publish(streams.points("demo"), points(0, 10.0))
    bus.publish(streams.points("demo"), points(0.5, 10.0, is_stale=True))
    bus.publish(streams.points("demo"), points(1, 11.0))
    bus.publish(streams.points("demo"), points(1.5, 11.0, is_stale=True))
    assert reader.wait(5)
    wait_for(lambda: len(reader.look().history[SYMBOLS[0]]) == 2)
    assert [price for _, price in reader.look().history[SYMBOLS[0]]] == [10.0, 11.0]
    assert reader.look().last[SYMBOLS[0]]["is_stale"]


def test_garbage_on_a_stream_is_read_past(reader: LiveReader, bus: MemoryBus) -> None:
    bus.publish(streams.points("demo"), points(0, 10.0))
    assert reader.wait(5)
    bus.publish(streams.ALERTS, word("fired", "a", 1))
    wait_for(lambda: "a" in reader.look().alerts)
    held = bus._streams[streams.ALERTS]
    bus.publish(streams.ALERTS, word("fired", "b", 2))
    held.payloads[-1] = b"garbage"
    bus.publish(streams.ALERTS, word("fired", "c", 3))
    wait_for(lambda: "c" in reader.look().alerts)


def test_the_first_look_does_not_wait_for_ever(settings: Settings) -> None:
    reader = LiveReader(settings, lambda _: MemoryBus(), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    begun = time.monotonic()
    reader.wait(0.3)
    assert time.monotonic() - begun < 2
    reader.close()


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    settings.state.parent.mkdir(parents=True, exist_ok=True)
    made = State.open(settings.state)
    yield made
    made.close()


def fire(state: State, number: str, second: float, condition: str = "firing") -> None:
    """An alert on record, as the monitor leaves it."""
    at = START + timedelta(seconds=second)
    held = rules.listed(state, as_of=at)
    rule = (
        held[0]
        if held
        else rules.create(
            state,
            Terms("A fall", {"metric": "price", "trigger": 1.0}),
            edit=Edit("tester", START - timedelta(days=1)),
        )
    )
    context = {"rule": "A fall", "side": "below", "at": iso(at)}
    firing = Firing(
        rule.id, rule.version, number, SYMBOLS[0], "price", at, 1.0, 0.9, "critical", context
    )
    row = alerts.insert(state, firing, now=at)[0].id
    if condition != "firing":
        later = at + timedelta(seconds=1)
        alerts.change(state, AlertChange(row, f"{number}:x", condition, later), now=later)


def test_a_bus_that_lost_everything_takes_no_alert_from_the_desk(
    settings: Settings, bus: MemoryBus, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire(state, "old", -90_000)
    fire(state, "over", 1, "normal")
    fire(state, "on", 2)
    monkeypatch.setattr(module, "PAUSE_S", 0.02)
    # A web process that starts after the bus was emptied: nothing of it is on the bus.
    reader = LiveReader(settings, lambda _: bus, lambda: START + timedelta(seconds=10))
    assert reader.wait(5)
    wait_for(lambda: len(reader.look().alerts) == 2)
    told = {name: (one.word, one.row["rule"]) for name, one in reader.look().alerts.items()}
    assert told == {"over": ("ended", "A fall"), "on": ("fired", "A fall")}
    assert reader.look().alerts["on"].row["at"] == START + timedelta(seconds=2)
    # What is told from then on goes on from there.
    bus.publish(streams.ALERTS, word("ended", "on", 5))
    bus.publish(streams.ALERTS, word("fired", "next", 6))
    wait_for(lambda: "next" in reader.look().alerts)
    assert reader.look().alerts["on"].word == "ended"
    reader.close()


def test_what_fired_while_the_bus_was_away_is_there_when_it_is_back(
    settings: Settings, bus: MemoryBus, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.02)
    away = threading.Event()
    follow = bus.follow

    def cut(*words: object, **named: object) -> object:
        if away.is_set():
            raise BusError("the line is cut")
        return follow(*words, **named)  # type: ignore[arg-type]  # passes all on

    monkeypatch.setattr(bus, "follow", cut)
    reader = LiveReader(settings, lambda _: bus, lambda: START + timedelta(seconds=10))
    assert reader.wait(5)
    away.set()
    wait_for(lambda: reader.look().trouble is not None)
    fire(state, "meanwhile", 3)
    away.clear()
    wait_for(lambda: "meanwhile" in reader.look().alerts)
    reader.close()


@pytest.mark.parametrize(
    ("reported", "watched", "is_silent", "has_lag"),
    [
        (3_600, 5, False, False),  # the page has just come back: it cannot know yet
        (3_600, 60, True, True),
        (5, 5, False, True),
        (40, None, True, True),
    ],
)
def test_an_old_report_is_a_silence_only_for_who_has_watched(
    reported: float, watched: float | None, *, is_silent: bool, has_lag: bool
) -> None:
    here = utc_now()

    def ago(seconds: float) -> datetime:
        return here - timedelta(seconds=seconds)

    place = f"{int(ago(reported).timestamp() * 1000)}-0"
    since = None if watched is None else ago(watched)
    facts = {"feed": {"at": iso(ago(reported)), "position": place}}
    (row,) = process_rows(Desk(notes=facts, newest=here, watched_since=since))
    assert ("silent for" in str(row["troubles"])) == is_silent
    assert (row["behind"] is not None) == has_lag
