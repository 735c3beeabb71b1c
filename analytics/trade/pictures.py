"""What is drawn of a report: its largest flows by product and partner, its partners on a map."""

from __future__ import annotations

import polars as pl

from analytics.core.catalogue import run
from analytics.trade.editions import TOTAL
from analytics.trade.flows import placed, trade_partners
from analytics.trade.reading import checked_flow, checked_level, report, total
from data.errors import ConfigError
from data.query import Answer, At

OTHER = "other"


def trade_links(  # noqa: PLR0913 - what a picture of flows is asked for
    at: At,
    *,
    country: str,
    year: int | None = None,
    month: str | None = None,
    flow: str = "export",
    level: int = 2,
    top: int = 10,
) -> Answer:
    """The largest products of a report by partner: what goes where.

    Each row is a product with a partner. Products and partners beyond the `top` of each by value
    are `other`, so that nothing is left out; `share` is of all that is shown. Unspecified partners
    are one (`unspecified`), as are goods that are not specified. Trade inside a group and own goods
    that come back are not shown. A report that states no products by partner has no row.
    """
    checked_flow(flow)
    if checked_level(level) == 0:
        raise ConfigError("level=0: products have codes of 2, 4 or 6 digits")
    found = report(at, country, year, month=month, level=level)
    rows = placed(found.rows, found.side).filter(
        pl.col("flow") == flow,
        pl.col("kind").is_in(["country", "unspecified"]),
        pl.col("value_usd") > 0,
    )
    linked = _with_others(rows, top).group_by("product", "partner", maintain_order=True)
    frame = linked.agg(
        total("value_usd").alias("value_usd"),
        pl.col("valuation").drop_nulls().unique().sort().str.join(", "),
        pl.col("edition").drop_nulls().unique().sort().str.join(", "),
        pl.col("known_at").max(),
    ).with_columns(
        (pl.col("value_usd") / pl.col("value_usd").sum()).alias("share"),
        pl.lit(found.year, pl.Int32).alias("year"),
        pl.lit(flow).alias("flow"),
    )
    ranked = frame.sort("value_usd", "product", "partner", descending=[True, False, False])
    return found.answer.derive(ranked, "the largest products and partners, the rest as one each")


def _with_others(rows: pl.DataFrame, top: int) -> pl.DataFrame:
    """The rows by ends that have a name: the largest of each side, all others, what is not said."""
    partner = pl.when(pl.col("kind") == "unspecified").then(pl.lit("unspecified"))
    product = pl.when("is_unspecified_product").then(pl.lit("unspecified"))
    named = rows.with_columns(
        product.otherwise("product").alias("product"), partner.otherwise("partner").alias("partner")
    )
    return named.with_columns(
        pl.when(pl.col(side).is_in(_largest(named, side, top)))
        .then(side)
        .otherwise(pl.lit(OTHER))
        .alias(side)
        for side in ("product", "partner")
    )


def _largest(rows: pl.DataFrame, side: str, top: int) -> list[str]:
    sums = rows.group_by(side).agg(pl.col("value_usd").sum())
    ranked = sums.sort("value_usd", side, descending=[True, False])
    return [str(code) for code in ranked[side].head(top)]


def trade_map(  # noqa: PLR0913 - what a map of partners is asked for
    at: At,
    *,
    country: str,
    year: int | None = None,
    month: str | None = None,
    flow: str = "export",
    product: str = TOTAL,
) -> Answer:
    """Every partner of a report with the number by which a map knows it.

    The rows of `trade_partners` that are of one country each; `iso_numeric` is null where the lake
    does not know the country.
    """
    found = trade_partners(
        at, country=country, year=year, month=month, flow=flow, product=product, top=1_000
    )
    numbers = run(at, "parts/trade_countries")
    lines = found.frame.filter(pl.col("kind") == "country").rename({"code": "country"})
    frame = lines.join(
        numbers.frame.select("country", "iso_numeric"),
        on="country",
        how="left",
        maintain_order="left",
    )
    return found.join(numbers, frame, "partners that are countries, with their numbers")
