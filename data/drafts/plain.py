"""Plain text as a draft: every letter stays where it is."""

from __future__ import annotations

import re

from data.drafts.draft import DraftBlock, DraftCell, DraftLink, DraftText, SourceRun
from data.drafts.lines import LineBlock, find_blocks
from data.drafts.writer import CONTROL

ADDRESS = re.compile(r"https?://[^\s<>\"|]{1,2000}")
AFTER = ".,;:!?'\")]}»”’"  # marks that end a sentence, not an address


def read_plain(source: str, notes: list[str]) -> DraftText:
    """The draft of a text; what it says of headings, lists and tables is taken as it looks."""
    text = CONTROL.sub(" ", source)
    blocks = tuple(_placed(block) for block in find_blocks(text))
    title = next((text[b.start : b.end] for b in blocks if b.kind == "heading"), None)
    return DraftText(
        text,
        "text",
        blocks,
        title=" ".join(title.split()) if title else None,
        links=tuple(DraftLink(text[start:end], start, end) for start, end in addresses(text)),
        notes=tuple(notes),
        source=source,
        runs=(SourceRun(0, len(text), 0, len(text)),) if text else (),
    )


def addresses(text: str) -> list[tuple[int, int]]:
    """Where web addresses stand in a text."""
    found = []
    for match in ADDRESS.finditer(text):
        address = match[0].rstrip(AFTER)
        if match[0][len(address) :].startswith(")") and "(" in address:
            address += ")"
        found.append((match.start(), match.start() + len(address)))
    return found


def _placed(block: LineBlock) -> DraftBlock:
    start, end = block.spans[0][0], block.spans[-1][1]
    cells: tuple[DraftCell, ...] = ()
    if block.kind == "table row":
        cells = tuple(DraftCell(*span, column) for column, span in enumerate(block.spans))
    return DraftBlock(block.kind, block.level, start, end, block.table, block.is_header, cells)
