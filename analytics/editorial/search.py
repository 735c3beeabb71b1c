"""Search checks of a page and their score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from analytics.editorial import page_content, page_statements
from analytics.editorial.draft_reading import DraftReading
from analytics.editorial.finding import EditorialFinding, SearchCheck
from analytics.editorial.key_terms import KeyTerm, key_terms_of
from analytics.editorial.page_part import CheckedPart
from analytics.editorial.page_view import PageView
from analytics.editorial.word_lists import table

PAGE_CHECKS: Mapping[SearchCheck, Callable[[PageView], CheckedPart]] = {
    "title_length": page_statements.title_length,
    "description_length": page_statements.description_length,
    "one_h1": page_content.one_h1,
    "heading_order": page_content.heading_order,
    "canonical": page_statements.canonical,
    "structured_data": page_statements.structured_data,
    "internal_links": page_content.internal_links,
    "image_alt": page_content.image_alt,
    "reading_level": page_content.reading_level,
    "freshness": page_content.freshness,
    "key_terms": page_content.key_terms,
    "language": page_statements.language,
    "noindex": page_statements.noindex,
}


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of the score: between 0 and 1, none where it cannot be known; `points` are what it
    adds to a score of 100, once the parts that are not known are left out."""

    check: SearchCheck
    weight: float
    value: float | None
    points: float | None
    seen: str


@dataclass(frozen=True, slots=True)
class PageReport:
    """What the search checks say of a page.

    `score` is 0 to 100, none where less than half of the weights is known; `known` is their share.
    """

    score: float | None
    known: float
    parts: tuple[ScorePart, ...]
    findings: tuple[EditorialFinding, ...]
    key_terms: tuple[KeyTerm, ...]
    modified: date | None
    oldest_period: str | None
    newest_period: str | None


def search_report(reading: DraftReading, *, url: str | None = None) -> PageReport:
    """The search checks of a draft at the clock of its reading; `url` is its address, where it is
    known. Nothing is fetched, and what cannot be known counts neither way."""
    view = PageView(reading, url)
    checked = {name: check(view) for name, check in PAGE_CHECKS.items()}
    weights: Mapping[str, float] = table("search")["weights"]
    there = sum(weights[name] for name, part in checked.items() if part.value is not None)
    known = there / sum(weights.values())
    parts = tuple(
        ScorePart(
            name,
            weights[name],
            part.value,
            None if part.value is None else 100 * weights[name] * part.value / there,
            part.seen,
        )
        for name, part in checked.items()
    )
    is_enough = known >= table("search")["bounds"]["least_known"]
    periods = view.dated_periods()
    return PageReport(
        round(sum(part.points or 0.0 for part in parts), 1) if is_enough else None,
        known,
        parts,
        tuple(one for part in checked.values() for one in part.findings),
        tuple(key_terms_of(reading)),
        view.modified(),
        periods[0][1] if periods else None,
        periods[-1][1] if periods else None,
    )
