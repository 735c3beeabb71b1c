"""The figures of a trade: quantity, price, currency, fee and day, each as the file states it.

Quantity × price has to meet the amount where a row has one: what does not fit is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.errors import UploadError
from data.uploads.cells import is_code
from data.uploads.dates import instant, is_clock
from data.uploads.fees import CENTS, Money, amount_currency, fees_of, is_in_major, settled_fee
from data.uploads.identity import quote_of
from data.uploads.money import MAJOR, MINOR, PARTS, SHARED, currency_of, meets, scale
from data.uploads.needs import derives
from data.uploads.plan import FIT, Plan
from data.uploads.questions import Question, Unanswered
from data.uploads.table import Row
from data.uploads.vocabulary import TradeSide, fold

OF_ACCOUNT = ("accountcurrency", "basecurrency", "settlementcurrency", "kontowahrung")
LEAST_PENCE = 5.0  # a lower price of a share may be in pounds
FEW = 20.0  # what a small trade may cost
MOST_COSTS = 0.03  # costs that no column states, as a share of quantity × price


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


def figures_of(
    row: Row, plan: Plan, known_currency: str, now: datetime, side: TradeSide
) -> Figures:
    """What a row states; an UploadError or a question where something is missing or odd."""
    quantity = plan.figure(row, "quantity")
    if quantity is None or quantity == 0:
        raise UploadError("no quantity; expected how many were traded")
    price = _price(row, plan, abs(quantity), is_sale=side in ("sell", "short"))
    currency = _currency(row, plan, known_currency, abs(quantity) * price)
    at = _when(row, plan, now)
    gross = abs(quantity) * price
    fees, others = fees_of(row, plan, currency, gross)
    fee = settled_fee(row, plan, currency, gross, fees)
    note = ""
    if plan.said.get("amounts") != "ignore":
        note = _check_amount(row, plan, currency, gross, 1 if side in ("buy", "cover") else -1)
    return Figures(quantity, price, currency, fee, at, others, note)


def _price(row: Row, plan: Plan, size: float, *, is_sale: bool) -> float:
    price = plan.figure(row, "price")
    if price is None and derives(plan):
        how = plan.said.get("price") or plan.layout.price
        money = plan.figure(row, how)
        if money is not None:
            costs = (
                sum(abs(plan.maybe(row, role) or 0) for role in plan.fees) if how == "net" else 0
            )
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
    own = _of_account(row, plan) or plan.unit(row, "price")
    stated = [item for item in (own, named) if item]
    found = stated or _unstated(row, plan, gross, known)
    sure = [item for item in found if item not in SHARED]
    if len(set(sure)) == 1 and known in MINOR and MAJOR[known] == sure[0]:
        return known if is_in_major(row, plan, gross, known) else MAJOR[known]
    if len(set(sure)) > 1:
        return _minor_of(sure, row, plan, gross)
    if sure:
        return sure[0]
    if question := _unsure(row, plan, known, gross, found):
        raise Unanswered(question)
    return known if known in MINOR else currency_of(known) or known


def _unsure(row: Row, plan: Plan, known: str, gross: float, found: list[str]) -> Question | None:
    """What has to be asked before a price is taken to be in the currency of its instrument."""
    if found and known and not meets(found[0], known) and not scale(found[0], known):
        return _which_currency(f"prices are in {found[0]}, the instrument in {known}")
    if not known or (not found and _is_by_isin(row, plan)):
        return _which_currency("no column says the currency of the prices")
    if found:
        return None
    if known in MINOR and not _are_pence(row, plan, known, gross):
        return _which_currency(f"prices may be in {known} or in {MAJOR[known]}", known)
    other = _loose_currency(row, plan, known)
    text = f"the instrument is quoted in {known}, but a column that is not used says {other}"
    return _which_currency(text) if other else None


def _of_account(row: Row, plan: Plan) -> str:
    """The currency of the account, where the name of the column says that prices are in it."""
    place = plan.reading.columns.get("price")
    name = "" if place is None else fold(plan.table.names[place])
    if not name.endswith(OF_ACCOUNT):
        return ""
    if unit := amount_currency(row, plan):
        return unit
    raise Unanswered(_which_currency("prices are in the currency of the account"))


def _are_pence(row: Row, plan: Plan, minor: str, gross: float) -> bool:
    """Whether prices of no stated currency are in pence: an amount in pounds, or no low price."""
    if any(plan.maybe(row, role) for role in ("amount", "net")):
        return is_in_major(row, plan, gross, minor)
    return abs(plan.maybe(row, "price") or 0.0) >= LEAST_PENCE


def _loose_currency(row: Row, plan: Plan, known: str) -> str:
    """Another currency than the instrument's in a column that no role and no name explains."""
    cells = [row[1][place] for place in plan.strays if place < len(row[1])]
    codes = [currency_of(cell) for cell in cells if cell and is_code(cell)]
    others = [code for code in codes if not meets(code, known) and scale(code, known) is None]
    return others[0] if others else ""


def _unstated(row: Row, plan: Plan, gross: float, known: str) -> list[str]:
    """The currency that the reader or the layout says, else that of the pair or of the amount."""
    said = plan.said.get("currency", "")
    if found := [item for item in (said, plan.layout.currency) if item]:
        return found
    pair = plan.cell(row, "symbol") or plan.cell(row, "name") or ""
    found = [quote_of(pair) or _of_amount(row, plan, gross, known)]
    return [item for item in found if item]


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


def _which_currency(text: str, minor: str = "") -> Question:
    common = (
        (minor, MAJOR[minor])
        if minor
        else ("EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "HKD", "INR")
    )
    whole = f"{text[:1].upper()}{text[1:]}: say which currency it is"
    return Question("currency", whole, {code: code for code in common})


def _when(row: Row, plan: Plan, now: datetime) -> datetime:
    cell = plan.cell(row, "opened") or plan.said.get("opened")
    if cell is None:
        raise UploadError("no date; expected when it was traded")
    clock, zone = plan.cell(row, "clock"), plan.cell(row, "zone") or ""
    plain = instant(cell, plan.order)
    if clock is not None and is_clock(clock) and plain.time().isoformat() == "23:59:59":
        at = instant(f"{plain.date()} {clock} {zone}".strip(), "")
    else:
        at = plain
    if at > now and at.date() != now.date():
        raise UploadError(f"{at.date()} lies in the future")
    return min(at, now)


def _check_amount(row: Row, plan: Plan, currency: str, gross: float, sign: int) -> str:
    """What the amount differs by where no fee explains it; a question where costs cannot.

    In another currency, or at a rate, quantity × price need not be the amount.
    """
    said = ""
    for role in ("amount", "net"):
        value = plan.maybe(row, role)
        if not value or (plan.layout.price == role and "price" not in plan.reading.columns):
            continue
        unit = amount_currency(row, plan, role)
        times = scale(unit, currency) if unit and not meets(unit, currency) else 1.0
        if times is None:
            continue
        costs = sum(abs(plan.maybe(row, fee) or 0) for fee in plan.fees) * times
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
