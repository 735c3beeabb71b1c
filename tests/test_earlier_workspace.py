"""What was saved with an earlier layout of the program still works: receipts, links, saved views.

`tests/fixtures/workspace-0.1.zip` holds a small demo workspace of 29 November 2026 (lake and
state), the receipts of 48 panels and the addresses of the pages that they came from, as the program
wrote them before its modules were moved into folders by subject.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from analytics.core.catalogue import function_named
from data.proof.receipt_check import verify
from data.settings import Settings
from data.state import views
from data.state.db import State
from tests.pages import browse

KEPT = Path(__file__).with_name("fixtures") / "workspace-0.1.zip"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    where = tmp_path_factory.mktemp("earlier")
    with zipfile.ZipFile(KEPT) as kept:
        kept.extractall(where)
    yield where


@pytest.fixture(scope="module")
def settings(folder: Path) -> Settings:
    return Settings.from_env("demo", {"DATA_DIR": str(folder)})


def test_receipts_give_the_same_figures(folder: Path, settings: Settings) -> None:
    files = sorted((folder / "receipts").glob("*.json"))
    assert len(files) == 48
    different, figures = [], 0
    for file in files:
        for part in verify(json.loads(file.read_text()), settings.lake, function_named):
            figures += part.part == "figure"
            different += [] if part.same else [f"{file.name}: {part.part}: {part.note}"]
    assert different == [] and figures >= 20


def test_a_figure_that_was_altered_is_found(folder: Path, settings: Settings) -> None:
    receipt = json.loads((folder / "receipts" / "analytics.market.market.json").read_text())
    values = receipt["figure"]["result"]["values"]
    row, column = next(
        (y, x)
        for y, row in enumerate(values)
        for x, one in enumerate(row)
        if isinstance(one, float)
    )
    values[row][column] *= 1.001
    assert not all(item.same for item in verify(receipt, settings.lake, function_named))


def test_links_open_what_they_led_to(folder: Path, settings: Settings) -> None:
    links = json.loads((folder / "links.json").read_text())
    assert len(links) >= 15
    for page, query in links:
        app = browse.visit(settings, page, **query)
        assert not app.exception, (page, query)
        assert not any("There is no" in said for said in browse.sentences(app)), (page, query)
        assert len(browse.bodies(app)) > 3, (page, query)


def test_saved_views_lead_to_pages_that_are_there(settings: Settings) -> None:
    state = State.open(settings.state)
    saved = views.listed(state, as_of=datetime(2027, 1, 1, tzinfo=UTC))
    state.close()
    kept = [view for view in saved if view.name != "Last visit"]
    assert [view.name for view in kept] == ["Equity", "Falls", "Prices in the USA"]
    for view in kept:
        app = browse.visit(settings, view.target.page, **dict(parse_qsl(view.target.query)))
        assert not app.exception
        assert not any("There is no" in said for said in browse.sentences(app)), view.name
