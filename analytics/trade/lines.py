"""Lines of a table of trade: a code with its value, share, growth, balance and unit value."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analytics.trade.editions import is_bridged
from analytics.trade.reading import opposite, total

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "code": pl.String,
    "kind": pl.String,
    "value_usd": pl.Float64,
    "share": pl.Float64,
    "previous_usd": pl.Float64,
    "growth": pl.Float64,
    "opposite_usd": pl.Float64,
    "balance_usd": pl.Float64,
    "net_weight_kg": pl.Float64,
    "unit_value_usd_kg": pl.Float64,
    "valuation": pl.String,
    "opposite_valuation": pl.String,
    "edition": pl.String,
    "previous_edition": pl.String,
    "break_reason": pl.String,
    "editions_in_report": pl.Int64,
    "reporters": pl.Int64,
    "codes": pl.Int64,
    "year": pl.Int32,
    "period": pl.String,
    "flow": pl.String,
    "known_at": pl.Datetime("us", "UTC"),
}
SHARED = ("country", "product")  # kinds of lines of which shares are taken
MIXED = "mixed"


def cells(
    rows: pl.DataFrame, flow: str, year: int, *, by: Sequence[str], goods: pl.Expr
) -> pl.DataFrame:
    """A line per code: this year, the year before, and the other direction. `goods` is the code of
    the goods of a line, by which two editions compare or not."""
    now = (pl.col("year") == year) & (pl.col("flow") == flow)
    before = (pl.col("year") == year - 1) & (pl.col("flow") == flow)
    other = (pl.col("year") == year) & (pl.col("flow") == opposite(flow))
    weighed = pl.col("net_weight_kg").filter(now)
    found = rows.group_by(by, maintain_order=True).agg(
        total("value_usd", now).alias("value_usd"),
        total("value_usd", before).alias("previous_usd"),
        total("value_usd", other).alias("opposite_usd"),
        pl.when(weighed.null_count() == 0, weighed.len() > 0)
        .then(weighed.sum())
        .alias("net_weight_kg"),
        _one("valuation", now).alias("valuation"),
        _one("valuation", other).alias("opposite_valuation"),
        _one("edition", now).alias("edition"),
        _one("edition", before).alias("previous_edition"),
        pl.col("editions").filter(now).max().cast(pl.Int64).alias("editions_in_report"),
        pl.col("reporter").filter(now).n_unique().cast(pl.Int64).alias("reporters"),
        _who(now).alias("who"),
        _who(before).alias("who_before"),
        pl.col("known_at").max(),
    )
    ratios = _with_ratios(found, goods, flow).drop("who", "who_before")
    return ratios.with_columns(pl.lit(year, pl.Int32).alias("year"), pl.lit(flow).alias("flow"))


def _who(where: pl.Expr) -> pl.Expr:
    """Those who report: as many may be others."""
    return pl.col("reporter").filter(where).unique().sort().str.join(" ")


def _one(column: str, where: pl.Expr) -> pl.Expr:
    """What all rows say, or that they say several things."""
    said = pl.col(column).filter(where).drop_nulls().unique(maintain_order=True)
    return pl.when(said.len() == 1).then(said.first()).when(said.len() > 1).then(pl.lit(MIXED))


def _with_ratios(frame: pl.DataFrame, goods: pl.Expr, flow: str) -> pl.DataFrame:
    sign = 1.0 if flow == "export" else -1.0
    comparable = is_bridged(goods, pl.col("edition"), pl.col("previous_edition"))
    both = pl.col("value_usd").is_not_null() & pl.col("previous_usd").is_not_null()
    reason = (
        pl.when(both & (pl.col("who") != pl.col("who_before")))
        .then(pl.lit("reporters"))
        .when(both & ~comparable)
        .then(pl.lit("edition"))
    )
    marked = frame.with_columns(
        reason.alias("break_reason"),
        (sign * (pl.col("value_usd") - pl.col("opposite_usd"))).alias("balance_usd"),
        pl.when(pl.col("net_weight_kg") > 0)
        .then(pl.col("value_usd") / pl.col("net_weight_kg"))
        .alias("unit_value_usd_kg"),
    )
    return marked.with_columns(
        pl.when(pl.col("break_reason").is_null() & (pl.col("previous_usd") > 0))
        .then(pl.col("value_usd") / pl.col("previous_usd") - 1.0)
        .alias("growth")
    )


def with_shares(frame: pl.DataFrame) -> pl.DataFrame:
    """Each country's or product's part of the positive values of all of them."""
    counted = pl.col("kind").is_in(SHARED) & (pl.col("value_usd") > 0)
    whole = pl.col("value_usd").filter(counted).sum()
    return frame.with_columns(
        pl.when(counted & (whole > 0)).then(pl.col("value_usd") / whole).alias("share")
    )


def with_other(frame: pl.DataFrame, top: int) -> pl.DataFrame:
    """The largest `top` lines of countries or products, the rest of them as one line."""
    ranked = frame.filter(pl.col("kind").is_in(SHARED)).sort(
        "value_usd", "code", descending=[True, False], nulls_last=True
    )
    rest = frame.filter(~pl.col("kind").is_in(SHARED))
    shown, left = ranked.head(top), ranked.slice(top)
    if not left.height:
        return pl.concat([shown, rest], how="diagonal")
    return pl.concat([shown, summed(left, "other", "other"), rest], how="diagonal")


def summed(left: pl.DataFrame, code: str, kind: str) -> pl.DataFrame:
    """Several lines as one; what not all of them state, such as a weight, is null."""
    said = ("valuation", "opposite_valuation", "edition", "previous_edition", "break_reason")
    every = pl.lit(value=True)
    whole = left.select(
        pl.lit(code).alias("code"),
        pl.lit(kind).alias("kind"),
        *(
            total(name).alias(name)
            for name in ("value_usd", "previous_usd", "opposite_usd", "share")
            if name in left.columns
        ),
        *(_one(name, every).alias(name) for name in said),
        pl.when(pl.col("net_weight_kg").null_count() == 0)
        .then(pl.col("net_weight_kg").sum())
        .alias("net_weight_kg"),
        pl.col("editions_in_report").max(),
        pl.col("reporters").max(),
        pl.len().cast(pl.Int64).alias("codes"),
        pl.col("year").first(),
        pl.col("flow").first(),
        pl.col("known_at").max(),
    )
    if not left.height:
        return whole.clear()
    sign = 1.0 if left["flow"][0] == "export" else -1.0
    return whole.with_columns(
        (sign * (pl.col("value_usd") - pl.col("opposite_usd"))).alias("balance_usd"),
        pl.when(pl.col("break_reason").is_null() & (pl.col("previous_usd") > 0))
        .then(pl.col("value_usd") / pl.col("previous_usd") - 1.0)
        .alias("growth"),
    )


def shaped(frame: pl.DataFrame, period: str) -> pl.DataFrame:
    """The columns of a table of lines of a year or month, in their order and types."""
    frame = frame.with_columns(pl.lit(period).alias("period"))
    missing = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in SCHEMA.items()
        if name not in frame.columns
    ]
    filled = frame.with_columns(missing).with_columns(
        pl.when(pl.col("kind") == "other").then("codes").otherwise(1).alias("codes")
    )
    return filled.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
