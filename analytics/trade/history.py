"""A flow over time: by year, and by month.

Years and months are reports of their own and never mixed: a year is not the sum of its months. Of
months there is a sum over twelve, and only where all twelve are there and compare.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analytics.trade.areas import side
from analytics.trade.concentration import hhi, partners, spread, word
from analytics.trade.dependency import FLOOR, INSUFFICIENT
from analytics.trade.editions import TOTAL, is_bridged
from analytics.trade.flows import placed
from analytics.trade.periods import last_month
from analytics.trade.reading import (
    FIRST_YEAR,
    checked_flow,
    checked_month,
    last_year,
    month_flows,
    report,
)
from analytics.trade.reading import total as known_sum
from data.query import Answer, At

YEAR_OF_MONTHS = 12


def trade_history(
    at: At,
    *,
    country: str,
    partner: str | None = None,
    product: str = TOTAL,
    flow: str = "export",
) -> Answer:
    """A flow by year with its growth, and how concentrated its partners were.

    With a partner its values; without one the World that is stated, or the sum over partners where
    none is (`is_sum`). `break_reason` says why there is no growth: another edition of the goods,
    other reporters of the group, or a year that is missing. `hhi` is of the shares of countries;
    where these are less than 0.8 of a World that is stated, it is null and `concentration` is
    `insufficient coverage`.
    """
    checked_flow(flow)
    last, seen = last_year(at, country)
    found = report(at, country, last, back=last - FIRST_YEAR, products=[product], flow=flow)
    rows = placed(found.rows, found.side).filter(pl.col("flow") == flow)
    frame = _over_years(_by_period(rows, ["year"], partner), product)
    return found.answer.join(seen, frame, "a row per year, growth between years that compare")


def trade_month_history(
    at: At,
    *,
    country: str,
    partner: str | None = None,
    product: str = TOTAL,
    flow: str = "export",
) -> Answer:
    """A flow by month, against the same month of the year before, and its sum over twelve months.

    Values, `is_sum` and `hhi` are as in `trade_history`. `growth` is over the month twelve months
    before; `break_reason` says why there is none: another edition of the goods, other reporters of
    the group, or a month that is missing. `sum_12_usd` is of the month and the eleven before it,
    where all of them are there, of the same reporters and comparable goods.
    """
    checked_flow(flow)
    last, seen = last_month(at, country)
    newest = at.as_of.year
    group, told = side(at, country, newest if last is None else checked_month(last)[0])
    answer = month_flows(
        at, FIRST_YEAR, newest, None, flow, reporters=group.members, products=[product]
    )
    rows = placed(answer.frame, group)
    frame = _over_months(_by_period(rows, ["year", "month"], partner), product)
    whole = answer if told is None else answer.join(told, frame, "")
    return whole.join(seen, frame, "a row per month, growth over the same month a year before")


def _by_period(rows: pl.DataFrame, by: Sequence[str], partner: str | None) -> pl.DataFrame:
    """A line per year or month: the value, what it is made of, and its partners' concentration."""
    parts = ~pl.col("kind").is_in(["world", "inside"])
    country_rows = rows.filter(pl.col("kind") == "country")
    by_partner = country_rows.group_by(*by, "partner", maintain_order=True).agg(
        pl.col("value_usd").sum()
    )
    spreads = by_partner.group_by(by, maintain_order=True).agg(
        hhi().alias("hhi"), partners().alias("partners")
    )
    lines = rows.group_by(by, maintain_order=True).agg(
        known_sum("value_usd", pl.col("kind") == "inside").alias("inside_usd"),
        known_sum("value_usd", parts).alias("sum_usd"),
        known_sum("value_usd", pl.col("kind") == "unspecified").alias("unspecified_usd"),
        known_sum("value_usd", pl.col("kind") == "country").alias("named_usd"),
        pl.col("edition").drop_nulls().unique().sort().str.join(", ").alias("edition"),
        pl.col("valuation").drop_nulls().unique().sort().str.join(", ").alias("valuation"),
        pl.col("reporter").unique().sort().str.join(" ").alias("reporters"),
        pl.col("known_at").max(),
    )
    whole = _value(rows, by)
    value = whole if partner is None else _with_partner(rows, by, partner)
    stated = whole.filter(~pl.col("is_sum")).select(*by, pl.col("value_usd").alias("whole_usd"))
    joined = lines.join(spreads, on=by, how="left").join(stated, on=by, how="left")
    is_thin = (pl.col("named_usd").fill_null(0.0) < FLOOR * pl.col("whole_usd")).fill_null(
        value=False
    )
    scored = joined.with_columns(
        is_thin.alias("is_thin"), pl.when(~is_thin).then("hhi").alias("hhi")
    )
    return scored.join(value, on=by, how="left").sort(by)


def _value(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Of each reporter the World that it states, less what is inside the group, or else the sum
    over its partners (`is_sum`)."""
    each = rows.group_by(*by, "reporter", maintain_order=True).agg(
        known_sum("value_usd", pl.col("kind") == "world").alias("stated"),
        known_sum("value_usd", pl.col("kind") == "inside").alias("inside"),
        known_sum("value_usd", ~pl.col("kind").is_in(["world", "inside"])).alias("sum"),
    )
    value = pl.coalesce(pl.col("stated") - pl.col("inside").fill_null(0.0), "sum")
    told = each.with_columns(value.alias("value_usd"))
    return told.group_by(by, maintain_order=True).agg(
        known_sum("value_usd").alias("value_usd"), pl.col("stated").is_null().any().alias("is_sum")
    )


def _with_partner(rows: pl.DataFrame, by: Sequence[str], partner: str) -> pl.DataFrame:
    is_wanted = pl.col("partner") == partner.strip().upper()
    return rows.group_by(by, maintain_order=True).agg(
        known_sum("value_usd", is_wanted).alias("value_usd"),
        pl.lit(value=False).alias("is_sum"),
    )


def _over_years(lines: pl.DataFrame, product: str) -> pl.DataFrame:
    missing = pl.col("year") != pl.col("year").shift(1) + 1
    reason = (
        pl.when(pl.col("year").shift(1).is_null())
        .then(None)
        .when(missing)
        .then(pl.lit("missing year"))
        .otherwise(_other(product, 1))
    )
    named = lines.with_columns(reason.alias("break_reason"))
    return _measured(named, 1).select(
        *("year", "value_usd", "is_sum", "growth", "break_reason"),
        *("sum_usd", "unspecified_usd", "inside_usd"),
        *("hhi", "hhi_normalised", "effective_partners", "partners", "concentration"),
        *("edition", "valuation", "reporters", "known_at"),
    )


def _over_months(lines: pl.DataFrame, product: str) -> pl.DataFrame:
    """Over a calendar without holes, so that the row twelve before is the same month."""
    place = (pl.col("year") * YEAR_OF_MONTHS + pl.col("month") - 1).cast(pl.Int64)
    placed_lines = lines.with_columns(place.alias("place"))
    first, last = placed_lines["place"].min(), placed_lines["place"].max()
    ends = (first, last + 1) if isinstance(first, int) and isinstance(last, int) else (0, 0)
    calendar = pl.DataFrame({"place": pl.int_range(*ends, eager=True)})
    every = calendar.join(placed_lines, on="place", how="left", maintain_order="left")
    is_missing = pl.col("reporters").shift(YEAR_OF_MONTHS).is_null()
    reason = (
        pl.when(pl.int_range(pl.len()) < YEAR_OF_MONTHS)
        .then(None)
        .when(is_missing)
        .then(pl.lit("missing month"))
        .otherwise(_other(product, YEAR_OF_MONTHS))
    )
    same = (pl.col("reporters") == pl.col("reporters").shift(1)) & _other(product, 1).is_null()
    follows = pl.all_horizontal(
        same.shift(back).fill_null(value=False) for back in range(YEAR_OF_MONTHS - 1)
    )
    twelve = pl.col("value_usd")
    for back in range(1, YEAR_OF_MONTHS):
        twelve = twelve + pl.col("value_usd").shift(back)
    summed = every.with_columns(
        reason.alias("break_reason"),
        pl.when(follows).then(twelve).alias("sum_12_usd"),
        pl.col("value_usd").shift(YEAR_OF_MONTHS).alias("previous_usd"),
        pl.concat_str(
            pl.col("year").cast(pl.String).str.zfill(4),
            pl.col("month").cast(pl.String).str.zfill(2),
            separator="-",
        ).alias("period"),
    )
    grown = _growth("sum_12_usd", YEAR_OF_MONTHS).alias("sum_12_growth")
    shown = _measured(summed.with_columns(grown), YEAR_OF_MONTHS)
    return shown.filter(pl.col("reporters").is_not_null()).select(
        *("period", "year", pl.col("month").cast(pl.Int32), "value_usd", "is_sum", "previous_usd"),
        *("growth", "break_reason", "sum_12_usd", "sum_12_growth"),
        *("sum_usd", "unspecified_usd", "inside_usd"),
        *("hhi", "hhi_normalised", "effective_partners", "partners", "concentration"),
        *("edition", "valuation", "reporters", "known_at"),
    )


def _other(product: str, back: int) -> pl.Expr:
    """Why a row does not compare with the one so many before it, where that is there."""
    same = is_bridged(pl.lit(product), pl.col("edition"), pl.col("edition").shift(back))
    return (
        pl.when(pl.col("reporters") != pl.col("reporters").shift(back))
        .then(pl.lit("reporters"))
        .when(~same)
        .then(pl.lit("edition"))
    )


def _growth(column: str, back: int) -> pl.Expr:
    past = pl.col(column).shift(back)
    return pl.when(pl.col("break_reason").is_null() & (past > 0)).then(pl.col(column) / past - 1.0)


def _measured(lines: pl.DataFrame, back: int) -> pl.DataFrame:
    """With growth, the number of reporters, and what follows from the concentration."""
    return lines.with_columns(
        _growth("value_usd", back).alias("growth"),
        pl.col("reporters").str.count_matches(" ").cast(pl.Int64) + 1,
        *spread(),
        pl.when("is_thin").then(pl.lit(INSUFFICIENT)).otherwise(word()).alias("concentration"),
    )
