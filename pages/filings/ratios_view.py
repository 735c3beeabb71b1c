"""Ratios of a company: at the clock in three readings, and their history by quarter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from analytics.core.catalogue import find
from data.query import Answer
from pages.frame.links import link
from pages.frame.panel import Panel
from pages.frame.tables import Absent, Column, table

NEEDS = ("fundamentals",)
SHOWN = 8  # quarters beside each other
NOTHING = "No accounts of twelve months were filed by this clock."
REASONS = {
    "not_stated": "a line that it needs is not stated",
    "no_debt": "no interest expense above zero is stated",
    "not_meaningful": "below zero in the base: it would say nothing",
    "negative_equity": "equity is not above zero",
    "bank": "of banks and insurers interest is operating",
    "no_revenue": "revenue is not above zero",
    "no_opening": "the balance of a year before is not known",
    "split": "a split lies between the filings: the number of shares jumped",
    "no_price": "no price at this clock",
    "past_period": "of the price for the last period alone",
}


def ratios_view(company: str) -> None:
    """The ratios of the last period, then those of the quarters before it."""
    call = find("company_ratios").call
    fields = {"company": company, "top": SHOWN}
    words = "twelve months to the last period; restated figures are marked"
    Panel("Ratios", words, (*NEEDS, "prices"), NOTHING).show(call, _last, **fields)
    link("companies", label="Compare with its peers", peers=company)
    Panel(
        "Ratios by quarter",
        "twelve months to the end of each quarter, as the figures stand at the clock",
        NEEDS,
        NOTHING,
    ).show(call, _history, **fields)


def ratio_number(row: Mapping[str, Any], name: str) -> float | None:
    """A percentage as such, everything else as it is."""
    value: float | None = row[name]
    return 100 * value if value is not None and row["unit"] == "percent" else value


def ratio_missing(row: Mapping[str, Any], name: str = "reason") -> Absent:
    """A dash with its reason."""
    reason = row[name] or "not_stated"
    return Absent(REASONS.get(reason, reason.replace("_", " ")))


def ratio_unit(row: Mapping[str, Any]) -> str:
    """The sign of a unit."""
    units = {"percent": "%", "times": "×"}
    return units.get(row["unit"], f"{row['currency'] or ''} {row['unit']}".strip())


def _last(answer: Answer) -> str:
    last: date = max(answer.frame["period_end"].to_list())
    rows = [
        {
            **row,
            "figure": ratio_missing(row) if row["value"] is None else ratio_number(row, "value"),
            "first": ratio_number(row, "first_value"),
            "before": ratio_number(row, "was"),
            "why": REASONS.get(row["reason"] or "", "") if row["value"] is None else row["note"],
            "of": ratio_unit(row),
        }
        for row in answer.frame.filter(pl.col("period_end") == last).iter_rows(named=True)
    ]
    columns = (
        Column("label", "ratio", "wide"),
        Column("figure", "at the clock", "number"),
        Column("of", "unit"),
        Column("first", "as first filed", "number"),
        Column("before", "before the restatement", "number"),
        Column("why", "why there is none, or a note", "wide"),
    )
    known = rows[0]["known_at"]
    filed = f"known {known:%d %b %Y}" if known else "no accounts of twelve months"
    priced = next((row["price_date"] for row in rows if row["price_date"]), None)
    link = next((row["link"] for row in rows if row["link"]), None)
    close = f"price of {priced:%d %b %Y}" if priced else "no price"
    if link:
        close += f", share found by its {link}" if priced else f" ({link})"
    note = f"Twelve months to {last:%d %b %Y}; {filed}; {close}."
    return f'{table(rows, columns, caption="Ratios")}<div class="b-note">{note}</div>'


def _history(answer: Answer) -> str:
    frame = answer.frame.filter(pl.col("reason").is_null() | (pl.col("reason") != "past_period"))
    ends = sorted({*frame["period_end"]})
    cells = {(row["ratio"], row["period_end"]): row for row in frame.iter_rows(named=True)}
    last = frame.filter(pl.col("period_end") == ends[-1])
    drawn = []
    for line in last.iter_rows(named=True):
        row: dict[str, Any] = {"named": line["label"], "of": ratio_unit(line)}
        past = [cells.get((line["ratio"], end)) for end in ends]
        row["path"] = [None if cell is None else cell["value"] for cell in past]
        for end, cell in zip(ends, past, strict=True):
            row[str(end)] = None
            if cell is not None:
                is_none = cell["value"] is None
                row[str(end)] = ratio_missing(cell) if is_none else ratio_number(cell, "value")
        drawn.append(row)
    columns = (
        Column("named", "ratio", "wide"),
        Column("of", "unit"),
        *(Column(str(end), f"{end:%b %Y}", "number") for end in ends),
        Column("path", "course", "spark"),
    )
    return table(drawn, columns, caption="Ratios by quarter")
