"""A filing simulated: edits of the last twelve months, what they do to lines, ratios and limits."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from analytics.companies.filing_sensitivity import SHOWN
from analytics.companies.ratio_list import RATIOS
from analytics.companies.simulation import LABELS, THRESHOLDS, Threshold
from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.filing_edits import FilingChoice, filing_form
from pages.filings.filing_scenarios import FILINGS, NEEDS, compared_filings
from pages.filings.ratios_view import NOTHING, ratio_missing
from pages.filings.simulation_cells import NOISE, in_units, line_unit, moved
from pages.frame.cached import cached
from pages.frame.controls import pick
from pages.frame.errors import explain
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Absent, Column, facts, table
from pages.scenarios.opened_scenario import opened, standing
from pages.scenarios.scenarios_panel import scenarios_panel

HEADLINES = ("net_income", "eps", "cash", "icr", "debt_to_equity", "roe")
RATE_STEPS = {"0.5": "0.5 points", "1": "1 point", "2": "2 points"}
REVENUE_STEPS = {"5": "5 %", "10": "10 %", "20": "20 %"}
STEPS = 2  # to either side
MEASURES = {one.name: one.label for one in RATIOS if one.name in SHOWN} | {
    name: LABELS[name] for name in ("eps", "cash", "equity")
}
LABEL, UNIT = Column("label", "", "wide"), Column("of", "unit")
FIGURES = (
    Column("before", "before", "number"),
    Column("after", "after", "number"),
    Column("change", "change", "signed"),
)


def simulate_view(company: str) -> None:
    """The edits, then everything before and after, what is saved, and another beside it."""
    opened_scenario = opened(FILINGS)
    choice = filing_form(company, _currency(company))
    if opened_scenario is not None:
        standing(FILINGS, opened_scenario, choice)
    if _result(choice):
        _sensitivity(choice)
    scenarios_panel(FILINGS, choice, opened_scenario)
    compared_filings(choice)


def _currency(company: str) -> str:
    """That of the accounts; nothing where there are none, as the panels say."""
    try:
        unedited = FilingChoice(company, {}).params()
        frame = cached(find("filing_simulation").call, current().at, **unedited).frame
    except Exception as error:  # noqa: BLE001 - the panels say it; explain() logs it
        explain(error, "simulation")
        return ""
    return "" if frame.is_empty() else str(frame["currency"][0] or "")


def _result(choice: FilingChoice) -> bool:
    """Three panels of one answer: limits, lines and ratios; the first alone where it is refused."""
    call, given, assumed = find("filing_simulation").call, choice.params(), choice.assumed()
    first = Panel("Result", choice.words(), NEEDS, NOTHING, key="filing-limits", assumed=assumed)
    if first.show(call, _limits, **given) is None:
        return False
    left, right = st.columns(2, gap="small")
    with left:
        Panel(
            "Accounts before and after",
            f"{choice.currency} mn unless a line says otherwise; cash balances".strip(),
            NEEDS,
            NOTHING,
            key="filing-lines",
            assumed=assumed,
        ).show(call, lambda answer: _figures(answer, "line"), **given)
    with right:
        Panel(
            "Ratios before and after",
            "of the same twelve months",
            NEEDS,
            NOTHING,
            key="filing-ratios",
            assumed=assumed,
        ).show(call, lambda answer: _figures(answer, "ratio"), **given)
    return True


def _limits(answer: Answer) -> str:
    """The figures that matter most, and every limit with where it is crossed."""
    rows = {row["name"]: row for row in answer.frame.iter_rows(named=True)}
    strip = [_headline(rows[name]) for name in HEADLINES]
    columns = (
        Column("label", "threshold", "wide"),
        Column("of", "unit"),
        Column("limit", "limit", "number"),
        Column("before", "before", "number"),
        Column("after", "after", "number"),
        Column("state", "state", "status"),
    )
    limits = [_limit(one, rows[one.name]) for one in THRESHOLDS]
    end = answer.frame["period_end"][0]
    words = f"Twelve months to {end:%d %b %Y}. Before: as filed. After: with the edits."
    note = f'<div class="b-note">{words}</div>'
    return f"{facts(strip)}{table(limits, columns, caption='Limits')}{note}"


def _headline(row: Mapping[str, Any]) -> tuple[str, str, str]:
    unit, size = line_unit(row)
    before, after = (in_units(row, side, size) for side in ("before", "after"))
    if isinstance(after, Absent):
        return row["label"], "–", "no figure"
    was = "" if isinstance(before, Absent) else f", before {_written(before)}"
    return row["label"], _written(after), f"{unit}{was}"


def _written(value: float) -> str:
    digits = 0 if abs(value) >= 10_000 else 2
    return f"{value:,.{digits}f}".replace("-", "−")


def _limit(one: Threshold, row: Mapping[str, Any]) -> dict[str, Any]:
    unit, size = line_unit(row)
    return {
        "label": one.words[:1].upper() + one.words[1:],
        "of": unit,
        "limit": one.limit * size,
        "before": in_units(row, "before", size),
        "after": in_units(row, "after", size),
        "state": _state(one.limit, row["before"], row["after"]),
    }


def _state(limit: float, before: float | None, after: float | None) -> str:
    if after is None:
        return "not known"
    if after < limit:
        return "still below" if before is not None and before < limit else "crossed"
    return "no longer below" if before is not None and before < limit else "not below"


def _figures(answer: Answer, kind: str) -> str:
    rows = []
    for row in answer.frame.filter(kind=kind).iter_rows(named=True):
        unit, size = line_unit(row)
        sides = {name: in_units(row, name, size) for name in ("before", "after")}
        change, label = moved(row["change"], row["after"], size), row["label"]
        # Of a line the unit stands in the head, so that its amounts have room.
        if kind == "line" and row["name"] in ("shares", "eps"):
            label = f"{label}, {unit.removesuffix(' shares')}"
        rows.append({"label": label, "of": unit, "change": change, **sides})
    if kind == "line":
        return table(rows, (LABEL, *FIGURES), caption="Accounts")
    return table(rows, (LABEL, UNIT, *FIGURES), caption="Ratios")


def _sensitivity(choice: FilingChoice) -> None:
    """One measure over a grid of rates and of revenue."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        measure, rate, revenue = (
            pick("company", name, label, list(of), first, format_func=of.__getitem__, width=200)
            for name, label, of, first in (
                ("of", "Sensitivity of", MEASURES, "icr"),
                ("rate_step", "Rate step", RATE_STEPS, "1"),
                ("revenue_step", "Revenue step", REVENUE_STEPS, "10"),
            )
        )
    unit = _measure_unit(measure, choice.currency)
    Panel(
        f"Sensitivity: {MEASURES[measure]}",
        f"{unit}; after the edits, by revenue and by the rate of the new debt",
        NEEDS,
        NOTHING,
        key="filing-sensitivity",
        assumed=choice.assumed(),
    ).show(
        find("filing_sensitivity").call,
        lambda answer: _grid(answer, measure, choice),
        **choice.params(),
        rate_step=float(rate) / 100,
        revenue_step=float(revenue) / 100,
        steps=STEPS,
    )


def _measure_unit(measure: str, currency: str) -> str:
    return line_unit(_line_of(measure, currency))[0]


def _line_of(measure: str, currency: str) -> dict[str, Any]:
    """A measure as a row of the simulation has it."""
    units = {one.name: one.unit for one in RATIOS}
    kind = "ratio" if measure in units else "line"
    unit = units.get(measure, "money")
    return {"kind": kind, "name": measure, "unit": unit, "currency": currency}


def _grid(answer: Answer, measure: str, choice: FilingChoice) -> str:
    """Revenue down, the rate across; a point at which a limit is crossed is marked. Rates below
    zero are left out, and all but one where there is no new debt."""
    _, size = line_unit(_line_of(measure, choice.currency))
    own, has_debt = choice.typed.get("rate", 0.0), "debt" in choice.typed
    shown = pl.col("rate_change") == 0.0
    if has_debt:
        shown = own / 100 + pl.col("rate_change") > -NOISE
    frame = answer.frame.filter(shown)
    points = {
        (row["revenue_change"], row["rate_change"]): row for row in frame.iter_rows(named=True)
    }
    heads = {rate: f"rate {own + 100 * rate:.2f} %" for rate in sorted({*frame["rate_change"]})}
    columns = (
        Column("revenue", "revenue"),
        *(
            Column(str(rate), head if has_debt else "at any rate", "warned")
            for rate, head in heads.items()
        ),
    )
    rows = [
        {"revenue": f"{100 * revenue:+.0f} %".replace("-", "−") if revenue else "as edited"}
        | {str(rate): _point(points[revenue, rate], measure, size) for rate in heads}
        for revenue in sorted({*frame["revenue_change"]}, reverse=True)
    ]
    drawn = table(rows, columns, caption="Sensitivity")
    return f'{drawn}<div class="b-note">{_grid_words(frame, measure, has_debt=has_debt)}</div>'


def _grid_words(frame: pl.DataFrame, measure: str, *, has_debt: bool) -> str:
    crossed = frame.filter(pl.col("crossed").is_not_null()).height
    words = [f"! marks a threshold that is crossed: {crossed} of {frame.height} points."]
    if not has_debt:
        words.append("No new debt is entered, so the rate changes nothing.")
    if frame[measure].null_count() == frame.height:
        words.append(f"No figure: {_missing(frame.row(0, named=True), measure)}.")
    return escape(" ".join(words))


def _point(row: Mapping[str, Any], measure: str, size: float) -> dict[str, Any]:
    value = row[measure]
    if value is None:
        return {"value": None, "about": _missing(row, measure)}
    return {"value": value * size, "about": row["crossed"] or ""}


def _missing(row: Mapping[str, Any], measure: str) -> str:
    """Why a point has no figure."""
    reason = f"{measure}_reason"
    if row["refused"] or reason not in row:
        return row["refused"] or "not stated"
    return ratio_missing(row, reason).reason
