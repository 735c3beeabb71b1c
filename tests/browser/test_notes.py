"""From a list to its note and into the archive; at a past clock; without a key."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from data.clock import utc_now
from data.settings import Settings
from data.state import watchlists
from data.state.db import State
from data.state.values import Edit
from ingest.models.worker import answer_questions
from tests.browser.conftest import serving, settle, sitting
from tests.demo_fixture import DemoLake

LIST = "Ours"


@pytest.fixture(scope="module")
def folder(demo_lake: DemoLake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo world with a list: these tests write into its state."""
    made = tmp_path_factory.mktemp("notes")
    shutil.copytree(demo_lake.settings.data_dir, made, dirs_exist_ok=True)
    state = State.open(settings_of(made).state)
    members = [watchlists.Member(symbol) for symbol in ("demo:FIRP.2", "demo:NORC")]
    watchlists.create(state, LIST, members, edit=Edit("ann", utc_now()))
    state.close()
    return made


@pytest.fixture(scope="module")
def notes(folder: Path) -> Iterator[str]:
    with serving(folder, "demo") as found:
        yield found


def settings_of(folder: Path) -> Settings:
    return Settings.from_env("demo", {"DATA_DIR": str(folder), "MEMORY_LIMIT_MB": "512"})


def taken(page: Page, button: Locator) -> Download:
    with page.expect_download() as found:
        button.click()
    return found.value


def test_from_a_list_to_its_note_and_into_the_archive(notes: str, browser: Browser) -> None:
    with sitting(notes, browser) as desk:
        page = desk.open("notes")
        page.get_by_role("radio", name="List").click()
        settle(page)
        expect(page.get_by_role("heading", name=LIST, exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("of=list"))
        page.get_by_role("button", name="Save to the archive").click()
        expect(page.get_by_text("Saved as note 1")).to_be_visible()
        page.get_by_role("link", name=LIST, exact=True).click()
        settle(page)
        expect(page.get_by_text("note 1, as it was written")).to_be_visible()
        file = taken(page, page.get_by_role("button", name="Note as Markdown"))
        assert "## Bull case" in file.path().read_text(encoding="utf-8")
    assert not desk.wrong


def test_a_figure_leads_to_its_fact_at_a_past_clock(notes: str, browser: Browser) -> None:
    with sitting(notes, browser) as desk:
        page = desk.open("notes?id=demo:FIRP.2&as_of=2020-03-16T21:00:00Z")
        expect(page.get_by_text("a model knows the future")).to_be_visible()
        expect(page.get_by_text("No note had been archived at this clock")).to_be_visible()
        figure = page.locator("a.b-figure", has_text="USD").first
        target = (figure.get_attribute("href") or "").removeprefix("#")
        figure.click()
        row = page.locator(f"tr#{target}")
        expect(row).to_be_in_viewport()
        expect(row).to_contain_text((figure.text_content() or "").split(" ")[0])
        assert all("2020" in known or "2019" in known for known in row.all_text_contents())
        receipt = taken(page, page.get_by_role("button", name="Receipt", exact=True))
        assert '"barograph_receipt"' in receipt.path().read_text(encoding="utf-8")
        facts = taken(page, page.get_by_role("button", name="Facts as CSV"))
        assert "RSI (14)" in facts.path().read_text(encoding="utf-8")
    assert not desk.wrong


def test_without_a_key_the_page_says_so(notes: str, folder: Path, browser: Browser) -> None:
    with sitting(notes, browser) as desk:
        page = desk.open("notes?country=DEU")
        page.get_by_role("button", name="Ask the model").click()
        expect(page.get_by_text("Waiting for the model: 0 of")).to_be_visible()
        held = settings_of(folder)
        state = State.open(held.state)
        answer_questions(held, state, utc_now())
        state.close()
        expect(page.get_by_text("The model wrote no note")).to_be_visible()
        expect(page.get_by_text("No key is set for the model")).to_be_visible()
        expect(page.get_by_role("heading", name="Summary")).to_be_visible()
    assert not desk.wrong
