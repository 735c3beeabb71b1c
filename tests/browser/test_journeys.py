"""What an analyst does in a browser: links, clocks, themes, receipts; in order, on one server."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.core.catalogue import function_named
from data.proof.receipt_check import verify
from data.settings import Settings
from pages.frame.nav import PAGES
from tests.browser.conftest import Desk, settle
from tests.pages import world

pytestmark = pytest.mark.sampled(5)

CLOCK = f"{world.last_day() - timedelta(days=40)}T14:30:00Z"
DEEP = f"data?dataset=macro&id=demo:USA.CPI&as_of={CLOCK}"


def badge(page: Page) -> str:
    """What the clock in the frame says."""
    return page.locator('[class*="st-key-frame-clock"] button').first.inner_text()


def facts(page: Page) -> str:
    """Everything the page shows as text, without what a mouse left open."""
    return page.locator('[data-testid="stMain"]').inner_text()


def test_deep_link_first_on_a_cold_server(desk: Desk) -> None:
    page = desk.open(DEEP)
    expect(page.get_by_role("heading", name="History of demo:USA.CPI")).to_be_visible()
    expect(page.locator('[class*="st-key-chart-"] .js-plotly-plot').first).to_be_visible()
    assert badge(page).startswith("AS OF")
    for line in PAGES:
        link = page.get_by_role("link", name=line.title, exact=False)
        expect(page.locator('[data-testid="stSidebar"]').locator(link).first).to_be_visible()
    assert CLOCK in page.url.replace("%3A", ":")


def test_clock_is_kept_across_pages_back_and_forward(desk: Desk) -> None:
    page = desk.open(DEEP)
    page.keyboard.press("Shift+ArrowLeft")
    day_before = CLOCK.replace(CLOCK[:10], f"{world.last_day() - timedelta(days=41)}")
    expect(page).to_have_url(re.compile(re.escape(day_before).replace(":", "(:|%3A)")))
    moved = badge(settle(page))
    page.locator('[data-testid="stSidebar"] a:visible', has_text="Home").click()
    expect(page.get_by_role("heading", name="Largest moves")).to_be_visible()
    assert badge(settle(page)) == moved
    assert "as_of" in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="History of demo:USA.CPI")).to_be_visible()
    assert badge(settle(page)) == moved
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(CLOCK).replace(":", "(:|%3A)")))
    assert badge(settle(page)) != moved
    page.go_forward()
    page.reload()
    expect(page.get_by_role("heading", name="History of demo:USA.CPI")).to_be_visible()
    assert badge(settle(page)) == moved


def test_pasted_link_gives_the_same_view(desk: Desk, browser: Browser) -> None:
    first = desk.open(f"?as_of={CLOCK}&tz=America/New_York")
    expect(first.get_by_role("heading", name="Largest moves")).to_be_visible()
    other = Desk(desk.origin, browser.new_context(viewport={"width": 1440, "height": 900}))
    second = other.open(first.url.removeprefix(desk.origin + "/"))
    expect(second.get_by_role("heading", name="Largest moves")).to_be_visible()
    assert facts(settle(second)) == facts(settle(first))
    assert other.wrong == []
    other.context.close()


def test_two_tabs_keep_their_own_clocks(desk: Desk) -> None:
    past = desk.open(f"?as_of={CLOCK}")
    now = desk.open()
    assert badge(now).startswith("NOW")
    past.keyboard.press("Shift+ArrowUp")
    expect(past).not_to_have_url(re.compile(re.escape(CLOCK)))
    assert badge(settle(now)).startswith("NOW")
    assert badge(settle(past)).startswith("AS OF")


@pytest.mark.sampled(3)
@pytest.mark.parametrize("path", ["", "data", "jobs"])
def test_both_themes_fit_1024_pixels(desk: Desk, browser: Browser, path: str) -> None:
    grounds = []
    for scheme in ("dark", "light"):
        context = browser.new_context(
            viewport={"width": 1024, "height": 768},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        narrow = Desk(desk.origin, context)
        page = narrow.open(path)
        expect(page.locator("table.b-table").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024
        frame = page.locator(".st-key-frame-bar").bounding_box()
        assert frame is not None
        assert frame["height"] < 60
        fonts = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family).join()"
        assert "Inter" in page.evaluate(fonts)
        ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        grounds.append(page.evaluate(ground))
        assert narrow.wrong == []
        context.close()
    assert grounds == ["rgb(11, 15, 20)", "rgb(255, 255, 255)"]


def test_receipt_of_a_panel_runs_again_to_the_same_numbers(desk: Desk, served: Settings) -> None:
    page = desk.open(f"?as_of={CLOCK}")
    page.locator(".st-key-menu-largest-moves button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Receipt").click()
    receipt = json.loads(download.value.path().read_text())
    assert receipt["as_of"].startswith(CLOCK[:16])
    assert "invented" in receipt["notice"]
    assert receipt["queries"][0]["result"]["rows"] > 5
    verdicts = verify(receipt, served.lake, function_named)
    assert [verdict.same for verdict in verdicts] == [True]
    receipt["queries"][0]["result"]["values"][0][-4] = 99.0
    assert not verify(receipt, served.lake, function_named)[0].same


def test_csv_of_a_panel_is_marked(desk: Desk) -> None:
    page = desk.open()
    page.locator(".st-key-menu-latest-events button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    content = download.value.path().read_text()
    assert content.startswith("# notice: DEMO DATA")
    assert ",'=Event" in content
    assert download.value.suggested_filename.startswith("demo-latest-events")


def test_palette_by_keyboard(desk: Desk) -> None:
    page = desk.open(f"?as_of={CLOCK}")
    page.keyboard.press("Control+k")
    field = page.locator('[data-testid="stDialog"] input')
    expect(field).to_be_focused()
    field.press_sequentially("consumer prices deu")
    expect(page.locator('[data-testid="stDialog"] a')).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Consumer prices DEU")).to_be_visible()
    assert "as_of" in page.url
    assert badge(settle(page)).startswith("AS OF")


def test_theme_chosen_in_the_menu_reaches_tables_and_charts(desk: Desk) -> None:
    page = desk.open(DEEP)
    # While a chart is replaced, the old one and the new one stand there for a moment.
    line = page.locator('[class*="st-key-chart-"] path.js-line').last
    expect(line).to_have_css("stroke", "rgb(86, 180, 233)")
    page.locator('[data-testid="stMainMenu"] button').click()
    page.get_by_test_id("stMainMenuItem-theme-Light").click()
    expect(line).to_have_css("stroke", "rgb(0, 114, 178)")
    expect(page.locator(".b-note").first).to_have_css("color", "rgb(90, 104, 118)")


def test_a_table_is_sorted_by_a_click_or_a_key_on_its_head(desk: Desk) -> None:
    page = desk.open("movers?class=all")
    table = page.get_by_role("table", name="Movers")
    head = table.locator("thead th", has_text="last").first
    place = head.evaluate("(head) => head.cellIndex")

    def column() -> list[float]:
        cells = table.locator(f"tbody tr td:nth-child({place + 1})").all_inner_texts()
        return [float(text.split()[0].replace(",", "").replace("−", "-")) for text in cells]

    came = column()
    head.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert column() == sorted(came, reverse=True) != came
    head.press("Enter")
    assert column() == sorted(came)
    head.press("Space")
    expect(head).not_to_have_attribute("aria-sort", re.compile("."))
    assert column() == came
    table.locator("thead th", has_text="60 sessions").click()
    lines = table.locator("tbody .b-spark[data-sort]").evaluate_all(
        "all => all.map(x => x.dataset.sort)"
    )
    changes = [float(line) for line in lines]
    assert len(set(changes)) > 3
    assert changes == sorted(changes, reverse=True)


def test_two_readers_choose_their_own_markets(desk: Desk, browser: Browser) -> None:
    page = desk.open()
    page.get_by_text("Choose markets").click()
    box = page.get_by_test_id("stPopoverBody")
    box.locator("input").first.click()
    box.locator("input").first.type("equity1", delay=40)
    expect(box.get_by_text("EQUITY1").first).to_be_visible()
    settle(page)
    page.keyboard.press("Enter")
    settle(page)
    box.get_by_role("button", name="Save").click()
    expect(page.locator(".b-strip > a")).to_have_count(1)
    page.reload()
    settle(page)
    expect(page.locator(".b-strip > a")).to_have_count(1)
    assert "id=demo%3Aequity1" in (page.locator(".b-strip > a").get_attribute("href") or "")
    other = Desk(desk.origin, browser.new_context(viewport={"width": 1440, "height": 900}))
    second = other.open()
    expect(second.get_by_text("None of the chosen markets has a price.")).to_be_visible()
    first_id, second_id = (
        next(c["value"] for c in context.cookies() if c["name"] == "barograph_reader")
        for context in (page.context, second.context)
    )
    assert first_id != second_id
    other.context.close()
