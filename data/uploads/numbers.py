"""Numbers as people and spreadsheets write them: the decimal mark is voted by the whole column.

`1.234,56` and `1,234.56` each say it; `1,234` and `1.234` alone do not, and are asked rather than
guessed. A unit before or after a number (`USD 12.50`, `0.5BTC`, `82.3p`) is read along with it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

from data.errors import UploadError
from data.uploads.money import currency_of

Mark = Literal[".", ",", "?", ""]
LARGEST = 1e15
SPACES = str.maketrans("", "", " \u00a0\u202f\u2009\u2007\u2006'\u2019\u00b4`_")
MINUS = str.maketrans({mark: "-" for mark in "\u2212\u2013\u2012\ufe63\uff0d"})
NUMBER = (
    r"[-+]?\s*[\d.,'\u2019\u00b4`_ \u00a0\u202f\u2009\u2007\u2006]*\d[\d.,]*(?:[eE][-+]?\d{1,4})?"
)
WITH_UNITS = re.compile(
    rf"(?P<sign>[-+]?)\s*(?P<before>@|[^\W\d_]{{1,5}}[$]?|[$€£¥₹₩₺₪₽][^\W\d_]{{0,2}})?\s*"
    rf"(?P<number>{NUMBER})\s*(?P<after>[-]|[^\W\d_]{{1,10}}\.?|[$€£¥₹₩₺₪₽])?"
)
ODD = re.compile(r"^[-+]?(?:nan|inf(?:inity)?)$", re.IGNORECASE)
GROUPED = re.compile(r"[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
INDIAN = re.compile(r"[-+]?\d{1,2}(?:,\d{2})+,\d{3}")
PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?")
PIECES = frozenset(
    (
        "stk",
        "stück",
        "stuck",
        "st",
        "sh",
        "shs",
        "shares",
        "pcs",
        "units",
        "株",
        "口",
        "股",
        "anteile",
        "x",
        "lots",
        "szt",
        "kpl",
    )
)


class Parts(NamedTuple):
    """A number's text without what stands around it."""

    text: str
    is_share: bool
    sign: int
    unit: str


def decimal_mark(values: Iterable[str]) -> Mark:
    """`.` or `,` where the values say so, `?` where `1,234` could be either, "" without any mark.

    A column that says both is refused.
    """
    votes: dict[str, str] = {}
    is_open = False
    for value in values:
        says = _vote(parts(value).text)
        if says in (".", ","):
            votes.setdefault(says, value)
        is_open |= says == "?"
    if len(votes) == 2:
        raise UploadError(
            f"one column holds both {votes['.'][:20]!r} and {votes[','][:20]!r}, whose decimal "
            "marks contradict each other; write all numbers alike"
        )
    if votes:
        return "." if "." in votes else ","
    return "?" if is_open else ""


@lru_cache(maxsize=200_000)
def number(value: str, mark: Mark) -> float:
    """The number of a cell; `12.5%` is 0.125, `(3)` is minus three."""
    text, share, sign, _ = parts(value)
    mark = mark or "."
    if value.startswith("#"):
        raise UploadError(f"holds the spreadsheet's error {value[:12]}")
    if ODD.match(text):
        raise UploadError(f"{value[:20]} is no number that can be counted with")
    if mark == "?" and _vote(text) == "?":
        whole, broken = re.sub("[.,]", "", text), text.replace(",", ".")
        raise UploadError(f"{value[:20]} may be {whole} or {broken}: choose the decimal mark")
    other = "." if mark == "," else ","
    head = text.split(mark if mark != "?" else ".")[0]
    if other in text and not GROUPED.fullmatch(head) and not INDIAN.fullmatch(head):
        raise UploadError(f"{value[:20]!r} is no number")
    text = text.replace(other, "").replace(",", ".")
    if not PLAIN.fullmatch(text):
        raise UploadError(f"{value[:20]!r} is no number")
    found = sign * float(text) / (100 if share else 1)
    if not math.isfinite(found) or abs(found) > LARGEST:
        raise UploadError(f"{value[:20]} is larger than anything that is held")
    return found


@lru_cache(maxsize=200_000)
def is_number(value: str) -> bool:
    """Whether a cell is a number, whatever its decimal mark, with a unit or without."""
    text = parts(value).text.replace(",", ".")
    return bool(re.fullmatch(r"[-+]?[\d.]*\d[\d.]*(?:[eE][-+]?\d{1,4})?", text))


@lru_cache(maxsize=200_000)
def parts(value: str) -> Parts:
    """Without spaces, unit and brackets; whether it is a percentage, its sign and its unit."""
    text = unicodedata.normalize("NFKC", value).translate(MINUS).strip()
    share = text.endswith("%")
    text = text.removesuffix("%").strip()
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1].strip(), -1
    found = WITH_UNITS.fullmatch(text)
    if found is None:
        return Parts(text.translate(SPACES), share, sign, "")
    before, after, digits = found["before"] or "", found["after"] or "", found["number"]
    if after == "-":
        after, sign = "", -sign
    if (before and (after or not _is_unit(before, may_be_coin=False))) or not _is_unit(after):
        return Parts(text.translate(SPACES), share, sign, "")
    if found["sign"]:
        if digits.lstrip()[:1] in "+-":
            return Parts(text.translate(SPACES), share, sign, "")
        sign = -sign if found["sign"] == "-" else sign
    return Parts(digits.translate(SPACES), share, sign, before or after)


def _is_unit(word: str, *, may_be_coin: bool = True) -> bool:
    """A currency, a count of pieces, or the ticker of a coin."""
    if word in ("", "@") or currency_of(word) or word.casefold().rstrip(".") in PIECES:
        return True
    return (
        may_be_coin
        and word.isupper()
        and word.isascii()
        and len(word) >= 3
        and word not in ("NAN", "INF")
    )


def _vote(text: str) -> str:
    """The decimal mark that one number betrays; `?` for a group that could be either, or ""."""
    commas, dots = text.count(","), text.count(".")
    if commas and dots:
        return max(".,", key=text.rfind)
    if commas > 1:
        return "."
    if dots > 1:
        return ","
    if not commas and not dots:
        return ""
    is_group = GROUPED.fullmatch(text) and not re.match(r"[-+]?0", text)
    return "?" if is_group else "," if commas else "."
