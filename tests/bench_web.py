"""Speed of the web process, measured as sessions and a browser meet it.

`python -m tests.bench_web LAKE_DIR [--quick]`, where LAKE_DIR is a DATA_DIR with a demo workspace.
It prints a table and asserts nothing: a machine that is busy is not a fault.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from scripts.benchmarks.uploads import trades_file
from tests import machine
from tests.browser.conftest import FLAGS, settle

SESSIONS = 10
PAST = "as_of=2019-06-14T14:30:00Z"


@dataclass
class Server:
    """A running web process."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def megabytes(self) -> float:
        """Resident memory."""
        return psutil.Process(self.process.pid).memory_info().rss / 1e6


@contextlib.contextmanager
def serve(folder: Path, *, default: bool = False, tree: Path = machine.ROOT) -> Iterator[Server]:
    """The launcher of a checkout, or the same script under `streamlit run` with Streamlit's own
    settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    ours = [sys.executable, str(tree / "app.py"), "--port", str(port)]
    theirs = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(tree / "pages" / "frame" / "router.py"),
        "--server.port",
        str(port),
        "--server.headless",
        "true",
        "--server.address",
        "127.0.0.1",
    ]
    env = os.environ | {"DATA_DIR": str(folder), "PYTHONPATH": str(tree)}
    with tempfile.TemporaryDirectory() as elsewhere:
        process = subprocess.Popen(
            theirs if default else ours,
            cwd=elsewhere if default else tree,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port, "/_stcore/health" if default else "/healthz")
            yield Server(port, process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(port: int, path: str) -> None:
    for _ in range(600):
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", path)
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process did not start")


class Session:
    """One analyst's connection, without a browser."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line

    async def rerun(self, page: str, query: str = "") -> float:
        """Seconds from asking for a run to its last message."""
        ask = BackMsg()
        ask.rerun_script.query_string = query
        ask.rerun_script.page_name = page
        start = time.monotonic()
        await self.line.send(ask.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(await self.line.recv(decode=False))
            if told.WhichOneof("type") == "script_finished":
                return time.monotonic() - start


@contextlib.asynccontextmanager
async def session(server: Server) -> AsyncIterator[Session]:
    """A session that lives as long as the block."""
    url = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    async with connect(url, max_size=None, ping_timeout=None, proxy=None) as line:
        yield Session(line)


async def reruns(server: Server, page: str, rounds: int, sessions: int = SESSIONS) -> list[float]:
    """Seconds of each of `rounds` reruns in each of the sessions, all at once."""
    async with contextlib.AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(session(server)) for _ in range(sessions)]
        for desk in desks:
            await desk.rerun(page, PAST)

        async def work(desk: Session) -> list[float]:
            return [await desk.rerun(page, PAST) for _ in range(rounds)]

        done = await asyncio.gather(*(work(desk) for desk in desks))
    return [seconds for times in done for seconds in times]


@dataclass
class Fragments:
    """What the parts of a page that draw themselves again cost."""

    seconds: list[float]
    cpu_ms: float  # of the web process, for each run
    idle_share: float  # of a core, before anybody looked


async def fragments(server: Server, page: str, sessions: int, seconds: float) -> Fragments:
    """Sessions that leave a live page open, as their browsers would ask for its parts."""
    process = psutil.Process(server.process.pid)
    idle = process.cpu_percent(interval=None) or process.cpu_percent(interval=2.0)
    async with contextlib.AsyncExitStack() as stack:
        desks = [await stack.enter_async_context(session(server)) for _ in range(sessions)]
        plans = [await parts(desk, page) for desk in desks]
        before = sum(process.cpu_times()[:2])
        work = (watch(desk, plan, seconds) for desk, plan in zip(desks, plans, strict=True))
        times = [item for several in await asyncio.gather(*work) for item in several]
        spent = sum(process.cpu_times()[:2]) - before
    return Fragments(times, 1000 * spent / max(len(times), 1), idle / 100)


async def parts(desk: Session, page: str) -> dict[str, float]:
    """The fragments of a page and how often each asks to be drawn."""
    ask = BackMsg()
    ask.rerun_script.page_name = page
    await desk.line.send(ask.SerializeToString())
    found: dict[str, float] = {}
    while True:
        told = ForwardMsg()
        told.ParseFromString(await desk.line.recv(decode=False))
        if told.WhichOneof("type") == "auto_rerun":
            found[told.auto_rerun.fragment_id] = told.auto_rerun.interval
        if told.WhichOneof("type") == "script_finished":
            return found


async def watch(desk: Session, plan: dict[str, float], seconds: float) -> list[float]:
    """Ask for each part when it is due; gives how long each took."""
    start = time.monotonic()
    due = dict.fromkeys(plan, start)
    times = []
    while time.monotonic() < start + seconds:
        name = min(due, key=lambda item: due[item])
        await asyncio.sleep(max(0.0, due[name] - time.monotonic()))
        due[name] = max(due[name] + plan[name], time.monotonic())
        ask = BackMsg()
        ask.rerun_script.fragment_id = name
        ask.rerun_script.is_auto_rerun = True
        begun = time.monotonic()
        await desk.line.send(ask.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(await desk.line.recv(decode=False))
            if told.WhichOneof("type") == "script_finished":
                break
        times.append(time.monotonic() - begun)
    return times


async def clock_moves(server: Server, count: int) -> tuple[list[float], list[float]]:
    """Seconds of Overview at clocks nobody asked for yet, and at the same ones again."""
    start = datetime(2018, 1, 3, 15, tzinfo=UTC)
    clocks = [f"as_of={(start + timedelta(days=9 * n)):%Y-%m-%dT%H:%M:%SZ}" for n in range(count)]
    async with session(server) as desk:
        await desk.rerun("overview", PAST)
        cold = [await desk.rerun("overview", clock) for clock in clocks]
        warm = [await desk.rerun("overview", clock) for clock in clocks]
    return cold, warm


def clicks(server: Server, count: int) -> list[float]:
    """Milliseconds from a click on the clock of Data to changed DOM, both clocks in the cache."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=machine.require("chromium"), args=list(FLAGS)
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://127.0.0.1:{server.port}/data?{PAST}")
        settle(page)
        back = '[class*="st-key-step-day-back"] button'
        forth = '[class*="st-key-step-day-forward"] button'
        for button in (back, forth):  # both clocks are then in the cache
            page.locator(button).first.click()
            settle(page)
        moved = [page.evaluate(CLICK, [forth if n % 2 else back, BADGE]) for n in range(count)]
        browser.close()
    return moved


@contextlib.contextmanager
def heat_page(server: Server, query: str) -> Iterator[Page]:
    """The map of the heatmaps in a browser, painted and at rest."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=machine.require("chromium"), args=list(FLAGS)
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(MAP)
        page.goto(f"http://127.0.0.1:{server.port}/heatmaps?{query}")
        settle(page)
        page.wait_for_function("heatMap()?.painted > 0")
        page.wait_for_timeout(2_000)
        yield page
        browser.close()


def tiles(server: Server, count: int, query: str = "class=all") -> tuple[list[float], int]:
    """Milliseconds from a click on another horizon of the map to its painting, and the bytes that
    one click brought."""
    with heat_page(server, query) as page:
        heard: list[int] = []
        page.on("websocket", lambda line: line.on("framereceived", lambda f: heard.append(len(f))))
        page.reload()  # so that its line is heard
        settle(page)
        page.wait_for_function("heatMap()?.painted > 0")
        times = []
        for n in range(count + 3):
            page.wait_for_timeout(700)
            heard.clear()
            # Between the first two horizons; the first clicks fill the cache.
            times.append(page.evaluate(PAINTED, [HORIZONS, (n + 1) % 2, "measure"]))
            page.wait_for_timeout(300)
    return times[3:], sum(heard)


def steps(server: Server, count: int, query: str = "class=all") -> tuple[list[float], int]:
    """Milliseconds from a step of the clock by a day to the map at that clock, day after day, and
    how many maps were not those of the clock in the address."""
    stale, times = 0, []
    with heat_page(server, f"{query}&as_of=2025-06-02T22:00:00Z") as page:
        for _ in range(count):
            before = page.evaluate("heatMap().clock")
            times.append(page.evaluate(PAINTED, [FORWARD, 0, "clock"]))
            clocks = page.evaluate("[heatMap().clock, new URL(location).searchParams.get('as_of')]")
            wanted = datetime.fromisoformat(before) + timedelta(days=1)
            stale += any(
                clock is None or datetime.fromisoformat(clock) != wanted for clock in clocks
            )
    return times, stale


# What the map says of itself; it lies in a shadow tree.
MAP = """window.heatMap = () => {
  const inside = [...document.querySelectorAll('.st-key-heatmaps_tiles *')];
  return inside.find((e) => e.shadowRoot)?.shadowRoot.querySelector('.heat')?.dataset; };"""
HORIZONS = '[class*="st-key-heatmaps_horizon"] button'
FORWARD = '[class*="st-key-step-day-forward"] button'
# To the frame in which the map that has another measure, or another clock, is shown.
PAINTED = """async ([buttons, index, name]) => {
  const before = heatMap()[name], start = performance.now();
  document.querySelectorAll(buttons)[index].click();
  while ((heatMap()?.[name] ?? before) === before && performance.now() - start < 15000) {
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - start; }"""


def imports(server: Server, count: int) -> tuple[list[float], list[float]]:
    """A file of 10,000 trades from its upload to its first rows, and the next pages of them."""
    wanted = """(line) => [...document.querySelectorAll('table')].some((table) =>
      table.caption?.textContent === 'Result of each row'
      && table.tBodies[0].rows[0].cells[0].textContent === line)"""
    file = {"name": "trades.csv", "mimeType": "text/csv", "buffer": trades_file()}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=machine.require("chromium"), args=list(FLAGS)
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://127.0.0.1:{server.port}/positions")
        settle(page)
        upload = page.locator('input[type="file"]')
        start = time.perf_counter()
        upload.set_input_files([file])  # type: ignore[list-item]  # a plain dict of a file
        page.wait_for_function(wanted, arg="2", polling="raf")
        first = time.perf_counter() - start
        settle(page)
        turns = []
        for number in range(2, count + 2):
            box = page.get_by_label("Page of 100")
            box.fill(str(number))
            start = time.perf_counter()
            box.press("Enter")
            line = f"{100 * (number - 1) + 2:,}"
            page.wait_for_function(wanted, arg=line, polling="raf")
            turns.append(time.perf_counter() - start)
            page.wait_for_timeout(400)
        browser.close()
    return [first], turns


BADGE = '[class*="st-key-frame-clock"] button p'
CLICK = """async ([button, watched]) => {
  const text = () => [...document.querySelectorAll(watched)].map((e) => e.innerText).join();
  const before = text();
  const start = performance.now();
  document.querySelector(button).click();
  while (text() === before) await new Promise((next) => setTimeout(next, 1));
  const took = performance.now() - start;
  await new Promise((next) => setTimeout(next, 400));
  return took; }"""


def row(what: str, seconds: list[float], unit: float = 1000) -> float:
    """One line of the table; gives the median."""
    p50, p95 = percentiles([value * unit for value in seconds])
    sys.stdout.write(f"| {what} | {p50:.0f} | {p95:.0f} | {len(seconds)} |\n")
    return p50


def percentiles(values: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    ordered = sorted(values)
    return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    folder, rounds = asked.folder.resolve(), 5 if asked.quick else 20
    sys.stdout.write("| path | p50 ms | p95 ms | n |\n|---|---|---|---|\n")
    ratios = []
    slow = {}
    with serve(folder, default=True) as server:
        for page in ("overview", "data"):
            times = asyncio.run(reruns(server, page, max(3, rounds // 4)))
            slow[page] = row(f"{page}, {SESSIONS} sessions, Streamlit's defaults", times)
    with serve(folder) as server:
        sys.stdout.write(f"| resident MB at start | {server.megabytes:.0f} | | |\n")
        cold, warm = asyncio.run(clock_moves(server, rounds))
        row("Overview, clock moved, cold", cold)
        row("Overview, clock moved, warm", warm)
        for page in ("overview", "data"):
            fast = row(f"{page}, {SESSIONS} sessions", asyncio.run(reruns(server, page, rounds)))
            ratios.append(f"{page} {fast / slow[page]:.2f}")
            row(f"{page}, 1 session", asyncio.run(reruns(server, page, rounds, 1)))
        row("Data, click on the clock to new DOM", clicks(server, rounds), 1)
        for page in ("heatmaps", "countries", "releases", "regimes"):
            row(f"{page}, 1 session", asyncio.run(reruns(server, page, rounds, 1)))
        painted, brought = tiles(server, rounds)
        row("Heatmaps, click on a horizon to painted tiles", painted, 1)
        sys.stdout.write(f"| kB that such a click brings | {brought / 1e3:.0f} | | |\n")
        moved, stale = steps(server, 12 * rounds)
        pace = row("Heatmaps, a step of the clock by a day to painted tiles", moved, 1)
        sys.stdout.write(f"| such steps a second, stale maps | {1e3 / pace:.1f}, {stale} | | |\n")
        first, turns = imports(server, rounds)
        row("Positions, a file of 10,000 trades to its first rows", first)
        row("Positions, next page of these rows", turns)
        sys.stdout.write(
            f"| resident MB after {SESSIONS} sessions | {server.megabytes:.0f} | | |\n"
        )
        before = server.megabytes
        asyncio.run(reruns(server, "overview", 1000 // SESSIONS))
        sys.stdout.write(f"| MB gained over 1,000 reruns | {server.megabytes - before:.0f} | | |\n")
    sys.stdout.write(f"| ours / defaults | {', '.join(ratios)} | | |\n")


if __name__ == "__main__":
    main()
