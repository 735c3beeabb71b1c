"""Whether a balance sheet adds up: assets are liabilities and equity, within their rounding."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose

import polars as pl

UNITS = [10.0**power for power in range(9, -3, -1)]
LINES = (
    "Assets",
    "Liabilities",
    "RedeemableNoncontrollingInterest",
    "StockholdersEquity",
    "MinorityInterest",
    "TotalEquity",
    "LiabilitiesAndStockholdersEquity",
)


def equity_with_minorities(line: Mapping[str, float | None]) -> float | None:
    """All equity: as stated, else that of shareholders and of minorities where there are any."""
    if (total := line.get("TotalEquity")) is not None:
        return total
    own = line.get("StockholdersEquity")
    return None if own is None else own + (line.get("MinorityInterest") or 0.0)


def imbalance(line: Mapping[str, float | None]) -> float | None:
    """Assets less liabilities and equity; 0 within the rounding of the lines, none where one of
    the three is not stated."""
    assets, equity = line.get("Assets"), equity_with_minorities(line)
    liabilities = line.get("Liabilities")
    if assets is None:
        return None
    whole = line.get("LiabilitiesAndStockholdersEquity")
    parts = [
        value
        for value in (liabilities, equity, line.get("RedeemableNoncontrollingInterest"))
        if value is not None
    ]
    if liabilities is None or equity is None:
        parts = [] if whole is None else [whole]
    if not parts:
        return None
    out = assets - sum(parts)
    return 0.0 if abs(out) <= rounding([assets, *parts]) else out


def rounding(values: list[float]) -> float:
    """By how much lines that are each rounded to their last stated digit may miss each other."""
    whole = [value for value in values if value]
    unit = next(
        (
            one
            for one in UNITS
            if all(round(v / one) and isclose(v / one, round(v / one)) for v in whole)
        ),
        UNITS[-1],
    )
    return 0.5 * unit * len(values) + 1e-9 * max((abs(v) for v in values), default=0.0)


def unbalanced_days(facts: pl.DataFrame) -> dict[object, float]:
    """The days on which a company's balance sheet does not add up, each with what is out."""
    lines = facts.filter(pl.col("kind") == "instant", pl.col("concept").is_in(list(LINES)))
    found: dict[object, float] = {}
    for (day,), rows in lines.group_by("period_end", maintain_order=True):
        out = imbalance(dict(rows.select("concept", "value").iter_rows()))
        if out:
            found[day] = out
    return found
