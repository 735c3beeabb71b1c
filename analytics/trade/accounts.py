"""What each buyer bought of a product, by supplier, and how much of it nobody accounts for.

The buyer's own report is taken; of a buyer that has not reported the year, what its suppliers say.
A supplier that is missing is not zero: what it sold last counts as bought and unaccounted for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from analytics.trade.areas import GROUPS
from analytics.trade.editions import is_sitc, level_of
from analytics.trade.mirror import FREIGHT
from analytics.trade.reading import total

BACK = 3  # years in which a supplier that is missing now may have been one
COLUMNS = ("year", "buyer", "supplier", "kind", "product", "value_usd", "edition")
MAIN = 0.05  # of the purchases of such a year that made it a supplier to be missed


@dataclass(frozen=True, slots=True)
class SupplyAccounts:
    """Rows by buyer and supplier from the side that is taken, and the account of each buyer."""

    both: pl.DataFrame
    by_buyer: pl.DataFrame
    own: pl.DataFrame  # each `buyer` that states its purchases itself, and at which `level`

    def is_own(self, rows: pl.DataFrame, buyer: str) -> pl.DataFrame:
        """The rows with whether their buyer states its purchases of the product itself."""
        return _with_own(rows.rename({buyer: "buyer"}), self.own).rename({"buyer": buyer})


def accounts(  # noqa: PLR0913 - both sides, the year, who counts, and how far mirrors do
    own: pl.DataFrame,
    sold: pl.DataFrame,
    year: int,
    *,
    inside: Collection[str],
    reported: pl.DataFrame,
    exporters: pl.DataFrame,
) -> SupplyAccounts:
    """From reports of the buyers and of their suppliers; trade among `inside` is left out.

    `reported` has which directions each reporter states, at which levels of goods: who states
    another direction or level alone has not reported. `exporters` has who reports its exports
    (`exporters_part`): of a buyer that has not reported itself no more is known than their part.
    """
    stated, mirrored = _in_one_list(_stated(own, inside), _mirrored(sold, inside), year)
    key = ["year", "buyer", "level"]
    imports = reported.filter(pl.col("flow") == "import").rename({"reporter": "buyer"}).select(key)
    of_others = mirrored.with_columns(level_of()).join(imports, on=key, how="anti").drop("level")
    both = pl.concat([stated, of_others])
    now = reported.filter(pl.col("year") == year)
    own_now = imports.filter(pl.col("year") == year).drop("year")
    by_buyer = _by_buyer(own, both, mirrored, year, inside, now)
    return SupplyAccounts(both, _as_far_as_exporters_report(by_buyer, exporters), own_now)


def _as_far_as_exporters_report(by_buyer: pl.DataFrame, exporters: pl.DataFrame) -> pl.DataFrame:
    """What is known of buyers that have not reported: by the part of all reported imports, but
    for those from the buyer itself, whose sellers have reported; 0 where nobody reports imports."""
    known = exporters.filter("reports")["value_usd"].sum()
    whole = exporters["value_usd"].sum()
    part = (known - pl.col("reports") * pl.col("sold_usd")) / (whole - pl.col("sold_usd"))
    sellers = exporters.rename({"seller": "buyer", "value_usd": "sold_usd"})
    return (
        by_buyer.join(sellers, on="buyer", how="left", maintain_order="left")
        .with_columns(pl.col("sold_usd").fill_null(0.0), pl.col("reports").fill_null(False))
        .with_columns(
            pl.when("is_own")
            .then("covered_usd")
            .when(pl.col("sold_usd") < whole)
            .then(part * pl.col("covered_usd"))
            .otherwise(0.0)
            .alias("covered_usd")
        )
        .drop("sold_usd", "reports")
    )


def _in_one_list(
    stated: pl.DataFrame, mirrored: pl.DataFrame, year: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both, where a code is of the list of goods of the buyer, or of its suppliers if these are in
    one: in another list it is of other goods, and who sold these is not known to sell the goods.

    Where suppliers are in both lists it is the Harmonised System; what is stated of this year in
    the other one is then of no known supplier.
    """
    key = ["product", "buyer"]
    sides = [frame.filter(pl.col("year") == year) for frame in (stated, mirrored)]
    of_buyer, of_suppliers = (
        side.group_by(key).agg(is_sitc().all().alias(name))
        for side, name in zip(sides, ("own_sitc", "their_sitc"), strict=True)
    )
    wanted = of_buyer.join(of_suppliers, on=key, how="full", coalesce=True)
    kept = []
    for rows in (stated, mirrored):
        joined = rows.join(wanted, on=key, how="left", maintain_order="left")
        same = is_sitc() == pl.coalesce("own_sitc", "their_sitc", is_sitc())
        marked = joined.with_columns(
            same.alias("is_same"),
            pl.when(same).then("kind").otherwise(pl.lit("unspecified")).alias("kind"),
        )
        # A buyer's own report has what it bought of the goods: only without one is something open.
        is_open = (pl.col("year") == year) & pl.col("own_sitc").is_null()
        kept.append(marked.filter(pl.col("is_same") | is_open).select(COLUMNS))
    return kept[0], kept[1]


def _stated(rows: pl.DataFrame, inside: Collection[str]) -> pl.DataFrame:
    """What the buyers say, without trade among themselves, the World and groups."""
    is_inside = pl.col("partner").is_in(list(inside))
    kept = rows.filter(
        pl.col("flow") == "import", ~pl.col("kind").is_in(["world", "group", "own"]), ~is_inside
    )
    named = {"reporter": "buyer", "partner": "supplier"}
    return kept.rename(named).select(COLUMNS)


def _mirrored(rows: pl.DataFrame, inside: Collection[str]) -> pl.DataFrame:
    """What the sellers say, made CIF so that both bases are one."""
    kept = rows.filter(
        pl.col("flow") == "export",
        pl.col("kind") == "country",
        ~pl.col("reporter").is_in([*inside, *GROUPS]),
    ).with_columns(pl.col("value_usd") * (1.0 + FREIGHT))
    named = {"partner": "buyer", "reporter": "supplier"}
    return kept.rename(named).select(COLUMNS)


def _by_buyer(  # noqa: PLR0913 - both sides, the year, and who counts
    own: pl.DataFrame,
    both: pl.DataFrame,
    mirrored: pl.DataFrame,
    year: int,
    inside: Collection[str],
    reported: pl.DataFrame,
) -> pl.DataFrame:
    """Of each buyer and product what it bought at least, and how much of that is by supplier.

    It bought the World that it states; or, where that is more, what it has by supplier and what is
    missing: unspecified partners, or suppliers that it does not name. These are those who say that
    they sold to it, and suppliers of the three years before who now have not reported themselves.
    Where a report states no World, or of mirrors no earlier year is known, nothing tells what is
    missing.
    """
    key = ["product", "buyer"]
    now = both.filter(pl.col("year") == year)
    named = now.filter(pl.col("kind") == "country")
    states = own.filter(pl.col("year") == year, pl.col("flow") == "import")
    states = states.rename({"reporter": "buyer"})
    imports = reported.filter(pl.col("flow") == "import").rename({"reporter": "buyer"})
    sold = _with_own(mirrored.filter(pl.col("year") == year), imports)
    unnamed = sold.filter("is_own").drop("is_own")
    unnamed = unnamed.join(named.select(*key, "supplier"), on=[*key, "supplier"], how="anti")
    before = both.filter(pl.col("year") < year)
    parts = {
        "named_usd": named,
        "world_usd": states.filter(pl.col("kind") == "world"),
        "inside_usd": states.filter(pl.col("partner").is_in(list(inside))),
        "unspecified_usd": now.filter(pl.col("kind") == "unspecified"),
        "unnamed_usd": unnamed,
        "silent_usd": _silent(before, named, unnamed, reported),
        "past_usd": before,
    }
    every = _with_own(_sums(parts, key), imports)
    silent = parts["silent_usd"].group_by(key).agg(pl.col("supplier").unique().sort())
    known, missing = pl.col("named_usd").fill_null(0.0), pl.col("unspecified_usd").fill_null(0.0)
    absent = pl.col("unnamed_usd").fill_null(0.0) + pl.col("silent_usd").fill_null(0.0)
    world = pl.col("world_usd") - pl.col("inside_usd").fill_null(0.0)
    # A report that states no World may name a few of many: only of mirrors does the past tell more.
    can_tell = pl.col("world_usd").is_not_null() | (
        pl.col("past_usd").is_not_null() & ~pl.col("is_own")
    )
    return every.join(silent, on=key, how="left", maintain_order="left").with_columns(
        pl.max_horizontal(world, known + pl.max_horizontal(missing, absent)).alias("bought_usd"),
        pl.when(can_tell).then(known).otherwise(0.0).alias("covered_usd"),
    )


def _with_own(rows: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """The rows with whether their `buyer` is among `own` at the level of their product."""
    key = ["buyer", "level"]
    marked = own.select(key).with_columns(pl.lit(value=True).alias("is_own"))
    joined = rows.with_columns(level_of()).join(marked, on=key, how="left", maintain_order="left")
    return joined.drop("level").with_columns(pl.col("is_own").fill_null(value=False))


def _sums(parts: dict[str, pl.DataFrame], key: list[str]) -> pl.DataFrame:
    """A row per key with the sum of each part. Rows are put in the order of their values, which is
    cheap, so that no sum depends on the order of the rows."""
    sums = [
        frame.select(*key, "value_usd")
        .sort("value_usd")
        .group_by(key)
        .agg(total("value_usd").alias(name))
        for name, frame in parts.items()
    ]
    every = pl.concat([frame.select(key) for frame in sums]).unique().sort(key)
    for frame in sums:
        every = every.join(frame, on=key, how="left", maintain_order="left")
    return every


def _silent(
    before: pl.DataFrame, named: pl.DataFrame, unnamed: pl.DataFrame, reported: pl.DataFrame
) -> pl.DataFrame:
    """What suppliers of the years before sold last who now are not named and have not reported."""
    key, of_year = ["product", "buyer", "supplier"], ["product", "buyer", "year"]
    sold = before.filter(pl.col("kind") == "country", pl.col("value_usd") > 0)
    # Nearly all suppliers have reported: all purchases are summed for those alone who have not.
    exports = reported.filter(pl.col("flow") == "export").rename({"reporter": "supplier"})
    absent = sold.with_columns(level_of()).join(exports, on=["supplier", "level"], how="anti")
    absent = absent.drop("level")
    bought = (
        sold.join(absent.select(of_year).unique(), on=of_year, how="semi")
        .sort("value_usd")
        .group_by(of_year)
        .agg(pl.col("value_usd").sum().alias("bought_usd"))
    )
    part = pl.col("value_usd") / pl.col("bought_usd")
    main = (
        absent.join(bought, on=of_year)
        .filter((part >= MAIN).max().over(key))
        .select(absent.columns)
    )
    gone = main.join(named.select(key), on=key, how="anti").join(
        unnamed.select(key), on=key, how="anti"
    )
    return gone.sort(*key, "year").unique(key, keep="last", maintain_order=True)
