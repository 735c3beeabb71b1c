"""Files become cells of text by what they hold, or are refused in one sentence."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UploadError
from data.uploads.columns import Table, tabulate
from data.uploads.reader import read_file
from data.uploads.sheet import MOST_CELL, read_grid
from tests.data.uploads import nasty
from tests.machine import ROOT


def table(payload: bytes, name: str = "list.csv") -> Table:
    return tabulate(read_grid(payload, name))


def cells(found: Table) -> list[tuple[str | None, ...]]:
    return [row for _, row in found.rows]


def test_json_is_read_where_it_has_records() -> None:
    lines = (
        b'{"symbol": "AAPL", "lot": {"qty": 10}}\n'
        b'{"symbol": "MSFT", "tags": ["a"], "price": 1e-05}\n'
    )
    assert [cells for _, cells in read_grid(lines, "x.jsonl").rows] == [
        ["symbol", "lot qty", "tags", "price"],
        ["AAPL", "10", None, None],
        ["MSFT", None, None, "1e-05"],
    ]
    assert read_grid(b'["AAPL", "MSFT"]', "x.json").rows == [(1, ["AAPL"]), (2, ["MSFT"])]
    with pytest.raises(UploadError, match="no list of records"):
        read_grid(b'{"total": 1}', "x.json")
    with pytest.raises(UploadError, match="nested too deeply"):
        read_grid(b"[" * 200_000, "x.json")


@pytest.mark.parametrize("name", nasty.REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(name: str) -> None:
    make, said = nasty.REFUSED[name]
    with pytest.raises(UploadError) as caught:
        table(make(), name)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 250
    assert "\n" not in str(caught.value)


def test_a_german_spreadsheet() -> None:
    found = table(nasty.bom_and_decimal_commas())
    assert found.names == ("Symbol", "Gewicht", "Stück", "Notiz")
    assert cells(found)[0] == ("AAA", "12,5 %", "1.234,5", "Größe")
    assert found.notices == ("columns are separated by semicolons",)


def test_windows_text_keeps_its_accents_and_says_so() -> None:
    found = table(nasty.windows_text())
    assert cells(found) == [("Société Générale", "5"), ("Nestlé", "7")]
    assert "CP1252" in found.notices[0]


@pytest.mark.parametrize("make", [nasty.utf16_with_tabs, nasty.utf16_without_its_mark])
def test_utf16(make: object) -> None:
    assert callable(make)
    found = table(make())
    assert cells(found) == [("AAA", "0.5"), ("BBB", "0.5")]
    assert any("UTF-16" in notice for notice in found.notices)


def test_a_quoted_line_break_and_the_line_that_each_row_begins_on() -> None:
    found = table(nasty.bars_and_a_broken_line())
    assert [line for line, _ in found.rows] == [2, 4]
    assert cells(found)[0] == ("AAA", "first line\nsecond | line", "1,234.5")


def test_a_workbook_shows_dates_errors_and_its_sheets() -> None:
    found = table(nasty.spreadsheet(), "book.xlsx")
    assert (found.sheets, found.sheet) == (("Empty", "Holdings", "Third"), "Holdings")
    assert found.names == ("Ticker", "Qty", "Weight")
    assert [line for line, _ in found.rows] == [4, 5, 6, 7]
    assert [row[0] for row in cells(found)] == ["AAA", "2026-03-01 00:00:00", "BBB", "#N/A"]
    assert cells(found)[2][1] == "#DIV/0!"
    assert cells(found)[0][1:] == ("1234567.5", "0.125")
    assert any("1 line above" in notice for notice in found.notices)
    other = read_grid(nasty.spreadsheet(), "book.xlsx", "Third")
    assert other.rows == [(1, ["ticker"])]
    with pytest.raises(UploadError, match="no sheet 'Fourth'; there are Empty, Holdings, Third"):
        read_grid(nasty.spreadsheet(), "book.xlsx", "Fourth")


def test_content_decides_and_not_the_name() -> None:
    found = table(nasty.parquet_called_csv(), "list.csv")
    assert cells(found) == [("AAA", "0.25"), ("BBB", None)]
    assert found.notices == ("named .csv, but its content is Parquet: read as that",)
    assert "content is text" in table(b"ticker\nAAA\n", "list.xlsx").notices[-1]
    assert "content is a workbook" in table(nasty.spreadsheet(), "list.csv").notices[0]


def test_a_page_of_markup_under_the_name_of_a_spreadsheet() -> None:
    found = table(nasty.html_called_xls(), "depot.xls")
    assert found.names == ("Ticker", "Stück")
    assert cells(found) == [("AAA", "1.234,5"), ("BBB", "2,5")]
    assert "named .xls, but its content is an HTML table: read as that" in found.notices


@pytest.mark.parametrize(
    "name", ["a\0b.csv", "-x", "..", "", "v1.2 of May", "\ud800.csv", "a" * 999]
)
def test_odd_names_of_files_are_only_names(name: str) -> None:
    found = tabulate(read_file(b"ticker,qty\nAAA,1\n", name))
    assert cells(found) == [("AAA", "1")]
    assert found.notices == ()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp932", "約定日,銘柄コード,約定数量\n2024/01/05,7203,100\n"),
        ("gb18030", "代码,数量,成交时间\nAAA,100,2024-01-05\n"),
        ("cp1250", "Walor;Ilość;Wartość\nAAA;100;5\n"),
        ("iso8859_2", "Walor;Ilość;Wartość\nAAA;100;5\n"),
        ("cp1252", "Kürzel;Stück;Gebühr\nAAA;100;5\n"),
        ("utf-16", "Kürzel;Stück\nAAA;100\n"),
    ],
)
def test_an_encoding_is_found_by_the_words_it_has(encoding: str, text: str) -> None:
    assert "".join(table(text.encode(encoding)).names) in text.replace(",", "").replace(";", "")


def test_tables_below_each_other_and_lines_that_name_their_section() -> None:
    below = table(
        b"Account: 1\nDate,Symbol,Quantity,Price\n2024-01-05,AAA,1,2\n\n"
        b"Account: 2\nDate,Symbol,Quantity,Price\n2024-01-06,BBB,3,4\n"
    )
    assert below.names == ("Date", "Symbol", "Quantity", "Price", "section")
    assert [row[-1] for row in cells(below)] == ["Account: 1", "Account: 2"]
    holdings = table(
        b"Symbol,Shares,Value\nAAA,1,2\n\n\nTrade Date,Symbol,Shares,Price\n2024-01-06,BBB,3,4\n"
    )
    assert holdings.names == ("Trade Date", "Symbol", "Shares", "Price")
    assert [section.names for section in holdings.others] == [("Symbol", "Shares", "Value")]
    assert "not read" in holdings.notices[-1]


def test_two_lines_of_names_are_one() -> None:
    found = table(b"Trade,,Price,\nDate,Ticker,USD,Shares\n2024-01-05,AAA,10,5\n2024-01-06,B,9,5\n")
    assert found.names == ("Date", "Ticker", "Price (USD)", "Shares")
    assert len(found.rows) == 2


def test_two_hundred_columns_are_read() -> None:
    assert len(table(nasty.wide(200)).names) == 200


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_end_of_line(ends: str) -> None:
    assert cells(table(f"ticker,qty{ends}AAA,1{ends}{ends}BBB,2".encode())) == [
        ("AAA", "1"),
        ("BBB", "2"),
    ]


def test_a_plain_list_needs_no_names_of_columns() -> None:
    assert cells(table(b"AAA\nBBB\nCCC\n")) == [("AAA",), ("BBB",), ("CCC",)]
    across = table(b"AAA, BBB,CCC")
    assert across.rows == ((1, ("AAA",)), (2, ("BBB",)), (3, ("CCC",)))
    assert "each part of it is taken as a row" in across.notices[0]
    assert table(b"AAA\nBBB\n").names == ("column 1",)


def test_what_an_export_says_of_itself_is_no_row() -> None:
    text = b"# title: Mine, all\n# as_of: 2026-01-01\nsymbol,weight\nx:A,1\n"
    assert cells(table(text)) == [("x:A", "1")]


def test_columns_of_one_name_are_told_apart() -> None:
    assert table(b"ticker,qty,qty,\nA,1,2,3\n").names == ("ticker", "qty", "qty 2", "column 4")


def test_parquet_that_holds_lists_or_too_much_is_refused() -> None:
    held = io.BytesIO()
    pl.DataFrame({"ticker": [["a"], ["b"]]}).write_parquet(held)
    with pytest.raises(UploadError, match="column ticker holds lists"):
        table(held.getvalue())
    held = io.BytesIO()
    pl.DataFrame({"ticker": pl.repeat("A", 2_000_000, eager=True)}).write_parquet(held)
    assert len(held.getvalue()) < 100_000
    with pytest.raises(UploadError, match=r"2,000,000 rows, at most 100,000"):
        table(held.getvalue())


def test_a_cell_that_is_too_long() -> None:
    with pytest.raises(UploadError, match="line 2"):
        table(b"ticker,note\nAAA," + b"x" * (MOST_CELL + 1) + b"\n")


@given(st.binary(max_size=400))
def test_no_bytes_end_in_anything_but_cells_or_a_sentence(payload: bytes) -> None:
    try:
        grid = read_grid(payload, "x.csv")
    except UploadError as error:
        assert str(error)
    else:
        assert all(any(cell for cell in row) for _, row in grid.rows)


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")),
                min_size=1,
                max_size=12,
            ),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_with_any_mark_is_read_again(rows: list[list[str]], delimiter: str) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    lines = [delimiter.join(["ticker", "qty", "note"])]
    lines += [delimiter.join(quoted(cell) for cell in row) for row in rows]
    grid = read_grid("\n".join(lines).encode(), "x.csv")
    assert [cells for _, cells in grid.rows[1:]] == [[cell.strip() for cell in row] for row in rows]


def test_the_reader_of_its_own_process_gives_the_same() -> None:
    for make, name in ((nasty.spreadsheet, "book.xlsx"), (nasty.windows_text, "list.csv")):
        assert read_file(make(), name) == read_grid(make(), name)
    with pytest.raises(UploadError, match="no sheet"):
        read_file(nasty.spreadsheet(), "book.xlsx", "Fourth")
    with pytest.raises(UploadError, match="unpacks"):
        read_file(nasty.zip_bomb(), "bomb.xlsx")


def test_a_reader_that_needs_too_much_is_stopped_and_said() -> None:
    """The limits are the process's own: also what lies about its size ends there."""
    greedy = (
        "import resource, sys\n"
        "import data.uploads.reader as reader\n"
        "def read_grid(*_): return bytearray(3 << 30)\n"
        "reader.read_grid = read_grid\n"
        "reader._main('x', None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", greedy], cwd=ROOT, input=b"", capture_output=True, check=False
    )
    assert done.returncode not in (0, 3)
    assert b"MemoryError" in done.stderr


def test_a_reader_that_dies_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.run

    def dies(words: list[str], **how: object) -> object:
        return real(
            [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"],
            capture_output=True,
            check=False,
        )

    monkeypatch.setattr("data.confined.subprocess.run", dies)
    with pytest.raises(UploadError, match="2 GB of memory; split it"):
        read_file(b"ticker\nA\n", "x.csv")


def test_the_reader_says_json_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "data.uploads.reader", "x.csv"],
        cwd=ROOT,
        env={},
        input=b"ticker\nAAA\n",
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["rows"] == [[1, ["ticker"]], [2, ["AAA"]]]
    assert done.stderr == b""
