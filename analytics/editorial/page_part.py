"""A search check's result.

A part is between 0 and 1, and none where it cannot be known: a plain text has no canonical address.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics.editorial.finding import EditorialFinding, SearchCheck, finding
from analytics.editorial.page_view import PageView


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """One check: its part of the score, what was seen in a few words, and its remarks."""

    value: float | None = None
    seen: str = ""
    findings: list[EditorialFinding] = field(default_factory=list)


def remark(
    check: SearchCheck, view: PageView, note: str, start: int = 0, end: int = 0
) -> EditorialFinding:
    """A remark on a stretch of the page's text, or on the page as a whole."""
    return finding(check, view.reading.text, start, end, note)
