"""An HTML page as a draft: what a browser shows of it, and what it says of itself to searchers.

Scripts, styles, comments and what an attribute hides are no part of the text; nothing is fetched.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Set
from html.parser import HTMLParser
from itertools import accumulate
from typing import Any

from data.drafts.draft import FOLD, FOLD_DOWN, DraftImage, DraftPage, DraftText, Kind, Part
from data.drafts.page_parts import part_of
from data.drafts.writer import DraftWriter

# As `html.unescape` finds them, so that each can be traced to its place; and soft hyphens.
REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)|\u00ad")
UNFINISHED = re.compile(r"<[a-zA-Z/!?]")  # a tag, a comment or the like that never ends
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0{0,9}\.?0{1,9}\s*(?:;|!|$)"
    r"|font-size\s*:\s*0{1,9}(?:\.0{1,9})?[a-z%]{0,9}\s*(?:;|!|$)",
    re.IGNORECASE,
)
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source")
    + ("param", "track", "wbr")
)
UNSEEN = frozenset(
    ("script", "style", "template", "noscript", "title", "iframe", "noembed", "noframes", "object")
    + ("video", "audio", "canvas", "svg", "select", "datalist", "textarea", "progress", "meter")
)
BLOCKS = frozenset(
    ("address", "article", "aside", "body", "center", "dd", "details", "dialog", "div", "dl", "dt")
    + ("fieldset", "figure", "footer", "form", "header", "hr", "html", "legend", "main", "menu")
    + ("nav", "ol", "p", "section", "summary", "table", "tbody", "tfoot", "thead", "ul")
)
KINDS: dict[str, Kind] = {
    "figcaption": "caption",
    "caption": "caption",
    "blockquote": "quotation",
    "pre": "code",
}
# What ends by itself where one of these begins, and what shields an outer one from that.
SHIELDS = frozenset(("table", "td", "th", "caption", "template", "object", "button", "svg"))
IMPLIED: dict[str, tuple[set[str], Set[str]]] = {
    "li": ({"li"}, SHIELDS | {"ul", "ol", "menu"}),
    "dt": ({"dt", "dd"}, SHIELDS | {"dl"}),
    "dd": ({"dt", "dd"}, SHIELDS | {"dl"}),
    "td": ({"td", "th"}, {"tr", "table", "template"}),
    "th": ({"td", "th"}, {"tr", "table", "template"}),
    "tr": ({"tr"}, {"table", "template"}),
    "tbody": ({"tr", "thead", "tbody"}, {"table", "template"}),
    "tfoot": ({"tr", "thead", "tbody"}, {"table", "template"}),
    "option": ({"option"}, {"select"}),
    "p": ({"p"}, SHIELDS),
}
PARAGRAPH_ENDS = (BLOCKS - {"body", "html"}) | {f"h{level}" for level in range(1, 7)} | set(KINDS)
NOT_SHOWN = {"img": "image", "svg": "drawing", "canvas": "drawing", "iframe": "frame"}
NOT_SHOWN |= {"video": "film", "audio": "sound", "object": "embedded object"}
MOST_WIDTH, MOST_ROWS = 50, 1_000  # of one cell
DEEPEST = 512  # elements around one that can matter to it, as in browsers
MOST_IMAGES = 2_000
MOST_META = 2_000  # characters of one statement that a page makes of itself


def read_html(source: str, notes: list[str]) -> DraftText:
    """The draft of a page's source."""
    parser = _Page(source)
    parser.feed(source)
    parser.close()
    parser.writer.end_row()
    parser.writer.end()
    notes = [*notes, *parser.notes()]
    writer = parser.writer
    return DraftText(
        writer.text,
        "html",
        tuple(writer.blocks),
        title=parser.title or first_heading(writer),
        meta=parser.meta,
        structured_data=tuple(parser.structured_data),
        links=writer.links_in_order(),
        anchors=tuple(dict.fromkeys(parser.anchors)),
        notes=tuple(notes),
        source=source,
        runs=writer.runs,
        page=parser.page(),
    )


def first_heading(writer: DraftWriter) -> str | None:
    """The words of the first heading, which stand for a title where none is stated."""
    text = writer.text
    spans = (block for block in writer.blocks if block.kind == "heading")
    return next((" ".join(text[block.start : block.end].split()) for block in spans), None)


class _Table:
    """The columns of a table that cells from above still cover."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.column = 0
        self.covered: dict[int, int] = {}
        self.is_head = False

    def place(self, width: int, rows: int) -> int:
        """The column in which the next cell begins."""
        while self.covered.get(self.column, 0) > 0:
            self.covered[self.column] -= 1
            self.column += 1
        at = self.column
        for column in range(at, at + width):
            self.covered[column] = rows - 1
        self.column += width
        return at

    def end_row(self) -> None:
        for column in self.covered:
            if column >= self.column and self.covered[column] > 0:
                self.covered[column] -= 1


class _Page(HTMLParser):
    """Follows what is open, since what is hidden ends with its element."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.writer = DraftWriter()
        self.title = ""
        self.meta: dict[str, str] = {}
        self.structured_data: list[Any] = []
        self.anchors: list[str] = []
        self.counts: Counter[str] = Counter()
        self.is_xml = source.lstrip().startswith("<?xml")
        self.open: list[tuple[str, bool]] = []  # name, and whether it hides what is in it
        self.hiding = 0
        self.tables: list[_Table] = []
        self.parts: list[tuple[int, Part]] = []  # how deep the element stands that begins it
        self.canonicals: list[str] = []
        self.images: list[DraftImage] = []
        self.hrefs: list[tuple[str, int]] = []
        self.data_block: list[str] | None = None
        self.lines = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]

    def page(self) -> DraftPage:
        """What the page states beside its text."""
        images = tuple(self.images[:MOST_IMAGES])
        return DraftPage(
            self.title, tuple(self.canonicals[:MOST_IMAGES]), images, self.counts["bad data"]
        )

    def notes(self) -> list[str]:
        """What of the page was not read."""
        names = [name for name in NOT_SHOWN.values() if self.counts[name]]
        said = [not_read(self.counts[name], name) for name in dict.fromkeys(names)]
        if self.counts["hidden"]:
            said.append("text that the page hides is not read")
        if self.counts["script"]:
            said.append("scripts are never run: text that they would write is not read")
        if self.counts["bad data"]:
            said.append(
                f"{counted(self.counts['bad data'], 'block')} of structured data is no JSON"
            )
        return said

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in reversed(attrs)}
        self._end_implied(tag)
        self._state(tag, values)
        if tag in NOT_SHOWN and not self.hiding:
            self.counts[NOT_SHOWN[tag]] += 1
        if tag in VOID:
            if not self.hiding and tag in ("br", "hr"):
                (self.writer.break_line if tag == "br" else self.writer.end)()
            return
        hides = tag in UNSEEN or _is_hidden(tag, values)
        self.open.append((tag, hides))
        self.hiding += hides
        if not self.hiding:
            self._begin(tag, values)
        if tag in BLOCKS:
            around = [name for name, _ in self.open[-DEEPEST:-1]]
            if part := part_of(tag, values, around):
                self.parts.append((len(self.open), part))
            self._set_part()

    def _set_part(self) -> None:
        while self.parts and self.parts[-1][0] > len(self.open):
            self.parts.pop()
        self.writer.part = self.parts[-1][1] if self.parts else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        # In HTML the slash says nothing; in XHTML and in drawings it ends the element.
        if tag not in VOID and (
            self.is_xml or any(name == "svg" for name, _ in self.open[-DEEPEST:])
        ):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if (
            tag == "p"
            and not any(name == "p" for name, _ in self.open[-DEEPEST:])
            and not self.hiding
        ):
            self.writer.end()
        depth = next(
            (at for at in range(len(self.open) - 1, -1, -1) if self.open[at][0] == tag), -1
        )
        if depth < 0:
            return
        while len(self.open) > depth:
            self._close_last()

    def handle_data(self, data: str) -> None:
        if self.data_block is not None:
            self.data_block.append(data)
        if self.hiding:
            self._take_hidden(data)
            return
        line, column = self.getpos()
        start = self.lines[line - 1] + column
        if UNFINISHED.match(self.source, start):
            self.hiding += self.source.startswith("<!--", start)  # all the rest is a comment
            return
        folded = {name for name, _ in self.open[-3:]} & {"sup", "sub"}
        is_plain = any(name in ("pre", "listing") for name, _ in self.open[-DEEPEST:])
        for text, at, to in _traced(self.source, start, data):
            shown = text.replace("\u00ad", "")
            if folded:
                shown = shown.translate(FOLD if "sup" in folded else FOLD_DOWN)
            (self._lines_as_they_are if is_plain else self.writer.flow)(shown, at, to)

    def _lines_as_they_are(self, text: str, start: int, end: int) -> None:
        is_exact = end - start == len(text)
        for number, line in enumerate(text.split("\n")):
            if number:
                self.writer.break_line()
            stop = start + len(line) if is_exact else end
            self.writer.put(line.rstrip("\r"), start, stop - line.endswith("\r"))
            start = stop + 1 if is_exact else start

    def _take_hidden(self, data: str) -> None:
        names = [name for name, hides in self.open[-DEEPEST:] if hides]
        if names == ["title"] and len(self.title) < MOST_META:
            self.title = " ".join((self.title + data).split())[:MOST_META]
        elif data.strip() and not UNSEEN.intersection(names):
            self.counts["hidden"] += 1

    def _state(self, tag: str, values: dict[str, str]) -> None:
        """What an element says of the page, shown or not."""
        if name := values.get("id") or (values.get("name") if tag == "a" else None):
            self.anchors.append(name)
        if tag == "script":
            kind = values.get("type", "").split(";")[0].strip().casefold()
            if kind == "application/ld+json":
                self.data_block = []
            else:
                self.counts["script"] += 1
        elif tag == "img" and not self.hiding:
            is_decoration = values.get("role") in ("presentation", "none")
            self.images.append(
                DraftImage(values.get("src", "")[:MOST_META], _alt(values, is_decoration))
            )
        elif stated := _statement(tag, values):
            if stated[0] == "canonical":
                self.canonicals.append(stated[1].strip()[:MOST_META])
            self.meta.setdefault(stated[0], " ".join(stated[1].split())[:MOST_META])

    def _begin(self, tag: str, values: dict[str, str]) -> None:
        writer = self.writer
        if tag in ("table", "thead", "tr", "td", "th"):
            self._begin_table(tag, values)
        elif tag == "a" and "href" in values:
            self.hrefs.append((values["href"].strip(), writer.next_word))
        elif tag == "li":
            writer.begin("list item", max(self._lists(), 1))
        elif re.fullmatch("h[1-6]", tag):
            writer.begin("heading", int(tag[1]))
        elif tag in KINDS:
            writer.begin(KINDS[tag])
        elif tag in BLOCKS:
            self._begin_block()

    def _begin_table(self, tag: str, values: dict[str, str]) -> None:
        """A table or a part of one; of a table within a cell the words alone are read."""
        writer = self.writer
        if tag == "table":
            writer.end()
            writer.tables += not self.tables
            self.tables.append(_Table(writer.tables))
        if tag == "table" or len(self.tables) != 1:
            if tag in ("td", "th"):
                writer.end()
            return
        table = self.tables[0]
        if tag == "thead":
            table.is_head = True
        elif tag == "tr":
            table.column = 0
            writer.begin_row(table.number)
        else:
            self._begin_cell(table, tag, values)

    def _lists(self) -> int:
        return sum(name in ("ul", "ol", "menu") for name, _ in self.open[-DEEPEST:])

    def _begin_block(self) -> None:
        """A paragraph; the first one of a list item or a quotation is still that."""
        if self.writer.is_open or self.writer.is_in_row:
            self.writer.end()
        holders = [name for name, _ in self.open[-DEEPEST:-1] if name in ("li", "blockquote")]
        if not holders or self.writer.is_in_row:
            return
        if holders[-1] == "li":
            self.writer.begin("list item", max(self._lists(), 1))
        else:
            self.writer.begin("quotation")

    def _begin_cell(self, table: _Table, tag: str, values: dict[str, str]) -> None:
        if not self.writer.is_in_row:  # a cell without its row
            table.column = 0
            self.writer.begin_row(table.number)
        if tag == "td" and not table.is_head:
            self.writer.is_header = False
        width = bounded(values.get("colspan"), 1, MOST_WIDTH)
        rows = bounded(values.get("rowspan"), 1, MOST_ROWS)
        self.writer.begin_cell(table.place(width, rows), width)

    def _close_last(self) -> None:
        tag, hides = self.open.pop()
        self.hiding -= hides
        if tag == "script" and self.data_block is not None:
            self._take_data("".join(self.data_block))
            self.data_block = None
        if self.hiding or hides:
            self._set_part()
            return
        if tag == "a" and self.hrefs:
            self.writer.link(*self.hrefs.pop())
        elif tag in ("table", "tr", "thead") and self.tables:
            self._end_table(tag)
        elif tag in PARAGRAPH_ENDS or tag == "li":
            self.writer.end()
        self._set_part()

    def _end_table(self, tag: str) -> None:
        table = self.tables[-1]
        if tag == "table":
            self.tables.pop()
        elif tag == "thead":
            table.is_head = False
        if len(self.tables) > 1 or (tag == "table" and self.tables):
            return
        self.writer.end_row()
        if tag == "tr":
            table.end_row()

    def _end_implied(self, tag: str) -> None:
        rule = IMPLIED.get("p" if tag in PARAGRAPH_ENDS else tag)
        if rule is None:
            return
        ends, shields = rule
        for at in range(len(self.open) - 1, max(len(self.open) - DEEPEST, 0) - 1, -1):
            name = self.open[at][0]
            if name in shields:
                return
            if name in ends:
                while len(self.open) > at:
                    self._close_last()
                if tag not in ("tbody", "tfoot", "tr"):
                    return

    def _take_data(self, text: str) -> None:
        try:
            self.structured_data.append(json.loads(text))
        except (ValueError, RecursionError):
            self.counts["bad data"] += 1


def _alt(values: dict[str, str], is_decoration: bool) -> str | None:
    if is_decoration or values.get("aria-hidden") == "true":
        return ""
    alt = values.get("alt")
    return None if alt is None else " ".join(alt.split())[:MOST_META]


def _statement(tag: str, values: dict[str, str]) -> tuple[str, str] | None:
    """What an element of the head says, under its name."""
    if tag == "html" and "lang" in values:
        return "language", values["lang"]
    if tag == "base" and "href" in values:
        return "base", values["href"]
    if tag == "link" and "canonical" in values.get("rel", "").casefold().split():
        return "canonical", values.get("href", "")
    key = values.get("name") or values.get("property") or values.get("itemprop")
    if tag == "meta" and key and "content" in values:
        return key.strip().casefold(), values["content"]
    return None


def _is_hidden(tag: str, values: dict[str, str]) -> bool:
    return (
        ("hidden" in values and values["hidden"].casefold() != "until-found")
        or HIDING.search(values.get("style", "")) is not None
        or (tag == "dialog" and "open" not in values)
    )


def _traced(source: str, start: int, data: str) -> Iterator[tuple[str, int, int]]:
    """The pieces of a stretch of text with their places: each reference is a piece of its own."""
    length, at = 0, start
    while length < len(data):
        reference = REFERENCE.search(source, at)
        stop = reference.start() if reference else len(source)
        plain = source[at : min(stop, at + len(data) - length)]
        if plain:
            yield plain, at, at + len(plain)
            at, length = at + len(plain), length + len(plain)
            continue
        assert reference is not None
        meant = html.unescape(reference[0])
        yield meant, at, reference.end()
        at, length = reference.end(), length + len(meant)


def bounded(text: str | None, least: int, most: int) -> int:
    """A whole number that a file states, within bounds; the least where it states none."""
    text = (text or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return max(least, min(int(text), most)) if is_number else least


def counted(number: int, name: str) -> str:
    """A number and its noun."""
    return f"{number:,} {name}{'s' * (number != 1)}"


def not_read(number: int, name: str) -> str:
    """What is said of pictures and the like."""
    return f"{counted(number, name)} {'is' if number == 1 else 'are'} not read"
