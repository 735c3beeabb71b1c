"""The live path measured: producer, windows, and all processes together under load.

The reader of the pages runs as a process of its own: the pages are no library of the commands.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path as Folder
from typing import Any

import numpy as np
import polars as pl

from analytics.live.live import POINTS, LiveState, step
from data.bus.redis import RedisBus
from data.lake.manifest import read_manifest
from data.lake.store import DiskStore
from data.redis_server import answers, command, find_server, socket_path
from data.settings import Settings
from scripts.benchmarks import peers
from scripts.benchmarks.live_feed import FLUSH_S, SYMBOLS, block
from scripts.benchmarks.report import Row

NAME = "live"
REPOSITORY = Folder(__file__).resolve().parents[2]
FLUSH_MS = FLUSH_S * 1000
LONG, SHORT = ((10_000, 1_000), (50_000, 60)), ((10_000, 40), (50_000, 15))
READER = """
import json, sys, threading, time, resource
import numpy as np
from data.bus import find_bus
from data.settings import Settings
from data.streams import ticks
from pages.frame.live_reader import LiveReader

class Measured(LiveReader):
    lags, rows = [], 0
    def _take_ticks(self, block, *, is_old):
        super()._take_ticks(block, is_old=is_old)
        if not is_old:
            Measured.lags.append(self._desk.arrivals[-1][1])
            Measured.rows += block.num_rows

settings = Settings.from_env("demo")
reader = Measured(settings)
reader.wait(5)
cpu = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])

def keep_looking():
    while True:
        reader.look(); time.sleep(5)
threading.Thread(target=keep_looking, daemon=True).start()

def spent(work, count, seconds):
    ends = time.monotonic() + seconds
    before = cpu()
    threads = [threading.Thread(target=work, args=(ends,)) for _ in range(count)]
    [one.start() for one in threads]; [one.join() for one in threads]
    return (cpu() - before) / seconds

def watch(ends):
    while time.monotonic() < ends:
        reader.shared("prices", lambda desk: sum(row["price"] for row in desk.last.values()))
        time.sleep(0.5)

def read(ends):
    bus, place = find_bus(settings), None
    place = bus.last_id(ticks("demo"))
    while time.monotonic() < ends:
        for entry in bus.read(ticks("demo"), place, block_ms=200):
            entry.block["price"].to_numpy(); place = entry.id
    bus.close()

for line in sys.stdin:
    if line.strip() == "mark":
        lags = np.concatenate(Measured.lags) if Measured.lags else np.empty(0)
        cut = np.quantile(lags, (0.5, 0.99)).tolist() if len(lags) else None
        told = {"rows": Measured.rows, "lags": cut}
        Measured.lags, Measured.rows = [], 0
    elif line.strip() == "sessions":
        idle = spent(lambda ends: time.sleep(3), 1, 3)
        told = {"idle": idle, "watched": spent(watch, 50, 5), "readers": spent(read, 10, 5)}
    print(json.dumps(told), flush=True)
"""


def rows(*, quick: bool) -> list[Row]:
    """Every figure, each with its goal."""
    found = [_producer(3), _windows(3)]
    for rate, seconds in SHORT if quick else LONG:
        found += _together(rate, seconds)
    return [(NAME if number == 0 else "", *row) for number, row in enumerate(found)]


def _row(what: str, value: float, unit: str, goal: str, *, is_met: bool) -> tuple[str, ...]:
    word = "met" if is_met else "missed"
    return (f"{what}: {value:,.2f} {unit}", "", "", "", "", "", "", goal, word, "")


class Server:
    """A Redis of its own in a folder of its own."""

    def __init__(self) -> None:
        self.home = Folder(tempfile.mkdtemp(prefix="barograph-live-"))
        self.settings = Settings.from_env("demo", {"DATA_DIR": str(self.home)})
        program = find_server()
        if program is None:
            raise SystemExit("this path needs redis-server")
        words = command(program, self.settings)
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        while not answers(socket_path(self.settings)):
            time.sleep(0.02)
        self.bus = RedisBus.at_socket(socket_path(self.settings))

    def close(self) -> None:
        """Gone with its folder."""
        self.bus.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _producer(rounds: int) -> tuple[str, ...]:
    """Blocks of a thousand trades against a pipelined XADD for each of them."""
    server, count = Server(), 200
    blocks = [
        block(np.arange(1_000) + n * 1_000, np.full(1_000, 1_795_000_000_000_000 + n))
        for n in range(count)
    ]
    path = str(socket_path(server.settings))

    def ours() -> None:
        for item in blocks:
            server.bus.publish("ours", item)

    ratios = []
    try:
        for _ in range(rounds):
            mine = _seconds(ours) / (count * 1_000)
            theirs = _seconds(lambda: peers.redis_ticks(path, 50_000)) / 50_000
            ratios.append(theirs / mine)
    finally:
        server.close()
    ratio = statistics.median(ratios)
    what = "producer, against pipelined XADD per trade"
    return _row(what, ratio, "x", ">= 30 x", is_met=ratio >= 30)


def _windows(rounds: int) -> tuple[str, ...]:
    """A million trades through `step`, against NumPy over the window at every trade."""
    count = 1_000_000
    at = 1_795_000_000_000_000 + np.arange(count) * 100
    tape = pl.DataFrame(block(np.arange(count), at)).select(
        "symbol", pl.col("event_at").to_physical(), "trade_id", "price", "size", "side"
    )
    parts = list(tape.iter_slices(12_500))  # what a quarter of a second brings at 50,000/s

    def ours() -> pl.DataFrame:
        state, points = LiveState(), []
        for part in parts:
            state, made = step(state, part)
            points.append(made)
        return pl.concat(points)

    _check_windows(tape, ours())
    few = tape.head(20_000)
    ratios = [
        (_seconds(lambda: peers.numpy_windows(few, POINTS)) / few.height) / (_seconds(ours) / count)
        for _ in range(rounds)
    ]
    ratio = statistics.median(ratios)
    return _row("windows, against NumPy at each trade", ratio, "x", ">= 50 x", is_met=ratio >= 50)


def _check_windows(tape: pl.DataFrame, points: pl.DataFrame) -> None:
    """The answers are equal before their speed is."""
    for symbol in SYMBOLS[:3]:
        mine = points.filter(symbol=symbol)
        raw = tape.filter(symbol=symbol).set_sorted("event_at")
        grid = mine.select(pl.col("at").to_physical().alias("event_at")).set_sorted("event_at")
        prices = grid.join_asof(raw, on="event_at")["price"].to_numpy()
        for n in range(POINTS - 1, len(prices), 37):
            window = prices[n - POINTS + 1 : n + 1]
            wanted = np.diff(np.log(window)).std(ddof=1)
            if abs(mine["volatility"][n] - wanted) > 1e-9:
                raise SystemExit(f"{symbol}: window {n} differs from NumPy")


class LivePath:
    """Archive, monitor and the pages' reader at work on one bus."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.settings.state.parent.mkdir(parents=True, exist_ok=True)
        self.held = {
            name: self._start("-m", f"scripts.{name}", "--workspace", "demo")
            for name in ("archive", "monitor")
        }
        self.held["reader"] = self._start("-c", READER)
        time.sleep(6)

    def _start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["env", f"DATA_DIR={self.server.home}", sys.executable, *words],
            cwd=REPOSITORY,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def feed(self, rate: int, seconds: float) -> subprocess.Popen[str]:
        """A feed of its own for this stretch."""
        return self._start("-m", "scripts.benchmarks.live_feed", str(rate), str(seconds))

    def ask(self, what: str) -> dict[str, object]:
        """What the reader answers."""
        reader = self.held["reader"]
        if reader.stdin is None or reader.stdout is None:
            raise SystemExit("the reader has no pipes")
        reader.stdin.write(f"{what}\n")
        reader.stdin.flush()
        found: dict[str, object] = json.loads(reader.stdout.readline())
        return found

    def megabytes(self) -> dict[str, float]:
        """Resident memory of each."""
        return {name: _megabytes(one.pid) for name, one in self.held.items()}

    def close(self) -> None:
        """All of them."""
        for item in self.held.values():
            item.kill()
            item.wait()


def _megabytes(pid: int) -> float:
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
    return int(told.stdout or 0) / 1e3


def _together(rate: int, seconds: int) -> list[tuple[str, ...]]:
    """One rate for some time through all processes, at ten milliseconds a block."""
    server = Server()
    path = LivePath(server)
    feed = path.feed(rate, seconds)
    try:
        time.sleep(min(60.0, seconds * 0.4))
        before, _ = path.megabytes(), path.ask("mark")
        cost = path.ask("sessions") if rate < 50_000 else None
        path.ask("mark")
        sent = int((feed.stdout.readline() if feed.stdout else "") or 0)
        grown = {name: size - before[name] for name, size in path.megabytes().items()}
        fields = path.ask("mark")
        stored, folded = _arrived(server, sent)
    finally:
        feed.kill()
        path.close()
        server.close()
    return _table_rows(rate, seconds, (sent, stored, folded), fields, grown) + _cost(cost)


def _arrived(server: Server, sent: int) -> tuple[int, int]:
    """What archive and monitor have in the end; the last window closes by beats."""
    ends = time.monotonic() + 60
    store = DiskStore(server.settings.lake)
    stored = folded = 0
    while time.monotonic() < ends and (stored < sent or folded < sent):
        time.sleep(1)
        stored = read_manifest(store, "ticks").rows
        folded = server.bus.notes("ticks:demo").get("monitor", {}).get("rows", 0)
    return stored, folded


def _table_rows(
    rate: int,
    seconds: int,
    counts: tuple[int, int, int],
    fields: dict[str, Any],
    grown: dict[str, float],
) -> list[tuple[str, ...]]:
    sent, stored, folded = counts
    middle, high = fields["lags"] or (0.0, 0.0)
    name = f"{rate:,}/s for {seconds} s"
    lost = sent - min(stored, folded)
    most, size = max(grown.items(), key=lambda item: item[1])
    found = [
        _row(f"{name}, {sent:,} sent, lost", lost, "trades", "0", is_met=lost == 0),
        _row(
            f"{name}, bus to the pages' reader, median",
            middle,
            "ms",
            f"<= {0.65 * FLUSH_MS:g} ms",
            is_met=middle <= 0.65 * FLUSH_MS,
        ),
        _row(
            f"{name}, 99 of 100 within",
            high,
            "ms",
            f"<= {FLUSH_MS + 5:g} ms, quiet",
            is_met=high <= FLUSH_MS + 5,
        ),
    ]
    if rate <= 10_000:
        found += [
            _row(f"{name}, the same", high, "ms", "<= 250 ms", is_met=high <= 250),
            _row(f"{name}, most growth ({most})", size, "MB", "<= 50 MB", is_met=size <= 50),
        ]
    return found


def _cost(cost: dict[str, object] | None) -> list[tuple[str, ...]]:
    """What a session costs that looks, against one that reads the bus by itself."""
    if cost is None:
        return []
    idle, watched, readers = (float(str(cost[name])) for name in ("idle", "watched", "readers"))
    looking = max(0.0, watched - idle) / 50
    reading = max(1e-9, readers - idle) / 10
    ratio = looking / reading
    return [
        _row(
            "CPU of a session that looks, against a reader of its own",
            ratio,
            "x",
            "<= 0.1 x",
            is_met=ratio <= 0.1,
        )
    ]
