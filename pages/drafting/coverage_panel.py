"""Our texts beside those of others: which topics each covers, what we lack, who was first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from analytics.claims.naming.directory import directory_of
from analytics.competitors.comparison import OURS, SiteComparison, TopicGap, compare_sites
from analytics.competitors.site_text import SiteText
from data.state import claim_ledger, documents
from data.state.db import State
from data.state.documents import Document
from pages.frame.errors import Trouble
from pages.frame.last_used import LastUsed, lake_state
from pages.frame.links import address
from pages.frame.panel import say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import note
from pages.frame.tables import Column, table

OUR_NAME = "our texts"
SHOWN = 60  # topics; the download has all
LONGEST = 200  # characters of the sentence that shows a gap
GAPS = (
    Column("topic", "topic", "wide"),
    Column("sites", "sites"),
    Column("first", "first site"),
    Column("first_at", "published", "instant"),
    Column("ours", "in our texts"),
    Column("evidence", "example", "wide"),
    Column("text", "text", "name"),
)
WRONG = (
    Column("site", "by"),
    Column("text", "text", "name"),
    Column("quote", "claim", "wide"),
    Column("verdict", "verdict"),
    Column("note", "found", "wide"),
    Column("at", "since", "instant"),
)
NO_TEXT = Trouble(
    "Only one side has texts, so there is nothing to compare.",
    "Add a text of another site with Check a draft.",
)
_COMPARED = LastUsed[SiteComparison](4)


def coverage(state: State) -> None:
    """The gaps, then topics by sites."""
    run = current()
    clock = now() if run.view.is_now else run.view.as_of
    known = documents.known(state, as_of=clock)
    if not known:
        note("Nothing to compare yet.")
        return
    if {one.heading.side for one in known} != {"ours", "theirs"}:
        say(NO_TEXT, "empty")
        return
    found = _compared(state, known)
    _gaps(found)
    _wrong(state, [one for one in known if one.heading.side == "theirs"], clock)
    _matrix(found)
    for copy, model in found.copies:
        note(f"{copy.title} ({copy.site}) is a copy of {model.title} and is left out.")


def _compared(state: State, known: tuple[Document, ...]) -> SiteComparison:
    """The comparison of these versions, kept while neither they nor the lake change."""
    run = current()
    versions = tuple((one.id, one.version, one.sha256, one.heading) for one in known)

    def compared() -> SiteComparison:
        texts = [_site_text(state, one) for one in known]
        return compare_sites(texts, clock=run.view.as_of, directory=directory_of(run.at))

    return _COMPARED.get((versions, lake_state(run.at)), compared)


def _site_text(state: State, one: Document) -> SiteText:
    heading = one.heading
    return SiteText(
        str(one.id),
        heading.side,
        heading.site or heading.author or heading.title,
        heading.url,
        heading.title,
        heading.published_at,
        documents.draft_of(state, one),
        heading.language,
    )


def _gaps(found: SiteComparison) -> None:
    if not found.gaps:
        note("Every topic of the others is covered by ours.")
        return
    rows = [_gap(gap) for gap in found.gaps[:SHOWN]]
    shown = table(rows, GAPS, caption="Missing topics", zone=current().view.zone)
    st.html(f'<div class="b-head"><h3>Missing topics</h3></div><div class="b-box">{shown}</div>')


def _gap(gap: TopicGap) -> dict[str, Any]:
    first = gap.evidence[0]
    words = " ".join(first.quote.split())
    return {
        "topic": gap.label,
        "sites": ", ".join(gap.sites),
        "first": gap.first_site,
        "first_at": gap.first_at,
        "ours": "mentioned only" if gap.in_passing else "not covered",
        "evidence": words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…",
        "text": {"text": first.text.title, "to": address("drafts", id=first.text.id)},
    }


def _wrong(state: State, theirs: Sequence[Document], clock: datetime) -> None:
    """What others state and the lake does not have, or has no more; as it was recorded last."""
    rows = []
    for one in theirs:
        for claim in claim_ledger.claims_of(state, one.id, one.version, as_of=clock):
            if claim.latest is None:
                continue
            record = claim.latest.record
            if record.verdict_class != "contradicted" and record.verdict != "superseded":
                continue
            rows.append(
                {
                    "site": one.heading.site or one.heading.author or None,
                    "text": {
                        "text": one.heading.title,
                        "to": address("drafts", id=str(one.id)),
                    },
                    "quote": claim.record.quote,
                    "verdict": record.verdict,
                    "note": record.finding.get("note"),
                    "at": claim.latest.recorded_at,
                }
            )
    if rows:
        shown = table(rows[:SHOWN], WRONG, caption="Wrong or stale", zone=current().view.zone)
        st.html(
            '<div class="b-head"><h3>Wrong or stale in others\' texts</h3></div>'
            f'<div class="b-box">{shown}</div>'
        )


def _matrix(found: SiteComparison) -> None:
    frame = found.frame().head(SHOWN)
    if frame.is_empty():
        return
    sites = [Column(site, OUR_NAME if site == OURS else site) for site in found.sites]
    columns = (
        Column("topic", "topic", "wide"),
        *sites,
        Column("first", "first site"),
        Column("first_at", "published", "instant"),
    )
    rows = frame.with_columns(first=frame["first"].replace({OURS: OUR_NAME})).to_dicts()
    shown = table(rows, columns, caption="Topics by site", zone=current().view.zone)
    more = len(found.topics) - len(rows)
    st.html(
        f'<div class="b-head"><h3>Topics by site</h3><span class="b-unit">how each is covered'
        f'</span></div><div class="b-box">{shown}</div>'
    )
    if more > 0:
        note(f"{more} more topics are covered by somebody.")
