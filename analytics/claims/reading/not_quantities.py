"""Digits of a draft that state nothing: identifiers, telephones, addresses, names, places in a
document, ranges, and counts of things that no series counts."""

from __future__ import annotations

import re
from functools import cache

from analytics.claims.reading.words import (
    LANGUAGES,
    any_of,
    common_words,
    keys_of,
    number_of,
    table,
)

ADDRESS_WEB = re.compile(
    r"(?:https?|ftp)://[^\s<>\"')\]]+|www\.[^\s<>\"')\]]+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,120}"
    r"|(?<![\w/.-])(?:[\w-]{1,60}\.){1,4}(?:com|org|net|eu|gov|info|de|fr|es|uk|io)/[^\s<>\"')\]]*"
)
IDENTIFIER = re.compile(
    r"(?<![\w])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){2,8}(?: [0-9A-Z]{1,3})?(?![\w])"  # IBAN
    r"|(?<![\w])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{9,20}(?![\w])"  # ISIN, CUSIP, FIGI, LEI
    r"|(?<![\w.,])0[0-9]{2,}(?![\w.,])"
)
PHONE = re.compile(
    r"(?<![\w.,])(?:\+[0-9]{1,3}|\(?0[1-9][0-9]{0,3}\)?|\([0-9]{2,5}\))"
    r"(?:(?:[ \u00a0/-]{1,2}\(?[0-9]{1,5}\)?){1,6}|(?:\.[0-9]{2,5}){2,6})(?![\w%.,][0-9]|[%\w])"
)
GROUPS = re.compile(r"(?<![\w.,])\+?[0-9]{2,4}(?:[ \u00a0-][0-9]{2,4}){2,5}(?![\w%]|[.,][0-9])")
CALL = re.compile(
    r"(?:tel|tél|telephone|telefon|phone|fon|fax|call|dial|ring|llame|appel|appelez|rufnummer|mobil"
    r"|hotline|móvil|desk|contact)\w{0,4}[.:]?"
    r"(?:[ \u00a0](?:us|uns|nous|al|au|on|the|desk|unter|at))*[:.]?[ \u00a0]*\Z",
    re.IGNORECASE,
)
STREET = re.compile(
    r"(?<![\w.,])[0-9]{1,5}[a-z]?,?[ \u00a0](?:[A-Z][\w'-]{0,30}[ \u00a0]){1,3}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Square|Plaza|Place|Boulevard|Blvd|Drive|Way|Court|Row"
    r"|Quay|Wharf)(?!\w)"
    r"|(?<![\w.,])[0-9]{1,4}(?:[ \u00a0](?:bis|ter))?,?[ \u00a0]"
    r"(?:rue|avenue|boulevard|place|quai|allée|impasse)(?!\w)"
    r"|(?<!\w)[A-ZÄÖÜ][\wäöüß-]{0,40}(?:straße|strasse|str\.|allee|platz|weg|gasse|damm|ufer)"
    r"[ \u00a0][0-9]{1,4}[a-z]?(?!\w)"
    r"|(?:[Cc]alle|Avenida|Avda\.|Plaza|Paseo|C/)[ \u00a0]"
    r"(?:[A-Za-zÁÉÍÓÚÑáéíóúñ]{1,30},?[ \u00a0]){1,5}[0-9]{1,4}(?!\w)"
    r"|,[ \u00a0][A-Z]{2}[ \u00a0][0-9]{5}(?:-[0-9]{4})?(?!\w)"
)
CLOCK = re.compile(
    r"(?<![\w.,])[0-9]{1,2}[:.h][0-9]{2}(?::[0-9]{2})?"
    r"(?=[ \u00a0]?(?:am|pm|a\.m|p\.m|Uhr|GMT|CET|CEST|EST|ET|BST|UTC|h)(?!\w))"
    r"|(?<![\w.,])[0-9]{1,2}[ \u00a0]?(?:am(?![ \u00a0][A-ZÄÖÜ])|pm|a\.m\.|p\.m\.|Uhr|o'clock"
    r"|heures)(?!\w)"
    r"|(?<![\w.,])[0-9]{1,2}(?::[0-9]{2})+(?!\w)|(?<![\w.,])[0-9]{1,2}h[0-9]{2}(?!\w)"
)
LIST_NUMBER = re.compile(
    r"(?m:^)[ \t>*-]{0,8}\(?[0-9]{1,3}(?:\.[0-9]{1,2}){0,3}[.)][ \t](?=\S)"
    r"|(?m:^)#{1,6}[ \t]+[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}\.?(?=[ \t])"
    r"|(?<![\w.,])[0-9]{1,2}\.[ \u00a0](?=[a-zäöü])|(?<=[;,:] )[0-9]{1,2}\)[ \u00a0]"
)
NOTE_NUMBER = re.compile(
    r"\[\^?[0-9]{1,3}(?:[,–-][ \u00a0]?[0-9]{1,3})*\]|(?<=[\w.,;])\([0-9]{1,2}\)"
)
ORDINAL = re.compile(
    r"(?<![\w.,])[0-9]{1,3}(?:\.?[ºª]|st|nd|rd|th|er|ère|ème|e|re|te[nrsm]?)(?!\w)", re.IGNORECASE
)
# A dash with a space on one side alone is a minus: "3.1 -0.2".
RANGE = re.compile(
    r"(?<![\w.,])[0-9][0-9.,]{0,15}(?:[ \u00a0]?%)?(?:[-–—]|[ \u00a0][-–—][ \u00a0])"
    r"[0-9][0-9.,]{0,15}(?: of [0-9]{1,4}(?![\w.,]?[0-9]))?"
    r"|(?<![\w.,])[0-9]{1,6}(?:[/:x×][0-9]{1,6})+(?![\w.,][0-9])"
    r"|(?<![\w.,])[0-9]{1,3}[ \u00a0](?:(?:out[ ])?of|in|von|sur|de cada)[ \u00a0]"
    r"[0-9]{1,3}(?![\w%]|[.,][0-9]|[ \u00a0](?:%|per|Proz|pour|por))"
)
BETWEEN = re.compile(
    r"(?<!\w)(?:between|zwischen|entre)[ \u00a0](?:el[ \u00a0]|le[ \u00a0])?[$€£]?"
    r"[0-9][0-9.,]{0,15}[^\w\n]{0,3}(?:[^\W\d_]{1,12}[ \u00a0])?"
    r"(?:and|und|et|y)[ \u00a0](?:el[ \u00a0]|le[ \u00a0])?[$€£]?[0-9][0-9.,]{0,15}(?![0-9])",
    re.IGNORECASE,
)
BASE_YEAR = re.compile(r"(?<![\w.,])(?:19|20)[0-9]{2}[ \u00a0]?=[ \u00a0]?1(?:00|\.0|,0)?(?![0-9])")
LABEL = re.compile(
    r"(?:(?<![\w'])(?P<word>[^\W\d_]{1,20})|(?P<sign>[#№§]|[Nn][°º]))[.:]?(?:n[°º])?"
    r"[ \u00a0]{0,2}\Z"
)
NEXT_WORD = re.compile(r"[ \u00a0]{1,9}([^\W\d_][\w-]*)")
YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@cache
def _names() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(table('units')['names']['words'])}(?![\w.,]?[0-9])", re.I)


@cache
def _labels() -> frozenset[str]:
    """Words before a number that is a place in a document, a house or a list: page, Art., Nr."""
    words = (word for name in LANGUAGES for word in table(name)["labels"]["words"].split())
    return frozenset(word.lower() for word in words)


def stretches_without(text: str) -> list[tuple[int, int]]:
    """Stretches of a draft in which no digit is a quantity, whatever its words say of it."""
    patterns = (ADDRESS_WEB, IDENTIFIER, STREET, CLOCK, LIST_NUMBER, NOTE_NUMBER, ORDINAL, RANGE)
    found = [match.span() for pattern in patterns for match in pattern.finditer(text)]
    found += [
        match.span()
        for pattern in (BETWEEN, BASE_YEAR, _names())
        for match in pattern.finditer(text)
    ]
    found += [match.span() for match in PHONE.finditer(text) if _is_phone(match[0])]
    found += [match.span() for match in GROUPS.finditer(text) if _is_called(text, match.start())]
    return found


def _is_phone(printed: str) -> bool:
    """Seven digits or more, as no price with a sign has in several groups."""
    return len(re.findall("[0-9]", printed)) >= 7 and not re.fullmatch(
        r"\+?[1-9][0-9]{0,2}(?:[ \u00a0.][0-9]{3})+", printed
    )


def _is_called(text: str, start: int) -> bool:
    return CALL.search(text[max(0, start - 40) : start]) is not None


def is_labelled(text: str, start: int) -> bool:
    """Whether a word like "page" or a sign like "#" stands before the number: it is no value."""
    found = LABEL.search(text[max(0, start - 24) : start])
    if not found:
        return False
    return bool(found["sign"]) or (found["word"] or "").lower() in _labels()


def is_count_of_things(text: str, end: int) -> bool:
    """Whether a plain number without a unit is followed by what it counts: 2 drinks, 12 pages."""
    found = NEXT_WORD.match(text, end, end + 60)
    if not found:
        return False
    word = found[1]
    known = common_words()
    return not (
        word.lower() in known
        or word.lower().split("-")[0] in known
        or word.lower() in keys_of("months")
        or word.lower() in keys_of("weekdays")
        or number_of(word) is not None
    )


def is_year(printed: str) -> bool:
    """Four digits of this century or the last, without marks."""
    return YEAR.fullmatch(printed) is not None


def is_level(text: str, start: int) -> bool:
    """ "closed at 1975": a level, though four digits could be a year."""
    window = text[max(0, start - 11) : start].lower()
    return window.endswith(("closed at ", "ended at ", "stood at ", "settled at "))


def is_alone_in_a_cell(text: str, start: int, end: int) -> bool:
    """Whether a stretch fills a cell of a table: (22.78) is then negative."""
    before = text[max(0, start - 200) : start].rstrip(" \u00a0")[-1:]
    after = text[end : end + 200].lstrip(" \u00a0")[:1]
    return (
        before in ("|", "\t", "")
        and after in ("|", "\t")
        or before in ("|", "\t")
        and after in ("\n", "")
    )
