"""Workbooks of the Pink Sheet's make, and its page."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

Row = Sequence[str | float]
HOST = "https://thedocs.worldbank.org"
ADDRESS = (
    HOST
    + "/en/doc/74e8be41ceb20fa0da750cda2f6b9e4e-005001{year}/related/"
    + ("CMO-Historical-Data-Monthly.xlsx")
)
INDICES: tuple[Row, ...] = (("", "Total Index", "Energy **"), ("1960M01", 7.64, 2.13))


def page(*years: int) -> bytes:
    """The page on commodity markets, with a link for each year."""
    links = "".join(f'<a href="{ADDRESS.format(year=year)}">Monthly prices</a>' for year in years)
    return f"<!DOCTYPE html><html><body>{links}</body></html>".encode()


def workbook(
    names: Row,
    units: Row,
    *months: Row,
    updated: str = "June 02, 2026",
    indices: Sequence[Row] = INDICES,
) -> bytes:
    """Prices below their names and units, and indices below names over several lines."""
    head = (
        ("World Bank Commodity Price Data (The Pink Sheet)",),
        ("monthly prices in nominal US dollars, 1960 to present",),
        ("(monthly series are available only in nominal US dollars)",),
        (f"Updated on {updated}",),
    )
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("AFOSHEET")
        for name, rows in (
            ("Monthly Prices", (*head, names, units, *months)),
            ("Monthly Indices", (*head, (), *indices)),
        ):
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, [cell if cell != "" else None for cell in cells])
    return out.getvalue()
