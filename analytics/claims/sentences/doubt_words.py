"""The words of doubt, read from their file, and how often a figure is made."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from analytics.claims.sentences.direction_words import FILE as DIRECTIONS
from analytics.claims.sentences.direction_words import any_ending
from analytics.claims.statement import Language, Subject

FILE = Path(__file__).with_name("doubt_words.toml")
Doubting = Literal[
    "supposed", "denied", "other_time", "other_base", "narrower", "of_accounts", "compilers"
]
RHYTHMS = {
    "year": re.compile(
        r"\byear[- ]on[- ]year|\by/y|\byoy\b|\bin the year to\b|\bmonths to\b|"
        r"\bover the year\b|\binteranual|\bsur un an\b|\bim Jahresvergleich",
        re.IGNORECASE,
    ),
    "month": re.compile(
        r"\bmonth[- ]on[- ]month|\bm/m\b|\bmom\b|\bon the month\b|\bintermensual|\bsur un mois\b|"
        r"\bim Monatsvergleich",
        re.IGNORECASE,
    ),
    "quarter": re.compile(
        r"\bquarter[- ]on[- ]quarter|\bq/q\b|\bqoq\b|\bon the quarter\b|\bsur un trimestre\b",
        re.IGNORECASE,
    ),
}


def rhythm_of(subject: Subject) -> str:
    unit = subject.unit.lower()
    return next((step for step in RHYTHMS if f"{step} on {step}" in unit), "")


@cache
def carried_words() -> re.Pattern[str]:
    """Words that name no subject: those between a subject and its verb, of direction, and some."""
    raw = tomllib.loads(DIRECTIONS.read_text(encoding="utf-8"))
    sections = ("between", "carried", "up", "down", "flat", "told")
    words = [word for section in sections for some in raw[section].values() for word in some]
    parts = {part for word in words for part in word.lower().split() if part != "*"}
    return re.compile(any_ending(sorted(parts)), re.IGNORECASE)


@cache
def words_of(section: Doubting, language: Language) -> re.Pattern[str]:
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    words = [word for some in raw[section].values() for word in some]
    words += raw["own"].get(section, {}).get(language, [])
    return re.compile(rf"(?:(?<!\w)|(?<=\w)(?=n['’]t))(?:{any_ending(words)})(?!\w)", re.IGNORECASE)
