"""Reports that companies and fund managers filed, one row a filing, with links."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa

from data.contracts import Dataset, Lead
from data.fields import ADDRESS, COMPANY, INSTANT, TITLE, YEAR, field, text

FILINGS = Dataset(
    "filings",
    "One filing of one filer; known when EDGAR made it public, or at the end of its filing day.",
    (
        COMPANY,
        text("accession", "id of the filing; co-registrants share one"),
        text("form", "filing type, e.g. 10-K or 8-K/A"),
        field("filed_on", pa.date32(), "filing date"),
        YEAR,
        field("accepted_at", INSTANT, "acceptance, where the hour is certain", null=True),
        field("period_end", pa.date32(), "day that the report is of", null=True),
        text("items", "items of an 8-K, e.g. 2.02,9.01", null=True, longest=TITLE),
        text("document", "file name of the primary document", null=True, longest=TITLE),
        text("url", "link to the primary document", null=True, longest=ADDRESS),
    ),
    origin="source",
    key=("company", "filed_on", "accession", "source"),
    partition_by=("year",),
    derived={"year": ("year", "filed_on")},
    order_by=("company", "filed_on", "accession"),
    time="filed_on",
    rhythm_days=120,
    leads=(Lead("filed_on", timedelta(days=7)), Lead("period_end", timedelta(days=366))),
)
