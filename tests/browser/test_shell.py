"""The frame around all pages in a browser: titles of tabs, the keyboard, unknown addresses."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from data.clock import utc_now
from pages.frame.nav import NO_SUCH_PAGE
from tests.browser.conftest import Desk, serving, settle, sitting
from tests.pages import world
from tests.pages.test_arrivals import publish

pytestmark = pytest.mark.sampled(5)


def test_the_tab_says_what_is_open_and_follows_pages_and_choices(desk: Desk) -> None:
    page = desk.open("instrument?id=demo:equity0")
    expect(page).to_have_title("EQUITY0 · Instrument · Barograph")
    page.locator('[data-testid="stSidebar"] a:visible', has_text="Home").click()
    expect(page).to_have_title("Home · Barograph")
    expect(page).not_to_have_url(re.compile("instrument"))  # else there is nothing to go back to
    page.go_back()
    expect(page).to_have_title("EQUITY0 · Instrument · Barograph")
    settle(page)
    box = page.get_by_role("combobox", name="Instrument", exact=True)
    box.fill("equity1")
    expect(page.get_by_role("option").first).to_contain_text("EQUITY1")
    box.press("Enter")
    expect(page).to_have_title("EQUITY1 · Instrument · Barograph")


def test_a_new_session_opens_with_what_was_seen_last(desk: Desk) -> None:
    desk.open("instrument?id=demo:equity3").close()
    expect(desk.open("instrument")).to_have_title("EQUITY3 · Instrument · Barograph")


def test_the_first_key_leads_behind_the_clock_bar(desk: Desk) -> None:
    page = desk.open("data")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    box = skip.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["height"] > 10
    page.keyboard.press("Enter")
    inside = "document.activeElement.closest('main') && !document.activeElement.closest('{}')"
    assert page.evaluate(inside.format(".st-key-frame-bar"))
    page.keyboard.press("Tab")
    assert page.evaluate(inside.format(".st-key-frame-bar"))
    assert page.evaluate("document.activeElement !== document.body")


def test_the_clock_stays_in_sight_while_a_page_is_scrolled(desk: Desk) -> None:
    page = desk.open("data?as_of=2024-03-01T12:00:00Z")
    page.set_viewport_size({"width": 1280, "height": 420})
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollHeight > main.clientHeight + 200")
    main.evaluate("main => main.scrollTo(0, main.scrollHeight)")
    clock = page.locator(".st-key-frame-clock-past button").first
    expect(clock).to_be_in_viewport(ratio=1)
    clock.click()
    expect(page.get_by_role("textbox", name="Clock")).to_be_visible()
    page.keyboard.press("Escape")
    step = page.get_by_role("button", name="‹").first
    expect(step).to_be_in_viewport(ratio=1)
    step.click()
    expect(page).to_have_url(re.compile("as_of=2024-02-29"))


def test_parts_have_names_and_are_met_in_the_order_of_the_screen(desk: Desk) -> None:
    page = desk.open("data")
    expect(page.get_by_role("navigation", name="Pages")).to_have_count(1)
    expect(page.get_by_role("region", name="Clock and search")).to_have_count(1)
    expect(page.get_by_role("main")).to_have_count(1)
    place = """(() => { const a = document.activeElement;
      if (a.matches('main')) return 'other';  // it scrolls, so the browser stops there
      return a.closest('[data-testid="stSidebar"]') ? 'pages'
        : a.closest('.st-key-frame-bar') ? 'bar' : a.closest('main') ? 'content' : 'other'; })()"""
    met: list[str] = []
    for _ in range(45):
        page.keyboard.press("Tab")
        met.append(page.evaluate(place))
        if met[-1] == "content":
            break
    order = [part for number, part in enumerate(met) if part != (met[number - 1] if number else "")]
    assert [part for part in order if part != "other"] == ["pages", "bar", "content"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nonsense", "There is no page at /nonsense."),
        ("instrument/x", "There is no page at /instrument/x."),
        (
            "%3Cimg%20src=x%20onerror=alert(1)%3E",
            "There is no page at /<img src=x onerror=alert(1)>",
        ),
    ],
)
def test_an_unknown_address_is_answered_by_a_page_of_ours(desk: Desk, path: str, said: str) -> None:
    page = desk.context.new_page()
    reply = page.goto(f"{desk.origin}/{path}")
    assert reply is not None
    assert reply.status == 404
    settle(page)
    expect(page).to_have_title(f"{NO_SUCH_PAGE.title} · Barograph")
    expect(page.locator(".b-say", has_text=said)).to_be_visible()
    expect(page.locator('main img[src="x"]')).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_nearest_page_keeps_what_the_address_said(desk: Desk) -> None:
    page = desk.context.new_page()
    page.goto(f"{desk.origin}/instrumet?id=demo:equity0&as_of=2026-01-05T20:00:00Z")
    settle(page)
    page.locator("main").get_by_role("link", name=re.compile("^Instrument")).click()
    expect(page).to_have_title("EQUITY0 · Instrument · Barograph")
    assert "as_of=2026-01-05" in page.url
    page.goto(f"{desk.origin}/nonsense")
    settle(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_placeholder("page, instrument")).to_be_focused()


def test_a_print_lights_its_row_on_the_open_page(tmp_path: Path, browser: Browser) -> None:
    settings = world.build(tmp_path)
    with serving(settings.data_dir, "demo") as origin, sitting(origin, browser) as desk:
        page = desk.open("series?id=demo:USA.CPI")
        expect(page.locator("tr.b-new")).to_have_count(0)
        publish(settings, utc_now() - timedelta(minutes=2), 123.25)
        row = page.locator("tr.b-new")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("123.25")
        name = "getComputedStyle(document.querySelector('tr.b-new')).animationName"
        assert page.evaluate(name) == "b-new"
        page.emulate_media(reduced_motion="reduce")
        way = "getComputedStyle(document.querySelector('tr.b-new')).animationTimingFunction"
        assert page.evaluate(way).startswith("steps(1")
