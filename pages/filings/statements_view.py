"""Statements of a company side by side; a cell leads to its readings and its filing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from analytics.companies.per_share import SPLIT
from analytics.core.catalogue import find
from data.concepts import concepts
from data.query import Answer
from pages.filings.addresses import filing_link, here
from pages.filings.ratios_view import REASONS
from pages.frame.cells import written
from pages.frame.controls import segment
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Absent, Column, facts, table

NEEDS = ("fundamentals",)
STATEMENTS = {
    "income": "Income statement",
    "balance": "Balance sheet",
    "cash": "Cash flow",
    "shares": "Shares",
}
PERIODS = {"annual": "Annual", "quarter": "Quarterly", "ttm": "Twelve months"}
MEASURES = {"value": "Value", "growth": "Growth", "size": "Common size"}
READINGS = {"value": "At the clock", "first": "First filed"}
SHOWN = 8  # periods beside each other
NOTHING = "No line of this statement was filed by this clock."
NO_YEAR = "No fiscal year of this statement was filed by this clock; Quarterly may have lines."
MARKS = {"restated": "R", "derived": "d", "late": "L", "unbalanced": "≠"}
WORDS = {
    "restated": "restated",
    "derived": "derived from other periods",
    "late": "filed late",
    "unbalanced": "assets are not liabilities and equity",
}


def statements_view(company: str) -> None:
    """The choices, the table, and the cell that was chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        statement = segment(
            "company",
            "statement",
            "Statement",
            list(STATEMENTS),
            "income",
            format_func=STATEMENTS.__getitem__,
        )
        period = segment(
            "company", "by", "Period", list(PERIODS), "annual", format_func=PERIODS.__getitem__
        )
        measure = segment(
            "company", "as", "Show", list(MEASURES), "value", format_func=MEASURES.__getitem__
        )
        reading = segment(
            "company",
            "reading",
            "Reading",
            list(READINGS),
            "value",
            format_func=READINGS.__getitem__,
        )
    asked = {"company": company, "period": period, "statement": statement, "top": SHOWN}
    words = f"{PERIODS[period].lower()}, {READINGS[reading].lower()}"
    nothing = NO_YEAR if period == "annual" else NOTHING
    Panel(STATEMENTS[statement], words, NEEDS, nothing, key="statement").show(
        find("company_statements").call,
        lambda answer: _statement(answer, measure, reading),
        **asked,
    )
    line, end = (st.query_params.get(name, "") for name in ("line", "end"))
    if line and end:
        Panel("Figure", "as first filed and as it stands", NEEDS, NOTHING, key="figure").show(
            find("company_statements").call, lambda answer: _figure(answer, line, end), **asked
        )


def money_scale(frame: pl.DataFrame) -> tuple[float, str]:
    """What amounts are divided by, and how that is called, by the largest of them."""
    money = frame.filter(
        pl.col("concept").is_in([n for n, c in concepts().items() if c.unit == "money"])
    )
    largest = max((abs(value) for value in money["value"].drop_nulls()), default=0.0)
    if largest >= 1e10:
        return 1e9, "bn"
    return (1e6, "mn") if largest >= 1e7 else (1e3, "thousand")


def _statement(answer: Answer, measure: str, reading: str) -> str:
    frame = answer.frame
    ends = sorted({*frame["period_end"]})
    names = dict(frame.select("period_end", "period").iter_rows())
    size, scale = money_scale(frame)
    cells = {(row["concept"], row["period_end"]): row for row in frame.iter_rows(named=True)}
    lines = frame.unique("concept", maintain_order=True).select("concept", "label", "unit")
    drawn = []
    for line in lines.iter_rows(named=True):
        row: dict[str, Any] = {"named": line["label"], "unit": _unit(line, scale)}
        for end in ends:
            cell = cells.get((line["concept"], end))
            row[str(end)] = _cell(cell, measure, reading, size) if cell else None
        drawn.append(row)
    columns = (
        Column("named", "line", "wide"),
        Column("unit", "unit"),
        *(Column(str(end), names[end], "linked", hint=f"ends {end:%d %b %Y}") for end in ends),
    )
    marks = "; ".join(f"{mark} {WORDS[flag]}" for flag, mark in MARKS.items())
    shown = table(drawn, columns, caption="Statement")
    return f'{shown}<div class="b-note">{marks}. A figure leads to its filing.</div>'


def _unit(row: Mapping[str, Any], scale: str) -> str:
    kind = concepts()[row["concept"]].unit
    if kind == "shares":
        return "mn shares"
    return f"{row['unit']} {scale}" if kind == "money" else str(row["unit"])


def _scaled(row: Mapping[str, Any], value: float | None, size: float) -> float | None:
    kind = concepts()[row["concept"]].unit
    by = {"money": size, "shares": 1e6}.get(kind, 1.0)
    return None if value is None else value / by


def _cell(row: Mapping[str, Any], measure: str, reading: str, size: float) -> Any:
    """A number with the marks of its flags, leading to its readings."""
    if measure == "value":
        value = _scaled(row, row["first_value" if reading == "first" else "value"], size)
        text = "" if value is None else written(value, 2)
    else:
        value = row["growth" if measure == "growth" else "common_size"]
        text = "" if value is None else f"{100 * value:,.1f} %"
    flags = [flag for flag in (row["flags"] or "").split(",") if flag]
    if value is None:
        is_split = row["value"] is None and SPLIT in flags
        return Absent(REASONS[SPLIT] if is_split else "not known, or without meaning here")
    marks = "".join(f" {MARKS[flag]}" for flag in flags if flag in MARKS)
    about = ", ".join(WORDS.get(flag, flag) for flag in flags)
    to = here(line=row["concept"], end=str(row["period_end"]))
    return {"value": value, "text": text + marks, "to": to, "about": about}


def _figure(answer: Answer, line: str, end: str) -> str:
    rows = [
        row
        for row in answer.frame.iter_rows(named=True)
        if row["concept"] == line and str(row["period_end"]) == end
    ]
    if not rows:
        return '<div class="b-note">This figure is not in the periods shown.</div>'
    row = rows[0]
    size, scale = money_scale(answer.frame)
    unit = _unit(row, scale)
    strip = [
        ("At the clock", _written(_scaled(row, row["value"], size)), unit),
        ("First filed", _written(_scaled(row, row["first_value"], size)), unit),
        ("Before the last change", _written(_scaled(row, row["was"], size)), unit),
    ]
    known = current().view
    lines = [
        {
            "reading": "at the clock",
            "value": _scaled(row, row["value"], size),
            "known": row["known_at"],
            "accession": _filing(row["accession"]),
            "form": row["form"],
        },
        {
            "reading": "first filed",
            "value": _scaled(row, row["first_value"], size),
            "known": row["first_known_at"],
            "accession": _filing(row["first_accession"]),
            "form": None,
        },
    ]
    columns = (
        Column("reading", "reading"),
        Column("value", unit, "number"),
        Column("known", "known", "instant"),
        Column("accession", "filing", "link"),
        Column("form", "form"),
    )
    derived = f" Derived: {row['derived']}." if row["derived"] else ""
    start = f"{row['period_start']:%d %b %Y} to " if row["period_start"] else ""
    note = f"{row['label']}, {start}{row['period_end']:%d %b %Y}.{derived}"
    shown = table(lines, columns, caption="Readings", zone=known.zone)
    return f'{facts(strip)}{shown}<div class="b-note">{note}</div>'


def _filing(accession: str | None) -> Any:
    """A link to the filing."""
    return filing_link(accession) if accession else Absent("derived from other lines")


def _written(value: float | None) -> str:
    return "–" if value is None else written(value, 2)
