"""Yield curves of the Bank of England: workbooks in an archive, as their documentation has them.

No answer was recorded. The workbooks are written here by another library, in the documented layout:
maturities in years in the fourth row, days below, empty cells on holidays and beyond the curve.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from ingest.jobs import Window
from ingest.sources.boe import SOURCE
from tests.ingest.macro_replies import NOW, held, problem, reply

URL = "https://www.bankofengland.co.uk/-/media/boe/files/statistics/yield-curves/latest-yield-curve-data.zip"
YEARS = [number / 2 for number in range(1, 81)]
DAYS = {date(2026, 11, 2): 4.0, date(2026, 11, 3): 4.1, date(2026, 11, 4): None}


def workbook(sheet: str = "4. spot curve", end: float = 40.0) -> bytes:
    """Yields that rise by a hundredth each half year, none beyond `end` and on the last day."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd mmm yy"}) as book:
        book.add_worksheet("info").write(0, 0, "Bank of England yield curves")
        book.add_worksheet("2. fwd curve").write(5, 1, 99.0)
        page = book.add_worksheet(sheet)
        page.write(0, 0, "UK yield curve")
        page.write(3, 0, "years:")
        page.write_row(3, 1, YEARS)
        for row, (day, first) in enumerate(DAYS.items(), 5):
            page.write_datetime(row, 0, day)
            for column, years in enumerate(YEARS, 1):
                if first is not None and years <= end:
                    page.write_number(row, column, first + column / 100)
    return out.getvalue()


def archive(**books: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, payload in books.items():
            made.writestr(f"{name.replace('_', ' ')} daily data current month.xlsx", payload)
        made.writestr("readme.txt", "nominal")
    return out.getvalue()


def test_every_workbook_is_a_curve_of_its_own() -> None:
    body = archive(
        GLC_Nominal=workbook(),
        GLC_Real=workbook("2. spot curve", end=25.0),
        GLC_Inflation=workbook("2. spot curve"),
        OIS=workbook(end=25.0),
    )
    found = held(SOURCE.parse(reply(body, URL)))
    macro = found["macro"]
    yields: dict[tuple[str, date], Any] = {
        (row["series_id"], row["period"]): row["value"] for row in macro.to_dicts()
    }
    assert yields["boe:nominal:6m", date(2026, 11, 2)] == pytest.approx(4.01)
    assert yields["boe:nominal:10y", date(2026, 11, 3)] == pytest.approx(4.30)
    assert yields["boe:nominal:30y", date(2026, 11, 2)] == pytest.approx(4.60)
    assert ("boe:real:30y", date(2026, 11, 2)) not in yields
    assert ("boe:real:25y", date(2026, 11, 2)) in yields
    assert {day for _, day in yields} == {date(2026, 11, 2), date(2026, 11, 3)}
    assert set(macro["known_at"]) == {NOW}
    assert set(macro["vintage_grade"]) == {"snapshot"}
    about = {row["series_id"]: row for row in found["series"].to_dicts()}
    ten = about["boe:inflation:10y"]
    assert (ten["indicator"], ten["dimension"], ten["country"]) == (
        "implied_inflation_10y",
        "inflation",
        "GBR",
    )
    assert about["boe:real:10y"]["indicator"] == "real_10y"
    assert {row["dimension"] for key, row in about.items() if ":ois:" in key} == {"policy"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"PK\x03\x04 cut off", "damaged"),
        (archive(something=workbook()), "no workbook of this archive is a yield curve"),
        (archive(GLC_Nominal=b"PK\x03\x04 no workbook"), "nominal cannot be read"),
        (archive(GLC_Nominal=workbook("4. forward curve")), "no sheet of spot rates"),
    ],
)
def test_an_archive_of_another_shape_is_refused(body: bytes, words: str) -> None:
    refused = problem(SOURCE, reply(body, URL))
    assert refused.problem == "upstream"
    assert words in str(refused)


def test_a_sheet_without_days_is_refused() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("4. spot curve")
        page.write_row(3, 1, YEARS)
    refused = problem(SOURCE, reply(archive(GLC_Nominal=out.getvalue()), URL))
    assert "no days below its maturities" in str(refused)


def test_the_job_asks_for_the_archive_of_the_month() -> None:
    (call,) = SOURCE.plan(Window((), NOW, job="boe_curves"))
    assert call.url == URL
    assert "Mozilla" in call.headers["User-Agent"]
