"""The words of brokers: what a heading means, what a cell says of its row, in many languages."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, TypeVar, get_args

from data.uploads.money import currency_of

FILE = Path(__file__).with_name("vocabulary.toml")
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
TOKEN = re.compile(r"[^\W_]+")
BRACKETS = re.compile(r"\s*[(\[{]([^()\[\]{}]*)[)\]}]\s*$")
AND = re.compile(r"\s(?:and|und|et|en|y|e|och|og)\s", re.IGNORECASE)  # as `&`, which does not count
NUMBERED = re.compile(r" \d+$")
SCALES = {
    "000": 1e3,
    "000s": 1e3,
    "k": 1e3,
    "tsd": 1e3,
    "thousand": 1e3,
    "thousands": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "millionen": 1e6,
    "tausend": 1e3,
    "milliers": 1e3,
    "miles": 1e3,
    "migliaia": 1e3,
    "hundreds": 100.0,
    "千": 1e3,
    "万": 1e4,
}
SCALED = re.compile(
    r"\s*(?:\(\s*(?:in )?['’]?(?P<in>000s?|k|m|mn|mio\.?|tsd\.?|thousands?|millions?|hundreds)\s*\)"
    r"|\s['’](?P<zeros>000s?)|\sin (?P<words>[^\W\d]+)\.?|[(（](?P<cjk>[千万])[株口股]?[)）])$",
    re.IGNORECASE,
)
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
MEMORY = 50_000  # words that are remembered
LONGEST = 4  # words of a phrase
OPENING = 3  # where in a long cell a phrase may begin
BRIEF = 5  # tokens of a cell that is a phrase as a whole
WHOLE = frozenset(("pending", "total", "cash", "bond"))  # kinds that only a whole cell tells
SHARES = frozenset(("shares", "stk", "stück", "株", "口", "株/口", "sh", "units", "#", "股", "st"))


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's name: the roles it may have, and the unit that it states."""

    plain: str
    roles: tuple[str, ...]
    unit: str = ""
    scale: float = 1.0  # how many one of its figures is: 1,000 under `Shares ('000)`


TradeSide = Literal["buy", "sell", "short", "cover"]
SideWord = Literal[TradeSide, ""]
TRADE_SIDES: tuple[TradeSide, ...] = get_args(TradeSide)
ANSWERS: Mapping[str, TradeSide] = {"buy": "buy", "sell": "sell"}  # of a reader who is asked
Meant = TypeVar("Meant", bound=str)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Folded words by what they mean."""

    headings: Mapping[str, tuple[str, ...]]
    sides: Mapping[str, TradeSide]
    letters: Mapping[str, TradeSide]
    kinds: Mapping[str, str]
    done: frozenset[str]
    part: frozenset[str]
    empty: frozenset[str]
    neutral: frozenset[str]
    purchases: frozenset[str]
    day_first: Mapping[str, frozenset[str]]
    last: frozenset[str]
    preferred: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=MEMORY)
def fold(text: str) -> str:
    """Without case, accents, blanks and marks; letters of every script stay."""
    flat = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
    return "".join(mark for mark in flat if mark.isalnum())


@cache
def vocabulary() -> Vocabulary:
    """What the file of words says."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    headings: dict[str, list[str]] = {}
    for role, names in raw["headings"].items():
        for name in names:
            roles = headings.setdefault(fold(name), [])
            if role not in roles:
                roles.append(role)
    return Vocabulary(
        {name: tuple(roles) for name, roles in headings.items()},
        sided(raw["sides"]),
        sided(raw["single_letters"]),
        _turned(raw["kinds"]),
        _folded(raw["done"]["words"]),
        _folded(raw["done"]["part"]),
        frozenset(word.casefold() for word in raw["empty"]["words"]),
        _folded(raw["neutral"]["words"]),
        _folded(raw["purchases"]["words"]),
        {mark: _folded(words) for mark, words in raw["day_first"].items()},
        _folded(raw["last"]["words"]),
        {role: tuple(fold(name) for name in names) for role, names in raw["preferred"].items()},
    )


def heading(name: str) -> Heading:
    """What a column's name means, its unit taken off."""
    return _heading(" ".join(unicodedata.normalize("NFKC", name).split()))


@lru_cache(maxsize=MEMORY)
def _heading(name: str) -> Heading:
    known = vocabulary().headings
    bare, scale = _without_scale(name)
    unit, forms = _forms(bare)
    for form in forms:
        if roles := known.get(fold(form)):
            unit = unit or ("%" if "%" in form else "")
            return Heading(fold(form), roles, unit, scale)
    return Heading(fold(name), (), unit)


def _without_scale(name: str) -> tuple[str, float]:
    """A name without `('000)` or `in Tsd.` at its end, and how many one of its figures is."""
    found = SCALED.search(name)
    word = next((word for word in found.groups() if word), "") if found else ""
    scale = SCALES.get(word.casefold().rstrip("."), 1.0)
    return (name, 1.0) if found is None or scale == 1.0 else (name[: found.start()], scale)


def _forms(name: str) -> tuple[str, list[str]]:
    """The unit that a name states, and the name with and without it."""
    unit, forms = "", [name, NUMBERED.sub("", name)]
    if found := BRACKETS.search(name):
        unit = unit_of(found[1])
        if unit or not found[1].strip():
            forms += [name[: found.start()], NUMBERED.sub("", name[: found.start()])]
        else:
            forms += [found[1], name[: found.start()]]
    last = name.rsplit(maxsplit=1)
    if len(last) == 2 and not unit and (last[1] in ("%", "bps") or currency_of(last[1])):
        unit = unit_of(last[1])
        forms.append(re.sub(r"\s+(?:in|en|i|v|w|/)$", "", last[0], flags=re.IGNORECASE))
    if name.startswith("%") and not unit:
        unit = "%"
    return unit, forms + [AND.sub(" ", form) for form in forms if AND.search(form)]


def unit_of(text: str) -> str:
    """A currency's code, `%`, or `shares`; empty for any other text."""
    word = text.strip()
    if word.casefold() in ("%", "percent", "pct", "in %"):
        return "%"
    if word.casefold() in ("bps", "bp", "basis points"):
        return "bps"
    if word.casefold() in SHARES:
        return "shares"
    return currency_of(word.removeprefix("in "))


@lru_cache(maxsize=MEMORY)
def is_empty(cell: str | None) -> bool:
    """Whether a cell holds nothing, or what stands for nothing."""
    return cell is None or cell.strip().casefold() in vocabulary().empty or not cell.strip()


@lru_cache(maxsize=MEMORY)
def side_of(cell: str) -> SideWord:
    """What a cell says a row does: buy, sell, short or cover; empty where it says nothing sure."""
    words = vocabulary()
    if whole := words.sides.get(fold(cell)):
        return whole
    if fold(cell) in words.kinds:
        return ""
    if CJK.search(cell):
        said = {words.sides[mark] for mark in ("買", "売", "买", "卖", "賣") if mark in cell}
        return said.pop() if len(said) == 1 else ""
    said = set(_phrases(cell, words.sides))
    return said.pop() if len(said) == 1 else ""


@lru_cache(maxsize=MEMORY)
def kind_of(cell: str) -> str:
    """The kind of booking that a cell speaks of, if it is no trade."""
    words = vocabulary()
    whole = fold(cell)
    if whole in words.kinds:
        return words.kinds[whole]
    if whole in words.sides or whole in words.neutral:
        return ""
    found = [kind for kind in _phrases(cell, words.kinds) if kind not in WHOLE]
    for strong in ("cancelled", "rejected", "tax"):
        if strong in found:
            return strong
    return found[0] if found else ""


def letters_of(cells: Sequence[str]) -> Mapping[str, TradeSide]:
    """The sides that single letters mean, where the column has one pair of them and no more."""
    letters = vocabulary().letters
    said = {cell.strip().casefold() for cell in cells if len(cell.strip()) == 1}
    if not said <= letters.keys():
        return {}
    pairs = Counter(letters[letter] for letter in said)
    return (
        {letter: letters[letter] for letter in said} if max(pairs.values(), default=0) < 2 else {}
    )


@lru_cache(maxsize=MEMORY)
def tokens(cell: str) -> tuple[str, ...]:
    """The folded words of a cell."""
    return tuple(fold(token) for token in TOKEN.findall(cell))


def _phrases(cell: str, meant: Mapping[str, Meant]) -> list[Meant]:
    """What the phrases of a cell mean, the longest first where they overlap."""
    parts = tokens(cell)
    is_brief = len(parts) <= BRIEF
    found, at = [], 0
    while at < len(parts) and (is_brief or at < OPENING):
        for length in range(min(LONGEST, len(parts) - at), 0, -1):
            phrase = "".join(parts[at : at + length])
            if phrase in meant and (length > 1 or len(phrase) > 2):
                found.append(meant[phrase])
                at += length - 1
                break
        at += 1
    return found


def sided(table: Mapping[str, Sequence[str]]) -> dict[str, TradeSide]:
    """Folded words by the side that they mean; a side that is none is refused."""
    if odd := sorted(table.keys() - set(TRADE_SIDES)):
        raise ValueError(f"{odd[0][:40]!r} is no side; {', '.join(TRADE_SIDES)} are")
    return {fold(word): side for side in TRADE_SIDES for word in table.get(side, ())}


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {fold(word): meant for meant, words in table.items() for word in words}


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)
