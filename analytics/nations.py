"""Countries beside each other: the latest print of each indicator, how unusual its change was."""

from __future__ import annotations

from typing import Literal

from analytics.catalogue import run
from data.query import Answer, At

Dimension = Literal["growth", "inflation", "labour", "external", "policy", "other"]
DIMENSIONS: tuple[Dimension, ...] = (
    "growth", "inflation", "labour", "external", "policy", "other",
)  # fmt: skip


def country_indicators(at: At, *, dimension: str = "growth") -> Answer:
    """The latest value of every country and indicator of a dimension, and the z of its change."""
    return run(at, "country_indicators", dimension=dimension)
