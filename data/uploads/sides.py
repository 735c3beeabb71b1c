"""Whether a row bought or sold: by its words, the sign of its quantity, and where its money went.

Where two of these disagree, or none speaks, nothing is assumed: the file is asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.errors import UploadError
from data.uploads.plan import Plan
from data.uploads.questions import Question, Unanswered
from data.uploads.table import Row
from data.uploads.vocabulary import ANSWERS, SideWord, TradeSide, heading

UP: Mapping[SideWord, int] = {"buy": 1, "cover": 1, "sell": -1, "short": -1}
# Amounts whose sign may be that of the holding rather than of the money.
VALUES = frozenset(
    ("value", "wert", "valor", "waarde", "marketvalue", "wartosc", "notional", "cost")
)
NONE = "nothing says whether these are purchases or sales"


@dataclass(frozen=True, slots=True)
class Signs:
    """What the signs of a file's columns mean, found out from all its trades.

    `quantity` and `money` are 1 where the sign agrees with the direction of a trade, -1 where it is
    its opposite, 0 where it tells nothing. `trouble` is said where a column contradicts another.
    """

    quantity: int = 0
    money: int = 0
    trouble: str = ""


def signs_of(rows: Sequence[Row], plan: Plan) -> Signs:
    """The meaning of signs, from the rows that are trades."""
    words = [UP.get(_word(row, plan), 0) for row in rows]
    quantity = [_sign(plan.maybe(row, "quantity")) for row in rows]
    money = [money_sign(row, plan) for row in rows]
    by_quantity = _agreement(quantity, words)
    if plan.layout.quantity == "plain" or not any(q < 0 for q in quantity):
        quantity_means, trouble = 0, ""
    else:
        quantity_means, trouble = _meaning(by_quantity, "the sign of the quantity", usual=1)
    if trouble:
        return Signs(trouble=trouble)
    known = [word or quantity_means * q for word, q in zip(words, quantity, strict=True)]
    return _with_money(quantity_means, money, known, plan)


def _with_money(quantity: int, money: Sequence[int], known: Sequence[int], plan: Plan) -> Signs:
    stated = {"cash": -1, "value": 1, "plain": 0}.get(plan.layout.amount)
    if not any(sign < 0 for sign in money) or stated == 0:
        return Signs(quantity)
    found = _agreement(money, known)
    if not any(known):
        return Signs(quantity, stated if stated is not None else _by_heading(plan))
    means, trouble = _meaning(found, "where the money went", usual=-1)
    if trouble and quantity:
        return (
            Signs(quantity) if all(known) and found[-1] == found[1] == 0 else Signs(0, 0, trouble)
        )
    return Signs(quantity, means, trouble)


def _by_heading(plan: Plan) -> int:
    """Money that leaves where something is bought, if the column's name says it is cash."""
    if {"debit", "credit"} & plan.reading.columns.keys():
        return -1
    for role in ("net", "amount"):
        place = plan.reading.columns.get(role)
        if place is None:
            continue
        if heading(plan.table.names[place]).plain not in VALUES:
            return -1
    return 0


def _agreement(signs: Sequence[int], words: Sequence[int]) -> Counter[int]:
    """How often a sign agrees with a direction (1) and how often not (-1), per direction."""
    found: Counter[int] = Counter()
    directions = {1: set[int](), -1: set[int]()}
    for sign, word in zip(signs, words, strict=True):
        if sign and word:
            found[sign * word] += 1
            directions[sign * word].add(word)
    found[2] = len(directions[1])
    found[-2] = len(directions[-1])
    return found


def _meaning(found: Counter[int], what: str, *, usual: int) -> tuple[int, str]:
    """What a sign means; a sentence where it contradicts the words of the rows.

    The unusual meaning counts only where sales and purchases both show it and none disagrees.
    """
    if not found[1] and not found[-1]:
        return usual, ""
    if found[usual] and not found[-usual]:
        return usual, ""
    if found[-usual] and not found[usual] and found[-2 * usual] == 2:
        return -usual, ""
    if found[usual] >= 4 * found[-usual] and found[usual] >= 3 and found[2 * usual] == 2:
        return usual, ""  # a few rows differ: each of them is asked by itself
    return 0, f"the words of the rows and {what} contradict each other"


def side_of_row(row: Row, plan: Plan, signs: Signs) -> TradeSide:
    """Buy, sell, short or cover; Unanswered where it is not known."""
    word = _word(row, plan)
    said = plan.said.get("side", "")
    quantity = _sign(plan.maybe(row, "quantity"))
    if answer := ANSWERS.get(said):
        return "cover" if answer == "buy" and word == "cover" else answer
    if said == "words" and word:
        return word
    if said == "signs" and quantity:
        return "buy" if quantity > 0 else "sell"
    if signs.trouble:
        raise Unanswered(_question(signs.trouble, has_words=True))
    return _agreed(word, quantity * signs.quantity, money_sign(row, plan) * signs.money, plan)


def _agreed(word: SideWord, by_quantity: int, by_money: int, plan: Plan) -> TradeSide:
    votes = {vote for vote in (UP.get(word, 0), by_quantity, by_money) if vote}
    if len(votes) > 1:
        raise UploadError(
            "its words, the sign of its quantity and its money do not all say the same side; it "
            "may be a correction: mend the row or leave it out"
        )
    if word:
        return word
    if votes:
        return "buy" if votes.pop() > 0 else "sell"
    if plan.are_purchases:
        return "buy"
    raise Unanswered(_question(f"No column tells the side: {NONE}", has_words=False))


def _question(text: str, *, has_words: bool) -> Question:
    options = {"buy": "all are purchases", "sell": "all are sales"}
    if has_words:
        options = {"words": "the words are right", "signs": "negative quantities are sales"}
    return Question("side", f"{text[:1].upper()}{text[1:]}: say which", options)


def _word(row: Row, plan: Plan) -> SideWord:
    for role in ("side", "kind"):
        cell = plan.cell(row, role)
        if cell and (side := plan.side_word(cell)):
            return side
    return ""


def money_sign(row: Row, plan: Plan) -> int:
    """Whether money came in (1) or went out (-1) by the columns of a row."""
    if plan.maybe(row, "debit"):
        return -1
    if plan.maybe(row, "credit"):
        return 1
    for role in ("net", "amount"):
        if sign := _sign(plan.maybe(row, role)):
            return sign
    return 0


def _sign(value: float | None) -> int:
    return 0 if not value else 1 if value > 0 else -1
