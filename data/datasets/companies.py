"""Companies that file."""

from __future__ import annotations

from data.contracts import Dataset
from data.fields import COMPANY, COUNTRY, CURRENCY, TITLE, text

COMPANIES = Dataset(
    "companies",
    "One company as it was known: renamings and moves are vintages.",
    (
        COMPANY,
        text("name", "registered name", longest=TITLE, prose=1),
        text("sector", "sector", null=True),
        text("industry", "industry", null=True),
        COUNTRY,
        CURRENCY.with_nullable(True),
        text("cik", "SEC central index key", null=True),
        text("lei", "legal entity identifier", null=True),
        text("fiscal_year_end", "MM-DD", null=True),
    ),
    origin="source",
    rhythm_days=None,
    key=("company", "source"),
    descriptive=True,
)
