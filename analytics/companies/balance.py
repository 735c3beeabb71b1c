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
    the three is not stated.

    What a filer puts between liabilities and equity under a name of its own is on no line here:
    where its own total is stated and is its assets, what is missing is such a line.
    """
    assets, equity = line.get("Assets"), equity_with_minorities(line)
    liabilities = line.get("Liabilities")
    if assets is None:
        return None
    whole = line.get("LiabilitiesAndStockholdersEquity")
    if liabilities is None or equity is None:
        return None if whole is None else _missing(assets, [whole])
    between = line.get("RedeemableNoncontrollingInterest") or 0.0
    out = _missing(assets, [liabilities, equity, between])
    is_whole = whole is not None and not _missing(assets, [whole])
    return 0.0 if out > 0 and is_whole else out


def _missing(assets: float, parts: list[float]) -> float:
    """What the parts leave of the assets; 0 within the rounding of the lines."""
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
