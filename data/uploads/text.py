"""Bytes as text and records; of several encodings the one in which most words are known."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from data.encodings import decode
from data.errors import UploadError
from data.uploads.grid import MOST_CELL, MOST_ROWS, Grid
from data.uploads.vocabulary import heading, side_of

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 200
PIECE = re.compile(r"[;,\t|\n\"]+")
SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


def decoded(payload: bytes) -> tuple[str, list[str]]:
    """The text of a file, and what it was read as where that had to be found out."""
    text, notices = decode(payload, expected="CSV, XLSX or Parquet", score=_known_words)
    if not text.strip():
        raise UploadError("it holds blank lines only; expected a table with a row per instrument")
    return text, notices


def text_grid(text: str, notices: list[str]) -> Grid:
    """The records of a text; the mark that cuts them is found, or stated in its first line."""
    stated = SEPARATOR.match(text)
    first = 1
    if stated:
        text, first = text[stated.end() :], 2
    delimiter = stated[1] if stated else _delimiter(text)
    if delimiter not in (None, ","):
        words = {";": "semicolons", "\t": "tabs", "|": "bars"}
        notices.append(f"columns are separated by {words.get(delimiter, delimiter)}")
    rows = [(line + first - 1, cells) for line, cells in _records(text, delimiter or ",")]
    return Grid(rows, notices, [])


def _known_words(text: str) -> int:
    """How many cells of its first lines are words of a broker."""
    cells = PIECE.split(text[:8_000])
    cells = [cell.strip() for cell in cells if not cell.isascii() and len(cell) < 60]
    return sum(bool(heading(cell).roles or side_of(cell)) for cell in cells)


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
