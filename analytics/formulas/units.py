"""The units of a formula's parts: what may be added, what a ratio is called, what is refused.

A unit is a product of money and other measures with whole powers; a plain number has none and goes
with everything. Money of two currencies is never mixed without a rate between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.core.money import in_major, pair_of
from data.errors import ConfigError

MONEY = re.compile(r"[A-Z]{3,5}")
RATE = re.compile(r"([A-Z]{3}) per ([A-Z]{3})")
PERCENT, POINTS, BASIS = "percent", "percentage points", "basis points"
INDEX_POINTS, FIRST = "index points", "first value = 100"
UNSTATED = "unstated"
PLAIN_NAME = re.compile(r"[\w.:&^=$#' ]+")  # no sign of a formula in it


class TwoCurrenciesError(ConfigError):
    """Prices in two currencies on the two sides of a sign: the texts of both with their units.

    `example` is the formula by which one is converted, where a rate for it is known.
    """

    def __init__(
        self,
        sign: str,
        left: tuple[str, FormulaUnit],
        right: tuple[str, FormulaUnit],
        example: str | None = None,
    ) -> None:
        self.sign, self.left, self.right = sign, left, right
        mine, theirs = left[1].text, right[1].text
        how = f"by an exchange rate between {mine} and {theirs}"
        super().__init__(
            f"{left[0]} is in {mine} and {right[0]} in {theirs}; convert one"
            f"{f', as in {example}' if example else f' {how}'}"
        )

    def conversions(self) -> Iterator[tuple[str, str, str]]:
        """The pairs that may convert the right side, each with its sign and the whole formula."""
        (left, mine), (right, theirs) = self.left, self.right
        left, right = (
            text if PLAIN_NAME.fullmatch(text) else f"({text})" for text in (left, right)
        )
        for pair, sign in ((theirs.text + mine.text, "*"), (mine.text + theirs.text, "/")):
            converted = f"{right}{sign}{pair}"
            is_ratio = self.sign == "/"
            whole = f"{left}/({converted})" if is_ratio else f"{left} {self.sign} {converted}"
            yield pair, sign, whole

    def with_rate(self, pair: FormulaUnit, sign: str, example: str) -> TwoCurrenciesError | None:
        """The same with an example, if a pair of this unit converts the right side by the sign."""
        if operated(sign, self.right, ("pair", pair)) != self.left[1]:
            return None
        return TwoCurrenciesError(self.sign, self.left, self.right, example)


@dataclass(frozen=True, slots=True)
class FormulaUnit:
    """`powers` holds each measure with its power, in order of names; `is_number` a bare number."""

    powers: tuple[tuple[str, int], ...] = ()
    is_number: bool = False

    @classmethod
    def of(cls, name: str, power: int = 1) -> FormulaUnit:
        """One measure by itself."""
        return cls(((name, power),))

    @property
    def text(self) -> str:
        """As it is shown: `USD`, `USD per EUR`, `GOLD/SILVER`."""
        above = [_power(name, power) for name, power in self.powers if power > 0]
        below = [_power(name, -power) for name, power in self.powers if power < 0]
        shown = " × ".join(above) or "1"
        return " per ".join([shown, *below]) if self.powers else "number"

    def is_one(self, *names: str) -> bool:
        """Whether it is one of these measures and nothing else."""
        return len(self.powers) == 1 and self.powers[0] in {(name, 1) for name in names}

    @property
    def is_money(self) -> bool:
        """Whether only currencies are in it."""
        return bool(self.powers) and all(MONEY.fullmatch(name) for name, _ in self.powers)

    @property
    def is_price(self) -> bool:
        """Whether it is an amount of one currency."""
        return self.is_money and len(self.powers) == 1 and self.powers[0][1] == 1


NUMBER = FormulaUnit(is_number=True)


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"


def price_unit(symbol: str, asset_class: str, currency: str | None) -> tuple[FormulaUnit, float]:
    """The unit of an instrument's closes, and the factor that brings them to it."""
    if asset_class == "rate":
        return FormulaUnit.of(PERCENT), 1.0
    if asset_class == "index":
        return FormulaUnit.of(INDEX_POINTS), 1.0
    major, factor = in_major(currency or f"unknown currency of {symbol}")
    pair = pair_of(symbol) if asset_class == "fx" else None
    if pair and pair[1] == major:
        return _rate(major, pair[0]), factor
    return FormulaUnit.of(major), factor


def _rate(price: str, of: str) -> FormulaUnit:
    """So much of one currency for one unit of another."""
    return FormulaUnit(tuple(sorted(((price, 1), (of, -1)))))


def series_unit(unit: str | None, series: str) -> FormulaUnit:
    """The unit of a series; a rate is in percent however its source describes the rate, and an
    exchange rate, as in `USD per EUR`, is that of an instrument.

    Units that are not stated are never the same.
    """
    plain = (unit or "").strip()
    if plain.lower() in ("percent", "%") or re.match(r"percent(,| per (year|annum))", plain, re.I):
        return FormulaUnit.of(PERCENT)
    if (rate := RATE.fullmatch(plain)) and rate[1] != rate[2]:
        return _rate(rate[1], rate[2])
    return FormulaUnit.of(f"unknown unit of {series}" if plain in ("", UNSTATED) else plain)


def added(sign: str, left: tuple[str, FormulaUnit], right: tuple[str, FormulaUnit]) -> FormulaUnit:
    """The unit of a sum or difference of two parts with their texts."""
    (left_text, first), (right_text, second) = left, right
    if first.is_number or second.is_number:
        return second if first.is_number else first
    rates = (PERCENT, POINTS)
    if first.is_one(*rates) and second.is_one(*rates):
        if first != second:
            return FormulaUnit.of(PERCENT)
        return FormulaUnit.of(POINTS) if sign == "-" else first
    if first == second:
        return first
    if first.is_price and second.is_price:
        raise TwoCurrenciesError(sign, left, right)
    doing = "subtracted" if sign == "-" else "added"
    raise ConfigError(
        f"{left_text} is in {first.text} and {right_text} in {second.text}, "
        f"so they cannot be {doing}; compare them by index() or yoy() of each"
    )


def operated(
    sign: str, left: tuple[str, FormulaUnit], right: tuple[str, FormulaUnit]
) -> FormulaUnit:
    """The unit of two parts with their texts and a sign; what does not go together is refused."""
    if sign == "*":
        return multiplied(left[1], right[1])
    return divided(left, right) if sign == "/" else added(sign, left, right)


def multiplied(left: FormulaUnit, right: FormulaUnit) -> FormulaUnit:
    """The unit of a product; money times a rate between currencies is money of the other."""
    if left.is_number or right.is_number:
        return right if left.is_number else left
    return _combined(left, right, 1)


def divided(left: tuple[str, FormulaUnit], right: tuple[str, FormulaUnit]) -> FormulaUnit:
    """The unit of a ratio: named after its parts unless it is money converted."""
    (left_text, first), (right_text, second) = left, right
    if second.is_number:
        return first
    if first.is_price and second.is_price and first != second:
        raise TwoCurrenciesError("/", left, right)
    found = _combined(first, second, -1)
    converts = first.is_money and second.is_money and found.powers
    return found if converts or first.is_number else FormulaUnit.of(f"{left_text}/{right_text}")


def _combined(left: FormulaUnit, right: FormulaUnit, sign: int) -> FormulaUnit:
    powers = dict(left.powers)
    for name, power in right.powers:
        powers[name] = powers.get(name, 0) + sign * power
    return FormulaUnit(tuple(sorted((name, power) for name, power in powers.items() if power)))


def of_function(function: str, part: tuple[str, FormulaUnit]) -> FormulaUnit:
    """The unit of a function of one part."""
    text, unit = part
    is_rate = unit.is_one(PERCENT, POINTS)
    if function == "log":
        return FormulaUnit.of(f"log of {unit.text}")
    if function == "index":
        return FormulaUnit.of(FIRST)
    if function in ("yoy", "roc"):
        return FormulaUnit.of(POINTS if is_rate else PERCENT)
    if function == "change" and is_rate:
        return FormulaUnit.of(POINTS)
    return unit
