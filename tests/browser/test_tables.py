"""Tables in a browser: columns hidden and kept, pictures, heads that stay, figures in full."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from pages.frame.nav import PAGES, PageLine
from pages.frame.picture import slug
from tests.browser.conftest import Desk, settle
from tests.pages import world
from tests.pages.examples import addresses

CLOCK = f"{world.last_day() - timedelta(days=40)}T14:30:00Z"
MOVES = "largest-moves"
# Figures whose text is wider than their cell, and tables that neither fit nor scroll; with each,
# what is cut off.
CLIPPED = """() => {
  const cut = (cell) => cell.scrollWidth > cell.clientWidth + 1;
  const figures = [...document.querySelectorAll(
    'table.b-table :is(td.n, td.d, td.h, td.m), .b-facts dd')];
  const tables = [...document.querySelectorAll('table.b-table')].filter((table) => {
    const ground = table.closest('.b-scroll'), panel = ground.parentElement;
    const fits = table.offsetWidth <= ground.clientWidth + 1;
    const scrolls = getComputedStyle(ground).overflowX === 'auto';
    return !(fits || scrolls) || ground.offsetWidth > panel.clientWidth + 1;
  });
  return { seen: figures.filter((cell) => cell.offsetWidth).length,
    cut: figures.filter((cell) => cell.offsetWidth && cut(cell)).map((cell) => cell.textContent),
    tables: tables.map((table) => table.caption.textContent) }; }"""


def menu(page: Page, panel: str) -> Locator:
    """The open menu of a panel."""
    page.locator(f".st-key-menu-{panel} button").first.click()
    columns = page.locator(f'.b-columns[data-panel="{panel}"]')
    expect(columns.locator("input").first).to_be_visible()
    return columns


def head(page: Page, panel: str, column: str) -> Locator:
    """The head of a column."""
    return page.locator(f'.st-key-panel-{panel} th[data-column="{column}"]').first


def names(page: Page, panel: str) -> list[str]:
    """The columns that a panel shows, read at one moment."""
    shown = page.locator(f".st-key-panel-{panel} th:visible")
    found: list[str] = shown.evaluate_all("heads => heads.map((one) => one.dataset.column ?? '')")
    return found


def expect_names(page: Page, panel: str, wanted: list[str]) -> None:
    """A panel comes to show these columns; a script hides the others once the table is there."""
    shown = page.locator(f".st-key-panel-{panel} th:visible")
    expect(shown).to_have_count(len(wanted))
    assert names(page, panel) == wanted


def test_a_hidden_column_stays_hidden_and_files_hold_it(desk: Desk) -> None:
    page = desk.open()
    before = names(page, MOVES)
    column = before[-1]
    menu(page, MOVES).locator(f'input[data-column="{column}"]').uncheck()
    expect(head(page, MOVES, column)).to_be_hidden()
    expect_names(page, MOVES, before[:-1])
    cells = page.locator(f".st-key-panel-{MOVES} tbody tr:not(.g)").first.locator("td:visible")
    assert cells.count() == len(before) - 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Parquet").click()
    frame = pl.read_parquet(download.value.path())
    for path in ("", f"?as_of={CLOCK}"):
        later = desk.open(path)
        expect(head(later, MOVES, before[0])).to_be_visible()
        expect_names(later, MOVES, before[:-1])
    with later.expect_download() as again:
        later.locator(f".st-key-menu-{MOVES} button").first.click()
        later.get_by_role("button", name="Parquet").click()
    assert pl.read_parquet(again.value.path()).columns == frame.columns
    note = later.locator(f".st-key-panel-{MOVES} .b-hidden")
    expect(note).to_contain_text("1 column hidden")
    later.keyboard.press("Escape")
    note.get_by_role("button").click()
    expect(note).to_have_count(0)
    expect_names(later, MOVES, before)


def test_a_column_that_is_gone_does_no_harm(desk: Desk) -> None:
    page = desk.open()
    before = names(page, MOVES)
    keep = "([key, names]) => localStorage.setItem(key, JSON.stringify(names))"
    key = f"barograph-columns:overview/{MOVES}"
    page.evaluate(keep, [key, ["no longer here", before[1]]])
    again = settle(_reloaded(page))
    expect(head(again, MOVES, before[0])).to_be_visible()
    expect_names(again, MOVES, [before[0], *before[2:]])
    again.evaluate("(key) => localStorage.setItem(key, '{broken')", key)
    expect_names(settle(_reloaded(again)), MOVES, before)


def _reloaded(page: Page) -> Page:
    page.reload()
    return page


def picture(page: Page, panel: str) -> Image.Image:
    """The PNG of a panel."""
    opener = page.locator(f".st-key-menu-{panel} button, .st-key-panel-{panel} .b-menu summary")
    opener.first.click()
    with page.expect_download() as download:
        page.locator(f'[data-picture][data-panel="{panel}"]').click()
    assert download.value.suggested_filename.endswith(".png")
    title = page.locator(f".st-key-panel-{panel} h3").first.inner_text()
    assert slug(title) in download.value.suggested_filename
    return Image.open(io.BytesIO(Path(download.value.path()).read_bytes())).convert("RGB")


def colours(image: Image.Image) -> int:
    """How many colours a picture has; a blank one has two at most."""
    found = image.getcolors(image.width * image.height)
    assert found is not None
    return len(found)


@pytest.mark.sampled(16)
@pytest.mark.parametrize(
    ("path", "panel", "content"),
    [
        ("", "latest-events", "table"),
        ("data?dataset=macro&id=demo:USA.CPI", "history-of-demo-usa-cpi", ".main-svg"),
        ("instrument?id=demo:equity0", "bars", "canvas"),
        ("heatmaps?class=all", "map", "canvas"),
        ("alerts", "rules", "table"),
    ],
)
def test_a_panel_is_saved_as_a_picture(desk: Desk, path: str, panel: str, content: str) -> None:
    page = desk.open(path)
    shown = page.locator(f".st-key-panel-{panel}").locator(content).first
    shown.wait_for()
    page.wait_for_timeout(500)
    image = picture(page, panel)
    box = page.locator(f".st-key-panel-{panel}").bounding_box()
    assert box is not None
    assert image.width >= 2 * box["width"] > 0
    assert image.getpixel((2, 2)) == (16, 22, 29)  # the ground of panels in the dark
    assert colours(image) > 50
    inner = shown.bounding_box()
    assert inner is not None
    left, top = int(2 * (inner["x"] - box["x"] + 14)), int(2 * (inner["y"] - box["y"] + 14))
    right, bottom = left + int(2 * inner["width"]), top + int(2 * inner["height"])
    assert colours(image.crop((left, top, right, bottom))) > 20


def test_markup_in_a_cell_is_text_in_the_picture(desk: Desk) -> None:
    page = desk.open()
    cell = page.locator(".st-key-panel-latest-events td", has_text="<b>").first
    expect(cell).to_be_visible()
    words = "CanvasRenderingContext2D.prototype"
    page.evaluate(
        f"() => {{ window.painted = []; const paint = {words}.fillText; "
        f"{words}.fillText = function (...given) {{ window.painted.push(given[0]); "
        "return paint.apply(this, given); }; }"
    )
    picture(page, "latest-events")
    painted: list[str] = page.evaluate("window.painted")
    assert cell.inner_text() in painted
    assert any(text.startswith("As known at") for text in painted)
    assert any(text.startswith("Sources of the data read: demo") for text in painted)
    assert any("invented" in text for text in painted)


def test_the_head_stays_and_the_total_stays_last(desk: Desk) -> None:
    page = desk.open(f"watchlists?list={world.LIST}")
    table = page.locator("table.b-table", has=page.locator("tfoot")).first
    expect(table).to_be_visible()
    ground = table.locator("xpath=..")
    ground.evaluate("(part) => { part.style.maxHeight = '120px'; part.scrollTop = 60; }")
    place, above = ground.bounding_box(), table.locator("th").first.bounding_box()
    below = table.locator("tfoot td").first.bounding_box()
    assert place and above and below
    assert abs(above["y"] - place["y"]) < 2
    assert abs(below["y"] + below["height"] - place["y"] - place["height"]) < 18  # a scroll bar
    table.locator("th").first.click()
    assert table.locator("tr").last.inner_text().startswith("Total")


@pytest.mark.sampled(16)
@pytest.mark.parametrize("width", [1440, 1024])
@pytest.mark.parametrize("line", PAGES, ids=lambda line: line.name)
def test_no_figure_is_clipped(browser: Browser, origin: str, line: PageLine, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="dark")
    narrow = Desk(origin, context)
    page = narrow.open(f"{'' if line is PAGES[0] else line.name}?{urlencode(addresses(line)[0])}")
    found: dict[str, Any] = page.evaluate(CLIPPED)
    assert found["cut"] == []
    assert found["tables"] == []
    if found["seen"]:  # the measure finds a figure in a cell that is too narrow
        page.add_style_tag(
            content=".b-facts dd, table.b-table :is(td.n, td.d, td.h, td.m) "
            "{max-width: 4px; width: 4px; overflow: hidden; display: block}"
        )
        assert page.evaluate(CLIPPED)["cut"]
    assert narrow.wrong == []
    context.close()
