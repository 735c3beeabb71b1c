"""One real server on a small world, and one real browser that may talk to nobody else."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    expect,
    sync_playwright,
)

from data.settings import Settings
from tests import machine
from tests.demo_fixture import DemoLake
from tests.pages import world

# No WebGL anywhere: every page must show all it has without.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-3d-apis",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTLED = """() => { const app = document.querySelector('[data-testid="stApp"]');
  return app && app.dataset.testConnectionState === 'CONNECTED'
    && app.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]'); }"""


# How long a busy machine may take to draw; what is there at once is not waited for.
expect.set_options(timeout=20_000)


@dataclass
class Desk:
    """A session at the workstation: pages in one browser context, and what went wrong in them."""

    origin: str
    context: BrowserContext
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> Page:
        """A page of the workstation in a new tab, settled."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        page.on("request", self._watch)
        page.on("requestfailed", self._failed)
        page.goto(f"{self.origin}/{path}")
        return settle(page)

    def _watch(self, request: Request) -> None:
        here = (self.origin, self.origin.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(here):
            self.wrong.append(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if "net::ERR_ABORTED" not in str(request.failure):
            self.wrong.append(f"request failed: {request.url} {request.failure}")


def settle(page: Page) -> Page:
    """Wait until the frame is there and the script has run; content is asserted by the tests."""
    page.locator(".b-title").wait_for(timeout=30_000)
    page.wait_for_timeout(150)
    page.wait_for_function(SETTLED, timeout=20_000)
    return page


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The workspace of the common server."""
    return world.build(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def origin(served: Settings) -> Iterator[str]:
    """A server that nobody has visited."""
    with serving(served.data_dir, "demo") as found:
        yield found


@contextmanager
def serving(folder: Path, workspace: str) -> Iterator[str]:
    """A web process of its own on a workspace below that folder; gives where it answers."""
    machine.require("chromium")
    port = _free_port()
    log = (folder / f"web-{workspace}.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port), "--workspace", workspace],
        cwd=machine.ROOT,
        env=os.environ | {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "512", "THREADS": "2"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(port, server, Path(log.name))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    program = machine.require("chromium")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def desk(origin: str, browser: Browser) -> Iterator[Desk]:
    """A session on the common server."""
    with sitting(origin, browser) as held:
        yield held


@contextmanager
def sitting(origin: str, browser: Browser) -> Iterator[Desk]:
    """A session at 1440 x 900 in the dark, in which nothing may go wrong."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="dark", accept_downloads=True
    )
    held = Desk(origin, context)
    yield held
    shown = [page.locator('[data-testid="stException"]').count() for page in context.pages]
    context.close()
    assert held.wrong == []
    assert sum(shown) == 0


@contextmanager
def serving_a_copy(demo_lake: DemoLake, folder: Path) -> Iterator[str]:
    """A server on a copy of the demo world, for tests that save in it."""
    shutil.copytree(demo_lake.settings.data_dir, folder, dirs_exist_ok=True)
    with serving(folder, "demo") as found:
        yield found


def desk_of(origin: str, browser: Browser, width: int = 1440, scheme: str = "dark") -> Desk:
    """A window of some width in one of the two themes."""
    viewport = {"width": width, "height": 900}
    return Desk(origin, browser.new_context(viewport=viewport, color_scheme=scheme))  # type: ignore[arg-type] # words of a scheme


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"the web process ended: {log.read_text()[-2000:]}")
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the web process did not answer: {log.read_text()[-2000:]}")
