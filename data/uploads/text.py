"""Bytes as text and records: by their mark, else UTF-8, else the encoding whose words they have.

Nothing is left out or replaced: bytes that are no text in any of the encodings are refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from data.errors import UploadError
from data.uploads.grid import MOST_CELL, MOST_ROWS, Grid
from data.uploads.vocabulary import heading, side_of

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 200
BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a]")
NO_ASCII = re.compile(rb"[\x80-\xff]{4,}")
PIECE = re.compile(r"[;,\t|\n\"]+")
SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
ASIAN = {
    "cp932": "Japanese text (Shift-JIS)",
    "gb18030": "Chinese text (GB18030)",
    "big5hkscs": "Chinese text (Big5)",
}
EUROPEAN = {
    "cp1252": "Windows text (CP1252): check the accents",
    "cp1250": "Central European text (CP1250): check the accents",
    "iso8859_2": "Central European text (ISO 8859-2): check the accents",
    "mac_roman": "Macintosh text: check the accents",
}


def decoded(payload: bytes) -> tuple[str, list[str]]:
    """The text of a file, and what it was read as where that had to be found out."""
    notices: list[str] = []
    text = _decoded(payload, notices).removeprefix("\ufeff")
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


def _decoded(payload: bytes, notices: list[str]) -> str:
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
        return _of_before_unicode(payload, notices)


def _of_before_unicode(payload: bytes, notices: list[str]) -> str:
    """The encoding in which most words are known; without any, Western European is tried first."""
    names = (ASIAN if NO_ASCII.search(payload) else {}) | EUROPEAN
    best: tuple[int, str] | None = None
    for name in names:
        try:
            text = payload.decode(name)
        except UnicodeDecodeError:
            continue
        score = _known_words(text)
        if best is None or score > best[0]:
            best = score, name
    if best is None:
        return _strictly(payload, "cp1252", notices, EUROPEAN["cp1252"])
    if best[0] == 0:
        return _strictly(payload, "cp1252", notices, EUROPEAN["cp1252"])
    return _strictly(payload, best[1], notices, names[best[1]])


def _known_words(text: str) -> int:
    """How many cells of its first lines are words of a broker."""
    cells = PIECE.split(text[:8_000])
    cells = [cell.strip() for cell in cells if not cell.isascii() and len(cell) < 60]
    return sum(bool(heading(cell).roles or side_of(cell)) for cell in cells)


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
