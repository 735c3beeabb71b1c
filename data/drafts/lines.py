"""The blocks of a text that is written line by line: headings, lists, tables, paragraphs.

Used for plain text, whose authors often write as in Markdown, and for Markdown itself. It finds
where the words of each block stand and leaves every letter as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from data.drafts.draft import Kind

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
RULE = re.compile(r"[ \t]*([-*_=])(?:[ \t]*\1){2,}[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(?:(=+)|-{2,})[ \t]*$")
ITEM = re.compile(r"([ \t]*)(?:[-*+•▪◦‣]|(\d{1,3})[.)])[ \t]+(?=\S)")
QUOTATION = re.compile(r" {0,3}>[ \t]?")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
FOOTNOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,50})\]:[ \t]*")
DELIMITER_ROW = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
INDENT = 2  # columns by which an inner list is set off, at least


@dataclass
class LineBlock:
    """A block and the spans of its words in the source: its lines, or the cells of a row."""

    kind: Kind
    level: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    table: int = 0
    is_header: bool = False


def find_blocks(source: str) -> Iterator[LineBlock]:
    """The blocks in their order; blank lines, rules and fences are in none."""
    yield from _Scan(source).run()


class _Scan:
    """Walks over the lines; `block` is the one that a further line may belong to."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = [match.span() for match in LINE.finditer(source) if match[0]]
        self.at = 0
        self.tables = 0
        self.block: LineBlock | None = None
        self.indents: list[int] = []

    def run(self) -> Iterator[LineBlock]:
        """Every block, once it is known where it ends."""
        while self.at < len(self.lines):
            start, end = self.lines[self.at]
            line = self.source[start:end].rstrip("\r\n")
            self.at += 1
            if not line.strip():
                yield from self._done()
            elif (fence := FENCE.match(line)) is not None:
                yield from self._done()
                yield from self._code(fence[1])
            elif self._is_table(line):
                yield from self._done()
                yield from self._rows(start, line)
            else:
                yield from self._words(start, line)
        yield from self._done()

    def _done(self) -> Iterator[LineBlock]:
        if self.block is not None and self.block.spans:
            yield self.block
        self.block = None

    def _words(self, start: int, line: str) -> Iterator[LineBlock]:
        if (heading := HEADING.match(line)) is not None:
            yield from self._done()
            words = line.rstrip()
            bare = words.rstrip("#")  # the marks that may close a heading
            end = len(bare.rstrip()) if bare.endswith((" ", "\t")) else len(words)
            span = (start + heading.end(), start + max(end, heading.end()))
            yield LineBlock("heading", len(heading[1]), [span])
        elif self._is_underline(line):
            assert self.block is not None
            self.block.kind, self.block.level = "heading", 1 if "=" in line else 2
            yield from self._done()
        elif RULE.match(line):
            yield from self._done()
        else:
            yield from self._begin(start, line)

    def _is_underline(self, line: str) -> bool:
        block = self.block
        is_line = block is not None and block.kind == "paragraph" and len(block.spans) == 1
        return is_line and UNDERLINE.match(line) is not None

    def _begin(self, start: int, line: str) -> Iterator[LineBlock]:
        """A line of words: of the block before, or the first one of another."""
        kind, level, begins = self._kind(line)
        words = (start + begins, start + len(line.rstrip()))
        if self.block is not None and kind == "paragraph":
            self.block.spans.append((start + len(line) - len(line.lstrip()), words[1]))
            return
        if self.block is not None and kind == self.block.kind == "quotation":
            self.block.spans.append(words)
            return
        yield from self._done()
        self.block = LineBlock(kind, level, [words] if words[1] > words[0] else [])

    def _kind(self, line: str) -> tuple[Kind, int, int]:
        """What a line begins, its level, and where its words begin."""
        item = ITEM.match(line)
        # A wrapped line may begin with "3. quarter": only a 1 begins a list within a paragraph.
        is_wrapped = self.block is not None and self.block.kind != "list item"
        if item is not None and not (is_wrapped and item[2] not in (None, "1")):
            indent = len(item[1].expandtabs(4))
            self._indent(indent)
            return "list item", len(self.indents), item.end()
        if (note := FOOTNOTE.match(line)) is not None:
            return "footnote", 0, note.end()
        if (quotation := QUOTATION.match(line)) is not None:
            return "quotation", 0, quotation.end()
        if self.block is None and not line.startswith((" ", "\t")):
            self.indents = []
        return "paragraph", 0, len(line) - len(line.lstrip())

    def _indent(self, indent: int) -> None:
        while self.indents and self.indents[-1] > indent:
            self.indents.pop()
        if not self.indents or indent >= self.indents[-1] + INDENT:
            self.indents.append(indent)

    def _code(self, fence: str) -> Iterator[LineBlock]:
        block = LineBlock("code", 0)
        while self.at < len(self.lines):
            start, end = self.lines[self.at]
            line = self.source[start:end].rstrip("\r\n")
            self.at += 1
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                break
            block.spans.append((start, start + len(line)))
        if block.spans:
            yield block

    def _is_table(self, line: str) -> bool:
        """A row between bars or with tabs, or one over a line of dashes between bars."""
        if "|" not in line:
            return "\t" in line.strip() and ITEM.match(line) is None
        if line.lstrip().startswith("|"):
            return line.count("|") > 1
        return "|" in (below := self._below()) and DELIMITER_ROW.match(below) is not None

    def _below(self) -> str:
        if self.at == len(self.lines):
            return ""
        start, end = self.lines[self.at]
        return self.source[start:end].rstrip("\r\n")

    def _rows(self, start: int, line: str) -> Iterator[LineBlock]:
        self.tables += 1
        mark = "|" if "|" in line else "\t"
        below = self._below()
        is_header = mark == "|" and DELIMITER_ROW.match(below) is not None
        while True:
            if not (mark == "|" and DELIMITER_ROW.match(line)):
                spans = list(_cells(start, line, mark))
                yield LineBlock("table row", 0, spans, self.tables, is_header)
                is_header = False
            line = self._below()
            if mark not in line.strip():
                return
            start = self.lines[self.at][0]
            self.at += 1


def _cells(start: int, line: str, mark: str) -> Iterator[tuple[int, int]]:
    """The span of each cell without the blanks around; a bar after a backslash is a letter."""
    begin, stop = 0, len(line.rstrip(" \r\n"))
    if mark == "|":
        begin = line.index("|") + 1 if line.lstrip().startswith("|") else 0
        stop -= line[:stop].endswith("|") and not line[:stop].endswith("\\|")
    cuts = [at for at in range(begin, stop) if line[at] == mark and line[at - 1 : at] != "\\"]
    for left, right in zip([begin, *(cut + 1 for cut in cuts)], [*cuts, stop], strict=True):
        words = line[left:right].strip()
        at = left + (line[left:right].index(words) if words else 0)
        yield start + at, start + at + len(words)
