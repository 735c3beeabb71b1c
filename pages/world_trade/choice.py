"""What the Trade page shows, as its address says: whose trade, when, of what, and with whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

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
OTHERS = 4  # years before the last that others have reported, which can be chosen too


@dataclass(frozen=True, slots=True)
class TradeChoice:
    """The choices that all views of the page share.

    `country` is what the analytics of trade take: a code, `EU`, `region:South Asia`, or several
    codes with commas. `product` and `partner` are empty where all are meant, `month`, `2024-05`,
    where the year is.
    """

    country: str
    name: str
    year: int
    flow: str
    level: int
    partner: str = ""
    product: str = ""
    month: str = ""
    edition: str | None = None  # of the product, as the report states it

    @property
    def is_group(self) -> bool:
        """Whether several countries are shown as one."""
        return "," in self.country or self.country in GROUPS or self.country.startswith(REGION)

    @property
    def at_period(self) -> dict[str, Any]:
        """The year or month, as the analytics take them."""
        return {"year": self.year, "month": self.month or None}

    @property
    def of_history(self) -> dict[str, Any]:
        """What the analytics over time take."""
        return {
            "country": self.country,
            "partner": self.partner_or_none,
            "product": self.product_or_total,
            "flow": self.flow,
        }

    @property
    def period(self) -> str:
        """The year, or the month by name."""
        return month_name(self.month) if self.month else str(self.year)

    @property
    def needs(self) -> tuple[str, ...]:
        """The dataset that the choice is of."""
        return ("trade_months",) if self.month else ("trade",)

    @property
    def product_or_total(self) -> str:
        """The code that stands for the chosen goods."""
        return self.product or TOTAL

    @property
    def goods(self) -> str:
        """The chosen goods by code and name, in the list that the report is in."""
        return product_label(self.product, self.edition) if self.product else "all goods"

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
        year, month = _period(at, country, reporters)
        of = {"country": country, "year": year, "month": month or None}
        level = _level(at, of)
        partner, (product, edition) = _partner(at, of), _product(at, of, level)
    name = side_name(country)
    return TradeChoice(country, name, year, flow, level, partner, product, month, edition)


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


def month_name(month: str) -> str:
    """`May 2024` for `2024-05`."""
    return f"{date.fromisoformat(f'{month}-01'):%b %Y}"


def _period(at: At, country: str, reporters: pl.DataFrame) -> tuple[int, str]:
    """A reported year, the last first; and one of its months, or none for the year as a whole."""
    found = cached(find("trade_periods").call, at, country=country).frame
    of_years = found.filter(kind="year").sort("is_whole", "period", descending=True)["period"]
    own = {str(year) for year in found["year"]}
    # A year that others have reported can be looked at through them.
    last = max(reporters["last_year"].to_list())
    others = range(last - OTHERS, last + 1)
    years = sorted(own | {str(year) for year in others}, reverse=True)
    first = of_years[0] if of_years.len() else years[0]
    year = pick(
        "trade",
        "year",
        "Year",
        years,
        first,
        format_func=lambda year: year if year in own else f"{year} (not reported)",
        width=110,
    )
    months = found.filter(kind="month", year=int(year))["period"].to_list()
    if not months:
        return int(year), ""
    options = [*([ALL] if year in of_years.to_list() else []), *months]
    month = pick(
        "trade",
        "month",
        "Month",
        options,
        options[0],
        format_func=lambda month: "All year" if month == ALL else month_name(month)[:3],
        width=110,
    )
    return int(year), "" if month == ALL else month


def _level(at: At, of: dict[str, Any]) -> int:
    """How fine the goods are, among what the report has."""
    found = cached(find("trade_totals").call, at, **of).frame
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


def _partner(at: At, of: dict[str, Any]) -> str:
    codes: set[str] = set()
    for flow in FLOWS:
        found = cached(find("trade_partners").call, at, **of, flow=flow, top=MANY).frame
        codes |= {*found.filter(pl.col("kind") == "country")["code"]}
    options = [ALL, *sorted(codes, key=place_name)]
    shown = {ALL: "All partners"} | {code: f"{code} · {place_name(code)}" for code in codes}
    chosen = pick("trade", "partner", "Partner", options, ALL, format_func=shown.__getitem__)
    return "" if chosen == ALL else chosen


def _product(at: At, of: dict[str, Any], level: int) -> tuple[str, str | None]:
    """One product of the level, of either direction, with the edition that it is of."""
    editions: dict[str, str | None] = {}
    for flow in FLOWS:
        found = cached(
            find("trade_products").call, at, **of, flow=flow, level=level, top=MANY
        ).frame
        rows = found.filter(pl.col("kind") == "product")
        # A line of last year alone has no edition of this one.
        known = pl.coalesce("edition", "previous_edition").alias("edition")
        editions |= dict(rows.select("code", known).iter_rows())
    options = [ALL, *sorted(editions)]
    shown = {ALL: "All goods"} | {code: product_label(code, e) for code, e in editions.items()}
    chosen = pick(
        "trade", "product", "Goods", options, ALL, format_func=shown.__getitem__, width=220
    )
    return ("", None) if chosen == ALL else (chosen, editions[chosen])


def view_of(choice: TradeChoice, **other: str) -> str:
    """The address of the page with these parameters in place of those of the choice."""
    fields = {
        "country": choice.country,
        "year": str(choice.year),
        "month": choice.month,
        "flow": choice.flow,
        "level": str(choice.level),
        "partner": choice.partner,
        "product": choice.product,
    } | other
    return address("trade", **{name: value for name, value in fields.items() if value})
