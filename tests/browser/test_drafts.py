"""A draft from its paste to its corrected text, and back at a clock before it was entered."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from tests.browser.conftest import serving, settle, sitting
from tests.demo_fixture import DemoLake

DRAFT = """# Jobs <b>today</b>

US unemployment was **4.9%** in May. It fell to 4.4% from 4.3%.

<img src="https://example.org/a.png" onerror="document.title='taken'">
"""


@pytest.fixture(scope="module")
def drafts(demo_lake: DemoLake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a copy of the demo world: these tests write into its state."""
    folder = tmp_path_factory.mktemp("drafts")
    shutil.copytree(demo_lake.settings.data_dir, folder, dirs_exist_ok=True)
    with serving(folder, "demo") as found:
        yield found


def enter(page: Page, text: str, day: str) -> None:
    page.get_by_role("button", name="Check a draft").click()
    area = page.get_by_label("Paste the text")
    area.fill(text)
    area.blur()
    box = page.get_by_role("textbox", name="Date of the draft")
    box.fill(day)
    box.press("Enter")
    settle(page).get_by_role("button", name="Check", exact=True).click()


def taken(page: Page, button: Locator) -> Download:
    with page.expect_download() as found:
        button.click()
    return found.value


def test_from_paste_to_corrected_text(drafts: str, browser: Browser) -> None:
    with sitting(drafts, browser) as desk:
        page = desk.open("drafts")
        enter(page, DRAFT, "2024-06-20")
        marks = page.locator("mark.contradicted")
        expect(marks).to_have_count(2)
        expect(page).to_have_url(re.compile(r"id=\d+"))
        marks.first.click()
        card = page.locator(".claim.now")
        expect(card).to_contain_text("4.4% for May 2024")
        card.get_by_role("button", name="Correct to 4.4%").click()
        expect(page.locator("mark.new")).to_have_text("4.4%")
        settle(page).get_by_role("button", name="Correct to rose").click()
        settle(page)
        expect(page.get_by_role("button", name="Corrected text (2)")).to_be_visible()
        file = taken(page, page.get_by_role("button", name="Corrected text (2)"))
        right = DRAFT.replace("4.9%", "4.4%").replace("fell", "rose")
        assert file.path().read_text(encoding="utf-8") == right
        assert file.suggested_filename.endswith(".md")
        evidence = taken(page, page.get_by_role("button", name="Evidence as CSV"))
        lines = evidence.path().read_text(encoding="utf-8").splitlines()
        rows = list(csv.DictReader("\n".join(lines).split("\n"), restkey="more"))
        assert rows
        report = taken(page, page.get_by_role("button", name="Report as HTML"))
        assert "<img" not in report.path().read_text(encoding="utf-8")
        page.get_by_role("button", name="Save as a new version").click()
        expect(page.get_by_role("heading", name="Versions")).to_be_visible()
        expect(page.locator("mark.contradicted")).to_have_count(0)
        expect(page.locator("mark.supported")).to_have_count(3)
        assert page.title() != "taken"
    assert not desk.wrong


def test_the_evidence_of_a_claim_and_an_earlier_clock(drafts: str, browser: Browser) -> None:
    with sitting(drafts, browser) as desk:
        page = desk.open("drafts")
        enter(page, "US unemployment rose to 4.4% in May.", "2024-06-20 09:00")
        expect(page.locator("mark.supported").first).to_be_visible()
        page.get_by_role("button", name="Show evidence").first.click()
        expect(page.get_by_text("Evidence of claim 1")).to_be_visible()
        expect(page.get_by_role("button", name="Receipt")).to_be_visible()
        number = re.search(r"id=(\d+)", page.url)
        assert number
        early = desk.open(f"drafts?id={number[1]}&as_of=2024-06-21")
        expect(early.get_by_text("There is no text")).to_be_visible()
    assert not desk.wrong


def test_keys_reach_a_claim(drafts: str, browser: Browser) -> None:
    with sitting(drafts, browser) as desk:
        page = desk.open("drafts")
        enter(page, "US unemployment was 4.9% in May.", "2024-06-20")
        mark = page.locator("mark.contradicted").first
        mark.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".claim.now")).to_be_visible()
        page.get_by_role("button", name="Contradicted 1").press("Enter")
        expect(page.locator(".claim")).to_have_count(1)
    assert not desk.wrong
