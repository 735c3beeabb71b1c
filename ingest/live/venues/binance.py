"""Binance spot: aggregate trades over one combined websocket, holes filled over REST.

Trades carry the venue's own numbers. Where one is skipped, after a reconnect or within a
connection, what lies between is asked for and comes before what follows; what cannot be had stays
missing and is counted by the feed. It never asks for an account.
"""

from __future__ import annotations

import json
import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow as pa
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from data.datasets.ticks import TICKS
from ingest.lists import listed
from ingest.live.feed import Arrival
from ingest.live.venues.base import HEARTBEAT, Subscription, Venue
from ingest.runs.http_client import Stopwatch

CODE = "binance-agg"
PREFIX = "binance:"
MOST_STREAMS = 1_024  # of one connection
STREAMS_A_MESSAGE = 100
MESSAGE_GAP_S = 0.3  # five messages a second are allowed, pings and pongs among them
LIFE = timedelta(hours=23, minutes=50)  # the venue ends a connection after 24 hours
SILENCE_S = 30.0  # of the whole connection
QUIET = timedelta(minutes=10)  # of one pair: its name may be wrong, which is never said
PAUSE_S = (0.5, 30.0)
ATTEMPT_GAP_S = 1.1  # 300 attempts in five minutes are allowed
PAGE, MOST_FILLED = 1_000, 20_000
FILL_TIMEOUT_S = 10.0
SENT = pa.schema(
    [f for f in TICKS.schema if f.name not in (*TICKS.derived, "ingested_at", "superseded_at")]
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the venue answers."""

    stream: str = "wss://data-stream.binance.vision/stream"
    trades: str = "https://data-api.binance.vision/api/v3/aggTrades"


class Shutdown(Exception):
    """The venue said that it will close this connection at once."""


@dataclass(slots=True)
class Listener:
    """One thread on the socket; what came is taken from `rows`."""

    places: Places
    pairs: tuple[str, ...]
    last: dict[str, int]
    clock: Callable[[], datetime]
    rows: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    odd: int = 0
    filled: int = 0
    lives: int = 0
    _heard: dict[str, datetime] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _socket: ClientConnection | None = None
    _is_caught_up: bool = True
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._thread = threading.Thread(target=self._run, name="binance", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it, and wait until it has."""
        self._stop.set()
        if self._socket is not None:
            self._socket.close()
        if self._thread is not None:
            self._thread.join(timeout=FILL_TIMEOUT_S)

    def _run(self) -> None:
        fails = 0
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                self._live()
                fails = 0
            except Shutdown:
                log.warning("venue=binance closes this connection; another is opened at once")
                fails = 0
            except (OSError, WebSocketException, TimeoutError) as error:
                fails = 0 if time.monotonic() - begun > SILENCE_S else fails + 1
                log.warning("venue=binance gone=%s tries=%d", _words(error), fails)
            except Exception:
                log.exception("venue=binance")
                fails += 1
            least, most = PAUSE_S
            pause = random.uniform(0, min(most, least * 2**fails)) if fails else 0.0
            self._stop.wait(max(pause, ATTEMPT_GAP_S - (time.monotonic() - begun)))

    def _live(self) -> None:
        """One connection, from its opening to its end."""
        with connect(
            self.places.stream, max_queue=None, ping_interval=None, proxy=None, open_timeout=10
        ) as socket:
            self._socket = socket
            self.lives += 1
            ends = time.monotonic() + LIFE.total_seconds()
            self._subscribe(socket)
            self._is_caught_up = not self.last
            while not self._stop.is_set() and time.monotonic() < ends:
                self._take(socket.recv(timeout=SILENCE_S))
                self._ask_after_quiet()

    def _subscribe(self, socket: ClientConnection) -> None:
        names = [f"{pair.lower()}@aggTrade" for pair in self.pairs]
        for number, begin in enumerate(range(0, len(names), STREAMS_A_MESSAGE)):
            if number:
                self._stop.wait(MESSAGE_GAP_S)
            part = names[begin : begin + STREAMS_A_MESSAGE]
            socket.send(json.dumps({"method": "SUBSCRIBE", "params": part, "id": number + 1}))
        now = self.clock()
        self._heard = dict.fromkeys(self.pairs, now)

    def _take(self, frame: str | bytes) -> None:
        try:
            told = json.loads(frame)
            event = told.get("data", told)
            kind = event.get("e")
        except (ValueError, AttributeError):
            self._count_odd(frame)
            return
        if kind == "serverShutdown":
            raise Shutdown
        if kind == "aggTrade":
            self._trade(event, frame)
        elif "code" in told or "error" in told:
            log.warning("venue=binance refused=%s", str(told)[:200])

    def _trade(self, event: Mapping[str, Any], frame: str | bytes) -> None:
        try:
            row = row_of(event, self.clock())
        except (KeyError, ValueError, TypeError):
            self._count_odd(frame)
            return
        if not self._is_caught_up:
            self._catch_up(row["event_at"])
        pair = str(event["s"])
        last = self.last.get(pair)
        if last is not None and row["trade_id"] > last + 1:
            for missing in self._between(pair, last + 1, row["trade_id"]):
                self.rows.put(missing)
        elif last is not None and row["trade_id"] <= last:
            return
        self.last[pair] = row["trade_id"]
        self._heard[pair] = row["known_at"]
        self.rows.put(row)

    def _catch_up(self, until: datetime) -> None:
        """What all pairs traded since the last connection, in the order of time.

        Up to the first trade heard: what comes later is on the socket already.
        """
        self._is_caught_up = True
        missed: list[dict[str, Any]] = []
        for pair in [pair for pair in self.pairs if pair in self.last]:
            for row in self._between(pair, self.last[pair] + 1, None):
                if row["event_at"] >= until:
                    break
                missed.append(row)
                self.last[pair] = row["trade_id"]
        for row in sorted(missed, key=lambda row: (row["event_at"], row["trade_id"])):
            self.rows.put(row)

    def _between(self, pair: str, first: int, until: int | None) -> Iterator[dict[str, Any]]:
        """Trades that were skipped, as far as the venue gives them and they are not too many.

        Without `until`, all that there are.
        """
        number, most = first, first + MOST_FILLED
        end = most if until is None else min(until, most)
        if until is not None and until > most:
            log.warning(
                "venue=binance pair=%s too_many=%d not_filled=%d", pair, until - first, until - most
            )
        try:
            with httpx.Client(timeout=FILL_TIMEOUT_S, trust_env=False) as client:
                while number < end and not self._stop.is_set():
                    limit = str(min(PAGE, end - number))
                    asked = {"symbol": pair, "fromId": str(number), "limit": limit}
                    page = self._page(client, asked)
                    found = [row_of({"s": pair} | event, self.clock()) for event in page]
                    found = [row for row in found if number <= row["trade_id"] < end]
                    if not found:
                        break
                    self.filled += len(found)
                    yield from found
                    number = found[-1]["trade_id"] + 1
        except (httpx.HTTPError, KeyError, ValueError, TypeError, AttributeError) as error:
            log.warning("venue=binance pair=%s from=%d not_filled=%s", pair, number, _words(error))

    def _page(self, client: httpx.Client, asked: dict[str, str]) -> list[dict[str, Any]]:
        """A page of trades, whole within the time limit or not at all."""
        with Stopwatch(FILL_TIMEOUT_S) as watch:
            extensions = {"trace": watch.see}
            answer = client.get(self.places.trades, params=asked, extensions=extensions)
        page: list[dict[str, Any]] = answer.raise_for_status().json()
        return page

    def _count_odd(self, frame: str | bytes) -> None:
        self.odd += 1
        if self.odd in (1, 10, 100) or self.odd % 1000 == 0:
            log.warning("venue=binance odd_frames=%d the last: %r", self.odd, frame[:120])

    def _ask_after_quiet(self) -> None:
        now = self.clock()
        for pair, heard in self._heard.items():
            if now - heard > QUIET:
                log.warning(
                    "venue=binance pair=%s no trade for %s; is its name right?", pair, QUIET
                )
                self._heard[pair] = now


def row_of(event: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """An aggregate trade of the stream or of REST as a row of ticks, received now."""
    return {
        "venue": CODE,
        "symbol": f"{PREFIX}{event['s']}",
        "trade_id": int(event["a"]),
        "event_at": datetime.fromtimestamp(int(event["T"]) / 1000, UTC),
        "price": float(event["p"]),
        "size": float(event["q"]),
        # The buyer who waited in the book was hit by a seller.
        "side": "sell" if event["m"] else "buy",
        "known_at": now,
        "vintage_grade": "native",
        "source": "binance",
    }


def arrivals(subscription: Subscription, places: Places | None = None) -> Iterator[Arrival]:
    """What the pairs of the list traded, in blocks; a quiet second is an empty one."""
    pairs = tuple(name.removeprefix(PREFIX) for name in listed("binance", "symbol"))
    known = zip(subscription.last["symbol"], subscription.last["trade_id"], strict=True)
    last = {name.removeprefix(PREFIX): number for name, number in known}
    if len(pairs) > MOST_STREAMS:
        log.warning("venue=binance pairs=%d; only the first %d", len(pairs), MOST_STREAMS)
    listener = Listener(places or Places(), pairs[:MOST_STREAMS], last, subscription.clock)
    listener.start()
    empty, moment = pa.RecordBatch.from_pylist([], schema=SENT), subscription.clock()
    try:
        while not subscription.wait(subscription.every.total_seconds()):
            rows = [listener.rows.get_nowait() for _ in range(listener.rows.qsize())]
            now = subscription.clock()
            if rows:
                yield now, pa.RecordBatch.from_pylist(rows, schema=SENT)
            elif now - moment >= HEARTBEAT:
                yield now, empty
            else:
                continue
            moment = now
    finally:
        listener.close()


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {str(error)[:120]}".strip()


VENUE = Venue("binance", CODE, "Binance spot, aggregate trades", arrivals, replays=True)
