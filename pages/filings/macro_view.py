"""Macro impact: what a change of demand and of currencies does to a company and to all others.

An account through where they sell, no forecast: prices, hedges and competitors are not modelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analytics.companies.edited_accounts import MARGIN, TAX
from analytics.companies.macro_impact import GROSS
from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.macro_shock import MacroChoice, macro_form
from pages.filings.places_view import place_word
from pages.filings.team_edits import sector_word
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.lists import known_lists
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.tables import MOST, Absent, Column, table
from pages.search.directory import companies_of, country_names

NEEDS = ("exposures", "fundamentals", "companies")
NOTHING = "No revenue by place was filed by this clock."
NO_COMPANY = "No revenue by place was filed by this clock, or the team withdrew the company."
ALL = "all"
NO_EBIT = Absent("operating income of twelve months is not known in the currency of the places")
NO_EPS = Absent("earnings per share are not known in the currency of the places")
LOSS = Absent("not above zero before the change: a percentage would say nothing")
STALE = "places older than 18 months"

RANKED = (
    Column("named", "company", "name"),
    Column("sector", "sector"),
    Column("country", "country"),
    Column("change", "revenue, %", "signed", digits=2),
    Column("linear", "first order, %", "signed", digits=2),
    Column("amount", "revenue, mn", "signed", digits=0, hint="in its currency"),
    Column("ebit", "EBIT, %", "signed", digits=1),
    Column("eps", "EPS", "signed", hint="in its currency, per share"),
    Column("price", "price, same PE, %", "signed", digits=1, hint="a scenario"),
    Column("money", "currency"),
    Column("margin", "margin, %", "figure", hint="EBIT per change of revenue"),
    Column("covered", "in countries, %", "number", digits=0, hint="of known currency"),
    Column("hidden", "not disclosed, %", "number", digits=0, hint="of revenue"),
    Column("until", "places to", "day"),
    Column("old", "", hint=STALE),
)


def macro_view(company: str) -> None:
    """The shock, what it does to the company, by place, and to others."""
    try:
        choice = macro_form(company)
    except Exception as error:  # noqa: BLE001 - said where the boxes would stand; explain() logs it
        say(explain(error, "macro impact"), "error")
        return
    if choice is None:
        return
    fields, margin = choice.params(), choice.margin
    Panel("Macro impact", choice.words(), NEEDS, NO_COMPANY, key="macro-company").show(
        find("macro_impact").call, _effects, **fields, margin=margin, companies=[company]
    )
    words = "revenue of the last fiscal period; contributions add up"
    Panel("Macro impact by place", words, NEEDS[:1], NOTHING, key="macro-places").show(
        find("macro_impact_places").call, _places, **fields, company=company
    )
    _others(choice)


def _effects(answer: Answer) -> str:
    row = answer.frame.row(0, named=True)
    money, per_share = f"{row['currency']} mn", f"{row['currency']} per share"
    ebit = NO_EBIT if row["ebit"] is None else row["ebit"] / 1e6
    lines = [
        _line("Revenue", money, row["revenue"] / 1e6, row["revenue_change"] / 1e6),
        _line("EBIT", money, ebit, row["ebit_change"] / 1e6),
        _line("Net income", money, None, row["net_income_change"] / 1e6),
        _line("Earnings per share", per_share, _or(row["eps"], NO_EPS), row["eps_change"]),
    ]
    lines[2]["before"] = Absent("only its change follows from the shock")
    lines[3]["change"] = _or(row["eps_change"], NO_EPS)
    columns = (
        Column("label", "line"),
        Column("of", "unit"),
        Column("before", "before", "number"),
        Column("change", "change", "signed"),
        Column("after", "after", "number"),
        Column("percent", "change, %", "signed", digits=2),
    )
    drawn = table(lines, columns, caption="Macro impact")
    return f'{drawn}<div class="b-note">{_assumptions(row)}</div>'


def _or(value: float | None, absent: Absent) -> float | Absent:
    return absent if value is None else value


def _line(label: str, unit: str, before: Any, change: float | None) -> dict[str, Any]:
    """One line before and after; a percentage only of what was above zero."""
    row = {"label": label, "of": unit, "before": before, "change": change}
    row |= {"after": None, "percent": None}
    if isinstance(before, float) and change is not None:
        row["after"] = before + change
        row["percent"] = 100 * change / before if before > 0 else LOSS
    return row


def _assumptions(row: Mapping[str, Any]) -> str:
    """What the figures rest on, in the order of the chain."""
    linear = _signed(row["linear_change_share"])
    margin = f"{100 * row['margin']:.1f} % ({row['margin_basis']})"
    price = row["price_change"]
    parts = [
        f"Revenue and its places are of the fiscal period to {row['period_end']:%d %b %Y}"
        + (f", <b>stale: {STALE}</b>" if row["is_stale"] else ""),
        "EBIT and earnings per share before are of the last twelve months",
        f"{100 * row['covered_share']:.1f} % of revenue is in countries whose currency is known, "
        f"{100 * row['undisclosed_share']:.1f} % is not disclosed; currencies change nothing "
        "outside those countries",
        f"first-order change of revenue {linear}",
        f"EBIT moves by {margin} of the change of revenue",
        f"tax {100 * row['tax_used']:.1f} %",
        "no price scenario: earnings per share are not above zero or not known"
        if price is None
        else f"price scenario at a constant PE {_signed(price)}",
    ]
    return "; ".join(parts) + "."


def _signed(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:+.2f} %".replace("-", "−")


def _places(answer: Answer) -> str:
    frame = answer.frame
    rows = [
        {
            "named": place_word(row["place"]),
            "revenue": row["revenue"] / 1e6,
            "share": 100 * row["share"],
            "demand": _percent(row["demand_change"]),
            "money": row["place_currency"] or Absent("no country, or its currency is not known"),
            "fx": _percent(row["currency_change"]),
            "change": row["contribution"] / 1e6,
            "linear": row["linear_contribution"] / 1e6,
        }
        for row in frame.iter_rows(named=True)
    ]
    currency = frame["currency"][0]
    columns = (
        Column("named", "place"),
        Column("revenue", f"revenue, {currency} mn", "number", digits=0, total=True),
        Column("share", "share, %", "number", digits=1, total=True),
        Column("demand", "demand, %", "signed", digits=1),
        Column("money", "currency"),
        Column("fx", f"against {currency}, %", "signed", digits=1),
        Column("change", f"change of revenue, {currency} mn", "signed", digits=1, total=True),
        Column("linear", f"first order, {currency} mn", "signed", digits=1, total=True),
    )
    return table(rows, columns, caption="Macro impact by place")


def _percent(part: float | None) -> float | None:
    return None if part is None else 100 * part


def _others(choice: MacroChoice) -> None:
    """The same shock ranked over all companies, a sector, or a watchlist."""
    known = cached(find("company_screen").call, current().at).frame
    sectors = sorted({*known["sector"].drop_nulls()})
    lists = known_lists(current())
    with st.container(horizontal=True, gap="small"):
        shown = {ALL: "All sectors"} | {sector: sector_word(sector) for sector in sectors}
        sector = pick(
            "company",
            "sector",
            "Sector",
            [ALL, *sectors],
            ALL,
            format_func=lambda name: shown.get(name, name),
            width=230,
        )
        named = ALL
        if lists:
            names = {ALL: "All companies"} | {name: name for name in lists}
            named = pick(
                "company",
                "list",
                "Watchlist",
                [ALL, *lists],
                ALL,
                format_func=lambda name: names.get(name, name),
                width=230,
            )
    companies = None
    if named != ALL:
        companies = companies_of(lists[named].symbols)
    words = "the same shock, largest change of revenue first"
    nothing = "No company of this choice has filed its revenue by place."
    Panel("Companies by macro impact", words, NEEDS, nothing, key="macro-ranked").show(
        find("macro_impact").call,
        lambda answer: _ranked(answer, choice),
        **choice.params(),
        margin=choice.margin,
        universe="" if sector == ALL else f"sector:{sector}",
        companies=companies,
    )


def _ranked(answer: Answer, choice: MacroChoice) -> str:
    frame, names = answer.frame, country_names()
    rows = [
        {
            "named": {
                "text": row["name"],
                "to": address("company", id=row["company"], **choice.query()),
            },
            "sector": row["sector"] and sector_word(row["sector"]),
            "country": names.get(row["country"], row["country"]),
            "change": _percent(row["revenue_change_share"]),
            "linear": _percent(row["linear_change_share"]),
            "amount": row["revenue_change"] / 1e6,
            "ebit": _or(
                _percent(row["ebit_change_share"]), NO_EBIT if row["ebit"] is None else LOSS
            ),
            "eps": _or(row["eps_change"], NO_EPS),
            "price": _percent(row["price_change"]),
            "money": row["currency"],
            "margin": {
                "value": round(100 * row["margin"], 1),
                "word": "" if row["margin_basis"] == GROSS else row["margin_basis"],
            },
            "covered": 100 * row["covered_share"],
            "hidden": 100 * row["undisclosed_share"],
            "until": row["period_end"],
            "old": "stale" if row["is_stale"] else "",
        }
        for row in frame.head(MOST).iter_rows(named=True)
    ]
    drawn = table(rows, RANKED, caption="Companies by macro impact")
    more = f" The {MOST} with the largest change are shown." if frame.height > MOST else ""
    stale = int(frame["is_stale"].sum())
    count = "1 company states" if frame.height == 1 else f"{frame.height:,} companies state"
    note = (
        f"{count} revenue by place, {stale:,} of them older than 18 months.{more} "
        f"Margin: {GROSS} where it is known, else {100 * MARGIN:.0f} %; tax: the effective rate, "
        f"else {100 * TAX:.0f} %."
    )
    return f'{drawn}<div class="b-note">{note}</div>'
