"""From a country to a product, a partner, both sides, a shock and its companies; a link of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import desk_of, serving_a_copy, settle
from tests.demo_fixture import DemoLake

CLOCK = "2024-06-20T12:00:00Z"
EARLY = "2016-09-01T12:00:00Z"


@pytest.fixture(scope="module")
def trade(demo_lake: DemoLake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a copy of the demo world: a scenario is saved in it."""
    with serving_a_copy(demo_lake, tmp_path_factory.mktemp("trade")) as found:
        yield found


def view(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settle(page)


def losses(page: Page) -> str:
    found = page.locator(".st-key-panel-shock-losses table")
    expect(found).to_be_visible()
    return found.inner_text()


def test_from_a_country_to_a_shock_and_its_link(trade: str, browser: Browser) -> None:
    desk = desk_of(trade, browser)
    page = desk.open(f"trade?country=DEU&as_of={CLOCK}")
    expect(page.get_by_role("heading", name="Goods by partner")).to_be_visible()
    page.get_by_role("link", name="27 · Mineral fuels and oils").click()
    settle(page)
    expect(page).to_have_url(re.compile("product=27"))
    page.get_by_role("link", name="France", exact=True).first.click()
    settle(page)
    expect(page).to_have_url(re.compile("partner=FRA"))
    view(page, "Two sides")
    expect(page.get_by_role("heading", name="Four numbers", exact=True)).to_be_visible()
    expect(page.get_by_text("Germany to France").first).to_be_visible()
    view(page, "Shock")
    shown = losses(page)
    assert "France" in shown
    expect(page.get_by_role("heading", name="Companies")).to_be_visible()
    other = desk_of(trade, browser)
    second = other.open(page.url.removeprefix(trade + "/"))
    assert losses(settle(second)) == shown
    assert desk.wrong == other.wrong == []
    desk.context.close()
    other.context.close()


def test_all_views_now_and_in_2016_in_both_themes(trade: str, browser: Browser) -> None:
    """Every view draws without a fault and within its window, also narrow."""
    titles = {
        "flows": "Partners",
        "sides": "Largest gaps of all countries",
        "dependency": "Coverage",
        "shock": "Losses",
        "position": "Comparative advantage",
    }
    for clock, scheme, width in ((CLOCK, "dark", 1440), (EARLY, "light", 1024)):
        desk = desk_of(trade, browser, width, scheme)
        for name, title in titles.items():
            page = desk.open(f"trade?country=DEU&view={name}&as_of={clock}")
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert not page.get_by_text("not foreseen").count()
            years = page.get_by_role("combobox", name=re.compile("Year")).first
            expect(years).to_be_visible()
        assert desk.wrong == []
        desk.context.close()
