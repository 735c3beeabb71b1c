"""Corrections of a draft, each proven: with it the same check finds the statement right.

A correction that the check does not bear out, or by which another statement would no longer hold,
is not offered.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from analytics.claims.check import CheckedStatement, check_draft
from analytics.claims.corrections.proposals import Edits, proposed
from analytics.claims.sentences.passages import Passage, passages
from analytics.claims.statement import Language, Statement
from data.drafts.draft import DraftText
from data.drafts.edits import moved_to, with_edits
from data.query import At

REACH = 300  # characters within which a correction can have touched another statement


@dataclass(frozen=True, slots=True)
class Correction:
    """What makes the statement of this number, counted in the draft's order, right."""

    statement: int
    edits: Edits


def corrections(
    at: At, draft: DraftText, checked: Sequence[CheckedStatement], *, language: Language = "en"
) -> list[Correction]:
    """For each contradicted statement the first proposal that the check bears out, if any."""
    parts = passages(draft)
    wanted = [
        [Correction(number, edits) for edits in _proposals(draft, one, parts, language)]
        for number, one in enumerate(checked)
        if one.finding.verdict_class == "contradicted"
    ]
    proven: dict[int, Correction] = {}
    for turn in zip_longest(*wanted):  # the first proposal of each, then the second, ...
        open_ = [one for one in turn if one is not None and one.statement not in proven]
        proven |= _proven(at, draft, checked, _apart([*proven.values(), *open_]), language)
    return sorted(proven.values(), key=lambda one: one.statement)


def _proposals(
    draft: DraftText, one: CheckedStatement, parts: Sequence[Passage], language: Language
) -> list[Edits]:
    place = bisect_right(parts, one.statement.start, key=lambda part: part.start) - 1
    start, end = (parts[place].start, parts[place].end) if place >= 0 else (0, len(draft.text))
    return proposed(draft.text, one.statement, one.finding, (start, end), language)


def _apart(several: Iterable[Correction]) -> list[Correction]:
    """Those that concern no words that an earlier one concerns; equal edits count once."""
    kept: list[Correction] = []
    for one in several:
        others = {edit for other in kept for edit in other.edits}
        if all(
            edit in others or all(edit.end <= o.start or o.end <= edit.start for o in others)
            for edit in one.edits
        ):
            kept.append(one)
    return kept


def _proven(
    at: At,
    draft: DraftText,
    checked: Sequence[CheckedStatement],
    several: list[Correction],
    language: Language,
) -> dict[int, Correction]:
    """Those of several corrections with which their statements hold and no other falls."""
    while several:
        right = _right_with(at, draft, checked, several, language)
        kept = [one for one in several if one.statement in right]
        if len(kept) == len(several):
            held = (n for n, one in enumerate(checked) if one.finding.holds)
            fallen = [checked[n].statement for n in held if n not in right]
            kept = [one for one in several if not any(_is_near(one, each) for each in fallen)]
        if len(kept) == len(several):
            return {one.statement: one for one in kept}
        several = kept
    return {}


def _right_with(
    at: At,
    draft: DraftText,
    checked: Sequence[CheckedStatement],
    several: Sequence[Correction],
    language: Language,
) -> set[int]:
    """The statements, by their number before, that hold with these corrections in their places."""
    edits = sorted({edit for one in several for edit in one.edits})
    again = check_draft(at, with_edits(draft, edits), language=language)
    holds = {(one.statement.end, one.statement.measure) for one in again if one.finding.holds}
    places = ((moved_to(edits, one.statement.end), one.statement.measure) for one in checked)
    return {number for number, place in enumerate(places) if place in holds}


def _is_near(one: Correction, other: Statement) -> bool:
    return any(
        edit.start < other.end + REACH and other.start < edit.end + REACH for edit in one.edits
    )
