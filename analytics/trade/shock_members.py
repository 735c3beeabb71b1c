"""Which of some instruments a shock would hurt, by where their companies have their revenue."""

from __future__ import annotations

import polars as pl

from analytics.trade.shock import exposed_companies, shock_account
from data.query import Answer, At

EXPOSED, NOT_EXPOSED = "exposed", "not exposed"
NO_REVENUE, NO_COMPANY = "no revenue by country", "no company"


def shock_members(  # noqa: PLR0913 - whose members, who stops what, how far, and when
    at: At,
    *,
    symbols: list[str],
    exporters: list[str],
    products: list[str],
    cut: float = 1.0,
    year: int | None = None,
) -> Answer:
    """Instruments by how much of their company's revenue comes from countries that a stop would
    hurt, as `shock_companies` has it.

    `state` is `exposed`, `not exposed`, `no revenue by country` where the company states none, or
    `no company` where an instrument is of none or is not known; the shares are null in the last
    two.
    """
    found = shock_account(at, exporters, products, cut, year)
    companies = exposed_companies(found, at)
    listed = at.sql(
        "SELECT symbol, ticker, company FROM instruments WHERE list_contains($symbols, symbol) "
        "ORDER BY symbol, source, company, ticker",
        symbols=symbols,
    )
    asked = pl.DataFrame({"symbol": symbols}, schema={"symbol": pl.String}).unique(
        maintain_order=True
    )
    named = listed.frame.unique("symbol", keep="first", maintain_order=True)
    joined = (
        asked.join(named, on="symbol", how="left", maintain_order="left")
        .join(companies.frame, on="company", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("company").is_null())
            .then(pl.lit(NO_COMPANY))
            .when(pl.col("hurt_share").is_null())
            .then(pl.lit(NO_REVENUE))
            .when(pl.col("hurt_share") > 0)
            .then(pl.lit(EXPOSED))
            .otherwise(pl.lit(NOT_EXPOSED))
            .alias("state"),
            pl.lit(found.year, pl.Int32).alias("year"),
        )
    )
    frame = joined.sort("weighted_loss", "symbol", descending=[True, False], nulls_last=True)
    answer = companies.join(listed, frame, "")
    return answer.derive(frame, "companies of the instruments by their revenue that is hurt")
