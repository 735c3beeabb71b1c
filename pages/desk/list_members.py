"""Watchlists made by hand: a new list, and members found by name that are added or removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from data.errors import ConfigError, WorkstationError
from data.state import watchlists
from data.state.db import State
from data.state.watchlists import Member, Watchlist
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.links import link, plain
from pages.frame.lists import known_lists
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.run import current
from pages.search.directory import instrument_titles
from pages.search.pickers import (
    choose_among,
    choose_instruments,
    chosen_in_session,
    forget_choice,
)

OPEN = "watchlists_new"
NAME = "watchlists_new_name"
PICK = "watchlists_new_members"
SAID = "list_members_said"
BUTTONS = 12  # lists side by side in the menu of an instrument
NAMED = 3  # instruments that one sentence names


def new_list_button() -> None:
    """Opens the form of a new list."""
    st.button("New list", icon=":material/add:", key="watchlists_make", on_click=_open)


def new_list(state: State) -> None:
    """The form of a new list, where it was opened: its name and its first members."""
    if not st.session_state.get(OPEN):
        return
    with st.container(border=True, key="panel-new-list"):
        st.html('<div class="b-head"><h3>New list</h3></div>')
        st.text_input("Name", key=NAME, placeholder="up to 80 characters", width=380)
        choose_instruments(PICK, "Members")
        _said(OPEN)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Create list",
                type="primary",
                key="watchlists_create",
                on_click=_create,
                args=(state,),
            )
            st.button("Cancel", key="watchlists_cancel", on_click=_close)


def _open() -> None:
    st.session_state[OPEN] = True


def _close() -> None:
    for key in (OPEN, NAME):
        st.session_state.pop(key, None)
    forget_choice(PICK)


def _create(state: State) -> None:
    made = _attempt(
        OPEN,
        lambda: watchlists.create(
            state,
            str(st.session_state.get(NAME, "")),
            [Member(symbol) for symbol in chosen_in_session(PICK)],
            edit=signed_edit("made by hand"),
        ),
    )
    if made is not None:
        _close()
        st.query_params["list"] = made.name


def member_boxes(state: State, watchlist: Watchlist) -> None:
    """A box that finds instruments to add, and one that finds members to remove."""
    add, remove = f"watchlists_add_{watchlist.id}", f"watchlists_remove_{watchlist.id}"
    left, right = st.columns(2, gap="small")
    with left:
        _adding(state, watchlist, add)
    with right:
        if watchlist.members and (
            gone := choose_among(remove, "Remove members", watchlist.symbols)
        ):
            st.button(
                f"Remove {_members(len(gone))}",
                key="watchlists_remove_members",
                on_click=_remove,
                args=(state, watchlist.id, remove),
            )
    _said(add)


def _adding(state: State, watchlist: Watchlist, key: str) -> None:
    chosen = choose_instruments(key, "Add members")
    present = [symbol for symbol in chosen if symbol in set(watchlist.symbols)]
    if present:
        st.caption(plain(_already(instrument_titles(present), watchlist.name)))
    if new := len(chosen) - len(present):
        st.button(
            f"Add {_members(new)}",
            type="primary",
            key="watchlists_add_members",
            on_click=_add,
            args=(state, watchlist.id, key),
        )


def table_changed_meanwhile(watchlist: Watchlist, *, is_changed: bool) -> None:
    """Say that unsaved changes of the table are gone, since the list has a newer version."""
    key = f"watchlists_unsaved_{watchlist.id}"
    version = st.session_state.pop(key, None)
    if is_changed:
        st.session_state[key] = watchlist.version
    elif version not in (None, watchlist.version):
        said = f"{watchlist.author} saved version {watchlist.version} while you edited the table"
        say(Trouble(f"{said}: what you had not saved is discarded.", "Make it again."), "partial")


def add_to_list(symbol: str) -> None:
    """A menu of the lists; one click more makes the instrument a member of one."""
    run = current()
    if not run.view.is_now:
        st.button("Add to list", disabled=True, key=f"no-list-{symbol}", help="Press Now first.")
    elif run.services.state is not None:
        st.fragment(_menu)(run.services.state, symbol)


def _menu(state: State, symbol: str) -> None:
    key = f"list-of-{symbol}"
    menu = st.popover("Add to list", icon=":material/playlist_add:", key=key, on_change="rerun")
    if not menu.open:
        return
    with menu:
        lists = list(known_lists(current()).values())
        for number, watchlist in enumerate(lists[:BUTTONS]):
            is_member = symbol in watchlist.symbols
            st.button(
                plain(watchlist.name),
                icon=":material/check:" if is_member else ":material/add:",
                key=f"{key}-{number}",
                type="tertiary",
                disabled=is_member,
                help="It is in this list." if is_member else None,
                on_click=_add_symbol,
                args=(state, watchlist.id, symbol),
            )
        if len(lists) > BUTTONS:
            link("watchlists", label=f"All {len(lists)} lists")
        st.text_input("New list", key=f"{key}-name", placeholder="its name")
        st.button(
            "Create list with it", key=f"{key}-new", on_click=_create_with, args=(state, symbol)
        )
        _said(key)


def _add_symbol(state: State, number: int, symbol: str) -> None:
    _attempt(
        f"list-of-{symbol}",
        lambda: watchlists.add_members(
            state, number, [Member(symbol)], edit=signed_edit("member added")
        ),
    )


def _create_with(state: State, symbol: str) -> None:
    key = f"list-of-{symbol}"
    made = _attempt(
        key,
        lambda: watchlists.create(
            state,
            str(st.session_state.get(f"{key}-name", "")),
            [Member(symbol)],
            edit=signed_edit("made by hand"),
        ),
    )
    if made is not None:
        st.session_state[f"{key}-name"] = ""


def _add(state: State, number: int, key: str) -> None:
    members = [Member(symbol) for symbol in chosen_in_session(key)]
    edit = signed_edit("members added")
    if _attempt(key, lambda: watchlists.add_members(state, number, members, edit=edit)):
        forget_choice(key)


def _remove(state: State, number: int, key: str) -> None:
    symbols, edit = chosen_in_session(key), signed_edit("members removed")
    if _attempt(key, lambda: watchlists.remove_members(state, number, symbols, edit=edit)):
        forget_choice(key)


def _attempt(where: str, change: Callable[[], Watchlist]) -> Watchlist | None:
    """Do it, or keep the sentence for the next drawing of that form."""
    try:
        return change()
    except ConfigError as error:
        said = Trouble(sentence(str(error)), "Nothing was saved.")
    except WorkstationError as error:
        said = explain(error, "save")
    st.session_state[SAID] = (where, said)
    return None


def _said(where: str) -> None:
    """The sentence that was kept for this form."""
    if st.session_state.get(SAID, ("",))[0] == where:
        say(st.session_state.pop(SAID)[1], "error")


def _members(count: int) -> str:
    return "1 member" if count == 1 else f"{count:,} members"


def _already(titles: Sequence[str], name: str) -> str:
    shown = ", ".join(titles[:NAMED]) if len(titles) <= NAMED else f"{len(titles)} of them"
    verb = "is" if len(titles) == 1 else "are"
    return f"{shown} {verb} in {name} already; a member is kept once."
