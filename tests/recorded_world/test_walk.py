"""Every page over the recorded fortnight, now and in its middle: figures, shredder, receipts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from analytics.core.catalogue import function_named
from data.clock import iso
from data.datasets import DATASETS
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from pages.frame import nav
from pages.frame.cached import AnalyticCall, observe
from tests import machine, tiers
from tests.pages import browse, shredder
from tests.recorded_world.conftest import Fetched
from tests.recorded_world.desk import BOOK, LIST
from tests.recorded_world.fortnight import MIDDLE, NOW
from tests.recorded_world.material import MOVES, document
from tests.recorded_world.reading import address, plain

pytestmark = [pytest.mark.needs("shared"), pytest.mark.usefixtures("evening")]

DOCUMENT = machine.ROOT / "docs" / "recorded.md"
UNFORESEEN = "for a reason that was not foreseen"
# Addresses under which a page shows more than at its plain one.
ADDRESSES: dict[str, tuple[dict[str, str], ...]] = {
    "heatmaps": ({"class": "fx"}, {"lens": "countries", "dimension": "inflation"}),
    "movers": ({"class": "equity", "horizon": "1m"},),
    "correlation": ({"class": "equity"},),
    "instrument": ({"id": "yahoo:NVDA"}, {"id": "av:IBM"}, {"id": "imf:GBPUSD"}),
    "countries": ({"indicator": "gdp_usd", "with": "USA DEU"},),
    "releases": ({"reach": "3m", "of": "yahoo:^GSPC"},),
    "series": (
        {"id": "fred:PAYEMS"},
        {"id": "us_treasury:par:10y"},
        {"id": "wb:FI.RES.TOTL.MO:BGD"},
    ),
    "regimes": ({"of": "yahoo:^GSPC", "span": "all"},),
    "studies": ({"by": "falls", "share": "0.05", "id": "yahoo:^GSPC"},),
    "watchlists": ({"list": LIST},),
    "positions": ({"portfolio": BOOK, "base": "EUR"},),
    "data": ({"dataset": "trade"}, {"dataset": "news"}),
}
PAGES = {page.name: ({}, *ADDRESSES.get(page.name, ())) for page in nav.PAGES}


@dataclass(frozen=True)
class Line:
    """One line of the table in the document."""

    source: str
    file: str
    rows: int
    page: str
    shown: str
    stated: str


def lines() -> list[Line]:
    """The table: source, call, file, rows, page, on the screen, in the file."""
    found = []
    for row in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        if len(cells) == 7 and cells[3].replace(",", "").isdigit():
            source, _, file, rows, page, shown, stated = (c.replace("\\|", "|") for c in cells)
            found.append(Line(source, file, int(rows.replace(",", "")), page, shown, stated))
    return found


def test_the_table_names_every_source_and_file_of_the_world() -> None:
    table = lines()
    assert {line.file for line in table} <= set(MOVES)
    assert len({line.source for line in table}) >= 18


@pytest.mark.sampled(24)
@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line.source} {line.shown}")
def test_a_page_shows_the_figure_of_the_file(recorded: Fetched, line: Line) -> None:
    stated = (machine.require("shared") / line.file).read_text(encoding="utf-8-sig")
    assert line.stated in stated
    page, query = address(line.page)
    assert line.shown in plain(browse.visit(recorded.settings, page, **query))


def test_the_table_counts_the_rows_of_each_source(recorded: Fetched) -> None:
    names = [name for name, dataset in DATASETS.items() if "source" in dataset.schema.names]
    every = " UNION ALL ".join(f"SELECT source FROM {name}" for name in names)
    frame = recorded.at().sql(f"SELECT source, count(*) AS n FROM ({every}) GROUP BY 1").frame
    held = {source: count for source, count in frame.iter_rows() if source != "countries"}
    told: dict[str, int] = {}
    for line in lines():
        assert told.setdefault(line.source, line.rows) == line.rows
    assert told == held


def test_a_book_in_pence_and_euro_is_worth_pounds_and_dollars(recorded: Fetched) -> None:
    """A hundred shares at 1259.5 pence, fifty at 33.2 euro, ten sold at 22.84 dollars."""
    pounds = 1 / document("recorded/openexchangerates/latest_USD.json")["rates"]["GBP"]
    london, frankfurt, new_york = 1259.5 * pounds, 50 * 33.2 * 1.15, -10 * 22.84
    app = browse.visit(recorded.settings, "positions", portfolio=BOOK, base="USD")
    shown = plain(app)
    for value in (london, frankfurt, new_york, london + frankfurt + new_york):
        assert f"{value:,.0f}".replace("-", "−") in shown
    assert "1,259.50 GBp" in shown
    assert "125,950" in shown


@pytest.mark.sampled(24)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("moment", [NOW, MIDDLE], ids=["now", "middle"])
def test_a_page_has_no_panel_that_fails(recorded: Fetched, page: str, moment: datetime) -> None:
    clock = {} if moment is NOW else {"as_of": iso(MIDDLE)}
    for query in PAGES[page]:
        app = browse.visit(recorded.settings, page, **query, **clock)
        assert not app.exception, query
        assert UNFORESEEN not in browse.text(app), query


@pytest.mark.sampled(24)
@pytest.mark.parametrize("page", PAGES)
def test_a_clock_before_the_fortnight_knows_only_what_was_dated(
    recorded: Fetched, page: str
) -> None:
    app = browse.visit(recorded.settings, page, as_of="1940-01-01")
    assert not app.exception
    said = [words for words in browse.sentences(app) if "Nothing in this lake was known" in words]
    assert len(said) == 1


def test_no_page_sees_past_the_middle_or_the_now(recorded: Fetched, tmp_path: Path) -> None:
    clocks = {
        moment: shredder.shred(recorded.settings, moment, tmp_path / f"{number}")
        for number, moment in enumerate(tiers.daily((MIDDLE, NOW), 2, "test_walk.py, clocks"))
    }
    pages = {name: PAGES[name] for name in tiers.daily(list(PAGES), 5, "test_walk.py, pages")}
    found = shredder.gallery(recorded.settings, pages, clocks)
    assert set(found) == set(pages)
    wrong = [line for by_address in found.values() for item in by_address.values() for line in item]
    assert wrong == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize("moment", [NOW, MIDDLE], ids=["now", "middle"])
def test_every_receipt_runs_again_to_the_same(recorded: Fetched, moment: datetime) -> None:
    clock = {} if moment is NOW else {"as_of": iso(MIDDLE)}
    calls: list[AnalyticCall] = []
    with observe(calls.append):
        for page in tiers.daily(list(PAGES), 5, "test_walk.py, pages whose receipts run"):
            browse.visit(recorded.settings, page, **PAGES[page][-1], **clock)
    answers = {call.name: call.answer for call in calls if call.answer is not None}
    assert len(answers) > (60 if tiers.is_night() else 10)
    unlike = [
        f"{name}: {verdict.note}"
        for name, answer in answers.items()
        for verdict in verify(make_receipt(answer), recorded.settings.lake, function_named)
        if not verdict.same
    ]
    assert unlike == []
