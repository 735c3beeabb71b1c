"""The parts of a draft in which words belong together: sentences, and cells of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from data.drafts.draft import DraftBlock, DraftCell, DraftText

Stretch = tuple[int, int]
LONGEST = 2_000  # characters of a sentence
UNREAD = {"code", "footnote"}
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

    `heads` are the stretches that say what a cell is of: the heads of its column, the first cell of
    its row, and the other cells of its row.
    """

    start: int
    end: int
    paragraph: int
    kind: Literal["sentence", "heading", "cell"] = "sentence"
    heads: tuple[Stretch, ...] = ()
    is_rest: bool = False  # of a sentence without an end, whose begin says what may not be seen


def passages(draft: DraftText) -> list[Passage]:
    """The parts of a draft, in its order."""
    found: list[Passage] = []
    for number, block in enumerate(draft.blocks):
        if block.kind == "table row":
            found += _cells(draft.blocks, block)
        elif block.kind == "heading":
            found.append(Passage(block.start, block.end, number, "heading"))
        elif block.kind not in UNREAD:
            stretches = _sentences(draft.text, block.start, block.end)
            found += [part for stretch in stretches for part in _parts(draft.text, stretch, number)]
    return found


def _parts(shown: str, stretch: Stretch, number: int) -> Iterator[Passage]:
    """A sentence, in parts where nobody could read it as one."""
    start, end = stretch
    first = start
    while end - start > LONGEST:
        blank = shown.rfind(" ", start + 1, start + LONGEST)
        cut = blank + 1 if blank > start else start + LONGEST
        yield Passage(start, cut, number, is_rest=start > first)
        start = cut
    yield Passage(start, end, number, is_rest=start > first)


def _cells(blocks: Sequence[DraftBlock], row: DraftBlock) -> Iterator[Passage]:
    """The cells of a row below the heads of its table, all of one paragraph."""
    rows = [block for block in blocks if block.table == row.table]
    heads = [block for block in rows if block.is_header] or rows[:1]
    if row in heads:
        return
    for cell in row.cells:
        above = [head for block in heads for head in block.cells if _covers(head, cell)]
        beside = [other for other in row.cells if other is not cell]
        stretches = tuple((head.start, head.end) for head in [*above, *beside])
        yield Passage(cell.start, cell.end, -row.table, "cell", stretches)


def _covers(head: DraftCell, cell: DraftCell) -> bool:
    return head.column < cell.column + cell.width and cell.column < head.column + head.width


def _sentences(shown: str, start: int, end: int) -> Iterator[Stretch]:
    begun = start
    for match in END.finditer(shown, start, end):
        if ABBREVIATED.search(shown[max(begun, match.start() - 12) : match.start() + 1]):
            continue
        yield begun, match.end()
        begun = match.end()
    if shown[begun:end].strip():
        yield begun, end
