"""The forms by which the team corrects a company or adds one: a request, with what it will change.

Nothing is written here. The scheduler writes it as known from then on, so that earlier clocks keep
what they show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from analytics.core.catalogue import find
from analytics.core.company_values import EDITABLE
from data.errors import ConfigError, WorkstationError
from data.state import company_edits, requests
from data.state.company_edits import Change
from data.state.db import State
from pages.filings.team_edits import Record, changes_words, value_word
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.run import current
from pages.frame.state_panel import note
from pages.search.directory import country_names, directory

JOB = "house.company_edits"
SAID = "company_edit_said"
EDIT, ADD = "company-edit", "company-add"
WHEN = "Seen once the scheduler has written it, usually within two minutes; earlier clocks keep "
LABELS = {"name": "Name", "sector": "Sector", "industry": "Industry", "country": "Country"}


def edit_popovers(state: State | None, record: Record) -> None:
    """To edit the company and to add another, at the present only."""
    if state is not None and current().view.is_now:
        _popover(EDIT, "Edit", partial(_edit_form, state, record))
        _popover(ADD, "Add a company", partial(_add_form, state))


def edit_said() -> None:
    """Whether the last edit was handed over, or why not."""
    if said := st.session_state.pop(SAID, None):
        say(said, "error" if said.step else "quiet")


def _popover(key: str, label: str, draw: Callable[[], None]) -> None:
    """Its boxes exist only while it is open, so that they begin with what stands."""
    menu = st.popover(label, type="tertiary", key=key, on_change="rerun", width="content")
    if menu.open:
        with menu:
            draw()


def _edit_form(state: State, record: Record) -> None:
    key = f"{EDIT}-{record['company']}"
    found = _boxes(key, record)
    found["note"] = st.text_area("Note", record["note"] or "", key=f"{key}-note", height=70)
    gone = st.checkbox(
        "Withdraw from all screens", value=bool(record["withdrawn"]), key=f"{key}-withdrawn"
    )
    changes = changes_of(record, found | {"withdrawn": gone})
    _dry_run(record, changes)
    with st.container(horizontal=True, gap="small"):
        send = partial(_send, state, record["company"], changes, EDIT)
        st.button(
            "Save edit", type="primary", key=f"{key}-save", disabled=not changes, on_click=send
        )
        undone = undo(record)
        st.button(
            "Undo all edits",
            key=f"{key}-undo",
            disabled=not undone,
            on_click=partial(_send, state, record["company"], undone, EDIT),
            help="everything as filed again, from now on",
        )


def _boxes(key: str, record: Record) -> dict[str, Change]:
    """Name, sector, industry and country; an emptied box is as filed."""
    screen = cached(find("company_screen").call, current().at).frame
    names = dict(country_names())
    codes = sorted(names, key=names.__getitem__)
    options = {"sector": sorted({*screen["sector"].drop_nulls()}), "country": codes}
    found: dict[str, Change] = {}
    for name in EDITABLE:
        stands = record.get(name)
        if name not in options:
            found[name] = st.text_input(LABELS[name], stands or "", key=f"{key}-{name}")
            continue
        listed = options[name] if stands in (None, *options[name]) else [stands, *options[name]]
        found[name] = st.selectbox(
            LABELS[name],
            listed,
            index=None if stands is None else listed.index(stands),
            key=f"{key}-{name}",
            accept_new_options=name == "sector",
            format_func=lambda value: names.get(value, value),
        )
    return found


def changes_of(record: Record, found: Mapping[str, Change]) -> dict[str, Change]:
    """What the boxes change of what stands; a value that was filed is given back to the filing."""
    edited = str(record["edited"] or "").split(",")
    changes: dict[str, Change] = {}
    for name in EDITABLE:
        value = " ".join(str(found[name] or "").split()) or None
        if value == record[name]:
            continue
        if value is not None and value != record[f"filed_{name}"]:
            changes[name] = value
        elif name in edited:
            changes[name] = None
    said = str(found["note"] or "").strip() or None
    if said != record["note"]:
        changes["note"] = said
    if bool(found["withdrawn"]) != bool(record["withdrawn"]):
        changes["withdrawn"] = bool(found["withdrawn"])
    return changes


def undo(record: Record) -> dict[str, Change]:
    """The edit that takes back all that stands; the name of a company that was added stays."""
    edited = [name for name in str(record["edited"] or "").split(",") if name]
    changes: dict[str, Change] = dict.fromkeys(edited)
    if record["filed_name"] is None:
        changes = {}
    if record["note"]:
        changes["note"] = None
    if record["withdrawn"]:
        changes["withdrawn"] = False
    return changes


def _dry_run(record: Record, changes: Mapping[str, Change]) -> None:
    """What will be seen, and from when."""
    if not changes:
        note("Nothing is changed. An emptied box is as filed.")
        return
    for name, value in changes.items():
        if name not in EDITABLE:
            note(f"{changes_words({name: value}).capitalize()}.")
            continue
        new = value_word(name, record[f"filed_{name}"] if value is None else value)
        old = value_word(name, record[name])
        filed = value_word(name, record[f"filed_{name}"])
        beside = "as filed" if value is None else f"marked, with {filed} as filed beside it"
        note(f"{LABELS[name]}: {new} instead of {old}, {beside}.")
    note(WHEN + "what they show.")


def _add_form(state: State) -> None:
    boxes = _boxes(ADD, {})
    said = st.text_area("Note", key=f"{ADD}-note", height=70)
    named = " ".join(str(boxes["name"] or "").split())
    changes = {name: value for name, value in {**boxes, "note": said}.items() if value}
    note(f"A new company {named or '…'}, without accounts. {WHEN}showing none.")
    st.button(
        "Add company",
        type="primary",
        key=f"{ADD}-save",
        disabled=not named,
        on_click=partial(_add, state, named, changes),
    )


def new_id(name: str, *, demo: bool) -> str:
    """The permanent id of a company that the team adds, by its first name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:80]
    if not slug:
        raise ConfigError(f"the name {name[:40]!r} has no letter from a to z and no digit; add one")
    return f"demo:team-{slug}" if demo else f"team:{slug}"


def _add(state: State, name: str, changes: Mapping[str, Change]) -> None:
    try:
        company = new_id(name, demo=current().demo)
        if company in directory(current(), "company")["id"]:
            raise ConfigError(f"{name[:60]!r} is there already, as {company}; edit that one")
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, "add")
        return
    _send(state, company, changes, ADD)


def _send(state: State, company: str, changes: Mapping[str, Change], popover: str) -> None:
    """Keep the request and wake the scheduler's job."""
    edit = signed_edit()
    try:
        company_edits.ask(state, company, changes, edit=edit)
        requests.ask(state, JOB, {}, edit=edit)
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, "edit")
        return
    st.session_state[popover] = False
    where = f" Its id is {company}." if popover == ADD else ""
    st.session_state[SAID] = Trouble(f"The edit was handed to the scheduler.{where}", "")
