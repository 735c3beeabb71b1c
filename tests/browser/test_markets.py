"""From the map to an instrument, back a year, and by link into another session."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from data.chart_theme import GREEN_RED
from tests.browser.conftest import Desk, settle, sitting
from tests.browser.test_journeys import facts
from tests.pages import world

pytestmark = pytest.mark.sampled(4)
CLOCK = f"{world.last_day() - timedelta(days=20)}T14:30:00Z"


def test_a_tile_opens_its_instrument_and_the_link_shows_the_same(
    desk: Desk, browser: Browser
) -> None:
    page = desk.open(f"heatmaps?as_of={CLOCK}")
    expect(page.get_by_role("heading", name="Total return, 1d")).to_be_visible()
    page.locator('[data-testid="stMain"]').get_by_text("1m", exact=True).click()
    expect(page).to_have_url(re.compile("horizon=1m"))
    expect(page.get_by_role("heading", name="Total return, 1m")).to_be_visible()
    settle(page)
    tiles = page.locator(".st-key-heatmaps_tiles canvas").first
    box = tiles.bounding_box()
    assert box is not None
    tiles.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.4})
    expect(page).to_have_url(re.compile(r"/instrument\?.*id=demo(:|%3A)equity\d"))
    expect(page.get_by_role("heading", name="Bars")).to_be_visible()
    expect(page.locator(".st-key-price_chart canvas").first).to_be_visible()
    assert "as_of" in page.url
    page.keyboard.press("Shift+PageUp")
    expect(page).not_to_have_url(re.compile(re.escape(CLOCK).replace(":", "(:|%3A)")))
    settle(page)
    other = Desk(desk.origin, browser.new_context(viewport={"width": 1440, "height": 900}))
    second = other.open(page.url.removeprefix(desk.origin + "/"))
    expect(second.get_by_role("heading", name="Description")).to_be_visible()
    assert facts(settle(second)) == facts(page)
    assert other.wrong == []
    other.context.close()


@pytest.mark.sampled(3)
def test_the_lenses_fit_a_narrow_window(browser: Browser, origin: str) -> None:
    narrow = Desk(origin, browser.new_context(viewport={"width": 1024, "height": 768}))
    for path, title in (
        ("heatmaps?class=all", "Breadth"),
        ("heatmaps?lens=grid", "Returns by horizon"),
        ("heatmaps?lens=calendar", "Monthly returns"),
        ("heatmaps?lens=cross-asset", "Kinds against horizons"),
        ("heatmaps?lens=countries&dimension=inflation", "Countries against indicators"),
        ("movers?horizon=1m", "Largest moves relative to own volatility"),
        ("correlation", "Correlation matrix"),
        (f"watchlists?list={world.LIST}", world.LIST),
        (f"positions?portfolio={world.BOOK}", world.BOOK),
        ("instrument?id=equity1", "Monthly returns"),
    ):
        page = narrow.open(path)
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024
        page.close()
    assert narrow.wrong == []
    narrow.context.close()


def test_a_cell_of_the_matrix_is_the_pair_below(desk: Desk) -> None:
    page = desk.open(f"correlation?as_of={CLOCK}")
    cells = page.locator(".st-key-correlation_cells canvas").first
    expect(cells).to_be_visible()
    settle(page)
    box = cells.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.12)
    expect(page).to_have_url(re.compile(r"first=.*second="))
    first, second = (re.search(f"{name}=([A-Z0-9]+)", page.url) for name in ("first", "second"))
    assert first is not None
    assert second is not None
    expect(page.get_by_role("heading", name=f"{first[1]} and {second[1]}")).to_be_visible()


def test_a_mover_leads_to_its_instrument_at_the_same_clock(desk: Desk) -> None:
    page = desk.open(f"movers?as_of={CLOCK}")
    name = page.get_by_role("table").get_by_role("link").first
    ticker = name.inner_text()
    name.click()
    expect(page.get_by_role("heading", name=re.compile(f"^{ticker} · "))).to_be_visible()
    assert CLOCK[:10] in page.url


def test_a_tile_shows_its_card_and_the_slider_moves_the_clock(desk: Desk) -> None:
    page = desk.open("heatmaps?class=all&horizon=1w")
    tiles = page.locator(".st-key-heatmaps_tiles canvas").first
    tiles.scroll_into_view_if_needed()
    box = tiles.bounding_box()
    assert box is not None
    for step in (0.10, 0.12):
        page.mouse.move(box["x"] + box["width"] * step, box["y"] + box["height"] * 0.3)
        page.wait_for_timeout(200)
    card = page.locator(".st-key-heatmaps_tiles .card", has_text="session of")
    expect(card).to_contain_text("Total return, 1w")
    expect(card.locator("polyline")).to_have_count(1)
    thumb = page.get_by_role("slider", name="Session")
    thumb.focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("as_of=[0-9-]+T23%3A59%3A00Z"))
    assert "horizon=1w" in page.url
    expect(page.locator(".st-key-frame-clock-past")).to_be_visible()
    page.get_by_role("slider", name="Session").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-frame-clock-now")).to_be_visible()
    assert "as_of" not in page.url
    up = "getComputedStyle(document.querySelector('.b-facts')).getPropertyValue('--b-up')"
    before = page.evaluate(up)
    page.get_by_text("green-red").click()
    page.wait_for_function(f"{up} !== '{before}'")
    assert page.evaluate(up) in (GREEN_RED["dark"].up, GREEN_RED["light"].up)


def test_days_of_a_fall_are_chosen_by_a_number_in_percent(desk: Desk, browser: Browser) -> None:
    page = desk.open("studies?id=demo:equity0&before=5&after=5")
    page.get_by_role("radio", name="daily moves").click()
    field = page.get_by_label("Move, % (of a rate: points)", exact=True)
    expect(field).to_have_value("3")
    settle(page)
    field.fill("1.5")
    field.press("Enter")
    expect(page).to_have_url(re.compile("percent=1.5"))
    events = page.get_by_role("table", name="Events", exact=True)
    expect(events).to_contain_text(re.compile(r"−[1-9]\.\d\d % in the session of"))
    settle(page)
    with sitting(desk.origin, browser) as other:
        again = other.open(page.url.removeprefix(f"{desk.origin}/"))
        expect(again.get_by_label("Move, % (of a rate: points)", exact=True)).to_have_value("1.5")
