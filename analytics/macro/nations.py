"""Countries beside each other: the latest print of each indicator, how unusual its change was."""

from __future__ import annotations

from analytics.core.catalogue import run
from data.query import Answer, At


def country_indicators(at: At, *, dimension: str = "growth") -> Answer:
    """The latest value of every country and indicator of a dimension, and the z of its change."""
    return run(at, "country_indicators", dimension=dimension)
