"""Files as they come from spreadsheets, brokers, foreign machines and people who mean harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter


def bom_and_decimal_commas() -> bytes:
    """A German spreadsheet: a mark of the encoding, semicolons, `1.234,5`."""
    text = "Symbol;Gewicht;Stück;Notiz\r\nAAA;12,5 %;1.234,5;Größe\r\nBBB;0,25;1.000.000;\r\n"
    return b"\xef\xbb\xbf" + text.encode()


def windows_text() -> bytes:
    return "name,qty\nSociété Générale,5\nNestlé,7\n".encode("cp1252")


def utf16_with_tabs() -> bytes:
    return "ticker\tweight\nAAA\t0.5\nBBB\t0.5\n".encode("utf-16")


def utf16_without_its_mark() -> bytes:
    return "ticker\tweight\nAAA\t0.5\nBBB\t0.5\n".encode("utf-16-le")


def bars_and_a_broken_line() -> bytes:
    """A quoted note that goes over two lines."""
    return b'ticker|note|qty\nAAA|"first line\nsecond | line"|1,234.5\nBBB|plain|2\n'


def quote_left_open() -> bytes:
    return b'ticker,note\nAAA,fine\nBBB,"never closed\nCCC,swallowed\n'


def spreadsheet() -> bytes:
    """Several sheets, the first one empty; a date made of a ticker, errors, a true number."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    book.add_worksheet("Empty")
    sheet = book.add_worksheet("Holdings")
    sheet.write_row(0, 0, ["Exported on Monday"])
    sheet.write_row(2, 0, ["Ticker", "Qty", "Weight"])
    sheet.write_row(3, 0, ["AAA", 1234567.5, 0.125])
    sheet.write_datetime(4, 0, date(2026, 3, 1), book.add_format({"num_format": "mmm-d"}))
    sheet.write_row(4, 1, [1, 0.1])
    sheet.write(5, 0, "BBB")
    sheet.write_formula(5, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(6, 0, "=NA()", None, "#N/A")
    book.add_worksheet("Third").write_row(0, 0, ["ticker"])
    book.close()
    return held.getvalue()


def header_only() -> bytes:
    return b"ticker,weight\n\n\n"


def a_million_rows() -> bytes:
    return b"ticker\n" + b"AAA\n" * 1_000_000


def wide(columns: int) -> bytes:
    head = ",".join(["ticker", *(f"c{number}" for number in range(columns - 1))])
    return f"{head}\nAAA{',1' * (columns - 1)}\n".encode()


def sixty_megabytes() -> bytes:
    return b"ticker,note\n" + (b"AAA," + b"x" * 1000 + b"\n") * 60_000


def zip_bomb() -> bytes:
    """A workbook of some hundred kilobytes whose sheet unpacks to 300 MB."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(300):
                part.write(b"0" * 1_000_000)
    return held.getvalue()


def entities() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><workbook/>')
    return held.getvalue()


def hostile() -> bytes:
    """Formulas, markup, numbers that are none, a name of 5,000 characters, steps of a path."""
    return "\n".join(
        [
            "ticker,weight,quantity,tags,note",
            'AAA,1,1,core,=HYPERLINK("http://x.invalid")'.replace('"', '""').replace(
                "=HYPERLINK", '"=HYPERLINK'
            )
            + '"',
            "BBB,NaN,1,,",
            "BBB,1,inf,,",
            "BBB,1,1e400,,",
            "BBB,-inf,1,,",
            f"{'X' * 5000},1,1,,",
            "../../etc/passwd,1,1,,",
            "BBB,1,1,../up,",
            "<script>alert(1)</script>,1,1,,<img src=x onerror=alert(1)>",
            "=1+1,1,1,,",
            "BBB,0.5,-3,a|b,<b>kept as text</b>",
        ]
    ).encode()


def parquet_called_csv() -> bytes:
    held = io.BytesIO()
    pl.DataFrame({"ticker": ["AAA", "BBB"], "weight": [0.25, None]}).write_parquet(held)
    return held.getvalue()


def two_marks() -> bytes:
    return b"ticker;weight\nAAA;1.234,5\nBBB;1,234.5\n"


def either_mark() -> bytes:
    return b"ticker;quantity\nAAA;1,234\nBBB;5,678\n"


def meanings() -> bytes:
    """Pence, delisted, recycled, unknown, and one instrument under three names."""
    words = ["PENCE", "GONE", "TWICE", "NOBODY", "XLON:PENCE", "PENCE.L", "GB00BH4HKS39"]
    return ("ticker\n" + "\n".join(words) + "\n").encode()


def html_called_xls() -> bytes:
    """What banks call a spreadsheet: a page with a table."""
    return (
        b"<html><head><style>td {color: red}</style></head><body><table>"
        b"<tr><td colspan=2>Depot</td></tr><tr><th>Ticker</th><th>St&uuml;ck</th></tr>"
        b"<tr><td>AAA</td><td>1.234,5</td></tr><tr><td>BBB</td><td>2,5</td></tr></table></body></html>"
    )


def page_without_a_table() -> bytes:
    return b"<html><body><h1>Session expired</h1></body></html>"


def protected_workbook() -> bytes:
    return b"\xd0\xcf\x11\xe0" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 99


def macros() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/vbaProject.bin", "x")
    return held.getvalue()


def workbook_without_a_cell() -> bytes:
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    book.add_worksheet("Empty")
    book.close()
    return held.getvalue()


def bytes_in_parquet() -> bytes:
    held = io.BytesIO()
    pl.DataFrame({"ticker": ["AAA"], "picture": [b"\xff\x00"]}).write_parquet(held)
    return held.getvalue()


def parquet_without_a_column() -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.table({}), held)
    return held.getvalue()


# Name as uploaded -> how it is made, and a word of the sentence with which it is refused.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.csv": (lambda: b" \n\n", "is empty"),
    "head.csv": (header_only, "no row below"),
    "open.csv": (quote_left_open, "line 3: a quote is not closed"),
    "million.csv": (a_million_rows, "more than 100,000 rows"),
    "wide.csv": (lambda: wide(201), "201 columns, at most 200"),
    "big.csv": (sixty_megabytes, "58 MB, at most 25"),
    "bomb.xlsx": (zip_bomb, "unpacks from 0.3 to 286 MB"),
    "entity.xlsx": (entities, "DOCTYPE"),
    "archive.zip": (lambda: b"PK\x03\x04 and nothing more", "damaged archive"),
    "old.xls": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "password-protected"),
    "picture.csv": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\xff\0" * 5, "no text"),
    "expired.xls": (page_without_a_table, "a page of markup without a table"),
    "secret.xlsx": (protected_workbook, "protected by a password"),
    "macros.xlsm": (macros, "a workbook with macros; save it as .xlsx"),
    "blank.xlsx": (workbook_without_a_cell, "no sheet of this workbook has a cell"),
    "bytes.parquet": (bytes_in_parquet, "column picture holds bytes"),
    "none.parquet": (parquet_without_a_column, "this Parquet file has no column"),
    "paper.pdf": (lambda: b"%PDF-1.7 and so on", "it is a PDF"),
    "torn.parquet": (lambda: parquet_called_csv()[:90], "no readable Parquet"),
}
