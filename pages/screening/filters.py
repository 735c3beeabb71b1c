"""Filters of the screen, all of them in the address: words, ranges, a place, a list, peers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from analytics.companies.screen_text import PLACE_SHARE, RANGED, Bounds, ScreenText
from analytics.core.catalogue import find
from data.errors import ConfigError, WorkstationError
from pages.filings.team_edits import value_word
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.links import plain
from pages.frame.lists import known_lists
from pages.frame.panel import say
from pages.frame.run import current
from pages.screening.columns import COLUMNS
from pages.screening.words import place_words, range_words
from pages.search.directory import companies_of, company_names, country_names

ALL = "all"
WHERE, PEERS = "where", "peers"  # in the address: ranges and a place; the company of peers
FIGURE, LOW, HIGH, PLACE = (f"companies_new_{name}" for name in ("figure", "low", "high", "place"))
ODD = "companies_new_odd"


@dataclass(frozen=True, slots=True)
class ScreenChoice:
    """What the page shows: the text of the screen, and a list or the peers of a company."""

    text: str = ""
    list_name: str = ""
    peers_of: str = ""
    companies: list[str] | None = None


def screen_choice() -> ScreenChoice:
    """The rows of filters, and what they say."""
    known = cached(find("company_screen").call, current().at).frame
    screen = _read_where()
    facets = dict(screen.facets)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, label, every in (
            ("sector", "Sector", "All sectors"),
            ("country", "Country", "All countries"),
        ):
            if (value := _facet(name, label, every, sorted({*known[name].drop_nulls()}))) != ALL:
                facets[name] = value
        lists = known_lists(current())
        named = ALL
        if lists:
            named = pick("companies", "list", "Watchlist", [ALL, *lists], ALL, width=200)
    companies = None
    if named != ALL:
        companies = companies_of(lists[named].symbols)
    _range_row()
    _chosen(screen)
    peers_of, peers = _peers()
    if peers is not None:
        companies = [one for one in peers if companies is None or one in companies]
    text = replace(screen, facets=facets).text()
    return ScreenChoice(text, "" if named == ALL else named, peers_of, companies)


def _facet(name: str, label: str, every: str, values: list[str]) -> str:
    words = {ALL: every} | {value: value_word(name, value) for value in values}
    return pick(
        "companies",
        name,
        label,
        [ALL, *values],
        ALL,
        format_func=words.__getitem__,
        width=220,
    )


def _read_where() -> ScreenText:
    """Ranges and a place of the address; what is no filter is said and left out."""
    try:
        return ScreenText.read(st.query_params.get(WHERE, ""))
    except ConfigError as error:
        say(Trouble(sentence(str(error)), "Remove it from the address, or add it below."), "error")
        return ScreenText()


def _range_row() -> None:
    """A figure with its range, to be added to the filters."""
    figures = [name for name in RANGED if name in COLUMNS]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        figure = st.selectbox(
            "Filter by",
            [*figures, PLACE_SHARE],
            key=FIGURE,
            format_func=lambda name: COLUMNS[name].named,
            width=260,
        )
        if figure == PLACE_SHARE:
            names = country_names()
            codes = sorted(names, key=names.__getitem__)
            st.selectbox("Place", codes, key=PLACE, format_func=names.__getitem__, width=220)
        unit = COLUMNS[figure].unit
        for key, label in ((LOW, "From"), (HIGH, "To")):
            st.number_input(
                f"{label}, {unit}" if unit else label,
                value=None,
                key=key,
                format="%g",
                step=None,
                width=110,
            )
        st.button("Add filter", key="companies_add", icon=":material/add:", on_click=_add)
    if odd := st.session_state.pop(ODD, None):
        say(odd, "partial")


def _add() -> None:
    """Callback: the range that was typed goes into the address, in place of one of that figure."""
    figure = str(st.session_state[FIGURE])
    ends: list[Any] = [st.session_state[LOW], st.session_state[HIGH]]
    low, high = (None if end is None else end / COLUMNS[figure].size for end in ends)
    try:
        bounds = Bounds.read(Bounds(low, high).text(), COLUMNS[figure].label)
        screen = ScreenText.read(st.query_params.get(WHERE, ""))
    except ConfigError as error:
        st.session_state[ODD] = Trouble(sentence(str(error)), "Give one end of the range, or both.")
        return
    if figure == PLACE_SHARE:
        screen = replace(screen, place=str(st.session_state[PLACE]), part=bounds)
    else:
        screen = replace(screen, ranges={**screen.ranges, figure: bounds})
    _tell(screen)
    st.session_state[LOW] = st.session_state[HIGH] = None


def _chosen(screen: ScreenText) -> None:
    """A button for each filter that takes it away."""
    labels = {name: range_words(name, bounds) for name, bounds in screen.ranges.items()}
    if place := " ".join(place_words(screen, country_names())):
        labels[PLACE_SHARE] = place
    if not labels:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, label in labels.items():
            st.button(
                plain(label),
                key=f"companies_drop_{name}",
                icon=":material/close:",
                help="Remove this filter",
                on_click=_drop,
                args=(screen, name),
            )


def _drop(screen: ScreenText, name: str) -> None:
    if name == PLACE_SHARE:
        _tell(replace(screen, place="", part=None))
        return
    _tell(replace(screen, ranges={key: of for key, of in screen.ranges.items() if key != name}))


def _tell(screen: ScreenText) -> None:
    if text := screen.text():
        st.query_params[WHERE] = text
    else:
        st.query_params.pop(WHERE, None)


def _peers() -> tuple[str, list[str] | None]:
    """The company of the address with its peers: the nearest of its sector by size."""
    company = st.query_params.get(PEERS, "").strip()
    if not company:
        return "", None
    names = company_names()
    try:
        found = cached(find("company_peers").call, current().at, company=company).frame
    except WorkstationError as error:
        say(explain(error, "peers"), "partial")
        return "", None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(f"{names.get(company, company)} and the nearest of its sector by size"))
        st.button("Show all companies", key="companies_no_peers", on_click=_no_peers)
    return company, found["company"].to_list()


def _no_peers() -> None:
    st.query_params.pop(PEERS, None)
