"""One remark of an editorial or a search check: where, how grave, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EditorialCheck = Literal[
    "as_of",
    "forecast_as_fact",
    "seasonal_adjustment",
    "real_or_nominal",
    "percent_for_points",
    "table_title",
    "dead_link",
    "unsourced",
    "long_sentence",
    "headline",
]
SearchCheck = Literal[
    "title_length",
    "description_length",
    "one_h1",
    "heading_order",
    "canonical",
    "structured_data",
    "internal_links",
    "image_alt",
    "reading_level",
    "freshness",
    "key_terms",
    "language",
    "noindex",
]
Severity = Literal["error", "warning", "note"]
SEVERITIES: dict[EditorialCheck | SearchCheck, Severity] = {
    "percent_for_points": "error",
    "table_title": "error",
    "dead_link": "error",
    "headline": "error",
    "noindex": "error",
    "canonical": "error",
    "as_of": "warning",
    "forecast_as_fact": "warning",
    "unsourced": "warning",
    "title_length": "warning",
    "description_length": "warning",
    "one_h1": "warning",
    "structured_data": "warning",
    "freshness": "warning",
    "key_terms": "warning",
    "language": "warning",
}
LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class EditorialFinding:
    """A remark on [start, end) of a draft's text; an empty place speaks of the page as a whole.

    `quote` are the words there, `note` is one sentence that says what is found and what to do.
    """

    check: EditorialCheck | SearchCheck
    severity: Severity
    start: int
    end: int
    quote: str
    note: str


def finding(
    check: EditorialCheck | SearchCheck, text: str, start: int, end: int, note: str
) -> EditorialFinding:
    """A remark on a stretch of a text; a check that the table of severities lacks is a note."""
    quote = " ".join(text[start:end].split())
    if len(quote) > LONGEST_QUOTE:
        quote = quote[: LONGEST_QUOTE - 1] + "…"
    return EditorialFinding(check, SEVERITIES.get(check, "note"), start, end, quote, note)
