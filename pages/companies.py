"""Companies: every company in one table, by what it earns, its ratios and its price.

Narrow the table by sector, country and watchlist, choose a set of columns, and click the head of a
column to sort by it. Measures are of twelve months, from the figures that stand at the clock; money
is in the currency of the accounts unless a column says USD. The ground of a ratio says where it
stands among the companies shown: strongest at the highest and at the lowest. A dash has its reason
as a hint: no debt, no price, or a line that is not stated; of banks and insurers neither interest
coverage nor debt to equity is given.

A name leads to the company. Accounts that ended more than 18 months before the clock are marked
*old*. A value with ✎ is the team's, with what was filed beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from analytics.companies.ratio_list import RATIOS
from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.ratios_view import REASONS
from pages.filings.team_edits import with_filed
from pages.frame.cached import cached
from pages.frame.controls import pick, segment
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.lists import known_lists
from pages.frame.panel import Panel, nothing_known, say
from pages.frame.run import current
from pages.frame.tables import MOST, Absent, Column, table
from pages.search.directory import country_names, directory

ALL = "all"
FEW = 5  # companies with a ratio, from which on their places say something
NEEDS = ("fundamentals", "companies", "prices")
NOTHING = "No company of this choice is known at this clock."
_MARGINS = ("gross_margin", "operating_margin", "net_margin", "fcf_margin")
SETS = {
    "overview": ("revenue_growth", "operating_margin", "roe", "debt_to_equity", "pe"),
    "growth": ("revenue_growth", "eps_growth", *_MARGINS),
    "returns": ("roe", "roa", "asset_turnover", "tax_rate", "payout"),
    "debt": ("icr", "debt_to_equity", "net_debt_to_ebitda", "equity_ratio", "current_ratio"),
    "valuation": ("pe", "ps", "pb", "ev_to_ebitda", "fcf_yield", "dividend_yield"),
}
LABELS = {
    "overview": "Overview",
    "growth": "Growth and margins",
    "returns": "Returns",
    "debt": "Debt",
    "valuation": "Valuation",
}
MONEY = {"overview": ("revenue", "net_income"), "debt": ("debt", "equity"), "growth": ("revenue",)}
NAMES = {"revenue": "revenue", "net_income": "net income", "debt": "debt", "equity": "equity"}


def screen_choice() -> tuple[str, list[str] | None]:
    """The universe of the screen as text, and the companies of a watchlist where one is chosen."""
    known = cached(find("company_screen").call, current().at).frame
    parts = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, label, every in (
            ("sector", "Sector", "All sectors"),
            ("country", "Country", "All countries"),
        ):
            values = sorted({*known[name].drop_nulls()})
            shown = {ALL: every} | {value: _called(name, value) for value in values}
            value = pick(
                "companies",
                name,
                label,
                [ALL, *values],
                ALL,
                format_func=shown.__getitem__,
                width=220,
            )
            if value != ALL:
                parts.append(f"{name}:{value}")
        lists = known_lists(current())
        if not lists:
            return ";".join(parts), None
        named = pick("companies", "list", "Watchlist", [ALL, *lists], ALL, width=200)
    if named == ALL:
        return ";".join(parts), None
    members = list(lists[named].symbols)
    return ";".join(parts), known.filter(pl.col("symbol").is_in(members))["company"].to_list()


def _called(name: str, value: str) -> str:
    return country_names().get(value, value) if name == "country" else value


def _share(frame: pl.DataFrame, name: str) -> pl.Series:
    """Where each company stands among those shown that have the ratio, from 0 to 1."""
    known = frame[name].count()
    if known < FEW:
        return pl.Series([None] * frame.height, dtype=pl.Float64)
    return (frame[name].rank("average") - 1) / (known - 1)


def _reasons(row: Mapping[str, Any]) -> dict[str, str]:
    """Why ratios of a company are missing, by name."""
    pairs = (part.partition(":") for part in (row["reasons"] or "").split(",") if part)
    return {name: REASONS.get(reason, reason.replace("_", " ")) for name, _, reason in pairs}


def _table(answer: Answer, columns: str) -> str:
    order = ["market_value_usd", "revenue", "company"]
    frame = answer.frame.sort(order, descending=[True, True, False], nulls_last=True)
    ratios = [one for one in RATIOS if one.name in SETS[columns]]
    shares = {one.name: _share(frame, one.name) for one in ratios}
    rows = []
    for place, row in enumerate(frame.head(MOST).iter_rows(named=True)):
        why = _reasons(row)
        drawn: dict[str, Any] = {
            "named": {"text": with_filed(row, "name"), "to": address("company", id=row["company"])},
            "sector": with_filed(row, "sector"),
            "country": with_filed(row, "country"),
            "worth": None if row["market_value_usd"] is None else row["market_value_usd"] / 1e9,
            "currency": row["currency"],
            "until": row["period_end"],
            "old": "old" if row["is_old"] else "",
        }
        for name in MONEY.get(columns, ()):
            drawn[name] = None if row[name] is None else row[name] / 1e6
        for one in ratios:
            value = row[one.name]
            size = 100 if one.unit == "percent" else 1
            drawn[one.name] = (
                Absent(why.get(one.name, "not known"))
                if value is None
                else {"value": size * value, "share": shares[one.name][place]}
            )
        rows.append(drawn)
    units = {"percent": ", %", "times": ", ×"}
    shown = table(
        rows,
        (
            Column("named", "company", "name"),
            Column("sector", "sector"),
            Column("country", "country"),
            Column("worth", "market value, USD bn", "number", digits=1),
            *(
                Column(name, f"{NAMES[name]}, mn", "number", digits=0, hint="in its currency")
                for name in MONEY.get(columns, ())
            ),
            Column("currency", "currency"),
            *(Column(r.name, r.label + units.get(r.unit, ""), "tinted") for r in ratios),
            Column("until", "to", "day"),
            Column("old", "", hint="accounts that ended more than 18 months ago"),
        ),
        caption="Companies",
    )
    count = "1 company" if frame.height == 1 else f"{frame.height:,} companies"
    more = f" The {MOST} largest are shown." if frame.height > MOST else ""
    return f'{shown}<div class="b-note">{count}.{more}</div>'


def page() -> None:
    """The choices and the table."""
    run = current()
    if directory(run, "company").is_empty():
        say(nothing_known(run, ["companies"]), "empty")
        return
    try:
        universe, companies = screen_choice()
    except Exception as error:  # noqa: BLE001 - the panel says it where the table would stand
        explain(error, "companies")
        universe, companies = "", None
    columns = segment(
        "companies", "columns", "Columns", list(SETS), "overview", format_func=LABELS.__getitem__
    )
    words = "twelve months, from the figures that stand at the clock"
    Panel("Companies", words, NEEDS, NOTHING).show(
        find("company_screen").call,
        lambda answer: _table(answer, columns),
        universe=universe,
        companies=companies,
    )


page()
