"""Edits of a draft: other words in the place of some of its own, in its text and in its source."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from itertools import accumulate, pairwise
from os.path import commonprefix

from data.drafts.draft import DraftText, Format, SourceRun
from data.drafts.reader import paste
from data.errors import ConfigError, UploadError


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
    an edit concerns words that do not stand in it or not without its marks.

    Marks of the source within the words of an edit stay, where it is read so that exactly these
    words have changed."""
    if draft.source is None:
        return None
    there: list[DraftEdit] = []
    for edit in _in_order(edits):
        placed = _in_source(draft, draft.source, _narrowed(draft, edit))
        if placed is None or (there and there[-1].end > placed.start):
            return None
        there.append(placed)
    return _spliced(draft.source, there)


def _in_source(draft: DraftText, source: str, edit: DraftEdit) -> DraftEdit | None:
    """The edit in the places of the source, with the marks that stand between its words."""
    span = draft.source_span(edit.start, edit.end)
    if span is None:
        return None
    words = escape(edit.words, quote=False) if draft.format == "html" else edit.words
    runs = _runs_of(draft, edit.start, edit.end)
    marks = "".join(source[one.source_end : other.source_start] for one, other in pairwise(runs))
    if not marks:
        return DraftEdit(*span, words)
    wanted = with_edits(draft, [edit]).text
    for form in (words + marks, marks + words, words):
        placed = DraftEdit(*span, form)
        if _text_of(_spliced(source, [placed]), draft.format) == wanted:
            return placed
    return None


def _narrowed(draft: DraftText, edit: DraftEdit) -> DraftEdit:
    """The same edit of as few letters as can be, one at least; of what stands in the source under
    another name, all of it."""
    old = draft.text[edit.start : edit.end]
    same = len(commonprefix([old[:-1], edit.words]))
    tail = len(commonprefix([old[same + 1 :][::-1], edit.words[same:][::-1]]))
    start, end = edit.start + same, edit.end - tail
    for run in _runs_of(draft, start, end):
        if run.end - run.start != run.source_end - run.source_start:
            start, end = min(start, run.start), max(end, run.end)
    words = edit.words[same : len(edit.words) - tail]
    before, after = draft.text[start : edit.start + same], draft.text[edit.end - tail : end]
    return DraftEdit(start, end, before + words + after)


def _runs_of(draft: DraftText, start: int, end: int) -> Sequence[SourceRun]:
    first = bisect_right(draft.runs, start, key=lambda run: run.end)
    last = bisect_left(draft.runs, end, key=lambda run: run.start)
    return draft.runs[first:last]


@lru_cache(maxsize=32)  # a page asks for the same again at each click, and reading is a process
def _text_of(source: str, form: Format) -> str | None:
    """What a reader sees of a source; none where it cannot be read."""
    try:
        return paste(source, form).text
    except UploadError:
        return None


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
