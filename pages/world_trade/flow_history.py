"""A flow over time: years with the concentration of partners, or months with sums of twelve."""

from __future__ import annotations

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from data.query import Answer
from pages.frame import charts
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.theme import palette
from pages.world_trade.choice import TradeChoice, month_name
from pages.world_trade.words import BREAKS, FLOWS, basis_of, place_name, scale_of

NOTHING = "No such trade is reported at this clock. What is missing is not zero."
BREAKS_SHOWN = 6


def subject(choice: TradeChoice) -> str:
    """`Exports of Germany to France, 27 · Mineral fuels, 2023`, with what is chosen."""
    way = "to" if choice.flow == "export" else "from"
    partner = f" {way} {place_name(choice.partner)}" if choice.partner else ""
    product = f", {choice.goods}" if choice.product else ""
    return f"{FLOWS[choice.flow]} of {choice.name}{partner}{product}, {choice.period}"


def quiet_line(text: str) -> str:
    """A quiet line below a table or in place of a chart."""
    return f'<div class="b-note">{text}</div>'


def history(choice: TradeChoice) -> None:
    """Years, or months where the choice is of one."""
    unit = subject(choice).removesuffix(f", {choice.period}")
    if choice.month:
        title, name = "By month", "trade_month_history"
        said = f"{unit}; line: sum of twelve months"
    else:
        title, name = "By year", "trade_history"
        said = f"{unit}; line: concentration of partners (HHI)"
    draw = _drawn_months if choice.month else _drawn_years
    Panel(title, said, choice.needs, NOTHING).show(find(name).call, draw, **choice.of_history)


def _drawn_years(answer: Answer) -> Drawn:
    frame = answer.frame.sort("year")
    scale = scale_of(frame["value_usd"])
    first, last = frame["year"].min(), frame["year"].max()
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    rows = {row["year"]: row for row in frame.iter_rows(named=True)}
    years = [str(year) for year in range(first, last + 1)]
    of = [rows.get(int(year), {}) for year in years]
    index = [None if row.get("hhi") is None else 1e4 * row["hhi"] for row in of]
    drawn = [
        charts.YearBars("Value", years, [scale.of(row.get("value_usd")) for row in of]),
        charts.YearLine("HHI", years, index, "warn"),
    ]
    _broken(frame, "year")
    return charts.by_period(drawn, palette(current().theme), unit=scale.unit, right="HHI")


def _drawn_months(answer: Answer) -> Drawn:
    """Months without holes: one that is not reported has its place."""
    frame = answer.frame.sort("period")
    months = frame["period"].to_list()
    first, last = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (months[0], months[-1]))
    every = [f"{place // 12:04}-{place % 12 + 1:02}" for place in range(first, last + 1)]
    rows = {row["period"]: row for row in frame.iter_rows(named=True)}
    of = [rows.get(month, {}) for month in every]
    scale = scale_of(frame["value_usd"])
    sums = [scale.of(row.get("sum_12_usd")) for row in of]
    names = [month_name(month) for month in every]
    drawn = [
        charts.YearBars("Month", names, [scale.of(row.get("value_usd")) for row in of]),
        charts.YearLine("Twelve months", names, sums, "warn"),
    ]
    _broken(frame, "period")
    right = f"twelve months, {scale.unit}"
    return charts.by_period(drawn, palette(current().theme), unit=scale.unit, right=right)


def _broken(frame: pl.DataFrame, period: str) -> None:
    """Basis and edition of the last period, and where growth is left out and why."""
    rows = frame.with_columns(pl.Series("named", [_period_name(one) for one in frame[period]]))
    broken = rows.filter(pl.col("break_reason") != "").tail(BREAKS_SHOWN)
    reasons = broken.group_by("break_reason", maintain_order=True).agg("named")
    said = [f"{basis_of(rows.tail(1).to_dicts())} in {rows['named'][-1]}"]
    said += [f"no growth in {', '.join(when)}: {BREAKS[why]}" for why, when in reasons.iter_rows()]
    st.html(quiet_line("; ".join(said)))


def _period_name(period: int | str) -> str:
    """A year, or a month by name."""
    return str(period) if isinstance(period, int) else month_name(period)
