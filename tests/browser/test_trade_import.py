"""Trades from a file: a question, the positions that follow, the import, and its undoing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serving, settle, sitting
from tests.browser.test_watchlists import upload
from tests.pages import world

FILE = """Konto;Datum;Vorgang;Kürzel;Anzahl;Preis;Gebühren;Währung
1;03.02.2026;Kauf;EQUITY0;1.000;79,50;12,50;USD
1;05.03.2026;Verkauf;EQUITY0;400;81,00;12,50;USD
1;06.03.2026;Dividende;EQUITY0;;;;USD
2;10.03.2026;Kauf;EQUITY1;25;31,00;1,00;USD
"""


@pytest.fixture(scope="module")
def desk_of_trades(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a world of its own: this test writes into its state."""
    folder = tmp_path_factory.mktemp("trades")
    world.build(folder)
    with serving(folder, "demo") as found:
        yield found


def choose(page: Page, label: str, words: str) -> None:
    """Take the first option that begins with these words."""
    box = settle(page).get_by_role("combobox", name=label)
    box.click()
    box.press_sequentially(words)
    box.press("Enter")
    settle(page)


def test_a_file_is_asked_about_imported_and_undone(desk_of_trades: str, browser: Browser) -> None:
    with sitting(desk_of_trades, browser) as desk:
        page = desk.open("positions")
        page.get_by_text("Import trades").click()
        upload(page, "Depot Nord.csv", FILE.encode("cp1252"))
        rows = page.get_by_role("table", name="Result of each row")
        expect(rows).to_contain_text("2 accounts are in this file")
        expect(rows).to_contain_text("a dividend")
        expect(page.get_by_role("button", name="Add 0 trades and 1 booking")).to_be_visible()
        choose(page, "2 accounts are in this file", "all accounts together")
        after = page.get_by_role("table", name="Positions after import")
        expect(after).to_contain_text("600")
        expect(rows).to_contain_text("79.50")
        expect(rows).to_contain_text("03 Feb 2026")
        settle(page)
        page.get_by_role("button", name="Add 3 trades").click()
        expect(page.get_by_role("heading", name="Depot Nord")).to_be_visible()
        expect(page.get_by_role("table", name="Positions", exact=True)).to_contain_text("EQUITY0")
        settle(page)
        page.locator("summary", has_text="Imports").click()
        expect(page.get_by_role("table", name="Imports")).to_contain_text("Depot Nord")
        choose(page, "Undo an import", "import")
        page.get_by_role("button", name="Undo import").click()
        expect(page.get_by_role("heading", name="Depot Nord")).to_have_count(0)
