"""What a trade cost: its fees and taxes, each in its currency, checked by the net amount."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from data.uploads.money import MAJOR, MINOR, PARTS, currency_of, meets, scale
from data.uploads.numbers import decimal_mark, number, parts
from data.uploads.plan import Plan
from data.uploads.questions import Question, Unanswered
from data.uploads.table import Row
from data.uploads.vocabulary import heading, is_empty

CENTS = 0.02


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency."""

    value: float
    currency: str


def fees_of(
    row: Row, plan: Plan, currency: str, gross: float
) -> tuple[list[float], tuple[Money, ...]]:
    """Fees and taxes in the currency of the price, and those in another."""
    same = _of_rate(row, plan, gross)
    usual = MAJOR[currency] if currency in MINOR and is_in_major(row, plan, gross, currency) else ""
    other: list[Money] = []
    for role in plan.fees:
        value = plan.figure(row, role)
        if not value:
            continue
        unit = _fee_currency(row, plan, role, currency) or usual or currency
        coin = parts(plan.cell(row, role) or "").unit
        if coin and coin.isalpha() and coin.isupper() and len(coin) > 2 and not currency_of(coin):
            unit = coin
        times = scale(unit, currency) if not meets(unit, currency) else 1.0
        if times is None:
            other.append(Money(value, unit))
        else:
            same.append(value * times)
    return same, tuple(other)


def _of_rate(row: Row, plan: Plan, gross: float) -> list[float]:
    """The fee where a column has its rate and the reader said that this is it."""
    if plan.said.get("fee_rate") != "rate" or plan.fee_rate is None:
        return []
    cell = row[1][plan.fee_rate] if plan.fee_rate < len(row[1]) else None
    if is_empty(cell) or cell is None:
        return []
    parts_of_one = 1e4 if heading(plan.table.names[plan.fee_rate]).unit == "bps" else 1e2
    rate = number(cell, decimal_mark([cell]))
    return [round(gross * (rate if "%" in cell else rate / parts_of_one), 9)]


def is_in_major(row: Row, plan: Plan, gross: float, minor: str) -> bool:
    """Whether an amount shows that money is in pounds where the price is in pence."""
    values = [abs(value) for role in ("amount", "net") if (value := plan.maybe(row, role))]
    return any(abs(value * PARTS[minor] - gross) <= 0.05 * gross for value in values)


def _fee_currency(row: Row, plan: Plan, role: str, currency: str) -> str:
    """The currency of a fee: its own, its column's, or that of the account."""
    unit = plan.unit(row, role)
    if unit:
        return unit
    own = plan.fee_units.get(role)
    if own is not None and own < len(row[1]) and (stated := row[1][own]):
        return currency_of(stated) or stated
    cell = plan.cell(row, "fee_currency")
    if cell:
        return currency_of(cell) or cell
    if plan.layout.fee_currency in ("amount", "net"):
        return amount_currency(row, plan, plan.layout.fee_currency)
    said = plan.layout.fee_currency or plan.said.get("fee_currency", "")
    others = {amount_currency(row, plan, item) for item in ("amount", "net")}
    strange = [unit for unit in others if unit and scale(unit, currency) is None]
    if said or not strange or meets(strange[0], currency):
        return said
    text = f"Prices are in {currency}, amounts in {strange[0]}: say in which currency the fees are"
    raise Unanswered(Question("fee_currency", text, {currency: currency, strange[0]: strange[0]}))


def amount_currency(row: Row, plan: Plan, role: str = "amount") -> str:
    """The currency of an amount: its own, its heading's, or that of its column."""
    if unit := plan.unit(row, role):
        return unit
    cell = plan.cell(row, "amount_currency")
    return currency_of(cell) if cell else ""


def settled_fee(row: Row, plan: Plan, currency: str, gross: float, fees: list[float]) -> float:
    """The fee: the sum of the columns, unless the net amount shows that one holds another."""
    total = abs(sum(fees))
    implied = _implied(row, plan, currency, gross)
    if implied is None or len(fees) < 2 or abs(implied - total) <= CENTS:
        return total
    for size in range(len(fees) - 1, 0, -1):
        for some in combinations(fees, size):
            if abs(abs(sum(some)) - implied) <= CENTS:
                return abs(sum(some))
    return total


def _implied(row: Row, plan: Plan, currency: str, gross: float) -> float | None:
    """What the net amount differs by from quantity × price, in the same currency."""
    net = plan.maybe(row, "net")
    unit = amount_currency(row, plan, "net")
    turned = plan.maybe(row, "rate_of_exchange") not in (None, 0, 1)
    if not net or turned or (unit and not meets(unit, currency)):
        return None
    return round(abs(abs(net) - gross), 6)
