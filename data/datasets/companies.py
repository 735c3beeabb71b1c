"""Companies that file."""

from __future__ import annotations

from data.contracts import Dataset
from data.fields import ADDRESS, ARTICLE, COMPANY, COUNTRY, CURRENCY, TITLE, text

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
        text("category", "filer category, e.g. Large accelerated filer", null=True),
        text("website", "its own site", null=True, longest=ADDRESS),
        text("description", "what it does", null=True, longest=ARTICLE, prose=1),
    ),
    origin="source",
    rhythm_days=None,
    key=("company", "source"),
    descriptive=True,
)
