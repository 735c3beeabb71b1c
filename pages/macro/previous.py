"""How the period before a release is shown: as the release states it, or marked as the lake's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.macro.previous import LAKE
from pages.frame.tables import Column

PREVIOUS = Column(
    "before",
    "previous",
    "figure",
    hint="the period before; marked lake where the release states none: as the lake knew it just "
    "before the print, or knows it at the clock for upcoming releases",
)


def before(row: Mapping[str, Any]) -> dict[str, Any]:
    """The cell of that column."""
    value = row["previous"]
    marked = value is not None and row["previous_from"] == LAKE
    return {"before": {"value": value, "word": LAKE} if marked else value}
