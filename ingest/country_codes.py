"""Codes of countries as sources write them, as ISO 3166 alpha-3; groups of countries have none."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from ingest.lists import listed


@functools.cache
def alpha3() -> frozenset[str]:
    """Every code that is or was a country's or an area's."""
    return frozenset(listed("countries", "iso3"))


@functools.cache
def from_alpha2() -> Mapping[str, str]:
    """Alpha-2 to alpha-3; of a code that was given twice, its latest meaning."""
    rows = listed("countries", "iso3").values()
    old_first = sorted(rows, key=lambda row: row["until"] or "9999")
    return {row["iso2"]: row["iso3"] for row in old_first}


def country(code: str) -> str | None:
    """The country that a code of two or three letters means, if any."""
    word = code.strip().upper()
    if len(word) == 2:
        return from_alpha2().get(word)
    return word if word in alpha3() else None
