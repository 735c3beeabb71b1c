"""Facts from filings, keyed by company, concept and period; restatements are vintages."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa

from data.contracts import Dataset, Lead
from data.fields import COMPANY, UNIT, YEAR, field, number, text

FUNDAMENTALS = Dataset(
    "fundamentals",
    "One line of one statement; known when its filing was public.",
    (
        COMPANY,
        text("concept", "what is stated, e.g. Revenue"),
        field("period_start", pa.date32(), "first day; equals period_end for an instant"),
        field("period_end", pa.date32(), "last day of the fiscal period"),
        YEAR,
        number("value", "the value, in `unit`"),
        UNIT,
        text("fiscal_period", "Q1 to Q4 or FY", null=True),
        text("form", "filing type, e.g. 10-Q", null=True),
        text("accession", "id of the filing", null=True),
    ),
    origin="source",
    key=("company", "concept", "period_start", "period_end", "source"),
    partition_by=("year",),
    derived={"year": ("year", "period_end")},
    order_by=("company", "period_end", "concept", "period_start"),
    time="period_end",
    rhythm_days=800,
    leads=(Lead("period_end", timedelta(days=1)),),
)
