"""The universe of a page: kind, sector, country or watchlist, chosen once, kept in the address.

A watchlist is taken as it was at the clock, or said not to have existed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.universe import FACETS
from analytics.markets import market
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.links import choice, tell_url
from pages.frame.lists import known_lists
from pages.frame.panel import say
from pages.frame.run import PageRun, current
from pages.search.pickers import country_labels

EVERY = "all"
LABELS = {"class": "Kind", "sector": "Sector", "country": "Country"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen: as parameters of an analytic, and in words."""

    universe: str
    symbols: list[str] | None
    label: str

    @property
    def params(self) -> dict[str, Any]:
        """For every analytic that takes a universe."""
        return {"universe": self.universe, "symbols": self.symbols}


def choose(default: str = "equity") -> Chosen:
    """Draw the choices, one after the other, and give what the address says."""
    run = current()
    known = _known(run)
    wanted: dict[str, str] = {}
    for facet, name in FACETS.items():
        narrowed = known.filter(*(pl.col(FACETS[f]) == value for f, value in wanted.items()))
        options = [EVERY, *narrowed[name].drop_nulls().unique().sort().to_list()]
        first = default if facet == "class" and default in options else EVERY
        if value := _pick(facet, options, first):
            wanted[facet] = value
    lists = known_lists(run)
    asked = "list" in st.query_params
    picked = lists.get(_pick("list", [EVERY, *lists], EVERY) or "") if lists or asked else None
    text = ";".join(f"{facet}:{value}" for facet, value in wanted.items())
    words = [*wanted.values(), *([f"list {picked.name}"] if picked else [])]
    symbols = list(picked.symbols) if picked else None
    return Chosen(text, symbols, " · ".join(words) or "all instruments")


def _pick(name: str, options: list[str], default: str) -> str | None:
    key = f"universe_{name}"
    value, problem = choice(name, key, options, default)
    shown = country_labels(options) if name == "country" else {}
    st.selectbox(
        LABELS.get(name, "Watchlist"),
        options,
        key=key,
        on_change=tell_url,
        args=(name, key, default),
        width=190,
        format_func=lambda option: shown.get(option, option),
    )
    if problem:
        say(Trouble(problem, "It may not have been known at this clock."), "partial")
    return None if value == EVERY else value


def _known(run: PageRun) -> pl.DataFrame:
    """Kinds, sectors and countries; none where the lake cannot be read."""
    try:
        return cached(market.market_groups, run.at).frame
    except Exception as error:  # noqa: BLE001 - the panels say it too; explain() logs it
        explain(error, "universe")
        return pl.DataFrame(schema=dict.fromkeys(FACETS.values(), pl.String))
