"""The live desk of one web process: one reader of the bus, whoever and however many watch.

Sessions read what it holds and never the bus. It reads while somebody looks; when the bus is gone
it keeps the last values and says since when. After a pause (nobody looked, the machine slept) it
reads on from the ends before it shows anything again. What fired is in the state, so it is read
from there first: a bus forgets, and is told nothing while it is away.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from analytics.live.rules import Told
from data import streams
from data.bus import Bus, find_bus
from data.bus.blocks import BusEntry, Facts, NotABlock
from data.clock import parse_instant, utc_now
from data.errors import BusError, ConfigError, WorkstationError
from data.settings import Settings
from data.state import alerts
from data.state.alerts import Alert, Condition
from data.state.db import State

HISTORY = 1_200  # points of each instrument: ten minutes
TAPE = 20  # blocks of trades
ALERTS = 300
PATIENCE_S = 30.0  # after the last look it stops reading
PAUSE_S = 1.0
STOOD_STILL = timedelta(seconds=10)  # of the reader, above what it rests between readings
CATCH_UP_S = 1.5  # what a look waits for at most
NOTES_EVERY_S = 5.0
WAIT_MS = 500
RECENT = timedelta(seconds=10)
DAY = timedelta(days=1)
WORDS: Mapping[Condition, Told] = {
    "firing": "fired",
    "normal": "ended",
    "no_data": "no data",
}  # of the state and the bus

Lags = npt.NDArray[np.float64]  # milliseconds from the feed to here, one for each trade

log = logging.getLogger("barograph.web")


@dataclass(frozen=True, slots=True)
class AlertState:
    """One alert as far as it was told: its last word, and the one that began it."""

    word: Told | Condition
    row: Mapping[str, Any]


@dataclass(slots=True)
class Desk:
    """What was heard; replaced piece by piece under the hub's lock."""

    last: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    history: dict[str, deque[tuple[int, float]]] = field(default_factory=dict)
    tape: deque[pa.RecordBatch] = field(default_factory=lambda: deque(maxlen=TAPE))
    alerts: dict[str, AlertState] = field(default_factory=dict)
    notes: dict[str, Facts] = field(default_factory=dict)
    are_notes_read: bool = False
    arrivals: deque[tuple[datetime, Lags]] = field(default_factory=deque)
    newest: datetime | None = None
    watched_since: datetime | None = None  # without a pause
    trouble: str | None = None
    offline_since: datetime | None = None
    turn: int = 0


def _alert_state(alert: Alert) -> AlertState:
    """An alert of the state in the words of the bus."""
    firing, context = alert.firing, alert.firing.context
    at = context.get("at")
    row = {
        "id": firing.event_id,
        "rule": str(context.get("rule", "")),
        "rule_id": firing.rule_id,
        "severity": firing.severity,
        "symbol": firing.symbol,
        "metric": firing.metric,
        "side": context.get("side"),
        "trigger": firing.threshold,
        "value": firing.trigger_value,
        "at": parse_instant(at) if isinstance(at, str) else firing.known_at,
        "known_at": firing.known_at,
    }
    return AlertState(WORDS.get(alert.condition, alert.condition), row)


def last_trades(desk: Desk, count: int) -> Sequence[Mapping[str, Any]]:
    """The newest trades, newest first."""
    blocks = [block.slice(max(0, block.num_rows - count)) for block in desk.tape]
    if not blocks:
        return []
    whole = pl.concat(map(pl.DataFrame, blocks), how="diagonal_relaxed")
    return whole.sort("known_at", descending=True, maintain_order=True).head(count).to_dicts()


class LiveReader:
    """Started by the first look."""

    def __init__(
        self,
        settings: Settings,
        make: Callable[[Settings], Bus] = find_bus,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings, self._make, self._clock = settings, make, clock
        venue = streams.venue_of(settings)
        self._ticks, self._points = streams.ticks(venue), streams.points(venue)
        self._lock = threading.Lock()
        self._desk = Desk()
        self._places: dict[str, str] = {}
        self._looked = 0.0
        self._noted = 0.0  # nought: at the next reading
        self._wake = threading.Event()
        self._is_closed = False
        self._read_at: datetime | None = None
        self._rests = timedelta(0)
        self._thread: threading.Thread | None = None
        self._drawn: dict[Any, tuple[int, Any]] = {}

    def look(self) -> Desk:
        """What is known now, read first where the reader had paused.

        Its containers change while it is read: `shared` holds them still.
        """
        self._looked = time.monotonic()
        self._wake.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._run, name="live reader", daemon=True
                    )
                    self._thread.start()
        end = time.monotonic() + CATCH_UP_S
        while self._stood_still() and not self._is_closed and time.monotonic() < end:
            time.sleep(0.01)
        return self._desk

    def _stood_still(self) -> bool:
        """Whether the last reading is older than any that follows another."""
        read_at = self._read_at
        return read_at is not None and self._clock() - read_at > STOOD_STILL + self._rests

    def shared(self, key: Any, make: Callable[[Desk], Any]) -> Any:
        """What `make` draws of the desk, drawn once for all sessions until something is new."""
        desk = self.look()
        with self._lock:
            kept = self._drawn.get(key)
            if kept is None or kept[0] != desk.turn:
                if len(self._drawn) > 200:
                    self._drawn.clear()
                kept = self._drawn[key] = (desk.turn, make(desk))
            return kept[1]

    def wait(self, seconds: float) -> bool:
        """Whether anything is known, or that the bus is gone; the first visitor waits for it."""
        self.look()
        end = time.monotonic() + seconds
        desk = self._desk
        while (
            not (desk.are_notes_read or desk.trouble or self._is_closed) and time.monotonic() < end
        ):
            time.sleep(0.02)
        return bool(desk.turn)

    def close(self) -> None:
        """Ends the reader."""
        self._is_closed = True
        self._wake.set()

    def _run(self) -> None:
        bus: Bus | None = None
        while not self._is_closed:
            if time.monotonic() - self._looked > PATIENCE_S:
                self._wake.clear()
                self._wake.wait()
                continue
            try:
                if bus is None:
                    bus = self._make(self._settings)
                self._turn(bus)
            except (BusError, ConfigError) as error:
                self._gone(error)
                time.sleep(PAUSE_S)
            except Exception:
                log.exception("where=hub")
                time.sleep(PAUSE_S)

    def _turn(self, bus: Bus) -> None:
        """One reading; the first one, and one after a pause, begins at the ends."""
        if self._read_at is None or self._stood_still():
            self._begin_anew()
        if not self._places:
            self._catch_up(bus)
        self._ask(bus)
        self._read_at = self._clock()
        self._read(bus)
        if self._stood_still():
            return  # the machine slept while this waited
        self._read_at = self._clock()
        self._rest(bus)

    def _begin_anew(self) -> None:
        """Read on from the newest entries; delays measured before the pause no longer count."""
        self._places, self._noted = {}, 0.0
        with self._lock:
            self._desk.watched_since = self._clock()
            self._desk.arrivals.clear()

    def _catch_up(self, bus: Bus) -> None:
        """The last minutes from the ends of the streams."""
        counts = {self._points: HISTORY, self._ticks: 20, streams.ALERTS: ALERTS}
        for stream, count in counts.items():
            entries = bus.tail(stream, count)
            with self._lock:
                self._take(stream, entries, is_old=True)
                self._desk.turn += 1
            self._places[stream] = entries[-1].id if entries else bus.last_id(stream)

    def _ask(self, bus: Bus) -> None:
        """Now and again: what each process says of itself, and what fired."""
        if time.monotonic() - self._noted < max(NOTES_EVERY_S, bus.pauses().read):
            return
        self._recall()
        notes = bus.notes(self._ticks)
        self._noted = time.monotonic()
        with self._lock:
            self._desk.notes, self._desk.are_notes_read = notes, True
            self._desk.turn += 1

    def _rest(self, bus: Bus) -> None:
        """Where commands are counted, one reading for each block is enough."""
        self._rests = timedelta(seconds=bus.pauses().read)
        end = time.monotonic() + bus.pauses().read
        while not self._is_closed and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))

    def _recall(self) -> None:
        """What fired in the last day, from the state, in the condition that it is in now."""
        if not self._settings.state.exists():
            return
        moment = self._clock()
        try:
            state = State.open(self._settings.state)
            try:
                found = alerts.known(state, as_of=moment, since=moment - DAY, limit=ALERTS)
            finally:
                state.close()
        except WorkstationError as error:
            log.warning("where=hub alerts=%s", error)
            return
        with self._lock:
            heard = self._desk.alerts
            alert_states = {item.firing.event_id: _alert_state(item) for item in reversed(found)}
            whole = alert_states | {
                name: alert_state for name, alert_state in heard.items() if name not in alert_states
            }
            if whole != heard:
                self._desk.alerts = whole
                self._desk.turn += 1

    def _read(self, bus: Bus) -> None:
        try:
            news = bus.follow(self._places, block_ms=WAIT_MS)
        except NotABlock as error:
            self._places[error.stream] = error.entry_id
            return
        for stream, entries in news.items():
            with self._lock:
                self._take(stream, entries)
            self._places[stream] = entries[-1].id
        with self._lock:
            self._desk.trouble = self._desk.offline_since = None
            self._desk.turn += bool(news)

    def _take(self, stream: str, entries: list[BusEntry], *, is_old: bool = False) -> None:
        blocks = [entry.block for entry in entries if entry.block.num_rows]
        if stream == self._ticks:
            for block in blocks:
                self._take_ticks(block, is_old=is_old)
            return
        if not blocks:
            return
        whole = pl.concat(map(pl.DataFrame, blocks), how="diagonal_relaxed")
        if stream == self._points:
            self._take_points(whole)
        else:
            self._take_alerts(whole)

    def _take_points(self, points: pl.DataFrame) -> None:
        for (symbol,), mine in points.partition_by("symbol", as_dict=True).items():
            pairs = self._desk.history.setdefault(str(symbol), deque(maxlen=HISTORY))
            seen = pairs[-1][0] if pairs else 0
            at = mine["at"].dt.epoch("ms")
            known = zip(at, mine["price"], mine["is_stale"], strict=True)
            # The last price of a silence is no price of its moments: the line breaks.
            pairs.extend((a, p) for a, p, is_stale in known if a > seen and not is_stale)
            self._desk.last[str(symbol)] = mine.row(-1, named=True)

    def _take_ticks(self, block: pa.RecordBatch, *, is_old: bool) -> None:
        """Kept as it came: whoever looks makes rows of it, at most once for each turn."""
        self._desk.tape.append(block)
        known = block.column("known_at").cast(pa.int64()).to_numpy(zero_copy_only=False)
        self._desk.newest = datetime.fromtimestamp(int(known.max()) / 1e6, UTC)
        if is_old:
            return
        moment = self._clock()
        arrivals = self._desk.arrivals
        arrivals.append((moment, (moment.timestamp() * 1e6 - known) / 1_000))
        while arrivals and moment - arrivals[0][0] > RECENT:
            arrivals.popleft()

    def _take_alerts(self, words: pl.DataFrame) -> None:
        for row in words.iter_rows(named=True):
            name = row["id"] or f"{row['rule_id']} {row['symbol']}"
            alert_state = self._desk.alerts.pop(name, None)
            if row["kind"] == "data again" and not row["id"]:
                continue  # what was silent speaks again, and nothing had fired
            first = alert_state.row if alert_state and row["kind"] != "fired" else row
            self._desk.alerts[name] = AlertState(row["kind"], first)
        for name in list(self._desk.alerts)[:-ALERTS]:
            del self._desk.alerts[name]

    def _gone(self, error: Exception) -> None:
        with self._lock:
            if self._desk.trouble is None:
                log.warning("where=hub bus_gone=%s", error)
            self._noted, self._read_at = 0.0, self._clock()
            self._desk.trouble = str(error)
            self._desk.offline_since = self._desk.offline_since or self._clock()
            self._desk.turn += 1
