"""Accounts of twelve months under edits, by identities; a statement out of balance is refused.

Cash is the balancing item: what is earned, borrowed and raised comes in, what is paid goes out.
Where total assets, liabilities, equity or cash are set by hand, they have to add up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isfinite

from analytics.companies.balance import rounding
from data.errors import AccountsError, ConfigError

MARGIN, TAX, MOST_TAX = 0.30, 0.21, 0.40
SET_LINES = ("assets", "cash", "liabilities", "equity")
FLOW_LINES = ("revenue", "ebit", "interest", "pretax", "tax", "net_income", "dividends", "buybacks")
STOCK_LINES = ("assets", "cash", "debt", "liabilities", "equity", "other_equity")
PER_SHARE = ("shares", "eps")
LINES = (*FLOW_LINES, *STOCK_LINES, *PER_SHARE)
CARRIED = ("gross_profit", "ebitda", "free_cash_flow", "operating_cash_flow", "net_debt")
ROUNDING = 1e-9
AS_FILED = "as filed"
Lines = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Edits:
    """What is changed, in the currency of the accounts; rates and margins are parts of one.

    `margin` is what is left of a change of revenue; `margin_change` is added to the operating
    margin of all revenue. `lines` sets lines of the balance sheet at once, over what the
    identities give.
    """

    revenue_change: float = 0.0
    margin: float | None = None
    margin_change: float = 0.0
    one_offs: float = 0.0
    impairment: float = 0.0
    new_debt: float = 0.0
    rate: float = 0.0
    year_fraction: float = 1.0
    dividend: float = 0.0
    buyback: float = 0.0
    share_issue: float = 0.0
    tax_rate: float | None = None
    lines: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Edits:
        """From a JSON object; a word or a number that cannot be right is refused."""
        try:
            raw = json.loads(text or "{}")
        except json.JSONDecodeError as error:
            raise ConfigError(f"edits are no JSON ({error.msg}); give an object") from None
        names = {one.name for one in fields(cls)}
        if not isinstance(raw, dict) or not names.issuperset(raw):
            other = sorted(set(raw) - names)[:1] if isinstance(raw, dict) else [text[:40]]
            raise ConfigError(f"edits: {other[0]!r} is none of {', '.join(sorted(names))}")
        lines = raw.pop("lines", {})
        if not isinstance(lines, dict) or not set(SET_LINES).issuperset(lines):
            raise ConfigError(f"edits: lines take {', '.join(SET_LINES)}")
        numbers = {name: _number(name, value) for name, value in raw.items() if value is not None}
        return cls(**numbers, lines={name: _number(name, value) for name, value in lines.items()})

    def __post_init__(self) -> None:
        """Refuse what no filing can hold."""
        for name in ("impairment", "dividend", "buyback", "share_issue", "rate", "year_fraction"):
            if getattr(self, name) < 0:
                raise ConfigError(f"edits: {name} is {getattr(self, name)}; expected 0 or more")
        for name in ("rate", "year_fraction", "margin", "margin_change", "tax_rate"):
            if abs(getattr(self, name) or 0.0) > 1:
                raise ConfigError(
                    f"edits: {name} is {getattr(self, name)}; expected a part of one, as 0.05"
                )


def edited(base: Lines, edits: Edits, price: float | None = None) -> Lines:
    """The lines after the edits, balanced to the rounding of a double, or a refusal by the line."""
    filed = [abs(base.get(name) or 0.0) for name in ("assets", "liabilities", "equity")]
    out = imbalance(base, AS_FILED)
    _refuse(out, base, AS_FILED, rounding(filed))
    before = {name: base.get(name) for name in LINES}
    profit = _profit_change(base, edits)
    interest = edits.new_debt * edits.rate * edits.year_fraction
    earned = profit - interest
    taxed = earned * tax_rate(base, edits)
    kept = earned - taxed
    raised = kept - edits.dividend - edits.buyback + edits.share_issue
    after = {
        **before,
        "revenue": _plus(before["revenue"], edits.revenue_change),
        "ebit": _plus(before["ebit"], profit),
        "interest": _plus(_interest(base), interest),
        "pretax": _plus(before["pretax"], earned),
        "tax": _plus(before["tax"], taxed),
        "net_income": _plus(before["net_income"], kept),
        "dividends": _paid(before["dividends"], edits.dividend),
        "buybacks": _paid(before["buybacks"], edits.buyback),
        "debt": _plus(before["debt"], edits.new_debt),
        "liabilities": _plus(before["liabilities"], edits.new_debt),
        "equity": _plus(before["equity"], raised),
        "cash": _plus(before["cash"], edits.new_debt + raised + edits.impairment),
        "assets": _plus(before["assets"], edits.new_debt + raised),
        "shares": _shares(before["shares"], edits, price),
    }
    _set_by_hand(after, before, edits)
    # What the filing's own rounding leaves out stays out; the edits add nothing to it.
    moved = imbalance(after, "after the edits") - out
    sizes = [abs(after[name] or 0.0) for name in ("assets", "liabilities", "equity")]
    _refuse(moved, after, "after the edits", ROUNDING * max(*sizes, *filed, 1.0))
    after["eps"] = _per_share(after["net_income"], after["shares"])
    return after


def carried(base: Lines, after: Lines, edits: Edits) -> Lines:
    """Lines that follow from others: gross profit, EBITDA, net debt and the flows of cash.

    An impairment is no cash, and stands below EBITDA.
    """
    profit = _less(after["ebit"], base["ebit"])
    kept = _less(after["net_income"], base["net_income"])
    in_cash = _plus(kept, edits.impairment)
    return {
        "gross_profit": _plus(
            base.get("gross_profit"), edits.revenue_change * contribution(base, edits)
        ),
        "ebitda": _plus(base.get("ebitda"), _plus(profit, edits.impairment)),
        "operating_cash_flow": _plus(base.get("operating_cash_flow"), in_cash),
        "free_cash_flow": _plus(base.get("free_cash_flow"), in_cash),
        "net_debt": _less(after["debt"], after["cash"]),
    }


def contribution(base: Lines, edits: Edits) -> float:
    """What is left of a change of revenue: as given, else the gross margin, else 30 %."""
    if edits.margin is not None:
        return edits.margin
    gross, revenue = base.get("gross_profit"), base.get("revenue")
    if gross is None or not revenue or not 0 <= gross / revenue <= 1:
        return MARGIN
    return gross / revenue


def _profit_change(base: Lines, edits: Edits) -> float:
    """By how much EBIT moves."""
    profit = edits.revenue_change * contribution(base, edits) + edits.one_offs - edits.impairment
    if not edits.margin_change:
        return profit
    revenue = base.get("revenue")
    if revenue is None:
        raise ConfigError("edits: revenue is not stated, so margin_change has nothing to apply to")
    return profit + edits.margin_change * (revenue + edits.revenue_change)


def tax_rate(base: Lines, edits: Edits) -> float:
    """As given, else the effective rate within 0 and 40 %, else 21 %."""
    if edits.tax_rate is not None:
        return edits.tax_rate
    tax, pretax = base.get("tax"), base.get("pretax")
    if tax is None or pretax is None or pretax <= 0:
        return TAX
    return min(max(tax / pretax, 0.0), MOST_TAX)


def _interest(base: Lines) -> float | None:
    """Interest; a company that states neither interest nor debt pays none."""
    return 0.0 if base.get("interest") is None and not base.get("debt") else base.get("interest")


def _shares(shares: float | None, edits: Edits, price: float | None) -> float | None:
    """How many shares there are after some were bought back or issued at the price."""
    change = edits.share_issue - edits.buyback
    if not change or shares is None:
        return shares
    if not price or price <= 0:
        return None
    left = shares + change / price
    if left <= 0:
        raise ConfigError(f"edits: buyback {edits.buyback:g} is more than all shares are worth")
    return left


def _set_by_hand(after: Lines, before: Lines, edits: Edits) -> None:
    """Lines that are set; cash balances what is set beside it, and assets follow cash."""
    given = dict(edits.lines)
    for name in ("liabilities", "equity"):
        if name in given:
            change = _less(given[name], after[name])
            after[name] = given[name]
            if not {"assets", "cash"} & set(given):
                after["cash"] = _plus(after["cash"], change or 0.0)
                after["assets"] = _plus(after["assets"], change or 0.0)
    if "cash" in given:
        after["assets"] = _plus(after["assets"], _less(given["cash"], after["cash"]) or 0.0)
        after["cash"] = given["cash"]
    if "assets" in given:
        after["assets"] = given["assets"]


def imbalance(lines: Lines, when: str) -> float:
    """Assets less liabilities and equity; refused where one of them is not stated."""
    assets, liabilities, equity = (lines.get(n) for n in ("assets", "liabilities", "equity"))
    if assets is None or liabilities is None or equity is None:
        names = {"assets": assets, "liabilities": liabilities, "equity": equity}
        missing = ", ".join(name for name, value in names.items() if value is None)
        raise AccountsError(f"{missing} {when}: not stated, so the accounts cannot be balanced")
    return assets - liabilities - equity - (lines.get("other_equity") or 0.0)


def _refuse(out: float, lines: Lines, when: str, most: float) -> None:
    """Refuse a statement that is out of balance, and say which line is out by how much."""
    if abs(out) > most:
        assets = lines["assets"] or 0.0
        kind = AccountsError if when == AS_FILED else ConfigError
        sizes = f"{_amount(assets)}, liabilities and equity {_amount(assets - out)}"
        raise kind(f"assets {when} are {sizes}: assets are out by {_amount(out)}")


def _amount(value: float) -> str:
    return f"{value / 1e6:,.2f} mn" if abs(value) >= 1e6 else f"{value:,.2f}"


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ConfigError(f"edits: {name} is {str(value)[:40]!r}; expected a number")
    return float(value)


def _plus(value: float | None, change: float | None) -> float | None:
    return None if value is None or change is None else value + change


def _paid(before: float | None, more: float) -> float | None:
    return (more or None) if before is None else before + more


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _per_share(income: float | None, shares: float | None) -> float | None:
    return None if income is None or not shares else income / shares
