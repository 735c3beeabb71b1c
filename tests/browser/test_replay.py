"""Replay in a browser: the transport, one picture per frame at any speed, the clock for all, and a
file that plays without us."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pages.replaying.window import ReplayWindow
from tests.browser.conftest import serving, settle, sitting
from tests.pages import world

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.sampled(5)]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRADES = ReplayWindow(
    NOON - timedelta(minutes=5),
    NOON + timedelta(minutes=5),
    "ticks",
    ("demo:AAAUSD", "demo:BBBUSD"),
    "",
    NOON,
)
LAST = datetime.combine(world.last_day(), datetime.min.time(), UTC)
DAYS = ReplayWindow(LAST - timedelta(days=360), LAST, "days", ("demo:equity0", "demo:fx4"), "USA")
# What was drawn at each frame, as the player itself reports it: a digest of the picture.
WATCH = """host => { window.seen = {};
  const note = () => { const { frame, drawn, hash } = host.dataset;
    window.seen[frame] = `${drawn} ${hash}`; };
  window.watch?.disconnect(); window.watch = new MutationObserver(note);
  window.watch.observe(host, { attributes: true, attributeFilter: ['data-drawn'] }); note(); }"""


@dataclass
class Served:
    origin: str
    folder: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("replay")
    settings = world.build(folder)
    world.add_ticks(settings, NOON + timedelta(minutes=6), minutes=20)
    with serving(folder, "demo") as origin:
        yield Served(origin, folder)


def player(page: Page) -> Locator:
    host = page.locator(".player")
    expect(host).to_have_attribute("data-count", re.compile(r"[1-9]\d*"))
    return host


def attribute(host: Locator, name: str) -> str:
    return host.get_attribute(f"data-{name}") or ""


def at(window: ReplayWindow, **more: str) -> str:
    return f"replay?window={quote(window.text())}" + "".join(f"&{k}={v}" for k, v in more.items())


def asked(page: Page, name: str) -> str | None:
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]


def rested(page: Page, host: Locator) -> datetime:
    """Wait until the address has the moment at which the transport stands."""
    moment = datetime.fromtimestamp(int(attribute(host, "moment")) / 1_000, UTC)
    ends = time.monotonic() + 20
    while datetime.fromisoformat(asked(page, "moment") or "1999-01-01T00:00:00Z") != moment:
        assert time.monotonic() < ends, (page.url, moment)
        page.wait_for_timeout(50)
    settle(page)
    return moment


def reaches(host: Locator, low: int, high: int) -> None:
    """Wait until the transport stands between two frames, however fast the machine is."""
    ends = time.monotonic() + 60
    while not low < int(attribute(host, "frame")) < high:
        assert time.monotonic() < ends, attribute(host, "frame")
        host.page.wait_for_timeout(20)


def seen(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate("window.seen")
    return found


def run(page: Page, host: Locator, speed: str, until: str) -> dict[str, str]:
    """Play from the first frame at a speed until something holds; what was drawn at each frame."""
    host.locator(".first").click()
    expect(host).to_have_attribute("data-frame", "0")
    host.locator(".speed").select_option(speed)
    host.evaluate(WATCH)
    host.locator(".play").click()
    page.wait_for_function(
        f"() => {{ const frames = Object.keys(window.seen).map(Number); return {until}; }}",
        timeout=120_000,
    )
    if attribute(host, "playing") == "yes":
        host.locator(".play").click()
    expect(host).to_have_attribute("data-playing", "no")
    return seen(page)


def test_a_frame_is_one_picture_at_any_speed_stepped_or_scrubbed(
    served: Served, browser: Browser
) -> None:
    with sitting(served.origin, browser) as desk:
        page = desk.open(at(TRADES))
        host = player(page)
        drawn = {
            "as it was": run(page, host, "1", "frames.length > 8"),
            "ten times": run(page, host, "10", "frames.length > 30"),
            "sixty times": run(page, host, "60", "frames.length > 30"),
        }
        host.locator(".first").click()
        expect(host).to_have_attribute("data-frame", "0")
        host.evaluate(WATCH)
        host.focus()
        for number in range(1, 31):
            page.keyboard.press("ArrowRight")
            expect(host).to_have_attribute("data-frame", str(number))
        for number in (40, 12):
            host.locator(".scrub").fill(str(number))
            expect(host).to_have_attribute("data-frame", str(number))
        drawn["stepped and scrubbed"] = seen(page)
        furthest = max(int(frame) for item in drawn.values() for frame in item)
        every = run(page, host, "0", f"Math.max(...frames) > {furthest}")
        assert len(set(every.values())) == len(every) > furthest
        for way, one in drawn.items():
            assert len(one) > 8, way
            assert one == {frame: every[frame] for frame in one}, way


def test_the_transport_moves_and_the_address_follows_when_it_rests(
    served: Served, browser: Browser
) -> None:
    with sitting(served.origin, browser) as desk:
        page = desk.open(at(TRADES))
        host = player(page)
        assert int(attribute(host, "moment")) <= NOON.timestamp() * 1_000
        middle = int(attribute(host, "frame"))
        host.locator(".speed").select_option("10")
        host.locator(".play").click()
        expect(host).to_have_attribute("data-playing", "yes")
        expect(host.locator(".play")).to_have_text("❚❚")
        reaches(host, middle + 5, int(attribute(host, "count")))
        host.locator(".play").click()
        expect(host).to_have_attribute("data-playing", "no")
        moment = rested(page, host)
        expect(page.get_by_text(f"{moment:%H:%M:%S} UTC").first).to_be_visible()
        host.focus()
        page.keyboard.press("Home")
        expect(host).to_have_attribute("data-frame", "0")
        page.keyboard.press("l")
        expect(host.locator(".loop")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("End")
        page.keyboard.press(" ")
        reaches(host, 0, int(attribute(host, "count")) - 1)  # it began anew
        page.keyboard.press(" ")
        expect(host).to_have_attribute("data-playing", "no")
        settle(page)
        assert page.locator('[data-testid="stException"]').count() == 0


def test_the_whole_workstation_goes_there_and_comes_back(served: Served, browser: Browser) -> None:
    with sitting(served.origin, browser) as desk:
        page = desk.open(at(DAYS))
        host = player(page)
        host.focus()
        page.keyboard.press("Home")
        for _ in range(40):
            page.keyboard.press("ArrowRight")
        expect(host).to_have_attribute("data-frame", "40")
        rested(page, host)
        frame, hash_ = attribute(host, "frame"), attribute(host, "hash")
        page.get_by_text("Set all pages to this time").click()
        page.wait_for_url(re.compile("as_of="))
        settle(page)
        host = player(page)
        expect(host).to_have_attribute("data-frame", frame)
        assert attribute(host, "hash") == hash_
        clock = asked(page, "as_of")
        expect(page.locator(".st-key-frame-clock-past")).to_be_visible()
        page.locator(".st-key-frame-replay").wait_for()
        main = page.locator('[data-testid="stMain"]')
        main.get_by_role("link", name="Heatmaps").click()
        page.wait_for_url(re.compile("/heatmaps"))
        settle(page)
        assert asked(page, "as_of") == clock
        expect(page.locator("[class*=st-key-panel-]").first).to_be_visible()
        page.keyboard.press("Shift+ArrowDown")
        page.wait_for_function(f"() => !location.href.includes({quote(clock or '')!r})")
        settle(page)
        page.locator(".st-key-frame-replay a").first.click()
        page.wait_for_url(re.compile("/replay"))
        settle(page)
        host = player(page)
        assert int(attribute(host, "frame")) > int(frame)
        page.get_by_text("Set all pages to this time").click()
        page.wait_for_url(re.compile("window="))
        assert asked(page, "as_of") is None


def test_what_is_taken_away_plays_from_the_disk_without_a_net(
    served: Served, browser: Browser, tmp_path: Path
) -> None:
    with sitting(served.origin, browser) as desk:
        page = desk.open(at(TRADES))
        host = player(page)
        host.locator(".last").click()
        settle(page)
        drawn, hash_ = attribute(host, "drawn"), attribute(host, "hash")
        with page.expect_download() as download:
            page.get_by_role("button", name="One HTML file").click()
        file = tmp_path / "replay.html"
        download.value.save_as(file)
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None,
    )
    page.goto(file.as_uri())
    host = player(page)
    host.locator(".last").click()
    expect(host).to_have_attribute("data-hash", hash_)
    assert attribute(host, "drawn") == drawn
    host.locator(".first").click()
    host.locator(".speed").select_option("0")
    host.locator(".play").click()
    reaches(host, 10, int(attribute(host, "count")))
    assert page.get_by_text("Receipt").count() == 1
    context.close()
    assert wrong == []


def test_frame_rates_are_measured_and_said(served: Served, browser: Browser) -> None:
    """Printed, not judged: a busy machine draws fewer. What is judged is that it moves at all."""
    with sitting(served.origin, browser) as desk:
        for name, path in (
            ("1,200 points of two instruments", at(TRADES)),
            ("a year as a heatmap", at(DAYS, stage="heatmap")),
        ):
            begun = time.monotonic()
            page = desk.open(path)
            host = player(page)
            opened = time.monotonic() - begun
            run(page, host, "0", "frames.length > 100")
            rate = float(attribute(host, "rate"))
            begun = time.monotonic()
            host.focus()
            page.keyboard.press("Home")
            page.wait_for_function("() => new URLSearchParams(location.search).get('moment')")
            page.wait_for_timeout(200)
            settle(page)
            stepped = time.monotonic() - begun
            sys.stdout.write(
                f"{name}: opened in {opened:.2f} s, {rate:.0f} frames a second, the "
                f"server followed in {stepped:.2f} s\n"
            )
            assert rate > 1
