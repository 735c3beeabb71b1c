"""Watchlists: make or import a list, save it with its date, use it on any page.

**New list** takes a name and its first members, found by name, ticker or ISIN as you type. *Edit
the members* adds and removes members the same way; weights, quantities, tags and notes are changed
in its table. *Add to list* on the page Instrument does it from there.

**Import** a file or a paste. Nothing is saved before you have seen the result of each row, and the
counts add up to all rows. Columns are proposed by their names and contents and can be changed.
What is not clear, such as a ticker of several instruments, is asked and never guessed. Ids, ISINs,
FIGIs, CUSIPs, SEDOLs, `LSE:VOD`, `VOD.L`, `VOD LN Equity`, tickers, aliases and names are
understood.

Lists are **dated**: every change is a version with its instant. A past clock shows the list as it
was then, or none if it did not exist. *Undo* goes back step by step, and no version is lost. The
address of this page shares a list. Heatmaps, Movers and Correlation take a list as their universe.

A list may hold **formulas** over instruments and series, such as `=GOLD/SILVER` or
`=yoy(USA CPI) - USA policy rate`: each has its last value, its change and its unit at the clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.plain_numbers import plain_number
from analytics.formulas.values import MARK, formula_symbol
from analytics.markets import market
from data.clock import iso
from data.errors import WorkstationError
from data.query import Answer
from data.state import watchlists
from data.state.db import State
from data.state.watchlists import Member, Watchlist
from data.uploads.check import RowVerdict, check_list, counts, members
from data.uploads.columns import LIST_ROLES
from pages.desk.list_members import (
    member_boxes,
    new_list,
    new_list_button,
    table_changed_meanwhile,
)
from pages.desk.listed_formulas import add_formula, formulas_panel, without_formulas
from pages.frame import exports
from pages.frame.errors import Trouble, explain
from pages.frame.figures import last_price
from pages.frame.links import address, choice, link, tell_url
from pages.frame.lists import known_lists, to_frame
from pages.frame.panel import Panel, say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import MOST, Column, table
from pages.search.directory import instrument_titles, known_instruments
from pages.uploads import upload_form

NUMERIC = ("weight", "quantity")
ROWS = (
    *upload_form.VERDICTS[:4],
    Column("weight", "weight", "figure"),
    Column("quantity", "quantity", "figure"),
    Column("reason", "reason", "wide"),
)
FIRST = ("isin", "symbol", "name", "weight", "quantity", "account", "note")
NO_LIST, NEW = "none ", "a new list "  # names of lists never end with a blank
EDITABLE = 2_000
FAILED = "watchlists_failed"
MEMBERS = (
    Column("named", "instrument", "link"),
    Column("name", "name"),
    Column("asset_class", "kind"),
    Column("weight", "weight", "figure", total=True),
    Column("quantity", "quantity", "figure"),
    Column("last", "last", "money"),
    Column("date", "session", "session"),
    Column("move", "move", "move", hint="total return of the session; rates: change of the level"),
    Column("sigmas", "move in σ", "bar", digits=1, hint="move ÷ its own volatility of 60 sessions"),
    Column("tags", "tags"),
    Column("note", "note", "wide"),
)
GIVEN = ("weight", "quantity", "tags", "note")  # shown where a member has one
VERSIONS = (
    Column("version", "version", "count"),
    Column("at", "since", "instant"),
    Column("author", "by"),
    Column("members", "members", "count"),
    Column("what", "what", "wide"),
)


def attempt(what: str, change: Any) -> Any:
    """Do it, or keep the sentence for the next drawing."""
    try:
        return change()
    except WorkstationError as error:
        st.session_state[FAILED] = explain(error, what)
        return None


def contents(watchlist: Watchlist) -> None:
    """The members with what is known of them at the clock."""
    listed = without_formulas(watchlist)
    weights = _weights(watchlist)
    count = "1 member" if len(watchlist.members) == 1 else f"{len(watchlist.members):,} members"
    Panel(
        watchlist.name,
        f"{count}{weights}",
        ("prices", "instruments"),
        "This list has no member.",
        draws_empty=True,
    ).show(market.market, lambda answer: _members(answer, listed), symbols=list(listed.symbols))
    formulas_panel(watchlist, current().view.zone)


def _weights(watchlist: Watchlist) -> str:
    """Their sum, and of how many members where not all have one."""
    known = [member.weight for member in watchlist.members if member.weight is not None]
    if not known:
        return ""
    of_all = "" if len(known) == len(watchlist.members) else f"{len(known):,} "
    return f" · {of_all}weights add up to {plain_number(math.fsum(known), 4)}"


def _members(answer: Answer, watchlist: Watchlist) -> str:
    known = {row["symbol"]: row for row in answer.frame.iter_rows(named=True)}
    untraded = [symbol for symbol in watchlist.symbols if symbol not in known]
    names = {
        symbol: {"ticker": row["code"], "name": row["label"]}
        for symbol, row in known_instruments(untraded).items()
    }
    rows = [
        _row(member, known.get(member.symbol) or names.get(member.symbol, {}))
        for member in watchlist.members
    ]
    empty = {name for name in GIVEN if all(row[name] is None for row in rows)}
    columns = [column for column in MEMBERS if column.name not in empty]
    shown = table(rows, columns, caption=watchlist.name)
    said = _untraded(len(untraded))
    if len(rows) > MOST:
        said = f"{said}; the first {MOST} are shown, the download has all".removeprefix("; ")
    return f'{shown}<div class="b-note">{said}</div>' if said else shown


def _untraded(count: int) -> str:
    """How many have no figures, and why."""
    if not count:
        return ""
    have = "1 of them has" if count == 1 else f"{count:,} of them have"
    return f"{have} no price within ten days of the clock, so no figures are shown"


def _row(member: Member, found: Mapping[str, Any]) -> dict[str, Any]:
    is_rate = found.get("asset_class") == "rate"
    moved = found.get("change") if is_rate else found.get("total_return")
    text = "" if moved is None else f"{moved:+.3f}" if is_rate else f"{100 * moved:+.2f} %"
    to = address("instrument", id=member.symbol)
    return {
        "named": {"text": found.get("ticker") or member.symbol, "to": to},
        "name": found.get("name"),
        "asset_class": found.get("asset_class"),
        "weight": member.weight,
        "quantity": member.quantity,
        "last": last_price(found),
        "date": found.get("date"),
        "move": {"value": moved, "text": text},
        "sigmas": found.get("sigmas"),
        "tags": ", ".join(member.tags) or None,
        "note": member.note or None,
    }


def _made(
    make: Callable[[pl.DataFrame, dict[str, str]], bytes],
    watchlist: Watchlist,
    about: dict[str, str],
) -> bytes:
    """A list as a file, made when it is asked for."""
    return make(to_frame(watchlist), about)


def actions(state: State, watchlist: Watchlist) -> None:
    """Download, restore a version, rename and delete; changes are made at Now."""
    run = current()
    about = run.about(watchlist.name) | {"version": str(watchlist.version)}
    stem = f"{run.settings.workspace} {watchlist.name}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for label, make in (("CSV", exports.to_csv), ("Parquet", exports.to_parquet)):
            st.download_button(
                label,
                partial(_made, make, watchlist, about),
                exports.file_name(stem, f"v{watchlist.version}", label.lower()),
                key=f"watchlists_get_{label}",
                on_click="ignore",
            )
        link("heatmaps", label="Heatmap of this list", **{"class": "all", "list": watchlist.name})
        if not run.view.is_now:
            return
        st.button(
            "Undo",
            icon=":material/undo:",
            key="watchlists_undo",
            on_click=attempt,
            args=("undo", lambda: watchlists.undo(state, watchlist.id, edit=signed_edit())),
            disabled=watchlist.version < 2,
            help="one step back",
        )
        with st.popover("Rename or delete", key="watchlists_more"):
            title = st.text_input("Another name", key=f"watchlists_rename_{watchlist.id}")
            st.button(
                "Rename",
                key="watchlists_do_rename",
                disabled=not title.strip(),
                on_click=rename,
                args=(state, watchlist, title),
            )
            st.button(
                "Delete from now on",
                key="watchlists_delete",
                on_click=remove,
                args=(state, watchlist),
            )


def rename(state: State, watchlist: Watchlist, title: str) -> None:
    """The list under another name, which the address takes along."""
    done = attempt(
        "rename", lambda: watchlists.rename(state, watchlist.id, title, edit=signed_edit())
    )
    if done is not None:
        st.query_params["list"] = done.name


def remove(state: State, watchlist: Watchlist) -> None:
    """Gone from now on; at earlier clocks it is still there."""
    attempt("delete", lambda: watchlists.delete(state, watchlist.id, edit=signed_edit()))
    st.query_params.pop("list", None)


def grid(state: State, watchlist: Watchlist) -> None:
    """Edit the members in place."""
    if len(watchlist.members) > EDITABLE:
        st.caption(f"More than {EDITABLE:,} members are changed by a file rather than by hand.")
        return
    called = instrument_titles(watchlist.symbols)
    given = to_frame(watchlist).insert_column(1, pl.Series("called", called, dtype=pl.String))
    key = f"watchlists_grid_{watchlist.id}_{watchlist.version}"
    changed = st.data_editor(
        given,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        row_height=28,
        column_config={
            "symbol": st.column_config.TextColumn(
                "id", help="in a new row also a name, a ticker or an ISIN"
            ),
            "called": st.column_config.TextColumn("instrument", disabled=True),
            "note": st.column_config.TextColumn(width="large"),
        },
        alt="the members of the list, to be changed",
    )
    table_changed_meanwhile(watchlist, is_changed=not changed.equals(given))
    if changed.equals(given):
        st.caption("Change cells, add rows at the end, or delete rows; nothing is kept until Save.")
        return
    if st.button("Save as a new version", type="primary", key="watchlists_save_grid"):
        save_grid(state, watchlist, changed)


def save_grid(state: State, watchlist: Watchlist, changed: pl.DataFrame) -> None:
    """Every changed row must name one instrument; else nothing is kept, and why is said."""
    old = set(watchlist.symbols)
    words = [str(word or "").strip() for word in changed["symbol"]]
    try:
        formulas = {word: formula_symbol(word) for word in words if word.startswith(MARK)}
        named = {word for word in words if word and word not in old and word not in formulas}
        meant = upload_form.meant(sorted(named)) | formulas
        kept = [
            Member(
                word if word in old else meant[word],
                row["weight"],
                row["quantity"],
                tuple(tag.strip() for tag in (row["tags"] or "").split("|") if tag.strip()),
                row["note"] or "",
            )
            for word, row in zip(words, changed.iter_rows(named=True), strict=True)
            if word
        ]
        watchlists.save(state, watchlist.id, kept, edit=signed_edit("edited in the grid"))
    except WorkstationError as error:
        say(explain(error, "save"), "error")
        return
    st.rerun()


def versions(state: State, watchlist: Watchlist) -> None:
    """What the list was before."""
    run = current()
    moment = now() if run.view.is_now else run.view.as_of
    past = watchlists.history(state, watchlist.id, as_of=moment)[:40]
    rows = [
        {
            "version": item.version,
            "at": item.created_at,
            "author": item.author,
            "members": len(item.members),
            "what": item.note
            or (f"version {item.restored_from} again" if item.restored_from else ""),
        }
        for item in past
    ]
    st.html(table(rows, VERSIONS, caption="Versions", zone=run.view.zone))
    with st.container(horizontal=True, gap="small"):
        for item in past[1:6]:
            link(
                "watchlists",
                label=f"as it was in version {item.version}",
                list=item.name,
                as_of=iso(item.created_at),
            )


def list_row(verdict: RowVerdict) -> dict[str, Any]:
    """A row as it was understood, before the list is saved."""
    member = verdict.member
    return upload_form.plain_row(verdict) | {
        "weight": member.weight if member is not None else None,
        "quantity": member.quantity if member is not None else None,
    }


def importer(state: State, lists: Mapping[str, Watchlist]) -> None:
    """Import a table: see the result of each row, then save the list."""
    upload = upload_form.bring("watchlists", "NYSE:F\nVOD.L\nUS0378331005")
    if upload is None:
        return
    form = upload_form.Form(LIST_ROLES, NUMERIC, FIRST, takes_formulas=True)
    understood = upload_form.understand("watchlists", upload, form)
    if understood is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        target = st.selectbox("Save in", [NEW, *lists], key="watchlists_target", width=220)
        title = (
            st.text_input(
                "Name of the list", upload.name, width=300, key=f"watchlists_title_{upload.key}"
            )
            if target == NEW
            else target
        )
    watchlist = lists.get(target)
    verdicts = check_list(upload.table, *understood, watchlist.members if watchlist else ())
    upload_form.questions("watchlists", upload, verdicts)
    upload_form.file_questions("watchlists", upload, verdicts, lambda question: None)
    tally = counts(verdicts)
    upload_form.report(verdicts, tally, ROWS, list_row)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        ready = tally["accepted"] > 0 and bool(title.strip())
        label = f"Save {tally['accepted']:,} of {len(verdicts):,}"
        if st.button(label, type="primary", disabled=not ready, key="watchlists_keep"):
            keep(state, watchlist, title, members(verdicts))
        upload_form.download_verdicts("watchlists", upload, verdicts)
        if not tally["accepted"]:
            st.caption("All rows are duplicates." if tally["duplicate"] else "No row can be saved.")
        elif not title.strip():
            st.caption("Give the list a name.")


def keep(state: State, watchlist: Watchlist | None, title: str, found: list[Member]) -> None:
    """Write the list, in one step; then show it."""
    try:
        if watchlist is None:
            done = watchlists.create(state, title, found, edit=signed_edit("imported"))
        else:
            done = watchlists.add_members(state, watchlist.id, found, edit=signed_edit("imported"))
    except WorkstationError as error:
        say(explain(error, "save"), "error")
        return
    upload_form.done("watchlists")
    st.query_params["list"] = done.name
    st.rerun()


def choose_list(names: list[str], *, has_new: bool) -> str:
    """The list that the address names, or the only one; and the button of a new one."""
    first = names[1] if len(names) == 2 else NO_LIST
    named, problem = choice("list", "watchlists_list", names, first)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Watchlist",
            names,
            key="watchlists_list",
            on_change=tell_url,
            args=("list", "watchlists_list", first),
            width=300,
        )
        if has_new:
            new_list_button()
    if problem:
        say(Trouble(problem, "It may not have existed at this clock."), "partial")
    return named


def chosen_list(state: State, watchlist: Watchlist) -> None:
    """A list: what is in it, what changes it, and what it was."""
    name_tab(watchlist.name)
    contents(watchlist)
    actions(state, watchlist)
    if current().view.is_now:
        with st.expander("Edit the members", key=f"watchlists_edit_{watchlist.id}"):
            member_boxes(state, watchlist)
            add_formula(state, watchlist)
            grid(state, watchlist)
    with st.expander("Versions", key="watchlists_versions"):
        versions(state, watchlist)


def page() -> None:
    """Choose a list, look at it, change it, make or import another."""
    run = current()
    state, lists = run.services.state, known_lists(run)
    is_now = run.view.is_now
    named = choose_list([NO_LIST, *lists], has_new=is_now and state is not None)
    if trouble := st.session_state.pop(FAILED, None):
        say(trouble, "error")
    if state is None:
        return
    if is_now:
        new_list(state)
    watchlist = lists.get(named)
    if watchlist is not None:
        chosen_list(state, watchlist)
    elif not lists:
        none = ("No watchlists yet.", "Press New list, or import one below.")
        then = ("No watchlist existed at this time.", "Press Now to make one.")
        say(Trouble(*(none if is_now else then)), "empty")
    if is_now:
        is_named = watchlist is not None and "list" in st.query_params
        with st.expander("Import watchlist", expanded=not is_named, key="watchlists_bring"):
            importer(state, lists)
    else:
        st.caption("Lists are changed at Now; this is how they stood at the clock.")


page()
