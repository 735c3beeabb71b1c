"""Edits of a draft: other words in the place of some of its own, in its text and in its source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate, pairwise

from data.drafts.draft import DraftText
from data.errors import ConfigError


@dataclass(frozen=True, slots=True, order=True)
class DraftEdit:
    """`words` instead of what stands in [start, end) of a draft's text."""

    start: int
    end: int
    words: str


def with_edits(draft: DraftText, edits: Sequence[DraftEdit]) -> DraftText:
    """The draft with other words, its structure as before; it has no source, see `edited_source`.

    Edits that overlap are refused."""
    edits = _in_order(edits)
    moved = _Moved(edits)
    blocks = tuple(
        replace(
            block,
            start=moved.to(block.start),
            end=moved.to(block.end),
            cells=tuple(
                replace(cell, start=moved.to(cell.start), end=moved.to(cell.end))
                for cell in block.cells
            ),
        )
        for block in draft.blocks
    )
    links = tuple(
        replace(link, start=moved.to(link.start), end=moved.to(link.end)) for link in draft.links
    )
    text = _spliced(draft.text, edits)
    return replace(draft, text=text, blocks=blocks, links=links, source=None, runs=())


def moved_to(edits: Sequence[DraftEdit], place: int) -> int:
    """Where a place of the text lies after edits; one inside an edit lies at its end."""
    return _Moved(_in_order(edits)).to(place)


def edited_source(draft: DraftText, edits: Sequence[DraftEdit]) -> str | None:
    """The source with the same edits, in its own marks; none where the draft has no source, or
    an edit concerns words that do not stand in it."""
    if draft.source is None:
        return None
    there = []
    for edit in _in_order(edits):
        span = draft.source_span(edit.start, edit.end)
        if span is None:
            return None
        words = escape(edit.words, quote=False) if draft.format == "html" else edit.words
        there.append(DraftEdit(*span, words))
    return _spliced(draft.source, there)


def _in_order(edits: Sequence[DraftEdit]) -> list[DraftEdit]:
    ordered = sorted(edits)
    if any(one.end > other.start for one, other in pairwise(ordered)):
        raise ConfigError("two corrections concern the same words; accept one of them")
    return ordered


def _spliced(text: str, edits: Sequence[DraftEdit]) -> str:
    parts, place = [], 0
    for edit in edits:
        parts += [text[place : edit.start], edit.words]
        place = edit.end
    return "".join([*parts, text[place:]])


class _Moved:
    """Places of the old text in the new one."""

    def __init__(self, edits: Sequence[DraftEdit]) -> None:
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        grown = (len(edit.words) - (edit.end - edit.start) for edit in edits)
        self._by = [0, *accumulate(grown)]

    def to(self, place: int) -> int:
        before = bisect_right(self._starts, place - 1)  # edits that begin ahead of the place
        if before and place < (last := self._edits[before - 1]).end:
            return last.start + self._by[before - 1] + len(last.words)
        return place + self._by[before]
