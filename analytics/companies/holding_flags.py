"""The implied-price check of Form 13F: value over shares against the close; it flags, and repairs
nothing."""

from __future__ import annotations

import polars as pl

from data.datasets.fund_holdings import VALUE_IS_AMOUNT

TOO_SMALL = "value 1,000 times too small: thousands where dollars are due?"
TOO_LARGE = "value 1,000 times too large: dollars where thousands are due?"
OFF_PRICE = "implied price is not the price"
ADDED = "an amendment adds to a position that was filed"
NEAR = 1.5  # by which factor the ratio may miss 0.001 or 1,000
FAR = 1.5  # by which factor an implied price may miss the close before it is off


def flagged(rows: pl.DataFrame) -> pl.DataFrame:
    """With the implied price of shares, its ratio to the close, and every flag in one text.

    The value of an option is that of its underlying, so its implied price is checked too; a bond
    has none.
    """
    is_share = (pl.col("amount_kind") == "SH") & (pl.col("amount") > 0)
    priced = rows.with_columns(
        pl.when(is_share).then(pl.col("value_usd") / pl.col("amount")).alias("implied_price")
    ).with_columns((pl.col("implied_price") / pl.col("close")).alias("price_ratio"))
    ratio = pl.col("price_ratio")
    price_flag = (
        pl.when(ratio.is_between(0.001 / NEAR, 0.001 * NEAR))
        .then(pl.lit(TOO_SMALL))
        .when(ratio.is_between(1000 / NEAR, 1000 * NEAR))
        .then(pl.lit(TOO_LARGE))
        .when((ratio < 1 / FAR) | (ratio > FAR))
        .then(pl.lit(OFF_PRICE))
    )
    is_amount = is_share & (pl.col("value_usd") == pl.col("amount"))
    stated = pl.col("flag").fill_null("").str.contains(VALUE_IS_AMOUNT, literal=True)
    flags = pl.concat_str(
        [
            pl.col("flag"),
            pl.when(is_amount & ~stated).then(pl.lit(VALUE_IS_AMOUNT)),
            price_flag,
            pl.when(pl.col("filings") > 1).then(pl.lit(ADDED)),
        ],
        separator="; ",
        ignore_nulls=True,
    )
    return priced.with_columns(pl.when(flags != "").then(flags).alias("flag"))
