"""What a model reads in a draft beside the checks: asked by a click, answered by the scheduler.

The page makes no call. What a model points to is judged by the lake here; its word is no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import streamlit as st

from analytics.claims import model_questions
from analytics.claims.check import CheckedStatement
from analytics.claims.model_reading import by_the_model, with_picks
from analytics.claims.sentences.passages import passages
from data.drafts.draft import DraftText
from data.errors import WorkstationError
from data.query import At
from data.state import checks, model_calls
from data.state.checks import Check, CheckSubject
from data.state.db import State
from data.state.documents import Document
from pages.drafting.live_check import DraftCheck
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import note, panel
from pages.frame.tables import Column, table

TASKS = {
    "find_claims": "Find missed claims",
    "pick_subjects": "Resolve ambiguous claims",
    "judge_style": "Clarity and balance",
    "rewrite": "Rewrite passage",
}
AIMS = ("plainer", "shorter", "more neutral")
FAILED = "drafts_model_failed"
LONGEST = 90  # characters of a passage in a list
VALID = timedelta(hours=6)
READ = (
    Column("quote", "words", "wide"),
    Column("verdict", "verdict"),
    Column("note", "found", "wide"),
)
STYLE = (
    Column("quote", "words", "wide"),
    Column("kind", "kind"),
    Column("reason", "why", "wide"),
)
Ask = Callable[[], dict[str, Any]]


def model_panel(state: State, document: Document, draft: DraftText, check: DraftCheck) -> None:
    """What may be asked, what it costs at most, and the answers."""
    run = current()
    unit = f"{run.settings.model}; by the scheduler, where a key is set; its word is no verdict"
    with panel("Model", unit):
        if said := st.session_state.pop(FAILED, None):
            say(said, "error")
        clock = now() if run.view.is_now else run.view.as_of
        try:
            known = checks.recent(state, as_of=clock, document_id=document.id)
            use = model_calls.use(state, as_of=clock, span=timedelta(days=1))
        except WorkstationError as error:
            say(explain(error, "the model"), "error")
            return
        mine = [one for one in known if one.subject.document_version == document.version]
        if run.view.is_now:
            _buttons(state, document, draft, check)
            if use.calls:
                note(
                    f"In the last 24 hours: {use.calls} questions, {use.tokens:,} tokens, "
                    f"{use.dollars:.4f} dollars."
                )
        latest: dict[str, Check] = {}
        for one in mine:  # the newest first
            latest.setdefault(one.kind, one)
        then = run.at.earlier(min(document.heading.published_at, run.view.as_of))
        for task in TASKS:
            if task in latest:
                _answer(latest[task], document, draft, check, then)


def _buttons(state: State, document: Document, draft: DraftText, check: DraftCheck) -> None:
    run = current()
    language = document.heading.language
    then = run.at.earlier(document.heading.published_at)
    questions: dict[str, Ask] = {
        "find_claims": partial(
            model_questions.claims_question, then, draft, check.checked, language
        ),
        "judge_style": partial(model_questions.style_question, draft),
    }
    if any(one.finding.verdict == "ambiguous" for one in check.checked):
        questions["pick_subjects"] = partial(
            model_questions.subjects_question, draft, check.checked
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for task, ask in questions.items():
            _button(state, document, task, ask)
        places = [(one.start, one.end) for one in passages(draft) if one.kind == "sentence"]
        if not places:
            return
        place = st.selectbox(
            "Passage",
            range(len(places)),
            format_func=lambda number: _shortened(draft.text[slice(*places[number])]),
            key=f"drafts_passage_{document.id}_{document.version}",
            width=300,
        )
        aim = st.selectbox("Aim", AIMS, key="drafts_aim", width=140)
        span = places[place or 0]
        ask = partial(model_questions.rewrite_question, then, draft, span, aim, language)
        _button(state, document, "rewrite", ask)


def _button(state: State, document: Document, task: str, ask: Ask) -> None:
    asked = ask()
    cost = model_questions.expected_cost(task, asked, current().settings.model)
    dollars = "" if cost.dollars is None else f", {cost.dollars:.4f} dollars"
    st.button(
        TASKS[task],
        key=f"drafts_ask_{task}",
        on_click=_asked,
        args=(state, document, task, asked),
        help=f"at most {cost.tokens:,} tokens{dollars}",
    )


def _asked(state: State, document: Document, task: str, asked: Mapping[str, Any]) -> None:
    edit = signed_edit()
    subject = CheckSubject(asked, document.id, document.version, edit.at + VALID)
    try:
        checks.ask_soon(state, task, document.heading.title, edit=edit, subject=subject)
    except WorkstationError as error:
        st.session_state[FAILED] = explain(error, TASKS[task])


def _answer(one: Check, document: Document, draft: DraftText, check: DraftCheck, then: At) -> None:
    """One answer as far as it can be used, or why there is none."""
    title = TASKS[one.kind]
    asked = current().view.local(one.requested_at)
    if one.status != "answered" or one.verdict is None:
        if one.status == "failed":
            say(Trouble(f"{title}: {one.message}", "The checks above hold without it."), "partial")
        else:
            note(f"{title}: asked {asked} by {one.requested_by}, not answered yet.")
        return
    model = f"{one.verdict.model}, {one.verdict.tokens:,} tokens, asked {asked}"
    st.html(f'<div class="b-head"><h3>{title}</h3><span class="b-unit">{model}</span></div>')
    reply = one.verdict.reply or {}
    later = current().at
    language = document.heading.language
    if one.kind == "find_claims":
        found = by_the_model(
            then, draft, model_questions.proposals_in(reply), language=language, later=later
        )
        _statements(found.checked, "No further claim was found.")
    elif one.kind == "pick_subjects":
        picked = with_picks(then, check.checked, model_questions.picks_in(reply), later=later)
        _statements([picked[place] for place in sorted(picked)], "No candidate was picked.")
    elif one.kind == "judge_style":
        rows = reply.get("findings")
        _rows(rows if isinstance(rows, list) else [], STYLE, "Nothing was found.")
    elif reply.get("text"):
        st.code(str(reply["text"]), language=None, wrap_lines=True)
    for reason in one.verdict.reasons:
        note(reason)


def _statements(found: Any, nothing: str) -> None:
    rows = [_row(one) for one in found]
    _rows(rows, READ, nothing)


def _row(one: CheckedStatement) -> dict[str, Any]:
    return {
        "quote": one.quote,
        "verdict": f"{one.finding.verdict}, by the model's reading",
        "note": one.finding.note,
    }


def _rows(rows: list[Any], columns: tuple[Column, ...], nothing: str) -> None:
    if not rows:
        note(nothing)
        return
    st.html(f'<div class="b-box">{table(rows, columns, caption="Model")}</div>')


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
