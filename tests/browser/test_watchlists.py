"""A list from a file to a universe, a tile of it, a year back, and by link to somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from tests.browser.conftest import serving, settle, sitting
from tests.browser.test_journeys import facts
from tests.data.uploads import nasty
from tests.pages import world


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a world of its own: these tests write into its state."""
    folder = tmp_path_factory.mktemp("lists")
    world.build(folder)
    with serving(folder, "demo") as found:
        yield found


def upload(page: Page, name: str, payload: bytes) -> None:
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": payload}
    )


def open_clock(page: Page) -> Locator:
    """The field of the clock's popover; a page that is drawn once more meanwhile closes it."""
    field = page.get_by_label("Clock", exact=True)
    for _ in range(5):
        page.locator('[class*="st-key-frame-clock"] button').first.click()
        try:
            field.wait_for(timeout=6_000)
        except TimeoutError:
            continue
        break
    return field


def test_a_list_becomes_a_universe_and_leads_to_an_instrument(lists: str, browser: Browser) -> None:
    with sitting(lists, browser) as desk:
        page = desk.open("watchlists")
        text = "Ticker;Weight;Note\nEQUITY1;0,6;<b>core</b>\nEQUITY2;0,4;=1+1\nNOBODY;1;\n"
        upload(page, "My list.csv", text.encode("utf-16"))
        expect(page.get_by_role("table", name="Result of each row")).to_contain_text(
            "no instrument called 'NOBODY' is known"
        )
        page.get_by_role("button", name="Save 2 of 3").click()
        expect(page.get_by_role("heading", name="My list")).to_be_visible()
        expect(page).to_have_url(re.compile(r"list=My(\+|%20)list"))
        settle(page)
        page.get_by_role("link", name="Heatmap of this list").click()
        expect(page.get_by_text("of 2", exact=False).first).to_be_visible()
        settle(page)
        tiles = page.locator(".st-key-heatmaps_tiles canvas").first
        box = tiles.bounding_box()
        assert box is not None
        tiles.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.5})
        expect(page).to_have_url(re.compile(r"/instrument\?.*id=demo(:|%3A)equity[12]"))
        expect(page.get_by_role("heading", name="Description")).to_be_visible()
        year_before = f"{world.last_day() - timedelta(days=365)} 12:00"
        field = open_clock(settle(page))
        field.fill(year_before)
        field.press("Enter")
        expect(page).to_have_url(re.compile(f"as_of={year_before[:10]}"))
        expect(page.get_by_role("heading", name="Description")).to_be_visible()
        page.keyboard.press("Escape")
        shown = facts(settle(page))
        with sitting(lists, browser) as other:
            second = other.open(page.url.removeprefix(f"{lists}/"))
            expect(second.get_by_role("heading", name="Description")).to_be_visible()
            assert facts(settle(second)) == shown


def test_a_bomb_is_refused_and_the_page_goes_on(lists: str, browser: Browser) -> None:
    with sitting(lists, browser) as desk:
        page = desk.open("watchlists")
        upload(page, "bomb.xlsx", nasty.zip_bomb())
        expect(page.get_by_text("It unpacks from 0.3 to 286 MB")).to_be_visible()
        upload(page, "small.csv", b"EQUITY0\n")
        expect(page.get_by_role("button", name="Save 1 of 1")).to_be_visible()


def type_and_take(page: Page, label: str, text: str) -> None:
    """Search in a box by the keys alone, and take what is meant."""
    page.get_by_role("combobox", name=label, exact=True).focus()
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_contain_text(text, ignore_case=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile(f"^Remove {text}", re.I))).to_be_visible()
    settle(page)


def test_a_list_is_made_by_hand_changed_and_added_to(lists: str, browser: Browser) -> None:
    with sitting(lists, browser) as desk:
        page = desk.open("watchlists")
        page.get_by_role("button", name="New list").click()
        page.get_by_label("Name", exact=True).fill("By hand")
        settle(page)
        type_and_take(page, "Members", "equity1")
        type_and_take(page, "Members", "equity2")
        page.get_by_role("button", name="Create list").click()
        expect(page.get_by_role("heading", name="By hand", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(r"list=By(\+|%20)hand"))
        members = page.get_by_role("table", name="By hand", exact=True)
        expect(members.get_by_role("row")).to_have_count(3)
        expect(page.get_by_role("button", name="Create list")).to_have_count(0)
        settle(page)
        page.get_by_text("Edit the members", exact=True).click()
        type_and_take(page, "Add members", "equity3")
        page.get_by_role("button", name="Add 1 member").click()
        expect(members.get_by_role("row")).to_have_count(4)
        settle(page)
        type_and_take(page, "Remove members", "equity1")
        page.get_by_role("button", name="Remove 1 member").click()
        expect(members.get_by_role("row")).to_have_count(3)
        expect(members).not_to_contain_text("EQUITY1")
        page = desk.open("instrument?id=demo:equity0")
        page.get_by_role("button", name="Add to list").click()
        page.get_by_role("button", name="By hand", exact=True).click()
        expect(page.get_by_role("button", name="By hand", exact=True)).to_be_disabled()
        page = desk.open("watchlists?list=By+hand")
        members = page.get_by_role("table", name="By hand", exact=True)
        expect(members).to_contain_text("EQUITY0")
