"""The figures of a trade: quantity, price, currency, fee and day, each as the file states it.

Quantity × price has to meet the amount where a row has one: what does not fit is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from data.errors import UploadError
from data.uploads.columns import FEES
from data.uploads.dates import instant, is_clock
from data.uploads.money import MAJOR, MINOR, PARTS, SHARED, currency_of, meets, scale
from data.uploads.numbers import number, parts
from data.uploads.plan import FIT, Plan, fit
from data.uploads.questions import Question, Unanswered, column
from data.uploads.table import Row
from data.uploads.vocabulary import heading, vocabulary

CENTS = 0.02
FEW = 20.0  # what a small trade may cost
PROVEN = 0.9  # share of rows in which quantity × price has to be the amount
NEAR = 1.5  # how far a price that was ordered may lie from the one that was paid
LOOKED_AT = 200
LOOSE = frozenset(("price", "quantity", "shares", "qty", "units"))
MOST_COSTS = 0.03  # costs that no column states, as a share of quantity × price


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency."""

    value: float
    currency: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A trade's figures; `other_fees` are in another currency than its price."""

    quantity: float
    price: float
    currency: str
    fee: float
    at: datetime
    other_fees: tuple[Money, ...] = ()
    note: str = ""


def needed(plan: Plan) -> Question | None:
    """The first role without which no row can be judged."""
    columns, said = plan.reading.columns, plan.said
    if "quantity" not in columns:
        return column("quantity", "the quantity")
    place = columns["quantity"]
    roles = set(heading(plan.table.names[place]).roles)
    unit = plan.units.get("quantity", "")
    if (roles and not roles & {"quantity"} and plan.layout.name == "" and _is_money(plan)) or (
        unit and currency_of(unit) and said.get("quantity") != "yes"
    ):
        name = plan.table.names[place]
        text = f"{name} looks like money, not like a number of shares: choose another column"
        return Question("quantity", text, {"yes": "it is the quantity"})
    if "price" not in columns and not _derives(plan):
        if "amount" in columns:
            name = plan.table.names[columns["amount"]]
            text = "No column says the price: choose one, or take the amount"
            return Question("price", text, {"amount": f"{name} divided by the quantity"})
        return column("price", "the price")
    if wrong := _misnamed_price(plan) or _rival(plan, "price") or _rival(plan, "quantity"):
        return wrong
    if "opened" not in columns and "opened" not in said:
        text = "No column says when: choose the column of dates, or give one day for all rows"
        return Question("opened", text)
    if plan.order == "?":
        text = "The dates may be in either order: choose day or month first"
        return Question("order", text, {"dmy": "day first", "mdy": "month first"})
    return None


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


def _derives(plan: Plan) -> bool:
    how = plan.said.get("price") or plan.layout.price
    return how in ("amount", "net") and how in plan.reading.columns


def figures_of(row: Row, plan: Plan, known_currency: str, now: datetime, side: str) -> Figures:
    """What a row states; an UploadError or a question where something is missing or odd."""
    quantity = plan.figure(row, "quantity")
    if quantity is None or quantity == 0:
        raise UploadError("no quantity; expected how many were traded")
    price = _price(row, plan, abs(quantity), is_sale=side in ("sell", "short"))
    currency = _currency(row, plan, known_currency, abs(quantity) * price)
    at = _when(row, plan, now)
    fees, others = _fees(row, plan, currency)
    gross = abs(quantity) * price
    fee = _settled_fee(row, plan, currency, gross, fees)
    note = ""
    if plan.said.get("amounts") != "ignore":
        note = _check_amount(row, plan, currency, gross, 1 if side in ("buy", "cover") else -1)
    return Figures(quantity, price, currency, fee, at, others, note)


def _price(row: Row, plan: Plan, size: float, *, is_sale: bool) -> float:
    price = plan.figure(row, "price")
    if price is None and _derives(plan):
        how = plan.said.get("price") or plan.layout.price
        money = plan.figure(row, how)
        if money is not None:
            costs = sum(abs(plan.maybe(row, role) or 0) for role in FEES) if how == "net" else 0
            price = (abs(money) + (costs if is_sale else -costs)) / size
    if price is None:
        raise UploadError("no price; expected what one of them cost")
    if price == 0:
        raise UploadError(
            "the price is 0: what came in without a price is no purchase; enter it as an opening "
            "balance with its cost"
        )
    return abs(price)


def _currency(row: Row, plan: Plan, known: str, gross: float) -> str:
    """The currency of the price: as its cell, its heading or its column says, else as known."""
    cell = plan.cell(row, "currency")
    named = currency_of(cell) if cell else ""
    if cell and not named:
        raise UploadError(f"{cell[:12]!r} is no currency that is known; write a code such as EUR")
    stated = [each for each in (plan.unit(row, "price"), named) if each]
    said = plan.said.get("currency", "")
    found = stated or [each for each in (said, plan.layout.currency) if each]
    if not found and (by_amount := _of_amount(row, plan, gross, known)):
        found = [by_amount]
    sure = [each for each in found if each not in SHARED]
    if len(set(sure)) == 1 and known in MINOR and MAJOR[known] == sure[0]:
        return _pence_or_pounds(row, plan, gross, known)
    if len(set(sure)) > 1:
        return _minor_of(sure, row, plan, gross)
    if sure:
        return sure[0]
    if found and known and not meets(found[0], known) and not scale(found[0], known):
        raise Unanswered(_which_currency(f"prices are in {found[0]}, the instrument in {known}"))
    if not known or (not found and _is_by_isin(row, plan)):
        raise Unanswered(_which_currency("no column says the currency of the prices"))
    return known if known in MINOR else currency_of(known) or known


def _pence_or_pounds(row: Row, plan: Plan, gross: float, minor: str) -> str:
    """Pence where the file says pounds and the amount shows that the price is in pence."""
    for role in ("amount", "net"):
        value = plan.maybe(row, role)
        if value and abs(abs(value) * PARTS[minor] - gross) <= 0.05 * gross:
            return minor
    return MAJOR[minor]


def _minor_of(stated: list[str], row: Row, plan: Plan, gross: float) -> str:
    """Pence where the heading says so and the column names pounds; any other pair is asked."""
    if scale(stated[0], stated[1]) and stated[0] in MINOR:
        return stated[0]
    raise Unanswered(_which_currency(f"{stated[0]} and {stated[1]} are both stated for one price"))


def _of_amount(row: Row, plan: Plan, gross: float, known: str) -> str:
    """The currency of the amount, where quantity × price is that amount.

    Costs may lie between them, unless the instrument is known in another currency: then a rate
    near one would look like costs, and only the very amount counts.
    """
    for role in ("amount", "net"):
        value, unit = plan.maybe(row, role), plan.unit(row, role)
        if not value or not unit or unit in SHARED:
            continue
        is_near = not known or scale(unit, known) is not None or meets(unit, known)
        free = MOST_COSTS * gross + FEW if is_near else CENTS
        if abs(abs(value) - gross) <= free:
            return unit
    return ""


def _is_by_isin(row: Row, plan: Plan) -> bool:
    """Whether nothing names the listing whose currency would be the price's."""
    return not plan.cell(row, "symbol")


def _which_currency(text: str) -> Question:
    common = ("EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "HKD", "INR")
    whole = f"{text[:1].upper()}{text[1:]}: say which currency it is"
    return Question("currency", whole, {code: code for code in common})


def _when(row: Row, plan: Plan, now: datetime) -> datetime:
    cell = plan.cell(row, "opened") or plan.said.get("opened")
    if cell is None:
        raise UploadError("no date; expected when it was traded")
    clock = plan.cell(row, "clock")
    plain = instant(cell, plan.order)
    if clock is not None and is_clock(clock) and plain.time().isoformat() == "23:59:59":
        at = instant(f"{plain.date()} {clock}", "")
    else:
        at = plain
    if at > now and at.date() != now.date():
        raise UploadError(f"{at.date()} lies in the future")
    return min(at, now)


def _fees(row: Row, plan: Plan, currency: str) -> tuple[list[float], tuple[Money, ...]]:
    """Fees and taxes in the currency of the price, and those in another."""
    same: list[float] = []
    other: list[Money] = []
    for role in FEES:
        value = plan.figure(row, role)
        if not value:
            continue
        unit = _fee_currency(row, plan, role, currency) or currency
        coin = parts(plan.cell(row, role) or "").unit
        if coin and coin.isalpha() and coin.isupper() and len(coin) > 2 and not currency_of(coin):
            unit = coin
        times = scale(unit, currency) if not meets(unit, currency) else 1.0
        if times is None:
            other.append(Money(value, unit))
        else:
            same.append(value * times)
    return same, tuple(other)


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
        return _amount_currency(row, plan, plan.layout.fee_currency)
    said = plan.layout.fee_currency or plan.said.get("fee_currency", "")
    others = {_amount_currency(row, plan, each) for each in ("amount", "net")}
    strange = [unit for unit in others if unit and scale(unit, currency) is None]
    if said or not strange or meets(strange[0], currency):
        return said
    text = f"Prices are in {currency}, amounts in {strange[0]}: say in which currency the fees are"
    raise Unanswered(Question("fee_currency", text, {currency: currency, strange[0]: strange[0]}))


def _amount_currency(row: Row, plan: Plan, role: str = "amount") -> str:
    if unit := plan.unit(row, role):
        return unit
    cell = plan.cell(row, "amount_currency")
    return currency_of(cell) if cell else ""


def _settled_fee(row: Row, plan: Plan, currency: str, gross: float, fees: list[float]) -> float:
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
    unit = _amount_currency(row, plan, "net")
    turned = plan.maybe(row, "rate_of_exchange") not in (None, 0, 1)
    if not net or turned or (unit and not meets(unit, currency)):
        return None
    return round(abs(abs(net) - gross), 6)


def _check_amount(row: Row, plan: Plan, currency: str, gross: float, sign: int) -> str:
    """What the amount differs by where no fee explains it; a question where costs cannot.

    In another currency, or at a rate, quantity × price need not be the amount.
    """
    said = ""
    for role in ("amount", "net"):
        value = plan.maybe(row, role)
        if not value or (plan.layout.price == role and "price" not in plan.reading.columns):
            continue
        unit = _amount_currency(row, plan, role)
        times = scale(unit, currency) if unit and not meets(unit, currency) else 1.0
        if times is None:
            continue
        costs = sum(abs(plan.maybe(row, fee) or 0) for fee in FEES) * times
        amount = abs(value) * times
        if currency in MINOR and not unit and abs(amount * PARTS[currency] - gross) <= 0.1 * gross:
            amount, costs = amount * PARTS[currency], costs * PARTS[currency]
        if abs(amount - gross) <= costs + CENTS + FIT * gross:
            continue
        if _at_a_rate(row, plan, amount, gross, costs):
            continue
        if not 0 < sign * (amount - gross) <= costs + MOST_COSTS * gross + FEW:
            raise Unanswered(_mismatch(role, gross, amount, plan))
        name = plan.table.names[plan.reading.columns[role]]
        said = f"{name} differs by {abs(amount - gross):,.2f}, which no column explains"
    return said


def _at_a_rate(row: Row, plan: Plan, amount: float, gross: float, costs: float) -> bool:
    rate = plan.maybe(row, "rate_of_exchange")
    if not rate or rate == 1:
        return False
    return any(
        abs(amount - turned) <= 0.02 * turned + costs for turned in (gross * rate, gross / rate)
    )


def _mismatch(role: str, gross: float, amount: float, plan: Plan) -> Question:
    name = plan.table.names[plan.reading.columns[role]]
    return Question(
        "amounts",
        f"Quantity × price is {gross:,.2f}, but {name} says {amount:,.2f}: check the columns, the "
        "decimal marks and the currency",
        {"ignore": f"leave {name} aside"},
    )
