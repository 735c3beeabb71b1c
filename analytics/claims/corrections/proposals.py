"""What the words of a statement could be instead, in the draft's own style; not yet proven."""

from __future__ import annotations

import re
import tomllib
from calendar import month_abbr, month_name
from datetime import date
from functools import cache
from pathlib import Path

from analytics.claims.corrections.numbers import written_like
from analytics.claims.corrections.units import with_right_unit
from analytics.claims.finding import Finding
from analytics.claims.sentences.direction_words import direction_words
from analytics.claims.statement import Direction, Language, Quantity, Statement
from data.drafts.edits import DraftEdit

FOLDER = Path(__file__).parent
TURNED: dict[Direction, Direction] = {"up": "down", "down": "up"}
EXACT = ("=", "about", "just below")
# Days as English drafts write them; the first that the words are is the form of the right one.
DAY_FORMS = (
    "%d %B %Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%d %B",
    "%B %d",
    "%B %Y",
    "%b %Y",
    "%Y-%m-%d",
    "%Y",
)

MONTHS = "|".join(month_name[1:])
SHAPES = {"%d": r"[0-3]?\d", "%Y": r"(?:19|20)\d\d", "%m": r"[01]\d", "%B": f"(?:{MONTHS})"}
SHAPES["%b"] = f"(?:{'|'.join(month_abbr[1:])})"

Edits = tuple[DraftEdit, ...]


def proposed(
    text: str,
    statement: Statement,
    finding: Finding,
    stretch: tuple[int, int],
    language: Language,
) -> list[Edits]:
    """Edits that could make a contradicted statement right, the likeliest first; `stretch` is its
    sentence."""
    quantity = statement.quantity
    found: list[Edits] = []
    if finding.verdict == "unit error" and quantity is not None:
        unit = with_right_unit(text[quantity.start : quantity.end], finding, quantity, language)
        found += _at(quantity, unit)
    value = None if quantity is None else _value(text, quantity, finding, language)
    turn = _turned(text, statement, stretch, language)
    if finding.verdict == "wrong direction":
        found += [turn] if turn else []
        found += _at(quantity, value)
    elif finding.verdict in ("wrong value", "wrong period", "unit error"):
        if _is_against(finding, quantity):  # the size is wrong, and the way as well
            size = _value(text, quantity, finding, language, turned=True)
            found += [(*turn, *edit) for edit in _at(quantity, size)] if turn else []
        found += _at(quantity, value)
    if finding.day is not None:
        found += _day(text, statement, finding.day)
    return found


def updated(
    text: str, statement: Statement, finding: Finding, language: Language
) -> DraftEdit | None:
    """The value that a superseded statement has today."""
    quantity = statement.quantity
    if quantity is None or not finding.value or finding.later is None or finding.drafted is None:
        return None
    drafted = finding.later * finding.drafted / finding.value
    words = text[quantity.start : quantity.end]
    said = written_like(words, drafted, quantity, language)
    return DraftEdit(quantity.start, quantity.end, said) if said and said != words else None


def _at(quantity: Quantity | None, words: str | None) -> list[Edits]:
    if quantity is None or words is None:
        return []
    return [(DraftEdit(quantity.start, quantity.end, words),)]


def _value(
    text: str,
    quantity: Quantity | None,
    finding: Finding,
    language: Language,
    *,
    turned: bool = False,
) -> str | None:
    """The quantity with the value of the lake."""
    if quantity is None or quantity.relation not in EXACT:
        return None
    words = text[quantity.start : quantity.end]
    if quantity.is_word:
        return _in_words(words, finding.value, language)
    if finding.drafted is None:
        return None
    drafted = _as_drafted(finding.drafted, finding.value, quantity)
    said = written_like(words, -drafted if turned else drafted, quantity, language)
    return said if said != words else None


def _as_drafted(drafted: float, value: float | None, quantity: Quantity) -> float:
    """The lake's value as the draft counts: a bare number may be in the lake's own thousands."""
    if quantity.unit is not None or quantity.scale != 1.0 or not value or not quantity.value:
        return drafted
    return min(drafted, value, key=lambda one: abs(abs(one) - abs(quantity.value)))


def _in_words(words: str, value: float | None, language: Language) -> str | None:
    """ "fifth decline in a row" with another count, in a word of the same kind."""
    if value is None or value != int(value):
        return None
    for row in _table("count_words")[language]:
        for word in row[1:]:
            match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", words, re.IGNORECASE)
            if match and int(value) < len(row):
                return words[: match.start()] + row[int(value)] + words[match.end() :]
    return None


def _is_against(finding: Finding, quantity: Quantity | None) -> bool:
    """Whether the lake's value lies on the other side of nought."""
    return quantity is not None and (finding.drafted or 0.0) * quantity.value < 0


def _turned(text: str, statement: Statement, stretch: tuple[int, int], language: Language) -> Edits:
    """The nearest word of the sentence that says which way, turned round."""
    first, last = stretch
    ways = [
        word
        for word in direction_words(text[first:last], language)
        if statement.direction in (None, word.direction) and word.direction in TURNED
    ]
    place = statement.start - first
    ways.sort(key=lambda word: (word.start > place, abs(place - word.start)))
    for word in ways:
        words = text[first + word.start : first + word.end]
        other = _opposite(words, language) or _opposite(words, "en")
        if other:
            return (DraftEdit(first + word.start, first + word.end, other),)
    return ()


def _opposite(words: str, language: Language) -> str | None:
    for pair in _table("opposite_words")[language]:
        for one, other in (pair, pair[::-1]):
            if words.lower() == one:
                return other[0].upper() + other[1:] if words[0].isupper() else other
    return None


def _day(text: str, statement: Statement, day: date) -> list[Edits]:
    """Another day or month in the place of the one that a statement names, in its form."""
    words = text[statement.start : statement.end]
    for form in DAY_FORMS:
        pattern = re.sub(r"%[dYmBb]", lambda match: SHAPES[match[0]], form)
        named = re.search(rf"(?<!\w){pattern}(?!\w)", words)
        if named is not None:
            said = day.strftime(form).lstrip("0")
            start = statement.start + named.start()
            return [(DraftEdit(start, start + len(named[0]), said),)] if said != named[0] else []
    return []


@cache
def _table(name: str) -> dict[str, list[list[str]]]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
