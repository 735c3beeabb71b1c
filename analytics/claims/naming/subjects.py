"""What the words of a draft name: indicators, countries, instruments, accounts, currencies.

Values are never looked at: an equal number says nothing of what a sentence is about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from analytics.claims.naming.directory import SubjectDirectory, directory_of
from analytics.claims.naming.names import (
    Entry,
    NameKind,
    NameSense,
    Token,
    known_names,
    plain,
    table,
    tokens_of,
    word_list,
)
from analytics.claims.statement import Language

__all__ = ["Named", "SubjectDirectory", "directory_of", "named"]

Role = Literal["", "unit", "per", "against"]
SHARE_OF = re.compile(
    r"(?:%|per ?cent|pct|prozent|pour cent|por ciento|ratio|share)\s*"
    r"(?:of|des|du|del|vom)\s+(?:the\s+|el\s+)?$",
    re.IGNORECASE,
)
SCALES = frozenset(
    {
        *("thousand", "million", "millions", "billion", "billions", "trillion", "trillions"),
        *("k", "m", "mn", "mln", "bn", "tn", "tsd", "tausend", "mio", "mrd", "bio", "millionen"),
        *("milliarden", "billionen", "mille", "milliard", "milliards", "mil", "millon"),
        *("millones", "billon", "billones", "md", "mds", "mm"),
    }
)
PRICED_IN = frozenset({"in", "en"})  # "GDP rose in dollars"
BETWEEN_SCALE = frozenset({"d", "de", "us"})
NUMBERS = {
    **{"one": 1, "two": 2, "three": 3, "five": 5, "seven": 7, "ten": 10, "fifteen": 15},
    **{"twenty": 20, "thirty": 30, "six": 6, "four": 4},
    **{"ein": 1, "zwei": 2, "drei": 3, "funf": 5, "sieben": 7, "zehn": 10, "zwanzig": 20},
    **{"dreissig": 30, "deux": 2, "trois": 3, "cinq": 5, "dix": 10, "vingt": 20, "trente": 30},
    **{"dos": 2, "tres": 3, "cinco": 5, "siete": 7, "diez": 10, "veinte": 20, "treinta": 30},
}
_COUNT = r"(?P<count>\d{1,2}|[^\W\d_]+)"
# A maturity is in the singular: "in ten years" is a while, and "a ten-year high" is a record.
_RECORD = r"(?![-\s]+(?:highs?|lows?|records?|peaks?|troughs?|averages?|plans?|olds?|hoch|tief))"
TENORS = (
    re.compile(rf"\b{_COUNT}[-\s]?(?P<unit>year|yr|y|month)\b(?!['’]s){_RECORD}", re.IGNORECASE),
    re.compile(
        rf"\b(?P<count>\d{{1,2}}|zwei|drei|fünf|sieben|zehn|zwanzig|dreißig)[-\s]?(?P<unit>jährig)\w*{_RECORD}",
        re.IGNORECASE,
    ),
    re.compile(rf"\bà {_COUNT} (?P<unit>ans|mois)\b", re.IGNORECASE),
    re.compile(rf"\ba {_COUNT} (?P<unit>años|meses)\b", re.IGNORECASE),
)
CURVE = re.compile(r"\b(\d{1,2})s(\d{1,2})s\b")
PACE = "gdp_growth"
MONTHS = ("month", "mois", "meses")
CODES = re.compile(r"\b([A-Z]{3})\s?[/\-]?\s?([A-Z]{3})\b")


@dataclass(frozen=True, slots=True)
class Named:
    """Words in [start, end) of a text with what they name.

    `ids` are, by kind: words of the vocabulary (of which `*` takes the maturity), a country's code,
    symbols, a company, a line of accounts, a currency, the two of a pair, or a maturity such as
    10y. Without ids the words name what the lake does not hold. `idea` is the indicator's key in
    the table of names, or how a line of accounts is asked for: `gross margin`. What is weak counts
    where nothing surer is in reach. The role of a currency: the unit of a number, the one quoted
    against, or the one of which a single one is priced.
    """

    start: int
    end: int
    kind: NameKind
    ids: tuple[str, ...]
    idea: str = ""
    is_weak: bool = False
    role: Role = ""


def named(
    text: str, start: int, end: int, directory: SubjectDirectory, language: Language
) -> list[Named]:
    """What the words in [start, end) of a text name, in their order."""
    start, end = max(0, start), min(len(text), end)
    tokens = tokens_of(text, start, end)
    found: list[Named] = []
    place = 0
    while place < len(tokens):
        entries = _longest(text, tokens, place, directory, language)
        if not entries:
            place += 1
            continue
        width = len(entries[0].words)
        found += _named(text, tokens, place, entries)
        place += width
    found = _with_unknown(text, tokens, _without_pace(text, found))
    found = _with_pairs(text, start, end, _with_counterparts(tokens, found, directory))
    found += _tenors(text, start, end)
    return sorted(found, key=lambda name: (name.start, name.end, name.kind))


def _without_pace(text: str, found: list[Named]) -> list[Named]:
    """ "Average earnings growth" is of earnings, and not of the economy."""
    ends = {name.end for name in found if name.kind == "indicator"}
    return [
        name
        for name in found
        if name.idea != PACE or name.start - 1 not in ends or text[name.start - 1] != " "
    ]


def _longest(
    text: str,
    tokens: Sequence[Token],
    place: int,
    directory: SubjectDirectory,
    language: Language,
) -> list[Entry]:
    entries = [
        entry
        for index in (directory.names, known_names())
        for entry in index.longest(text, tokens, place)
        if _counts(entry.meaning, tokens, place, len(entry.words), language)
    ]
    most = max((len(entry.words) for entry in entries), default=0)
    return [entry for entry in entries if len(entry.words) == most]


def _counts(
    meaning: NameSense, tokens: Sequence[Token], place: int, width: int, language: Language
) -> bool:
    if meaning.own is not None and meaning.own != language:
        return False
    if not meaning.needs_market:
        return True
    near = [*tokens[max(0, place - 2) : place], *tokens[place + width : place + width + 3]]
    return any(token.plain in word_list("around", "market") for token in near)


def _named(text: str, tokens: Sequence[Token], place: int, entries: Sequence[Entry]) -> list[Named]:
    """The meanings of one stretch; a name that the lake holds makes those that it lacks void."""
    width = len(entries[0].words)
    start, end = tokens[place].start, tokens[place + width - 1].end
    meanings = dict.fromkeys(entry.meaning for entry in entries)
    held = {meaning.kind for meaning in meanings if meaning.ids}
    found: list[Named] = []
    for meaning in meanings:
        kind = meaning.kind
        if kind == "silent" or (not meaning.ids and kind in held):
            continue
        if kind == "indicator" and SHARE_OF.search(text[max(0, start - 30) : start]):
            continue
        role = _role(text, tokens, place, width) if kind == "currency" else ""
        one = Named(start, end, kind, meaning.ids, meaning.idea, meaning.is_weak, role)
        if not any(one.kind == other.kind and one.ids == other.ids for other in found):
            found.append(one)
    return found


def _role(text: str, tokens: Sequence[Token], place: int, width: int) -> Role:
    """Whether a currency is a number's unit, or the other side of a quotation."""
    back = place - 1
    while back >= 0 and tokens[back].plain in BETWEEN_SCALE:
        back -= 1
    if back >= 0 and _is_amount(text, tokens[back], tokens[place].start):
        return "unit"
    after = tokens[place + width] if place + width < len(tokens) else None
    last = tokens[place + width - 1]
    if after and after.raw[0].isdigit() and last.raw.isupper() and after.start - last.end <= 1:
        return "unit"
    around = table("market_names")["around"]
    if back >= 0 and tokens[back].plain in PRICED_IN:
        return "unit"
    if back >= 0 and tokens[back].plain in word_list("around", "per"):
        return "per"
    while back >= 0 and tokens[back].plain in word_list("around", "articles"):
        if tokens[back - 1].plain in around["per"] and back:
            return "per"
        back -= 1
    is_against = back >= 0 and tokens[back].plain in word_list("around", "against")
    return "against" if is_against else ""


def _is_amount(text: str, token: Token, start: int) -> bool:
    between = text[token.end : start]
    if "\n" in between or set(between) & set(",;:()"):
        return False
    return (
        token.raw[-1].isdigit()
        or token.plain in SCALES
        or bool(re.fullmatch(r"\d+(?:k|m|mn|bn|tn)", token.plain))
    )


def _with_unknown(text: str, tokens: Sequence[Token], found: list[Named]) -> list[Named]:
    """`Fictor Oilfields` is none of the companies whose names begin with Fictor."""
    by_start = {token.start: place for place, token in enumerate(tokens)}
    taken = {name.start for name in found}
    result: list[Named] = []
    for name in found:
        if _is_affiliate(text, tokens, name):
            result.append(replace(name, ids=()))
            continue
        place = by_start[name.start] + 1
        is_word = text[name.start : name.end].isalpha()
        if name.kind != "instrument" or len(name.ids) < 2 or not is_word or place >= len(tokens):
            result.append(name)
            continue
        after = tokens[place]
        is_name = after.raw[0].isupper() and not after.raw.isupper() and after.start not in taken
        beside = text[name.end : after.start] == " "
        if is_name and beside and after.plain not in word_list("around", "market"):
            result.append(replace(name, end=after.end, ids=()))
        else:
            result.append(name)
    return result


def _is_affiliate(text: str, tokens: Sequence[Token], name: Named) -> bool:
    """`Fictor Motors Europe` is not Fictor Motors."""
    if name.kind not in ("instrument", "company"):
        return False
    after = next((token for token in tokens if token.start >= name.end), None)
    return (
        after is not None
        and text[name.end : after.start] == " "
        and after.raw[0].isupper()
        and after.plain in word_list("around", "affiliates")
    )


def _with_counterparts(
    tokens: Sequence[Token], found: list[Named], directory: SubjectDirectory
) -> list[Named]:
    """The dollar's Canadian cousin is a currency."""
    after = {one.end: two for one, two in zip(tokens, tokens[1:], strict=False)}
    more: list[Named] = []
    for name in found:
        follows = after.get(name.end)
        if name.kind != "country" or follows is None:
            continue
        code = directory.currencies.get(name.ids[0])
        if code and follows.plain in word_list("around", "counterparts"):
            more.append(Named(name.start, follows.end, "currency", (code,), role="against"))
    return [*found, *more]


def _with_pairs(text: str, start: int, end: int, found: list[Named]) -> list[Named]:
    """Two currencies that a stroke joins are a pair, and so are two codes together."""
    codes = set(table("market_names")["codes"]["currencies"])
    pairs = [
        Named(match.start(), match.end(), "pair", (match.group(1), match.group(2)))
        for match in CODES.finditer(text, start, end)
        if match.group(1) in codes
        and match.group(2) in codes
        and match.group(1) != match.group(2)
        and " " not in match.group().replace(" / ", "/")
    ]
    money = [name for name in found if name.kind == "currency"]
    for one, two in zip(money, money[1:], strict=False):
        joined = text[one.end : two.start] in ("-", "/", "–", "‑")
        if joined and one.ids != two.ids:
            pairs.append(Named(one.start, two.end, "pair", (*one.ids, *two.ids)))
    kept = [
        name
        for name in found
        if not any(pair.start <= name.start and name.end <= pair.end for pair in pairs)
    ]
    once = {(pair.start, pair.ids): pair for pair in pairs}
    return [*kept, *once.values()]


def _tenors(text: str, start: int, end: int) -> list[Named]:
    found: list[Named] = []
    for pattern in TENORS:
        for match in pattern.finditer(text, start, end):
            written = plain(match.group("count"))
            count = int(written) if written.isdigit() else NUMBERS.get(written)
            if count:
                unit = "m" if match.group("unit").lower() in MONTHS else "y"
                found.append(Named(match.start(), match.end(), "tenor", (f"{count}{unit}",)))
    for match in CURVE.finditer(text, start, end):
        ids = [f"{int(years)}y" for years in match.groups()]
        found += [Named(match.start(), match.end(), "tenor", (one,)) for one in ids]
    return found
