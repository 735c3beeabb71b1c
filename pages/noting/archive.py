"""The archive: notes by subject, author and clock, and one of them as it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from analytics.notes.gate import CheckedFigure
from data.clock import iso
from data.errors import WorkstationError
from data.state import analyst_notes, hypotheses
from data.state.analyst_notes import AnalystNote
from data.state.db import State
from data.state.note_requests import NoteSubject
from pages.frame import exports
from pages.frame.controls import pick, segment
from pages.frame.errors import Trouble, explain
from pages.frame.links import address, link
from pages.frame.panel import say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import box, note, panel
from pages.frame.tables import Column, facts, table
from pages.noting.fact_rows import facts_table, missing_table
from pages.noting.live_note import checked_again
from pages.noting.note_text import note_html, note_markdown
from pages.noting.withheld import withheld

ALL = "all "  # names of authors never end with a blank
SPANS = {"all": 0, "7 days": 7, "90 days": 90, "1 year": 366}
MOST = 200
WRITERS = {"template": "template", "model": "model", "withheld": "model, withheld"}
COLUMNS = (
    Column("title", "note on", "name"),
    Column("kind", "kind"),
    Column("clock", "clock"),
    Column("view", "view"),
    Column("writer", "written by"),
    Column("author", "author"),
    Column("written", "archived"),
    Column("tokens", "tokens", "count"),
    Column("dollars", "dollars", "number", digits=4),
    Column("hypothesis", "hypothesis", "link", hint="registered when the note was archived"),
    Column("label", "label"),
)


def clock() -> Any:
    """By when a note has to be archived to be seen: the reader's clock."""
    run = current()
    return now() if run.view.is_now else run.view.as_of


def archive_panel(subject: NoteSubject | None) -> None:
    """All notes that were archived by the clock, narrowed down by subject, author and clock."""
    box("Archive", "notes as they were written", lambda state: _draw(state, subject))


def _draw(state: State, subject: NoteSubject | None) -> None:
    every = analyst_notes.archived(state, as_of=clock(), limit=MOST)
    if not every:
        note("No note had been archived at this clock.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        titles = {"all": "All subjects", "this": "This subject"}
        of = "all"
        if subject is not None:
            of = segment(
                "notes", "notes_of", "Of", list(titles), "all", format_func=titles.__getitem__
            )
        authors = sorted({one.author for one in every})
        author = pick(
            "notes",
            "author",
            "Author",
            [ALL, *authors],
            ALL,
            format_func=lambda name: "all authors" if name == ALL else name,
        )
        span = pick("notes", "since", "Clock within", list(SPANS), "all")
    since = current().view.as_of - timedelta(days=SPANS[span]) if SPANS[span] else None
    found = analyst_notes.archived(
        state,
        as_of=clock(),
        entity=subject.entity if subject is not None and of == "this" else None,
        author=None if author == ALL else author,
        since=since,
        limit=MOST,
    )
    if not found:
        note("No archived note is of this subject, author and clock.")
        return
    rows = [_row(one) for one in found]
    shown = [c for c in COLUMNS if any(row[c.name] is not None for row in rows)]
    drawn = table(rows, shown, caption="Archive", zone=current().view.zone)
    st.html(f'<div class="b-box">{drawn}</div>')
    if len(found) == MOST:
        note(f"The newest {MOST} are shown.")


def _row(one: AnalystNote) -> dict[str, Any]:
    written, zone = one.note, current().view
    to = address("notes", note=str(one.id))
    number = written.hypothesis_id
    return {
        "title": {"text": written.title, "to": to},
        "kind": written.kind,
        "clock": zone.local(written.as_of),
        "view": view_of(one),
        "writer": WRITERS[written.status],
        "author": one.author,
        "written": zone.local(one.written_at.replace(microsecond=0)),
        "tokens": written.cost.tokens if written.cost.model else None,
        "dollars": written.cost.dollars if written.cost.model else None,
        "hypothesis": None if number is None else {"text": f"{number}", "to": to},
        "label": short_label(one),
    }


def short_label(one: AnalystNote) -> str | None:
    """That a note was written at a past clock, and what that means."""
    if not one.knows_future:
        return None
    return "model knows the future" if one.note.cost.model else "past clock, not scored"


def view_of(one: AnalystNote) -> str | None:
    """Buy, hold or sell, as the facts of a note have it; none of one that was withheld."""
    if one.note.status == "withheld":
        return None
    return next((row["printed"] for row in _facts(one) if row["id"] == "view"), None)


def _facts(one: AnalystNote) -> list[dict[str, Any]]:
    return list(json.loads(one.note.facts)["facts"])


def archived_note(state: State, asked: str) -> bool:
    """The note that the address names; whether there is one at the clock."""
    one = None
    if asked.isdecimal() and len(asked) < 12:
        one = analyst_notes.read(state, int(asked), as_of=clock())
    if one is None:
        what = f"There is no note {asked[:20]!r} at this clock."
        say(Trouble(what, "Choose one of the archive, or move the clock."), "partial")
        return False
    link("notes", label="All notes")
    written = one.note
    with panel(written.title, f"note {one.id}, as it was written"):
        st.html(facts(_strip(one)))
        if one.label:
            say(Trouble(one.label, ""), "partial")
        if written.status == "withheld":
            withheld(written.problems, "The template writes one from the facts.")
        else:
            _shown(one)
        _files(one)
        if written.hypothesis_id is not None:
            _hypothesis(state, written.hypothesis_id)
    return True


def _strip(one: AnalystNote) -> list[tuple[str, str, str]]:
    written, view = one.note, current().view
    cost = written.cost
    strip = [
        ("View", view_of(one) or "–", "withheld" if written.status == "withheld" else ""),
        ("Clock", view.local(written.as_of), ""),
        ("Archived", view.local(one.written_at.replace(microsecond=0)), f"by {one.author}"),
        ("Written by", cost.model or "template", cost.prompt_version.split(",")[0]),
    ]
    if cost.model:
        tokens = "–" if cost.tokens is None else f"{cost.tokens:,}"
        dollars = "cost not known" if cost.dollars is None else f"{cost.dollars:.4f} dollars"
        strip.append(("Tokens", tokens, dollars))
        if cost.temperature is not None:
            strip.append(("Temperature", f"{cost.temperature:g}", ""))
    return strip


def _shown(one: AnalystNote) -> None:
    rows = _facts(one)
    places = {row["id"]: place for place, row in enumerate(rows)}
    prose = note_html(one.note.sections, _figures(one, rows), places)
    lacking = missing_table(json.loads(one.note.facts).get("missing", ()))
    st.html(
        f'<div class="b-noted">{prose}<div>{facts_table(rows)}{lacking}</div></div>',
    )


def _figures(one: AnalystNote, rows: Sequence[Mapping[str, Any]]) -> list[CheckedFigure]:
    """The figures of an archived text whose facts read as they were archived."""
    run, written = current(), one.note
    members = {row["id"].split("/")[0] for row in rows if row["role"] == "technicals"}
    subject = NoteSubject(
        written.kind, written.entity, written.title, tuple(sorted(members)), mode=run.view.mode
    )
    try:
        at = run.at.earlier(min(written.as_of, run.view.as_of))
        found = checked_again(at, subject, one.id, written.sections).note.figures
    except Exception as error:  # noqa: BLE001 - the text and its facts stand; explain() logs it
        explain(error, written.title)
        return []
    printed = {row["id"]: row["printed"] for row in rows}
    return [f for f in found if f.fact is None or printed.get(f.fact.id) == f.fact.printed]


def _files(one: AnalystNote) -> None:
    run, written = current(), one.note
    # The clock of the note is its own, whatever the reader's is.
    here = {"note": str(one.id), "as_of": iso(written.as_of), "author": one.author}
    about = run.about(written.title) | here | {"label": one.label}
    stem = f"{run.settings.workspace} note {one.id} {written.title}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if written.status != "withheld":
            st.download_button(
                "Note as Markdown",
                lambda: note_markdown(written.title, written.sections, about),
                exports.file_name(stem, iso(written.as_of), "md"),
                key="notes_get_archived",
                on_click="ignore",
            )
        name = {"country": "country", "list": "list"}.get(written.kind, "id")
        to = address("notes", **{name: written.entity, "as_of": iso(written.as_of)})
        st.html(
            f'<a class="b-name" href="{to}" target="_self">The facts at its clock, '
            "with receipts</a>"
        )


def _hypothesis(state: State, number: int) -> None:
    try:
        found = hypotheses.read(state, number, as_of=clock())
    except WorkstationError as error:
        say(explain(error, "the hypothesis"), "error")
        return
    if found is None:
        return
    chance = f"{100 * found.forecasts[-1].probability:.0f} %" if found.forecasts else "–"
    settled = found.settlement
    st.html(
        facts(
            [
                ("Hypothesis", f"{found.id}", found.claim.title),
                ("Probability", chance, ""),
                ("Settles", f"{found.claim.deadline:%d %b %Y}", ""),
                ("Outcome", "open" if settled is None else settled.outcome, ""),
            ]
        )
    )
    note(found.claim.statement)
