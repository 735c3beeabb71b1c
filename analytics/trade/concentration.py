"""How concentrated shares are: the index of Herfindahl and Hirschman and what follows from it."""

from __future__ import annotations

import polars as pl

LOW, HIGH = 0.10, 0.18


def hhi(value: str = "value_usd") -> pl.Expr:
    """The sum of squared shares of positive values; null without one."""
    positive = pl.col(value).filter(pl.col(value) > 0)
    return pl.when(positive.len() > 0).then((positive**2).sum() / positive.sum() ** 2)


def partners(value: str = "value_usd") -> pl.Expr:
    """How many values are positive."""
    return (pl.col(value) > 0).sum().cast(pl.Int64)


def spread(index: str = "hhi", count: str = "partners") -> list[pl.Expr]:
    """The normalised index, null for a single partner, and the effective number of partners."""
    even = 1.0 / pl.col(count)
    return [
        pl.when(pl.col(count) > 1)
        .then((pl.col(index) - even) / (1.0 - even))
        .alias("hhi_normalised"),
        (1.0 / pl.col(index)).alias("effective_partners"),
    ]


def word(index: str = "hhi") -> pl.Expr:
    """How such an index is called: below 0.10 low, up to 0.18 moderate, above it high."""
    return (
        pl.when(pl.col(index) < LOW)
        .then(pl.lit("low"))
        .when(pl.col(index) <= HIGH)
        .then(pl.lit("moderate"))
        .when(pl.col(index) > HIGH)
        .then(pl.lit("high"))
    )
