"""What tests compare of a draft: its blocks, cells and links as words."""

from __future__ import annotations

import html
import unicodedata

from data.drafts.draft import DraftText


def blocks(draft: DraftText) -> list[tuple[str, int, str]]:
    """Kind, level and words of each block."""
    return [
        (block.kind, block.level, draft.text[block.start : block.end]) for block in draft.blocks
    ]


def rows(draft: DraftText) -> list[list[tuple[int, str]]]:
    """Column and words of each cell, row by row."""
    return [
        [(cell.column, draft.text[cell.start : cell.end]) for cell in block.cells]
        for block in draft.blocks
        if block.kind == "table row"
    ]


def links(draft: DraftText) -> list[tuple[str, str]]:
    """Address and words of each link."""
    return [(link.href, draft.text[link.start : link.end]) for link in draft.links]


def sourced(draft: DraftText, words: str) -> str | None:
    """What of the source the words were read from."""
    start = draft.text.index(words)
    span = draft.source_span(start, start + len(words))
    return None if span is None or draft.source is None else draft.source[slice(*span)]


def check_spans(draft: DraftText) -> None:
    """Blocks are in order and apart, cells and links within, and runs trace equal letters."""
    end = 0
    for block in draft.blocks:
        assert end <= block.start < block.end <= len(draft.text), block
        end = block.end
        for cell in block.cells:
            assert block.start <= cell.start <= cell.end <= block.end, cell
    for link in draft.links:
        assert 0 <= link.start <= link.end <= len(draft.text), link
    before = 0
    for run in draft.runs:
        assert before <= run.start < run.end <= len(draft.text), run
        before = run.end


def check_letters(draft: DraftText) -> None:
    """What each run was read from says the same: raised figures, references and blanks aside."""
    assert draft.source is not None
    for run in draft.runs:
        read = draft.text[run.start : run.end]
        raw = html.unescape(draft.source[run.source_start : run.source_end])
        assert _bare(read) == _bare(raw), (run, read, raw)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.replace("\u00ad", ""))
    return " ".join(plain.split()) if plain.strip() else ""
