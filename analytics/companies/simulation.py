"""What a company's accounts and ratios would be after edits: before, after, and what is crossed.

Nothing of it is written anywhere: facts stay as they were filed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from analytics.companies.edited_accounts import (
    CARRIED,
    LINES,
    Edits,
    Lines,
    carried,
    edited,
)
from analytics.companies.facts import company_facts
from analytics.companies.measures import ends_of_flows, measures, with_year_before
from analytics.companies.ratio_list import RATIOS, is_bank, with_ratios
from analytics.companies.share_prices import company_prices
from data.errors import ConfigError
from data.query import Answer, At

LABELS = {
    "revenue": "Revenue",
    "ebit": "Operating income (EBIT)",
    "interest": "Interest expense",
    "pretax": "Pre-tax income",
    "tax": "Income tax",
    "net_income": "Net income",
    "dividends": "Dividends paid",
    "buybacks": "Share buybacks",
    "assets": "Total assets",
    "cash": "Cash and equivalents",
    "debt": "Total debt",
    "liabilities": "Total liabilities",
    "equity": "Shareholders' equity",
    "other_equity": "Minorities and other equity",
    "shares": "Diluted shares",
    "eps": "Earnings per share, diluted",
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line or a ratio, and what is said where it is below its limit."""

    name: str
    limit: float
    words: str


THRESHOLDS = (
    Threshold("icr", 1.5, "distress zone: EBIT below 1.5 times interest"),
    Threshold("icr", 1.0, "EBIT does not cover interest"),
    Threshold("cash", 0.0, "negative cash"),
    Threshold("equity", 0.0, "negative equity"),
)


@dataclass(frozen=True, slots=True)
class BaseAccounts:
    """The last twelve months of a company, and what its ratios need beside."""

    lines: Lines
    row: dict[str, Any]
    schema: pl.Schema
    answer: Answer


def filing_simulation(at: At, *, company: str, edits: str = "{}") -> Answer:
    """A company's last twelve months before and after edits, with every ratio's change.

    `edits` is a JSON object: `revenue_change`, `margin`, `margin_change`, `one_offs`, `impairment`,
    `new_debt`, `rate`, `year_fraction`, `dividend`, `buyback`, `share_issue`, `tax_rate`, in the
    currency of the accounts or as parts of one, and `lines` to set `assets`, `cash`,
    `liabilities`, `equity`. Cash balances; a statement that does not add up is refused with the
    line that is out. `crossed` names a threshold that the edits cross. `kind` is `line` or `ratio`.
    """
    base = base_accounts(at, company)
    frame = simulated(base, company, Edits.read(edits))
    return base.answer.derive(frame, "the last twelve months under the edits, by identities")


def simulated(base: BaseAccounts, company: str, change: Edits) -> pl.DataFrame:
    """Lines and ratios before and after the edits."""
    after = edited(base.lines, change, base.row["price"])
    lines = [
        _row("line", name, LABELS[name], "money", base.lines.get(name), after[name])
        | {"crossed": crossed(name, base.lines.get(name), after[name])}
        for name in LINES
    ]
    ratios = with_ratios(
        pl.DataFrame([base.row, after_row(base, after, change)], schema=base.schema)
    ).to_dicts()
    for one in RATIOS:
        old, new = ratios[0][one.name], ratios[1][one.name]
        row = _row("ratio", one.name, one.label, one.unit, old, new)
        reasons = {
            "reason_before": ratios[0][f"{one.name}_reason"],
            "reason_after": ratios[1][f"{one.name}_reason"],
        }
        lines.append(row | reasons | {"crossed": crossed(one.name, old, new)})
    return pl.DataFrame(lines, schema=_SCHEMA).with_columns(
        pl.lit(company).alias("company"),
        pl.lit(base.row["period_end"], pl.Date).alias("period_end"),
        pl.lit(base.row["currency"], pl.String).alias("currency"),
    )


def base_accounts(at: At, company: str) -> BaseAccounts:
    """The last twelve months that are known of a company; refused where there are none."""
    found = company_facts(at, company)
    ends = with_year_before(ends_of_flows(found.facts))
    last = ends.filter(pl.col("period_end") == pl.col("period_end").max())
    measured = measures(found.facts, last)
    if measured.is_empty() or measured["currency"][0] is None:
        raise ConfigError(f"{company[:60]}: no twelve months of accounts are known at this time")
    prices = company_prices(measured, at, [company])
    bank = is_bank(pl.lit(found.sector, pl.String), pl.lit(found.industry, pl.String))
    frame = measured.join(prices.frame, on="company", how="left", maintain_order="left")
    frame = frame.with_columns(bank.alias("is_bank"))
    row = frame.row(0, named=True)
    lines: Lines = {name: row.get(name) for name in (*LINES, *CARRIED)}
    other = lines["other_equity"] = _minorities(found.facts, row["period_end"])
    if lines["liabilities"] is None and None not in (row["assets"], row["equity"]):
        lines["liabilities"] = row["assets"] - row["equity"] - other  # not every filer tags it
    income, eps = row["net_income"], row["eps"]
    if income and eps and income / eps > 0:
        lines["shares"] = income / eps
    return BaseAccounts(lines, row, frame.schema, found.answer.join(prices, frame, ""))


def _minorities(facts: pl.DataFrame, day: object) -> float:
    """Equity beside that of the shareholders: minorities, and what is redeemable."""
    lines = facts.filter(pl.col("kind") == "instant", pl.col("period_end") == day)
    value = dict(lines.select("concept", "value").iter_rows())
    own, total = value.get("StockholdersEquity"), value.get("TotalEquity")
    minority = value.get("MinorityInterest", 0.0)
    if total is not None and own is not None:
        minority = total - own
    return float(minority + value.get("RedeemableNoncontrollingInterest", 0.0))


def after_row(base: BaseAccounts, after: Lines, edits: Edits) -> dict[str, Any]:
    """The measures after the edits; the price of a share stays, its value with all shares moves."""
    row = base.row | {name: after[name] for name in LINES if name in base.row}
    row |= carried(base.lines, after, edits)
    old, new, value = base.lines.get("shares"), after["shares"], base.row["market_value"]
    if value is not None and old and old != new:
        row["market_value"] = None if new is None else value * new / old
    return row


def _row(  # noqa: PLR0913 - the cells of a row
    kind: str, name: str, label: str, unit: str, before: float | None, after: float | None
) -> dict[str, Any]:
    change = None if before is None or after is None else after - before
    return {
        "kind": kind,
        "name": name,
        "label": label,
        "unit": "shares" if name == "shares" else unit,
        "before": before,
        "after": after,
        "change": change,
    }


def crossed(name: str, before: float | None, after: float | None) -> str | None:
    """Thresholds that lie between before and after, the hardest last; a way back is named too."""
    if after is None or before is None:
        return None
    down = [one.words for one in THRESHOLDS if one.name == name and before >= one.limit > after]
    up = [one.words for one in THRESHOLDS if one.name == name and before < one.limit <= after]
    return "; ".join([*down, *(f"no longer: {words}" for words in up)]) or None


_SCHEMA = {
    **dict.fromkeys(("kind", "name", "label", "unit"), pl.String),
    **dict.fromkeys(("before", "after", "change"), pl.Float64),
    **dict.fromkeys(("reason_before", "reason_after", "crossed"), pl.String),
}
