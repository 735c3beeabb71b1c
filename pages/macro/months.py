"""Years by months and the seasons in them, as tables: shared by the pages that show either."""

from __future__ import annotations

import polars as pl

from pages.frame.tables import Column, table

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEASON_COLUMNS = (
    Column("month", "month"),
    Column("median", "median, %", "heat", digits=1, scale=0.06),
    Column("mean", "mean, %", "heat", digits=1, scale=0.06),
    Column("rose", "rose, % of years", "number", digits=0),
    Column("worst", "worst, %", "heat", digits=1, scale=0.25),
    Column("best", "best, %", "heat", digits=1, scale=0.25),
    Column("years", "years", "count"),
)


def years_by_months(frame: pl.DataFrame) -> str:
    """A row per year, the newest first; `frame` has `year`, `month` and `return`."""
    wide = frame.pivot(on="month", index="year", values="return")
    missing = [str(month) for month in range(1, 13) if str(month) not in wide.columns]
    wide = wide.with_columns(pl.lit(None, pl.Float64).alias(month) for month in missing)
    wide = wide.sort("year", descending=True).with_columns(pl.col("year").cast(pl.String))
    columns = tuple(
        Column(str(month), label, "heat", digits=1, scale=0.12)
        for month, label in enumerate(MONTHS, 1)
    )
    return table(wide, (Column("year", "year"), *columns), caption="Monthly returns")


def seasons(frame: pl.DataFrame) -> str:
    """A row per month of the year."""
    shown = frame.with_columns(
        pl.col("rose") * 100,
        pl.col("month").replace_strict(dict(enumerate(MONTHS, 1)), return_dtype=pl.String),
    )
    return table(shown, SEASON_COLUMNS, caption="Seasonality")
