"""Forms of filings and items of Form 8-K in words, as sources, analytics and pages read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.word_lists import word_lines

FORMS_FILE = Path(__file__).with_name("filing_forms.csv")
ITEMS_FILE = Path(__file__).with_name("filing_items.csv")
KINDS = ("annual", "quarter", "interim", "current", "late", "holdings")
REPORTS = ("annual", "quarter", "interim")  # kinds that state accounts
AMENDED = "/A"
RESULTS = ("2.02", "12")  # items that give the results of a period
ATTACHED = ("9.01", "7")  # items that only say that exhibits are attached


@dataclass(frozen=True, slots=True)
class FilingForm:
    """A form, its name, and what kind of filing it is."""

    form: str
    name: str
    kind: str


@cache
def filing_forms() -> Mapping[str, FilingForm]:
    """Every form of the list."""
    lines = word_lines(FORMS_FILE, "forms", ("form", "name", "kind"), {"kind": KINDS})
    return {row["form"]: FilingForm(**row) for _, row in lines}


@cache
def filing_items() -> Mapping[str, str]:
    """Every item of Form 8-K with its name."""
    lines = word_lines(ITEMS_FILE, "items of Form 8-K", ("item", "name"), {})
    return {row["item"]: row["name"] for _, row in lines}


def form_name(form: str) -> str:
    """A form in words, an amendment as such; a form that is not listed by its code."""
    listed = filing_forms().get(form.removesuffix(AMENDED))
    name = listed.name if listed else form.removesuffix(AMENDED)
    return f"{name}, amended" if form.endswith(AMENDED) else name


def form_kind(form: str) -> str | None:
    """The kind of a form; an amendment is of the kind of what it amends."""
    listed = filing_forms().get(form.removesuffix(AMENDED))
    return listed.kind if listed else None


def items_of(words: str | None) -> tuple[str, ...]:
    """The items that a filing names, each once, in its order: `2.02,9.01`."""
    parts = (word.strip() for word in (words or "").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def item_name(item: str) -> str:
    """An item in words; one that is not listed is called so."""
    return filing_items().get(item, "item not in the list")
