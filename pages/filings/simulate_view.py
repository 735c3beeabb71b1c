"""A filing simulated: edits of the last twelve months, what they do to lines, ratios and limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.ratios_view import REASONS
from pages.frame.controls import number
from pages.frame.panel import Panel
from pages.frame.tables import Absent, Column, table

NEEDS = ("fundamentals", "prices")
NOTHING = "No accounts of twelve months were filed by this clock."
MOST = 1e9  # of an edit, in millions
# Name in the address, label, what the analytic calls it, and what a number of it is multiplied by.
EDITS = (
    ("revenue", "Revenue, change", "revenue_change", 1e6),
    ("oneoffs", "One-offs in EBIT", "one_offs", 1e6),
    ("impairment", "Impairment", "impairment", 1e6),
    ("debt", "New debt", "new_debt", 1e6),
    ("rate", "Rate of the new debt, %", "rate", 0.01),
    ("dividend", "Dividend", "dividend", 1e6),
    ("buyback", "Share buyback", "buyback", 1e6),
    ("issue", "Share issue", "share_issue", 1e6),
)


def simulate_view(company: str) -> None:
    """The edits, then everything before and after."""
    edits: dict[str, float] = {}
    st.html('<div class="b-note">Amounts in millions of the currency of the accounts.</div>')
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, label, key, size in EDITS:
            low = -MOST if name in ("revenue", "oneoffs") else 0.0
            value = number("company", name, label, 0.0, among=(low, MOST))
            if value:
                edits[key] = value * size
    fields = {"company": company, "edits": json.dumps(edits, sort_keys=True)}
    words = "twelve months to the last period, before and after the edits; cash balances"
    call = find("filing_simulation").call
    Panel("Accounts after the edits", words, NEEDS, NOTHING).show(call, _lines, **fields)
    Panel("Ratios after the edits", words, NEEDS, NOTHING).show(call, _ratios, **fields)
    Panel(
        "Sensitivity",
        "after the edits, with the rate 1 point and revenue 10 % off",
        NEEDS,
        NOTHING,
    ).show(find("filing_sensitivity").call, _sensitivity, **fields)


def _sides(row: Mapping[str, Any], size: float) -> dict[str, Any]:
    before, after = row["before"], row["after"]
    change = None if before is None or after is None else (after - before) * size
    return {
        **row,
        "old": None if before is None else before * size,
        "new": None if after is None else after * size,
        "moved": change,
    }


def _lines(answer: Answer) -> str:
    drawn = []
    for row in answer.frame.filter(kind="line").iter_rows(named=True):
        currency = row["currency"] or ""
        units = {"shares": ("mn shares", 1e-6), "eps": (f"{currency} per share", 1.0)}
        unit, size = units.get(row["name"], (f"{currency} mn", 1e-6))
        drawn.append(_sides(row, size) | {"of": unit.strip()})
    columns = (
        Column("label", "line"),
        Column("of", "unit"),
        Column("old", "before", "number", digits=2),
        Column("new", "after", "number", digits=2),
        Column("moved", "change", "signed", digits=2),
        Column("crossed", "", "wide"),
    )
    return table(drawn, columns, caption="Accounts after the edits")


def _ratios(answer: Answer) -> str:
    rows = []
    for row in answer.frame.filter(kind="ratio").iter_rows(named=True):
        drawn = _sides(row, 100.0 if row["unit"] == "percent" else 1.0)
        for side in ("old", "new"):
            reason = row[f"reason_{'before' if side == 'old' else 'after'}"]
            if drawn[side] is None:
                drawn[side] = Absent(REASONS.get(reason or "", "not known"))
        rows.append(drawn | {"of": {"percent": "%", "times": "×"}.get(row["unit"], row["unit"])})
    columns = (
        Column("label", "ratio"),
        Column("of", "unit"),
        Column("old", "before", "number", digits=2),
        Column("new", "after", "number", digits=2),
        Column("moved", "change", "signed", digits=2),
        Column("crossed", "limit that is crossed", "wide"),
    )
    return table(rows, columns, caption="Ratios after the edits")


def _sensitivity(answer: Answer) -> str:
    frame = answer.frame.with_columns(
        (pl.col("rate_change") * 100).alias("points"),
        (pl.col("revenue_change") * 100).alias("percent"),
        (pl.col("roe") * 100).alias("roe"),
        (pl.col("net_margin") * 100).alias("net_margin"),
        (pl.col("cash") / 1e6).alias("cash"),
    )
    columns = (
        Column("points", "rate, points", "signed", digits=0),
        Column("percent", "revenue, %", "signed", digits=0),
        Column("icr", "interest coverage, ×", "number"),
        Column("roe", "return on equity, %", "number"),
        Column("debt_to_equity", "debt to equity, ×", "number"),
        Column("net_margin", "net margin, %", "number"),
        Column("pe", "price to earnings, ×", "number"),
        Column("eps", "earnings per share", "number"),
        Column("cash", "cash, mn", "number", digits=0),
        Column("refused", "", "wide"),
    )
    return table(frame, columns, caption="Sensitivity")
