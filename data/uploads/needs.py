"""What has to be asked of a file before any row of it is judged: roles without a sure column."""

from __future__ import annotations

from data.errors import UploadError
from data.uploads.money import currency_of
from data.uploads.numbers import number
from data.uploads.plan import LOTS, Plan, fit
from data.uploads.questions import Question, column
from data.uploads.table import Row
from data.uploads.vocabulary import heading, vocabulary

PROVEN = 0.9  # share of rows in which quantity × price has to be the amount
NEAR = 1.5  # how far a price that was ordered may lie from the one that was paid
LOOKED_AT = 200
LOOSE = frozenset(("price", "quantity", "shares", "qty", "units"))


def needed(plan: Plan) -> Question | None:
    """The first role without which no row can be judged."""
    for test in (_quantity, _lots, _fee_rate, _price, _opened):
        if question := test(plan):
            return question
    return None


def _quantity(plan: Plan) -> Question | None:
    columns, unit = plan.reading.columns, plan.units.get("quantity", "")
    if "quantity" not in columns:
        return column("quantity", "the quantity")
    name = plan.table.names[columns["quantity"]]
    roles = set(heading(name).roles)
    is_other = bool(roles) and "quantity" not in roles and not plan.layout.name and _is_money(plan)
    has_unit = bool(unit and currency_of(unit)) and plan.said.get("quantity") != "yes"
    if not is_other and not has_unit:
        return None
    text = f"{name} looks like money, not like a number of shares: choose another column"
    return Question("quantity", text, {"yes": "it is the quantity"})


def _price(plan: Plan) -> Question | None:
    columns = plan.reading.columns
    if "price" in columns or derives(plan):
        return _misnamed_price(plan) or _rival(plan, "price") or _rival(plan, "quantity")
    money = next((role for role in ("amount", "net") if role in columns), None)
    if money is None:
        return column("price", "the price")
    name = plan.table.names[columns[money]]
    text = "No column says the price: choose one, or take the amount"
    return Question("price", text, {money: f"{name} divided by the quantity"})


def _opened(plan: Plan) -> Question | None:
    if "opened" not in plan.reading.columns and "opened" not in plan.said:
        text = "No column says when: choose the column of dates, or give one day for all rows"
        return Question("opened", text)
    if plan.order != "?":
        return None
    text = "The dates may be in either order: choose day or month first"
    return Question("order", text, {"dmy": "day first", "mdy": "month first"})


def _lots(plan: Plan) -> Question | None:
    """What one lot is, where the quantity counts lots and no amount tells it."""
    name = plan.table.names[plan.reading.columns["quantity"]]
    if heading(name).plain not in LOTS or "lot" in plan.said or _proven(plan):
        return None
    text = f"{name} may each be several shares: say how many"
    return Question("lot", text, {size: f"{int(size):,}" for size in ("1", "10", "100", "1000")})


def _fee_rate(plan: Plan) -> Question | None:
    """What a column of rates is, where no column has the fee itself."""
    if "fee" in plan.reading.columns or plan.fee_rate is None or "fee_rate" in plan.said:
        return None
    name = plan.table.names[plan.fee_rate]
    text = f"{name} is a rate, no amount: say how fees are found"
    options = {"rate": "that share of quantity × price", "none": "leave it aside"}
    return Question("fee_rate", text, options)


def _is_money(plan: Plan) -> bool:
    """Whether the column of quantities is named as money, and no reader said otherwise."""
    place = plan.reading.columns["quantity"]
    roles = set(heading(plan.table.names[place]).roles)
    if plan.said.get("quantity") == "yes":
        return False
    money = {"amount", "net", "price", "debit", "credit", "fee", "tax"}
    return bool(roles & money) and not _proven(plan)


def _misnamed_price(plan: Plan) -> Question | None:
    """A column chosen as the price whose name is that of an amount."""
    place = plan.reading.columns.get("price")
    if place is None or plan.layout.name or plan.said.get("price") == "yes":
        return None
    name = plan.table.names[place]
    roles = set(heading(name).roles)
    if not roles or "price" in roles or not roles & {"amount", "net", "fee", "quantity"}:
        return None
    text = f"{name} looks like an amount, not like the price of one: choose another column"
    return Question("price", text, {"yes": "it is the price"})


def _rival(plan: Plan, role: str) -> Question | None:
    """A column that no name explains and whose figures lie close to those of a role, not the same.

    One of them may be what was ordered and the other what was done. Amounts that fit settle it.
    """
    if (
        plan.layout.name
        or plan.reading.is_complete
        or plan.said.get(role) == "yes"
        or _proven(plan)
    ):
        return None
    place = plan.reading.columns.get(role)
    name = "" if place is None else plan.table.names[place]
    if heading(name).plain in set(vocabulary().preferred[role]) - LOOSE:
        return None  # it says that it is what was done
    for place in plan.strays if name else ():
        pairs = [
            (own, other)
            for row in plan.table.rows[:LOOKED_AT]
            if (own := plan.maybe(row, role)) and (other := _bare(row, place, plan, role))
        ]
        equal = sum(own == other for own, other in pairs)
        near = all(1 / NEAR <= other / own <= NEAR for own, other in pairs)
        near |= role == "quantity" and all(abs(other) <= abs(own) for own, other in pairs)
        if near and equal < len(pairs) and (role == "price" or 2 * equal >= len(pairs)):
            text = f"{name} and {plan.table.names[place]} may each be the {role}: choose the column"
            return Question(role, text, {"yes": f"{name} is the {role}"})
    return None


def _proven(plan: Plan) -> bool:
    """Whether quantity × price is the amount, in nearly all rows."""
    return any(
        fit(plan.table, plan.reading, role) >= PROVEN
        for role in ("amount", "net")
        if plan.reading.columns.keys() >= {role, "price", "quantity"}
    )


def _bare(row: Row, place: int, plan: Plan, role: str) -> float | None:
    """The number of a cell, with the marks of the column that it is compared with."""
    cell = row[1][place] if place < len(row[1]) else None
    try:
        return number(cell, plan.reading.marks.get(role, ".")) if cell else None
    except UploadError:
        return None


def derives(plan: Plan) -> bool:
    """Whether the price is to be taken from an amount."""
    how = plan.said.get("price") or plan.layout.price
    return how in ("amount", "net") and how in plan.reading.columns
