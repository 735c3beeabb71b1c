"""Saved scenarios of a kind: the list, saving, new versions, deletion, and one to compare with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from data.errors import WorkstationError
from data.state import scenarios
from data.state.db import State
from data.state.scenarios import Scenario
from pages.frame.controls import pick
from pages.frame.errors import Trouble, explain
from pages.frame.links import address, plain
from pages.frame.panel import say
from pages.frame.reader import signed_edit, state_clock
from pages.frame.run import current
from pages.frame.state_panel import box, note
from pages.frame.tables import Column, table
from pages.scenarios.scenario_page import A, ScenarioPage

NOBODY = "none"
BEFORE = (Column("named", "scenario", "name"), Column("version", "version", "count"))
AFTER = (
    Column("clock", "clock", "instant"),
    Column("owner", "owner"),
    Column("author", "saved by"),
    Column("saved", "saved", "instant"),
)


def scenarios_panel(of: ScenarioPage[A], assumed: A | None, one: Scenario | None) -> None:
    """What can be saved, and all that are saved."""
    box(
        "Scenarios",
        f"saved {of.noun}s, as they were at the clock; times in {current().view.zone}",
        lambda state: _draw(of, state, assumed, one),
    )


def _draw(of: ScenarioPage[A], state: State, assumed: A | None, one: Scenario | None) -> None:
    if message := st.session_state.pop(of.key("message"), None):
        say(message, "error" if message.step else "quiet")
    if assumed is not None:
        _save_row(of, state, assumed, one)
    found = scenarios.listed(state, of.kind, as_of=state_clock(current()))
    columns, zone = (*BEFORE, *of.columns, *AFTER), current().view.zone
    if not found:
        note("No scenario had been saved at this clock.")
    else:
        st.html(table([_row(of, line) for line in found], columns, caption="Scenarios", zone=zone))
    if one is not None:
        versions = scenarios.history(state, one.id, as_of=state_clock(current()))
        if len(versions) > 1:
            rows = [_row(of, line) for line in versions if not line.is_deleted]
            st.html(table(rows, columns, caption=f"Versions of {one.title}", zone=zone))


def _row(of: ScenarioPage[A], one: Scenario) -> dict[str, Any]:
    assumed = of.read(one.terms.parameters)
    row = {
        "version": one.version,
        "clock": one.terms.as_of,
        "owner": one.owner,
        "author": one.author,
        "saved": one.created_at,
    }
    if assumed is None:
        return row | {"named": one.title} | dict.fromkeys(column.name for column in of.columns)
    to = address(of.page, **of.opening(one, assumed))
    return row | {"named": {"text": one.title, "to": to}} | of.row(assumed)


def _save_row(of: ScenarioPage[A], state: State, assumed: A, one: Scenario | None) -> None:
    """The title and the buttons; what is saved bears the reader's clock."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Title of a new scenario",
            key=of.key("title"),
            placeholder=assumed.words()[:80],
            width=380,
        )
        st.button(
            "Save scenario",
            key=of.key("save"),
            type="primary",
            on_click=_attempt,
            args=(of, "save", partial(_create, of, state, assumed)),
        )
        if one is None:
            return
        st.button(
            f"Save as a new version of {plain(one.title[:40])}",
            key=of.key("version"),
            on_click=_attempt,
            args=(of, "save", partial(_append, of, state, assumed, one)),
        )
        st.button(
            "Delete from now on",
            key=of.key("delete"),
            on_click=_attempt,
            args=(of, "delete", partial(_delete, state, one)),
            help="at earlier clocks it is still there",
        )


def _attempt(of: ScenarioPage[A], what: str, change: Callable[[], str]) -> None:
    """Do it, and keep its message for the next drawing."""
    try:
        message = Trouble(change(), "")
    except Exception as error:  # noqa: BLE001 - said above the list; explain() logs it
        message = explain(error, what)
    st.session_state[of.key("message")] = message


def _create(of: ScenarioPage[A], state: State, assumed: A) -> str:
    title = str(st.session_state.get(of.key("title"), "")).strip() or assumed.words()[:200]
    made = scenarios.create(state, of.kind, title, of.terms(assumed), edit=signed_edit())
    st.session_state[of.key("title")] = ""
    return _saved(of, made, assumed)


def _append(of: ScenarioPage[A], state: State, assumed: A, one: Scenario) -> str:
    made = scenarios.save(state, one.id, of.terms(assumed), edit=signed_edit())
    return _saved(of, made, assumed)


def _saved(of: ScenarioPage[A], made: Scenario, assumed: A) -> str:
    """Open what was saved, where the reader's clock has it."""
    if not current().view.is_now:
        return f"{made.title} is saved as version {made.version}; press Now to see it."
    st.session_state[of.key("opened")] = (made.id, made.version)
    st.query_params.update(of.opening(made, assumed))
    return f"{made.title} is saved as version {made.version}; the address opens it."


def _delete(state: State, one: Scenario) -> str:
    scenarios.delete(state, one.id, edit=signed_edit())
    for name in ("scenario", "version"):
        st.query_params.pop(name, None)
    return f"{one.title} is deleted from now on."


def compared_with(of: ScenarioPage[A]) -> tuple[Scenario, A] | None:
    """The saved scenario beside which that of the page is put; none while none is chosen."""
    state = current().services.state
    if state is None:
        return None
    try:
        found = {
            str(one.id): one
            for one in scenarios.listed(state, of.kind, as_of=state_clock(current()))
        }
    except WorkstationError as error:
        say(explain(error, "compare"), "error")
        return None
    if not found:
        return None
    names = {NOBODY: "no other"} | {word: one.title for word, one in found.items()}
    chosen = pick(
        of.page,
        "compare",
        "Compare with",
        list(names),
        NOBODY,
        format_func=names.__getitem__,
        width=380,
    )
    if chosen not in found:
        return None
    assumed = of.read(found[chosen].terms.parameters)
    return None if assumed is None else (found[chosen], assumed)
