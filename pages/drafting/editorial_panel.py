"""What an editor would remark on a draft, and how searchers see its page; by rules alone."""

from __future__ import annotations

import streamlit as st

from pages.drafting.live_check import DraftCheck
from pages.frame.state_panel import note, panel
from pages.frame.tables import Column, facts, table

CHECKS = {
    "as_of": "date of a number",
    "forecast_as_fact": "forecast as fact",
    "seasonal_adjustment": "seasonal adjustment",
    "real_or_nominal": "real or nominal",
    "percent_for_points": "% for points",
    "table_title": "title of a table",
    "dead_link": "dead link",
    "unsourced": "source of a number",
    "long_sentence": "long sentence",
    "headline": "headline",
    "title_length": "title",
    "description_length": "description",
    "one_h1": "main heading",
    "heading_order": "order of headings",
    "canonical": "canonical address",
    "structured_data": "structured data",
    "internal_links": "links within the site",
    "image_alt": "words for pictures",
    "reading_level": "reading level",
    "freshness": "freshness",
    "key_terms": "key terms",
    "language": "language",
    "noindex": "open to search engines",
}
REMARKS = (
    Column("check", "check"),
    Column("severity", "severity"),
    Column("quote", "words", "wide"),
    Column("note", "what to do", "wide"),
)
PARTS = (
    Column("check", "part"),
    Column("seen", "seen", "wide"),
    Column("value", "of 1", "number"),
    Column("weight", "weight", "count"),
    Column("points", "points", "number", digits=1),
    Column("notes", "what to do", "wide"),
)
ORDER = {"error": 0, "warning": 1, "note": 2}


def editorial_panel(check: DraftCheck) -> None:
    """The remarks, the gravest first."""
    found = sorted(check.remarks, key=lambda one: (ORDER[one.severity], one.start))
    with panel("Editing", "dates, sources, forecasts, units, titles, links, length"):
        if not found:
            note("Nothing to remark.")
            return
        rows = [
            {
                "check": CHECKS[one.check],
                "severity": one.severity,
                "quote": one.quote or None,
                "note": one.note,
            }
            for one in found
        ]
        st.html(f'<div class="b-box">{table(rows, REMARKS, caption="Editing")}</div>')


def search_panel(check: DraftCheck) -> None:
    """The score with its parts; a part that cannot be known of a draft is left out."""
    page = check.page
    with panel("Search", "how the page is seen by those who search; parts that are known"):
        known = f"{100 * page.known:.0f} % of what counts is known"
        if page.score is None:
            note(f"Only {known}: too little for a score. A page as HTML has more.")
            return
        strip = [("Score", f"{page.score:.0f}", f"of 100; {known}")]
        if page.newest_period:
            strip.append(("Newest period", page.newest_period, ""))
        if page.modified:
            strip.append(("Changed", f"{page.modified:%d %b %Y}", ""))
        terms = ", ".join(term.label for term in page.key_terms[:6])
        if terms:
            strip.append(("Key terms", f"{len(page.key_terms)}", terms))
        st.html(facts(strip))
        rows = [
            {
                "check": CHECKS[part.check],
                "seen": part.seen or None,
                "value": part.value,
                "weight": part.weight,
                "points": part.points,
                "notes": " ".join(one.note for one in page.findings if one.check == part.check)
                or None,
            }
            for part in page.parts
            if part.value is not None
        ]
        if rows:
            st.html(f'<div class="b-box">{table(rows, PARTS, caption="Search")}</div>')
