"""Figures per share and the footing they are on: of how many shares each of them is a part.

A filing states figures per share after the splits of its day, and nobody restates those of older
filings that no later one repeats. Figures on two footings cannot be added or compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

UNIT = " per share"
COUNTED = "WeightedAverageNumberOfDilutedSharesOutstanding"
INCOME = ("NetIncomeLossAvailableToCommonStockholdersBasic", "NetIncomeLoss")
SPLIT = "split"  # reason of a figure that is null since its parts are on different footings
# From one period to the next: buybacks and issues move less, a split of three for two more.
MOST_CHANGE = 1.4
LEAST = 0.05  # earnings a share below which their rounding to a cent hides how many there are


def count_of(value: str) -> str:
    """The column with the number of shares behind a column of values."""
    return f"{value}_shares"


def with_share_counts(facts: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """Facts with the average number of shares behind each figure per share, null for all others.

    It is the diluted average of the same period, else what net income and earnings per share imply.
    """
    units = [unit for unit in facts["unit"].unique().to_list() if (unit or "").endswith(UNIT)]
    at = facts["unit"].is_in(units).fill_null(value=False).arg_true()
    rows = facts[at].with_columns(pl.col("concept", "unit").cast(pl.String))
    counts = []
    for value in values:
        found = np.full(facts.height, np.nan)
        if rows.height:
            found[at.to_numpy()] = _counts(rows, facts, value).to_numpy()
        counts.append(pl.Series(count_of(value), found, nan_to_null=True))
    return facts.with_columns(counts)


def _counts(rows: pl.DataFrame, facts: pl.DataFrame, value: str) -> pl.Series:
    """The number of shares behind each of these figures per share."""
    period = ["company", "period_start", "period_end"]
    asked = rows.select(*period, "concept", "unit", pl.col(value).alias("own"))
    stated = facts.filter(pl.col("concept") == COUNTED, pl.col(value) > 0)
    stated = stated.select(*period, pl.col(value).alias("stated")).unique(period, keep="last")
    asked = asked.join(stated, on=period, how="left", maintain_order="left")
    for name in INCOME:
        income = facts.filter(pl.col("concept") == name).select(
            *period, pl.col("unit").cast(pl.String) + UNIT, pl.col(value).alias(name)
        )
        income = income.unique([*period, "unit"], keep="last")
        asked = asked.join(income, on=[*period, "unit"], how="left", maintain_order="left")
    is_earned = pl.col("concept").str.starts_with("EarningsPerShare")
    implied = pl.coalesce(INCOME) / pl.col("own")
    known = is_earned & (pl.col("own").abs() >= LEAST) & (implied > 0)
    asked = asked.with_columns(pl.when(known).then(implied).alias("implied"))
    of_period = pl.col("implied").max().over(period)  # for dividends, which imply none
    return asked.select(pl.coalesce("stated", "implied", of_period).alias("count"))["count"]


def have_split(*counts: pl.Expr) -> pl.Expr:
    """Whether figures per share are on different footings, by the shares that are behind each."""
    change = pl.max_horizontal(counts) / pl.min_horizontal(counts)
    return (change > MOST_CHANGE).fill_null(value=False)
