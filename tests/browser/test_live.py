"""The live desk in a browser: a crash is an alert at once, nothing of the reader's is lost, and a
bus that goes away is said."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa
import pytest
import redis
from playwright.sync_api import Browser, Page, expect

from data.bus.redis import RedisBus
from data.clock import iso, utc_now
from data.lake import Lake
from data.redis_server import answers, command, find_server, socket_path
from data.settings import Settings
from data.state import alerts, rules
from data.state.alerts import Firing
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.feed import Feed
from tests import machine
from tests.browser.conftest import serving, sitting
from tests.ingest.live.desk import SENT, SYMBOLS, tape
from tests.pages import world

STREAM = "ticks:demo"
PAST_S, AT_ONCE_S, WATCHED_S = 50, 2.0, 60
RULE = "A fall of five percent"

pytestmark = [pytest.mark.needs("redis-server", "chromium"), pytest.mark.sampled(6)]


@dataclass
class Venue:
    """Three coins that trade ten times a second; a test makes one of them fall."""

    bus: RedisBus
    falls: dict[str, float] = field(default_factory=dict)
    ends: threading.Event = field(default_factory=threading.Event)
    number: int = 0

    def run(self) -> None:
        feed = Feed(self.bus, STREAM, utc_now, self.ends.wait)
        begin = utc_now() - timedelta(seconds=PAST_S)
        feed.take(self._block(begin, PAST_S * 10))  # so that the windows are full
        feed.flush()
        while not self.ends.wait(0.1):
            feed.take(self._block(utc_now(), 1))
            feed.flush()

    def _block(self, begin: datetime, count: int) -> pa.RecordBatch:
        seconds, rate = (1, 1) if count == 1 else (count // 10, 10)
        part = tape(seconds, rate=rate, start=begin, seed=self.number)
        part = part.with_columns(
            trade_id=pl.col("trade_id") + self.number,
            price=pl.col("price")
            * pl.col("symbol").replace_strict(self.falls, default=1.0, return_dtype=pl.Float64),
            known_at=pl.col("event_at"),
        )
        self.number += count
        ready = part.select([f.name for f in SENT]).to_arrow().cast(pa.schema(SENT))
        return ready.combine_chunks().to_batches()[0]


@dataclass
class Running:
    """A workspace with a bus, a monitor and pages."""

    settings: Settings
    origin: str
    venue: Venue
    redis: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("live")
    settings = world.build(folder)
    lake = Lake(settings.lake, workspace="demo")
    lake.append("ticks", tape(120, start=datetime(2026, 3, 2, 12, tzinfo=UTC)), publish_id="past")
    state = State.open(settings.state)
    terms = Terms(
        RULE,
        {"metric": "max_drawdown", "side": "below", "trigger": -0.05, "cooldown_s": 1},
        "critical",
    )
    rules.create(state, terms, edit=Edit("tester", utc_now() - timedelta(hours=1)))
    state.close()
    started = start_redis(settings)
    venue = Venue(RedisBus.at_socket(socket_path(settings)))
    monitor = subprocess.Popen(
        [sys.executable, "-m", "scripts.monitor", "--workspace", "demo"],
        cwd=machine.ROOT,
        env=os.environ | {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "512"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    feed = threading.Thread(target=venue.run, daemon=True)
    feed.start()
    held = Running(settings, "", venue, started)
    try:
        with serving(folder, "demo") as origin:
            held.origin = origin
            yield held
    finally:
        venue.ends.set()
        feed.join(timeout=5)
        for process in (monitor, held.redis):
            process.kill()
            process.wait()


def start_redis(settings: Settings) -> subprocess.Popen[bytes]:
    server = find_server()
    assert server
    process = subprocess.Popen(command(server, settings), stdout=subprocess.DEVNULL)
    while not answers(socket_path(settings)):
        time.sleep(0.02)
    return process


def zoomed(page: Page) -> tuple[str | None, ...]:
    chart = page.locator(".live")
    return tuple(chart.get_attribute(f"data-{name}") for name in ("from", "to", "zoomed"))


def alerts_of(page: Page, symbol: str) -> int:
    rows = page.get_by_role("table", name="Alerts", exact=True).get_by_role("row")
    return rows.filter(has_text=symbol.partition(":")[2]).filter(has_text=RULE).count()


def crash(running: Running, page: Page, symbol: str) -> float:
    """Seconds from the fall to the alert on the page."""
    running.venue.falls[symbol] = 0.9
    begun = time.monotonic()
    while not alerts_of(page, symbol):
        assert time.monotonic() < begun + 30
        page.wait_for_timeout(20)
    return time.monotonic() - begun


def test_a_crash_is_an_alert_at_once_and_the_reader_keeps_zoom_and_choice(
    running: Running, browser: Browser
) -> None:
    with sitting(running.origin, browser) as desk, sitting(running.origin, browser) as other:
        page = desk.open("live?show=demo:BBBUSD+demo:CCCUSD")
        watch = page.get_by_role("table", name="Quotes", exact=True)
        expect(watch.get_by_role("row")).to_have_count(4)
        past = other.open(f"live?as_of={iso(datetime(2026, 3, 2, 12, 2, tzinfo=UTC))}")
        expect(past.get_by_role("table", name="Quotes", exact=True)).to_be_visible()
        then = past.locator("body").inner_text()

        chart = page.locator(".live .plot")
        chart.scroll_into_view_if_needed()
        chart.hover(position={"x": 300, "y": 150})
        for _ in range(3):
            page.mouse.wheel(0, -300)
            page.wait_for_timeout(60)
        before = zoomed(page)
        assert before[2] == "yes"
        expect(page.locator(".live .tip")).to_contain_text("BBBUSD")
        began = time.monotonic()
        took = [crash(running, page, symbol) for symbol in SYMBOLS]
        sys.stdout.write(f"from the fall to the alert on the page: {took} s\n")
        assert min(took) <= AT_ONCE_S

        price = watch.get_by_role("row").nth(1).get_by_role("cell").nth(1).inner_text()
        while time.monotonic() < began + WATCHED_S:
            page.wait_for_timeout(1_000)
        assert watch.get_by_role("row").nth(1).get_by_role("cell").nth(1).inner_text() != price
        assert zoomed(page) == before
        for name in ("BBBUSD", "CCCUSD"):
            expect(page.get_by_role("button", name=re.compile(f"Remove .*{name}"))).to_be_visible()
        assert past.locator("body").inner_text() == then
        chart.dblclick(position={"x": 300, "y": 150})
        assert zoomed(page)[2] == "no"
        chart.press("+")
        assert zoomed(page)[2] == "yes"
        chart.press("Escape")
        assert zoomed(page)[2] == "no"
        expect(page.get_by_role("link", name="Chart by TradingView")).to_be_visible()


def test_a_bus_that_goes_away_is_said_and_the_last_values_stay(
    running: Running, browser: Browser
) -> None:
    with sitting(running.origin, browser) as desk:
        page = desk.open("live")
        watch = page.get_by_role("table", name="Quotes", exact=True)
        expect(watch.get_by_role("row")).to_have_count(4)
        expect(page.get_by_text("LIVE", exact=False).first).to_be_visible()
        running.redis.kill()
        running.redis.wait()
        expect(page.get_by_text("Offline since")).to_be_visible()
        expect(watch.get_by_role("row")).to_have_count(4)
        assert page.locator(".b-old table[class='b-table']").count() >= 1
        running.redis = start_redis(running.settings)
        expect(page.get_by_text("Offline since")).to_have_count(0)
        expect(page.locator(".b-old")).to_have_count(0)


def test_what_fired_is_listed_though_the_bus_lost_everything(
    running: Running, browser: Browser
) -> None:
    state, now = State.open(running.settings.state), utc_now()
    rule = next(item for item in rules.listed(state, as_of=now) if item.terms.name == RULE)
    told = {"rule": RULE, "side": "below", "at": iso(now)}
    alerts.insert(
        state,
        Firing(
            rule.id,
            rule.version,
            "before",
            SYMBOLS[0],
            "max_drawdown",
            now,
            -0.05,
            -0.0625,
            "critical",
            told,
        ),
        now=now,
    )
    state.close()
    redis.Redis(unix_socket_path=str(socket_path(running.settings))).flushall()
    # A web process of its own, which has heard nothing before.
    with (
        serving(running.settings.data_dir, "demo") as origin,
        sitting(origin, browser) as desk,
    ):
        page = desk.open("live")
        table = page.get_by_role("table", name="Alerts", exact=True)
        expect(table.get_by_role("row").filter(has_text="−6.25 %")).to_have_count(1)
        expect(page.get_by_text("Offline since")).to_have_count(0)


def test_a_rule_is_made_rehearsed_and_switched_off(running: Running, browser: Browser) -> None:
    with sitting(running.origin, browser) as desk:
        page = desk.open(f"alerts?rule={RULE.replace(' ', '+')}")
        table = page.get_by_role("table", name="Rules", exact=True)
        expect(table).to_contain_text("Max drawdown, 30 s below −5 %")
        page.get_by_label("Trigger, %").fill("-7")
        page.get_by_label("Trigger, %").press("Enter")
        page.get_by_role("button", name="Save as a new version").click()
        expect(table).to_contain_text("Max drawdown, 30 s below −7 %")
        page.get_by_text("Rehearse", exact=True).click()
        # The archive holds trades of March alone.
        expect(page.get_by_text("No instrument of this rule traded in the")).to_be_visible()
        page.get_by_text("On", exact=True).click()
        page.get_by_role("button", name="Save as a new version").click()
        expect(table).to_contain_text("off")
