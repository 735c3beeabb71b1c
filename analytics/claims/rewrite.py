"""Whether a passage that was rewritten may be shown: each number in it as its author had it, none
that the lake contradicts, and none that could be checked before and cannot be any more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.claims.check import CheckedStatement, check_draft
from analytics.claims.reading.draft_text import visible_text
from analytics.claims.reading.quantities import quantities
from analytics.claims.statement import Language, Quantity
from data.drafts.formats import draft_of_text
from data.query import At

NUMERAL = re.compile(r"\d(?:[\d.,'\u00a0\u202f]*\d)?")


@dataclass(frozen=True, slots=True)
class _Passage:
    """The numbers of a stretch of a text, and what the lake says of its statements."""

    text: str
    numerals: frozenset[str]
    numbers: Sequence[Quantity]
    checked: Sequence[CheckedStatement]

    def standing(self, number: Quantity) -> str:
        """The class of the statement that bears a number; `none` where it bears none."""
        found = [
            one.finding.verdict_class
            for one in self.checked
            if one.statement.start < number.end and number.start < one.statement.end
        ]
        if "contradicted" in found:
            return "contradicted"
        return found[0] if found else "none"


def rewrite_faults(
    at: At, text: str, span: tuple[int, int], rewrite: str, *, language: Language = "en"
) -> list[str]:
    """Why the passage [start, end) of a text must not be shown rewritten; empty where it may be.

    A number that the lake does not hold may stay, as its author has it and as unchecked as before.
    """
    start, end = span
    old = _passage(at, text, span, language)
    new_text = text[:start] + rewrite + text[end:]
    new = _passage(at, new_text, (start, start + len(rewrite)), language)
    faults = [
        f"{one} does not stand in the passage." for one in sorted(new.numerals - old.numerals)
    ]
    faults += [words for number in new.numbers if (words := _fault_of(number, old, new))]
    faults += [
        f"The lake contradicts \u201c{one.quote}\u201d: {one.finding.note}"
        for one in new.checked
        if one.finding.verdict_class == "contradicted"
    ]
    return list(dict.fromkeys(faults))


def _fault_of(number: Quantity, old: _Passage, new: _Passage) -> str | None:
    printed = new.text[number.start : number.end]
    same = [one for one in old.numbers if _is_same(one, number)]
    if not same:
        return f"{printed} does not stand in the passage."
    standing = new.standing(number)
    if standing in ("supported", "contradicted") or standing in map(old.standing, same):
        return None  # what is contradicted is said with its reason
    return f"{printed} could be checked as its author had it and can no longer."


def _is_same(one: Quantity, two: Quantity) -> bool:
    is_near = abs(abs(one.value) - abs(two.value)) <= 1e-9 * max(1.0, abs(one.value))
    return is_near and one.unit == two.unit


def _passage(at: At, text: str, span: tuple[int, int], language: Language) -> _Passage:
    start, end = span
    draft = draft_of_text(text, "text")
    numbers = [
        one for one in quantities(draft.text, language) if start <= one.start and one.end <= end
    ]
    checked = [
        one
        for one in check_draft(at, draft, language=language)
        if one.statement.start < end and start < one.statement.end
    ]
    numerals = frozenset(NUMERAL.findall(visible_text(draft.text)[start:end]))
    return _Passage(draft.text, numerals, numbers, checked)
