"""The right unit or scale behind a number whose digits are right."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from analytics.claims.finding import Finding
from analytics.claims.judging.units import PERCENT, ClaimUnit, unit_of
from analytics.claims.reading.number_format import NUMBER
from analytics.claims.reading.words import unit_words
from analytics.claims.statement import Language, Quantity

FILE = Path(__file__).with_name("unit_words.toml")
POINTS = "percentage point"
SCALES = (1e3, 1e6, 1e9, 1e12)


def with_right_unit(
    words: str, finding: Finding, quantity: Quantity, language: Language
) -> str | None:
    """The words of a quantity with the unit of the lake's value; none where no common one makes
    its digits right."""
    match = NUMBER.search(words)
    if match is None or finding.value is None:
        return None
    lake = unit_of(finding.unit)
    printed, half = abs(quantity.value / quantity.scale), quantity.half / quantity.scale
    counted = abs(finding.value * lake.factor)
    head, tail = words[: match.start()], words[match.end() :]
    for scale, behind in _tails(tail, lake, finding, language):
        if abs(counted / scale - printed) <= half * (1 + 1e-9):
            said = f"{_head(head, lake, behind)}{match[0]}{behind}"
            return said if said != words else None
    return None


def _tails(
    tail: str, lake: ClaimUnit, finding: Finding, language: Language
) -> Iterator[tuple[float, str]]:
    """What may stand behind the number, and what one of it counts."""
    table = _table()
    if lake.measure == PERCENT and finding.unit.lower().startswith(POINTS):
        yield 1.0, table["points"][language]
        yield 0.01, table["basis_points"][language]
        return
    if lake.measure == PERCENT:
        yield 1.0, table["percent"][language]
        return
    rows: list[list[str]] = table["scales"][language]
    scale_words = [word.strip().lower() for row in rows for word in row]
    own = re.match(rf"\s?(?:{'|'.join(map(re.escape, _longest(scale_words)))})(?!\w)", tail, re.I)
    rest = tail[own.end() :] if own else tail
    row = next((row for row in rows if own and _has(row, own[0])), rows[0])
    rest = _of_currency(rest, lake)
    yield 1.0, rest
    yield from ((scale, f"{word}{rest}") for scale, word in zip(SCALES, row, strict=True))


def _of_currency(rest: str, lake: ClaimUnit) -> str:
    """The words behind the scale, with the currency of the lake where they name one."""
    currencies = unit_words("currencies")
    named = re.match(rf"\s?(?:{'|'.join(map(re.escape, _longest(currencies)))})(?!\w)", rest, re.I)
    if named is None or not lake.is_money or _code(named[0]) == lake.measure:
        return rest
    return f" {lake.measure}{rest[named.end() :]}"


def _head(head: str, lake: ClaimUnit, behind: str) -> str:
    """What stands before the number, with the currency's sign of the lake where it has one."""
    sign = re.search(r"[A-Z]{0,2}[$€£¥]|\b[A-Z]{3}\s?", head)
    if sign is None or _code(sign[0]) == lake.measure:
        return head
    if not lake.is_money:
        return head[: sign.start()] + head[sign.end() :]
    own: str = _table()["signs"].get(lake.measure, f"{lake.measure} ")
    return head[: sign.start()] + own + head[sign.end() :]


def _code(word: str) -> str:
    found: str = unit_words("currencies").get(word.strip().lower(), "")
    return found


def _has(row: list[str], word: str) -> bool:
    return word.strip() in [one.strip() for one in row]


def _longest(words: Any) -> list[str]:
    return sorted(words, key=len, reverse=True)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
