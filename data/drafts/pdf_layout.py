"""Lines of a PDF as headings, paragraphs, list items and rows of tables, by size and place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from data.drafts.draft import FOLD, DraftLink
from data.drafts.writer import DraftWriter

LETTER = 0.55  # the width of a letter in its height; less would see cells between words
GAP = 1.0  # heights between two cells of a row
AT = 2.0  # points by which words may miss the place of a column
LARGER = 1.12  # than the text around: a heading
LEADING = 1.3  # times the usual distance of lines: another paragraph
MOST_SAID = 4  # repeated lines that are named
EDGE = 2  # lines at the head and the foot of a page that may be repeated on others
BOLD_HEADING = 100  # characters of a bold line that may be a heading
BULLET = re.compile(r"(?:[•▪◦‣●■–-]|\(?\d{1,2}[.)])\s+(?=\S)")
PAGE_NUMBER = re.compile(
    r"\D{0,12}?\d{1,4}(?:\s*(?:/|of|von|de|sur)\s*\d{1,4})?\W{0,3}", re.IGNORECASE
)
BROKEN = re.compile(r"((?:[^\W\d_]+[-\u2010])*[^\W\d_]+)[-\u2010]$")
PARTED = re.compile(r"[^\W\d_]{1,80}[-\u2010]\n\s*[^\W\d_]+")
LONGEST = 80  # letters of a word
WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


@dataclass(slots=True)
class PdfFragment:
    """What was drawn in one go: its text, where it begins, how high its letters are."""

    text: str
    x: float
    y: float
    height: float
    is_bold: bool = False


@dataclass(slots=True)
class PdfLine:
    """Fragments of one line."""

    fragments: list[PdfFragment] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(part.text for part in self.fragments)

    @property
    def main(self) -> PdfFragment:
        """The fragment with most letters, whose height and base are the line's."""
        return max(self.fragments, key=lambda part: len(part.text.strip()))

    @property
    def x(self) -> float:
        """Where it begins."""
        return self.fragments[0].x

    def is_bold(self) -> bool:
        """Whether all its words are."""
        return all(part.is_bold for part in self.fragments if part.text.strip())

    def cells(self, columns: Sequence[float] = ()) -> list[list[PdfFragment]]:
        """Its fragments, parted where more room is left than between words, or at columns."""
        cells: list[list[PdfFragment]] = []
        end = 0.0
        for part in self.fragments:
            words = part.text.strip()
            if not words:
                continue
            begins = any(abs(part.x - column) < AT for column in columns)
            if cells and not begins and part.x - end <= GAP * part.height:
                cells[-1].append(part)
            else:
                cells.append([part])
            end = part.x + LETTER * part.height * len(words)
        return cells


@dataclass(slots=True)
class PdfPage:
    """A page's lines, its links as rectangles, and how many pictures it shows."""

    lines: list[PdfLine]
    links: list[tuple[str, tuple[float, float, float, float]]]
    images: int = 0


def write_pages(writer: DraftWriter, pages: list[PdfPage]) -> list[str]:
    """Write all lines but those that each page repeats; what is to be said of those."""
    running = _running(pages)
    if all(id(line) in running for page in pages for line in page.lines):
        running = {}  # pages that say nothing else
    kept = [[line for line in page.lines if id(line) not in running] for page in pages]
    layout = _Layout(writer, [line for lines in kept for line in lines])
    for page, lines in zip(pages, kept, strict=True):
        layout.page(lines, page.links)
    writer.end()
    shown = dict.fromkeys(" ".join(text.split())[:80] for text in running.values())
    return [
        f"repeated on the pages and left out: {text}" if text else "page numbers are left out"
        for text in list(shown)[:MOST_SAID]
    ]


def _running(pages: list[PdfPage]) -> dict[int, str]:
    """Lines at the head or foot of pages that stand there on other pages too, or number them."""
    places: dict[tuple[str, int], list[PdfLine]] = defaultdict(list)
    found: dict[int, str] = {}
    for number, page in enumerate(pages, 1):
        ordered = sorted(page.lines, key=lambda line: -line.main.y)
        edges = {id(line): line for line in (*ordered[:EDGE], *ordered[-EDGE:])}
        for line in edges.values():
            text = line.text.strip()
            key = re.sub(rf"(?<![\d.,]){number}(?![.,]?\d|\s?%)", "#", text)
            is_number = PAGE_NUMBER.fullmatch(text) and str(number) in re.findall(r"\d+", text)
            if is_number and len(pages) > 1 and line in (ordered[0], ordered[-1]):
                found[id(line)] = ""
            elif re.search(r"[^\W\d_]", text):
                places[key, round(line.main.y / 5)].append(line)
    for (key, _), lines in places.items():
        if len(lines) >= max(2, len(pages) / 2):
            found |= {id(line): key for line in lines}
    return found


class _Layout:
    """Writes lines, knowing how high most letters are and how far lines are usually apart."""

    def __init__(self, writer: DraftWriter, lines: list[PdfLine]) -> None:
        self.writer = writer
        self.body = _usual_height(lines)
        self.leading = LEADING * _usual_leading(lines)
        larger = {round(line.main.height) for line in lines if self._is_larger(line)}
        self.sizes = sorted(larger, reverse=True)
        text = "\n".join(line.text for line in lines)
        self.words = Counter(word.casefold() for word in WORD.findall(PARTED.sub("\n", text)))
        self.spans: list[tuple[PdfFragment, int, int]] = []

    def page(
        self, lines: list[PdfLine], links: list[tuple[str, tuple[float, float, float, float]]]
    ) -> None:
        """One page; a paragraph does not go on from the one before."""
        self.spans = []
        for rows, group in _grouped(lines):
            if rows:
                self._table(group)
            else:
                self._paragraphs(group)
        for href, box in links:
            self._link(href, box)

    def _is_larger(self, line: PdfLine) -> bool:
        return line.main.height > LARGER * self.body

    def _paragraphs(self, lines: list[PdfLine]) -> None:
        before: PdfLine | None = None
        for line in lines:
            if before is None or self._is_new(before, line):
                self._begin(line)
                self._words(line.fragments, line)
            else:
                self._go_on(line)
            before = line
        self.writer.end()

    def _is_new(self, before: PdfLine, line: PdfLine) -> bool:
        height = max(line.main.height, 1.0)
        drop = before.main.y - line.main.y
        return (
            not 0 <= drop <= self.leading * height
            or abs(before.main.height - line.main.height) > 0.1 * height
            or line.x > before.x + height  # the first line of a paragraph may be set in
            or BULLET.match(line.text.lstrip()) is not None
            or before.is_bold() != line.is_bold()
        )

    def _begin(self, line: PdfLine) -> None:
        text = line.text.strip()
        if self._is_larger(line):
            level = self.sizes.index(round(line.main.height)) + 1
            self.writer.begin("heading", min(level, 6))
        elif line.is_bold() and len(text) < BOLD_HEADING and not text.endswith("."):
            self.writer.begin("heading", min(len(self.sizes) + 1, 6))
        elif BULLET.match(text):
            self.writer.begin("list item", 1)
        else:
            self.writer.begin("paragraph")

    def _go_on(self, line: PdfLine) -> None:
        """A further line; a word that was parted for want of room is one again."""
        last = self.writer.last_line()
        broken = BROKEN.search(last.rstrip()[-LONGEST:])
        first = WORD.match(line.text.lstrip())
        if broken and first and first[0][0].islower():
            if self._is_one_word(broken[1].casefold(), first[0].casefold()):
                self.writer.take_back(len(broken[0]) - len(broken[1]))
        else:
            self.writer.break_line()
        self._words(line.fragments, line)

    def _is_one_word(self, left: str, right: str) -> bool:
        """By what else the text says: the whole, the two with a hyphen, or each on its own."""
        if self.words[left + right]:
            return True
        if self.words[f"{left}-{right}"] or "-" in left + right:
            return False
        return not (self.words[left] and self.words[right])

    def _table(self, lines: list[PdfLine]) -> None:
        self.writer.end()
        self.writer.tables += 1
        starts = max((_starts(line) for line in lines), key=len)
        rows = [line.cells(starts[1:]) for line in lines]
        for line, cells in zip(lines, rows, strict=True):
            self.writer.begin_row(self.writer.tables)
            self.writer.is_header = line is lines[0] and line.is_bold()
            for column, cell in zip(_columns(cells, starts), cells, strict=True):
                self.writer.begin_cell(column)
                self._words(cell, line)
            self.writer.end_row()

    def _words(self, fragments: list[PdfFragment], line: PdfLine) -> None:
        main = line.main
        for part in fragments:
            is_raised = part.height < 0.9 * main.height and part.y > main.y + 0.15 * main.height
            began = self.writer.next_word
            self.writer.flow(part.text.translate(FOLD) if is_raised else part.text)
            self.spans.append((part, began, self.writer.length))

    def _link(self, href: str, box: tuple[float, float, float, float]) -> None:
        left, low, right, high = box
        inside = [
            (start, end)
            for part, start, end in self.spans
            if left - 1 <= part.x < right - 1 and low - 1 <= part.y <= high and end > start
        ]
        start = inside[0][0] if inside else self.writer.length
        end = inside[-1][1] if inside else start
        last = self.writer.links[-1] if self.writer.links else None
        if last and inside and last.href == href and 0 <= start - last.end <= 2:
            self.writer.links[-1] = DraftLink(href, last.start, end)  # it goes over two lines
        else:
            self.writer.links.append(DraftLink(href, start, end))


def _grouped(lines: list[PdfLine]) -> Iterator[tuple[bool, list[PdfLine]]]:
    """Runs of lines that are rows of a table, and runs of other lines."""
    is_wide = [len(line.cells()) > 1 for line in lines]
    flags = [
        is_wide[at] and any(is_wide[max(at - 1, 0) : at] + is_wide[at + 1 : at + 2])
        for at in range(len(lines))
    ]
    for here, there in [*pairwise(range(len(lines))), *pairwise(range(len(lines) - 1, -1, -1))]:
        # A long cell leaves little room: its row is known by the columns of the row beside it.
        if flags[here] and not flags[there]:
            flags[there] = len(lines[there].cells(_starts(lines[here])[1:])) > 1
    for is_table, numbers in groupby(range(len(lines)), key=lambda at: flags[at]):
        yield is_table, [lines[at] for at in numbers]


def _starts(line: PdfLine) -> list[float]:
    return [cell[0].x for cell in line.cells()]


def _columns(cells: list[list[PdfFragment]], starts: list[float]) -> list[int]:
    """The column of each cell: of a row with gaps the nearest one to the right of the last."""
    if len(cells) >= len(starts):
        return list(range(len(cells)))
    columns: list[int] = []
    for number, cell in enumerate(cells):
        first = columns[-1] + 1 if columns else 0
        last = len(starts) - (len(cells) - number)
        columns.append(min(range(first, last + 1), key=lambda at: abs(starts[at] - cell[0].x)))
    return columns


def _usual_height(lines: list[PdfLine]) -> float:
    heights: Counter[float] = Counter()
    for line in lines:
        heights[round(line.main.height, 1)] += len(line.text)
    return heights.most_common(1)[0][0] if heights else 0.0


def _usual_leading(lines: list[PdfLine]) -> float:
    """How many heights lines of a paragraph are apart: that of the nearest quarter."""
    drops = sorted(
        (before.main.y - line.main.y) / line.main.height
        for before, line in pairwise(lines)
        if line.main.height > 0 and before.main.y > line.main.y
    )
    return min(max(drops[len(drops) // 4], 1.0), 2.5) if drops else 1.2
