"""A portfolio: returns and risk on its page, and an entry of the ledger that changes its gain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import serving, settle, sitting
from tests.pages import world

pytestmark = pytest.mark.sampled(4)


@pytest.fixture(scope="module")
def desk_of_a_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a world of its own: this test writes into its state."""
    folder = tmp_path_factory.mktemp("book")
    world.build(folder)
    with serving(folder, "demo") as found:
        yield found


def test_an_entry_of_the_ledger_changes_the_gain(desk_of_a_book: str, browser: Browser) -> None:
    with sitting(desk_of_a_book, browser) as desk:
        page = desk.open(f"positions?portfolio={world.BOOK}&benchmark=demo:equity0")
        for label in ("Total gain", "Time-weighted", "Money-weighted", "CVaR 95 %", "Beta"):
            expect(page.locator(f"dt:text-is('{label}')")).to_be_visible()
        expect(page.locator(".st-key-chart-profit-and-loss .main-svg").first).to_be_visible()
        income = page.locator("dt:text-is('Income') + dd")
        before = income.inner_text()
        page.locator("summary", has_text="Ledger").click()
        form = page.locator(".st-key-positions_ledger")
        form.get_by_label("Amount (negative: paid)").fill("4000")
        page.keyboard.press("Tab")
        form.get_by_label("Currency").fill("USD")
        page.keyboard.press("Tab")
        settle(page)
        form.get_by_test_id("stDateInput").get_by_role("spinbutton").first.click()
        page.keyboard.type(f"{world.last_day():%Y%m%d}")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        settle(page)
        page.get_by_role("button", name="Add entry").click()
        settle(page)
        expect(income).not_to_have_text(before)
        expect(form.get_by_text("4,000.00 USD").first).to_be_visible()
