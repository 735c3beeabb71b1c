"""A draft as plain text with its structure, whatever format it came in."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Format = Literal["text", "markdown", "html", "docx", "pdf"]
Kind = Literal[
    "heading", "paragraph", "list item", "table row", "caption", "footnote", "quotation", "code"
]
# What of a page a block stands in; empty in its own text, and in every other format.
Part = Literal["", "navigation", "header", "footer", "aside", "advert"]
MOST_CHARACTERS = 200_000
# Raised or lowered figures, so that a note's number does not lengthen the number before it.
FOLD = str.maketrans("0123456789+-()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾")
FOLD_DOWN = str.maketrans("0123456789+-()", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎")


@dataclass(frozen=True, slots=True)
class DraftCell:
    """A cell of a table row: its span in the text, the column it begins in, how many it covers."""

    start: int
    end: int
    column: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """A stretch of the text: `level` of a heading (1-6) or of a list item (from 1), else 0.

    A row of a table carries its cells and the table's number, from 1; rows that cover the same
    column stand under one another.
    """

    kind: Kind
    level: int
    start: int
    end: int
    table: int = 0
    is_header: bool = False
    cells: tuple[DraftCell, ...] = ()
    part: Part = ""


@dataclass(frozen=True, slots=True)
class DraftLink:
    """Where a stretch of the text leads; an empty stretch where the words are not known."""

    href: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DraftImage:
    """A picture of a page; `alt` is none where the page says nothing for it, not even that it is
    decoration."""

    src: str
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class DraftPage:
    """What an HTML page states beside its text: its own title, not one taken from a heading, every
    canonical address, its pictures, and how many blocks of structured data could not be read."""

    title: str = ""
    canonicals: tuple[str, ...] = ()
    images: tuple[DraftImage, ...] = ()
    bad_data: int = 0


@dataclass(frozen=True, slots=True)
class SourceRun:
    """A stretch of the text and where it stands in the source; letter by letter if equally long."""

    start: int
    end: int
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class DraftText:
    """What a reader sees, in reading order; spans are `[start, end)` in code points of `text`.

    `source` is the text of the file itself where it has one (text, Markdown, HTML), `anchors` are
    the places in the draft that its own links can name, `notes` say what was not read or read as
    something else. `page` is there of HTML alone.
    """

    text: str
    format: Format
    blocks: tuple[DraftBlock, ...] = ()
    title: str | None = None
    meta: dict[str, str] = field(default_factory=dict)
    structured_data: tuple[Any, ...] = ()
    links: tuple[DraftLink, ...] = ()
    anchors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: str | None = None
    runs: tuple[SourceRun, ...] = ()
    page: DraftPage | None = None

    def source_span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a stretch of the text stands in `source`; none if nothing of it does."""
        first = bisect_right(self.runs, start, key=lambda run: run.start) - 1
        first = max(first, 0)
        if first < len(self.runs) and self.runs[first].end <= start:
            first += 1
        last = bisect_right(self.runs, end - 1, key=lambda run: run.start) - 1
        if end <= start or first > last:
            return None
        a, b = self.runs[first], self.runs[last]
        begin = a.source_start + (max(start - a.start, 0) if _is_exact(a) else 0)
        return begin, b.source_end - (max(b.end - end, 0) if _is_exact(b) else 0)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def _is_exact(run: SourceRun) -> bool:
    return run.end - run.start == run.source_end - run.source_start


def from_json(said: dict[str, Any]) -> DraftText:
    """The draft of the plain values that `as_json` made."""
    blocks = (
        DraftBlock(**{**block, "cells": tuple(DraftCell(**cell) for cell in block["cells"])})
        for block in said["blocks"]
    )
    return DraftText(
        **{
            **said,
            "blocks": tuple(blocks),
            "structured_data": tuple(said["structured_data"]),
            "links": tuple(DraftLink(**link) for link in said["links"]),
            "anchors": tuple(said["anchors"]),
            "notes": tuple(said["notes"]),
            "runs": tuple(SourceRun(**run) for run in said["runs"]),
            "page": _page(said["page"]) if said.get("page") else None,
        }
    )


def _page(said: dict[str, Any]) -> DraftPage:
    images = tuple(DraftImage(**image) for image in said["images"])
    return DraftPage(**{**said, "canonicals": tuple(said["canonicals"]), "images": images})
