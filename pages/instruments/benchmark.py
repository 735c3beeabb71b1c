"""An instrument against a benchmark: risk of a year, beta, and the course of their correlation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from analytics.book.risk import list_risk
from analytics.core.money import in_major
from analytics.markets.correlation_map import ROLLING, rolling_pair
from data.query import Answer
from pages.book.risk import MEASURES, why
from pages.frame import charts
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.state_panel import note
from pages.frame.tables import facts
from pages.frame.theme import palette
from pages.search.directory import rows_of, title
from pages.search.opening import market_index
from pages.search.pickers import pick_instrument

PARAMETER = "benchmark"
SHOWN = ("volatility", "var_95", "cvar_95", "beta")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What an instrument is measured against."""

    symbol: str
    name: str


def against_benchmark(symbol: str, row: Mapping[str, Any]) -> Benchmark | None:
    """The box to choose it, with risk and beta beside; none where it is the instrument itself."""
    left, right = st.columns((3, 8), gap="small", vertical_alignment="center")
    with left:
        other = pick_instrument("instrument", PARAMETER, "Benchmark", market_index(), width=300)
    known = rows_of(current(), "instrument", [other]).get(other)
    found = Benchmark(other, title(known) if known else other)
    is_other = bool(other) and other != symbol
    with right:
        if row["asset_class"] == "rate":
            note(
                "A rate has a level and no return, so it has no volatility, drawdown, beta or "
                "seasons of returns. The correlation of its changes is below."
            )
        elif is_other:
            _risk(symbol, row, found)
        else:
            note("Choose another instrument as the benchmark to see beta and correlation.")
    return found if is_other else None


def _risk(symbol: str, row: Mapping[str, Any], other: Benchmark) -> None:
    currency = in_major(row["currency"] or "USD")[0]
    Panel(
        "Risk and beta",
        f"the last 252 sessions · in {currency} · beta to {other.name}",
        ("prices",),
        "No session of it is known at the clock.",
    ).show(list_risk, _measures, symbols=[symbol], base=currency, benchmark=other.symbol)


def correlation_course(symbol: str, other: Benchmark) -> None:
    """Their correlation over time."""
    Panel(
        "Correlation with the benchmark",
        f"{other.name} · over {ROLLING} sessions in common",
        ("prices",),
        f"They have fewer than {ROLLING} sessions in common in three years.",
        keeps=True,
    ).show(rolling_pair, _correlation, symbol=symbol, other=other.symbol)


def _measures(answer: Answer) -> str:
    rows = {row["measure"]: row for row in answer.frame.filter(kind="measure").to_dicts()}
    return facts([_fact(name, rows.get(name)) for name in SHOWN])


def _fact(name: str, row: dict[str, Any] | None) -> tuple[str, str, str]:
    if row is None or (value := row["beta"] if name == "beta" else row["share"]) is None:
        return MEASURES[name], "–", "" if row is None else why(row)
    if name == "beta":
        return MEASURES[name], f"{value:.2f}".replace("-", "−"), f"{row['days']} sessions"
    span = "a year" if name == "volatility" else "a day"
    return MEASURES[name], f"{100 * value:.2f} %".replace("-", "−"), span


def _correlation(answer: Answer) -> Drawn:
    frame = answer.frame.select(
        "date", pl.col("correlation").alias("value"), pl.lit("pair").alias("source")
    )
    return charts.line(frame, palette(current().theme), unit="correlation", span=(-1, 1))
