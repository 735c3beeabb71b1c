"""Amounts of trade in US dollars with their scale, and the words for lines that are no country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pages.frame.tables import Absent
from pages.search.directory import country_names

GROUPS = {"EU": "European Union"}
FLOWS = {"export": "Exports", "import": "Imports"}
NEEDS = ("trade",)
BREAKS = {
    "edition": "another edition of the goods than the year before",
    "reporters": "other members reported than the year before",
    "missing year": "the year before is missing",
    "missing month": "the month a year before is missing",
}
KINDS = {
    "other": "Other",
    "own": "Own goods returned",
    "inside": "Trade among members",
    "re-export": "of which re-exports",
    "sum": "Sum of the lines",
    "world": "World, as reported",
    "total": "All goods, as reported",
    "difference": "Difference",
}
AREAS = {
    "_X": "Areas not specified",
    "XX": "Areas not specified",
    "E19": "Other Europe, not specified",
    "F19": "Other Africa, not specified",
    "A19": "Other Americas, not specified",
    "O19": "Other Oceania, not specified",
    "S19": "Other Asia (Taiwan)",
    "XBU": "Bunkers",
    "XFZ": "Free zones",
    "XSP": "Special categories",
    "XNS": "Areas not specified",
    "XEU": "Other Europe, not specified",
    "XEE": "Eastern Europe, not specified",
    "XEC": "European Union, not specified",
    "XEF": "European Free Trade Association, not specified",
    "XAF": "Other Africa, not specified",
    "XNA": "Northern Africa, not specified",
    "XCA": "Customs union of Central Africa, not specified",
    "XAM": "Other Americas, not specified",
    "XNC": "North and Central America, not specified",
    "XCM": "Central American Common Market, not specified",
    "XCB": "Caribbean, not specified",
    "XLA": "Latin American Integration Association, not specified",
    "XOC": "Other Oceania, not specified",
    "NTZ": "Neutral zone",
    # Places that report or are partners and that the list of countries may lack.
    "TWN": "Taiwan",
    "ANT": "Netherlands Antilles",
    "CSK": "Czechoslovakia",
    "DDR": "East Germany",
    "PCI": "Pacific Islands (trust territory)",
    "PCZ": "Panama Canal Zone",
    "SCG": "Serbia and Montenegro",
    "SUN": "Soviet Union",
    "VDR": "North Vietnam",
    "YMD": "South Yemen",
    "YUG": "Yugoslavia",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """What amounts are divided by, and how that is called."""

    size: float
    unit: str

    def of(self, value: float | None) -> float | None:
        """An amount in this scale."""
        return None if value is None else value / self.size


def scale_of(values: Iterable[float | None]) -> Scale:
    """Billions, millions or thousands of US dollars: the largest amount has two digits or more."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if largest >= 1e10:
        return Scale(1e9, "USD bn")
    return Scale(1e6, "USD mn") if largest >= 1e7 else Scale(1e3, "USD thousand")


def dollars(value: float | None, scale: Scale | None = None) -> str:
    """One amount with its scale, as `USD 1,234.5 bn`; a dash where it is not known."""
    if value is None:
        return "–"
    scale = scale or scale_of([value])
    currency, word = scale.unit.split(" ")
    return f"{currency} {value / scale.size:,.1f} {word}".replace("-", "−")


def in_percent(share: float | None) -> float | None:
    """A part of one as percent."""
    return None if share is None else 100 * share


def place_name(code: str) -> str:
    """A country, group or area by name; a code that nothing names stands for itself."""
    return GROUPS.get(code) or country_names().get(code) or AREAS.get(code) or code


def line_name(row: Mapping[str, Any]) -> str:
    """What a line of a table of trade is called that is neither a country nor a product."""
    kind = row["kind"]
    if kind == "other":
        return f"Other ({row['codes']})"
    return KINDS.get(kind) or place_name(row["code"])


def growth(row: Mapping[str, Any]) -> float | Absent | None:
    """The growth of a line, or why there is none."""
    if row["growth"] is None and row["break_reason"]:
        return Absent(BREAKS.get(row["break_reason"], row["break_reason"]))
    value: float | None = row["growth"]
    return value


def basis_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """CIF or FOB and the edition of the goods, as the rows state them."""
    values: dict[str, list[str]] = {"valuation": [], "edition": []}
    for row in rows:
        for name, found in values.items():
            if row.get(name) and row[name] not in found:
                found.append(row[name])
    valuation = " and ".join(values["valuation"]) or "CIF or FOB not stated"
    edition = " and ".join(values["edition"]) or "edition of the goods not stated"
    return f"{valuation}, {edition}"
