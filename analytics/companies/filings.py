"""Filings of one company as they were known: forms and items in words, and how many by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from analytics.core.catalogue import run
from data.filing_words import AMENDED, filing_items, form_kind, form_name, item_name, items_of
from data.query import Answer, At

EVERY = 100_000


def company_filings(
    at: At, *, company: str, form: str = "", item: str = "", top: int = 400
) -> Answer:
    """Filings of a company that were public by the clock, newest first, with forms in words.

    `known_at` is when the public could read it: acceptance, the next morning for what was accepted
    in the evening, or the end of the filing day where the hour is not certain. `about` has the
    items of an 8-K in words. `flags`: `amendment`, `late_notice`, `evening`, `hour_assumed`,
    `unknown_item`, `same_items` (those of an earlier filing of that day). `form` takes one form
    with its amendments, `item` one item. `states_accounts` says whether lines of accounts are
    known from it.
    """
    found = run(at, "parts/company_filings", companies=[company], form=form, item=item)
    frame = _in_words(found.frame.head(max(top, 0)))
    return found.derive(frame, "forms and items in words, by the lists of both")


def filings_by_year(at: At, *, company: str) -> Answer:
    """How many filings of each kind a company made by calendar year, as known at the clock.

    `kind`: annual, quarter, interim, current, late or holdings; `other` for forms out of the list.
    """
    listed = company_filings(at, company=company, top=EVERY)
    counted = (
        listed.frame.group_by(pl.col("filed_on").dt.year().alias("year"), "kind")
        .agg(pl.len().cast(pl.Int64).alias("filings"))
        .sort("year", "kind")
    )
    return listed.derive(counted, "filings counted by year and kind")


def _in_words(rows: pl.DataFrame) -> pl.DataFrame:
    """With names of forms and items beside their codes."""
    words = [_words(row) for row in rows.iter_rows(named=True)]
    columns = ("kind", "form_name", "about", "flags")
    named = pl.DataFrame(words, schema=dict.fromkeys(columns, pl.String), orient="row")
    return pl.concat([rows, named], how="horizontal").select(
        *("company", "accession", "form", "form_name", "kind", "filed_on", "accepted_at"),
        *("known_at", "vintage_grade", "period_end", "items", "about", "flags"),
        *("states_accounts", "document", "url", "source"),
    )


def _words(row: Mapping[str, Any]) -> tuple[str, str, str | None, str | None]:
    items, kind = items_of(row["items"]), form_kind(row["form"]) or "other"
    is_current = kind == "current"  # other forms have other words in this field
    about = "; ".join(map(item_name, items)) if is_current else ""
    flags = {
        "amendment": row["form"].endswith(AMENDED),
        "late_notice": kind == "late",
        "evening": row["accepted_at"] is not None and row["accepted_at"] < row["known_at"],
        "hour_assumed": row["accepted_at"] is None,
        "unknown_item": is_current and any(item not in filing_items() for item in items),
        "same_items": row["is_again"],
    }
    named = ",".join(name for name, is_set in flags.items() if is_set)
    return kind, form_name(row["form"]), about or None, named or None
