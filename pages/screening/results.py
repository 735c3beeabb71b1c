"""The table of companies, and what is made of its result: a watchlist, an alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from analytics.companies.screen import screen_rows
from analytics.companies.screen_text import FACETS, PLACE_SHARE, ScreenText
from analytics.core.catalogue import find
from data.errors import ConfigError, WorkstationError
from data.query import Answer, At
from data.state import watchlists
from data.state.db import State
from data.state.watchlists import Member
from pages.filings.ratios_view import REASONS
from pages.filings.team_edits import with_filed
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.links import address, link
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.run import current
from pages.frame.tables import MOST, Absent, Column, table
from pages.screening.columns import COLUMNS, TECHNICAL
from pages.screening.filters import ScreenChoice
from pages.screening.saved import attempt
from pages.screening.words import screen_words
from pages.search.directory import country_names

FEW = 5  # companies with a figure, from which on their places say something
MONTH = timedelta(days=30)
LIST_NAME = "companies_list_name"


def result_table(answer: Answer, columns: Sequence[str], choice: ScreenChoice) -> str:
    """The rows as they are ordered, with the place of each figure among all that are shown."""
    frame, names = answer.frame, country_names()
    place = ScreenText.read(choice.text).place
    if place and PLACE_SHARE not in columns:
        columns = _with_place(columns)
    # Of fewer a place among them says nothing, so the figure stands alone.
    tinted = [n for n in columns if COLUMNS[n].kind == "tinted" and frame[n].count() >= FEW]
    shares = {name: _share(frame, name) for name in tinted}
    rows = [
        _row(row, columns, {name: shares[name][at] for name in tinted})
        for at, row in enumerate(frame.head(MOST).iter_rows(named=True))
    ]
    heads = [_head(name, names.get(place, place), name in tinted) for name in columns]
    old = Column("old", "", hint="accounts that ended more than 18 months ago")
    drawn = table(rows, (Column("named", "company", "name"), *heads, old), caption="Companies")
    count = "1 company" if frame.height == 1 else f"{frame.height:,} companies"
    more = f" The first {MOST} are shown." if frame.height > MOST else ""
    return f'{drawn}<div class="b-note">{count}.{more}</div>'


def _with_place(columns: Sequence[str]) -> list[str]:
    """With the part of revenue in the place of the filter, beside the size of the company."""
    size = "market_value_usd"
    at = list(columns).index(size) + 1 if size in columns else len(columns)
    return [*columns[:at], PLACE_SHARE, *columns[at:]]


def _head(name: str, place: str, is_tinted: bool) -> Column:
    column = COLUMNS[name]
    label = f"revenue in {place}, %" if name == PLACE_SHARE and place else column.head
    kind = "number" if column.kind == "tinted" and not is_tinted else column.kind
    return Column(name, label, kind, digits=column.digits, hint=column.hint)


def _row(
    row: Mapping[str, Any],
    columns: Sequence[str],
    shares: Mapping[str, float | None],
) -> dict[str, Any]:
    why = _reasons(row)
    drawn: dict[str, Any] = {}
    for name in columns:
        value, column = row[name], COLUMNS[name]
        if name in FACETS and value is not None and f"filed_{name}" in row:
            value = with_filed(row, name)
        elif value is None:
            value = Absent(_why(name, row, why))
        elif name in shares:
            value = {"value": value * column.size, "share": shares[name]}
        elif column.kind in ("tinted", "number"):
            value = value * column.size
        drawn[name] = value
    drawn["named"] = {
        "text": with_filed(row, "name") or row["company"],
        "to": address("company", id=row["company"]),
    }
    drawn["old"] = "old" if row["is_old"] else ""
    return drawn


def _why(name: str, row: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    """Why a company has no figure."""
    if name in reasons:
        return reasons[name]
    if name in TECHNICAL:
        short = "the share has too few sessions at this clock"
        return REASONS["no_price"] if row["price_date"] is None else short
    if name == PLACE_SHARE:
        return "no place is chosen, or the company states no revenue there"
    return "not known"


def _reasons(row: Mapping[str, Any]) -> dict[str, str]:
    """Why ratios of a company are missing, by name."""
    pairs = (part.partition(":") for part in (row["reasons"] or "").split(",") if part)
    return {name: REASONS.get(reason, reason.replace("_", " ")) for name, _, reason in pairs}


def _share(frame: pl.DataFrame, name: str) -> pl.Series:
    """Where each company stands among those shown that have the figure, from 0 to 1."""
    return (frame[name].rank("average") - 1) / (frame[name].count() - 1)


def result_actions(state: State, choice: ScreenChoice) -> None:
    """A watchlist of what is shown, and an alert on the screen."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Name of the watchlist",
            key=LIST_NAME,
            placeholder=_list_name(choice),
            max_chars=80,
            width=300,
        )
        st.button(
            "Save as watchlist",
            key="companies_list_save",
            on_click=attempt,
            args=("watchlist", partial(_save_list, state, choice)),
            help="the shares of these companies, as they are at the clock",
        )
        if choice.text:
            fields = {"new": "yes", "screen": choice.text}
            fields |= {"list": choice.list_name} if choice.list_name else {}
            for metric, label in (
                ("screen_entered", "Alert when a company enters"),
                ("screen_left", "Alert when one leaves"),
            ):
                link("alerts", label=label, **fields, metric=metric)
    if choice.text:
        _moves(choice)


def _list_name(choice: ScreenChoice) -> str:
    words = screen_words(choice.text, country_names())
    day = f"{current().view.as_of:%d %b %Y}"
    return f"{words[: 78 - len(day)]}, {day}"


def _save_list(state: State, choice: ScreenChoice) -> str:
    """A list of the shares that the screen has at the clock; it exists from now on."""
    title = str(st.session_state.get(LIST_NAME) or "").strip() or _list_name(choice)
    frame = _screened(choice, current().at)
    members = [
        Member(row["symbol"], note=row["name"])
        for row in frame.unique("symbol", maintain_order=True).iter_rows(named=True)
        if row["symbol"]
    ]
    if not members:
        raise ConfigError("no company of this screen has a share that is known at the clock")
    clock = f"{current().view.as_of:%Y-%m-%d %H:%M} UTC"
    words = screen_words(choice.text, country_names())
    made = watchlists.create(
        state, title, members, edit=signed_edit(f"screen of companies at {clock}: {words}"[:500])
    )
    st.session_state[LIST_NAME] = ""
    without = frame.height - len(members)
    left = f"; {without:,} without a share of their own are left out" if without else ""
    shares = "1 share" if len(members) == 1 else f"{len(members):,} shares"
    return f"{made.name} is saved with {shares}{left}."


def _screened(choice: ScreenChoice, at: At) -> pl.DataFrame:
    call = find("company_screen").call
    answer = cached(call, at, universe=choice.text, companies=choice.companies)
    return answer.frame


def _judged(choice: ScreenChoice, at: At) -> pl.DataFrame:
    """Each company of the choice and whether it is in the screen, null where that is not known."""
    return screen_rows(ScreenText.read(choice.text), at, choice.companies).frame


def _moves(choice: ScreenChoice) -> None:
    """How often an alert would have fired lately: who entered and who left in thirty days."""
    at = current().at
    try:
        now, before = (_judged(choice, moment) for moment in (at, at.earlier(at.as_of - MONTH)))
    except WorkstationError as error:
        say(explain(error, "moves"), "partial")
        return
    was_in, is_in = (set(one.filter("is_member")["company"]) for one in (before, now))
    # As for an alert: a company whose figure went missing has not left.
    is_out = set(now.drop_nulls("is_member")["company"]) - is_in
    entered, left = len(is_in - was_in), len(was_in & is_out)
    st.caption(f"In the {MONTH.days} days before the clock {entered} entered and {left} left.")
