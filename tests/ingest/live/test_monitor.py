"""The monitor: the same alerts however often it dies, whatever the bus lost, and as in replay."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.live.live import live_metrics
from analytics.live.rules import rule_rehearsal
from data import streams
from data.bus.blocks import next_id
from data.errors import BusError, StateError
from data.state import alerts, positions, rules, watchlists
from data.state.alerts import Alert
from data.state.positions import Draft
from data.state.rules import Terms
from data.state.values import Edit
from data.state.watchlists import Member
from ingest.live.monitor import Monitor
from tests.ingest.live.desk import CRASH, START, SYMBOLS, VENUE, Desk, tape

LATER = START + timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def fired(desk: Desk) -> list[Alert]:
    return sorted(alerts.known(desk.state, as_of=LATER), key=lambda alert: alert.firing.known_at)


def episodes(desk: Desk) -> list[tuple[str, str]]:
    """Every episode: what began it, and where it stands."""
    return [(alert.firing.event_id, alert.condition) for alert in fired(desk)]


def points(desk: Desk) -> pl.DataFrame:
    entries = desk.bus.tail(streams.points(VENUE), 100_000)
    return pl.concat([pl.DataFrame(entry.block) for entry in entries])


def test_a_crash_is_one_alert_with_all_that_is_needed_to_judge_it(desk: Desk) -> None:
    stored = desk.rule()
    desk.play(tape(90, crashes=[60]), desk.monitor())
    (alert,) = fired(desk)
    firing = alert.firing
    assert (firing.rule_id, firing.rule_version) == (stored.id, stored.version)
    assert (firing.symbol, firing.metric, firing.threshold) == (SYMBOLS[0], "max_drawdown", -0.05)
    assert firing.trigger_value == pytest.approx(-0.1, abs=0.01)
    assert START + timedelta(seconds=60) < firing.known_at < START + timedelta(seconds=62)
    assert firing.context["point"]["price"] == pytest.approx(90, abs=1)
    assert firing.context["window"][1] == firing.context["at"]
    assert not alerts.known(desk.state, as_of=firing.known_at - timedelta(microseconds=1))
    words = [row for e in desk.bus.tail(streams.ALERTS) for row in e.block.to_pylist()]
    assert [(word["kind"], word["id"]) for word in words] == [("fired", firing.event_id)]


def test_what_could_be_told_only_after_a_gap_is_dated_after_it(desk: Desk) -> None:
    """No trade for a minute: that it was quiet is known once the next one comes, not before."""
    desk.rule(Terms("Old", {"metric": "age_ms", "trigger": 20_000, "rearm": 1_000}))
    gap = [START + timedelta(seconds=at) for at in (40, 100)]
    trades, monitor = tape(120), desk.monitor()
    desk.play(trades.filter(pl.col("event_at") < gap[0]), monitor)
    desk.clock.now = START + timedelta(seconds=70)
    monitor.step(0)  # it watches all the time
    desk.play(trades.filter(pl.col("event_at") >= gap[1]), monitor)
    found = fired(desk)
    assert len(found) == len(SYMBOLS)
    for alert in found:
        assert alert.firing.context["at"] < "2026-11-20T12:01:02"
        assert alert.firing.known_at >= gap[1]


def test_the_end_of_an_episode_is_dated(desk: Desk) -> None:
    desk.rule()
    desk.play(tape(120, crashes=[60]), desk.monitor())
    (alert,) = fired(desk)
    assert alert.condition == "normal"
    during = alert.firing.known_at + timedelta(seconds=5)
    assert alerts.read(desk.state, alert.id, as_of=during).condition == "firing"  # type: ignore[union-attr]  # it is there


def test_a_life_that_ends_anywhere_changes_nothing(tmp_path: Path, rng: random.Random) -> None:
    trades = tape(150, rate=4, crashes=[40, 80, 81, 120])
    calm, wild = Desk(tmp_path / "calm"), Desk(tmp_path / "wild")
    for desk in (calm, wild):
        desk.rule()
        desk.rule(Terms("Odd", {"metric": "return_z", "trigger": 3.5, "rearm": 1.0}))
    calm.play(trades, calm.monitor())

    class Mortal(Monitor):
        """Dies between any two of its effects."""

        def _publish(self, points: pl.DataFrame) -> None:
            _maybe_die(rng)
            super()._publish(points)
            _maybe_die(rng)

    lives = 0
    monitor: Monitor | None = None
    for second in range(150):
        begin = START + timedelta(seconds=second)
        part = trades.filter(
            pl.col("event_at").is_between(begin, begin + timedelta(seconds=1), closed="left")
        )
        wild.play(part)
        try:
            if monitor is None:
                base = wild.monitor()
                monitor = Mortal(
                    base.bus, base.db, base.state, base.venue, base.code, base.path, base.clock
                )
                lives += 1
            monitor.step(0)
        except KeyboardInterrupt:
            monitor = None
    last = wild.monitor()
    while last.step(0) or last.position != wild.bus.last_id(last.stream):
        pass
    assert lives > 12
    assert episodes(wild) == episodes(calm)
    assert len(episodes(calm)) > 3
    seen = points(wild).unique(["at", "symbol"], maintain_order=True).sort("at", "symbol")
    assert seen.equals(points(calm).sort("at", "symbol"))
    calm.close()
    wild.close()


def _maybe_die(rng: random.Random) -> None:
    if rng.random() < 0.1:
        raise KeyboardInterrupt


def test_live_and_replay_tell_the_same(desk: Desk) -> None:
    desk.rule()
    trades = tape(140, rate=5, crashes=[60, 100])
    monitor, archive = desk.monitor(), desk.archive()
    desk.play(trades, monitor, every=timedelta(milliseconds=500))
    desk.clock.now += timedelta(minutes=1)
    desk.feed.beat()
    archive.step(0)
    archive.step(0)
    at = desk.db.at(LATER)
    span = {"symbols": list(SYMBOLS), "start": START, "end": START + timedelta(minutes=4)}
    again = rule_rehearsal(
        at,
        metric="max_drawdown",
        trigger=-0.05,
        side="below",
        cooldown_s=30.0,
        **span,  # type: ignore[arg-type]  # a span of both kinds
    ).frame
    version = f"{fired(desk)[0].firing.rule_id}.1"
    live = [(a.firing.symbol, a.firing.known_at, a.firing.trigger_value) for a in fired(desk)]
    replayed = [
        (row["symbol"], row["known_at"], row["value"])
        for row in again.filter(kind="fired").iter_rows(named=True)
    ]
    assert live == replayed
    assert len(live) == 2
    assert set(monitor.watches) == {version}
    folded = live_metrics(at, **span).frame  # type: ignore[arg-type]  # a span of both kinds
    assert points(desk).sort("at", "symbol").equals(folded.head(points(desk).height))


def test_what_the_bus_lost_comes_from_the_lake(desk: Desk, tmp_path: Path) -> None:
    calm = Desk(tmp_path / "calm")
    trades = tape(200, crashes=[100])
    for item in (calm, desk):
        item.rule()
    calm.play(trades, calm.monitor())
    monitor, archive = desk.monitor(), desk.archive()
    desk.play(trades.filter(pl.col("event_at") < START + timedelta(seconds=50)), monitor)
    desk.play(trades.filter(pl.col("event_at") >= START + timedelta(seconds=50)))
    while archive.step(0):
        pass
    archive.step(0)
    stored = desk.bus.notes("ticks:demo")["archive"]["position"]
    desk.bus.trim("ticks:demo", stored)  # as if the monitor had been away for too long
    monitor.step(0)
    assert monitor.missed == 1
    assert episodes(desk) == episodes(calm)
    calm.close()


def test_a_rule_says_nothing_of_what_was_before_it(desk: Desk) -> None:
    desk.rule(at=START + timedelta(seconds=100))
    desk.play(tape(120, crashes=[60]), desk.monitor())
    assert fired(desk) == []


def test_a_changed_rule_ends_the_alert_of_the_old_one(desk: Desk) -> None:
    stored = desk.rule()
    trades = tape(100, crashes=[60])
    monitor = desk.monitor()
    desk.play(trades.filter(pl.col("event_at") < START + timedelta(seconds=63)), monitor)
    assert [condition for _, condition in episodes(desk)] == ["firing"]
    softer = Terms("A crash", dict(CRASH.definition) | {"trigger": -0.5})
    rules.save(desk.state, stored.id, softer, edit=Edit("tester", desk.clock.now))
    desk.play(trades.filter(pl.col("event_at") >= START + timedelta(seconds=63)), monitor)
    assert [condition for _, condition in episodes(desk)] == ["normal"]


def test_missing_data_is_not_ok(desk: Desk) -> None:
    desk.rule(Terms("Vol", {"metric": "volatility", "trigger": 1.0, "rearm": 0.5}))
    desk.rule(Terms("Old", {"metric": "age_ms", "trigger": 20_000, "rearm": 1_000}))
    trades = tape(140)
    quiet = (pl.col("symbol") == SYMBOLS[1]) & pl.col("event_at").is_between(
        START + timedelta(seconds=60), START + timedelta(seconds=100)
    )
    monitor = desk.monitor()
    desk.play(trades.filter(~quiet), monitor)
    words = [row for e in desk.bus.tail(streams.ALERTS) for row in e.block.to_pylist()]
    kinds = [(word["kind"], word["rule"], word["symbol"]) for word in words]
    assert kinds == [
        ("no data", "Vol", SYMBOLS[1]),
        ("fired", "Old", SYMBOLS[1]),
        ("ended", "Old", SYMBOLS[1]),
        ("data again", "Vol", SYMBOLS[1]),
    ] or kinds == [
        ("no data", "Vol", SYMBOLS[1]),
        ("fired", "Old", SYMBOLS[1]),
        ("data again", "Vol", SYMBOLS[1]),
        ("ended", "Old", SYMBOLS[1]),
    ]


def test_a_rule_that_cannot_be_read_is_said_and_the_others_go_on(desk: Desk) -> None:
    broken = desk.rule(Terms("Broken", {"metric": "colour", "trigger": 1}))
    lost = desk.rule(Terms("Lost", {"metric": "price", "trigger": 1, "watchlist": "None such"}))
    desk.rule()
    monitor = desk.monitor()
    desk.play(tape(70, crashes=[60]), monitor)
    assert len(fired(desk)) == 1
    errors = desk.bus.notes("ticks:demo")["monitor"]["errors"]
    assert "expected one of" in errors[str(broken.id)]
    assert "no watchlist" in errors[str(lost.id)]


def test_a_rule_over_a_list_or_a_portfolio_sees_only_its_instruments(desk: Desk) -> None:
    edit = Edit("tester", START - timedelta(days=2))
    watchlists.create(desk.state, "Mine", [Member(SYMBOLS[1])], edit=edit)
    above = {"metric": "price", "trigger": 1.0, "rearm": 0.5}
    desk.rule(Terms("List", above | {"watchlist": "Mine"}))
    desk.rule(Terms("Named", above | {"symbols": [SYMBOLS[2]]}))
    draft = Draft("Coins", SYMBOLS[0], 2.0, 80.0, "USD", START - timedelta(days=3))
    positions.enter(desk.state, draft, edit=edit)
    desk.rule(Terms("Held", above | {"portfolio": "Coins"}))
    desk.play(tape(40), desk.monitor())
    found = {alert.firing.context["rule"]: alert.firing.symbol for alert in fired(desk)}
    assert found == {"List": SYMBOLS[1], "Named": SYMBOLS[2], "Held": SYMBOLS[0]}


def test_a_state_that_is_away_for_a_moment_does_not_stop_the_fold(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.rule()
    monitor = desk.monitor()
    trades = tape(90, crashes=[80])
    desk.play(trades.filter(pl.col("event_at") < START + timedelta(seconds=20)), monitor)

    def away(*_: object, **__: object) -> None:
        raise StateError("the state is away")

    with monkeypatch.context() as patch:
        patch.setattr(rules, "listed", away)
        middle = pl.col("event_at").is_between(
            START + timedelta(seconds=20), START + timedelta(seconds=40)
        )
        desk.play(trades.filter(middle), monitor)
    desk.play(trades.filter(pl.col("event_at") > START + timedelta(seconds=40)), monitor)
    assert len(fired(desk)) == 1


def test_a_bus_that_is_gone_is_the_callers_to_wait_for(desk: Desk) -> None:
    monitor = desk.monitor()
    desk.bus.close()
    with pytest.raises(BusError):
        monitor.step(0)


def test_a_block_that_is_none_stops_nothing(desk: Desk) -> None:
    """Wrong types, missing columns, nulls: said, left out, and the fold goes on."""
    desk.rule()
    monitor = desk.monitor()
    trades = tape(90, crashes=[80])
    half = START + timedelta(seconds=40)
    desk.play(trades.filter(pl.col("event_at") < half), monitor)
    odd = pl.DataFrame(
        {"symbol": ["A"], "event_at": [half], "price": ["much"], "size": ["x"], "trade_id": ["one"]}
    )
    holes = trades.head(4).with_columns(
        symbol=pl.Series([None, "A", "A", "A"]),
        price=pl.Series([1.0, None, 1.0, 1.0]),
        event_at=pl.Series([half, half, None, half]),
        trade_id=pl.Series([1, 2, 3, None]),
    )
    for block in (odd, odd.drop("price"), holes.drop("trade_id"), holes):
        name = next_id(desk.bus.last_id("ticks:demo"), desk.clock.now)
        desk.bus.publish("ticks:demo", block.to_arrow(), entry_id=name)
    desk.play(trades.filter(pl.col("event_at") >= half), monitor)
    assert monitor.live.refused == 4
    assert len(fired(desk)) == 1


def test_bad_input_is_counted_kept_and_stops_nothing(desk: Desk) -> None:
    """Worthless prices, a spike, a clock ahead, disorder, repetitions, a gap of 40 s, a flood."""
    desk.rule()
    desk.rule(Terms("Spike", {"metric": "return_z", "trigger": 50, "rearm": 10}))
    trades = tape(180, crashes=[150])
    gap = [START + timedelta(seconds=at) for at in (60, 100)]
    quiet = pl.col("event_at").is_between(*gap, closed="left")
    second = pl.col("event_at").dt.truncate("1s")
    odd = trades.filter(~quiet).with_columns(
        price=pl.when((second == START + timedelta(seconds=20)) & (pl.col("trade_id") % 2 == 0))
        .then(0.0)
        .when(second == START + timedelta(seconds=21))
        .then(-1.0)
        .when((second == START + timedelta(seconds=110)) & (pl.col("symbol") == SYMBOLS[2]))
        .then(pl.col("price") * 1e3)
        .otherwise(pl.col("price")),
        event_at=pl.when(second == START + timedelta(seconds=25))
        .then(pl.col("event_at") + timedelta(hours=1))
        .otherwise(pl.col("event_at")),
    )
    flood = tape(2, rate=200, seed=9, start=START + timedelta(seconds=30)).with_columns(
        trade_id=pl.col("trade_id") + 50_000, symbol=pl.lit("demo:NEWUSD")
    )
    again = odd.filter(second == START + timedelta(seconds=40))
    mixed = pl.concat([odd, flood, again]).sort("known_at", maintain_order=True)
    monitor, archive = desk.monitor(), desk.archive()
    desk.play(mixed, monitor)
    desk.clock.now += timedelta(minutes=1)
    desk.feed.beat()
    while archive.step(0):
        pass
    assert desk.feed.sequence.repeated >= again.height
    assert (
        monitor.live.refused
        == odd.filter(pl.col("price") <= 0).height
        + odd.filter(pl.col("event_at") > pl.col("known_at") + timedelta(minutes=1)).height
    )
    found = {(alert.firing.context["rule"], alert.firing.symbol) for alert in fired(desk)}
    assert ("A crash", SYMBOLS[0]) in found
    assert ("Spike", SYMBOLS[2]) in found
    stored = desk.db.at(LATER).sql("SELECT count(*) AS n, min(price) AS low FROM ticks").frame
    assert stored.row(0) == (desk.feed.rows, -1.0)
