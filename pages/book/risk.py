"""The risk of a portfolio: measures of a day and a year, contributions, the largest moves."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl

from analytics.book.exposure import book_positions
from analytics.book.risk import book_risk
from data.query import Answer
from pages.book.panels import NEEDS, Portfolio
from pages.frame.cached import cached
from pages.frame.links import address
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.tables import Column, facts, table

MEASURES = {
    "volatility": "Volatility",
    "var_95": "VaR 95 %",
    "cvar_95": "CVaR 95 %",
    "var_99": "VaR 99 %",
    "cvar_99": "CVaR 99 %",
    "beta": "Beta",
}
REASONS = {
    "insufficient_history": "too little history",
    "zero_variance": "the benchmark does not move",
    "non_positive_value": "net value not above 0",
    "no price or rate": "no price or rate",
    "no_return": "a rate has no return",
}


def risk(portfolio: Portfolio) -> None:
    """What the positions of the clock would have gained and lost over the last year."""

    def draw(answer: Answer) -> Drawn:
        frame = answer.frame
        held = cached(book_positions, current().at, **portfolio.params).frame
        names = dict(held.select("symbol", pl.coalesce("ticker", "symbol")).iter_rows())
        tables = [_contributions(frame, portfolio.base, names), _moves(frame, portfolio.base)]
        return _strip(frame, portfolio) + f'<div class="b-cols">{"".join(tables)}</div>'

    unit = f"positions of the clock over their last 252 common sessions · in {portfolio.base}"
    Panel("Risk", unit, NEEDS, nothing="No open position at this time.").show(
        book_risk, draw, **portfolio.compared
    )


def _strip(frame: pl.DataFrame, portfolio: Portfolio) -> str:
    pairs, base = [], portfolio.base
    for row in frame.filter(kind="measure").iter_rows(named=True):
        label = MEASURES[row["measure"]]
        if row["measure"] == "beta":
            shown = "–" if row["beta"] is None else f"{row['beta']:.2f}".replace("-", "−")
            pairs.append((label, shown, why(row) or f"to {portfolio.benchmark_name}"))
        elif row["value"] is None:
            pairs.append((label, "–", why(row)))
        else:
            span = "a year" if row["measure"] == "volatility" else "a day"
            share = "" if row["share"] is None else f", {100 * row['share']:.2f} %"
            amount = f"{row['value']:,.0f}"
            word = f"{base} {span}{share}".replace("-", "−")
            pairs.append((label, amount.replace("-", "−"), word))
    left_out = frame.filter(kind="left_out")
    names = ", ".join(f"{row['symbol']} ({why(row)})" for row in left_out.iter_rows(named=True))
    days = frame.filter(measure="volatility")["days"].sum()
    note = f"{days} sessions on which all positions have a close"
    note += f". Left out: {names}" if names else ""
    return facts(pairs) + f'<div class="b-note">{escape(note)}</div>'


def why(row: dict[str, Any]) -> str:
    """Why a measure has no value."""
    code, _, more = str(row["reason"] or "").partition(":")
    return REASONS.get(code, code) + (f":{more}" if more else "")


def _contributions(frame: pl.DataFrame, base: str, names: Mapping[str, str]) -> str:
    parts = frame.filter(kind="position")
    tail = parts.filter(measure="cvar_95").select(
        "symbol", pl.col("value").alias("tail"), pl.col("share").alias("tail_share")
    )
    rows = [
        row
        | {"named": {"text": names[row["symbol"]], "to": address("instrument", id=row["symbol"])}}
        for row in parts.filter(measure="deviation")
        .join(tail, on="symbol", how="left")
        .sort("share", "symbol", descending=[True, False], nulls_last=True)
        .iter_rows(named=True)
    ]
    columns = (
        Column("named", "instrument", "link"),
        Column("exposure", f"value, {base}", "number", digits=0, total=True),
        Column("share", "of volatility, %", "heat", digits=1, scale=0.3),
        Column("tail", f"in CVaR 95 %, {base}", "number", digits=0, total=True),
        Column("tail_share", "of CVaR, %", "heat", digits=1, scale=0.3),
        Column("beta", "beta", "number"),
    )
    return f'<div class="b-box">{table(rows, columns, caption="Contributions to risk")}</div>'


def _moves(frame: pl.DataFrame, base: str) -> str:
    shown = frame.filter(kind="day").sort("value", "date")
    columns = (
        Column("date", "session", "day"),
        Column("value", f"gain, {base}", "signed", digits=0),
        Column("share", "of value, %", "heat", scale=0.05),
    )
    return table(shown, columns, caption="Largest moves")
