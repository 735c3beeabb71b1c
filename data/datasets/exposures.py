"""Revenue by place, with what was not disclosed as a place of its own."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa

from data.contracts import Dataset, Lead
from data.fields import COMPANY, CURRENCY, YEAR, field, number, text

EXPOSURES = Dataset(
    "exposures",
    "One company's revenue in one place over one period, as filed.",
    (
        COMPANY,
        field("period_end", pa.date32(), "last day of the fiscal period"),
        YEAR,
        text("place", "ISO alpha-3 code, a named region, or undisclosed"),
        number("revenue", "revenue there", unit="currency"),
        CURRENCY,
        text("accession", "id of the filing", null=True),
    ),
    origin="source",
    key=("company", "period_end", "place", "source"),
    partition_by=("year",),
    derived={"year": ("year", "period_end")},
    order_by=("company", "period_end", "place"),
    time="period_end",
    rhythm_days=800,
    leads=(Lead("period_end", timedelta(days=1)),),
)
