"""Cells of the tables on dependency: suppliers with their links, scores, and words for coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.trade.areas import EURO_UNION, bloc_members
from pages.frame.tables import Absent
from pages.world_trade.choice import TradeChoice, view_of
from pages.world_trade.words import Scale, place_name

Row = Mapping[str, Any]
POINTS = 10_000  # in which an HHI is shown
HIDDEN = Absent("not given below the floor of coverage")
BASIS = {
    "own report": "own report",
    "mirrors": "suppliers' reports",
    "own reports and mirrors": "own and suppliers' reports",
}
SHOWN = 2  # silent suppliers in a cell


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What the buyer reports of its imports in a year: the edition of the goods, none where it has
    not reported; in words what they are stated on; and how many members of a group reported."""

    edition: str | None
    stated: str
    reporters: int


def member_count(choice: TradeChoice) -> int | None:
    """How many members the chosen group has; of a region only those that report are known."""
    if choice.country == EURO_UNION:
        return len(bloc_members(choice.year))
    return choice.country.count(",") + 1 if "," in choice.country else None


def members_words(choice: TradeChoice, report: ImportReport) -> str:
    """`3 of 27`."""
    count = member_count(choice)
    return str(report.reporters) if count is None else f"{report.reporters} of {count}"


def names_of(codes: str | None) -> list[str]:
    """Countries of a text of codes, by their names."""
    return [place_name(code) for code in (codes or "").split()]


def silent_words(codes: str | None) -> str:
    """The first of the silent suppliers, and how many there are more."""
    names = names_of(codes)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more or "none"


def supplier_link(code: str | None, product: str, choice: TradeChoice) -> dict[str, str] | None:
    """A supplier by name, with what both sides say of its trade."""
    if code is None:
        return None
    to = view_of(choice, view="sides", flow="import", partner=code, product=product)
    return {"text": place_name(code), "to": to}


def shock_link(code: str | None, product: str, choice: TradeChoice) -> dict[str, str] | str:
    """What happens if this supplier stops."""
    if code is None:
        return ""
    return {"text": "Shock", "to": view_of(choice, view="shock", stops=code, goods=product)}


def no_imports(choice: TradeChoice) -> str:
    """What stands where the year has no purchases."""
    return f"No imports of {choice.name} in {choice.year} were published at this clock."


def basis_word(word: str) -> str:
    """By whom purchases are stated."""
    return BASIS.get(word, word)


def in_points(value: float | None) -> float | None:
    """An HHI as it is shown."""
    return None if value is None else POINTS * value


def percent_text(value: float | None) -> str:
    """A part of one in words; a dash where it is not known."""
    return "–" if value is None else f"{100 * value:.1f} %"


def amount_text(value: float | None, scale: Scale) -> str:
    """An amount in its scale; a dash where it is not known."""
    return "–" if value is None else f"{value / scale.size:,.2f}"
