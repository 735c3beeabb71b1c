"""What a sentence of the tests is about, in a directory of the small demo world."""

from __future__ import annotations

import tomllib
from typing import Any

from analytics.claims.naming.candidates import Candidates, candidates
from analytics.claims.naming.directory import SubjectDirectory
from analytics.claims.naming.nearest import nearest
from analytics.claims.naming.subjects import Named, named
from analytics.claims.statement import Grain, Language
from tests.golden import gold

SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
PERCENT = ("%", "percent", "per cent", "pct", "Prozent")


def kinds(
    directory: SubjectDirectory, text: str, language: Language = "en"
) -> dict[str, tuple[str, ...]]:
    """What the words of a text name, by the words."""
    found = named(text, 0, len(text), directory, language)
    return {f"{text[name.start : name.end]}: {name.kind}": name.ids for name in found}


def about(
    directory: SubjectDirectory, text: str, language: Language = "en", **given: Any
) -> Candidates:
    """What all names of a text may be about."""
    return candidates(named(text, 0, len(text), directory, language), directory, **given)


def ids(found: Candidates) -> list[str]:
    """The subjects by id, in order."""
    return sorted(subject.id for subject in found.subjects)


def language_of(draft: gold.GoldDraft) -> Language:
    """The language that a draft of the gold set says it is in."""
    path = gold.FOLDER / f"{draft.name}.toml"
    found: Language = tomllib.loads(path.read_text(encoding="utf-8"))["language"]
    return found


def claimed(
    directory: SubjectDirectory, draft: gold.GoldDraft, claim: dict[str, Any]
) -> tuple[list[Named], Candidates]:
    """The names that are nearest to a claim of the gold set, and what it may be about; unit and
    period are those of its own words."""
    start, end = claim["span"]
    stop = draft.text.find("\n", end)
    whole = named(
        draft.text, 0, stop if stop >= 0 else len(draft.text), directory, language_of(draft)
    )
    found = nearest(whole, draft.text, start, end)
    return found, candidates(found, directory, unit=_unit(claim["quote"]), grain=_grain(claim))


def _unit(quote: str) -> str | None:
    if any(sign in quote for sign in PERCENT):
        return "%"
    return next((code for sign, code in SIGNS.items() if sign in quote), None)


def _grain(claim: dict[str, Any]) -> Grain | None:
    grains: dict[int, Grain] = {7: "month", 10: "day"}
    period = str(claim.get("period", ""))
    return grains.get(len(period)) if "Q" not in period and "/" not in period else None
