"""Lines of accounts as they were filed: the first figure, the one that stands, and the one before.

Only vintages in view at the clock are read, so a restatement changes nothing before its filing.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.companies.periods import with_kind, with_line
from analytics.core.catalogue import run
from data.concepts import concepts
from data.errors import ConfigError
from data.query import Answer, At

VALUES = ("value", "first_value", "was_value")
FACT_KEY = ["company", "concept", "period_start", "period_end"]
# Days after the end of a period in which a filing is due, with a weekend and the usual extension.
DUE_DAYS = {"10-Q": 52, "10-K": 95, "20-F": 135, "40-F": 135}
# A figure first seen a year after is the comparison in the next filing, not a late one.
COMPARED_DAYS = 300


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """A company's facts at a clock, one row a line and period, and who it is."""

    company: str
    name: str | None
    sector: str | None
    industry: str | None
    currency: str | None
    facts: pl.DataFrame
    answer: Answer


def company_facts(at: At, company: str) -> CompanyFacts:
    """All that was filed of one company by the clock; a company that nobody knows is refused."""
    names = run(at, "parts/company_names", ids=[company])
    rows = run(at, "parts/company_facts", ids=[company])
    answer = names.join(rows, rows.frame, "")
    if names.frame.is_empty() and rows.frame.is_empty():
        raise ConfigError(f"no company {company[:60]!r} was known at this time")
    about = names.frame.row(0, named=True) if names.frame.height else {}
    return CompanyFacts(
        company,
        about.get("name"),
        about.get("sector"),
        about.get("industry"),
        about.get("currency"),
        with_line(with_kind(readings(rows.frame))),
        answer,
    )


def readings(vintages: pl.DataFrame) -> pl.DataFrame:
    """One row a line and period, from its vintages in the order in which they were known.

    `value` stands; `first_value` was filed first; `was_value` is what stood before the last change,
    or the value where it never changed. `restated` says that a figure was filed anew otherwise.
    """
    standing = pl.col("superseded_at").is_null()
    last = pl.col("value").filter(standing).last()
    unit = pl.col("unit").filter(standing).last()
    other = (pl.col("value") != last) & (pl.col("unit") == unit)
    frame = (
        vintages.filter(pl.col("concept").is_in(list(concepts())))
        .group_by(FACT_KEY, maintain_order=True)
        .agg(
            unit.alias("unit"),
            last.alias("value"),
            *(
                pl.col(name).filter(standing).last()
                for name in ("form", "accession", "known_at", "source")
            ),
            pl.col("value").filter(pl.col("unit") == unit).first().alias("first_value"),
            pl.col("known_at").first().alias("first_known_at"),
            pl.col("accession").first().alias("first_accession"),
            pl.col("form").first().alias("first_form"),
            pl.col("value").filter(other).last().alias("was"),
        )
        .filter(pl.col("value").is_not_null())
    )
    return frame.with_columns(
        pl.coalesce("was", "value").alias("was_value"),
        pl.col("was").is_not_null().alias("restated"),
        is_late().alias("late"),
    )


def is_late() -> pl.Expr:
    """Whether the first filing of a figure came after it was due, by its form."""
    waited = (pl.col("first_known_at").dt.date() - pl.col("period_end")).dt.total_days()
    form = pl.col("first_form").str.replace("/A$", "")
    due = form.replace_strict(list(DUE_DAYS), list(DUE_DAYS.values()), default=None)
    return ((waited > due) & (waited <= COMPARED_DAYS)).fill_null(value=False)
