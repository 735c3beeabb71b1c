"""A page that reads every vintage.

It counts rows that were not known at the clock.
"""

from __future__ import annotations

from data.query import Answer, At
from pages.frame.cached import cached
from pages.frame.run import current


def vintages(at: At) -> Answer:
    """All rows ever stored."""
    return at.sql("SELECT count(*) AS rows FROM macro_vintages")


cached(vintages, current().at)
