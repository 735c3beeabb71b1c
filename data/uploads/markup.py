"""An HTML page with tables, as brokers and banks export it under the name of a spreadsheet."""

from __future__ import annotations

from html.parser import HTMLParser

from data.errors import UploadError
from data.uploads.grid import MOST_CELL, MOST_ROWS, Grid

MOST_SPAN = 50
SILENT = ("script", "style", "title")


def is_markup(text: str) -> bool:
    """Whether a text is a page of markup rather than lines of cells."""
    head = text[:2_000].lstrip().casefold()
    return head.startswith("<") and ("<html" in head or "<table" in head or "<?xml" in head)


def markup_grid(text: str, notices: list[str]) -> Grid:
    """The cells of every table of a page, in their order."""
    if "<table" not in text.casefold():
        what = "XML" if text.lstrip().startswith("<?xml") else "a page of markup"
        raise UploadError(f"it is {what} without a table; save it as .xlsx or .csv")
    parser = _Tables()
    parser.feed(text)
    parser.close()
    rows = [(line, cells) for line, cells in parser.rows if any(cells)]
    if not rows:
        raise UploadError("no table of this page has a cell; expected a row per instrument")
    return Grid(rows, [*notices, "an HTML table: its cells are read"], [])


class _Tables(HTMLParser):
    """Collects rows; a line that is left free between two tables keeps them apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[int, list[str | None]]] = []
        self.line = 0
        self.text: list[str] | None = None
        self.span = 1
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag == "table":
            self.line += 1
        elif tag == "tr":
            self._end_cell()
            self.line += 1
            self.rows.append((self.line, []))
            if len(self.rows) > MOST_ROWS + 1:
                raise UploadError(f"it has more than {MOST_ROWS:,} rows; split it")
        elif tag in ("td", "th"):
            self._end_cell()
            wide = dict(attrs).get("colspan") or "1"
            self.span = min(int(wide), MOST_SPAN) if wide.isdigit() else 1
            self.text = []

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.silent:
            self.text.append(data)

    def _end_cell(self) -> None:
        if self.text is None or not self.rows:
            self.text = None
            return
        cell = " ".join("".join(self.text).split())[: MOST_CELL + 1]
        self.rows[-1][1].extend([cell or None, *[None] * (self.span - 1)])
        self.text = None
