"""The formulas of a watchlist: their last values at the clock, and a box that adds one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from analytics.formulas.values import MOST_FORMULAS, formula_values, formulas_in
from data.errors import WorkstationError
from data.query import Answer
from data.state import watchlists
from data.state.db import State
from data.state.watchlists import Member, Watchlist
from pages.desk.formula_field import formula_field
from pages.frame.errors import explain
from pages.frame.figures import decimals, written
from pages.frame.links import address
from pages.frame.panel import Drawn, Panel, say
from pages.frame.reader import signed_edit
from pages.frame.tables import Column, table

COLUMNS = (
    Column("named", "formula", "name", hint="opens its chart"),
    Column("last", "last", "money", hint="in the unit of the formula"),
    Column("date", "date", "day"),
    Column("change", "change", "move", hint="against the value before it, in the same unit"),
    Column("known_at", "known", "instant"),
    Column("late", "late parts", hint="their last value is too old: an alert rule waits for them"),
    Column("problem", "why there is no value", "wide"),
)
OPTIONAL = ("late", "problem")
NEEDS = ("prices", "instruments", "macro", "series")


def formulas_panel(watchlist: Watchlist, zone: str) -> None:
    """Each formula of the list with its last value; nothing where the list has none."""
    every = formulas_in(watchlist.symbols)
    if not every:
        return
    texts = every[:MOST_FORMULAS]
    unit = "last values at the clock"
    unit += f" · the first {len(texts)} of {len(every):,}" if len(every) > len(texts) else ""

    def draw(answer: Answer) -> Drawn:
        rows = [_row(row) for row in answer.frame.iter_rows(named=True)]
        empty = {name for name in OPTIONAL if not answer.frame[name].count()}
        columns = [column for column in COLUMNS if column.name not in empty]
        return table(rows, columns, caption="Formulas", zone=zone)

    Panel("Formulas", unit, NEEDS, draws_empty=True).show(formula_values, draw, texts=texts)


def without_formulas(watchlist: Watchlist) -> Watchlist:
    """The list with its instruments alone."""
    formulas = {f"={text}" for text in formulas_in(watchlist.symbols)}
    members = tuple(item for item in watchlist.members if item.symbol not in formulas)
    return replace(watchlist, members=members)


def add_formula(state: State, watchlist: Watchlist) -> None:
    """A box for one formula, and the button that makes it a member of the list."""
    key = f"watchlists_formula_{watchlist.id}_{watchlist.version}"
    found = formula_field(key, "Add a formula")
    if not found:
        return
    if found[0] in watchlist.symbols:
        st.caption("The list has this formula already.")
        return
    if st.button("Add formula", key="watchlists_add_formula"):
        try:
            new = [Member(found[0])]
            watchlists.add_members(state, watchlist.id, new, edit=signed_edit("formula added"))
        except WorkstationError as error:
            say(explain(error, "save"), "error")
            return
        st.rerun()


def _row(row: dict[str, Any]) -> dict[str, Any]:
    change, digits = row["change"], decimals([row["value"], row["previous"]])
    return {
        "named": {"text": row["text"], "to": address("instrument", f=row["text"])},
        "last": {"value": row["value"], "unit": row["unit"]},
        "date": row["date"],
        "change": {
            "value": change,
            "text": "" if change is None else written(change, digits, sign=True),
        },
        "known_at": row["known_at"],
        "late": row["late"],
        "problem": row["problem"],
    }
