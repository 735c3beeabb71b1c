"""Companies that file, as filed and as the team corrects them."""

from __future__ import annotations

import pyarrow as pa

from data.contracts import Dataset
from data.fields import ADDRESS, ARTICLE, COMPANY, COUNTRY, CURRENCY, TITLE, field, text

COMPANIES = Dataset(
    "companies",
    "One company as it was known: renamings and moves are vintages. Rows of source `team` are "
    "corrections: what they leave out is as filed.",
    (
        COMPANY,
        text("name", "registered name", null=True, longest=TITLE, prose=1, left_out_by="team"),
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
        text("note", "what the team says of it", null=True, longest=TITLE, prose=1),
        text("author", "who of the team wrote the row", null=True),
        field("withdrawn", pa.bool_(), "whether the team took it off the screens", null=True),
    ),
    origin="source",
    rhythm_days=None,
    key=("company", "source"),
    descriptive=True,
)
