"""Years and months of trade: which of them a country has reported, and when.

A year is never the sum of its months, nor a month a part of a year: they are two statements of the
same reporter, and what the one says nothing of is not taken from the other.
"""

from __future__ import annotations

import polars as pl

from analytics.trade.areas import members_of
from analytics.trade.reading import FIRST_YEAR, MOST_MEMBERS, month_reports, reports
from data.query import Answer, At


def trade_periods(at: At, *, country: str) -> Answer:
    """The years and the months of which a country or group has reported trade, newest first.

    `period` is `2023` or `2024-05`, `kind` says which of both. Of a group `reporters` members of
    `members` have reported, the last of them at `published_at`; `is_whole` where at least 0.8 have.
    """
    newest = at.as_of.year
    years = reports(at, FIRST_YEAR, newest)
    months = month_reports(at, FIRST_YEAR, newest)
    found = pl.concat([_named(years.frame, "year"), _named(months.frame, "month")])
    lines, told = _reported(at, country, found)
    whole = years.join(months, lines, "periods by reporters")
    return whole if told is None else whole.join(told, lines, whole.derived or "")


def last_month(at: At, country: str) -> tuple[str | None, Answer]:
    """The last month that a country, or most members of a group, has reported; else the last."""
    newest = at.as_of.year
    found = month_reports(at, FIRST_YEAR, newest)
    months, told = _reported(at, country, _named(found.frame, "month"))
    whole = months.filter("is_whole")
    named = (whole if whole.height else months)["period"].to_list()
    answer = found if told is None else found.join(told, months, "")
    return (named[0] if named else None), answer


def _reported(at: At, country: str, reports_of: pl.DataFrame) -> tuple[pl.DataFrame, Answer | None]:
    """The periods of a country's or group's reports, newest first, and the answer that has its
    members."""
    members, told = members_of(at, country, reports_of["year"].unique().sort().to_list())
    size = members.group_by("year").agg(pl.len().cast(pl.Int64).alias("members"))
    lines = (
        reports_of.join(members, on=["reporter", "year"], how="semi")
        .group_by("kind", "period", "year", "month")
        .agg(pl.col("published_at").max(), pl.len().cast(pl.Int64).alias("reporters"))
        .join(size, on="year", how="left")
        .with_columns(
            (pl.col("reporters") >= MOST_MEMBERS * pl.col("members")).alias("is_whole"),
        )
        .sort("kind", "period", descending=True)
    )
    return lines, told


def _named(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Reports by the period that they are of."""
    year = pl.col("year").cast(pl.String).str.zfill(4)
    if kind == "year":
        named = frame.with_columns(pl.lit(None, pl.Int32).alias("month"), year.alias("period"))
    else:
        month = pl.col("month").cast(pl.String).str.zfill(2)
        named = frame.with_columns(pl.concat_str(year, month, separator="-").alias("period"))
    return named.select(
        pl.lit(kind).alias("kind"), "period", "year", "month", "reporter", "published_at"
    )
