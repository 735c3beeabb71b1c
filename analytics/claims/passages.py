"""The parts of a draft in which words belong together: sentences of a paragraph, cells of a table.

Everything keeps its place: what a reader does not see, such as tags, scripts and comments, becomes
blanks of the same length, so that a stretch found in a part is a stretch of the draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Format = Literal["text", "markdown", "html"]
Stretch = tuple[int, int]
HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|title|template|noscript)\b.*?(?:</\1\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>|<![^<>]*>|<[/?][^<>]*>")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
SIGNS = {"&minus;": "\u2212", "&euro;": "€", "&pound;": "£", "&yen;": "¥", "&plus;": "+"}
BREAKS = {
    *("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "body"),
    *("section", "article", "header", "footer", "blockquote", "caption", "dt", "dd", "figcaption"),
}
CELLS, ROWS = {"td", "th"}, {"tr"}
ROW = re.compile(r"[ \t]*\|.*")
RULE = re.compile(r"[\s|:\-]+")
HEADING = re.compile(r"[ \t]*#{1,6} ")
# A full stop ends a sentence where a blank and something that can begin one follow, and what stands
# before it is no abbreviation, initial or number of a list.
END = re.compile(
    r"[.!?\u2026]+(?:[\"'\u201d\u00bb)\]*_]|\s\u00bb)*(?=\s+[^\sa-zß-öø-ÿ])|;(?=\s)|\n"
)
ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|[0-9]{1,2}|vs|cf|ca|approx|est|Tel|tel|No|no|Nr|Mr|Ms|Dr|St|Art|bzw|"
    r"z\.B|d\.h|u\.a|i\.e|e\.g|p|pp|Mrd|Mio|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)\.$"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, heading or table cell in [start, end); `paragraph` numbers what stands together.

    `heads` are the stretches that say what a cell is of: the head of its column, the first cell of
    its row, and the other cells of its row that hold words.
    """

    start: int
    end: int
    paragraph: int
    kind: Literal["sentence", "heading", "cell"] = "sentence"
    heads: tuple[Stretch, ...] = ()


def visible(text: str, form: Format) -> str:
    """What a reader sees, at the places where it stands."""
    if form != "html":
        return text
    text = HIDDEN.sub(_blank, text).replace("\n", " ")  # tags alone break lines there
    text = TAG.sub(_of_tag, text)
    return ENTITY.sub(lambda match: SIGNS.get(match[0], " ").ljust(len(match[0])), text)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _of_tag(match: re.Match[str]) -> str:
    name = (match[2] or "").lower()
    width = len(match[0])
    if name in CELLS:
        return ("" if match[1] else "|").ljust(width)
    if name in BREAKS or (name in ROWS and not match[1]):
        return "\n".ljust(width)
    return " " * width


def passages(shown: str, form: Format = "text") -> list[Passage]:
    """The parts of a text that was made visible, in its order. In HTML, where rows stand on lines
    as they please, only words end a table."""
    found: list[Passage] = []
    table: list[list[Stretch]] = []
    paragraph = 0
    for start, end in _lines(shown):
        line = shown[start:end]
        if ROW.match(line) and line.count("|") > 1:
            if not RULE.fullmatch(line):
                table.append(_cells(shown, start, end))
            continue
        if table and form == "html" and not line.strip():
            continue
        found += _of_table(table, paragraph)
        paragraph += bool(table)
        table = []
        if not line.strip():
            paragraph += 1
        elif HEADING.match(line):
            found.append(Passage(start, end, paragraph, "heading"))
        else:
            found += [Passage(*stretch, paragraph) for stretch in _sentences(shown, start, end)]
    return found + _of_table(table, paragraph)


def _lines(shown: str) -> Iterator[Stretch]:
    start = 0
    while start <= len(shown):
        end = shown.find("\n", start)
        end = len(shown) if end < 0 else end
        yield start, end
        start = end + 1


def _cells(shown: str, start: int, end: int) -> list[Stretch]:
    marks = [place for place in range(start, end) if shown[place] == "|"]
    edges = [*marks, end] if shown[marks[-1] : end].strip(" |\t") else marks
    return [(first + 1, last) for first, last in zip(edges, edges[1:], strict=False)]


def _of_table(rows: list[list[Stretch]], paragraph: int) -> list[Passage]:
    found = []
    for row in rows[1:]:
        for column, stretch in enumerate(row):
            heads = [rows[0][column]] if column < len(rows[0]) else []
            heads += [other for place, other in enumerate(row) if place != column]
            found.append(Passage(*stretch, paragraph, "cell", tuple(heads)))
    return found


def _sentences(shown: str, start: int, end: int) -> Iterator[Stretch]:
    begun = start
    for match in END.finditer(shown, start, end):
        if ABBREVIATED.search(shown[max(begun, match.start() - 12) : match.start() + 1]):
            continue
        yield begun, match.end()
        begun = match.end()
    if shown[begun:end].strip():
        yield begun, end
