"""A Word document as a draft: paragraphs, tables, notes and the titles of charts.

Macros, fields and embedded objects are never run; text that is hidden or struck by a tracked
change is no part of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from data.drafts.draft import FOLD, FOLD_DOWN, DraftText, Kind
from data.drafts.office import OfficePackage
from data.drafts.web_page import bounded, counted, first_heading, not_read
from data.drafts.writer import DraftWriter

HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
FIELD_LINK = re.compile(r'\s*HYPERLINK\s+(\\l\s+)?"([^"]{1,2000})"', re.IGNORECASE)
BREAKS = {
    "br": "\n",
    "cr": "\n",
    "tab": " ",
    "ptab": " ",
    "noBreakHyphen": "-",
    "sym": "\ufffd",
}
SKIPPED = frozenset(
    ("pPr", "del", "moveFrom", "instrText", "delText", "softHyphen", "sectPr", "rt", "Fallback")
)
COUNTED = {"pic": "image", "imagedata": "image", "OLEObject": "embedded object"}
COUNTED |= {"altChunk": "embedded document", "commentReference": "comment"}


def read_word(payload: bytes, notes: list[str]) -> DraftText:
    """The draft of a document's bytes."""
    package = OfficePackage(payload)
    main = package.main()
    styles = _Styles(package.related(main, "styles"))
    reader = _Document(package, main, styles)
    reader.blocks(package.tree(main))
    reader.notes_at_the_end()
    writer = reader.writer
    if package.has_macros():
        notes = [*notes, "it carries macros, which are never run"]
    meta = package.properties()
    stated = reader.title or meta.pop("title", "")
    return DraftText(
        writer.text,
        "docx",
        tuple(writer.blocks),
        title=stated or first_heading(writer),
        meta=meta,
        links=writer.links_in_order(),
        anchors=tuple(dict.fromkeys(reader.anchors)),
        notes=(*notes, *reader.said()),
    )


class _Styles:
    """What a paragraph's style makes of it, through the styles that it is based on."""

    def __init__(self, tree: Element | None) -> None:
        self.styles = {each.get("styleId", ""): each for each in tree or () if each.tag == "style"}

    def chain(self, name: str | None) -> Iterator[Element]:
        """The style and those beneath it."""
        seen: set[str] = set()
        while name and name in self.styles and name not in seen:
            seen.add(name)
            yield self.styles[name]
            name = _value(self.styles[name], "basedOn")

    def kind(self, paragraph: Element) -> tuple[Kind, int, str]:
        """Kind and level of a paragraph, and the name of its style."""
        own = paragraph.find("pPr")
        chain = list(self.chain(_value(own, "pStyle")))
        names = [(_value(style, "name") or "").casefold() for style in chain]
        first = names[0] if names else ""
        properties = [own, *(style.find("pPr") for style in chain)]
        outlines = (_value(each, "outlineLvl") for each in properties)
        outline = bounded(next((found for found in outlines if found), "9"), 0, 9)
        heading = next((match for name in names if (match := HEADING.fullmatch(name))), None)
        if heading or "title" in names or outline < 9:
            level = int(heading[1]) if heading else outline + 1 if outline < 9 else 1
            return "heading", min(level, 6), first
        if "caption" in names:
            return "caption", 0, first
        for each in properties:
            number = each.find("numPr") if each is not None else None
            if number is not None and _value(number, "numId") != "0":
                return "list item", bounded(_value(number, "ilvl"), 0, 8) + 1, first
        is_quotation = any("quote" in name for name in names)
        return ("quotation" if is_quotation else "paragraph"), 0, first


class _Document:
    """Walks over paragraphs and tables in reading order."""

    def __init__(self, package: OfficePackage, main: str, styles: _Styles) -> None:
        self.package, self.main, self.styles = package, main, styles
        self.relations = package.relations(main)
        self.writer = DraftWriter()
        self.title = ""
        self.anchors: list[str] = []
        self.counts: Counter[str] = Counter()
        self.notes: list[tuple[str, str]] = []  # part and id of each note, as they are referred to
        self.boxes: list[Element] = []
        self.charts: list[str] = []
        self.fields: list[tuple[str | None, int]] = []  # the link of each open field

    def said(self) -> list[str]:
        """What of the document was not read."""
        names = dict.fromkeys(COUNTED.values())
        notes = [not_read(self.counts[name], name) for name in names if self.counts[name]]
        if self.counts["chart"]:
            notes.append(f"of {counted(self.counts['chart'], 'chart')} only the title is read")
        if self.counts["change"]:
            notes.append("tracked changes are read as if they were accepted")
        if self.counts["hidden"]:
            notes.append("hidden text is not read")
        kinds = {kind for kind, _ in self.relations.values()}
        if kinds & {"header", "footer"}:
            notes.append("running heads and feet are not read")
        return notes

    def blocks(self, parent: Element) -> None:
        """Everything in a body, a cell or a text box."""
        for each in parent:
            if each.tag == "p":
                self.paragraph(each)
            elif each.tag == "tbl":
                self.table(each)
            elif each.tag in COUNTED:
                self.counts[COUNTED[each.tag]] += 1
            elif each.tag not in SKIPPED:
                self.blocks(each)
            self.counts["change"] += each.tag in ("del", "ins", "moveFrom")

    def paragraph(self, paragraph: Element, kind: Kind | None = None) -> None:
        """One paragraph, then the text boxes and charts that hang on it."""
        writer = self.writer
        found, level, style = self.styles.kind(paragraph)
        writer.begin(kind or found, 0 if kind else level)
        start = writer.next_word
        self.runs(paragraph)
        if style == "title" and not self.title:
            self.title = " ".join(writer.text[start:].split())
        writer.end()
        boxes, self.boxes = self.boxes, []
        charts, self.charts = self.charts, []
        for box in boxes:
            self.blocks(box)
        for name in charts:
            writer.begin("caption")
            writer.flow(self._chart_title(name))
            writer.end()

    def table(self, table: Element) -> None:
        """A table row by row; of one within a cell the words alone are read."""
        if self.writer.is_in_row:
            self.blocks(table)
            return
        self.writer.end()
        self.writer.tables += 1
        for row in _within(table, "tr"):
            self.writer.begin_row(self.writer.tables)
            properties = row.find("trPr")
            self.writer.is_header = _is_on(properties, "tblHeader")
            column = bounded(_value(properties, "gridBefore"), 0, 100)
            for cell in _within(row, "tc"):
                own = cell.find("tcPr")
                width = bounded(_value(own, "gridSpan"), 1, 100)
                self.writer.begin_cell(column, width)
                column += width
                self.blocks(cell)
            self.writer.end_row()

    def runs(self, parent: Element) -> None:
        """The words of a paragraph, of a link or of a change in it."""
        for each in parent:
            tag = each.tag
            if tag == "r":
                self.run(each)
            elif tag == "hyperlink":
                self._hyperlink(each)
            elif tag == "bookmarkStart":
                self.anchors.append(each.get("name", ""))
            elif tag == "t":  # of a formula
                self.writer.flow(each.text or "")
            elif tag not in SKIPPED:
                self.counts["change"] += tag == "ins"
                self.runs(each)
            else:
                self.counts["change"] += tag in ("del", "moveFrom")

    def run(self, run: Element) -> None:
        """Letters of one look."""
        look = run.find("rPr")
        if _is_on(look, "vanish") or _is_on(look, "webHidden"):
            self.counts["hidden"] += any((t.text or "").strip() for t in run.iter("t"))
            return
        table = {"superscript": FOLD, "subscript": FOLD_DOWN}.get(_value(look, "vertAlign") or "")
        for each in run:
            if each.tag == "t":
                text = (each.text or "").replace("\u00ad", "")
                self.writer.flow(text.translate(table) if table else text)
            elif each.tag in BREAKS:
                mark = BREAKS[each.tag]
                self.writer.break_line() if mark == "\n" else self.writer.flow(mark)
            elif each.tag in ("fldChar", "instrText"):
                self._field(each)
            elif each.tag in ("footnoteReference", "endnoteReference"):
                self._note(each)
            elif each.tag not in SKIPPED:
                self._drawing(each)

    def _hyperlink(self, link: Element) -> None:
        began = self.writer.next_word
        self.runs(link)
        _, target = self.relations.get(link.get("id", ""), ("", ""))
        anchor = f"#{link.get('anchor')}" if link.get("anchor") else ""
        if target or anchor:
            self.writer.link(target + anchor, began)

    def _field(self, mark: Element) -> None:
        """A link may be a field: its order, a mark, its words, another mark."""
        if mark.tag == "instrText":
            match = FIELD_LINK.match(mark.text or "")
            if match and self.fields:
                order = ("#" if match[1] else "") + match[2]
                self.fields[-1] = (order, self.writer.next_word)
        elif mark.get("fldCharType") == "begin":
            self.fields.append((None, 0))
        elif mark.get("fldCharType") == "separate" and self.fields:
            self.fields[-1] = (self.fields[-1][0], self.writer.next_word)
        elif mark.get("fldCharType") == "end" and self.fields:
            href, began = self.fields.pop()
            if href:
                self.writer.link(href, began)

    def _note(self, reference: Element) -> None:
        part = reference.tag.removesuffix("Reference") + "s"
        self.notes.append((part, reference.get("id", "")))
        self.writer.put(str(len(self.notes)).translate(FOLD))

    def _drawing(self, drawing: Element) -> None:
        """A picture is counted; a text box or a chart is read after the paragraph."""
        if drawing.tag in COUNTED:
            self.counts[COUNTED[drawing.tag]] += 1
        elif drawing.tag == "txbxContent":
            self.boxes.append(drawing)
        elif drawing.tag == "chart" and drawing.get("id") in self.relations:
            self.counts["chart"] += 1
            self.charts.append(self.relations[drawing.get("id", "")][1])
        elif drawing.tag not in SKIPPED:
            for each in drawing:
                self._drawing(each)

    def _chart_title(self, name: str) -> str:
        if name not in self.package.names:
            return ""
        title = self.package.tree(name).find("chart/title")
        return "".join(t.text or "" for t in title.iter("t")) if title is not None else ""

    def notes_at_the_end(self) -> None:
        """Footnotes and endnotes, in the order in which the text refers to them."""
        trees = {part: self.package.related(self.main, part) for part in ("footnotes", "endnotes")}
        known = {
            (part, note.get("id", "")): note
            for part, tree in trees.items()
            for note in (tree if tree is not None else ())
        }
        for key in [*self.notes]:
            for paragraph in known[key].iter("p") if key in known else ():
                self.paragraph(paragraph, "footnote")


def _value(parent: Element | None, name: str) -> str | None:
    found = parent.find(name) if parent is not None else None
    return found.get("val") if found is not None else None


def _is_on(parent: Element | None, name: str) -> bool:
    switch = parent.find(name) if parent is not None else None
    return switch is not None and switch.get("val", "1") not in ("0", "false", "off")


def _within(parent: Element, tag: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, whatever controls are around them."""
    for each in parent:
        if each.tag == tag:
            yield each
        elif each.tag in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _within(each, tag)
