"""The walk of `tests.bench_web`: all pages in a browser, at clocks seen before and not.

`python -m tests.bench_walk DATA_DIR [--tree CHECKOUT] [--rounds N]` prints p50 and p95 of each page
in milliseconds and the memory of the web process; with another checkout, of both in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pages.frame.nav import PAGES
from tests import machine
from tests.bench_web import Server, percentiles, serve, session
from tests.browser.conftest import FLAGS, settle

FIRST = datetime(2024, 3, 14, 15, tzinfo=UTC)
BACK = '[class*="st-key-step-day-back"] button'
NAMES = tuple(line.name for line in PAGES)
# A page has settled with the last change of what it shows after which its script is at rest and
# nothing more changes for 300 ms; that moment counts, not the end of the waiting.
SETTLING = """async (element) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const atRest = () => app.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]');
  const start = performance.now();
  let last = start, began = false;
  const seen = new MutationObserver((changes) => {
    began ||= changes.some((change) => change.target === app);
    last = performance.now();
  });
  seen.observe(document.body, {subtree: true, childList: true, characterData: true});
  seen.observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
  element.click();
  while (performance.now() - start < 30000) {
    await new Promise((next) => setTimeout(next, 20));
    if (!atRest()) last = performance.now();
    if (began && performance.now() - last > 300) break;
  }
  seen.disconnect();
  return last - start; }"""


@contextmanager
def at_the_desk() -> Iterator[Page]:
    """A browser at the workstation."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=machine.require("chromium"), args=list(FLAGS)
        )
        yield browser.new_page(viewport={"width": 1440, "height": 900})
        browser.close()


def query(clock: datetime) -> str:
    """The clock as addresses have it."""
    return f"as_of={clock:%Y-%m-%dT%H:%M:%SZ}"


def warm(server: Server, rounds: int) -> dict[str, list[float]]:
    """Milliseconds from a click on a page in the sidebar to the settled page, at one clock."""
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    with at_the_desk() as page:
        page.goto(f"http://127.0.0.1:{server.port}/jobs?{query(FIRST)}")
        settle(page)
        for _ in range(rounds + 1):
            for line in PAGES:
                named = re.compile(f"(^|\\s){line.title}( |$)")
                link = page.get_by_test_id("stSidebar").get_by_role("link", name=named)
                times[line.name].append(page.evaluate(SETTLING, link.element_handle()))
    return {name: took[1:] for name, took in times.items()}  # the first round fills the cache


def unseen(server: Server, rounds: int) -> dict[str, list[float]]:
    """Milliseconds from a step of the clock, to a day that no page was asked about, to the settled
    page."""
    times = {}
    with at_the_desk() as page:
        for number, name in enumerate(NAMES):
            clock = FIRST - timedelta(days=1 + number * (rounds + 2))
            page.goto(f"http://127.0.0.1:{server.port}/{name}?{query(clock)}")
            settle(page)
            took = []
            for _ in range(rounds + 1):
                page.wait_for_timeout(200)
                took.append(page.evaluate(SETTLING, page.locator(BACK).first.element_handle()))
            times[name] = took[1:]
    return times


async def memory(server: Server, walks: int = 4) -> list[float]:
    """Resident megabytes after walks of all pages at four clocks, each at clocks of its own."""
    found = []
    async with session(server) as desk:
        for walk in range(walks):
            for step in range(4):
                clock = FIRST + timedelta(days=7 * walk + 30 * step)
                for name in NAMES:
                    await desk.rerun(name, query(clock))
            found.append(server.megabytes)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tree", type=Path, help="another checkout, measured beside this one")
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    trees = [*([asked.tree.resolve()] if asked.tree else []), machine.ROOT]
    found = []
    for tree in trees:
        with serve(asked.folder.resolve(), tree=tree) as server:
            held = asyncio.run(memory(server))
        with serve(asked.folder.resolve(), tree=tree) as server:
            found.append((warm(server, asked.rounds), unseen(server, asked.rounds), held))
    cells = " | ".join(["page", *(f"{kind} {tree.name}" for tree in trees for kind in KINDS)])
    sys.stdout.write(f"| {cells} |\n|{'---|' * (1 + len(KINDS) * len(trees))}\n")
    for name in NAMES:
        times = [times[name] for *both, _ in found for times in both]
        figures = (f"{p50:.0f} / {p95:.0f}" for p50, p95 in map(percentiles, times))
        sys.stdout.write(f"| {name} | {' | '.join(figures)} |\n")
    for number, (*_, held) in enumerate(found):
        walks = ", ".join(f"{megabytes:.0f}" for megabytes in held)
        sys.stdout.write(f"resident MB after each walk, {trees[number]}: {walks}\n")


KINDS = ("warm", "unseen")

if __name__ == "__main__":
    main()
