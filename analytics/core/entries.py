"""Entries of one text, cut at signs that stand outside brackets and quotation marks."""

from __future__ import annotations

QUOTES = {'"': '"', "“": "”", "„": "“"}


def split_outside(text: str, sign: str) -> list[str]:
    """The parts of a text between these signs, as they are written.

    `a,f(b,c)` has two. Where a bracket or quotation mark is not closed, every sign cuts.
    """
    parts, begin, depth, quote = list[str](), 0, 0, ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in QUOTES:
            quote = QUOTES[letter]
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == sign and not depth:
            parts.append(text[begin:place])
            begin = place + 1
    if quote or depth:
        return text.split(sign)
    return [*parts, text[begin:]]
