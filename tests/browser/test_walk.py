"""Twelve tasks of an analyst, from Home or an open chart, with the clicks that the browser counts.

A click is a press that the browser saw a pointer make; a file chosen on the disk is the click on
the upload's button. Typing is not counted. The summary of the run prints clicks and seconds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data.clock import utc_now
from tests.browser.conftest import Desk, serving, settle, sitting
from tests.machine import ROOT
from tests.pages import world
from tests.scripts.test_barograph_programs import BLOCKS, python

pytestmark = pytest.mark.needs("chromium")

# A press counts, since some lists take it and are gone before the click.
COUNT_CLICKS = """document.addEventListener('pointerdown', event => {
  if (event.isTrusted) window.countClick(); }, true);"""
TRADES = """Date,Action,Symbol,Quantity,Price,Fee,Currency
2026-02-03,BUY,EQUITY0,1000,79.50,12.50,USD
2026-03-05,SELL,EQUITY0,400,81.00,12.50,USD
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A server of these tests' own, since they write into its state, and its folder."""

    origin: str
    folder: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("walk")
    settings = world.build(folder)
    world.add_ticks(settings, utc_now() - timedelta(minutes=3), minutes=20)
    with serving(folder, "demo") as origin:
        yield Served(origin, folder)


@dataclass
class Walk:
    """A reader who begins at Home; `clicks` are those that the browser saw since."""

    desk: Desk
    folder: Path
    clicks: int = 0
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.desk.context.expose_function("countClick", self._count)
        self.desk.context.add_init_script(COUNT_CLICKS)
        self.page = self.desk.open()

    def _count(self) -> None:
        self.clicks += 1

    def go(self, title: str) -> None:
        """Open a page by the sidebar, whose entry of Alerts also says what is unread."""
        sidebar = self.page.get_by_test_id("stSidebar")
        name = re.compile(rf"^{re.escape(title)}( \d+\+? unread)?$")
        sidebar.get_by_role("link", name=name).click()
        expect(self.page.locator(".b-title")).to_contain_text(title)
        settle(self.page)

    def find(self, text: str) -> None:
        """Open the palette, type, and wait for the hits."""
        self.page.get_by_role("button", name="Find").first.click()
        box = self.page.get_by_role("dialog").locator("input")
        expect(box).to_be_focused()
        box.press_sequentially(text)
        expect(self.page.get_by_role("dialog").get_by_role("link")).to_have_count(1)

    def instrument(self, name: str) -> None:
        """Find an instrument and open it by Enter."""
        self.find(name)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("heading", name=re.compile(f"^{name}"))).to_be_visible()
        settle(self.page)

    def upload(self, name: str, text: str) -> None:
        """Choose a file."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Upload", exact=True).click()
        chooser.value.set_files(
            {"name": name, "mimeType": "text/csv", "buffer": text.encode("utf-8")}
        )

    def table(self, name: str) -> Locator:
        return self.page.get_by_role("table", name=name, exact=True)


def find(walk: Walk) -> None:
    walk.find("equity1")
    walk.page.get_by_role("dialog").get_by_role("link").first.click()
    expect(walk.page.get_by_role("heading", name=re.compile("^EQUITY1"))).to_be_visible()


def chart_with_rsi(walk: Walk) -> None:
    walk.instrument("EQUITY1")
    box = walk.page.get_by_role("combobox", name="Indicators")
    box.click()
    box.press_sequentially("rsi")
    walk.page.get_by_role("option", name=re.compile("RSI")).first.click()
    walk.page.keyboard.press("Escape")
    expect(walk.table("Indicators")).to_contain_text("RSI")


def compare(walk: Walk) -> None:
    walk.instrument("EQUITY1")
    walk.clicks = 0  # from the chart that is open
    walk.page.get_by_role("combobox", name="Compare with").click()
    walk.page.keyboard.type("equity2")
    walk.page.get_by_role("option", name=re.compile("^EQUITY2")).first.click()
    expect(walk.page.get_by_role("button", name=re.compile("^Remove EQUITY2"))).to_be_visible()
    expect(walk.page).to_have_url(re.compile("vs=demo(:|%3A)equity2"))


def import_a_list(walk: Walk) -> None:
    walk.go("Watchlists")
    walk.upload("Core.csv", "Ticker;Weight\nEQUITY1;0,6\nEQUITY2;0,4\n")
    walk.page.get_by_role("button", name="Save 2 of 2").click()
    expect(walk.page.get_by_role("heading", name="Core", exact=True)).to_be_visible()


def import_trades(walk: Walk) -> None:
    walk.go("Positions")
    walk.page.get_by_text("Import trades", exact=True).click()
    walk.upload("Depot.csv", TRADES)
    walk.page.get_by_role("button", name="Add 2 trades").click()
    expect(walk.page.get_by_role("heading", name="Depot", exact=True)).to_be_visible()
    expect(walk.table("Positions")).to_contain_text("600")


def scan_home(walk: Walk) -> None:
    panels = ("Markets", "What changed", "Due next", "Alerts", "Headlines", "Largest moves")
    for name in panels:
        expect(walk.page.get_by_role("heading", name=name, exact=True).first).to_be_visible()


def set_an_alert(walk: Walk) -> None:
    walk.go("Alerts")
    walk.page.get_by_role("button", name="New alert", exact=True).click()
    box = walk.page.get_by_role("combobox", name="Template")
    box.click()
    box.press_sequentially("within five minutes")
    box.press("Enter")
    name = walk.page.get_by_label("Name", exact=True)
    expect(name).to_have_value("Price falls by 3 % within five minutes (live)")
    settle(walk.page)
    walk.page.get_by_role("button", name="Save alert", exact=True).click()
    expect(walk.table("Rules")).to_contain_text("Price falls by 3 % within five minutes (live)")


def rehearse_it(walk: Walk) -> None:
    walk.go("Alerts")
    walk.page.get_by_role("button", name="New alert", exact=True).click()
    box = walk.page.get_by_role("combobox", name="Template")
    box.click()
    box.press_sequentially("within five minutes")
    box.press("Enter")
    settle(walk.page)
    walk.page.get_by_text("Rehearse", exact=True).click()
    expect(walk.page.get_by_text("nothing fell so deep")).to_be_visible()


def replay(walk: Walk) -> None:
    walk.go("Replay")
    host = walk.page.locator(".player")
    expect(host).to_have_attribute("data-count", re.compile(r"[1-9]\d*"))
    walk.page.get_by_role("button", name="Play", exact=True).click()
    begin = int(host.get_attribute("data-frame") or 0)
    expect(host).not_to_have_attribute("data-frame", str(begin))


def export(walk: Walk) -> None:
    walk.page.locator(".st-key-menu-largest-moves button").first.click()
    with walk.page.expect_download() as download:
        walk.page.get_by_role("button", name="CSV").click()
    assert download.value.path().read_text().startswith("# notice: DEMO DATA")


def share_a_link(walk: Walk) -> None:
    walk.desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    walk.page.get_by_role("button", name="Copy a link").click()
    expect(walk.page.get_by_text("Link copied, at this minute")).to_be_visible()
    link = walk.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"as_of=\d{4}-\d\d-\d\dT", link)
    browser = walk.desk.context.browser
    assert browser is not None
    with sitting(walk.desk.origin, browser) as colleague:
        shown = colleague.open(link.removeprefix(f"{walk.desk.origin}/"))
        expect(shown.get_by_role("heading", name="Largest moves")).to_be_visible()
        tables = "[...document.querySelectorAll('table')].map(table => table.innerText)"
        assert settle(shown).evaluate(tables)[0] == walk.page.evaluate(tables)[0]


def script(walk: Walk) -> None:
    here = walk.folder / "script"
    (here / "data").mkdir(parents=True)
    said = python(BLOCKS[0], here, walk.folder, PYTHONPATH=str(ROOT / "scripts"))
    assert "total_return" in said
    assert (here / "closes.html").exists()


# At most so many clicks.
TASKS: dict[Callable[[Walk], None], int] = {
    find: 2,
    chart_with_rsi: 3,
    compare: 2,
    import_a_list: 4,
    import_trades: 4,
    scan_home: 0,
    set_an_alert: 4,
    rehearse_it: 4,
    replay: 3,
    export: 2,
    share_a_link: 1,
    script: 0,
}


@pytest.mark.sampled(8)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_a_task_takes_few_clicks(
    task: Callable[[Walk], None],
    served: Served,
    browser: Browser,
    record_property: Callable[[str, object], None],
) -> None:
    with sitting(served.origin, browser) as desk:
        walk = Walk(desk, served.folder)
        walk.clicks, began = 0, time.monotonic()
        task(walk)
        seconds = time.monotonic() - began
    record_property(
        "task", f"{task.__name__.replace('_', ' ')}: {walk.clicks} clicks, {seconds:.1f} s"
    )
    assert walk.clicks <= TASKS[task]


def test_clicks_are_counted(served: Served, browser: Browser) -> None:
    with sitting(served.origin, browser) as desk:
        walk = Walk(desk, served.folder)
        walk.go("Movers")
        walk.page.keyboard.press("Shift+ArrowLeft")
        settle(walk.page)
        assert walk.clicks == 1


def test_an_open_chart_is_three_clicks_from_an_alert_on_it(
    served: Served, browser: Browser
) -> None:
    with sitting(served.origin, browser) as desk:
        walk = Walk(desk, served.folder)
        walk.instrument("EQUITY2")
        walk.clicks = 0
        walk.page.get_by_role("link", name="New alert", exact=True).click()
        box = walk.page.get_by_role("combobox", name="Template")
        box.click()
        box.press_sequentially("falls by 3 % in a day")
        box.press("Enter")
        name = "EQUITY2: Price falls by 3 % in a day"
        expect(walk.page.get_by_label("Name", exact=True)).to_have_value(name)
        settle(walk.page)
        walk.page.get_by_role("button", name="Save alert", exact=True).click()
        row = walk.table("Rules").get_by_role("row").filter(has_text=name)
        expect(row).to_contain_text("EQUITY2")
        assert walk.clicks == 3
