"""A file as a grid of text: what it is told by its content, whatever it is called.

Refuses what is too large before it is unpacked. Runs in the process of `reader.py`, whose memory
and time are bounded, since the sizes that a file states may lie.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from data.archives import ENCRYPTED, OLD_OFFICE, PACKED, open_archive
from data.confined import MB, MOST_BYTES
from data.errors import UploadError
from data.uploads.grid import MOST_CELL, MOST_ROWS, Grid, short
from data.uploads.markup import is_markup, markup_grid
from data.uploads.objects import is_json, json_grid
from data.uploads.text import decoded, text_grid

MOST_COLUMNS = 200
UNPACKED = 100 * MB
PARQUET = b"PAR1"
ENDINGS = {
    "xlsx": "a workbook",
    "xlsm": "a workbook",
    "xls": "an old workbook",
    "parquet": "Parquet",
    "pq": "Parquet",
    "csv": "text",
    "tsv": "text",
    "txt": "text",
    "tab": "text",
    "psv": "text",
    "htm": "an HTML table",
    "html": "an HTML table",
    "ods": "",
    "pdf": "",
    "json": "JSON",
    "jsonl": "JSON",
    "zip": "",
}
ERRORS = {
    "NA": "#N/A",
    "Div0": "#DIV/0!",
    "Ref": "#REF!",
    "Name": "#NAME?",
    "Value": "#VALUE!",
    "Num": "#NUM!",
    "Null": "#NULL!",
}
NUMERIC = re.compile(r"[-+(]?[\d.,' \u00a0]*\d[\d.,' \u00a0]*%?\)?")


def read_grid(payload: bytes, name: str, sheet: str | None = None) -> Grid:
    """The cells of a file; of several sheets the one named, else the first that has any."""
    if not payload.strip():
        raise UploadError(f"{short(name)} is empty; expected a table with a row per instrument")
    if len(payload) > MOST_BYTES:
        raise UploadError(
            f"{short(name)} has {len(payload) / MB:.0f} MB, at most {MOST_BYTES // MB} are read; "
            "leave out what is not needed, or split it"
        )
    if payload.startswith(PACKED):
        return _fitting(_workbook(payload, sheet), name, "a workbook")
    if payload.startswith(PARQUET):
        return _fitting(_parquet(payload), name, "Parquet")
    if payload.startswith(OLD_OFFICE):
        return _fitting(_old_workbook(payload, sheet), name, "an old workbook")
    if payload.startswith(b"%PDF"):
        raise UploadError("it is a PDF; give the table itself as CSV or XLSX")
    return _of_text(*decoded(payload), name)


def _of_text(text: str, notices: list[str], name: str) -> Grid:
    if is_markup(text):
        return _fitting(markup_grid(text, notices), name, "an HTML table")
    if is_json(text) and (found := json_grid(text, notices)):
        return _fitting(found, name, "JSON")
    return _fitting(text_grid(text, notices), name, "text")


def _fitting(grid: Grid, name: str, what: str) -> Grid:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ENDINGS.get(ending, what) != what:
        grid.notices.append(f"named .{ending}, but its content is {what}: read as that")
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


def _parquet(payload: bytes) -> Grid:
    import polars as pl  # slow to load, and most files are text
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
        raise UploadError(f"it is no readable Parquet file ({short(str(error))})") from None
    assert isinstance(frame, pl.DataFrame)
    if not frame.columns:
        raise UploadError("this Parquet file has no column; expected a column of instruments")
    bytes_ = [name for name, kind in frame.schema.items() if kind == pl.Binary]
    if bytes_:
        raise UploadError(
            f"column {short(bytes_[0])} holds bytes; expected text or numbers, so leave it out"
        )
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    if nested:
        raise UploadError(f"column {short(nested[0])} holds lists; expected plain cells")
    texts = frame.select(pl.all().cast(pl.String, strict=False))
    rows: list[tuple[int, list[str | None]]] = [(1, list(frame.columns))]
    rows += [(number, list(row)) for number, row in enumerate(texts.iter_rows(), 2)]
    return Grid(rows, [], [], is_typed=True)


def _old_workbook(payload: bytes, sheet: str | None) -> Grid:
    """A workbook of before 2007; what it holds besides cells is never looked at."""
    if ENCRYPTED in payload:
        raise UploadError("it is protected by a password; save it as .xlsx or .csv without one")
    try:
        return _cells_of_workbook(payload, sheet)
    except UploadError as error:
        if "no readable workbook" not in str(error):
            raise
        raise UploadError(
            "this is an old or a password-protected Office file; save it as .xlsx or .csv without "
            "a password"
        ) from None


def _workbook(payload: bytes, sheet: str | None) -> Grid:
    _unpacked_is_bearable(payload)
    return _cells_of_workbook(payload, sheet)


def _cells_of_workbook(payload: bytes, sheet: str | None) -> Grid:
    import fastexcel

    try:
        book = fastexcel.read_excel(payload)
        names = list(book.sheet_names)
        if sheet is not None and sheet not in names:
            raise UploadError(f"it has no sheet {short(sheet)!r}; there are {', '.join(names[:9])}")
        for name in [sheet] if sheet else names:
            loaded = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            _measured(loaded.total_height, loaded.width)
            batch, faults = loaded.to_arrow_with_errors()
            if rows := _sheet_rows(batch.to_pydict(), faults.errors if faults else []):
                return Grid(rows, [], names, name, is_typed=True)
    except fastexcel.FastExcelError as error:
        raise UploadError(f"it is no readable workbook ({short(str(error))})") from None
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
    archive = open_archive(payload, most=UNPACKED, advice=".xlsx or .csv")
    members = archive.infolist()
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        raise UploadError("it is an archive, but no workbook; give the table itself")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise UploadError("it is a workbook with macros; save it as .xlsx or .csv")
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
