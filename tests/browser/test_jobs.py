"""Jobs in a browser: a refresh that a real scheduler serves, a source that says what it needs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data.clock import utc_now
from data.settings import Settings
from data.state import requests, runs
from data.state.db import State
from tests import machine
from tests.browser.conftest import serving, sitting
from tests.pages import ledgers, world

pytestmark = pytest.mark.sampled(2)

AT_ONCE_MS = 15_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo world that lacks its last days."""
    made = tmp_path_factory.mktemp("jobs")
    last = (utc_now() - timedelta(days=4)).date()
    command(
        made,
        "scripts.seed_demo",
        "--workspace",
        "demo",
        "--scale",
        "small",
        "--until",
        last.isoformat(),
    )
    return made


@pytest.fixture
def scheduler(folder: Path) -> Iterator[None]:
    """The scheduler's process on that world."""
    with (folder / "scheduler.log").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "scripts.scheduler", "--workspace", "demo"],
            cwd=machine.ROOT,
            env=surroundings(folder),
            stdout=log,
            stderr=log,
        )
        yield
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=20) == 0


def surroundings(folder: Path) -> dict[str, str]:
    keys = {name: text for name, text in os.environ.items() if not name.endswith("_KEY")}
    return keys | {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "512", "THREADS": "2"}


def command(folder: Path, *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", *words],
        cwd=machine.ROOT,
        env=surroundings(folder),
        check=True,
        capture_output=True,
        timeout=240,
    )


def line(page: Page, table: str, name: str) -> Locator:
    """The line of a table that begins with this name."""
    named = page.get_by_role("cell", name=name, exact=True)
    return page.get_by_role("table", name=table, exact=True).get_by_role("row").filter(has=named)


def test_refresh_is_served_by_the_scheduler_and_seen_to_end(
    folder: Path, browser: Browser, scheduler: None
) -> None:
    with serving(folder, "demo") as origin, sitting(origin, browser) as desk:
        page = desk.open("jobs?job=demo.demo_world")
        expect(line(page, "Timetable", "demo.demo_world")).to_contain_text(
            "every day at 00:20 UTC", timeout=60_000
        )
        expect(page.get_by_text("Choose one of the list")).to_have_count(0)
        page.get_by_role("button", name="Refresh now").click()
        wish = line(page, "Asked for", "demo.demo_world")
        expect(wish).to_contain_text(re.compile("waiting|taken up|done"))
        expect(line(page, "Running", "demo.demo_world")).to_be_visible(timeout=AT_ONCE_MS)
        expect(wish).to_contain_text("done", timeout=120_000)
        yesterday = (utc_now() - timedelta(days=1)).date().isoformat()
        expect(wish).to_contain_text(f"runs to {yesterday} now")
        run = line(page, "Runs", "demo.demo_world")
        expect(run).to_contain_text("asked", timeout=AT_ONCE_MS)
        expect(run).to_contain_text("ok")
        # What follows new macro data, such as the fits of regimes, may run by now.
        expect(line(page, "Running", "demo.demo_world")).to_have_count(0)
    state = State.open(Settings.from_env("demo", {"DATA_DIR": str(folder)}).state)
    (served,) = requests.recent(state, as_of=utc_now())
    assert served.claimed_at is not None
    assert served.claimed_at - served.requested_at < timedelta(seconds=2)
    done = runs.read(state, served.run_id or 0)
    assert done is not None
    assert done.outcome.rows_added > 0
    state.close()


def test_source_without_key_says_what_it_needs(folder: Path, browser: Browser) -> None:
    command(folder, "scripts.timetable", "--workspace", "live", "--post")
    with serving(folder, "live") as origin, sitting(origin, browser) as desk:
        page = desk.open("jobs")
        fred = line(page, "Sources", "fred")
        expect(fred).to_contain_text("needs a key")
        expect(fred).to_contain_text("set FRED_API_KEY, then start the scheduler again")
        expect(line(page, "Sources", "worldbank")).to_contain_text("none needed")
        expect(line(page, "Timetable", "fred.fred_series")).to_have_count(0)
        expect(page.get_by_text("No scheduler is at work.")).to_be_visible()
        page.set_viewport_size({"width": 1024, "height": 768})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024


def test_spent_quota_is_stale_with_its_reason(tmp_path: Path, browser: Browser) -> None:
    settings = world.build(tmp_path)
    ledgers.fill(settings, utc_now()).close()
    with serving(settings.data_dir, settings.workspace) as origin, sitting(origin, browser) as desk:
        page = desk.open("jobs")
        source = line(page, "Sources", "coingecko")
        expect(source).to_contain_text("stale")
        expect(source).to_contain_text("over budget, so the last good data stay")
        expect(line(page, "Budgets", "coingecko").first).to_contain_text("10,000 calls a month")
