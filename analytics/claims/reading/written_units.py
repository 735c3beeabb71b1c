"""What stands around a printed number: its sign and currency before it, its scale, unit and share
behind it, and words that say how exactly it is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from analytics.claims.reading.words import GAP, SPACE, any_of, keys_of, phrase, unit_words
from analytics.claims.statement import Language, Relation

WORD_END = r"(?![\w])"
SIGNS = {"-": -1.0, "−": -1.0, "–": -1.0, "+": 1.0}
MARKS: dict[str, Relation] = {"~": "about", "≈": "about", ">": ">", "≥": ">", "<": "<", "≤": "<"}
SKIP_AFTER = re.compile(r"[ \u00a0]{0,18}(?:[,.;:|()0-9\n]|\Z)")  # no word follows
MINUS = re.compile(r"(?<!\w)(?:minus|moins|menos)[ \u00a0]{1,9}\Z", re.IGNORECASE)
BEFORE = 24  # characters in which a sign and a currency may stand before a number
HEDGE_BEFORE = 48
TIMES = frozenset({"years", "quarters", "months", "weeks", "days"})


@dataclass(frozen=True, slots=True)
class Suffix:
    """What follows a number, up to `end`."""

    end: int
    scale: float = 1.0
    unit: str | None = None
    share_of: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stands before a number, from `start`."""

    start: int
    sign: float = 1.0
    is_signed: bool = False
    currency: str | None = None


@cache
def currency_codes() -> frozenset[str]:
    """The codes of currencies, which are words of their own: "try" is no Turkish lira."""
    words = unit_words("currencies")
    return frozenset(code for code in words if words[code].lower() == code or code == "rmb")


@cache
def _scales() -> re.Pattern[str]:
    words = any_of([*unit_words("scales"), *unit_words("long_scale")])
    letters = any_of(unit_words("letters"))
    return re.compile(
        rf"(?P<letter>{letters})(?!\w)|{GAP}-?(?P<word>{words}){WORD_END}",
        re.IGNORECASE,
    )


@cache
def _money_letters() -> re.Pattern[str]:
    return re.compile(rf"{SPACE}?(?P<word>{any_of(unit_words('money_letters'))})(?![\w%])", re.I)


@cache
def _money_scales_before_sign() -> re.Pattern[str]:
    """M€ and Mrd.€: the letter counts because a currency's sign follows."""
    return re.compile(rf"{SPACE}?(?P<word>{any_of(unit_words('money_letters'))})(?=[€$£¥])", re.I)


@cache
def _units() -> re.Pattern[str]:
    sections = ("units", "currencies", "hundredths")
    words = any_of(word for section in sections for word in unit_words(section))
    return re.compile(rf"{GAP}-?(?:of{SPACE}|de{SPACE}|d')?(?P<word>{words}){WORD_END}", re.I)


@cache
def _shares() -> re.Pattern[str]:
    return re.compile(rf"{GAP}(?P<word>{any_of(unit_words('shares'))}){WORD_END}", re.I)


@cache
def _prefix() -> re.Pattern[str]:
    words = [word for word in unit_words("currencies") if word not in ("p", "d'euro", "d'euros")]
    signs = any_of(word.upper() for word in words if not word.isalpha() and " " not in word)
    codes = any_of(word.upper() for word in words if word in currency_codes())
    currency = rf"(?:(?<![\w/])(?:{signs}|{codes})|[$€£¥￥₹₩₽₺])"
    return re.compile(
        rf"(?P<outer>[+\-−–])?(?P<currency>{currency})?{SPACE}{{0,9}}(?P<inner>[+\-−–])?\Z"
    )


@cache
def _hedges(section: str, is_before: bool) -> re.Pattern[str]:
    words = any_of(keys_of(section))
    if not is_before:
        return re.compile(rf"{GAP}(?P<word>{words}){WORD_END}", re.I)
    article = r"(?:the|a|an|um|der|den|die|dem|le|la|les|el|los|las|un|une|ein|eine|einen|einem|d')"
    return re.compile(rf"(?<![\w])(?P<word>{words}){SPACE}*(?:{article}{SPACE}*)?\Z", re.I)


def suffix_at(text: str, place: int, language: Language, currency: str | None = None) -> Suffix:
    """Scale, unit and share behind the number that ends at `place`."""
    if SKIP_AFTER.match(text, place):
        return Suffix(place, 1.0, currency)
    scale, end = _scale_at(text, place, language, currency)
    if currency:
        return Suffix(end, scale, currency)
    found = _units().match(text, end)
    if not found or not _is_unit(text, found, is_scaled=end > place):
        return Suffix(end, scale)
    return _with_unit(text, found, scale)


def _is_unit(text: str, found: re.Match[str], *, is_scaled: bool) -> bool:
    """Codes are in capitals, `p` and `x` stand close, a 10-year bond is no ten years."""
    word, between = found["word"], text[found.start() : found.start("word")]
    unit = unit_words("units").get(phrase(word))
    if word.lower() in currency_codes() and not word.isupper():
        return False
    if word in ("p", "P") and between:
        return False
    if "-" in between and unit in TIMES:
        return False
    if not is_scaled and between.strip(" \u00a0-"):
        return False  # "of", "de": only behind a scale
    return not (
        word in ("x", "X", "×") and text[found.end() : found.end() + 2].strip()[:1].isdigit()
    )


def _with_unit(text: str, found: re.Match[str], scale: float) -> Suffix:
    word, end = phrase(found["word"]), found.end()
    hundredth = unit_words("hundredths").get(word)
    if hundredth:
        return Suffix(end, scale / 100, hundredth)
    unit = unit_words("units").get(word) or unit_words("currencies").get(word)
    share, end = share_at(text, end) if unit == "%" else (None, end)
    return Suffix(end, scale, unit, share)


def share_at(text: str, place: int) -> tuple[str | None, int]:
    """What a percentage or a part is said to be of, and where those words end."""
    found = _shares().match(text, place)
    if not found:
        return None, place
    return unit_words("shares").get(phrase(found["word"])), found.end()


def _scale_at(text: str, place: int, language: Language, currency: str | None) -> tuple[float, int]:
    """What a word or letter behind a number multiplies it by, and where that ends."""
    letters = _money_letters() if currency else _money_scales_before_sign()
    money = letters.match(text, place)
    if money:
        return _scale("money_letters", money["word"]), money.end()
    found = _scales().match(text, place)
    if not found:
        return 1.0, place
    if found["letter"]:
        return _scale("letters", found["letter"]), found.end()
    word = found["word"]
    is_long = language in ("fr", "es") or (language == "de" and word[0].isupper())
    if is_long and phrase(word) in unit_words("long_scale"):
        return _scale("long_scale", word), found.end()
    return _scale("scales", word), found.end()


def _scale(section: str, word: str) -> float:
    return float(unit_words(section).get(phrase(word), 1))


def prefix_at(text: str, place: int, lowest: int = 0) -> Prefix:
    """Sign and currency before the number that starts at `place`, none of it before `lowest`."""
    first = max(lowest, place - BEFORE)
    said = MINUS.search(text[first:place])
    if said:
        return Prefix(first + said.start(), -1.0, is_signed=True)
    near = text[first:place].rstrip(" \u00a0")[-1:]
    if not near or near.islower() or near in ",.;:|(" or near.isdigit():
        return Prefix(place)  # most numbers: no need to search
    found = _prefix().search(text[first:place])
    outer, inner, currency = found.group("outer", "inner", "currency") if found else (None,) * 3
    if found and outer and found[0] == outer:
        outer, inner = None, outer
    if not found or not (currency or inner):
        return Prefix(place)
    start = first + (found.start() if currency else found.end() - 1)
    before = text[start - 1] if start else " "
    if before.isalnum() or before in ")%":
        if not (outer and currency):
            return Prefix(place)
        outer, start = None, start + 1
    sign = outer or inner
    code = unit_words("currencies").get(phrase(currency)) if currency else None
    return Prefix(start, SIGNS.get(sign or "+", 1.0), sign is not None, code)


def relation_before(text: str, place: int) -> Relation | None:
    """What a word like "about" or "more than" right before `place` says of the number there."""
    if place and text[place - 1] in MARKS:
        return MARKS[text[place - 1]]
    window = text[max(0, place - HEDGE_BEFORE) : place]
    stripped = window.rstrip(" \u00a0(")
    if stripped and stripped[-1] in MARKS:
        return MARKS[stripped[-1]]
    if not (stripped[-1:].isalpha() or stripped[-1:] in (".", "'")):
        return None  # most numbers of a table: no need to search
    found = _hedges("hedges", is_before=True).search(window)
    return _relation("hedges", found)


def relation_after(text: str, place: int) -> Relation | None:
    """The same of words behind it: "or more", "or so"."""
    if SKIP_AFTER.match(text, place):
        return None
    return _relation("hedges_after", _hedges("hedges_after", is_before=False).match(text, place))


def _relation(section: str, found: re.Match[str] | None) -> Relation | None:
    key = keys_of(section).get(phrase(found["word"])) if found else None
    kinds: tuple[Relation, ...] = ("about", "just below", ">", "<")
    return next((kind for kind in kinds if kind == key), None)
