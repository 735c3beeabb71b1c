"""No serious fault in our own markup on any page, and of the toolkit's only those listed."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from pages.frame.nav import NO_SUCH_PAGE, PAGES
from tests import tiers
from tests.browser.accessibility import faults, listed, new_ones
from tests.browser.conftest import Desk, settle
from tests.pages.examples import addresses

LINES = (*PAGES, NO_SUCH_PAGE)
PLANTED = """() => {
  const host = document.querySelector('main [data-testid="stHtml"]');
  host.insertAdjacentHTML('beforeend', '<img src="data:,"><p style="color:#333;background:#222">'
    + 'planted</p>');
  const foreign = document.createElement('button');
  document.querySelector('[data-testid="stMainBlockContainer"]').append(foreign);
}"""


def test_what_is_planted_is_found_and_told_apart(desk: Desk) -> None:
    page = desk.open("jobs")
    assert new_ones(faults(page)) == []
    page.evaluate(PLANTED)
    found = {(fault.rule, fault.is_ours, fault.place) for fault in new_ones(faults(page))}
    assert found == {
        ("image-alt", True, "stHtml img"),
        ("color-contrast", True, "stHtml p"),
        ("button-name", False, "stMainBlockContainer button"),
    }


@pytest.mark.parametrize("scheme", ["dark", pytest.param("light", marks=pytest.mark.night)])
def test_no_page_has_a_serious_fault_of_ours(origin: str, browser: Browser, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    desk, wrong, seen = Desk(origin, context), {}, set()
    page = context.new_page()
    for line in tiers.daily(LINES, 4, "test_accessibility.py, pages"):
        address = addresses(line)[0]
        page.goto(f"{desk.origin}/{line.name}?{urlencode(address)}")
        found = faults(settle(page))
        seen |= {(fault.rule, fault.place) for fault in found if not fault.is_ours}
        if left := new_ones(found):
            wrong[line.name] = left
    context.close()
    assert wrong == {}
    if tiers.is_night():
        assert listed() - seen == set(), "mended by the toolkit: take them from docs/testing.md"
