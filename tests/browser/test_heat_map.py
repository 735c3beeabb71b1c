"""The map of tiles in a browser: pointer, keys, zoom, names that are markup, and no canvas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from analytics.markets.market_cards import market_cards
from data.clock import utc_now
from data.query import Db
from data.settings import Settings
from tests.browser.conftest import Desk, serving, settle, sitting
from tests.pages import world
from tests.pages.test_heat_map import HOSTILE, add_odd_shares

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.sampled(3)]
NO_CANVAS = "HTMLCanvasElement.prototype.getContext = () => null;"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    built = world.build(tmp_path_factory.mktemp("heat"))
    add_odd_shares(built)
    return built


@pytest.fixture(scope="module")
def address(held: Settings) -> Iterator[str]:
    with serving(held.data_dir, "demo") as found:
        yield found


@pytest.fixture
def seat(address: str, browser: Browser) -> Iterator[Desk]:
    with sitting(address, browser) as desk:
        yield desk


def heat(page: Page) -> Locator:
    """The host of the map, once it is painted."""
    host = page.locator(".st-key-heatmaps_tiles .heat")
    expect(host).to_have_attribute("data-painted", re.compile("[1-9]"))
    settle(page)
    host.scroll_into_view_if_needed()
    return host


def walked(page: Page, ticker: str) -> Locator:
    """Walk through the map by arrows until the tile is announced; gives its ring."""
    host = heat(page)
    host.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    said, ring = host.locator(".said"), host.locator(".ring")
    for key in ("ArrowUp", "ArrowLeft") * 6:
        page.keyboard.press(key)
    for row in range(12):
        for _ in range(12):
            if said.inner_text().startswith(ticker):
                return ring
            page.keyboard.press("ArrowLeft" if row % 2 else "ArrowRight")
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no arrow led to {ticker}, last {said.inner_text()}")


def figure(held: Settings, symbol: str) -> tuple[str, str]:
    """Name and move of a share as its receipt has them."""
    db = Db(held.lake, memory_limit_mb=512, threads=1)
    try:
        frame = market_cards(db.at(utc_now()), universe="class:equity").frame
        (row,) = frame.filter(symbol=symbol).iter_rows(named=True)
    finally:
        db.close()
    return row["name"], f"{100 * row['total_return']:+z.1f} %".replace("-", "−")


def test_a_card_has_the_figures_of_its_tile(seat: Desk, held: Settings) -> None:
    page = seat.open("heatmaps")
    ring = walked(page, "EQUITY2")
    box = ring.bounding_box()
    assert box is not None
    host = heat(page)
    name, move = figure(held, "demo:equity2")
    assert move in host.locator(".said").inner_text()
    page.keyboard.press("Tab")
    expect(host.locator(".card")).to_be_hidden()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = host.locator(".card")
    expect(card).to_contain_text(f"EQUITY2 {name}")
    expect(card).to_contain_text(f"{move} Total return, 1d")
    expect(card).to_contain_text(f"session of {world.last_day():%d %b %Y}")
    expect(card.locator("polyline")).to_have_count(1)
    inside = "(e) => { const [a, b] = [e, e.parentElement].map((n) => n.getBoundingClientRect());"
    inside += "return a.left >= b.left && a.right <= b.right && a.bottom <= b.bottom; }"
    assert card.evaluate(inside)


def test_a_click_opens_the_tile_and_back_is_the_map_again(seat: Desk) -> None:
    page = seat.open("heatmaps")
    box = walked(page, "EQUITY1").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(r"/instrument\?.*id=demo(:|%3A)equity1"))
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Total return, 1d")).to_be_visible()
    assert heat(page).get_attribute("data-tiles") == "6"
    page.wait_for_timeout(500)
    assert "/heatmaps" in page.url


def test_the_keyboard_walks_zooms_and_opens(seat: Desk) -> None:
    page = seat.open("heatmaps")
    host = heat(page)
    walked(page, "EQUITY3")
    expect(host.locator(".ring")).to_be_visible()
    outline = "(e) => getComputedStyle(e).outlineStyle"
    assert host.locator(".map").evaluate(outline) == "solid"
    expect(host.locator(".keys")).to_be_visible()
    page.keyboard.press("+")
    expect(host).to_have_attribute("data-zoomed", re.compile("."))
    assert host.locator(".said").inner_text().startswith("EQUITY3")
    page.keyboard.press("Escape")
    expect(host).to_have_attribute("data-zoomed", "")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/instrument\?.*id=demo(:|%3A)equity3"))


def test_a_heading_zooms_in_without_the_server_and_all_leads_back(seat: Desk) -> None:
    page = seat.open("heatmaps?class=all")
    host = heat(page)
    runs: list[object] = []
    page.on("websocket", lambda line: runs.append(line))
    every = host.get_by_role("button", name="All")
    expect(every).to_be_disabled()
    host.locator(".map").click(position={"x": 20, "y": 9})  # the heading of the largest group
    expect(host).to_have_attribute("data-zoomed", "equity")
    expect(host.locator(".group")).to_have_text("› equity")
    every.click()
    expect(host).to_have_attribute("data-zoomed", "")
    host.locator(".map").click(position={"x": 20, "y": 9})
    expect(host).to_have_attribute("data-zoomed", "equity")
    page.locator('[data-testid="stMain"]').get_by_text("1w", exact=True).click()
    expect(host).to_have_attribute("data-measure", "Total return, 1w")
    expect(host).to_have_attribute("data-zoomed", "equity")  # a zoom outlives a new measure
    assert runs == []


def test_hasty_steps_of_the_clock_never_show_an_older_answer_late(seat: Desk) -> None:
    page = seat.open("heatmaps")
    host = heat(page)
    host.evaluate(
        "(e) => { window.clocks = []; new MutationObserver(() => clocks.push(e.dataset.clock))"
        ".observe(e, { attributes: true, attributeFilter: ['data-clock'] }); }"
    )
    back = page.locator('[class*="st-key-step-day-back"] button').first
    for _ in range(12):
        back.evaluate("(e) => e.click()")
        page.wait_for_timeout(150)
    settle(page)
    page.wait_for_timeout(1_000)
    settle(page)
    clocks = page.evaluate("clocks")
    assert len(clocks) >= 2
    assert clocks == sorted(clocks, reverse=True)
    wanted = parse_qs(urlsplit(page.url).query)["as_of"]
    assert [clocks[-1]] == [host.get_attribute("data-clock")] == wanted


def test_a_hostile_name_stays_text(seat: Desk) -> None:
    page = seat.open("heatmaps")
    title = page.title()
    walked(page, "<b>HOST</b>")
    host = heat(page)
    expect(host.locator(".card")).to_contain_text(f"<b>HOST</b> {HOSTILE}")
    assert host.locator("img, i").count() == 0
    page.keyboard.press("+")
    expect(host.locator(".group")).to_have_text("› <i>Sector</i>")
    assert page.title() == title


def test_a_move_that_is_not_known_is_said(seat: Desk) -> None:
    page = seat.open("heatmaps")
    walked(page, "FRESH")
    expect(heat(page).locator(".card")).to_contain_text("not known")
    expect(page.locator(".b-legend")).to_contain_text("1 not known")


def test_a_narrower_window_and_a_finer_screen_are_painted_anew(
    address: str, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 768}, device_scale_factor=2)
    desk = Desk(address, context)
    page = desk.open("heatmaps")
    host = heat(page)
    fits = "(e) => { const c = e.querySelector('canvas'); const w = 2 * c.clientWidth;"
    fits += "return Math.abs(c.width - w) <= 1 && c.clientWidth; }"
    wide = host.evaluate(fits)
    assert wide
    painted = int(host.get_attribute("data-painted") or 0)
    page.set_viewport_size({"width": 860, "height": 768})
    expect(host).not_to_have_attribute("data-painted", str(painted))
    assert 0 < host.evaluate(fits) < wide
    context.close()
    assert desk.wrong == []


def test_a_browser_without_canvas_gets_a_sentence(address: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(NO_CANVAS)
    page = context.new_page()
    page.goto(f"{address}/heatmaps")
    settle(page)
    host = page.locator(".st-key-heatmaps_tiles .heat")
    expect(host.locator(".without")).to_contain_text("The table below has the same values")
    expect(host.locator(".map")).to_be_hidden()
    context.close()
