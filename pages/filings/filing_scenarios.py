"""Saved simulations of filings: what is saved of one, whether its base still stands, and two of
them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from analytics.companies.ratio_list import RATIOS
from analytics.core.catalogue import find
from data.errors import WorkstationError
from data.proof.results import is_same_result, result_hash
from data.query import Answer
from data.state.scenarios import Scenario
from pages.filings.filing_edits import EVERY, FilingChoice, filing_of
from pages.filings.simulation_cells import in_units, line_unit, moved
from pages.frame.cached import cached
from pages.frame.errors import Trouble
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.tables import Absent, Column, table
from pages.scenarios.scenario_page import ScenarioPage, ScenarioResult
from pages.scenarios.scenarios_panel import compared_with
from pages.search.directory import directory

NEEDS = ("fundamentals", "prices")
SIDES = ("before", "after", "other_before", "other_after")
OF_PRICE = [one.name for one in RATIOS if one.needs_price]
APART = {"currency": "the accounts are in two currencies", "not_known": "one of them is not known"}
LISTED = (Column("company_name", "company", "wide"), Column("edits", "edits", "wide"))


def _outcome(choice: FilingChoice) -> ScenarioResult:
    """The hashes of the result and of its base: what was filed, without the price."""
    answer = cached(find("filing_simulation").call, current().at, **choice.params())
    if answer.damaged or answer.frame.is_empty():
        raise WorkstationError("the accounts cannot be computed, so there is nothing to save")
    frame = answer.frame
    filed = frame.filter(~pl.col("name").is_in(OF_PRICE)).select("name", "before")
    facts = {"base": result_hash(filed), "period_end": frame["period_end"][0].isoformat()}
    return ScenarioResult(result_hash(frame.select("name", "before", "after")), facts)


def _differs(one: Scenario, found: ScenarioResult) -> Trouble:
    """Whether what was filed changed, or the price alone."""
    then, now = one.terms.parameters, found.facts
    was, base = str(then.get("base", "")), str(now["base"])
    if is_same_result(was, base):
        return Trouble(
            f"the accounts are those of the save (base {_short(base)}); the price has changed.",
            "Ratios of the price differ, and shares that are bought back or issued.",
        )
    return Trouble(
        f"its base is stale: base {_short(was)} of the twelve months to "
        f"{_day(then.get('period_end'))}, now {_short(base)} of those to "
        f"{_day(now['period_end'])}.",
        "The accounts changed since the save, or the clock is a different one. Save a new version "
        "to use those of this clock.",
    )


def _short(text: str) -> str:
    return text.split(" ", maxsplit=1)[0][:8] or "not saved"


def _day(text: object) -> str:
    try:
        return f"{date.fromisoformat(str(text)):%d %b %Y}"
    except ValueError:
        return "a day that was not saved"


def company_name(company: str) -> str:
    """The name of a company at the clock, or its id."""
    known = directory(current(), "company").filter(id=company)
    return company if known.is_empty() else str(known["label"][0])


def _listed(choice: FilingChoice) -> dict[str, Any]:
    return {"company_name": company_name(choice.company), "edits": choice.words()}


FILINGS: ScenarioPage[FilingChoice] = ScenarioPage(
    kind="filing",
    page="company",
    view="simulate",
    noun="simulation",
    names=frozenset(one.name for one in EVERY),
    read=filing_of,
    outcome=_outcome,
    columns=LISTED,
    row=_listed,
    differs=_differs,
)


def compared_filings(choice: FilingChoice) -> None:
    """The simulation of the page beside a saved one, of the same company or of another."""
    chosen = compared_with(FILINGS)
    if chosen is None:
        return
    saved, other = chosen
    found = FILINGS.computed(other)
    if found is not None and (changed := FILINGS.difference(saved, found)):
        say(Trouble(f"{saved.title}, version {saved.version}: {changed.text}", ""), "partial")
    name = f"{saved.title}, version {saved.version}"
    words = f"this simulation against {name} of {company_name(other.company)} ({other.words()})"
    Panel(
        "Compared",
        words,
        NEEDS,
        key="filing-compared",
        assumed=f"this: {choice.assumed()}; other, {name}: {other.assumed()}",
    ).show(
        find("filing_comparison").call,
        _comparison_table,
        **choice.params(),
        **{f"other_{name}": value for name, value in other.params().items()},
    )


def _comparison_table(answer: Answer) -> str:
    is_one = answer.frame["company"][0] == answer.frame["other_company"][0]
    columns = (
        Column("label", "line or ratio"),
        Column("of", "unit"),
        Column("before", "before", "number"),
        Column("after", "after", "number"),
        *(() if is_one else (Column("other_before", "other, before", "number"),)),
        Column("other_after", "other, after", "number"),
        Column("difference", "difference", "signed", hint="the other after less this one after"),
    )
    rows = [_pair(row) for row in answer.frame.iter_rows(named=True)]
    return table(rows, columns, caption="Compared", group="part")


def _pair(row: Mapping[str, Any]) -> dict[str, Any]:
    own, size = line_unit(row)
    unit, _ = line_unit({**row, "currency": row["other_currency"]})
    reason = APART.get(row["reason"] or "")
    difference = Absent(reason) if reason else moved(row["difference"], row["after"], size)
    return {
        "part": "Accounts" if row["kind"] == "line" else "Ratios",
        "label": row["label"],
        "of": own if own == unit else f"{own}, {unit}",
        **{name: in_units(row, name, size) for name in SIDES},
        "difference": difference,
    }
