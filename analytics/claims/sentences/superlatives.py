"""Records and extremes that a draft claims: "the highest since August 2019", "a six-year high"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.claims.sentences.passages import Passage
from analytics.claims.statement import Measure, Mention, Quantity, Span

HIGH = (
    r"highest|best|largest|biggest|strongest|greatest|steepest|fastest|plus haut\w*|plus élevé\w*|"
    r"höchste\w*|größte\w*|mayor|más alt\w*"
)
LOW = (
    r"lowest|worst|smallest|weakest|slowest|plus bas\w*|plus faible|niedrigste\w*|tiefste\w*|menor|"
    r"más baj\w*"
)
SINCE = re.compile(
    rf"\b(?:(?P<high>{HIGH})|(?P<low>{LOW}))\b(?P<of>[^.;:\d]{{0,32}}?)\b(?:since|depuis|seit|desde)\s",
    re.IGNORECASE,
)
YEARS = re.compile(
    r"\b(?P<n>\w+)[- ]year (?P<way>high|low)\b|"
    rf"\b(?:(?P<high>{HIGH})|(?P<low>{LOW}))\b[^.;:\d]{{0,24}}?\bin (?P<almost>almost |nearly )?"
    r"(?P<m>\w+) years\b",
    re.IGNORECASE,
)
RECORD = re.compile(
    r"\b(?:new )?record (?P<high>high)|\brecord historique\b|\b(?:all-time|record) (?P<low>low)\b|"
    r"\ball-time high\b|\bhöchststand aller zeiten\b|\bmáximo histórico\b",
    re.IGNORECASE,
)
NUMBERS = {
    **{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9},
    **{"ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20},
}
MOVES = re.compile(r"\b(?:fall|rise|drop|gain|increase|decline|jump|move|cut)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Superlative:
    """Words in [start, end) that call a value extreme: since when, or of how many years."""

    start: int
    end: int
    measure: Measure
    sense: Literal["high", "low"]
    compare: Span | None = None
    quantity: Quantity | None = None


def superlatives(text: str, passage: Passage, mentions: Sequence[Mention]) -> Iterator[Superlative]:
    """Those of a passage. What is said of a move and not of a level is left out."""
    for match in SINCE.finditer(text, passage.start, passage.end):
        since = next((one for one in mentions if one.start <= match.end() <= one.end), None)
        if since is not None and not MOVES.search(match[0]):
            yield Superlative(match.start(), since.end, "since", _sense(match), since.span)
    for match in YEARS.finditer(text, passage.start, passage.end):
        word = (match["n"] or match["m"]).lower()
        count = NUMBERS.get(word, int(word) if word.isdecimal() else 0)
        if count and not MOVES.search(match[0]):
            relation: Literal["just below", "="] = "just below" if match["almost"] else "="
            quantity = Quantity(
                match.start(), match.end(), count, 0, unit="years", relation=relation
            )
            sense = _sense(match)
            yield Superlative(match.start(), match.end(), "years", sense, quantity=quantity)
    for match in RECORD.finditer(text, passage.start, passage.end):
        if not text[match.end() :].startswith((" of ", " from ")):
            yield Superlative(match.start(), match.end(), "record", _sense(match))


def _sense(match: re.Match[str]) -> Literal["high", "low"]:
    groups = match.groupdict()
    is_low = bool(groups.get("low")) or (groups.get("way") or "").lower() == "low"
    return "low" if is_low else "high"
