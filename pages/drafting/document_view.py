"""One text: its counts, its marked words with the evidence, its corrections and its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from analytics.claims.check import CheckedStatement
from data.clock import iso
from data.drafts.draft import DraftText
from data.drafts.edits import DraftEdit, edited_source, with_edits
from data.drafts.reader import paste
from data.errors import WorkstationError
from data.state import claim_ledger, documents
from data.state.db import State
from data.state.documents import Document
from pages.drafting import draft_files
from pages.drafting.editorial_panel import editorial_panel, search_panel
from pages.drafting.evidence_panel import evidence_panel
from pages.drafting.live_check import MOST_CORRECTED, DraftCheck, live_check, page_score
from pages.drafting.marked_draft import MarkedChoice, edits_of, marked_draft, tone_of
from pages.drafting.model_panel import model_panel
from pages.drafting.new_draft import TONGUES, check_entered
from pages.frame import exports
from pages.frame.errors import Trouble, explain
from pages.frame.links import link
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import panel
from pages.frame.tables import Column, facts, table

FAILED = "drafts_failed"
OPENED = "drafts_opened"
VERSIONS = (
    Column("version", "version", "count"),
    Column("dated", "date", "instant"),
    Column("entered", "entered", "instant"),
    Column("by", "by"),
    Column("note", "note", "wide"),
    Column("score", "search score", "number", digits=0, hint="of 100, where enough is known"),
)
SHOWN = 12  # versions


def document_view(state: State, document: Document) -> None:
    """Everything about one version of a text."""
    run = current()
    link("drafts", label="All texts")
    if said := st.session_state.pop(FAILED, None):
        say(said, "error")
    try:
        draft = documents.draft_of(state, document)
        check = live_check(run.at, document, draft)
    except Exception as error:  # noqa: BLE001 - said where the draft would stand; explain() logs it
        say(explain(error, document.heading.title), "error")
        return
    st.html(_facts(document, draft, check))
    if len(draft.text) > MOST_CORRECTED:
        said = f"Corrections are offered in drafts of up to {MOST_CORRECTED:,} characters."
        say(Trouble(said, "Split this one to correct it here."), "quiet")
    for note in draft.notes:
        say(Trouble(note, ""), "quiet")
    key = f"draft-{document.id}-{document.version}"
    with panel(document.heading.title, "marked: what does not hold, what was revised since"):
        chosen = marked_draft(draft, check, _since(state, document, check), key)
    _opened(document, check, chosen, key)
    _files(state, document, draft, check, chosen)
    editorial_panel(check)
    search_panel(check)
    model_panel(state, document, draft, check)
    _versions(state, document)


def _facts(document: Document, draft: DraftText, check: DraftCheck) -> str:
    view, heading = current().view, document.heading
    tones = Counter(map(tone_of, check.checked))
    words = len(draft.text.split())
    by = ", ".join(part for part in (heading.author, heading.site) if part)
    return facts(
        [
            ("Claims", f"{len(check.checked)}", f"in {words:,} words"),
            ("Contradicted", f"{tones['contradicted']}", f"{_count(check)} can be corrected"),
            ("Superseded", f"{tones['superseded']}", "right then, revised since"),
            ("Not verifiable", f"{tones['unverifiable']}", ""),
            ("Supported", f"{tones['supported']}", ""),
            ("Date", view.local(heading.published_at), by),
            ("Language", TONGUES[heading.language], f"version {document.version}"),
        ]
    )


def _count(check: DraftCheck) -> int:
    return sum(tone_of(check.checked[number]) == "contradicted" for number in check.instead)


def _since(state: State, document: Document, check: DraftCheck) -> dict[int, str]:
    """Since when each claim has its verdict, where it had another before."""
    run = current()
    clock = now() if run.view.is_now else run.view.as_of
    try:
        recorded = claim_ledger.claims_of(state, document.id, document.version, as_of=clock)
    except WorkstationError as error:
        say(explain(error, "the record"), "error")
        return {}
    turned = {
        (claim.record.start, claim.record.end, claim.record.statement["measure"]): claim.verdicts
        for claim in recorded
        if len(claim.verdicts) > 1
    }
    found = {}
    for number, one in enumerate(check.checked):
        said = one.statement
        verdicts = turned.get((said.start, said.end, said.measure))
        if verdicts:
            last = verdicts[-1]
            when = run.view.local(last.recorded_at)
            found[number] = (
                f"{last.record.verdict} since {when}, {verdicts[0].record.verdict} before"
            )
    return found


def _files(
    state: State, document: Document, draft: DraftText, check: DraftCheck, chosen: MarkedChoice
) -> None:
    """The files, and the corrected text as a new version."""
    run = current()
    edits = edits_of(check, chosen.accepted)
    about = run.about(document.heading.title) | {
        "dated": iso(document.heading.published_at),
        "version": str(document.version),
        "sha256": document.sha256,
    }
    stem = f"{run.settings.workspace} {document.heading.title}"
    clock = iso(run.view.as_of)
    corrected = draft_files.corrected_text(draft, edits)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            f"Corrected text ({len(edits)})",
            partial(corrected.text.encode, "utf-8", "surrogatepass"),
            exports.file_name(stem, clock, corrected.suffix),
            key="drafts_get_text",
            on_click="ignore",
            help="the text with the corrections that are accepted",
        )
        st.download_button(
            "Report as HTML",
            partial(draft_files.report, document, draft, check, edits, about),
            exports.file_name(f"{stem} report", clock, "html"),
            mime="text/html",
            key="drafts_get_report",
            on_click="ignore",
        )
        st.download_button(
            "Evidence as CSV",
            partial(_evidence, check, about),
            exports.file_name(f"{stem} evidence", clock, "csv"),
            key="drafts_get_evidence",
            on_click="ignore",
            help="each claim with what was found and the query that finds it again",
        )
        if run.view.is_now:
            _acts(state, document, draft, edits)


def _evidence(check: DraftCheck, about: dict[str, str]) -> bytes:
    return exports.to_csv(draft_files.evidence(check), about)


def _acts(state: State, document: Document, draft: DraftText, edits: Sequence[DraftEdit]) -> None:
    st.button(
        "Save as a new version",
        key="drafts_save",
        disabled=not edits,
        on_click=_attempt,
        args=("save", partial(_save, state, document, draft, list(edits))),
    )
    st.button(
        "Stop watching" if document.is_watched else "Watch",
        key="drafts_watch",
        on_click=_attempt,
        args=("watch", partial(_watch, state, document)),
        help="a watched text is read anew every morning at 06:00 UTC",
    )
    st.button(
        "Withdraw",
        key="drafts_withdraw",
        on_click=_attempt,
        args=("withdraw", partial(_withdraw, state, document)),
        help="gone from now on; earlier clocks still have it, and the record keeps it",
    )


def _attempt(what: str, change: partial[None]) -> None:
    try:
        change()
    except WorkstationError as error:
        st.session_state[FAILED] = explain(error, what)


def _save(state: State, document: Document, draft: DraftText, edits: list[DraftEdit]) -> None:
    source = edited_source(draft, edits)
    text = with_edits(draft, edits)
    if source is not None and draft.format in ("text", "markdown", "html"):
        text = paste(source, draft.format)
    note = f"{len(edits)} corrections" if len(edits) > 1 else "1 correction"
    made = documents.revise_last(state, document, text, edit=signed_edit(note))
    check_entered(state, made, text)
    st.query_params.pop("version", None)


def _watch(state: State, document: Document) -> None:
    documents.watch(state, document.id, not document.is_watched, edit=signed_edit())


def _withdraw(state: State, document: Document) -> None:
    documents.withdraw(state, document.id, edit=signed_edit())
    st.query_params.clear()


def _opened(document: Document, check: DraftCheck, chosen: MarkedChoice, key: str) -> None:
    """The evidence of the claim that was asked for last, of this text."""
    if chosen.evidence is not None:
        st.session_state[OPENED] = (key, chosen.evidence)
    of, number = st.session_state.get(OPENED, ("", 0))
    if of == key and number < len(check.checked):
        one: CheckedStatement = check.checked[number]
        evidence_panel(document, number, one)


def _versions(state: State, document: Document) -> None:
    run = current()
    clock = now() if run.view.is_now else run.view.as_of
    past = documents.history(state, document.id, as_of=clock)
    if len(past) < 2:
        return
    rows = [
        {
            "version": one.version,
            "dated": one.heading.published_at,
            "entered": one.entered_at,
            "by": one.entered_by,
            "note": one.note or None,
            "score": page_score(run.at, one, partial(documents.draft_of, state, one)),
        }
        for one in past[:SHOWN]
    ]
    with panel("Versions", "each as it was entered"):
        st.html(table(rows, VERSIONS, caption="Versions", zone=run.view.zone))
        with st.container(horizontal=True, gap="small"):
            for one in past[:SHOWN]:
                fields = {"id": str(one.id), "version": str(one.version)}
                link("drafts", label=f"version {one.version}", **fields)
