"""Rows of `exposures` out of the facts of annual reports, whichever file told them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
import pyarrow as pa

from ingest.formats.tables import INSTANT, table
from ingest.sources._sec_addresses import company_id
from ingest.sources._sec_places import RevenueFact, RevenueSplit, split_by_place

YEAR_DAYS = (345, 385)


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """Whose it is, its id, and when it was known."""

    cik: str
    accession: str | None
    known_at: datetime
    grade: str


@dataclass(frozen=True, slots=True)
class YearSplit:
    """One fiscal year's revenue by place."""

    end: date
    currency: str
    split: RevenueSplit


def yearly_splits(facts: Sequence[RevenueFact]) -> tuple[list[YearSplit], list[str]]:
    """Each fiscal year's revenue by place, in one currency, and what was odd about it."""
    years = sorted({(fact.end, fact.currency) for fact in facts if fact.geography}, reverse=True)
    splits: list[YearSplit] = []
    notes = []
    for end, currency in years:
        found = split_by_place([f for f in facts if (f.end, f.currency) == (end, currency)])
        if isinstance(found, RevenueSplit):
            splits.append(YearSplit(end, currency, found))
            notes += [f"{end}: {note}" for note in found.notes]
        else:
            notes.append(f"{end}: {found}")
    return _one_a_year(splits), notes


def _one_a_year(splits: list[YearSplit]) -> list[YearSplit]:
    """Of two currencies for one year that in which more is split: the other is a translation."""
    best: dict[date, YearSplit] = {}
    for found in splits:
        other = best.get(found.end)
        if other is None or len(found.split.revenue) > len(other.split.revenue):
            best[found.end] = found
    return list(best.values())


def exposure_rows(splits: Sequence[YearSplit], report: AnnualReport) -> pa.Table:
    """The places of each year as that report stated them."""
    rows = [
        {"period_end": one.end, "place": place, "revenue": value, "currency": one.currency}
        for one in splits
        for place, value in one.split.revenue.items()
    ]
    return table(
        "exposures",
        pl.DataFrame(rows, schema_overrides={"revenue": pl.Float64}),
        company=company_id(report.cik),
        accession=pl.lit(report.accession, dtype=pl.String),
        known_at=pl.lit(report.known_at).cast(INSTANT),
        vintage_grade=pl.lit(report.grade),
        source="sec_edgar",
    )
