"""What a country or group trades in a year or in a month: by partner, by product, and in all.

The World is never summed with partners: the sum over partners stands beside it, as a line each.
Trade inside a group, a country's own goods coming back, unspecified partners, re-exports and goods
that are not specified are lines of their own.
"""

from __future__ import annotations

import polars as pl

from analytics.trade.areas import Side
from analytics.trade.editions import TOTAL
from analytics.trade.lines import SCHEMA, cells, shaped, summed, with_other, with_shares
from analytics.trade.reading import (
    Report,
    checked_flow,
    checked_level,
    opposite,
    report,
)
from analytics.trade.reading import total as known_sum
from data.errors import ConfigError
from data.query import Answer, At

RE_EXPORTS = {"export": ("re-export", "re_export"), "import": ("re-import", "re_import")}


def trade_partners(  # noqa: PLR0913 - what a table of partners is asked for
    at: At,
    *,
    country: str,
    year: int | None = None,
    month: str | None = None,
    flow: str = "export",
    product: str = TOTAL,
    top: int = 20,
) -> Answer:
    """With whom a country or group traded a product in a year: the largest partners and the rest.

    `kind` is `country`, `other` (the rest of them), `unspecified`, `own` (goods coming back),
    `inside` (trade among a group's members), `re-export`, `sum` over all of these but re-exports,
    `world` as stated, where all members state it, and `difference` of the two. Shares are of the
    positive values of countries. Growth is null where `break_reason` says why: another edition of
    the goods, other reporters.
    Without a year the last reported one is taken; a year that is not published has no line. With a
    month, `2024-05`, that month is shown in place of a year, and compared with the same month of
    the year before.
    """
    checked_flow(flow)
    found = report(at, country, year, month=month, back=1, products=[product])
    lines = _by_partner(found, flow, product)
    return found.answer.derive(
        _laid_out(lines, found, flow, top), "sums by partner, shares, growth"
    )


def _by_partner(found: Report, flow: str, product: str) -> pl.DataFrame:
    rows = placed(found.rows, found.side).with_columns(pl.col("partner").alias("code"))
    is_again = pl.col("flow").is_in(RE_EXPORTS[flow])
    again = _named_or_world(rows.filter(is_again))
    rows = _without_partial_world(rows, flow, found.year)
    lines = [
        cells(rows.filter(~is_again), flow, found.year, by=["code", "kind"], goods=pl.lit(product))
    ]
    if again.height:
        named = again.with_columns(
            pl.lit(flow).alias("flow"),
            pl.lit("re-export").alias("kind"),
            pl.lit("again").alias("code"),
        )
        lines.append(cells(named, flow, found.year, by=["code", "kind"], goods=pl.lit(product)))
    return pl.concat(lines)


def _named_or_world(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows by partner, and the World of a report that names no partner."""
    by_partner = rows.filter(pl.col("kind") != "world")
    report_of = ["reporter", "year"]
    return pl.concat(
        [by_partner, rows.join(by_partner.select(report_of), on=report_of, how="anti")]
    )


def _without_partial_world(rows: pl.DataFrame, flow: str, year: int) -> pl.DataFrame:
    """A World that not all who report the year state is no whole: it is left out. So is the World
    of the other direction where others state it, with which no balance can be drawn."""
    now = rows.filter(pl.col("year") == year, pl.col("value_usd").is_not_null())
    is_world = pl.col("kind") == "world"
    ours, theirs = (
        set(now.filter(is_world, flow=direction)["reporter"])
        for direction in (flow, opposite(flow))
    )
    if ours != set(now.filter(flow=flow)["reporter"]):
        return rows.filter(~is_world)
    if ours != theirs:
        is_other = (pl.col("flow") == opposite(flow)) & (pl.col("year") == year)
        return rows.filter(~(is_world & is_other))
    return rows


def placed(rows: pl.DataFrame, side: Side) -> pl.DataFrame:
    """Partners that are members of the group are inside; groups beside members are left out."""
    is_inside = pl.col("partner").is_in(side.members) & (pl.col("partner") != pl.col("reporter"))
    kept = rows.filter(pl.col("kind") != "group")
    if not side.is_group:
        return kept
    return kept.with_columns(
        pl.when(is_inside).then(pl.lit("inside")).otherwise("kind").alias("kind")
    )


def _laid_out(lines: pl.DataFrame, found: Report, flow: str, top: int) -> pl.DataFrame:
    """The lines in their order, without those that say nothing of the year."""
    there = pl.col("value_usd").is_not_null() | pl.col("previous_usd").is_not_null()
    said = with_shares(lines.filter(there))
    if said["value_usd"].null_count() == said.height:
        return pl.DataFrame(schema=SCHEMA)
    world = said.filter(pl.col("kind") == "world")
    parts = said.filter(~pl.col("kind").is_in(["world", "re-export"]))
    inside = summed(parts.filter(pl.col("kind") == "inside"), "inside", "inside")
    own = summed(parts.filter(pl.col("kind") == "own"), "own", "own")
    single = parts.filter(~pl.col("kind").is_in(["inside", "own"]))
    laid = [
        with_other(single, top),
        own,
        inside,
        said.filter(pl.col("kind") == "re-export"),
        summed(parts, "sum", "sum"),
        *_world(world, parts),
    ]
    return shaped(pl.concat(laid, how="diagonal"), found.period)


def _world(world: pl.DataFrame, parts: pl.DataFrame) -> list[pl.DataFrame]:
    """The World as stated, and by how much it differs from the sum; several codes are one."""
    if not world.height:
        return []
    stated = summed(world, "world", "world")
    whole = summed(parts, "sum", "sum")
    if not whole.height:
        return [stated]
    names = ("value_usd", "previous_usd", "opposite_usd")
    apart = stated.with_columns(
        pl.lit("difference").alias("code"),
        pl.lit("difference").alias("kind"),
        *(stated[name] - whole[name] for name in names),
        pl.lit(None, pl.Float64).alias("growth"),
        pl.lit(None, pl.Float64).alias("balance_usd"),
        pl.lit(None, pl.Float64).alias("net_weight_kg"),
    )
    return [stated, apart]


def trade_products(  # noqa: PLR0913 - what a table of products is asked for
    at: At,
    *,
    country: str,
    year: int | None = None,
    month: str | None = None,
    flow: str = "export",
    partner: str | None = None,
    level: int = 2,
    top: int = 20,
) -> Answer:
    """What a country or group traded in a year or month, with the world or a partner, by product.

    `kind` is `product`, `other` (the rest), `unspecified` (chapter 99: not specified or
    confidential), `sum` over these, `total` as stated, and `difference`. Of trade with the world
    the World that is stated for a product is taken, else the sum over partners; trade among the
    members of a group is left out.
    """
    checked_flow(flow)
    if checked_level(level) == 0:
        raise ConfigError("level=0: products have codes of 2, 4 or 6 digits")
    chosen = None if partner is None else [code.strip().upper() for code in partner.split(",")]
    found = report(at, country, year, month=month, back=1, partners=chosen)
    rows = placed(found.rows, found.side)
    rows = rows.filter((pl.col("product") == TOTAL) | (pl.col("product").str.len_chars() == level))
    whole = _of_all_partners(rows) if chosen is None else rows
    kind = (
        pl.when(pl.col("product") == TOTAL)
        .then(pl.lit("total"))
        .when("is_unspecified_product")
        .then(pl.lit("unspecified"))
        .otherwise(pl.lit("product"))
    )
    named = whole.with_columns(pl.col("product").alias("code"), kind.alias("kind"))
    lines = cells(named, flow, found.year, by=["code", "kind"], goods=pl.col("code"))
    return found.answer.derive(
        _products(lines, found.period, top), "sums by product, shares, growth"
    )


def _of_all_partners(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each report and product the World where it is stated, else all partners; less what is
    traded inside the group."""
    key = ["reporter", "product", "flow", "year"]
    stated = rows.filter(pl.col("kind") == "world").unique(key, maintain_order=True)
    unstated = rows.filter(~pl.col("kind").is_in(["world", "inside"]))
    summed_up = unstated.join(stated.select(key), on=key, how="anti", maintain_order="left")
    inside = rows.filter(pl.col("kind") == "inside").join(
        stated.select(key), on=key, how="semi", maintain_order="left"
    )
    less = inside.with_columns(-pl.col("value_usd"), -pl.col("net_weight_kg"))
    return pl.concat([stated, summed_up, less]).sort(
        "year", "reporter", "flow", "product", "partner", maintain_order=True
    )


def _products(lines: pl.DataFrame, period: str, top: int) -> pl.DataFrame:
    there = pl.col("value_usd").is_not_null() | pl.col("previous_usd").is_not_null()
    said = with_shares(lines.filter(there))
    if said["value_usd"].null_count() == said.height:
        return pl.DataFrame(schema=SCHEMA)
    parts = said.filter(pl.col("kind") != "total")
    stated = said.filter(pl.col("kind") == "total")
    ends = [frame.with_columns(pl.col("kind").alias("code")) for frame in _world(stated, parts)]
    named = [
        frame.with_columns(
            pl.col("code").replace("world", "total"), pl.col("kind").replace("world", "total")
        )
        for frame in ends
    ]
    laid = [with_other(parts, top), summed(parts, "sum", "sum"), *named]
    return shaped(pl.concat(laid, how="diagonal"), period)


def trade_totals(
    at: At, *, country: str, year: int | None = None, month: str | None = None
) -> Answer:
    """Whether a report adds up: partners against the World, products against the total.

    A line per flow and level of goods: `partners_usd` is the sum over partners of all kinds,
    `world_usd` what is stated for all of them, `gap` the relative difference over the products of
    which a World is stated. `named` is the share of that World that lies with named countries;
    `goods_gap` compares the sum over the products of the level, of each the World or else the sum
    over partners, with the total of all goods.
    """
    found = report(at, country, year, month=month)
    is_world = pl.col("kind") == "world"
    states_world = (is_world & pl.col("value_usd").is_not_null()).any()
    rows = placed(found.rows, found.side).with_columns(
        pl.when(pl.col("product") == TOTAL)
        .then(0)
        .otherwise(pl.col("product").str.len_chars())
        .cast(pl.Int64)
        .alias("level"),
        states_world.over("reporter", "flow", "product").alias("has_world"),
    )
    lines = _by_level(rows)
    whole = lines.filter(level=0).select(
        "flow", pl.col("world_usd").alias("total_usd"), pl.col("whole_usd").alias("all_goods_usd")
    )
    joined = lines.join(whole, on="flow", how="left").with_columns(
        (pl.col("compared_usd") / pl.col("world_usd") - 1.0).alias("gap"),
        (pl.col("named") / pl.col("world_usd")).alias("named"),
        (pl.col("whole_usd") / pl.col("all_goods_usd") - 1.0).alias("goods_gap"),
        pl.lit(found.year, pl.Int32).alias("year"),
        pl.lit(found.period).alias("period"),
    )
    frame = joined.with_columns(
        pl.when(pl.col(name).is_finite()).then(pl.col(name))
        for name in ("gap", "named", "goods_gap")
    ).drop("compared_usd", "whole_usd", "all_goods_usd")
    return found.answer.derive(frame.sort("flow", "level"), "sums by kind of partner and level")


def _by_level(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums by direction and level of goods: of partners by kind, of the World, and of what has one;
    `whole_usd` is of each report and product the World or else the sum over partners."""
    is_world, is_country = pl.col("kind") == "world", pl.col("kind") == "country"
    has_world = pl.col("has_world")
    return rows.group_by("flow", "level", maintain_order=True).agg(
        known_sum("value_usd", ~is_world).alias("partners_usd"),
        known_sum("value_usd", is_world).alias("world_usd"),
        known_sum("value_usd", is_country).alias("countries_usd"),
        known_sum("value_usd", ~is_world & has_world).alias("compared_usd"),
        known_sum("value_usd", is_country & has_world).alias("named"),
        known_sum("value_usd", is_world | ~has_world).alias("whole_usd"),
        *(
            known_sum("value_usd", pl.col("kind") == kind).alias(f"{kind}_usd")
            for kind in ("unspecified", "own", "inside")
        ),
        known_sum(
            "value_usd", pl.col("is_unspecified_product") & (pl.col("kind") == "world")
        ).alias("unspecified_products_usd"),
        pl.col("edition").drop_nulls().unique().sort().str.join(", ").alias("edition"),
        pl.col("editions").max().cast(pl.Int64).alias("editions_in_report"),
        pl.col("valuation").drop_nulls().unique().sort().str.join(", ").alias("valuation"),
        pl.col("reporter").n_unique().cast(pl.Int64).alias("reporters"),
    )
