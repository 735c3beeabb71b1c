"""What the Trade page shows, as its address says: whose trade, when, of what, and with whom."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.trade.editions import TOTAL
from analytics.trade.goods import product_label
from data.query import At
from pages.frame.cached import cached
from pages.frame.controls import pick, segment
from pages.frame.links import address
from pages.frame.panel import nothing_known, say
from pages.frame.run import current
from pages.world_trade.words import FLOWS, GROUPS, place_name

LEVELS = {2: "Chapters", 4: "Headings", 6: "Subheadings"}
ALL = "all"
MANY = 10_000  # more than any report has lines
REGION = "region:"


@dataclass(frozen=True, slots=True)
class TradeChoice:
    """The choices that all views of the page share.

    `country` is what the analytics of trade take: a code, `EU`, `region:South Asia`, or several
    codes with commas. `product` and `partner` are empty where all are meant.
    """

    country: str
    name: str
    year: int
    flow: str
    level: int
    partner: str = ""
    product: str = ""

    @property
    def is_group(self) -> bool:
        """Whether several countries are shown as one."""
        return "," in self.country or self.country in GROUPS or self.country.startswith(REGION)

    @property
    def product_or_total(self) -> str:
        """The code that stands for the chosen goods."""
        return self.product or TOTAL

    @property
    def partner_or_none(self) -> str | None:
        """The chosen partner; none where all are meant."""
        return self.partner or None


def choose() -> TradeChoice | None:
    """The row of choices; none where no report of trade is known at the clock."""
    at = current().at
    reporters = cached(find("trade_countries").call, at).frame
    if reporters.is_empty():
        say(nothing_known(current(), ["trade"]), "empty")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        country = _country(reporters)
        flow = segment(
            "trade", "flow", "Flow", list(FLOWS), "export", format_func=FLOWS.__getitem__
        )
        year = _year(at, country, reporters)
        level = _level(at, country, year)
        partner, product = _partner(at, country, year), _product(at, country, year, level)
    return TradeChoice(country, side_name(country), year, flow, level, partner, product)


def side_name(country: str) -> str:
    """A country or group by name."""
    if country.startswith(REGION):
        return country.removeprefix(REGION)
    return ", ".join(place_name(code.strip().upper()) for code in country.split(","))


def _country(reporters: pl.DataFrame) -> str:
    """A reporter, or a group of them; several codes with commas come from an address."""
    codes = sorted(reporters["country"].to_list(), key=place_name)
    regions = sorted({*reporters["region"].drop_nulls()})
    options = [*codes, *GROUPS, *(f"{REGION}{name}" for name in regions)]
    asked = st.query_params.get("country", "").strip()
    if asked and asked not in options:
        known = {*codes}
        parts = [part.strip().upper() for part in asked.split(",")]
        if len(parts) > 1 and all(part in known for part in parts):
            options.append(asked)
    first = "USA" if "USA" in codes else codes[0]
    shown = {code: _shown(code) for code in options}
    return pick(
        "trade", "country", "Country", options, first, format_func=shown.__getitem__, width=230
    )


def _shown(code: str) -> str:
    name = side_name(code)
    return f"{name} (region)" if code.startswith(REGION) else f"{code} · {name}"


def _year(at: At, country: str, reporters: pl.DataFrame) -> int:
    """A reported year, the last first."""
    found = cached(find("trade_periods").call, at, country=country).frame
    years = found.filter(kind="year")["period"].to_list()
    if not years:
        years = [str(reporters["last_year"].max())]
    return int(pick("trade", "year", "Year", years, years[0], width=95))


def _level(at: At, country: str, year: int) -> int:
    """How fine the goods are, among what the report has."""
    found = cached(find("trade_totals").call, at, country=country, year=year).frame
    there = [level for level in LEVELS if level in found["level"].to_list()] or [2]
    chosen = pick(
        "trade",
        "level",
        "Goods by",
        [str(level) for level in there],
        str(there[0]),
        format_func=lambda level: LEVELS[int(level)],
        width=130,
    )
    return int(chosen)


def _partner(at: At, country: str, year: int) -> str:
    codes: set[str] = set()
    for flow in FLOWS:
        found = cached(
            find("trade_partners").call, at, country=country, year=year, flow=flow, top=MANY
        ).frame
        codes |= {*found.filter(pl.col("kind") == "country")["code"]}
    options = [ALL, *sorted(codes, key=place_name)]
    shown = {ALL: "All partners"} | {code: f"{code} · {place_name(code)}" for code in codes}
    chosen = pick("trade", "partner", "Partner", options, ALL, format_func=shown.__getitem__)
    return "" if chosen == ALL else chosen


def _product(at: At, country: str, year: int, level: int) -> str:
    """One product of the level, of either direction."""
    names: dict[str, str] = {}
    for flow in FLOWS:
        found = cached(
            find("trade_products").call,
            at,
            country=country,
            year=year,
            flow=flow,
            level=level,
            top=MANY,
        ).frame
        rows = found.filter(pl.col("kind") == "product")
        names |= {code: product_label(code, e) for code, e in rows.select("code", "edition").rows()}
    options = [ALL, *sorted(names)]
    shown = {ALL: "All goods"} | names
    chosen = pick(
        "trade", "product", "Goods", options, ALL, format_func=shown.__getitem__, width=220
    )
    return "" if chosen == ALL else chosen


def view_of(choice: TradeChoice, **other: str) -> str:
    """The address of the page with these parameters in place of those of the choice."""
    fields = {
        "country": choice.country,
        "year": str(choice.year),
        "flow": choice.flow,
        "level": str(choice.level),
        "partner": choice.partner,
        "product": choice.product,
    } | other
    return address("trade", **{name: value for name, value in fields.items() if value})
