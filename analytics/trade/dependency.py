"""From whom a country buys each product, and whether that can be said at all: coverage comes first.

Below the floor of coverage the verdict is `insufficient coverage`, whatever the shares look like: a
supplier that is missing makes the rest look spread. No score stands beside it then.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.trade.accounts import BACK, accounts
from analytics.trade.areas import side
from analytics.trade.concentration import hhi, partners, spread, word
from analytics.trade.editions import level_of
from analytics.trade.reading import (
    checked_level,
    exporters_part,
    flows,
    last_year,
    reports,
    statements,
    total,
)
from data.query import Answer, At

FLOOR = 0.8  # of what is bought that must be known by supplier
INSUFFICIENT = "insufficient coverage"
CRITICAL_HHI, OUTSIDE = 0.4, 0.5  # European Commission SWD(2021) 352
KEY = ["product"]


@dataclass(frozen=True, slots=True)
class Purchases:
    """What a country or bloc bought of each product and from whom, what is known of it, and what
    its members themselves say they bought that year (`own`)."""

    year: int
    members: tuple[str, ...]
    by_supplier: pl.DataFrame
    coverage: pl.DataFrame
    own: pl.DataFrame
    answer: Answer


def trade_dependency(
    at: At,
    *,
    country: str,
    year: int | None = None,
    level: int = 2,
    products: list[str] | None = None,
) -> Answer:
    """How much a country or bloc depends on one supplier for each product it imports.

    `coverage` is the share of what it bought of which the supplier is known; `basis` says by whom:
    its own report, or, where it has none, its suppliers'. `members_seen` is the share of a group's
    members that have reported or are named by suppliers. Below 0.8 of either `verdict` is
    `insufficient coverage` and nothing else is given. Else `top_supplier` with `top_share`, the
    concentration, and the verdict `low`, `moderate` or `high` by it. `edition` is that of the
    goods, as the named suppliers' trade is stated.
    """
    bought = purchases(at, country, year, level=checked_level(level), products=products)
    frame = dependency(bought.by_supplier, bought.coverage).with_columns(
        pl.lit(bought.year, pl.Int32).alias("year")
    )
    return bought.answer.derive(frame, "shares of suppliers where enough of them are known")


def dependency(by_supplier: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """Concentration by product of positive purchases, null below the floor of coverage."""
    ordered = by_supplier.sort("product", "value_usd", "supplier", descending=[False, True, False])
    value = pl.col("value_usd")
    found = ordered.group_by(KEY, maintain_order=True).agg(
        value.sum(),
        pl.col("supplier").first().alias("top_supplier"),
        (value.first() / value.sum()).alias("top_share"),
        hhi().alias("hhi"),
        partners().alias("partners"),
        pl.col("supplier").head(3).str.join(" ").alias("known_suppliers"),
    )
    joined = coverage.join(found, on=KEY, how="left").with_columns(spread())
    is_covered = (pl.col("coverage") >= FLOOR) & (pl.col("members_seen") >= FLOOR)
    enough = is_covered.fill_null(value=False)
    scores = (
        "top_supplier",
        "top_share",
        "hhi",
        "hhi_normalised",
        "effective_partners",
        "partners",
    )
    verdict = pl.when(enough & pl.col("hhi").is_not_null()).then(word())
    return joined.with_columns(
        *(pl.when(enough).then(name).alias(name) for name in scores),
        verdict.otherwise(pl.lit(INSUFFICIENT)).alias("verdict"),
    ).sort("value_usd", "product", descending=[True, False], nulls_last=True)


def purchases(
    at: At, country: str, year: int | None, *, level: int | None, products: list[str] | None = None
) -> Purchases:
    """Imports by product and supplier with their coverage: as the buyer states them, or, of a buyer
    that has not reported the year, as its suppliers do."""
    chosen, seen = (year, None) if year is not None else last_year(at, country)
    found, told = side(at, country, chosen)
    members = list(found.members)
    given = {"level": level} if products is None else {"products": products}
    own = flows(at, chosen - BACK, chosen, reporters=members, flow="import", **given)
    past = set(own.frame.filter(pl.col("year") < chosen)["reporter"].to_list())
    back = 0 if past == set(members) else BACK
    sold = flows(at, chosen - back, chosen, partners=members, flow="export", **given)
    when = reports(at, chosen, chosen)
    exporters, imports = exporters_part(at, chosen)
    answer = own.join(sold, own.frame, "").join(when, own.frame, "")
    for other in (imports, seen, told):
        answer = answer if other is None else answer.join(other, own.frame, "")
    told_by = accounts(
        own.frame,
        sold.frame,
        chosen,
        inside=members,
        reported=statements(at, chosen - BACK, chosen),
        exporters=exporters,
    )
    both = told_by.both
    now = both.filter(pl.col("year") == chosen, pl.col("kind") == "country")
    by_supplier = now.group_by("product", "supplier", maintain_order=True).agg(
        total("value_usd").alias("value_usd")
    )
    positive = by_supplier.filter(pl.col("value_usd") > 0).sort("product", "supplier")
    levels = told_by.by_buyer.select(level_of().unique())
    own_members = told_by.own.filter(pl.col("buyer").is_in(members))
    has_own = frozenset(own_members.join(levels, on="level", how="semi")["buyer"].to_list())
    reporting = has_own | set(both.filter(pl.col("year") == chosen)["buyer"])
    coverage = _coverage(told_by.by_buyer, has_own, members).with_columns(
        pl.lit(len(reporting & set(members)) / len(members)).alias("members_seen")
    )
    editions = now.group_by("product").agg(
        pl.col("edition").drop_nulls().unique().sort().str.join(", ")
    )
    coverage = coverage.join(editions, on="product", how="left", maintain_order="left")
    this_year = own.frame.filter(pl.col("year") == chosen)
    return Purchases(chosen, found.members, positive, coverage, this_year, answer)


def _coverage(by_buyer: pl.DataFrame, has_own: frozenset[str], members: list[str]) -> pl.DataFrame:
    """Of each product the share of what all buyers bought that is known by supplier."""
    own = pl.col("is_own")
    names = ("world_usd", "named_usd", "unspecified_usd", "unnamed_usd", "silent_usd")
    whole = by_buyer.group_by(KEY, maintain_order=True).agg(
        (pl.col("covered_usd").sum() / pl.col("bought_usd").sum()).alias("coverage"),
        (pl.col("bought_usd").filter(own).sum() / pl.col("bought_usd").sum()).alias(
            "reported_part"
        ),
        *(total(name).alias(name) for name in names),
        pl.col("supplier").explode().drop_nulls().unique().sort().str.join(" ").alias("silent"),
    )
    basis = "own report" if has_own == set(members) else "own reports and mirrors"
    return whole.select(
        *KEY,
        pl.when(pl.col("coverage").is_finite()).then("coverage").alias("coverage"),
        pl.lit("mirrors" if not has_own else basis).alias("basis"),
        pl.when(pl.col("reported_part").is_finite()).then("reported_part").alias("reported_part"),
        *names,
        pl.when(pl.col("silent") != "").then("silent").alias("silent_suppliers"),
    )


def bloc_screen(at: At, *, country: str = "EU", year: int | None = None, level: int = 2) -> Answer:
    """The screen of strategic dependence of a bloc, product by product.

    Critical where suppliers outside are concentrated (HHI above 0.4), more than half of all imports
    come from outside, and these exceed what the bloc exports of the product, inside and out. Below
    the floor of coverage nothing is said, nor where members that have reported themselves bought
    less than that share (`reported_part`).
    """
    bought = purchases(at, country, year, level=checked_level(level))
    members = list(bought.members)
    sold = flows(at, bought.year, bought.year, reporters=members, flow="export", level=level)
    rows = pl.concat([bought.own, sold.frame]).filter(~pl.col("kind").is_in(["world", "group"]))
    inside = pl.col("partner").is_in(members)
    sums = rows.group_by(KEY).agg(
        total("value_usd", (pl.col("flow") == "import") & inside).alias("inside_usd"),
        total("value_usd", pl.col("flow") == "export").alias("bloc_exports_usd"),
    )
    scored = dependency(bought.by_supplier, bought.coverage).rename({"value_usd": "outside_usd"})
    joined = scored.join(sums, on=KEY, how="left").with_columns(
        (
            pl.col("outside_usd") / (pl.col("outside_usd") + pl.col("inside_usd").fill_null(0.0))
        ).alias("outside_share"),
    )
    enough = (pl.col("verdict") != INSUFFICIENT) & (pl.col("reported_part") >= FLOOR)
    critical = (
        (pl.col("hhi") > CRITICAL_HHI)
        & (pl.col("outside_share") > OUTSIDE)
        & (pl.col("outside_usd") > pl.col("bloc_exports_usd").fill_null(0.0))
    )
    frame = joined.with_columns(
        pl.when(~enough)
        .then(pl.lit(INSUFFICIENT))
        .when(critical)
        .then(pl.lit("critical"))
        .otherwise(pl.lit("not critical"))
        .alias("screen"),
        pl.lit(bought.year, pl.Int32).alias("year"),
    ).drop("verdict")
    return bought.answer.join(sold, frame, "outside suppliers against the bloc's own exports")
