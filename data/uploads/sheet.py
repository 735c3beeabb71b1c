"""A file as a grid of text: what it is told by its content, whatever it is called.

Refuses what is too large before it is unpacked. Runs in the process of `reader.py`, whose memory
and time are bounded, since the sizes that a file states may lie.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.errors import UploadError

MB = 1 << 20
MOST_BYTES = 25 * MB
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_CELL = 32_768
UNPACKED, RATIO = 100 * MB, 100
DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 200
PACKED, PARQUET, OLD_OFFICE = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a]")
ERRORS = {
    "NA": "#N/A", "Div0": "#DIV/0!", "Ref": "#REF!", "Name": "#NAME?", "Value": "#VALUE!",
    "Num": "#NUM!", "Null": "#NULL!",
}  # fmt: skip
NUMERIC = re.compile(r"[-+(]?[\d.,' \u00a0]*\d[\d.,' \u00a0]*%?\)?")


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, each with the line it begins on; `notices` say what was taken as what.

    `sheet` is the one that was read of `sheets`; `is_typed` where the file itself knew its numbers,
    so that a dot in one is the decimal mark.
    """

    rows: list[tuple[int, list[str | None]]]
    notices: list[str]
    sheets: list[str]
    sheet: str = ""
    is_typed: bool = False


def read_grid(payload: bytes, name: str, sheet: str | None = None) -> Grid:
    """The cells of a file; of several sheets the one named, else the first that has any."""
    if not payload.strip():
        raise UploadError(f"{_short(name)} is empty; expected a table with a row per instrument")
    if len(payload) > MOST_BYTES:
        raise UploadError(
            f"{_short(name)} has {len(payload) / MB:.0f} MB, at most {MOST_BYTES // MB} are read; "
            "leave out what is not needed, or split it"
        )
    if payload.startswith(PACKED):
        grid = _workbook(payload, sheet)
        return _named_otherwise(grid, name, ("xlsx",), "a workbook")
    if payload.startswith(PARQUET):
        return _named_otherwise(_parquet(payload), name, ("parquet", "pq"), "Parquet")
    if payload.startswith(OLD_OFFICE):
        raise UploadError(
            "this is an old or a password-protected Office file; save it as .xlsx or .csv without "
            "a password"
        )
    return _named_otherwise(_text(payload), name, ("csv", "tsv", "txt", "tab", "psv", ""), "text")


def _named_otherwise(grid: Grid, name: str, usual: tuple[str, ...], what: str) -> Grid:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in usual:
        grid.notices.append(f"named .{ending[:12]}, but its content is {what}: read as that")
    for line, cells in grid.rows:
        if len(cells) > MOST_COLUMNS:
            raise UploadError(
                f"line {line} has {len(cells)} columns, at most {MOST_COLUMNS} are read; leave "
                "out those that are not needed"
            )
        for cell in cells:
            if cell is not None and len(cell) > MOST_CELL:
                raise UploadError(f"line {line} has a cell of more than {MOST_CELL:,} characters")
    if len(grid.rows) > MOST_ROWS + 1:
        raise UploadError(f"it has more than {MOST_ROWS:,} rows; split it, or leave some out")
    return grid


def _text(payload: bytes) -> Grid:
    notices: list[str] = []
    text = _decoded(payload, notices).removeprefix("\ufeff")
    if not text.strip():
        raise UploadError("it holds blank lines only; expected a table with a row per instrument")
    delimiter = _delimiter(text)
    if delimiter not in (None, ","):
        words = {";": "semicolons", "\t": "tabs", "|": "bars"}
        notices.append(f"columns are separated by {words[delimiter]}")
    return Grid(list(_records(text, delimiter or ",")), notices, [])


def _decoded(payload: bytes, notices: list[str]) -> str:
    """By its mark, else UTF-8, else Windows text; never with something left out."""
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(payload, "utf-16", notices, "UTF-16")
    even, odd = payload[:4096:2].count(0), payload[1:4096:2].count(0)
    if max(even, odd) > 5 * min(even, odd) and max(even, odd) > len(payload[:4096]) // 3:
        order = "utf-16-le" if odd > even else "utf-16-be"
        return _strictly(payload, order, notices, "UTF-16 without its mark")
    if BINARY.search(payload):
        raise UploadError("it holds bytes that are no text; expected CSV, XLSX or Parquet")
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(payload, "cp1252", notices, "Windows text (CP1252): check the accents")


def _strictly(payload: bytes, encoding: str, notices: list[str], words: str) -> str:
    try:
        text = payload.decode(encoding)
    except UnicodeDecodeError as error:
        raise UploadError(
            f"it is not readable as text (byte {error.start + 1}); save it as UTF-8 and try again"
        ) from None
    notices.append(f"read as {words}")
    return text


def _delimiter(text: str) -> str | None:
    """The mark that cuts the first records into equally many cells; none for a single column."""
    best: tuple[float, int, str] | None = None
    for delimiter in DELIMITERS:
        widths = []
        try:
            for _, cells in _records(text, delimiter):
                widths.append(len(cells))
                if len(widths) == LOOKED_AT:
                    break
        except UploadError:
            continue
        width, count = Counter(widths).most_common(1)[0] if widths else (1, 0)
        # Decimal commas cut rows as evenly as semicolons do, but not the row of names.
        agrees = widths[0] == width if widths else False
        if width > 1:
            found = (count / len(widths) + agrees, width, delimiter)
            best = found if best is None or found[:2] > best[:2] else best
    return best[2] if best else None


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str | None]]]:
    """Records that are not blank, with the line each begins on; a quote left open is refused."""
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count, line = 0, 1
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UploadError(
                f"line {line}: a quote is not closed as expected, or a cell is longer than "
                f"{MOST_CELL:,} characters ({error}); mend that line"
            ) from None
        if count == 0 and cells and cells[0].startswith("# "):
            continue  # what an export says of itself
        if any(cell.strip() for cell in cells):
            count += 1
            if count > MOST_ROWS + 1:
                raise UploadError(f"it has more than {MOST_ROWS:,} rows; split it")
            yield line, [cell.strip() or None for cell in cells]


def _parquet(payload: bytes) -> Grid:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(payload))
        _measured(file.metadata.num_rows, file.metadata.num_columns)
        size = sum(
            file.metadata.row_group(at).total_byte_size
            for at in range(file.metadata.num_row_groups)
        )
        if size > UNPACKED:
            raise UploadError(
                f"it unpacks to {size / MB:.0f} MB, at most {UNPACKED // MB} are read"
            )
        frame = pl.from_arrow(file.read())
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UploadError(f"it is no readable Parquet file ({_short(str(error))})") from None
    assert isinstance(frame, pl.DataFrame)
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    if nested:
        raise UploadError(f"column {_short(nested[0])} holds lists; expected plain cells")
    texts = frame.select(pl.all().cast(pl.String, strict=False))
    rows: list[tuple[int, list[str | None]]] = [(1, list(frame.columns))]
    rows += [(number, list(row)) for number, row in enumerate(texts.iter_rows(), 2)]
    return Grid(rows, [], [], is_typed=True)


def _workbook(payload: bytes, sheet: str | None) -> Grid:
    import fastexcel

    _unpacked_is_bearable(payload)
    try:
        book = fastexcel.read_excel(payload)
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            raise UploadError(
                f"it has no sheet {_short(sheet)!r}; there are {', '.join(names[:9])}"
            )
        for name in [sheet] if sheet else names:
            loaded = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            _measured(loaded.total_height, loaded.width)
            batch, faults = loaded.to_arrow_with_errors()
            if rows := _sheet_rows(batch.to_pydict(), faults.errors if faults else []):
                return Grid(rows, [], names, name, is_typed=True)
    except fastexcel.FastExcelError as error:
        raise UploadError(f"it is no readable workbook ({_short(str(error))})") from None
    raise UploadError("no sheet of this workbook has a cell; expected a row per instrument")


def _sheet_rows(
    columns: dict[str, list[str | None]], faults: Sequence[Any]
) -> list[tuple[int, list[str | None]]]:
    """Rows that have a cell; an error of the spreadsheet stands as it is seen there."""
    grid = [list(cells) for cells in zip(*columns.values(), strict=True)]
    for fault in faults:
        row, column = fault.position
        kind = next(
            (shown for name, shown in ERRORS.items() if f"Error({name})" in fault.detail), "#ERROR"
        )
        grid[row][column] = kind
    rows = []
    for number, cells in enumerate(grid, 1):
        kept = [cell.strip() or None if cell is not None else None for cell in cells]
        if any(kept):
            rows.append((number, kept))
    return rows


def _unpacked_is_bearable(payload: bytes) -> None:
    """Refuse a bomb, a macro and an entity before anything is unpacked."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(payload))
        members = archive.infolist()
    except zipfile.BadZipFile:
        raise UploadError("it is a damaged archive; save it again as .xlsx or .csv") from None
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        raise UploadError("it is an archive, but no workbook; give the table itself")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise UploadError("it is a workbook with macros; save it as .xlsx or .csv")
    size = sum(member.file_size for member in members)
    if size > UNPACKED or size > RATIO * max(len(payload), 10_000):
        raise UploadError(
            f"it unpacks from {len(payload) / MB:.1f} to {size / MB:.0f} MB, at most "
            f"{UNPACKED // MB} MB and {RATIO} times are read"
        )
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as part:
                if b"<!DOCTYPE" in part.read(1024):
                    raise UploadError("it is a workbook with a DOCTYPE, which none has by itself")


def _measured(rows: int, columns: int) -> None:
    if rows > MOST_ROWS + 1:
        raise UploadError(f"it has {rows:,} rows, at most {MOST_ROWS:,} are read; split it")
    if columns > MOST_COLUMNS:
        raise UploadError(f"it has {columns:,} columns, at most {MOST_COLUMNS} are read")


def _short(text: str) -> str:
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return plain if len(plain) <= 60 else plain[:57] + "..."
