"""What is saved of the page Companies: sets of columns and whole screens, each a saved view.

A view whose query has the columns alone is a set of columns, any other is a screen. What was saved
is there from its instant on; an earlier clock does not have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from data.errors import ConfigError, WorkstationError
from data.state import views
from data.state.db import State
from data.state.views import SavedView, Target
from pages.frame.errors import Trouble, explain
from pages.frame.links import address
from pages.frame.panel import say
from pages.frame.reader import signed_edit, state_clock
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.screening.columns import COLUMNS, SETS, column_text, read_columns
from pages.screening.words import screen_words
from pages.search.directory import country_names

PAGE, ASKED = "companies", "columns"
KEPT = ("sector", "country", "list", "where", "peers", "columns", "order", "first")
SAID = "companies_said"
SHOWN = (
    Column("named", "screen", "name"),
    Column("words", "companies", "wide"),
    Column("columns", "columns", "wide"),
    Column("owner", "owner"),
    Column("version", "version", "count"),
    Column("saved", "saved", "instant"),
)


def fields_of(view: SavedView) -> dict[str, str]:
    """The parameters of the address that a view opens."""
    return {name: value for name, value in parse_qsl(view.target.query) if name in KEPT}


def _listed() -> list[SavedView]:
    state = current().services.state
    if state is None:
        return []
    try:
        found = views.listed(state, as_of=state_clock(current()))
    except WorkstationError as error:
        say(explain(error, "saved screens"), "error")
        return []
    return [view for view in found if view.target.page == PAGE]


def column_sets() -> dict[str, SavedView]:
    """Saved sets of columns at the clock, by what an address has for each: of equals the first."""
    found: dict[str, SavedView] = {}
    for view in _listed():
        fields = fields_of(view)
        if set(fields) == {ASKED}:
            found.setdefault(fields[ASKED], view)
    return found


def screens() -> list[SavedView]:
    """Saved screens at the clock, by name."""
    return [view for view in _listed() if set(fields_of(view)) != {ASKED}]


def choose_columns() -> tuple[str, ...]:
    """The set of columns that the address names, and the popover that makes another."""
    asked = st.query_params.get(ASKED, "") or "overview"
    columns, unknown = read_columns(asked)
    if unknown or not columns:
        what = f"There is no column or set named {', '.join(unknown)[:60] or asked[:60]!r}."
        say(Trouble(what, "Choose a set, or columns."), "partial")
    columns = columns or SETS["overview"][1]
    text, saved = column_text(columns), column_sets()
    labels = {name: label for name, (label, _) in SETS.items()}
    labels |= {word: f"{view.name} ({view.owner})" for word, view in saved.items()}
    if text not in labels:
        labels[text] = "Own choice"
    st.session_state["companies_set"] = text
    st.selectbox(
        "Columns",
        list(labels),
        key="companies_set",
        format_func=labels.__getitem__,
        on_change=_open_set,
        width=220,
    )
    with st.popover("Choose columns", icon=":material/view_column:"):
        _editor(columns, saved.get(text))
    return columns


def _open_set() -> None:
    _show(str(st.session_state["companies_set"]))


def _show(text: str) -> None:
    if text == "overview":
        st.query_params.pop(ASKED, None)
    else:
        st.query_params[ASKED] = text


def _editor(columns: tuple[str, ...], view: SavedView | None) -> None:
    """The columns one by one, and the name under which they are saved."""
    key = "companies_columns"
    st.session_state[key] = list(columns)
    st.multiselect(
        "Columns, in their order",
        list(COLUMNS),
        key=key,
        format_func=lambda name: COLUMNS[name].named,
        on_change=_choose,
    )
    state = current().services.state
    if state is None:
        return
    st.text_input("Name of the set", key="companies_set_name", max_chars=80)
    with st.container(horizontal=True, gap="small"):
        query = {ASKED: ",".join(columns)}
        st.button(
            "Save columns",
            key="companies_set_save",
            type="primary",
            on_click=attempt,
            args=("save", partial(_save, state, "companies_set_name", query, column_sets)),
        )
        if view is not None:
            st.button(
                f"Delete {view.name[:40]}",
                key="companies_set_delete",
                on_click=attempt,
                args=("delete", partial(_delete, state, view)),
                help="at earlier clocks it is still there",
            )


def _choose() -> None:
    if chosen := [str(name) for name in st.session_state["companies_columns"]]:
        _show(column_text(chosen))


def _save_row(state: State, text: str) -> None:
    """The field and the button that save the screen as it is on the page."""
    fields = {name: st.query_params[name] for name in KEPT if st.query_params.get(name)}
    words = screen_words(text, country_names())
    st.text_input(
        "Name of the screen",
        key="companies_screen_name",
        placeholder=words[:80],
        max_chars=80,
        width=300,
    )
    query = fields or {"order": "market_value_usd"}
    if set(query) == {ASKED}:
        query |= {"order": st.query_params.get("order", "market_value_usd")}
    st.button(
        "Save screen",
        key="companies_screen_save",
        on_click=attempt,
        args=("save", partial(_save, state, "companies_screen_name", query, _screens_by_id, words)),
    )


def _screens_by_id() -> dict[str, SavedView]:
    return {str(view.id): view for view in screens()}


def _save(
    state: State,
    key: str,
    query: Mapping[str, str],
    known: Callable[[], Mapping[str, SavedView]],
    default: str = "",
) -> str:
    """A new view, or the next version of the one that this reader saved under that name."""
    title = str(st.session_state.get(key) or "").strip() or default[:80]
    if not title:
        raise ConfigError("it has no name; type one first")
    edit, target = signed_edit(), Target(PAGE, urlencode(query))
    mine = (view for view in known().values() if (view.name, view.owner) == (title, edit.author))
    if (old := next(mine, None)) is not None:
        made = views.save(state, old.id, title, target, edit=edit)
    else:
        made = views.create(state, title, target, edit=edit)
    st.session_state[key] = ""
    seen = "" if current().view.is_now else "; press Now to see it"
    return f"{made.name} is saved as version {made.version}{seen}."


def _delete(state: State, view: SavedView) -> str:
    views.delete(state, view.id, edit=signed_edit())
    return f"{view.name} is deleted from now on."


def attempt(what: str, change: Callable[[], str]) -> None:
    """Callback: do it, and keep its message for the next drawing."""
    try:
        st.session_state[SAID] = Trouble(change(), "")
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, what)


def say_saved() -> None:
    """What the last press of a button did."""
    if said := st.session_state.pop(SAID, None):
        say(said, "error" if said.step else "quiet")


def text_of(fields: Mapping[str, str]) -> str:
    """The text of the screen that the parameters of an address give."""
    parts = [f"{name}:{fields[name]}" for name in ("sector", "country") if name in fields]
    return ";".join(filter(None, [*parts, fields.get("where", "")]))


def saved_screens(state: State, text: str) -> None:
    """What saves the screen of the page, all that were saved by the clock, what deletes one."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _save_row(state, text)
    found = screens()
    if not found:
        st.html('<div class="b-note">No screen had been saved at this clock.</div>')
        return
    rows = []
    for view in found:
        fields = fields_of(view)
        words = [screen_words(text_of(fields), country_names())]
        words += [f"list {fields['list']}"] if "list" in fields else []
        columns = fields.get(ASKED, "overview")
        chosen, _ = read_columns(columns)
        named = SETS[columns][0] if columns in SETS else ", ".join(COLUMNS[c].label for c in chosen)
        rows.append(
            {
                "named": {"text": view.name, "to": address(PAGE, **fields)},
                "words": " · ".join(words),
                "columns": named,
                "owner": view.owner,
                "version": view.version,
                "saved": view.created_at,
            }
        )
    st.html(table(rows, SHOWN, caption="Saved screens", zone=current().view.zone))
    if current().view.is_now:
        _delete_row(state, found)


def _delete_row(state: State, found: list[SavedView]) -> None:
    names = {str(view.id): f"{view.name} ({view.owner})" for view in found}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Screen", list(names), key="companies_screen", format_func=names.__getitem__, width=300
        )
        view = next(view for view in found if str(view.id) == chosen)
        st.button(
            "Delete from now on",
            key="companies_screen_delete",
            on_click=attempt,
            args=("delete", partial(_delete, state, view)),
            help="at earlier clocks it is still there",
        )
