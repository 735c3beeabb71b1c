"""What a macro shock is: changes of demand by place and of currencies, and what they act through.

The address has it as `demand` and `fx`, in percent as in `USA:-10;DEU:-5`, `elasticity` and
`margin`. A saved scenario keeps `MacroChoice.params` and opens with `MacroChoice.query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics.companies.macro_impact import changes_in_percent
from analytics.companies.places import UNDISCLOSED
from analytics.core.catalogue import find
from data.errors import ConfigError
from pages.filings.places_view import place_word
from pages.frame.cached import cached
from pages.frame.controls import number, pick
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.run import current
from pages.search.directory import country_names

DEMAND, FX, PAGE = "demand", "fx", "company"
FIRST_DEMAND, FIRST_FX = -10.0, 10.0  # of a place and of a currency that was just chosen, %
LEAST, MOST_CHANGE = -99.0, 900.0
MOST = 10  # places, and currencies
MAJORS = ("USD", "EUR", "JPY", "GBP", "CHF", "CNY", "CAD", "AUD", "INR", "BRL", "MXN", "KRW")
OWN = "own"
MARGINS = {OWN: "gross margin, else 30 %"} | {
    str(percent): f"{percent} %" for percent in (10, 20, 30, 40, 50, 100)
}


@dataclass(frozen=True, slots=True)
class MacroChoice:
    """A shock as it was chosen, in percent; `margin` is none where each company has its own."""

    demand: Mapping[str, float]
    currencies: Mapping[str, float]
    elasticity: float = 1.0
    margin: float | None = None

    def params(self) -> dict[str, Any]:
        """What the analytics of a shock are called with, but for the companies and the margin."""
        return {
            "demand": text_of(self.demand),
            "currencies": text_of(self.currencies),
            "elasticity": self.elasticity,
        }

    def query(self) -> dict[str, str]:
        """The part of the address that says it."""
        return {
            "view": "macro",
            DEMAND: text_of(self.demand),
            FX: text_of(self.currencies),
            "elasticity": f"{self.elasticity:g}",
            "margin": OWN if self.margin is None else f"{100 * self.margin:g}",
        }

    def words(self) -> str:
        """`demand in Germany -5 %, EUR +10 %`."""
        parts = [f"demand in {place_word(name)} {size:+g} %" for name, size in self.demand.items()]
        parts += [f"{name} {size:+g} %" for name, size in self.currencies.items()]
        return ", ".join(parts).replace("-", "−")


def text_of(changes: Mapping[str, float]) -> str:
    """As the address and the analytics have it, in the order of names."""
    return ";".join(f"{name}:{size:.12g}" for name, size in sorted(changes.items()))


def macro_form(company: str) -> MacroChoice | None:
    """The boxes; none while nothing changes."""
    places, currencies = _offered(company)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        demand = _chosen(DEMAND, "Change of demand in", places, _first(company), FIRST_DEMAND)
        fx = _chosen(FX, "Change of currencies", currencies, {}, FIRST_FX)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        changed = _sizes(DEMAND, demand, places)
        moved = _sizes(FX, fx, currencies)
        elasticity = number(PAGE, "elasticity", "Elasticity of revenue", 1.0, among=(0.0, 5.0))
        margin = pick(
            PAGE,
            "margin",
            "EBIT per change of revenue",
            list(MARGINS),
            OWN,
            format_func=MARGINS.__getitem__,
            width=210,
        )
    if not changed and not moved:
        say(Trouble("Nothing changes.", "Choose a place or a currency above."), "empty")
        return None
    return MacroChoice(changed, moved, elasticity, None if margin == OWN else float(margin) / 100)


def _offered(company: str) -> tuple[dict[str, str], dict[str, str]]:
    """Places and currencies with their names, those of the company first."""
    frame = cached(find("company_currencies").call, current().at, company=company).frame
    own = [place for row in frame["places"] for place in row if place != UNDISCLOSED]
    names = country_names()
    places = {place: place_word(place) for place in own}
    places |= {code: names[code] for code in sorted(names, key=names.__getitem__)}
    codes = dict.fromkeys([*frame["currency"].drop_nulls(), *frame["reported"], *MAJORS])
    return places, {code: code for code in codes if code}


def _first(company: str) -> dict[str, float]:
    """The largest place that the filing names, where the address says nothing."""
    frame = cached(find("company_places").call, current().at, company=company, top=1).frame
    named = [row["place"] for row in frame.to_dicts() if row["place"] != UNDISCLOSED]
    return {named[0]: FIRST_DEMAND} if named else {}


def _chosen(
    name: str, label: str, offered: dict[str, str], first: Mapping[str, float], size: float
) -> dict[str, float]:
    """The changes of the address, and the box in which places or currencies are chosen."""
    asked: Mapping[str, float] = first
    if name in st.query_params:
        try:
            asked = changes_in_percent(name, st.query_params[name])
        except ConfigError as error:
            say(explain(error, "macro impact"), "partial")
    found = dict(list(asked.items())[:MOST])
    offered |= {key: place_word(key) for key in found if key not in offered}
    labels = dict(offered)
    key = f"{PAGE}_{name}_names"
    st.session_state[key] = list(found)
    st.multiselect(
        label,
        list(labels),
        key=key,
        format_func=lambda code: labels.get(code, code),
        max_selections=MOST,
        on_change=_choose,
        args=(name, found, size),
    )
    return found


def _choose(name: str, before: Mapping[str, float], size: float) -> None:
    chosen = st.session_state[f"{PAGE}_{name}_names"]
    st.query_params[name] = text_of({key: before.get(key, size) for key in chosen})


def _sizes(name: str, found: dict[str, float], labels: Mapping[str, str]) -> dict[str, float]:
    """A box for the size of each change."""
    for place, size in found.items():
        key = f"{PAGE}_{name}_{place}"
        st.session_state[key] = min(max(size, LEAST), MOST_CHANGE)
        st.number_input(
            f"{labels.get(place, place)}, %",
            LEAST,
            MOST_CHANGE,
            key=key,
            format="%g",
            step=1.0,
            width=150,
            on_change=_resize,
            args=(name, found),
        )
    return found


def _resize(name: str, found: Mapping[str, float]) -> None:
    sizes = {place: float(st.session_state[f"{PAGE}_{name}_{place}"]) for place in found}
    st.query_params[name] = text_of(sizes)
