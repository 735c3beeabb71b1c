"""In what countries are strong, how alike their exports are, and how much trade goes both ways."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.trade.areas import is_country
from analytics.trade.baskets import (
    Baskets,
    advantage,
    complexity,
    is_small,
    similarity,
    symmetric,
)
from analytics.trade.editions import TOTAL
from analytics.trade.reading import (
    FLOWS,
    checked_level,
    flows,
    matrix,
    newest_year,
    report,
    total,
)
from data.errors import ConfigError
from data.query import Answer, At


def revealed_advantage(at: At, *, country: str, year: int | None = None, level: int = 2) -> Answer:
    """In which products a country is strong: revealed comparative advantage, plain and symmetric.

    `rca` is the product's share of the country's exports over its share of all reporters' exports,
    `rsca` (rca - 1) / (rca + 1); an advantage from 1 up. `is_small` marks a country or product with
    less than 0.01 % of all exports. `reporters` is how many countries the matrix has, those who
    report in the country's edition of the goods; `other_editions` is how many report in another.
    """
    code = country.strip().upper()
    found = _matrix(at, year, level, code)
    answer, baskets = found.answer, found.baskets
    if code not in baskets.countries:
        return answer.derive(
            pl.DataFrame(schema=_ADVANTAGE).with_columns(found.about()),
            "the country has not reported",
        )
    at_row = baskets.countries.index(code)
    rca = advantage(baskets.values)
    hard = complexity(baskets.values)
    frame = pl.DataFrame(
        {
            "product": baskets.products,
            "exports_usd": baskets.values[at_row],
            "world_usd": baskets.values.sum(axis=0),
            "rca": rca[at_row],
            "rsca": symmetric(rca[at_row]),
            "has_advantage": rca[at_row] >= 1.0,
            "is_small": is_small(baskets.values)[at_row],
            "complexity": hard.products,
            "ubiquity": hard.ubiquity,
        },
        schema=_ADVANTAGE,
        nan_to_null=True,
    ).with_columns(found.about())
    ranked = frame.sort("rca", "product", descending=[True, False], nulls_last=True)
    return answer.derive(ranked, "shares of the country over shares of all reporters")


def export_similarity(at: At, *, country: str, year: int | None = None, level: int = 2) -> Answer:
    """How much of a country's basket of exports is the same as another's, by Finger and Kreinin.

    The sum over products of the smaller of the two shares: 1 for equal baskets, 0 for none in
    common. Unspecified products are in no basket.
    """
    code = country.strip().upper()
    found = _matrix(at, year, level, code)
    answer, baskets = found.answer, found.baskets
    if code not in baskets.countries:
        return answer.derive(
            pl.DataFrame(schema=_SIMILARITY).with_columns(found.about()),
            "the country has not reported",
        )
    alike = similarity(baskets.values, baskets.countries.index(code))
    frame = pl.DataFrame(
        {
            "country": baskets.countries,
            "similarity": alike,
            "exports_usd": baskets.values.sum(axis=1),
        },
        schema=_SIMILARITY,
        nan_to_null=True,
    ).with_columns(found.about())
    others = frame.filter(pl.col("country") != code)
    ranked = others.sort("similarity", "country", descending=[True, False], nulls_last=True)
    return answer.derive(ranked, "sum of the smaller share over products")


def economic_complexity(at: At, *, year: int | None = None, level: int = 2) -> Answer:
    """How complex each country's exports are: the index of Hausmann and Hidalgo, and its rank.

    From who has an advantage in what; 0 is the mean of the countries, 1 a standard deviation.
    `diversity` is in how many products a country has one. It says something of a fine level of
    goods and many reporters only: `products` and `reporters` stand beside it.
    """
    found = _matrix(at, year, level)
    answer, baskets = found.answer, found.baskets
    hard = complexity(baskets.values)
    frame = pl.DataFrame(
        {
            "country": baskets.countries,
            "complexity": hard.countries,
            "diversity": hard.diversity,
            "exports_usd": baskets.values.sum(axis=1),
            "products": [len(baskets.products)] * len(baskets.countries),
        },
        schema=_COMPLEXITY,
        nan_to_null=True,
    ).with_columns(found.about())
    ranked = frame.sort("complexity", "country", descending=[True, False], nulls_last=True)
    return answer.derive(ranked, "second eigenvector of shared advantages, standardised")


@dataclass(frozen=True, slots=True)
class _Matrix:
    """The baskets of those who report in one edition, and how many report in another."""

    year: int
    answer: Answer
    baskets: Baskets
    edition: str | None
    others: int

    def about(self) -> list[pl.Expr]:
        """What stands on every row: which reporters these are."""
        return [
            pl.lit(self.edition, pl.String).alias("edition"),
            pl.lit(len(self.baskets.countries), pl.Int64).alias("reporters"),
            pl.lit(self.others, pl.Int64).alias("other_editions"),
            pl.lit(self.year, pl.Int32).alias("year"),
        ]


def _matrix(at: At, year: int | None, level: int, country: str | None = None) -> _Matrix:
    """Codes of two editions are not the same goods: of a country its own edition is taken, else the
    one that most report in, of several the newest."""
    if checked_level(level) == 0:
        raise ConfigError("level=0: baskets are of products, of 2, 4 or 6 digits")
    chosen, seen = (year, None) if year is not None else newest_year(at)
    found = matrix(at, chosen, "export", level)
    answer = found if seen is None else found.join(seen, found.frame, "")
    said = found.frame.select("reporter", "edition").unique()
    mine = said.filter(pl.col("reporter") == country) if country else said
    ranked = mine.group_by("edition").len().sort("len", "edition", descending=True)
    edition = ranked["edition"][0] if ranked.height else None
    kept = found.frame.filter(pl.col("edition").eq_missing(pl.lit(edition)))
    others = said["reporter"].n_unique() - kept["reporter"].n_unique()
    return _Matrix(chosen, answer, Baskets.of(kept), edition, others)


def intra_industry(
    at: At,
    *,
    country: str,
    partner: str | None = None,
    year: int | None = None,
    level: int = 2,
) -> Answer:
    """How much trade goes both ways, by product and in all: Grubel-Lloyd, balance, cover ratio.

    `grubel_lloyd` is 1 where exports equal imports and 0 where there is one of them only; in the
    line `all` products count by their trade, those of which both directions are known. Exports are
    FOB and imports mostly CIF, as reported.
    Without a partner it is trade with the world.
    """
    if checked_level(level) == 0:
        raise ConfigError("level=0: trade both ways is of products, of 2, 4 or 6 digits")
    chosen = ["WLD", "W00", "0"] if partner is None else [partner.strip().upper()]
    found = report(at, country, year, partners=chosen, level=level)
    rows = found.rows.filter(~pl.col("is_unspecified_product"))
    parts = _both_ways(rows)
    lines = pl.concat([parts, _in_all(parts)])
    frame = lines.with_columns(
        pl.when(pl.col("both") > 0)
        .then(1.0 - pl.col("apart") / pl.col("both"))
        .alias("grubel_lloyd"),
        (pl.col("exports_usd") - pl.col("imports_usd")).alias("balance_usd"),
        pl.when(pl.col("imports_usd") > 0)
        .then(pl.col("exports_usd") / pl.col("imports_usd"))
        .alias("cover_ratio"),
        pl.lit(found.year, pl.Int32).alias("year"),
    ).drop("apart", "both")
    return found.answer.derive(frame, "both directions of each product")


def _in_all(parts: pl.DataFrame) -> pl.DataFrame:
    """All products together: those of which both directions are known, if there are any."""
    paired = parts.drop_nulls("both")
    whole = (paired if paired.height else parts).select(
        pl.lit("all").alias("product"),
        *(total(name).alias(name) for name in ("exports_usd", "imports_usd")),
        pl.col("edition").drop_nulls().first(),
        *(total(name).alias(name) for name in ("apart", "both")),
    )
    return whole.filter(pl.lit(parts.height > 0))


def _both_ways(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each product both directions, their sum and how far they are apart."""
    there = set(rows["flow"])
    sides = rows.group_by("product", maintain_order=True).agg(
        *(_one_way(flow, is_reported=flow in there) for flow in FLOWS),
        pl.col("edition").drop_nulls().first(),
    )
    sold, bought = pl.col("exports_usd"), pl.col("imports_usd")
    return sides.with_columns(
        (sold - bought).abs().alias("apart"), (sold + bought).alias("both")
    ).sort("product")


def _one_way(flow: str, *, is_reported: bool) -> pl.Expr:
    """One direction of a product: 0 where the report does not list it, null where it lists it
    without a value, or lists nothing of that direction."""
    of = pl.col("flow") == flow
    value = pl.when(of.any()).then(total("value_usd", of)).otherwise(0.0)
    return pl.when(pl.lit(is_reported)).then(value).alias(f"{flow}s_usd")


def trade_intensity(at: At, *, country: str, year: int | None = None) -> Answer:
    """Whether a country sells more to each partner than the partner's part in world imports.

    (exports to it / all exports) over (its imports / (all reporters' imports - the country's own)).
    Above 1 they trade more with each other than size alone says. A partner that has not reported
    its imports has none; `reporters` is how many have.
    """
    code = country.strip().upper()
    found = report(at, code, year, products=[TOTAL])
    imports = flows(at, found.year, found.year, level=0, partners=["WLD", "W00", "0"])
    stated = imports.frame.filter(pl.col("flow") == "import", is_country("reporter"))
    world = stated.select(
        pl.col("reporter").alias("partner"), pl.col("value_usd").alias("theirs_usd")
    )
    theirs = world.group_by("partner").agg(pl.col("theirs_usd").max()).sort("partner")
    own = theirs.filter(pl.col("partner") == code)["theirs_usd"].sum()
    rest = float(theirs["theirs_usd"].sum()) - float(own)
    exports = found.rows.filter(pl.col("flow") == "export")
    stated_total = exports.filter(pl.col("kind") == "world")["value_usd"].max()
    sold = exports.filter(pl.col("kind") == "country")
    total = stated_total if isinstance(stated_total, float) else float(sold["value_usd"].sum())
    lines = sold.select("partner", pl.col("value_usd").alias("exports_usd")).join(
        theirs, on="partner", how="left"
    )
    frame = lines.with_columns(
        pl.when((pl.col("theirs_usd") > 0) & (rest > 0) & (total > 0))
        .then((pl.col("exports_usd") / total) / (pl.col("theirs_usd") / rest))
        .alias("intensity"),
        pl.lit(theirs.height, pl.Int64).alias("reporters"),
        pl.lit(found.year, pl.Int32).alias("year"),
    ).rename({"theirs_usd": "partner_imports_usd"})
    ranked = frame.sort("intensity", "partner", descending=[True, False], nulls_last=True)
    return found.answer.join(imports, ranked, "share of exports over share of imports")


_ADVANTAGE = {
    "product": pl.String,
    "exports_usd": pl.Float64,
    "world_usd": pl.Float64,
    "rca": pl.Float64,
    "rsca": pl.Float64,
    "has_advantage": pl.Boolean,
    "is_small": pl.Boolean,
    "complexity": pl.Float64,
    "ubiquity": pl.Int64,
}
_SIMILARITY = {
    "country": pl.String,
    "similarity": pl.Float64,
    "exports_usd": pl.Float64,
}
_COMPLEXITY = {
    "country": pl.String,
    "complexity": pl.Float64,
    "diversity": pl.Int64,
    "exports_usd": pl.Float64,
    "products": pl.Int64,
}
