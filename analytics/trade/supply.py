"""What else there is of a product: other exporters, what they were paid, what they could spare.

Spare is what an exporter sold in its best year of the last five above what it sells now: what it
has shown that it can do, and no forecast. By weight where every year has one, else by value
(`basis`).
"""

from __future__ import annotations

import polars as pl

from analytics.trade.areas import is_country
from analytics.trade.dependency import FLOOR, INSUFFICIENT, Purchases, purchases
from analytics.trade.editions import TOTAL, is_bridged, is_sitc
from analytics.trade.goods import SITC, goods_list
from analytics.trade.reading import flows, last_year, reports, statements, total
from data.query import Answer, At

PEAK_YEARS = 5
KNOWN_YEARS = 3  # how long an exporter that has not reported counts with what it last sold
COLUMNS = {
    "supplier": pl.String,
    "exports_usd": pl.Float64,
    "unit_value_usd_kg": pl.Float64,
    "peak_year": pl.Int32,
    "spare_usd": pl.Float64,
    "basis": pl.String,
}


def trade_alternatives(
    at: At, *, country: str, product: str, year: int | None = None, top: int = 30
) -> Answer:
    """From whom else a country could have a product: its suppliers, and the other exporters.

    `bought_usd` and `share` are what it buys there, `elsewhere_usd` what the exporter sells to
    others, `unit_value_usd_kg` what it was paid per kilogram, `spare_usd` how far its sales lie
    below their best of five years, and `spare_share` that over all that the country buys. Where
    exporters of less than 0.8 of the product's known trade have reported (`supply_coverage`),
    `verdict` is `insufficient coverage`.
    """
    chosen, seen = (year, None) if year is not None else last_year(at, country)
    bought = purchases(at, country, chosen, level=None, products=[product])
    sold = flows(at, chosen - PEAK_YEARS, chosen, products=[product], flow="export")
    rows = _in_list_of(bought, sold.frame)
    known = reports(at, chosen, chosen)
    members = list(bought.members)
    level = 0 if product == TOTAL else min(len(product) + len(product) % 2, 6)
    stated = statements(at, chosen, chosen).filter(flow="export", level=level)
    coverage = supply_coverage(rows, chosen, set(stated["reporter"].to_list()))
    offers = exporters(rows, chosen).filter(~pl.col("supplier").is_in(members))
    there = rows.filter(
        pl.col("year") == chosen, pl.col("flow") == "export", pl.col("partner").is_in(members)
    )
    to_us = there.group_by(pl.col("reporter").alias("supplier")).agg(
        pl.col("value_usd").sum().alias("sold_usd")
    )
    mine = bought.by_supplier.select("supplier", pl.col("value_usd").alias("bought_usd"))
    joined = mine.join(offers, on="supplier", how="full", coalesce=True).join(
        to_us, on="supplier", how="left"
    )
    need = pl.lit(float(bought.by_supplier["value_usd"].sum()))
    enough = coverage is not None and coverage >= FLOOR
    frame = joined.with_columns(
        (pl.col("bought_usd") / need).alias("share"),
        (pl.col("exports_usd") - pl.col("sold_usd").fill_null(0.0)).alias("elsewhere_usd"),
        pl.when(need > 0).then(pl.col("spare_usd") / need).alias("spare_share"),
        pl.lit(coverage, pl.Float64).alias("supply_coverage"),
        pl.lit("known" if enough else INSUFFICIENT).alias("verdict"),
        pl.lit(chosen, pl.Int32).alias("year"),
    ).drop("sold_usd")
    ranked = frame.sort(
        "bought_usd", "exports_usd", "supplier", descending=[True, True, False], nulls_last=True
    ).head(top)
    answer = bought.answer.join(sold, ranked, "").join(known, ranked, "")
    answer = answer if seen is None else answer.join(seen, ranked, "")
    return answer.derive(ranked, "suppliers beside other exporters and their best year")


def _in_list_of(bought: Purchases, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the list of goods of the purchases: in another the code is of other goods."""
    stated = bought.coverage["edition"].drop_nulls().to_list()
    if not stated:
        return rows
    is_wanted = is_sitc() == pl.lit(goods_list(stated[0]) == SITC)
    return rows.filter(is_wanted | (pl.col("product") == TOTAL))


def yearly_exports(rows: pl.DataFrame) -> pl.DataFrame:
    """What each country sold in each year: the World that it states, else the sum over partners."""
    key = ["reporter", "product", "year"]
    sold = rows.filter(
        pl.col("flow") == "export", pl.col("kind") != "group", is_country("reporter")
    )
    world, parts = pl.col("kind") == "world", pl.col("kind") != "world"
    weighed = pl.col("net_weight_kg").filter(parts)
    # A sum of partners with a weight each gives a price; the World often states a value alone.
    return sold.group_by(key, maintain_order=True).agg(
        pl.coalesce(pl.col("value_usd").filter(world).max(), total("value_usd", parts)).alias(
            "value_usd"
        ),
        pl.when(weighed.len() > 0, weighed.null_count() == 0)
        .then(weighed.sum())
        .alias("net_weight_kg"),
        pl.col("value_usd").filter(parts).sum().alias("weighed_usd"),
        pl.col("edition").drop_nulls().first(),
    )


def exporters(rows: pl.DataFrame, year: int) -> pl.DataFrame:
    """The exporters of a product in a year: sales, unit value, best year and what is spare."""
    yearly = yearly_exports(rows)
    unit = pl.when(pl.col("net_weight_kg") > 0).then(
        pl.col("weighed_usd") / pl.col("net_weight_kg")
    )
    now = yearly.filter(pl.col("year") == year).with_columns(unit.alias("unit_value_usd_kg"))
    today = now.select("reporter", "product", pl.col("edition").alias("edition_now"))
    # A code of another edition is not known to be the same goods: its years are no record of them.
    past = (
        yearly.filter(pl.col("year") < year)
        .join(today, on=["reporter", "product"], how="inner", maintain_order="left")
        .filter(is_bridged(pl.col("product"), pl.col("edition_now"), pl.col("edition")))
    )
    by_weight = pl.col("net_weight_kg").null_count() == 0
    size = pl.when(by_weight).then(pl.col("net_weight_kg")).otherwise("value_usd")
    peaks = past.group_by("reporter", "product").agg(
        size.max().alias("peak"),
        pl.col("year").sort_by(size, "year").last().alias("peak_year"),
        by_weight.alias("is_weighed"),
    )
    joined = now.join(peaks, on=["reporter", "product"], how="left")
    is_weighed = pl.col("is_weighed") & pl.col("unit_value_usd_kg").is_not_null()
    by_value = pl.when(~pl.col("is_weighed")).then(pl.col("peak") - pl.col("value_usd"))
    spare = (
        pl.when(is_weighed)
        .then((pl.col("peak") - pl.col("net_weight_kg")) * pl.col("unit_value_usd_kg"))
        .otherwise(by_value)
    )
    return joined.select(
        pl.col("reporter").alias("supplier"),
        pl.col("value_usd").alias("exports_usd"),
        "unit_value_usd_kg",
        "peak_year",
        pl.when(spare.is_not_null()).then(pl.max_horizontal(spare, 0.0)).alias("spare_usd"),
        pl.when(spare.is_null())
        .then(None)
        .when(is_weighed)
        .then(pl.lit("weight"))
        .otherwise(pl.lit("value"))
        .alias("basis"),
    ).cast(COLUMNS)  # type: ignore[arg-type] # columns to types


def supply_coverage(rows: pl.DataFrame, year: int, reported: set[str]) -> float | None:
    """The share of known exports that lies with those who have reported the year; an exporter that
    has not counts with what it last sold, and without an earlier year nothing can be said."""
    yearly = yearly_exports(rows).group_by("reporter", "year").agg(pl.col("value_usd").sum())
    recent = yearly.filter(pl.col("year") >= year - KNOWN_YEARS).sort("reporter", "year")
    if not recent.filter(pl.col("year") < year).height:
        return None
    last = recent.unique("reporter", keep="last", maintain_order=True)
    whole = float(last["value_usd"].sum())
    there = float(last.filter(pl.col("reporter").is_in(list(reported)))["value_usd"].sum())
    return there / whole if whole > 0 else None
