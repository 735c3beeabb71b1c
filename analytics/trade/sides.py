"""Every flow of a country as both sides report it, partner by partner."""

from __future__ import annotations

import polars as pl

from analytics.trade.editions import TOTAL
from analytics.trade.mirror import mirror_rows, mirrored_period, reconciled, symmetry
from analytics.trade.reading import checked_flow
from data.query import Answer, At


def trade_sides(  # noqa: PLR0913 - two sides, a period and a product
    at: At,
    *,
    country: str,
    year: int | None = None,
    month: str | None = None,
    flow: str = "export",
    product: str = TOTAL,
) -> Answer:
    """The four numbers of a country's flow of a product with each partner, and an estimate.

    The columns of `trade_pair`. With `export` the country is the seller, with `import` the buyer.
    Largest first by what either side reports.
    """
    checked_flow(flow)
    chosen, number, seen = mirrored_period(at, year, month)
    code = country.strip().upper()
    rows = mirror_rows(at, chosen, month=number, products=[product])
    every = rows if product == TOTAL else mirror_rows(at, chosen, month=number, products=[TOTAL])
    side = "seller" if flow == "export" else "buyer"
    mine = rows.frame.filter(pl.col(side) == code)
    frame = (
        reconciled(mine, symmetry(every.frame))
        .with_columns(
            pl.lit(chosen, pl.Int32).alias("year"),
            pl.lit(str(chosen) if month is None else month.strip()).alias("period"),
        )
        .sort(
            pl.max_horizontal("exports_usd", "imports_fob_usd"),
            "seller",
            "buyer",
            descending=[True, False, False],
            nulls_last=True,
        )
    )
    said = "gap of both sides, weights from the totals of all pairs"
    answer = rows.derive(frame, said) if every is rows else rows.join(every, frame, said)
    return answer if seen is None else answer.join(seen, frame, said)
