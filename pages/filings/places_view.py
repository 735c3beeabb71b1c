"""Revenue of a company by place: the last fiscal period, and the shares of those before."""

from __future__ import annotations

from typing import Any

import polars as pl

from analytics.companies.places import UNDISCLOSED
from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.addresses import filing_link
from pages.frame import charts
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.frame.theme import palette
from pages.search.directory import country_names

NEEDS = ("exposures",)
NOTHING = "No revenue by place was filed by this clock."
SHOWN = 6  # fiscal periods
NAMED = 7  # places with a line of their own


def places_view(company: str) -> None:
    """The table of the last period and the course of the shares."""
    call = find("company_places").call
    fields = {"company": company, "top": SHOWN}
    words = "of the last fiscal period, as filed; shares add up with what is not disclosed"
    Panel("Revenue by place", words, NEEDS, NOTHING).show(call, _last, **fields)
    Panel("Shares over time", "of revenue, %", NEEDS, NOTHING).show(call, _course, **fields)


def place_word(place: str) -> str:
    """A country by name, a region as the filing calls it."""
    return "Not disclosed" if place == UNDISCLOSED else country_names().get(place, place)


def _last(answer: Answer) -> str:
    end = max(answer.frame["period_end"].to_list())
    rows = [
        {
            **row,
            "named": place_word(row["place"]),
            "value": row["revenue"] / 1e6,
            "filing": filing_link(row["accession"]) if row["accession"] else None,
            "percent": None if row["share"] is None else 100 * row["share"],
        }
        for row in answer.frame.filter(pl.col("period_end") == end).iter_rows(named=True)
    ]
    currency = rows[0]["currency"]
    columns = (
        Column("named", "place"),
        Column("value", f"revenue, {currency} mn", "number", digits=0, total=True),
        Column("percent", "share, %", "number", digits=1, total=True),
        Column("growth", "on the year", "percent", digits=1),
        Column("filing", "filing", "link"),
    )
    known = max(row["known_at"] for row in rows)
    index = rows[0]["concentration"]
    spread = "" if index is None else f"; concentration of what is placed (HHI) {1e4 * index:,.0f}"
    note = f"Fiscal period to {end:%d %b %Y}, known {known:%d %b %Y}{spread}."
    return f'{table(rows, columns, caption="Revenue by place")}<div class="b-note">{note}</div>'


def _course(answer: Answer) -> Drawn:
    frame = answer.frame
    ends = sorted({*frame["period_end"]})
    largest = frame.group_by("place").agg(pl.col("share").max()).sort("share", descending=True)
    shares = {(row["place"], row["period_end"]): row["share"] for row in frame.to_dicts()}
    paint = palette(current().theme)
    periods = [f"{end:%b %Y}" for end in ends]
    rows: list[Any] = []
    for number, place in enumerate(largest["place"].head(NAMED)):
        values = [shares.get((place, end)) for end in ends]
        percent = [None if value is None else 100 * value for value in values]
        tone = paint.dim if place == UNDISCLOSED else paint.categorical[number]
        rows.append(charts.YearBars(place_word(place), periods, percent, tone))
    return charts.by_period(rows, paint, unit="% of revenue")
