"""From the screen to a company, a figure, its filing, a simulation that is saved, and another."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Desk, desk_of, serving_a_copy, settle
from tests.demo_fixture import DemoLake

pytestmark = pytest.mark.needs("chromium")
CLOCK = "2024-06-20T12:00:00Z"
EARLY = "2016-09-01T12:00:00Z"
NAME = "Fictor Motors"


@pytest.fixture(scope="module")
def companies(demo_lake: DemoLake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a copy of the demo world: scenarios are saved in it."""
    with serving_a_copy(demo_lake, tmp_path_factory.mktemp("companies")) as found:
        yield found


def panel(page: Page, key: str) -> Locator:
    found = page.locator(f".st-key-panel-{key}")
    expect(found.locator("table").first).to_be_visible()
    return found


def enter(page: Page, label: str, text: str) -> None:
    box = page.get_by_role("spinbutton", name=re.compile(f"^{label}"))
    box.fill(text)
    box.press("Enter")
    settle(page)


def save(page: Page, title: str) -> None:
    box = page.get_by_label("Title of a new scenario")
    box.fill(title)
    box.press("Enter")
    settle(page)
    page.get_by_role("button", name="Save scenario").click()
    expect(page.get_by_text(f"{title} is saved as version 1")).to_be_visible()
    settle(page)


def to_a_filing(desk: Desk) -> Page:
    """From the screen to a company, and from a figure of it to the filings of the figure."""
    page = desk.open("companies")
    page.get_by_role("link", name=NAME, exact=True).first.click()
    settle(page)
    expect(page).to_have_url(re.compile("company.*id=demo"))
    page.get_by_role("radio", name="Quarterly", exact=True).click()
    settle(page)
    panel(page, "statement").locator("td a").first.click()
    settle(page)
    expect(page).to_have_url(re.compile("line=.*end="))
    figure = panel(page, "figure").inner_text()
    assert "first filed" in figure
    assert re.search(r"\b10-[QK]\b", figure)
    return page


def test_from_the_screen_to_two_simulations_and_their_link(
    companies: str, browser: Browser
) -> None:
    desk = desk_of(companies, browser)
    page = to_a_filing(desk)
    page.get_by_role("radio", name="Simulate", exact=True).click()
    settle(page)
    enter(page, "New debt", "5000")
    enter(page, "Rate of new debt", "6")
    expect(page).to_have_url(re.compile("debt=5000"))
    save(page, "Debt of five billion")
    enter(page, "New debt", "0")
    enter(page, "Dividend", "200")
    expect(page.get_by_text("Changed since Debt of five billion")).to_be_visible()
    save(page, "Dividend of 200")
    box = page.get_by_role("combobox", name=re.compile("Compare with"))
    box.focus()
    page.keyboard.type("Debt of five")
    page.get_by_role("option", name="Debt of five billion").click()
    settle(page)
    shown = panel(page, "filing-compared").locator("table").inner_text()
    assert re.search(r"Total liabilities.*\+5,000\.00", shown)
    content = csv_of(page, "filing-compared")
    assert "# as_of: " in content
    assert "dividend 200 USD mn" in content
    assert "Debt of five billion, version 1" in content
    other = desk_of(companies, browser)
    second = other.open(page.url.removeprefix(companies + "/"))
    assert panel(second, "filing-compared").locator("table").inner_text() == shown
    expect(second.get_by_text("the result is the same at this clock")).to_be_visible()
    assert desk.wrong == other.wrong == []
    desk.context.close()
    other.context.close()


def csv_of(page: Page, key: str) -> str:
    """The file of a panel, as its menu gives it."""
    page.locator(f".st-key-menu-{key} button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    return download.value.path().read_text()


def test_all_views_now_and_in_2016_in_both_themes(companies: str, browser: Browser) -> None:
    """Every view draws without a fault and within its window, also narrow."""
    views = {"statements": "statement", "ratios": "ratios", "simulate": "filing-lines"}
    for clock, scheme, width in (("", "dark", 1440), (CLOCK, "light", 1024), (EARLY, "dark", 1024)):
        desk = desk_of(companies, browser, width, scheme)
        for name, key in views.items():
            address = f"company?view={name}&id=demo:co-0004"
            page = desk.open(f"{address}&as_of={clock}" if clock else address)
            panel(page, key)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert not page.get_by_text("not foreseen").count()
        if clock:
            expect(page.get_by_text("No scenario had been saved at this clock")).to_be_visible()
        assert desk.wrong == []
        desk.context.close()
