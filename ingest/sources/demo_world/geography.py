"""Forty real countries with data; codes, zones and currencies are real, the values invented.

The others of the world are named in `atlas.py` and have no data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.sources.demo_world.atlas import NamedCountry, named
from ingest.sources.demo_world.draws import Floats, uniforms
from ingest.sources.demo_world.spec import Spec


@dataclass(frozen=True, slots=True)
class Country(NamedCountry):
    """`size` is an invented economy in billions of US dollars; x and y an invented map."""

    size: float
    x: float
    y: float


_EUROPE, _ASIA, _LATIN = (
    "Europe & Central Asia",
    "East Asia & Pacific",
    "Latin America & Caribbean",
)
_NORTH, _MENA, _AFRICA, _SOUTH = (
    "North America",
    "Middle East & North Africa",
    "Sub-Saharan Africa",
    "South Asia",
)
_H, _U, _L = "High income", "Upper middle income", "Lower middle income"
# code iso2 numeric name | region income | currency capital zone | size x y
_ROWS: tuple[tuple[str, str, int, str, str, str, str, str, str, float, float, float], ...] = (
    ("USA", "US", 840, "United States", _NORTH, _H, "USD", "Washington",
     "America/New_York", 18000, 20, 60),
    ("GBR", "GB", 826, "United Kingdom", _EUROPE, _H, "GBP", "London",
     "Europe/London", 2700, 50, 72),
    ("JPN", "JP", 392, "Japan", _ASIA, _H, "JPY", "Tokyo", "Asia/Tokyo", 4900, 90, 60),
    ("DEU", "DE", 276, "Germany", _EUROPE, _H, "EUR", "Berlin", "Europe/Berlin", 3700, 54, 70),
    ("CHN", "CN", 156, "China", _ASIA, _U, "CNY", "Beijing", "Asia/Shanghai", 11000, 82, 60),
    ("FRA", "FR", 250, "France", _EUROPE, _H, "EUR", "Paris", "Europe/Paris", 2600, 51, 69),
    ("CAN", "CA", 124, "Canada", _NORTH, _H, "CAD", "Ottawa", "America/Toronto", 1700, 21, 65),
    ("AUS", "AU", 36, "Australia", _ASIA, _H, "AUD", "Canberra", "Australia/Sydney", 1400, 92, 20),
    ("ITA", "IT", 380, "Italy", _EUROPE, _H, "EUR", "Rome", "Europe/Rome", 1900, 54, 65),
    ("ESP", "ES", 724, "Spain", _EUROPE, _H, "EUR", "Madrid", "Europe/Madrid", 1300, 48, 64),
    ("NLD", "NL", 528, "Netherlands", _EUROPE, _H, "EUR", "Amsterdam",
     "Europe/Amsterdam", 900, 52, 71),
    ("CHE", "CH", 756, "Switzerland", _EUROPE, _H, "CHF", "Bern", "Europe/Zurich", 700, 53, 68),
    ("SWE", "SE", 752, "Sweden", _EUROPE, _H, "SEK", "Stockholm", "Europe/Stockholm", 530, 56, 77),
    ("NOR", "NO", 578, "Norway", _EUROPE, _H, "NOK", "Oslo", "Europe/Oslo", 420, 53, 78),
    ("DNK", "DK", 208, "Denmark", _EUROPE, _H, "DKK", "Copenhagen",
     "Europe/Copenhagen", 340, 54, 74),
    ("FIN", "FI", 246, "Finland", _EUROPE, _H, "EUR", "Helsinki", "Europe/Helsinki", 260, 59, 78),
    ("BEL", "BE", 56, "Belgium", _EUROPE, _H, "EUR", "Brussels", "Europe/Brussels", 500, 52, 70),
    ("AUT", "AT", 40, "Austria", _EUROPE, _H, "EUR", "Vienna", "Europe/Vienna", 430, 56, 68),
    ("POL", "PL", 616, "Poland", _EUROPE, _H, "PLN", "Warsaw", "Europe/Warsaw", 560, 58, 71),
    ("CZE", "CZ", 203, "Czechia", _EUROPE, _H, "CZK", "Prague", "Europe/Prague", 240, 56, 70),
    ("HUN", "HU", 348, "Hungary", _EUROPE, _H, "HUF", "Budapest", "Europe/Budapest", 150, 57, 68),
    ("GRC", "GR", 300, "Greece", _EUROPE, _H, "EUR", "Athens", "Europe/Athens", 200, 58, 63),
    ("PRT", "PT", 620, "Portugal", _EUROPE, _H, "EUR", "Lisbon", "Europe/Lisbon", 220, 46, 63),
    ("IRL", "IE", 372, "Ireland", _EUROPE, _H, "EUR", "Dublin", "Europe/Dublin", 370, 48, 73),
    ("TUR", "TR", 792, "Turkey", _EUROPE, _U, "TRY", "Ankara", "Europe/Istanbul", 800, 61, 63),
    ("KOR", "KR", 410, "South Korea", _ASIA, _H, "KRW", "Seoul", "Asia/Seoul", 1500, 87, 61),
    ("IND", "IN", 356, "India", _SOUTH, _L, "INR", "New Delhi", "Asia/Kolkata", 2300, 73, 51),
    ("IDN", "ID", 360, "Indonesia", _ASIA, _U, "IDR", "Jakarta", "Asia/Jakarta", 950, 83, 35),
    ("THA", "TH", 764, "Thailand", _ASIA, _U, "THB", "Bangkok", "Asia/Bangkok", 430, 80, 45),
    ("MYS", "MY", 458, "Malaysia", _ASIA, _U, "MYR", "Kuala Lumpur",
     "Asia/Kuala_Lumpur", 320, 81, 40),
    ("SGP", "SG", 702, "Singapore", _ASIA, _H, "SGD", "Singapore", "Asia/Singapore", 330, 81, 38),
    ("PHL", "PH", 608, "Philippines", _ASIA, _L, "PHP", "Manila", "Asia/Manila", 310, 86, 45),
    ("VNM", "VN", 704, "Viet Nam", _ASIA, _L, "VND", "Hanoi", "Asia/Ho_Chi_Minh", 260, 82, 48),
    ("NZL", "NZ", 554, "New Zealand", _ASIA, _H, "NZD", "Wellington",
     "Pacific/Auckland", 190, 99, 14),
    ("BRA", "BR", 76, "Brazil", _LATIN, _U, "BRL", "Brasilia", "America/Sao_Paulo", 1900, 33, 30),
    ("MEX", "MX", 484, "Mexico", _LATIN, _U, "MXN", "Mexico City",
     "America/Mexico_City", 1200, 16, 50),
    ("CHL", "CL", 152, "Chile", _LATIN, _H, "CLP", "Santiago", "America/Santiago", 260, 26, 20),
    ("COL", "CO", 170, "Colombia", _LATIN, _U, "COP", "Bogota", "America/Bogota", 300, 24, 40),
    ("ZAF", "ZA", 710, "South Africa", _AFRICA, _U, "ZAR", "Pretoria",
     "Africa/Johannesburg", 340, 58, 20),
    ("SAU", "SA", 682, "Saudi Arabia", _MENA, _H, "SAR", "Riyadh", "Asia/Riyadh", 750, 64, 52),
)  # fmt: skip
COUNTRIES = tuple(Country(*row) for row in _ROWS)


def countries_of(spec: Spec) -> tuple[Country, ...]:
    """The countries that have data at this scale, by code."""
    chosen = COUNTRIES[: spec.scale.countries]
    return tuple(sorted(chosen, key=lambda country: country.code))


def every_place() -> tuple[NamedCountry, ...]:
    """Every country of the world by code, with data or without, the same at every scale."""
    return tuple(sorted((*COUNTRIES, *named()), key=lambda place: place.code))


def traits(spec: Spec, countries: tuple[Country, ...], what: str) -> Floats:
    """One uniform draw per country for a lasting trait such as its trend growth."""
    draws = [uniforms(spec.seed, f"{what} {country.code}", 1)[0] for country in countries]
    return np.array(draws)
