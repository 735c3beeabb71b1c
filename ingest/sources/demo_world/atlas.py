"""Countries by name alone: codes, region, currency, capital and zone, and no data of any kind.

With those of `geography.py` they are the 193 members of the United Nations, the Holy See, Palestine
and Taiwan. The facts stand in `countries.csv`, one line each by alpha-3 code: codes and names after
ISO 3166, currencies in use today after ISO 4217, regions and income groups of the World Bank (as of
July 2025; empty where it gives none), capitals without accents, and their zones in the IANA table.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("countries.csv")


@dataclass(frozen=True, slots=True)
class NamedCountry:
    """A country as the world knows it; nothing here is invented."""

    code: str
    iso2: str
    numeric: int
    name: str
    region: str | None
    income: str | None
    currency: str
    capital: str
    zone: str


@functools.cache
def named() -> tuple[NamedCountry, ...]:
    """The countries that have a name and no data, by code."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(_place(row) for row in csv.DictReader(lines))


def _place(row: dict[str, str]) -> NamedCountry:
    return NamedCountry(
        row["code"],
        row["iso2"],
        int(row["numeric"]),
        row["name"],
        row["region"] or None,
        row["income"] or None,
        row["currency"],
        row["capital"],
        row["zone"],
    )
