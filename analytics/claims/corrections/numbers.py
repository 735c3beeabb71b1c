"""Another value written as a number of the draft is: its marks, decimals, sign and scale."""

from __future__ import annotations

import re
from math import log10

from analytics.claims.reading.number_format import NUMBER, printed_value
from analytics.claims.statement import Language, Quantity

GROUP_MARKS: dict[Language, str] = {"en": ",", "de": ".", "fr": "\u00a0", "es": "."}
SIGN = re.compile("[-−–+]")
GROUPED_FROM = 10_000  # a number of four digits is often written without a mark
MOST_DECIMALS = 4


def written_like(words: str, value: float, quantity: Quantity, language: Language) -> str | None:
    """The words of a quantity with another value, which is in the scale of `quantity.value`; none
    where they hold no printed number."""
    match = NUMBER.search(words)
    if match is None or quantity.is_word:
        return None
    read = printed_value(match[0], language)
    if read is None:
        return None
    places = round(-log10(2 * read[1]))
    number = restyled(match[0], abs(value / quantity.scale), places, language)
    if number is None:
        return None
    head, tail = words[: match.start()], words[match.end() :]
    return _signed(head, value, quantity) + number + tail


def restyled(printed: str, value: float, places: int, language: Language) -> str | None:
    """A value with the decimals and the marks of a printed number; none where it would be told
    as nothing although it is not."""
    while value and not float(f"{value:.{places}f}"):
        places += 1
        if places > MOST_DECIMALS:
            return None
    whole, _, decimals = f"{value:.{places}f}".partition(".")
    point = _decimal_mark(printed, language)
    marks = [mark for mark in re.findall(r"[^0-9¼½¾]", printed) if mark != point]
    digits = len(re.sub(r"[^0-9].*", "", printed)) if not marks else 0
    mark = marks[0] if marks else GROUP_MARKS[language]
    if marks or (int(whole) >= GROUPED_FROM and digits <= 3):
        whole = f"{int(whole):,}".replace(",", mark)
    return f"{whole}{point}{decimals}" if decimals else whole


def _decimal_mark(printed: str, language: Language) -> str:
    """The mark before the decimals of a printed number, else the one of its language."""
    read = printed_value(printed, language)
    places = round(-log10(2 * read[1])) if read else 0
    if places and len(printed) > places and not printed[-places - 1].isdigit():
        return printed[-places - 1]
    return "." if language == "en" else ","


def _signed(head: str, value: float, quantity: Quantity) -> str:
    """What stands before the number, with the sign of another value."""
    if value * quantity.value >= 0:
        return head
    sign = SIGN.search(head)
    if quantity.value < 0:
        return SIGN.sub("", head, count=1) if sign else head
    return SIGN.sub("-", head, count=1) if sign else f"-{head}"
