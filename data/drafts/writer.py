"""Puts a draft's text together: blocks, cells, links, and where each stretch came from."""

from __future__ import annotations

import re

from data.drafts.draft import DraftBlock, DraftCell, DraftLink, Kind, Part, SourceRun

PIECE = re.compile(r"[ \t\n\r\f]+|[^ \t\n\r\f]+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")


class DraftWriter:
    """Takes text in reading order; blanks between words are written as a browser shows them."""

    def __init__(self) -> None:
        self.length = 0
        self.blocks: list[DraftBlock] = []
        self.links: list[DraftLink] = []
        self.tables = 0
        self.part: Part = ""  # that blocks are of which end now
        self._parts: list[str] = []
        self._runs: list[list[int]] = []
        self._kind: Kind = "paragraph"
        self._level = 0
        self._start: int | None = None
        self._due: tuple[str, int | None, int] | None = None  # a blank before the next word
        self._is_line_start = True
        self._row: list[DraftCell] | None = None
        self._table, self.is_header = 0, False
        self._column, self._cell = 0, (0, 0, 0)
        self._row_began = 0, 0, 0

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._parts)

    @property
    def runs(self) -> tuple[SourceRun, ...]:
        """Where the text stands in its source."""
        return tuple(SourceRun(*run) for run in self._runs)

    @property
    def is_open(self) -> bool:
        """Whether the current block has a word."""
        return self._start is not None

    @property
    def is_in_row(self) -> bool:
        """Whether text goes into a table's row."""
        return self._row is not None

    def begin(self, kind: Kind, level: int = 0) -> None:
        """What follows is a block of this kind; in a table's row it is only another word."""
        if self.is_in_row:
            self._break_word()
            return
        self.end()
        self._kind, self._level = kind, level

    def end(self) -> None:
        """The block is over; one without a word leaves no trace."""
        if self.is_in_row:
            self._break_word()
            return
        if self._start is not None:
            block = DraftBlock(self._kind, self._level, self._start, self.length, part=self.part)
            self.blocks.append(block)
        self._start, self._due, self._kind, self._level = None, None, "paragraph", 0
        self._is_line_start = True

    def begin_row(self, table: int) -> None:
        """A row of a table begins; it counts as one of headers until `is_header` says otherwise."""
        self.end_row()
        self.end()
        self._row_began = len(self._parts), len(self._runs), self.length
        self._separate("table row", table)
        self._start, self._row = self.length, []
        self._table, self.is_header = table, True
        self._column = -1

    def begin_cell(self, column: int, width: int = 1) -> None:
        """A cell of the row begins; a tab parts it from the one before."""
        self._end_cell()
        if self._column >= 0:
            self._append("\t")
        self._column, self._cell = column, (self.length, column, width)
        self._is_line_start = True

    def end_row(self) -> None:
        """The row is over; one without a word leaves no trace."""
        if self._row is None or self._start is None:
            return
        self._end_cell()
        if any(cell.end > cell.start for cell in self._row):
            self.blocks.append(
                DraftBlock(
                    "table row",
                    0,
                    self._start,
                    self.length,
                    table=self._table,
                    is_header=self.is_header,
                    cells=tuple(self._row),
                    part=self.part,
                )
            )
        else:
            parts, runs, self.length = self._row_began
            del self._parts[parts:], self._runs[runs:]
            while self.links and self.links[-1].end > self.length:
                self.links.pop()
        self._row = self._start = self._due = None
        self._is_line_start = True

    def flow(self, text: str, start: int | None = None, end: int = 0) -> None:
        """Words as a browser shows them: blanks become one, and none where a line begins."""
        is_exact = start is not None and end - start == len(text)
        for piece in PIECE.finditer(text):
            at: int | None = start
            to = end
            if start is not None and is_exact:
                at, to = start + piece.start(), start + piece.end()
            if not piece[0].isspace() or piece[0].strip(" \t\n\r\f"):
                self.put(piece[0], at, to)
            elif not self._is_line_start:
                self._due = (" ", self._due[1] if self._due else at, to)

    def put(self, text: str, start: int | None = None, end: int = 0) -> None:
        """Text as it is, after the blank that may be due."""
        if not text:
            return
        if self._start is None:
            self._separate(self._kind, 0)
            self._start = self.length
        elif self._due is not None:
            due, self._due = self._due, None
            self._append(*due)
        if self._row is not None and self._column < 0:  # a word in a row but in no cell
            self.begin_cell(0)
        self._append(CONTROL.sub(" ", text), start, end)
        self._is_line_start = text.endswith("\n")

    def break_line(self) -> None:
        """A new line within the block; in a cell another word."""
        if self.is_in_row:
            self._break_word()
        elif self._start is not None:
            self._due = ("\n", None, 0)
            self._is_line_start = True

    def last_line(self) -> str:
        """The end of the open block, as far as its last line goes."""
        return "".join(self._parts[-9:]).rpartition("\n")[2] if self.is_open else ""

    def take_back(self, letters: int) -> None:
        """Drop the last letters; for text that has no source."""
        kept = "".join(self._parts[-9:])[:-letters] if letters else ""
        self._parts[-9:] = [kept]
        self.length -= letters

    def link(self, href: str, start: int) -> None:
        """What was written since `start` leads there."""
        self.links.append(DraftLink(href, min(start, self.length), self.length))

    def links_in_order(self) -> tuple[DraftLink, ...]:
        """All links, each without the blanks around its words."""
        text = self.text
        found = []
        for link in sorted(self.links, key=lambda link: (link.start, link.end)):
            words = text[link.start : link.end]
            start = link.start + len(words) - len(words.lstrip())
            found.append(DraftLink(link.href, start, max(start, link.start + len(words.rstrip()))))
        return tuple(found)

    @property
    def next_word(self) -> int:
        """Where a word that is written now would begin."""
        if self._start is None:
            return self.length + len(self._separator(self._kind, 0))
        return self.length + (self._due is not None)

    def _end_cell(self) -> None:
        if self._row is not None and self._column >= 0:
            start, column, width = self._cell
            self._row.append(DraftCell(start, self.length, column, width))
        self._due = None

    def _break_word(self) -> None:
        if not self._is_line_start and self._due is None:
            self._due = (" ", None, 0)

    def _separate(self, kind: Kind, table: int) -> None:
        if separator := self._separator(kind, table):
            self._append(separator)

    def _separator(self, kind: Kind, table: int) -> str:
        if not self.blocks:
            return ""
        last = self.blocks[-1]
        is_list = kind == last.kind == "list item"
        is_table = kind == last.kind == "table row" and table == last.table
        return "\n" if is_list or is_table else "\n\n"

    def _append(self, text: str, start: int | None = None, end: int = 0) -> None:
        before, self.length = self.length, self.length + len(text)
        self._parts.append(text)
        if start is None:
            return
        last = self._runs[-1] if self._runs else None
        is_exact = end - start == len(text)
        if (
            last
            and is_exact
            and last[1] == before
            and last[3] == start
            and last[1] - last[0] == last[3] - last[2]
        ):
            last[1], last[3] = self.length, end
        else:
            self._runs.append([before, self.length, start, end])
