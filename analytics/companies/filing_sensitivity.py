"""Ratios of simulated accounts over a grid of rates of the new debt and of revenue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from analytics.companies.edited_accounts import Edits, edited
from analytics.companies.ratio_list import RATIOS, with_ratios
from analytics.companies.simulation import BaseAccounts, after_row, base_accounts, crossed
from data.errors import ConfigError
from data.query import Answer, At

SHOWN = ("icr", "roe", "debt_to_equity", "net_margin", "pe")
OF = tuple(one for one in RATIOS if one.name in SHOWN)
NAMES = tuple(one.name for one in OF)
REASONS = tuple(f"{name}_reason" for name in NAMES)
NO_REVENUE = "revenue is not stated, so it cannot be changed by a part"
WATCHED = ("icr", "cash", "equity")
MOST_STEPS = 5


def filing_sensitivity(  # noqa: PLR0913 - the edits, and the grid around them
    at: At,
    *,
    company: str,
    edits: str = "{}",
    rate_step: float = 0.01,
    revenue_step: float = 0.10,
    steps: int = 1,
) -> Answer:
    """Ratios after the edits with the rate of the new debt and revenue some steps off.

    One row a change of rate (`rate_change`) and of revenue (`revenue_change`), parts of one, as
    many `steps` to either side. `crossed` names the thresholds between the filed accounts and
    these. A row that cannot be, as with a rate below zero, or with another revenue where none is
    stated, has `refused` and no ratios; a ratio that is not there has its reason beside it, as
    `icr_reason`.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise ConfigError(f"steps is {steps}; expected 1 to {MOST_STEPS}")
    for name, size in (("rate_step", rate_step), ("revenue_step", revenue_step)):
        if not 0 < size <= 1:
            raise ConfigError(f"{name} is {size}; expected a part of one, as 0.05")
    base, change = base_accounts(at, company), Edits.read(edits)
    grid = [
        (round(rate * rate_step, 12), round(revenue * revenue_step, 12))
        for rate in range(-steps, steps + 1)
        for revenue in range(-steps, steps + 1)
    ]
    frame = _frame(base, change, grid)
    return base.answer.derive(frame, "ratios under the edits and changes of rate and revenue")


def _frame(base: BaseAccounts, change: Edits, grid: list[tuple[float, float]]) -> pl.DataFrame:
    """One row a point of the grid."""
    rows: list[dict[str, Any]] = []
    measured: list[dict[str, Any]] = []
    stated = base.lines.get("revenue")
    for rate, revenue in grid:
        given: dict[str, Any] = {"rate_change": rate, "revenue_change": revenue}
        if revenue and stated is None:
            rows.append(given | {"refused": NO_REVENUE})
            continue
        more = revenue * (stated or 0.0)
        try:
            moved = replace(
                change,
                rate=round(change.rate + rate, 12),
                revenue_change=change.revenue_change + more,
            )
            after = edited(base.lines, moved, base.row["price"])
        except ConfigError as error:
            rows.append(given | {"refused": str(error)})
            continue
        place = {"place": len(measured)}
        measured.append(after_row(base, after, moved))
        rows.append(given | place | {name: after[name] for name in ("eps", "cash", "equity")})
    before = with_ratios(pl.DataFrame([base.row], schema=base.schema), OF).row(0, named=True)
    figures = (
        with_ratios(pl.DataFrame(measured, schema=base.schema), OF)
        .select(*NAMES, *REASONS)
        .to_dicts()
    )
    old = before | {name: base.lines[name] for name in ("cash", "equity")}
    for row in rows:
        if "place" in row:
            row |= figures[row.pop("place")]
            named = (crossed(name, old[name], row[name]) for name in WATCHED)
            row["crossed"] = "; ".join(filter(None, named)) or None
    numbers = ("rate_change", "revenue_change", *NAMES, "eps", "cash", "equity")
    texts = (*REASONS, "refused", "crossed")
    schema = {**dict.fromkeys(numbers, pl.Float64), **dict.fromkeys(texts, pl.String)}
    return pl.DataFrame(rows, schema=schema)
