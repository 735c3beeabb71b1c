"""Bringing a text: a file or a paste, what is said of it, and its first check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.claims.check import check_draft
from analytics.claims.ledger.entry import record_check
from data.confined import MOST_BYTES
from data.drafts.draft import DraftText, Format
from data.drafts.reader import paste, read_draft
from data.errors import UploadError, WorkstationError
from data.state import documents
from data.state.db import State
from data.state.documents import Document, DocumentHeading, DocumentLanguage, Side
from pages.frame.errors import explain
from pages.frame.panel import say
from pages.frame.reader import reader, signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.view import end_of_day, parse_clock

OPEN = "drafts_new"
SAID = "drafts_said"
TURN = "drafts_turn"
KINDS = ["md", "txt", "docx", "html", "htm", "pdf"]
SIDE_WORDS: Mapping[str, str] = {"ours": "us", "theirs": "another site"}
TONGUES: Mapping[str, str] = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
}
EXAMPLE = "Unemployment in the United States rose to 4.4% in May, the highest since November 2021."
UNSEEN = ("Cf", "Co", "Cn")  # marks of direction, joiners: a title is a name, which has none
TITLE_LENGTH = 120  # of a title taken from the text


def new_draft_button() -> None:
    """Opens the form of a new draft."""
    st.button(
        "Check a draft", icon=":material/add:", key="drafts_make", type="primary", on_click=_open
    )


def new_draft(state: State) -> None:
    """The form of a new draft, where it was opened."""
    if said := st.session_state.pop(SAID, None):
        say(said, "error")
    if not st.session_state.get(OPEN):
        return
    turn = st.session_state.setdefault(TURN, 0)
    with st.container(border=True, key="panel-new-draft"):
        st.html(
            '<div class="b-head"><h3>Check a draft</h3><span class="b-unit">every number is '
            "compared with what was known at its date; no model reads it</span></div>"
        )
        left, right = st.columns([3, 2], gap="small")
        with left:
            st.text_area(
                "Paste the text, as text, Markdown or HTML",
                key=f"drafts_text_{turn}",
                height=220,
                placeholder=EXAMPLE,
            )
        with right:
            st.file_uploader(
                "Or a file: Markdown, text, Word, HTML or PDF",
                type=KINDS,
                key=f"drafts_file_{turn}",
                max_upload_size=MOST_BYTES >> 20,
            )
        _said_of_it(turn)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Check", type="primary", key="drafts_check", on_click=_attempt, args=(state, turn)
            )
            st.button("Cancel", key="drafts_cancel", on_click=_close)


def _said_of_it(turn: int) -> None:
    """What the form asks beside the text."""
    with st.container(horizontal=True, gap="small"):
        st.text_input("Title", key=f"drafts_title_{turn}", width=300, placeholder="its own")
        st.text_input("Author", key=f"drafts_author_{turn}", width=180)
        st.text_input(
            "Date of the draft",
            key=f"drafts_dated_{turn}",
            width=180,
            placeholder="now, or 2024-06-20",
            help="its numbers are checked by what was known then: at the end of a day, "
            "or at a time as in 2024-06-20 09:00",
        )
        st.selectbox(
            "Language",
            list(TONGUES),
            format_func=TONGUES.__getitem__,
            key=f"drafts_language_{turn}",
            width=130,
        )
        st.selectbox(
            "Published by",
            list(SIDE_WORDS),
            format_func=SIDE_WORDS.__getitem__,
            key=f"drafts_side_{turn}",
            width=130,
        )
        if st.session_state.get(f"drafts_side_{turn}") == "theirs":
            st.text_input("Site", key=f"drafts_site_{turn}", width=180)


def _open() -> None:
    st.session_state[OPEN] = True


def _close() -> None:
    st.session_state.pop(OPEN, None)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def _attempt(state: State, turn: int) -> None:
    try:
        document = _entered(state, lambda name: st.session_state.get(f"drafts_{name}_{turn}"))
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, "the draft")
        return
    _close()
    st.query_params["id"] = str(document.id)


def _entered(state: State, said: Callable[[str], Any]) -> Document:
    """The document that the form describes, entered and checked."""
    draft, file_name = _draft(said("file"), str(said("text") or ""))
    side: Side = "theirs" if said("side") == "theirs" else "ours"
    tongue = said("language")
    language: DocumentLanguage = next((one for one in documents.LANGUAGES if one == tongue), "en")
    heading = DocumentHeading(
        side=side,
        title=str(said("title") or "").strip() or title_of(draft),
        published_at=dated(str(said("dated") or ""), current().view.zone, now()),
        author=str(said("author") or "").strip() or (reader().name if side == "ours" else ""),
        site=str(said("site") or "").strip() if side == "theirs" else "",
        language=language,
        file_name=file_name,
    )
    document = documents.add(state, draft, heading=heading, edit=signed_edit())
    check_entered(state, document, draft)
    return document


def check_entered(state: State, document: Document, draft: DraftText) -> None:
    """The first check of a version, put on record."""
    run = current()
    edit = signed_edit()
    later = run.at.db.at(edit.at, run.view.mode)
    at = later.earlier(document.heading.published_at)
    checked = check_draft(at, draft, language=document.heading.language, later=later)
    record_check(state, document, checked, later=later, edit=edit)


def dated(words: str, zone: str, moment: datetime) -> datetime:
    """When a draft is dated: a time, the end of a day in a zone, or this moment where the day is
    not over or nothing is said."""
    found = parse_clock(words, zone)
    if found is None:
        return moment
    there = ZoneInfo(zone)
    if ":" in words:
        return found
    day = found.astimezone(there).date()
    return moment if day == moment.astimezone(there).date() else end_of_day(day, zone)


def _draft(file: Any, text: str) -> tuple[DraftText, str]:
    if file is not None:
        return read_draft(file.getvalue(), file.name), str(file.name)
    if not text.strip():
        raise UploadError("there is no text to check; paste one or choose a file")
    return paste(text, form_of(text)), ""


def form_of(text: str) -> Format:
    """Whether a pasted text is HTML, Markdown or plain: by its own marks."""
    if re.match(
        r"\s*<(?:!doctype|html|head|body|article|section|div|p|h[1-6]|table)\b", text, re.I
    ):
        return "html"
    marks = r"^(?:#{1,6} \S|[-*] \S|\d+\. \S|> \S|\|.*\|\s*$)|\*\*\S|\[[^\]\n]+\]\(\S+\)"
    return "markdown" if re.search(marks, text, re.MULTILINE) else "text"


def title_of(draft: DraftText) -> str:
    """Its own title, its first heading, or its first words."""
    heads = (draft.text[one.start : one.end] for one in draft.blocks if one.kind == "heading")
    first = next((line.strip() for line in draft.text.splitlines() if line.strip()), "Untitled")
    title = (draft.title or "").strip() or next(heads, "").strip() or first
    shown = (letter for letter in title if category(letter) not in UNSEEN)
    words = " ".join("".join(shown).split()) or "Untitled"
    return words if len(words) <= TITLE_LENGTH else f"{words[: TITLE_LENGTH - 1].rstrip()}…"
