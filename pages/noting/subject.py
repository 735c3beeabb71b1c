"""Of what a note is: an instrument or company, a country or a list, and whose positions count."""

from __future__ import annotations

import streamlit as st

from analytics.core.resolve import resolve
from analytics.notes.fact_pack import MOST_MEMBERS
from data.errors import WorkstationError
from data.state import positions
from data.state.note_requests import NoteSubject
from pages.desk.listed_formulas import without_formulas
from pages.frame.cached import cached
from pages.frame.controls import pick, segment
from pages.frame.errors import Trouble, explain
from pages.frame.links import choose_here
from pages.frame.lists import known_lists
from pages.frame.panel import nothing_known, say
from pages.frame.run import current
from pages.search.directory import country_names, instrument_titles
from pages.search.opening import a_broad_index, open_with
from pages.search.pickers import pick_country, pick_instrument
from pages.search.recents import remember

KINDS = {"instrument": "Instrument", "country": "Country", "list": "List"}
NO_BOOK = "none "  # names of portfolios never end with a blank
MOST_NAMED = 8


def choose_subject() -> NoteSubject | None:
    """The controls, and what they say; none where nothing is chosen or known, which is said."""
    asked = next((name for name in ("list", "country") if st.query_params.get(name)), "instrument")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = segment("notes", "of", "Note on", list(KINDS), asked, format_func=KINDS.__getitem__)
        found = {"instrument": _instrument, "country": _country, "list": _list}[kind]()
        portfolio = _portfolio() if found is not None else ""
    if found is None:
        return None
    entity, title, members = found
    return NoteSubject(kind, entity, title, members, portfolio, mode=current().view.mode)


Found = tuple[str, str, tuple[str, ...]]


def _instrument() -> Found | None:
    open_with("instrument", "id", a_broad_index)
    word = pick_instrument("notes", "id", "Instrument or company", width=420)
    if not word:
        say(nothing_known(current(), ["instruments"]), "empty")
        return None
    try:
        found = cached(resolve, current().at, words=[word]).frame["symbol"]
    except Exception as error:  # noqa: BLE001 - said where the note would stand
        say(explain(error, "instrument"), "error")
        return None
    symbols = [str(symbol) for symbol in found.unique(maintain_order=True)]
    if len(symbols) > 1:
        what = f"{word[:60]!r} means {len(symbols)} instruments."
        say(Trouble(what, "Which one?"), "partial")
        shown = symbols[:MOST_NAMED]
        for symbol, title in zip(shown, instrument_titles(shown), strict=True):
            choose_here("id", word, symbol, f"{title} · {symbol}")
        return None
    if symbols:
        remember("instrument", symbols[0])
    entity = symbols[0] if symbols else word  # a company is looked up with its facts
    return entity, entity, ()


def _country() -> Found | None:
    names = country_names()
    if not names:
        say(nothing_known(current(), ["countries"]), "empty")
        return None
    first = "USA" if "USA" in names else min(names)
    code = pick_country("notes", "country", "Country", sorted(names), first)
    return code, names[code], ()


def _list() -> Found | None:
    lists = known_lists(current())
    if not lists:
        say(Trouble("There is no list at this clock.", "Make one on Watchlists."), "empty")
        return None
    name = pick("notes", "list", "List", list(lists), next(iter(lists)), width=260)
    members = without_formulas(lists[name]).symbols
    if not members:
        say(Trouble(f"{name} has no instrument.", "Add members on Watchlists."), "empty")
        return None
    if len(members) > MOST_MEMBERS:
        what = f"{name} has {len(members):,} instruments; a note reads the first {MOST_MEMBERS}."
        say(Trouble(what, ""), "quiet")
    return name, name, tuple(members[:MOST_MEMBERS])


def _portfolio() -> str:
    """The portfolio whose positions are facts; none where the state has none at the clock."""
    run = current()
    if run.services.state is None:
        return ""
    try:
        books = list(positions.portfolios(run.services.state, as_of=run.view.as_of))
    except WorkstationError as error:
        explain(error, "positions")
        return ""
    if not books:
        return ""
    chosen = pick(
        "notes",
        "portfolio",
        "With the positions of",
        [NO_BOOK, *books],
        NO_BOOK,
        format_func=lambda book: "no portfolio" if book == NO_BOOK else book,
        width=190,
    )
    return "" if chosen == NO_BOOK else chosen
