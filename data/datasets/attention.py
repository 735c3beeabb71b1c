"""How much the public looked at an entity."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.fields import DATE, YEAR, number, text

ATTENTION = Dataset(
    "attention",
    "Views of one entity on one day; a missing day is missing, not zero.",
    (
        text("entity", "page, topic or symbol"),
        DATE,
        YEAR,
        number("views", "views by people, robots left out", unit="views", min=0),
    ),
    origin="source",
    key=("entity", "date", "source"),
    partition_by=("source", "year"),
    derived={"year": ("year", "date")},
    order_by=("entity", "date"),
    time="date",
    leads=(Lead("date", timedelta(days=1)),),
)
