"""What a printed number is worth: which of its marks are decimal, by its shape, by the words around
it, and only then by the language of the draft."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from decimal import Decimal

from analytics.claims.reading.words import LANGUAGES, language_votes, table
from analytics.claims.statement import Language

NUMBER = re.compile(
    r"[0-9]{1,3}(?:[ \u00a0][0-9]{3}(?![0-9]))+(?:[.,][0-9]+(?![0-9]))?"
    r"|[0-9]+(?:[.,'][0-9]+)*+[¼½¾]?"
    r"|(?<![\w.,])\.[0-9]+"
)
GROUPED = re.compile(r"[0-9]{1,3}(?P<mark>[., '\u00a0])[0-9]{3}(?:(?P=mark)[0-9]{3})*+")
DECIMAL = re.compile(r"(?:0|[1-9][0-9]*)?[.,][0-9]+")
PLAIN = re.compile(r"0|[1-9][0-9]*")
VULGAR = {"¼": 0.25, "½": 0.5, "¾": 0.75}
LONGEST = 24  # digits and marks of a number that can be meant as one
SENTENCE_END = re.compile(r"[.!?;](?=\s)|\n|\|")
WORD = re.compile(r"[^\W\d_]+")
# Long runs without an end are cut, so that a wall of text costs what its length is.
NEIGHBOURS = 300


class SpokenLanguages:
    """The languages of a draft: of its sentences, and of the whole where one says nothing."""

    def __init__(self, text: str, language: Language | None) -> None:
        self._text = text
        self._ends = [match.end() for match in SENTENCE_END.finditer(text)]
        self._known: dict[tuple[int, int], Language | None] = {}
        self._whole = language or language_of(text[:20_000]) or "en"

    def near(self, place: int) -> Language:
        """The language of the sentence around a place, else that of the draft."""
        index = bisect_right(self._ends, place)
        first = self._ends[index - 1] if index else 0
        last = self._ends[index] if index < len(self._ends) else len(self._text)
        first, last = max(first, place - NEIGHBOURS), min(last, place + NEIGHBOURS)
        key = (index, place // NEIGHBOURS)
        if key not in self._known:
            self._known[key] = language_of(self._text[first:last], preferred=self._whole)
        return self._known[key] or self._whole


def language_of(text: str, preferred: Language | None = None) -> Language | None:
    """The language that most words and letters of a text speak for; none where none do."""
    known = language_votes()
    votes: Counter[Language] = Counter()
    for word in WORD.findall(text):
        said = known.get(word.lower())
        if said:
            votes.update(said)
        elif not word.isascii():
            signs = set(word)
            votes.update(name for name in LANGUAGES if signs & set(table(name)["letters"]))
    if not votes:
        return None
    best = max(votes.values())
    leaders = [name for name in LANGUAGES if votes[name] == best]
    return preferred if preferred in leaders else leaders[0]


def printed_value(printed: str, language: Language) -> tuple[float, float] | None:
    """The value, and half a unit of the last printed digit; none where it is no single number."""
    fraction = VULGAR.get(printed[-1:], 0.0)
    digits = printed[:-1] if fraction else printed
    if len(digits) > LONGEST:
        return None
    whole, decimals = _parts(digits, language) or ("", "")
    if not whole and not decimals:
        return None
    value = float(f"{whole or 0}.{decimals or 0}") + fraction
    places = len(decimals) or (2 if fraction else 0)
    return value, 0.5 / 10**places


def scaled(value: float, scale: float) -> float:
    """Their product as a reader reckons it: 34.2 trillion are 34,200,000,000,000 and no more."""
    return float(Decimal(repr(value)) * Decimal(repr(scale)))


def _parts(digits: str, language: Language) -> tuple[str, str] | None:
    """Whole part and decimals, without marks."""
    if PLAIN.fullmatch(digits):
        return digits, ""
    grouped = GROUPED.fullmatch(digits)
    if grouped and not (len(re.findall(r"[.,]", digits)) == 1 and _is_decimal(digits, language)):
        return (re.sub(r"\D", "", digits), "") if digits[0] != "0" else None
    if DECIMAL.fullmatch(digits):
        whole, _, decimals = digits.replace(",", ".").partition(".")
        return whole, decimals
    return _mixed(digits)


def _is_decimal(digits: str, language: Language) -> bool:
    """Whether the mark of 1.351 or 1,351 is the decimal one: a point in English, else a comma."""
    return digits[0] == "0" or ("." in digits) == (language == "en")


def _mixed(digits: str) -> tuple[str, str] | None:
    """1,234.5 and 1.234,5 and 1 234,5: two kinds of marks, of which the last is the decimal one."""
    cut = max(digits.rfind("."), digits.rfind(","))
    if cut < 0:
        return None
    head, decimals = digits[:cut], digits[cut + 1 :]
    grouped = GROUPED.fullmatch(head)
    if not grouped or grouped["mark"] == digits[cut] or head[0] == "0" or not decimals:
        return None
    return re.sub(r"\D", "", head), decimals
