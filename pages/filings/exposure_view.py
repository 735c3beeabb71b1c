"""Currencies and commodities of a company: revenue by currency, and the moves of its share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.companies.market_exposure import LEAST_WEEKS, WEEKS
from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.places_view import place_word
from pages.frame.controls import segment
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.tables import Absent, Column, table

NEEDS = ("exposures", "countries")
NOTHING = "No revenue by place was filed by this clock."
NO_FACTOR = "Neither a currency pair of the share nor a commodity is known at this clock."
WINDOWS = {"104": "2 years", str(WEEKS): "3 years", "260": "5 years"}
REASONS = {
    "few_weeks": f"fewer than {LEAST_WEEKS} common weekly returns",
    "flat": "its price never moves, or it follows from the market beside it",
    "old_prices": "its last price is more than ten days older than that of the share",
    "no_pair": "no pair with the currency of the share is known",
    "no_share": "no share of the company trades at this clock",
}
KINDS = {"region": "No currency known", "undisclosed": "Not disclosed"}


def exposure_view(company: str) -> None:
    """Revenue by currency, then the share against pairs and commodities."""
    words = "of the last fiscal period, by the currency of the places that the filing names"
    Panel("Revenue by currency", words, NEEDS, NOTHING).show(
        find("company_currencies").call, _currencies, company=company
    )
    weeks = segment(
        "company",
        "weeks",
        "Window",
        list(WINDOWS),
        str(WEEKS),
        format_func=lambda word: WINDOWS.get(word, word),
    )
    Panel(
        "Share against currencies and commodities",
        "weekly returns, one factor at a time, 95 % interval",
        ("prices", "instruments"),
        NO_FACTOR,
    ).show(find("share_sensitivity").call, _factors, company=company, weeks=int(weeks))


def _currencies(answer: Answer) -> str:
    frame = answer.frame
    own = frame["reported"][0]
    rows = [
        {
            "named": KINDS.get(row["kind"], row["currency"]),
            "places": ", ".join(place_word(place) for place in row["places"]),
            "value": row["revenue"] / 1e6,
            "percent": None if row["share"] is None else 100 * row["share"],
            "own": "currency of the accounts" if row["currency"] == own else "",
        }
        for row in frame.iter_rows(named=True)
    ]
    columns = (
        Column("named", "currency"),
        Column("places", "places", "wide"),
        Column("value", f"revenue, {own} mn", "number", digits=0, total=True),
        Column("percent", "share, %", "number", digits=1, total=True),
        Column("own", "note"),
    )
    shares = [row["share"] for row in frame.to_dicts() if row["kind"] in KINDS]
    hidden = ""
    if None not in shares:
        hidden = f"; of {100 * sum(shares):.1f} % of revenue no currency is known"
    note = (
        f"Fiscal period to {frame['period_end'][0]:%d %b %Y}. That customers pay in the currency "
        f"of their country is an assumption{hidden}. Costs and hedges are not in it."
    )
    drawn = table(rows, columns, caption="Revenue by currency")
    return f'{drawn}<div class="b-note">{note}</div>'


def _factors(answer: Answer) -> str:
    frame = answer.frame
    rows = [_factor(row) for row in frame.iter_rows(named=True)]
    columns = (
        Column("named", "factor", "name"),
        Column("kind", "kind"),
        Column("beta", "share for +1 %, %", "signed", hint="slope of weekly log returns"),
        Column("low", "from", "number"),
        Column("high", "to", "number"),
        Column("sure", "", hint="judged over all factors, at a false share of 10 %"),
        Column("explained", "explained, %", "number", digits=1, hint="of the variance"),
        Column("weeks", "weeks", "count"),
        Column("since", "from week", "day"),
        Column("until", "to week", "day"),
        Column("sold", "revenue in it, %", "number", digits=1, hint="as far as it is disclosed"),
    )
    drawn = table(rows, columns, caption="Share against currencies and commodities")
    found = frame["symbol"].drop_nulls().head(1).to_list()
    whose = f"Share {found[0].partition(':')[2]}. " if found else ""
    note = (
        f"{whose}Newey-West errors; dividends are not in the returns. One factor at a time: what "
        "moves with the market takes on the market's part. A slope is a past average, no cause."
    )
    return f'{drawn}<div class="b-note">{note}</div>'


def _factor(row: Mapping[str, Any]) -> dict[str, Any]:
    absent = None if row["reason"] is None else Absent(REASONS.get(row["reason"], row["reason"]))
    name = row["name"]
    return {
        "named": {"text": name, "to": address("instrument", id=row["factor"])}
        if row["factor"]
        else name,
        "kind": row["kind"],
        **{key: absent or row[key] for key in ("beta", "low", "high")},
        "sure": "significant" if row["significant"] else "",
        "explained": absent or 100 * row["r2"],
        "weeks": row["weeks"],
        "since": row["since"],
        "until": row["until"],
        "sold": None if row["revenue_share"] is None else 100 * row["revenue_share"],
    }
