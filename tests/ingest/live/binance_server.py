"""A venue that speaks Binance's protocol on this machine: its socket, its REST, and its moods.

Trades are a pure function of pair and number, so that what was sent can be known afterwards.
"""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from ingest.live.venues.binance import Places

BEGIN_MS = 1_795_000_000_000
RATE_MS = 20


def price(pair: str, number: int) -> float:
    return round(100 + len(pair) + (number * 7919 % 1000) / 100, 2)


def trade(pair: str, number: int) -> dict[str, Any]:
    """As the stream sends it; both pairs trade at each instant."""
    at = BEGIN_MS + number * RATE_MS
    return {
        "e": "aggTrade",
        "E": at + 1,
        "s": pair,
        "a": number,
        "p": f"{price(pair, number):.8f}",
        "q": "0.50000000",
        "f": number,
        "l": number,
        "T": at,
        "m": number % 3 == 0,
        "M": True,
    }


@dataclass
class Venue:
    """What it does to its callers, and from which number on. `at` is traded next."""

    pairs: tuple[str, ...]
    pace_s: float = 0.002
    at: int = 1
    silent: set[tuple[str, int]] = field(default_factory=set)
    moods: dict[int, Callable[[ServerConnection], bool | None]] = field(default_factory=dict)
    control: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    rest_status: int = 200
    places: Places = field(default_factory=Places)
    stopped: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def run(self) -> None:
        """Trade on, whether anybody listens or not."""
        while not self.stopped.wait(self.pace_s):
            self.at += 1

    def handle(self, socket: ServerConnection) -> None:
        """One connection: wants a subscription, then sends what is traded from now on."""
        self.connections += 1
        wanted: list[str] = []
        reader = threading.Thread(target=self._listen, args=(socket, wanted), daemon=True)
        reader.start()
        self.threads += [reader, threading.current_thread()]
        number = self.at
        try:
            while not self.stopped.is_set():
                if number >= self.at or not wanted:
                    number = number if wanted else self.at
                    time.sleep(0.001)
                    continue
                due = [place for place in self.moods if place <= number]
                if due and self.moods.pop(due[0])(socket):
                    return
                for pair in self.pairs:
                    name = f"{pair.lower()}@aggTrade"
                    if name in wanted and (pair, number) not in self.silent:
                        socket.send(json.dumps({"stream": name, "data": trade(pair, number)}))
                number += 1
        except ConnectionClosed:
            return

    def _listen(self, socket: ServerConnection, wanted: list[str]) -> None:
        times: list[float] = []
        try:
            for frame in socket:
                told = json.loads(frame)
                self.control.append(told)
                times = [item for item in times if time.monotonic() - item < 1] + [time.monotonic()]
                if len(times) > 5:
                    socket.close(1008, "too many messages")
                    return
                wanted.extend(told["params"])
                socket.send(json.dumps({"result": None, "id": told["id"]}))
        except (ConnectionClosed, OSError):
            return

    def page(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        """What /aggTrades answers."""
        self.asked.append(asked)
        first, limit = int(asked["fromId"]), min(int(asked.get("limit", "500")), 1000)
        numbers = range(first, min(first + limit, self.at))
        return [{k: trade(asked["symbol"], n)[k] for k in "apqflTmM"} for n in numbers]


@contextmanager
def trading(*pairs: str, **words: Any) -> Iterator[Venue]:
    """A venue that trades these pairs until the block ends."""
    venue = Venue(pairs, **words)

    class Rest(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
            body = json.dumps(venue.page(asked) if venue.rest_status == 200 else {"code": -1003})
            self.send_response(venue.rest_status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Quiet."""

    rest = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Rest)
    rest.daemon_threads = True
    socket = serve(venue.handle, "127.0.0.1", 0)
    port = socket.socket.getsockname()[1]
    pages = f"http://127.0.0.1:{rest.server_address[1]}/api/v3/aggTrades"
    venue.places = Places(f"ws://127.0.0.1:{port}/stream", pages)
    loops = [rest.serve_forever, socket.serve_forever, venue.run]
    threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield venue
    finally:
        venue.stopped.set()
        rest.shutdown()
        rest.server_close()
        socket.shutdown()
        # A thread that outlives its test is met by the next one, which counts lines anew.
        for thread in (*threads, *venue.threads):
            thread.join(timeout=5)
