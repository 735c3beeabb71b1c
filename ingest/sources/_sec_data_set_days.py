"""The days of facts in the SEC's data sets, which round them to ends of months and to quarters.

The sets with notes say by how many days they rounded. Those without do not: there a day is taken
from what is known of the filer's own period ends, and a fact whose day is not known is left out,
since a day that is off by a few would state the same fact twice.
"""

from __future__ import annotations

import polars as pl

QUARTER_DAYS = 91.25
ROUGH = 0.05  # of a day, which is what a figure in single precision leaves


def month_end(day: pl.Expr) -> pl.Expr:
    """The end of a month that is nearest to a day."""
    last = day.dt.month_end()
    before = day.dt.month_start().dt.offset_by("-1d")
    return pl.when(day.dt.day() < (last - day).dt.total_days()).then(before).otherwise(last)


def quarters(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """How many quarters a span is counted as; none for the balance of a day."""
    return ((end - start).dt.total_days() / QUARTER_DAYS).round().cast(pl.Int32)


def unrounded(facts: pl.DataFrame) -> pl.DataFrame:
    """With `period_start` and `period_end` by the stated rounding: `day_gap` days after the end,
    `span_gap` quarters more than the span. Facts whose figures give no whole days are left out."""
    span = (pl.col("qtrs") - pl.col("span_gap")) * QUARTER_DAYS
    is_whole = ((span - span.round()).abs() < ROUGH) & (
        (pl.col("day_gap") - pl.col("day_gap").round()).abs() < ROUGH
    )
    end = pl.col("ddate") - pl.duration(days=pl.col("day_gap").round().cast(pl.Int64))
    start = end - pl.duration(days=span.round().cast(pl.Int64))
    return (
        facts.filter((pl.col("qtrs") == 0) | is_whole)
        .with_columns(period_end=end, period_start=pl.when(pl.col("qtrs") > 0).then(start))
        .drop("day_gap", "span_gap")
    )


def usual(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts of usual periods: quarters, and spans since the end of a fiscal year, whose month is
    `year_month`; balances of the days on which these begin and end, or of whole balance sheets.

    What was so on the day of a merger would be given the end of that month.
    """
    first_month = pl.col("ddate").dt.month_start().dt.offset_by(_months_back()).dt.month()
    of_year = first_month == pl.col("year_month") % 12 + 1
    is_span = pl.col("qtrs") > 0
    spans = facts.filter(is_span, (pl.col("qtrs") == 1) | of_year.fill_null(value=False))
    begins = pl.col("ddate").dt.month_start().dt.offset_by(_months_back()).dt.offset_by("-1d")
    sheets = facts.filter(~is_span, pl.col("concept") == "Assets")
    days = pl.concat(
        [
            spans.select("accession", "ddate"),
            spans.select("accession", begins.alias("ddate")),
            sheets.select("accession", "ddate"),
        ]
    ).unique()
    balances = facts.filter(~is_span).join(days, on=["accession", "ddate"], how="semi")
    return pl.concat([spans, balances])


def _months_back() -> pl.Expr:
    """From the month in which a span ends to that in which it begins."""
    return pl.format("-{}mo", (pl.col("qtrs") * 3 - 1).clip(0))


def on_known_days(facts: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """The same by `ends`, the known ends of periods by `cik`.

    Two ends of months on different days of the week are a filer whose periods end with months;
    one whose years have 52 or 53 weeks always ends on the same day of the week.
    """
    ends = ends.unique().with_columns(month_end(pl.col("end")).alias("ddate"))
    by_month = ends.filter(ends.select(pl.struct("cik", "ddate").is_unique()).to_series())
    monthly = (
        ends.group_by("cik")
        .agg(
            (pl.col("end") == pl.col("end").dt.month_end()).all().alias("is_monthly"),
            pl.col("end").dt.weekday().n_unique().alias("weekdays"),
        )
        .select("cik", (pl.col("is_monthly") & (pl.col("weekdays") > 1)).alias("is_monthly"))
    )
    first = pl.col("ddate").dt.month_start().dt.offset_by(_months_back())
    found = facts.with_columns(pl.when(pl.col("qtrs") > 0).then(first).alias("first")).with_columns(
        pl.col("first").dt.offset_by("-1d").alias("before")
    )
    found = (
        found.join(monthly, on="cik", how="left")
        .join(by_month, on=["cik", "ddate"], how="left")
        .join(
            by_month.rename({"ddate": "before", "end": "end_before"}),
            on=["cik", "before"],
            how="left",
        )
    )
    known = pl.when("is_monthly")
    return (
        found.with_columns(
            period_end=known.then("ddate").otherwise("end"),
            period_start=known.then("first").otherwise(pl.col("end_before").dt.offset_by("1d")),
        )
        .filter(
            pl.col("period_end").is_not_null(),
            (pl.col("qtrs") == 0) | pl.col("period_start").is_not_null(),
        )
        .drop("first", "before", "is_monthly", "end", "end_before")
    )
