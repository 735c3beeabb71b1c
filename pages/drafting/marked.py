"""A draft cut into stretches of the same claims, with accepted corrections in their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.drafts.draft import DraftBlock, DraftText
from data.drafts.edits import DraftEdit


@dataclass(frozen=True, slots=True)
class DraftMark:
    """The words of one claim; `number` counts the claims of the draft from 0."""

    number: int
    start: int
    end: int


def marked_blocks(
    draft: DraftText, marks: Sequence[DraftMark], edits: Sequence[DraftEdit] = ()
) -> list[dict[str, Any]]:
    """The blocks of a draft as plain values: kind, level, and runs of text with the numbers of
    their claims. `gone` marks words that an edit takes out, `new` those that come instead."""
    blocks = draft.blocks or (DraftBlock("paragraph", 0, 0, len(draft.text)),)
    return [_block(draft.text, block, marks, edits) for block in blocks]


def _block(
    text: str, block: DraftBlock, marks: Sequence[DraftMark], edits: Sequence[DraftEdit]
) -> dict[str, Any]:
    near = [mark for mark in marks if mark.start < block.end and block.start < mark.end]
    within = [edit for edit in edits if block.start <= edit.start and edit.end <= block.end]
    told: dict[str, Any] = {"kind": block.kind, "level": block.level}
    if block.cells:
        cells = [_runs(text, (cell.start, cell.end), near, within) for cell in block.cells]
        widths = [cell.width for cell in block.cells]
        return {
            **told,
            "table": block.table,
            "head": block.is_header,
            "cells": cells,
            "widths": widths,
        }
    return {**told, "runs": _runs(text, (block.start, block.end), near, within)}


def _runs(
    text: str, stretch: tuple[int, int], marks: Sequence[DraftMark], edits: Sequence[DraftEdit]
) -> list[dict[str, Any]]:
    start, end = stretch
    inside = [one for one in edits if start <= one.start and one.end <= end]
    cuts = {start, end}
    for first, last in [(one.start, one.end) for one in marks] + [
        (one.start, one.end) for one in inside
    ]:
        cuts |= {place for place in (first, last) if start < place < end}
    places, runs = sorted(cuts), []
    for first, last in zip(places, places[1:], strict=False):
        claims = [mark.number for mark in marks if mark.start <= first and last <= mark.end]
        edit = next((one for one in inside if one.start <= first and last <= one.end), None)
        runs.append(_run(text[first:last], claims, "gone" if edit else ""))
        if edit is not None and last == edit.end:
            runs.append(_run(edit.words, claims, "new"))
    return runs


def _run(text: str, claims: list[int], state: str) -> dict[str, Any]:
    run: dict[str, Any] = {"text": text}
    if claims:
        run["claims"] = claims
    if state:
        run["state"] = state
    return run
