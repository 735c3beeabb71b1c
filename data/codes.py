"""Codes that check themselves: ISIN, FIGI, CUSIP and SEDOL; and ISINs that hold a national one."""

from __future__ import annotations

import re

from data.errors import UploadError

ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
FIGI = re.compile(r"(?!BS|BM|GG|GB|GH|KY|VG)[B-DF-HJ-NP-TV-Z]{2}G[B-DF-HJ-NP-TV-Z0-9]{8}[0-9]")


CUSIP = re.compile(r"[A-Z0-9*@#]{8}[0-9]")
SEDOL = re.compile(r"[B-DF-HJ-NP-TV-Z0-9]{6}[0-9]")
SEDOL_WEIGHTS = (1, 3, 1, 7, 3, 9)
WKN = re.compile(r"[A-HJ-NP-Z0-9]{6}")


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


def cusip_digit(code: str) -> str:
    """The last digit that a CUSIP of these eight characters has."""
    total = 0
    for place, mark in enumerate(code[:8]):
        value = "*@#".find(mark) + 36 if mark in "*@#" else int(mark, 36)
        value *= 2 if place % 2 else 1
        total += value // 10 + value % 10
    return str(-total % 10)


def sedol_digit(code: str) -> str:
    """The last digit that a SEDOL of these six characters has."""
    total = sum(int(mark, 36) * weight for mark, weight in zip(code, SEDOL_WEIGHTS, strict=False))
    return str(-total % 10)


def isins_of(role: str, code: str) -> tuple[str, ...]:
    """The ISINs that hold a national code; an UploadError where the code contradicts itself."""
    word = code.upper()
    if role == "cusip":
        if not CUSIP.fullmatch(word) or word[-1] != cusip_digit(word):
            raise UploadError(f"{code[:20]} is no CUSIP: its last digit does not fit")
        bodies = [f"US{word}", f"CA{word}"]
    elif role == "sedol":
        if not SEDOL.fullmatch(word) or word[-1] != sedol_digit(word):
            raise UploadError(f"{code[:20]} is no SEDOL: its last digit does not fit")
        bodies = [f"{country}00{word}" for country in ("GB", "IE", "JE", "GG", "IM")]
    else:
        if not WKN.fullmatch(word):
            raise UploadError(f"{code[:20]} is no WKN; expected six letters and digits")
        bodies = [f"DE000{word}"]
    return tuple(body + isin_digit(body) for body in bodies)
