"""Some exporters stop selling some products: who loses how much of its supply, and who else sells.

An account of the last known year, no forecast: prices, substitutes and stocks are not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.core.catalogue import run
from analytics.trade.accounts import BACK, SupplyAccounts, accounts
from analytics.trade.areas import side
from analytics.trade.dependency import FLOOR, INSUFFICIENT
from analytics.trade.editions import purchase_editions
from analytics.trade.reading import exporters_part, flows, newest_year, reports, statements
from analytics.trade.supply import PEAK_YEARS, exporters
from data.errors import ConfigError
from data.query import Answer, At

BEST = 3
OLDEST_DAYS = 800
HURT = 0.05  # of its supply that a country must lose to count for the companies that sell there


@dataclass(frozen=True, slots=True)
class Shock:
    """Who stops, as codes, and in which year the account is drawn up. `covered` has the coverage
    and the edition of every importer and product, also where nothing is lost; `may_sell` where one
    who stops is not named, and says that it sold or has not reported."""

    stopped: tuple[str, ...]
    year: int
    answer: Answer
    losses: pl.DataFrame
    covered: pl.DataFrame


def supply_shock(  # noqa: PLR0913 - who stops what, how far, and when
    at: At,
    *,
    exporters: list[str],
    products: list[str],
    cut: float = 1.0,
    year: int | None = None,
    top: int = 50,
) -> Answer:
    """Who loses how much of its supply where some countries stop exporting products, or sell less.

    `cut` is the part of their exports that is lost, 1 for all. `lost_usd` is that part of what each
    importer buys from them, `lost_share` its share of all that it buys of the product, and
    `of_imports` of everything that it imports, where it states both itself. The product is a code
    of the `edition` in which the purchases are stated. The next suppliers stand with what the
    importer pays them (`next_suppliers`, `next_unit_values_usd_kg`) and with what they could spare
    by their best year. Below 0.8 of the purchases known by supplier `verdict` is `insufficient
    coverage`.
    """
    found = shock_account(at, exporters, products, cut, year)
    ranked = found.losses.sort(
        "lost_usd", "importer", "product", descending=[True, False, False], nulls_last=True
    )
    return found.answer.derive(ranked.head(top), "purchases from who stops, and who else sells")


def shock_companies(  # noqa: PLR0913 - who stops what, how far, and when
    at: At,
    *,
    exporters: list[str],
    products: list[str],
    cut: float = 1.0,
    year: int | None = None,
    top: int = 50,
) -> Answer:
    """Companies by how much of their revenue comes from countries that such a stop would hurt.

    A country is hurt where it loses at least 5 % of its supply of one of the products, on enough
    coverage. `hurt_share` is the share of revenue there, `weighted_loss` that share times the
    largest loss in each, and `undisclosed_share` what the filing does not place; `symbol` is an
    instrument of the company, the first by its id.
    """
    found = shock_account(at, exporters, products, cut, year)
    joined = exposed_companies(found, at)
    exposed = joined.frame.filter(pl.col("hurt_share") > 0).sort(
        "weighted_loss", "company", descending=[True, False]
    )
    listed = at.sql(
        "SELECT company, min(symbol) AS symbol FROM instruments "
        "WHERE list_contains($companies, company) AND NOT starts_with(symbol, company || ':') "
        "GROUP BY company ORDER BY company",
        companies=exposed.head(top)["company"].to_list(),
    )
    frame = exposed.head(top).join(listed.frame, on="company", how="left", maintain_order="left")
    answer = joined.join(listed, frame, "")
    return answer.derive(frame, "shares of revenue in the countries that are hurt")


def exposed_companies(found: Shock, at: At) -> Answer:
    """Every company whose revenue by country is known, with its share in countries that are hurt;
    a share is 0 where it sells in none of them."""
    hurt = found.losses.filter(pl.col("verdict") == "known", pl.col("lost_share") >= HURT)
    by_country = hurt.group_by(pl.col("importer").alias("place")).agg(pl.col("lost_share").max())
    revenue = run(at, "parts/revenue_places", oldest=OLDEST_DAYS)
    placed = revenue.frame.filter(~pl.col("withdrawn")).join(
        by_country, on="place", how="left", maintain_order="left"
    )
    in_hurt = pl.col("lost_share").is_not_null()
    frame = placed.group_by("company", "name", "period_end", maintain_order=True).agg(
        pl.col("share").filter(in_hurt).sum().alias("hurt_share"),
        (pl.col("share") * pl.col("lost_share")).sum().alias("weighted_loss"),
        pl.col("share").filter(pl.col("place") == "undisclosed").sum().alias("undisclosed_share"),
        pl.col("place").filter(in_hurt).sort().str.join(" ").alias("places"),
    )
    return found.answer.join(revenue, frame, "")


def checked_shock(exporters: list[str], products: list[str], cut: float) -> None:
    """Refuse a shock in which nobody stops anything, or more than all of it."""
    if not 0.0 < cut <= 1.0:
        raise ConfigError(f"cut={cut}: expected a part above 0 and up to 1, as 0.5 for half")
    if not exporters or not products:
        raise ConfigError("exporters and products: expected at least one of each")


def shock_account(
    at: At, who: list[str], products: list[str], cut: float, year: int | None
) -> Shock:
    """What each importer loses of each product, in the year that is given or in the last one."""
    checked_shock(who, products, cut)
    chosen, seen = (year, None) if year is not None else newest_year(at)
    stopped, told = side(at, ",".join(who), chosen)
    rows = flows(at, chosen - PEAK_YEARS, chosen, products=products)
    imports = flows(at, chosen, chosen, level=0, partners=["WLD", "W00", "0"])
    known = reports(at, chosen, chosen)
    exporters, others = exporters_part(at, chosen)
    recent = rows.frame.filter(pl.col("year") >= chosen - BACK)
    told_by = accounts(
        recent,
        recent,
        chosen,
        inside=(),
        reported=statements(at, chosen - BACK, chosen),
        exporters=exporters,
    )
    losses, covered = _losses(rows.frame, told_by, chosen, stopped.members, cut)
    whole = (
        imports.frame.filter(pl.col("flow") == "import")
        .group_by(pl.col("reporter").alias("importer"))
        .agg(pl.col("value_usd").max().alias("imports_usd"))
    )
    frame = losses.join(whole, on="importer", how="left").with_columns(
        # What suppliers say is no part of what the importer states.
        pl.when("is_own_report")
        .then(pl.col("lost_usd") / pl.col("imports_usd"))
        .alias("of_imports")
    )
    answer = rows.join(imports, frame, "").join(known, frame, "").join(others, frame, "")
    for other in (seen, told):
        answer = answer if other is None else answer.join(other, frame, "")
    losses = frame.drop("imports_usd")
    return Shock(stopped.members, chosen, answer, losses, covered)


def _losses(
    rows: pl.DataFrame, told_by: SupplyAccounts, year: int, stopped: tuple[str, ...], cut: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    key = ["product", "buyer"]
    now = told_by.both.filter(
        pl.col("year") == year, pl.col("kind") == "country", pl.col("value_usd") > 0
    )
    stops = pl.col("supplier").is_in(list(stopped))
    lost = now.group_by(key).agg(
        (cut * pl.col("value_usd").filter(stops).sum()).alias("lost_usd"),
        pl.col("supplier").filter(stops).sort().str.join(" ").alias("from"),
    )
    joined = (
        told_by.by_buyer.join(lost, on=key)
        .filter(pl.col("lost_usd") > 0, ~pl.col("buyer").is_in(list(stopped)))
        .join(_next(rows, now, year, stopped), on=key, how="left")
    )
    coverage = pl.col("covered_usd") / pl.col("bought_usd")
    verdict = pl.when(coverage >= FLOOR).then(pl.lit("known")).otherwise(pl.lit(INSUFFICIENT))
    covered = _covered(told_by, rows.filter(pl.col("year") == year), coverage, stopped)
    stated = covered.select(pl.col("importer").alias("buyer"), "product", "edition")
    losses = joined.join(stated, on=key, how="left").select(
        pl.col("buyer").alias("importer"),
        "product",
        "edition",
        coverage.alias("coverage"),
        verdict.alias("verdict"),
        pl.col("is_own").alias("is_own_report"),
        "from",
        "lost_usd",
        "bought_usd",
        (pl.col("lost_usd") / pl.col("bought_usd")).alias("lost_share"),
        *("next_suppliers", "next_usd", "next_unit_values_usd_kg", "next_spare_usd"),
        pl.lit(year, pl.Int32).alias("year"),
    )
    return losses, covered


def _covered(
    told_by: SupplyAccounts, rows: pl.DataFrame, coverage: pl.Expr, stopped: tuple[str, ...]
) -> pl.DataFrame:
    """Of every importer and product the coverage, the edition, and whether those who stop may sell
    to it unnamed."""
    key = ["importer", "product"]
    sold = rows.filter(
        pl.col("flow") == "export",
        pl.col("reporter").is_in(list(stopped)),
        pl.col("value_usd") > 0,
    ).select(pl.col("partner").alias("importer"), "product", pl.lit(value=True).alias("says_sold"))
    is_silent = pl.col("supplier").list.set_intersection(list(stopped)).list.len() > 0
    return (
        told_by.by_buyer.rename({"buyer": "importer"})
        .join(purchase_editions(rows, told_by.own), on=key, how="left")
        .join(sold.unique(), on=key, how="left")
        .select(
            *key,
            coverage.alias("coverage"),
            "edition",
            (is_silent.fill_null(value=False) | pl.col("says_sold").is_not_null()).alias(
                "may_sell"
            ),
        )
    )


def _next(
    rows: pl.DataFrame, now: pl.DataFrame, year: int, stopped: tuple[str, ...]
) -> pl.DataFrame:
    """The largest other suppliers of each importer, what it pays them and what they could spare."""
    paid = rows.filter(
        pl.col("year") == year, pl.col("flow") == "import", pl.col("net_weight_kg") > 0
    ).select(
        "product",
        pl.col("reporter").alias("buyer"),
        pl.col("partner").alias("supplier"),
        (pl.col("value_usd") / pl.col("net_weight_kg")).alias("unit_value"),
    )
    offers = [
        exporters(rows.filter(pl.col("product") == product), year)
        .select("supplier", "spare_usd")
        .with_columns(pl.lit(product).alias("product"))
        for product in sorted(set(rows["product"]))
    ]
    spare = pl.concat(offers) if offers else pl.DataFrame(schema=_SPARE)
    others = (
        now.filter(~pl.col("supplier").is_in(list(stopped)))
        .join(paid, on=["product", "buyer", "supplier"], how="left")
        .join(spare, on=["product", "supplier"], how="left")
        .sort("product", "buyer", "value_usd", "supplier", descending=[False, False, True, False])
    )
    return others.group_by("product", "buyer", maintain_order=True).agg(
        pl.col("supplier").head(BEST).alias("next_suppliers"),
        pl.col("value_usd").head(BEST).alias("next_usd"),
        pl.col("unit_value").head(BEST).alias("next_unit_values_usd_kg"),
        pl.col("spare_usd").head(BEST).alias("next_spare_usd"),
    )


_SPARE = {"supplier": pl.String, "spare_usd": pl.Float64, "product": pl.String}
