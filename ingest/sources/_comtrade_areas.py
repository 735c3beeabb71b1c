"""Codes of countries at UN Comtrade: its own, those that ended, and those of no country."""

from __future__ import annotations

import functools
import re

from ingest.lists import listed

ENDED = re.compile(r"\buntil (\d{4})$")


@functools.cache
def areas() -> dict[int, str | None]:
    """Comtrade's numeric codes to alpha-3; None for a group of countries."""
    known: dict[int, str | None] = {
        int(row["numeric"]): code
        for code, row in listed("countries", "iso3").items()
        if row["numeric"] and not row["until"]
    }
    own = listed("comtrade_areas", "code").items()
    return known | {int(code): row["iso3"] or None for code, row in own}


@functools.cache
def ended() -> dict[int, int]:
    """Codes that are no longer used, with the last year in which they were."""
    found = ((code, ENDED.search(row["name"])) for code, row in _own().items())
    return {int(code): int(name[1]) for code, name in found if name}


@functools.cache
def groups() -> frozenset[int]:
    """Codes of groups of countries, whose members report beside them."""
    return frozenset(code for code, iso3 in areas().items() if iso3 is None)


@functools.cache
def nowhere() -> frozenset[str]:
    """Our codes for partners that are no country: areas not specified, bunkers, free zones."""
    return frozenset(row["iso3"] for row in _own().values() if row["iso3"].startswith("X"))


def code_of(iso3: str, year: int | None = None) -> str:
    """Comtrade's own code of a country, today or in a year; the word itself when it is a code."""
    own = [int(code) for code, row in _own().items() if row["iso3"] == iso3]
    last = ended()
    past = sorted((last[code], code) for code in own if year and last.get(code, 0) >= year)
    if past:
        return str(past[0][1])
    today = (str(code) for code in own if code not in last)
    iso = listed("countries", "iso3").get(iso3, {}).get("numeric")
    return next(today, str(int(iso)) if iso else iso3)


def _own() -> dict[str, dict[str, str]]:
    return {code: dict(row) for code, row in listed("comtrade_areas", "code").items()}
