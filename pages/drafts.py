"""Fact check: every number of a draft against what was known at its date, with a correction.

**Check a draft**: paste it or choose a file, say when it is dated. Its numbers, moves, ranks and
records are read by rules, without a model, and compared with the lake at that date. Marked in the
text are claims that are *contradicted* (value, period, direction or unit), *superseded* (right
at the date, revised since) and *not verifiable* (not in the lake, or the words fit several things);
claims that hold have a dotted line. A click on a mark shows the evidence beside it.

**Correct to** puts a correction into the text, in the draft's own style. It is offered only where
the same check then finds the claim right. *Save as a new version* keeps the corrected text; the
files below the draft are the corrected text, the report and the evidence with its queries.

A claim holds when the value is the one stated at the precision stated: 4.4 % stands for 4.35 to
4.45. An equal number of another series, period or unit never counts. What is not found is not
judged: a clean draft is one whose every number is marked.

Everything entered is on record with its date. After each refresh the claims that rest on changed
data are checked again, of our own drafts and of others' texts; changed verdicts are listed with
their day. A past clock shows the texts that had been entered by then and the verdicts of that day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from data.state import claim_ledger, documents
from data.state.claim_ledger import LedgerClaim
from data.state.db import State
from data.state.documents import Document
from pages.drafting.coverage_panel import coverage
from pages.drafting.document_view import document_view
from pages.drafting.new_draft import new_draft, new_draft_button
from pages.frame.controls import segment
from pages.frame.errors import Trouble
from pages.frame.links import address
from pages.frame.panel import say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import box
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, table

SIDES = {"all": "All", "ours": "Our drafts", "theirs": "Others' texts"}
COLUMNS = (
    Column("title", "text", "name"),
    Column("by", "by"),
    Column("published_at", "date", "instant"),
    Column("version", "version", "count"),
    Column("claims", "claims", "count", hint="statements that were found"),
    Column("contradicted", "contradicted", "count"),
    Column("superseded", "superseded", "count", hint="right at its date, revised since"),
    Column("unverifiable", "not verifiable", "count"),
    Column("supported", "supported", "count"),
    Column("checked_at", "checked", "instant", hint="when a verdict was recorded last"),
    Column("watched", "watched"),
)
TURNS = (
    Column("at", "when", "instant"),
    Column("text", "text", "name"),
    Column("quote", "claim", "wide"),
    Column("was", "before"),
    Column("became", "now"),
    Column("note", "found", "wide"),
)
MOST_TURNED = 50
NUMBER = re.compile(r"[0-9]{1,15}")  # more digits are no number of the state
NO_TEXT = Trouble("No text has been checked yet.", "Add one with Check a draft.")
NONE_THEN = Trouble("No text had been checked by this time.", "Texts are added at Now.")


def every(state: State) -> None:
    """All texts with the counts of their verdicts."""
    run = current()
    side = segment("drafts", "side", "Show", list(SIDES), "all", format_func=SIDES.__getitem__)
    clock = now() if run.view.is_now else run.view.as_of
    found = [
        one for one in documents.known(state, as_of=clock) if side in ("all", one.heading.side)
    ]
    if not found:
        say(NO_TEXT if run.view.is_now else NONE_THEN, "empty")
        return
    rows = [
        _row(one, claim_ledger.claims_of(state, one.id, one.version, as_of=clock)) for one in found
    ]
    shown = table(rows, COLUMNS, caption="Texts", zone=run.view.zone)
    st.html(f'<div class="b-box">{shown}</div>')


def _row(document: Document, claims: Sequence[LedgerClaim]) -> dict[str, Any]:
    latest = [claim.latest for claim in claims if claim.latest is not None]
    tones = [
        one.record.verdict if one.record.verdict == "superseded" else one.record.verdict_class
        for one in latest
    ]
    heading = document.heading
    return {
        "title": {"text": heading.title, "to": address("drafts", id=str(document.id))},
        "by": heading.site or heading.author or None,
        "published_at": heading.published_at,
        "version": document.version,
        "claims": len(claims),
        **{
            name: tones.count(name)
            for name in ("contradicted", "superseded", "unverifiable", "supported")
        },
        "checked_at": max((one.recorded_at for one in latest), default=None),
        "watched": "daily" if document.is_watched else None,
    }


def turned(state: State) -> None:
    """The claims whose verdict became another since their first check."""
    run = current()
    clock = now() if run.view.is_now else run.view.as_of
    since = min((one.entered_at for one in documents.known(state, as_of=clock)), default=clock)
    found = claim_ledger.turned(state, since=since, as_of=clock)[:MOST_TURNED]
    if not found:
        st.html('<div class="b-note">No verdict has changed since its text was entered.</div>')
        return
    rows = [
        {
            "at": one.now.recorded_at,
            "text": {
                "text": one.document.heading.title,
                "to": address("drafts", id=str(one.document.id)),
            },
            "quote": one.quote,
            "was": one.before,
            "became": one.now.record.verdict,
            "note": one.now.record.finding.get("note"),
        }
        for one in found
    ]
    shown = table(rows, TURNS, caption="Changed verdicts", zone=run.view.zone)
    st.html(f'<div class="b-box">{shown}</div>')


def page() -> None:
    """One text where the address names it, else all of them."""
    run = current()
    state = run.services.state
    if state is None:
        say(Trouble("The state cannot be used, so no draft can be kept.", "See Jobs."), "error")
        return
    asked = st.query_params.get("id", "")
    if asked:
        document = _asked(state, asked)
        if document is not None:
            name_tab(document.heading.title)
            document_view(state, document)
            return
        what = f"There is no text {asked[:20]!r} at this clock."
        say(Trouble(what, "Choose one of the list, or move the clock."), "partial")
    if run.view.is_now:
        new_draft_button()
        new_draft(state)
    box("Texts", "drafts and texts whose numbers were checked", every)
    box("Changed verdicts", "after a refresh of the data", turned)
    box("Coverage", "topics of our texts and of others' texts", coverage)


def _asked(state: State, asked: str) -> Document | None:
    run = current()
    clock = now() if run.view.is_now else run.view.as_of
    version = st.query_params.get("version", "")
    if NUMBER.fullmatch(asked) is None:
        return None
    number = int(version) if NUMBER.fullmatch(version) else None
    return documents.get(state, int(asked), as_of=clock, version=number)


page()
