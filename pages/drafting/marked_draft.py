"""The draft with its claims marked: a component of our own, the text left, the evidence right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.claims.check import CheckedStatement
from analytics.claims.evidence import ClaimLine, subject_of, subject_title
from analytics.claims.statement import Subject
from data.chart_theme import DEMO_MARK
from data.drafts.draft import DraftText
from data.drafts.edits import DraftEdit
from pages.drafting.live_check import DraftCheck
from pages.drafting.marked import DraftMark, marked_blocks
from pages.frame.javascript import joined_script
from pages.frame.links import address
from pages.frame.run import current

STATIC = Path(__file__).with_name("static")
HTML, CSS = (
    (STATIC / f"marked_draft.{kind}").read_text(encoding="utf-8") for kind in ("html", "css")
)
_DRAFT = st.components.v2.component(
    "marked_draft", html=HTML, css=CSS, js=joined_script(STATIC / "marked_draft.mjs")
)
NONE = "No number or comparison of the draft was found that the lake could say something about."


@dataclass(frozen=True, slots=True)
class MarkedChoice:
    """The corrections that are accepted, and the claim whose evidence was asked for just now."""

    accepted: tuple[int, ...]
    evidence: int | None


def marked_draft(
    draft: DraftText, check: DraftCheck, since: dict[int, str], key: str
) -> MarkedChoice:
    """Draw it; `since` says of a claim when its verdict turned."""
    held = st.session_state.get(key, {})
    accepted = accepted_of(held.get("accepted"), check)
    edits = edits_of(check, accepted)
    marks = [
        DraftMark(number, one.statement.start, one.statement.end)
        for number, one in enumerate(check.checked)
    ]
    document = {
        "key": key,
        "blocks": marked_blocks(draft, marks, edits),
        "claims": [
            _claim(number, one, check.lines[number], check.instead.get(number), since.get(number))
            for number, one in enumerate(check.checked)
        ],
        "accepted": list(accepted),
        "none": NONE,
        "mark": DEMO_MARK if current().demo else "",
    }
    # As bytes it is written once; of anything else Streamlit writes JSON twice.
    data = json.dumps(document, ensure_ascii=False).encode()
    chosen = _DRAFT(
        key=key,
        data=data,
        default={"accepted": []},
        on_accepted_change=_heard,
        on_evidence_change=_heard,
    )
    asked = chosen.get("evidence")
    return MarkedChoice(accepted, asked if _is_claim(asked, check) else None)


def accepted_of(said: object, check: DraftCheck) -> tuple[int, ...]:
    """The numbers of a list from the browser that have a correction; anything else is left out."""
    if not isinstance(said, Sequence) or isinstance(said, str):
        return ()
    return tuple(sorted({one for one in said if isinstance(one, int) and one in check.instead}))


def edits_of(check: DraftCheck, accepted: Sequence[int]) -> list[DraftEdit]:
    """The edits of accepted corrections, in order; of two that meet the first holds."""
    found: list[DraftEdit] = []
    for edit in sorted({edit for number in accepted for edit in check.instead[number]}):
        if not found or found[-1].end <= edit.start:
            found.append(edit)
    return found


def _heard() -> None:
    """The page itself goes on from there; what changed needs somebody who listens."""


def _is_claim(asked: object, check: DraftCheck) -> bool:
    return isinstance(asked, int) and 0 <= asked < len(check.checked)


def tone_of(one: CheckedStatement) -> str:
    """Its class; what was superseded stands apart from what still holds."""
    verdict = one.finding.verdict
    return verdict if verdict == "superseded" else one.finding.verdict_class


def _claim(
    number: int,
    one: CheckedStatement,
    line: ClaimLine | None,
    instead: tuple[DraftEdit, ...] | None,
    since: str | None,
) -> dict[str, Any]:
    finding, subject = one.finding, subject_of(one)
    told: dict[str, Any] = {
        "number": number,
        "tone": tone_of(one),
        "verdict": finding.verdict,
        "title": f"{finding.verdict}: {finding.note}",
        "quote": one.quote,
        "note": finding.note,
        "since": since,
        "values": list(line.values) if line else [],
        "has_evidence": finding.answer is not None,
    }
    if subject is not None:
        told |= {"of": subject_title(subject), "to": _address(subject)}
    if finding.known_at is not None:
        zone = ZoneInfo(current().view.zone)
        told["known"] = f"known {finding.known_at.astimezone(zone):%d %b %Y %H:%M}"
    if instead is not None:
        told["instead"] = "; ".join(edit.words.strip() for edit in instead)
    return told


def _address(subject: Subject) -> str:
    if subject.kind == "series":
        return address("series", id=subject.id)
    return address("instrument", id=subject.id)
