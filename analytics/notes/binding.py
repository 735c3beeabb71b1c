"""Numbers and times of a note bound to the facts they are of: an equal number elsewhere is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.claims.judging.relations import agrees
from analytics.claims.judging.units import readings, unit_of
from analytics.claims.statement import Mention, Quantity
from analytics.claims.wording import as_spoken
from analytics.notes.fact import DEVIATIONS, NUMBER, PERCENT, POINTS, Fact
from analytics.notes.reading import TOKEN, NoteSentence, plain_words

NEGATIVE_NOUNS = frozenset(["drawdown", "below", "under", "beneath", "loss", "deficit", "short"])
SIGN_REACH = 60
CLAUSE_END = re.compile(r"[,;:]")
IN_POINTS = ("pp", "points")


@dataclass(frozen=True, slots=True)
class BoundNumber:
    """A number of a sentence and the fact that it states; `turned` where a word gave its sign."""

    quantity: Quantity
    fact: Fact
    turned: str = ""


@dataclass(frozen=True, slots=True)
class UnboundNumber:
    """A number that states no fact, and why."""

    quantity: Quantity
    reason: str
    is_wrong: bool  # of a fact that is there, where no other look is needed


def bound(
    sentence: NoteSentence, quantity: Quantity, facts: Sequence[Fact]
) -> BoundNumber | UnboundNumber:
    """The fact that a number states: the one named nearest, of its unit and its period."""
    place = (quantity.start, quantity.end)
    fitting = [f for f in facts if f.id in sentence.named and _factors(sentence, quantity, f)]
    if not fitting:
        return UnboundNumber(quantity, "no fact with such a unit is named beside it", False)
    ranked = sorted((_rank(sentence, fact, place), fact.id) for fact in fitting)
    near = [fact for fact in fitting if _rank(sentence, fact, place) == ranked[0][0]]
    near = _of_period(sentence, near, place)
    if not near:
        said = sentence.text[slice(*_nearest_time(sentence, place)[:2])]
        return UnboundNumber(quantity, f"the fact that is named is not of {said.strip()}", True)
    for fact in near:
        turned = _turned(sentence, quantity, fact)
        if turned is not None:
            return BoundNumber(quantity, fact, turned)
    fact = near[0]
    return UnboundNumber(quantity, f"{fact.label} is {_with_period(fact)}", True)


def _rank(sentence: NoteSentence, fact: Fact, place: tuple[int, int]) -> tuple[object, ...]:
    """The nearer head of the fact first; of one head the fact with more words of its own."""
    distances = sentence.nearest(fact, place)
    return distances[0], -len(distances), distances[1:]


def _with_period(fact: Fact) -> str:
    return fact.printed if fact.period is None else f"{fact.printed} ({as_spoken(fact.period)})"


def _factors(sentence: NoteSentence, quantity: Quantity, fact: Fact) -> list[float]:
    """By what the fact's value is multiplied to stand in the text's unit; none if it cannot."""
    if fact.value is None:
        return []
    after = sentence.text[quantity.end :].lstrip(" \u00a0")
    unit = quantity.unit
    if fact.unit in (NUMBER, "points"):
        return [1.0] if unit is None or unit in IN_POINTS else []
    if fact.unit == DEVIATIONS:
        return [1.0] if unit is None and after.startswith(DEVIATIONS) else []
    if unit is None:
        is_written = after.startswith(fact.unit.split(" per ")[0])
        return [1.0] if is_written else []
    if fact.unit == POINTS:
        return [1.0] if unit in IN_POINTS else [100.0] if unit == "bp" else []
    if fact.unit == PERCENT and (unit != "%" or quantity.share_of):
        return []
    return readings(quantity, unit_of(fact.unit))


def _of_period(sentence: NoteSentence, facts: Sequence[Fact], place: tuple[int, int]) -> list[Fact]:
    """Those of the period that is named nearest; where none is named the last ones."""
    if sentence.times:
        _, _, time = _nearest_time(sentence, place)
        return [fact for fact in facts if is_of(fact, time)]
    ends = [fact.period.last for fact in facts if fact.period is not None]
    return [f for f in facts if f.period is None or f.period.last == max(ends)]


def _nearest_time(sentence: NoteSentence, place: tuple[int, int]) -> tuple[int, int, Mention]:
    time = min(sentence.times, key=lambda one: sentence.apart(place, (one.start, one.end)))
    return time.start, time.end, time


def is_of(fact: Fact, time: Mention) -> bool:
    """Whether a time that a text names is the fact's period or the day it was known."""
    span = time.span
    if fact.period is not None and (span.first, span.last) == (fact.period.first, fact.period.last):
        return True
    day = fact.known_at.date()
    if (span.first, span.last) == (day, day):
        return True
    return fact.day is not None and (span.first, span.last) == (fact.day, fact.day)


def _turned(sentence: NoteSentence, quantity: Quantity, fact: Fact) -> str | None:
    """By which word the number agrees with the fact: none needed, "up" or "down"; None if it does
    not agree."""
    assert fact.value is not None
    word = sign_word(sentence, quantity)
    for factor in _factors(sentence, quantity, fact):
        value = factor * fact.value
        for sign, turned in _signs(quantity, fact, word):
            if agrees(quantity, sign * quantity.value, value) or (
                quantity.relation in ("<", ">")
                and abs(sign * quantity.value - value) <= quantity.half
            ):
                return turned
    return None


def _signs(quantity: Quantity, fact: Fact, word: str) -> list[tuple[float, str]]:
    """The signs in which a number may be meant, after the word that gives it one."""
    if quantity.is_signed or quantity.value < 0 or quantity.relation in ("<", ">"):
        return [(1.0, "up" if quantity.value > 0 else "down")]
    if fact.kind == "change":
        return [(-1.0, "down")] if word == "down" else [(1.0, "up" if word == "up" else "")]
    if word == "down" and fact.value is not None and fact.value < 0:
        return [(-1.0, "down")]
    return [(1.0, "up" if word == "up" and _is_itself_change(fact) else "")]


def _is_itself_change(fact: Fact) -> bool:
    """Whether a level is a rate of change, so that "grew 2.3 %" states it."""
    return fact.unit == PERCENT or fact.label.lower().startswith("change")


def sign_word(sentence: NoteSentence, quantity: Quantity) -> str:
    """The way that words beside a number give it: "up", "down" or none.

    "1.7% below the average" counts before "fell", which has to stand in the same clause.
    """
    words = plain_words()
    after = TOKEN.search(sentence.text, quantity.end)
    if after and after.start() - quantity.end <= 2:
        low = after[0].lower()
        if low in words["above"] | words["below"]:
            return "up" if low in words["above"] else "down"
        if low in ("higher", "lower"):
            return "up" if low == "higher" else "down"
    start = max(0, quantity.start - SIGN_REACH)
    before = CLAUSE_END.split(sentence.text[start : quantity.start])[-1]
    for token in reversed(TOKEN.findall(before)):
        low = token.lower()
        if low in words["up"]:
            return "up"
        if low in words["down"] or low in NEGATIVE_NOUNS:
            return "down"
    return ""
