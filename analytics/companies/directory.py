"""Companies by name, ticker or number, as they were known."""

from __future__ import annotations

from analytics.core.catalogue import run
from data.query import Answer, At


def company_directory(at: At) -> Answer:
    """Every company that is known at the clock, with what it can be looked up by.

    `id` is its permanent id, `label` its registered name, `code` its number with the SEC, `detail`
    its sector and country; `more` has the tickers that were its own at the clock.
    """
    return run(at, "parts/company_directory", day=at.as_of.date())
