"""Numbers as people and spreadsheets write them: the decimal mark is voted by the whole column.

`1.234,56` and `1,234.56` each say it; `1,234` and `1.234` alone do not, and are asked rather than
guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Literal

from data.errors import UploadError

Mark = Literal[".", ",", "?", ""]
LARGEST = 1e15
SPACES = str.maketrans("", "", " \u00a0\u202f'\u2019_")
CURRENCY = re.compile(r"^(?:[A-Z]{3}(?=[\d\s(+-])|[$€£¥])\s*|\s*(?:(?<=[\d\s)])[A-Z]{3}|[$€£¥])$")
ODD = re.compile(r"^[-+]?(?:nan|inf(?:inity)?)$", re.IGNORECASE)
GROUPED = re.compile(r"[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
PLAIN = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?")


def decimal_mark(values: Iterable[str]) -> Mark:
    """`.` or `,` where the values say so, `?` where `1,234` could be either, "" without any mark.

    A column that says both is refused.
    """
    votes: dict[str, str] = {}
    is_open = False
    for value in values:
        text = _bare(value)[0]
        says = _vote(text)
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


def number(value: str, mark: Mark) -> float:
    """The number of a cell; `12.5%` is 0.125, `(3)` is minus three."""
    text, share, sign = _bare(value)
    if value.startswith("#"):
        raise UploadError(f"holds the spreadsheet's error {value[:12]}")
    if ODD.match(text):
        raise UploadError(f"{value[:20]} is no number that can be counted with")
    if mark == "?" and _vote(text) == "?":
        whole, broken = re.sub("[.,]", "", text), text.replace(",", ".")
        raise UploadError(f"{value[:20]} may be {whole} or {broken}: choose the decimal mark")
    other = "." if mark == "," else ","
    if other in text and not GROUPED.fullmatch(text.split(mark if mark != "?" else ".")[0]):
        raise UploadError(f"{value[:20]!r} is no number")
    text = text.replace(other, "").replace(",", ".")
    if not PLAIN.fullmatch(text):
        raise UploadError(f"{value[:20]!r} is no number")
    found = sign * float(text) / (100 if share else 1)
    if not math.isfinite(found) or abs(found) > LARGEST:
        raise UploadError(f"{value[:20]} is larger than anything that is held")
    return found


def _bare(value: str) -> tuple[str, bool, int]:
    """Without spaces, currency and brackets; whether it is a percentage, and its sign."""
    text = value.strip().replace("\u2212", "-")
    share = text.endswith("%")
    text = text.removesuffix("%").strip()
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1], -1
    text = CURRENCY.sub("", text)
    return text.translate(SPACES), share, sign


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
