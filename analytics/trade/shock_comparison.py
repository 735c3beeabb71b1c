"""Two shocks side by side, by importer and product.

Where one of them takes nothing from an importer the loss is 0 only if that is known: nobody stops
that product, or the importer's suppliers are known and none of those who stop is or may be among
them. Else it is null.
"""

from __future__ import annotations

import polars as pl

from analytics.trade.dependency import FLOOR, INSUFFICIENT
from analytics.trade.editions import is_bridged
from analytics.trade.shock import Shock, shock_account
from data.query import Answer, At

KEY = ["importer", "product"]
KNOWN = "known"


def shock_comparison(  # noqa: PLR0913 - who stops what, how far, and when, twice
    at: At,
    *,
    exporters: list[str],
    products: list[str],
    other_exporters: list[str],
    other_products: list[str],
    cut: float = 1.0,
    other_cut: float = 1.0,
    year: int | None = None,
    other_year: int | None = None,
    top: int = 100,
) -> Answer:
    """Who loses how much in either of two shocks, and how much more in the other than in the first.

    A loss is 0 where a shock is known to take nothing, and null where that is not known.
    `more_usd` and `more_share` are the other's loss less the first's, in dollars and as a share of
    what the importer buys; null where either has insufficient coverage or, for two years
    (`break_reason`), where their editions differ.
    """
    first = shock_account(at, exporters, products, cut, year)
    other = shock_account(at, other_exporters, other_products, other_cut, other_year)
    every = pl.concat([found.losses.select(KEY) for found in (first, other)]).unique()
    left = _losses_of(first, products, every)
    right = _losses_of(other, other_products, every).rename(
        {name: f"other_{name}" for name in left.columns if name not in KEY}
    )
    frame = left.join(right, on=KEY)
    both_stop = pl.col("product").is_in([name for name in products if name in other_products])
    same = is_bridged(pl.col("product"), pl.col("other_edition"), pl.col("edition"))
    is_broken = both_stop & ~same if first.year != other.year else pl.lit(value=False)
    is_known = (pl.col("verdict") == KNOWN) & (pl.col("other_verdict") == KNOWN) & ~is_broken
    scored = frame.with_columns(
        pl.when(is_broken).then(pl.lit("edition")).alias("break_reason"),
        pl.when(is_known).then(pl.col("other_lost_usd") - pl.col("lost_usd")).alias("more_usd"),
        pl.when(is_known)
        .then(pl.col("other_lost_share") - pl.col("lost_share"))
        .alias("more_share"),
        pl.lit(first.year, pl.Int32).alias("year"),
        pl.lit(other.year, pl.Int32).alias("other_year"),
        pl.coalesce("edition", "other_edition").alias("edition"),
    ).drop("other_edition")
    largest = pl.max_horizontal("lost_usd", "other_lost_usd")
    ranked = scored.sort(largest, *KEY, descending=[True, False, False], nulls_last=True)
    joined = first.answer.join(other.answer, ranked, "")
    return joined.derive(ranked.head(top), "the losses of two shocks, and how they differ")


def _losses_of(found: Shock, products: list[str], every: pl.DataFrame) -> pl.DataFrame:
    """The losses of a shock where the importers and products are those of two."""
    losses = found.losses.select(*KEY, "lost_usd", "lost_share")
    joined = every.join(found.covered, on=KEY, how="left").join(losses, on=KEY, how="left")
    # Who stops loses nothing that could be asked for: it is no importer of this shock.
    stops = pl.col("importer").is_in(list(found.stopped))
    untouched = ~pl.col("product").is_in(products)
    verdict = (
        pl.when(untouched | (pl.col("coverage") >= FLOOR))
        .then(pl.lit(KNOWN))
        .otherwise(pl.lit(INSUFFICIENT))
    )
    is_none = (pl.col("coverage") >= FLOOR) & ~pl.col("may_sell")
    no_loss = pl.when(untouched | is_none).then(0.0)
    return joined.select(
        *KEY,
        "coverage",
        "edition",
        pl.when(~stops).then(verdict).alias("verdict"),
        *(
            pl.when(~stops).then(pl.coalesce(name, no_loss)).alias(name)
            for name in ("lost_usd", "lost_share")
        ),
    )
