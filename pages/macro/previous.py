"""How the period before a release is shown: stated by the release, or marked as from series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.macro.previous import LAKE
from pages.frame.tables import Column

PREVIOUS = Column(
    "before",
    "previous",
    "figure",
    hint="the period before, as the release states it; where it states none, the value of the "
    "series as it was known just before the print, or at the clock for upcoming releases",
)


WORD = "from series"


def before(row: Mapping[str, Any]) -> dict[str, Any]:
    """The cell of that column."""
    value = row["previous"]
    marked = value is not None and row["previous_from"] == LAKE
    return {"before": {"value": value, "word": WORD} if marked else value}
