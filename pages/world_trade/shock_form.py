"""What a shock is: who stops exporting what, how much of it, and on which year it is drawn up.

The address has it as `stops`, `goods` and `cut`; the year is that of the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.trade.editions import TOTAL
from analytics.trade.goods import product_label
from analytics.trade.reading import FIRST_YEAR
from analytics.trade.shock import checked_shock
from data.errors import ConfigError
from pages.frame.cached import cached
from pages.frame.controls import number
from pages.frame.errors import Trouble
from pages.frame.panel import say
from pages.frame.run import current
from pages.search.pickers import pick_countries
from pages.world_trade.choice import MANY, TradeChoice
from pages.world_trade.words import place_name

STOPS, GOODS, CUT = "stops", "goods", "cut"
KEY = "trade_goods"
MOST_EXPORTERS, MOST_PRODUCTS = 10, 10
CODE = re.compile(r"\d{1,6}|TOTAL")
WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class ShockChoice:
    """A shock as it was chosen: codes in their order, and the part of exports that is lost.

    `country` is that of the page, from whose reports the year was chosen, and `edition` that in
    which those who stop state the goods; neither is a part of the account.
    """

    exporters: tuple[str, ...]
    products: tuple[str, ...]
    cut: float
    year: int
    country: str = field(compare=False)
    edition: str | None = field(compare=False, default=None)

    def params(self) -> dict[str, Any]:
        """What the analytics of a shock are called with."""
        return {
            "exporters": list(self.exporters),
            "products": list(self.products),
            "cut": self.cut,
            "year": self.year,
        }

    def parameters(self) -> dict[str, object]:
        """As it is saved."""
        return self.params() | {"country": self.country, "edition": self.edition}

    def query(self) -> dict[str, str]:
        """The part of the address that says it."""
        return {
            STOPS: " ".join(self.exporters),
            GOODS: " ".join(self.products),
            CUT: f"{100 * self.cut:.12g}",  # as exact as it was typed: the link opens the same
            "year": str(self.year),
            "country": self.country,
        }

    def words(self) -> str:
        """`Russia stops exporting 27 · Mineral fuels and oils, 2021`."""
        who = ", ".join(place_name(code) for code in self.exporters)
        end = "" if len(self.exporters) > 1 else "s"
        verb = f"stop{end} exporting"
        if self.cut < 1:
            verb = f"export{end} {100 * self.cut:g} % less of"
        return f"{who} {verb} {goods_words(self.products, self.edition)}, {self.year}"


def goods_words(products: tuple[str, ...], edition: str | None = None) -> str:
    """Products by code and name."""
    return ", ".join(product_label(code, edition) for code in products)


def shock_of(parameters: Mapping[str, Any]) -> ShockChoice | None:
    """A shock as it was saved; none where it cannot be read."""
    try:
        found = ShockChoice(
            _codes(parameters["exporters"]),
            _codes(parameters["products"]),
            float(parameters["cut"]),
            int(parameters["year"]),
            str(parameters["country"]),
            None if parameters.get("edition") is None else str(parameters["edition"]),
        )
        checked_shock(list(found.exporters), list(found.products), found.cut)
    except (ConfigError, KeyError, OverflowError, TypeError, ValueError):
        return None
    return found if FIRST_YEAR <= found.year <= date.max.year else None


def _codes(words: object) -> tuple[str, ...]:
    """A list of codes as it was saved; a single word is none, nor are lists in lists."""
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise TypeError("no list of codes")
    return tuple(words)


def shock_form(choice: TradeChoice) -> ShockChoice | None:
    """The boxes; none while nobody stops, or nothing."""
    reporters = cached(find("trade_reporters").call, current().at, year=choice.year).frame
    codes = sorted(reporters["reporter"].to_list(), key=place_name)
    stops = pick_countries(
        "trade", STOPS, "Who stops exporting", codes, MOST_EXPORTERS, _first_exporter(choice, codes)
    )
    exporters = tuple(dict.fromkeys(code.upper() for code in stops))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        editions = _exported(choice, exporters)
        products = _products(choice, editions)
        cut = number("trade", CUT, "Part of exports lost, %", WHOLE, among=(1.0, WHOLE))
    if not exporters:
        say(Trouble("Nobody stops exporting.", "Choose one or several countries above."), "empty")
        return None
    if not products:
        say(Trouble("No goods are chosen.", "Choose what they stop exporting."), "empty")
        return None
    who, what = tuple(sorted(exporters)), tuple(sorted(products))
    edition = next((editions[code] for code in what if editions.get(code)), None)
    return ShockChoice(who, what, cut / 100, choice.year, choice.country, edition)


def _first_exporter(choice: TradeChoice, codes: list[str]) -> list[str]:
    """The partner from whom the page's country buys, else the country itself."""
    first = choice.partner if choice.flow == "import" and choice.partner else choice.country
    return [first] if first in codes else []


def _products(choice: TradeChoice, editions: Mapping[str, str | None]) -> list[str]:
    """One or several products, the largest export where none is chosen."""
    names = {code: product_label(code, edition) for code, edition in editions.items()}
    first = [choice.product or next(iter(names), "")]
    asked = list(dict.fromkeys(st.query_params.get(GOODS, "").replace(",", " ").split()))
    wrong = [code for code in asked if not CODE.fullmatch(code)]
    chosen = [code for code in asked if code not in wrong][:MOST_PRODUCTS] or [
        c for c in first if c
    ]
    shown = {TOTAL: product_label(TOTAL)} | names
    shown |= {code: product_label(code, choice.edition) for code in chosen if code not in shown}
    st.session_state[KEY] = chosen
    st.multiselect(
        "Goods that stop",
        sorted(shown),
        key=KEY,
        format_func=shown.__getitem__,
        max_selections=MOST_PRODUCTS,
        on_change=_tell_address,
    )
    if wrong:
        what = f"{', '.join(code[:20] for code in wrong[:5])}: no code of goods."
        say(Trouble(what, "A code has up to six digits; choose one of the list."), "partial")
    return chosen


def _exported(choice: TradeChoice, exporters: tuple[str, ...]) -> dict[str, str | None]:
    """What those who stop export with its edition, the largest first."""
    if not exporters:
        return {}
    frame = cached(
        find("trade_products").call,
        current().at,
        country=",".join(exporters),
        year=choice.year,
        flow="export",
        level=choice.level,
        top=MANY,
    ).frame
    rows = frame.filter(pl.col("kind") == "product").sort(
        "value_usd", descending=True, nulls_last=True
    )
    return dict(rows.select("code", "edition").iter_rows())


def _tell_address() -> None:
    """The goods that were chosen go into the address."""
    st.query_params[GOODS] = " ".join(sorted(st.session_state[KEY]))
