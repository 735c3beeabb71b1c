"""Somebody finds an instrument by a part of its name, with the mouse and with the keys alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from data.clock import utc_now
from data.lake import Lake
from tests.browser.conftest import Desk, serving, settle, sitting
from tests.pages import world
from tests.pages.test_pickers import ARABIC, MARKUP, company

pytestmark = pytest.mark.sampled(3)

CROWD = 5_000


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, whose directory has five thousand companies."""
    folder: Path = tmp_path_factory.mktemp("crowded")
    held, known = world.build(folder), utc_now() - timedelta(days=500)
    lines = [company(f"demo:{n}", f"TK{n}", f"Crowd Holdings {n}", known) for n in range(CROWD)]
    lines += [
        company("demo:AP", "AAPL", "Apple Inc.", known) | {"isin": "US0378331005"},
        company("demo:APH", "APLE", "Apple Hospitality", known),
        company("demo:RTL", "ARAM", ARABIC, known),
        company("demo:HTML", "BOLD", MARKUP, known),
    ]
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("instruments", world.rows("instruments", lines), publish_id="crowd")
    with serving(folder, "demo") as found:
        yield found


@pytest.fixture
def desk(crowded: str, browser: Browser) -> Iterator[Desk]:
    with sitting(crowded, browser) as held:
        yield held


def box(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label, exact=True)


def test_two_clicks_find_an_instrument_by_a_part_of_its_name(desk: Desk) -> None:
    page = desk.open("instrument")
    box(page, "Instrument").click()
    page.keyboard.type("ple inc")
    page.get_by_role("option", name="AAPL · Apple Inc.").click()
    expect(page.get_by_role("heading", name="AAPL · Apple Inc.")).to_be_visible()
    expect(page).to_have_url(re.compile("id=demo(:|%3A)AP($|&)"))
    expect(box(page, "Instrument")).to_have_value("AAPL · Apple Inc.")


def test_keys_alone_choose_compare_and_remove(desk: Desk) -> None:
    page = desk.open("instrument?id=demo:equity0")
    field = box(page, "Instrument")
    field.focus()
    page.keyboard.type("apple")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="APLE · Apple Hospitality")).to_be_visible()
    settle(page)
    box(page, "Instrument").focus()
    expect(page.get_by_role("option").first).to_contain_text("EQUITY0")  # seen before it
    page.keyboard.press("Escape")
    compare = box(page, "Compare with")
    compare.focus()
    page.keyboard.type("US0378331005")
    page.keyboard.press("Enter")  # at once, before an answer
    expect(page).to_have_url(re.compile("vs=demo(:|%3A)AP($|&)"))
    expect(page.get_by_role("button", name="Remove AAPL · Apple Inc.")).to_be_visible()
    settle(page)
    compare.focus()
    page.keyboard.press("Backspace")
    expect(page).not_to_have_url(re.compile("vs="))


def test_two_clicks_compare_an_instrument_in_its_chart(desk: Desk) -> None:
    page = desk.open("instrument?id=demo:equity0&span=3m")
    chart = page.locator(".st-key-price_chart .price")
    expect(chart).to_have_attribute("data-base", "")
    page.evaluate(
        "window.presses = 0; addEventListener('pointerdown', () => { window.presses++; }, true)"
    )
    box(page, "Compare with").click()
    page.keyboard.type("equity1")
    page.get_by_role("option", name="EQUITY1").click()
    expect(page).to_have_url(re.compile("vs=demo(:|%3A)equity1($|&)"))
    expect(chart).to_have_attribute("data-base", re.compile(r"^20\d\d-"))
    legend = chart.locator(".legend")
    expect(legend).to_contain_text(re.compile(r"since \d+ \w+ 20.*EQUITY0 .* % ?EQUITY1 .* %"))
    rows = page.get_by_role("table", name="Compared", exact=True).get_by_role("row")
    expect(rows).to_have_count(3)
    assert page.evaluate("window.presses") == 2
    before = chart.get_attribute("data-base") or ""
    # The chart and the table count from one session, and a smaller window leaves it there.
    first = date.fromisoformat(before)
    expect(rows.nth(1)).to_contain_text(f"{first:%d %b %Y}")
    expect(legend).to_contain_text(f"since {first.day} {first:%b}")
    expect(legend).to_contain_text("each in its own currency")
    page.set_viewport_size({"width": 900, "height": 900})
    settle(page)
    expect(chart).to_have_attribute("data-base", before)
    page.set_viewport_size({"width": 1440, "height": 900})
    settle(page)
    chart.scroll_into_view_if_needed()
    chart.hover(position={"x": 900, "y": 150})
    for _ in range(20):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(150)
        if chart.get_attribute("data-base") != before:
            break
    assert (chart.get_attribute("data-base") or "") > before  # the first day in view


def test_a_typed_formula_is_compared_and_its_link_shows_the_same(desk: Desk) -> None:
    page = desk.open("instrument?id=demo:equity0&span=3m")
    box(page, "Compare with").click()
    page.keyboard.type("EQUITY1/EQUITY2")
    page.get_by_role("option", name="EQUITY1/EQUITY2 formula").click()
    expect(page).to_have_url(re.compile("vs=%3DEQUITY1(/|%2F)EQUITY2($|&)"))
    settle(page)
    box(page, "Compare with").focus()
    page.keyboard.type("sma(USA CPI, 2) - 1")
    page.keyboard.press("Enter")  # at once, before an answer
    expect(page.get_by_role("button", name="Remove sma(USA CPI, 2) - 1")).to_be_visible()
    settle(page)
    again = desk.open(page.url.split("/", 3)[3])
    chart = again.locator(".st-key-price_chart .price")
    expect(chart.locator(".legend")).to_contain_text(re.compile(r"since .*EQUITY1/EQUITY2 .* %"))
    table = again.get_by_role("table", name="Compared", exact=True)
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("link", name="sma(USA CPI, 2) - 1")).to_be_visible()
    expect(again.get_by_role("button", name="Remove EQUITY1/EQUITY2")).to_be_visible()
    also = desk.open("correlation?class=fx&also=%3DEQUITY1/EQUITY2")
    expect(also.get_by_role("button", name="Remove EQUITY1/EQUITY2")).to_be_visible()
    expect(also.get_by_role("table", name="Largest changes")).to_contain_text("EQUITY1/EQUITY2")


def test_what_is_not_clear_is_asked_and_names_are_text(desk: Desk) -> None:
    page = desk.open("instrument?id=demo:equity0")
    field = box(page, "Instrument")
    field.click()
    page.keyboard.type("apple")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(page).to_have_url(re.compile("equity0"))
    page.keyboard.press("Escape")
    for typed, name in (("العربية", ARABIC), ("star", MARKUP)):
        field.fill(typed)
        expect(page.get_by_role("option")).to_have_count(1)
        expect(page.get_by_role("option")).to_contain_text(name)
    field.fill("nothing so called")
    expect(page.get_by_text("No instrument called 'nothing so called' is known")).to_be_visible()


def test_which_of_two_is_answered_by_a_click_that_the_address_follows(desk: Desk) -> None:
    page = desk.open("instrument?id=Crowd+Holdings+499")  # and 4990 to 4999
    expect(page.get_by_text("instruments are called")).to_be_visible()
    page.get_by_role("button", name=re.compile("TK4995 · ")).click()
    expect(page.get_by_role("heading", name="TK4995 · Crowd Holdings 4995")).to_be_visible()
    expect(page).to_have_url(re.compile("id=demo(:|%3A)4995"))


def test_the_palette_opens_empty_and_keeps_the_page_for_a_clock(desk: Desk) -> None:
    page = desk.open("series?id=demo:USA.CPI&span=3y")
    box(page, "Series").focus()
    page.keyboard.press("Shift+ArrowLeft")  # selects in the box; the clock stays
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog")
    field = dialog.locator("input")
    expect(field).to_be_focused()
    assert "as_of" not in page.url
    page.keyboard.type("aapl")
    expect(dialog.get_by_role("link").first).to_contain_text("AAPL · Apple Inc. · instrument")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    day = f"{world.last_day() - timedelta(days=60)}"
    page.keyboard.type(f":{day}")
    page.keyboard.press("Enter")  # at once: it waits for the results of what is typed
    expect(page).to_have_url(re.compile(f"as_of={day}"))
    settle(page)
    assert re.search(r"/series\?", page.url)
    assert "span=3y" in page.url
    assert re.search("id=demo(:|%3A)USA.CPI", page.url)
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type("star")
    expect(dialog.get_by_role("link").first).to_contain_text(f"BOLD · {MARKUP} · instrument")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/instrument\?.*id=demo(:|%3A)HTML"))
