"""The Pink Sheet: the page, the workbook, its marks for what is missing, what must be refused."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ingest.jobs import Window
from ingest.sources.pink_sheet import PAGE, SOURCE
from tests.ingest.macro_replies import PAGE as HTML
from tests.ingest.macro_replies import held, problem, recorded, reply, rows
from tests.ingest.pink_sheets import ADDRESS, page, workbook

WORKBOOK = "pink_sheet/CMO-Historical-Data-Monthly_2026-06-02.xlsx"
NAMES, UNITS = ("", "Cocoa ", "Gold **", "Hemp"), ("", "($/kg)", "($/troy oz)", "($/mt)")


def book(*months: tuple[str | float, ...], units: tuple[str, ...] = UNITS) -> bytes:
    return workbook(NAMES, units, *months)


def test_the_page_leads_to_the_newest_workbook() -> None:
    assert [call.url for call in SOURCE.plan(Window((), datetime(2026, 6, 3, tzinfo=UTC)))] == [
        PAGE
    ]
    assert SOURCE.parse(reply(page(2021, 2026), PAGE)).follow[0].url == ADDRESS.format(year=2026)
    assert "no link" in str(problem(SOURCE, reply(HTML, PAGE)))


def test_a_workbook_by_hand() -> None:
    body = book(("1960M01", 0.63, 35.27, "…"), ("1960M02", "...", 35.1, 12))
    found = held(SOURCE.parse(reply(body, ADDRESS.format(year=2026))))
    assert [
        (row["series_id"], row["period"], row["value"], row["unit"])
        for row in found["macro"].sort("series_id", "period").to_dicts()
    ] == [
        ("pink_sheet:cocoa", date(1960, 1, 1), 0.63, "USD per kg"),
        ("pink_sheet:gold", date(1960, 1, 1), 35.27, "USD per troy ounce"),
        ("pink_sheet:gold", date(1960, 2, 1), 35.1, "USD per troy ounce"),
        ("pink_sheet:hemp", date(1960, 2, 1), 12.0, "USD per tonne"),
        ("pink_sheet:index_energy", date(1960, 1, 1), 2.13, "index 2010=100"),
        ("pink_sheet:index_total_index", date(1960, 1, 1), 7.64, "index 2010=100"),
    ]
    # Public by the end of the day in Washington, which is four hours behind in June.
    assert found["macro"]["known_at"].unique().to_list() == [
        datetime(2026, 6, 3, 3, 59, 59, tzinfo=UTC)
    ]
    named = {row["series_id"]: row for row in found["series"].to_dicts()}
    assert named["pink_sheet:gold"]["indicator"] == "commodity_precious_gold"
    assert named["pink_sheet:hemp"]["indicator"] == "commodity_other_hemp"
    assert named["pink_sheet:gold"]["title"] == "Gold, mean of the month"


def test_nothing_is_known_before_it_was_fetched_and_an_old_workbook_is_named() -> None:
    body = book(("1960M01", 0.63, 35.27, "…"))
    early = reply(body, ADDRESS.format(year=2026), now=datetime(2026, 6, 2, 15, tzinfo=UTC))
    assert rows(SOURCE, early, "macro")[0]["known_at"] == early.fetched_at
    assert SOURCE.parse(early).note == ""
    late = reply(body, ADDRESS.format(year=2026))
    assert SOURCE.parse(late).note == "the workbook was updated on 2 June 2026"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (book(("1960M01", "n/a", "1", "1")), "row 7, pink_sheet:cocoa"),
        (
            book(("1960M01", "1", "1", "1"), units=("", "($/mt)", "($/troy oz)", "")),
            "Cocoa is in",
        ),
        (book(("January", "1", "1", "1")), "no month"),
        (b"PK\x03\x04 cut", "cannot be read"),
        (HTML, "HTML came"),
        (b"gone", "no workbook"),
    ],
)
def test_what_is_no_such_workbook_is_refused(body: bytes, words: str) -> None:
    refused = problem(SOURCE, reply(body, ADDRESS.format(year=2026)))
    assert refused.problem == "upstream" and words in str(refused)


@pytest.mark.needs("shared")
def test_the_recorded_workbook_reads_as_its_cells(shared: Path) -> None:
    """Against the recorded extract of the same sheet, which was made without this reader."""
    found = held(SOURCE.parse(recorded(shared, WORKBOOK)))
    macro, series = found["macro"], found["series"]
    prices = macro.filter(~pl.col("series_id").str.contains(":index_"))
    assert prices["series_id"].n_unique() == 71
    extract = shared / "recorded" / "pink_sheet" / "derived_Monthly_Prices_head_tail.csv"
    lines = list(csv.reader(extract.open(encoding="utf-8")))
    titles = {
        row["title"].removesuffix(", mean of the month"): row["series_id"]
        for row in series.to_dicts()
    }
    values = {(row["series_id"], row["period"]): row["value"] for row in macro.to_dicts()}
    compared = 0
    for line in lines[6:]:
        period = date(int(line[0][:4]), int(line[0][5:]), 1)
        for name, cell in zip(lines[4][1:], line[1:], strict=True):
            if not name:
                continue
            word = titles[" ".join(name.replace("*", "").split())]
            expected = None if cell in ("…", "...") else float(cell)
            assert values.get((word, period)) == expected, (name, period)
            compared += 1
    assert compared > 1000
    newest = macro.filter(period=date(2026, 5, 1))
    lacking = {"barley", "sorghum", "shrimps_mexican", "tobacco_us_import_u_v"}
    assert {f"pink_sheet:{word}" for word in lacking}.isdisjoint(newest["series_id"].to_list())
    gas = series.filter(series_id="pink_sheet:natural_gas")
    assert gas["unit"].to_list() == ["index 2010=100"]
    assert series.filter(unit="unstated").is_empty()


@pytest.mark.needs("shared")
def test_the_recorded_indices_read_as_their_cells(shared: Path) -> None:
    macro = held(SOURCE.parse(recorded(shared, WORKBOOK)))["macro"]
    of_may = {
        row["series_id"].partition("index_")[2]: row["value"]
        for row in macro.filter(period=date(2026, 5, 1)).to_dicts()
        if ":index_" in row["series_id"]
    }
    assert len(of_may) == 16
    assert (of_may["total_index"], of_may["energy"], of_may["precious_metals"]) == (
        132.43,
        133.91,
        368.73,
    )
    assert (of_may["oils_meals"], of_may["base_metals_ex_iron_ore"]) == (123.69, 166.1)
