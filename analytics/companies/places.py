"""Where one company's revenue comes from, by fiscal period, with what is not disclosed."""

from __future__ import annotations

import polars as pl

from analytics.core.catalogue import run
from data.query import Answer, At

UNDISCLOSED = "undisclosed"


def company_places(at: At, *, company: str, top: int = 6) -> Answer:
    """Revenue of a company by place in its last fiscal periods, as known at the clock.

    `share` is of all revenue of the period, what the filing does not place among it
    (`undisclosed`), so that the shares of a period add up to one. `growth` is on the period before
    in which the place was named. `concentration` is the sum of squared shares of what is placed.
    """
    found = run(at, "parts/company_places", company=company)
    rows = found.frame.filter(pl.col("revenue").is_not_null())
    last = rows["period_end"].unique().sort(descending=True).head(max(top, 0))
    whole = pl.col("revenue").sum().over("period_end")
    placed = pl.col("revenue").filter(pl.col("place") != UNDISCLOSED)
    of_placed = (placed / placed.sum()).pow(2).sum().over("period_end")
    before = pl.col("revenue").shift(1).over("place", order_by="period_end")
    frame = rows.with_columns(
        pl.when(whole > 0).then(pl.col("revenue") / whole).alias("share"),
        pl.when(before > 0).then(pl.col("revenue") / before - 1.0).alias("growth"),
        of_placed.alias("concentration"),
    ).filter(pl.col("period_end").is_in(last.implode()))
    ordered = frame.sort("period_end", "revenue", "place", descending=[True, True, False])
    return found.derive(ordered, "shares of revenue by place")
