"""Codes that check themselves: ISIN and FIGI."""

from __future__ import annotations

import re

ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
FIGI = re.compile(r"(?!BS|BM|GG|GB|GH|KY|VG)[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]")


def isin_digit(code: str) -> str:
    """The last digit that an ISIN of these eleven characters has (ISO 6166)."""
    digits = "".join(str(int(mark, 36)) for mark in code[:11])
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


def figi_digit(code: str) -> str:
    """The last digit that a FIGI of these eleven characters has."""
    total = 0
    for place, mark in enumerate(code[:11]):
        value = int(mark, 36) * (2 if place % 2 else 1)
        total += sum(int(digit) for digit in str(value))
    return str(-total % 10)


def fault(word: str) -> str | None:
    """What is wrong with a word that looks like such a code; none for any other word."""
    if FIGI.fullmatch(word):
        digit, kind = figi_digit(word), "FIGI"
        if ISIN.fullmatch(word) and word[-1] == isin_digit(word):
            return None
    elif ISIN.fullmatch(word):
        digit, kind = isin_digit(word), "ISIN"
    else:
        return None
    return None if word[-1] == digit else f"{word} is no {kind}: its last digit would be {digit}"
