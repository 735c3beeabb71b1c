"""Ratios of one company by period, each as first filed, as it stands, and as it was before."""

from __future__ import annotations

import polars as pl

from analytics.companies.facts import CompanyFacts, company_facts
from analytics.companies.measures import ends_of_flows, measures, with_year_before
from analytics.companies.ratio_list import RATIOS, is_bank, with_ratios
from analytics.companies.share_prices import company_prices
from analytics.companies.statements import RESTATED
from data.query import Answer, At

READINGS = {"value": "value", "first": "first_value", "was": "was_value"}
PAST = "past_period"


def company_ratios(at: At, *, company: str, top: int = 12, leases: bool = False) -> Answer:
    """Every ratio of one company over twelve months to the end of each of its last quarters.

    `value` is the ratio of the figures that stand at the clock, `first_value` that of those that
    were filed first, `was` that before the last restatement, null where nothing was restated.
    `reason` says why there is none: `no_debt`, `not_meaningful`, `bank`, `negative_equity`,
    `split`, `not_stated` and others. Ratios of the price are of the last period alone, at the last
    close. `link` says by what a source's instrument was taken for the share, or why none was.
    With `leases` lease liabilities count as debt.
    """
    found = company_facts(at, company)
    ends = with_year_before(ends_of_flows(found.facts))
    last = ends["period_end"].max()
    shown = ends.sort("period_end", descending=True).head(max(top, 0))
    parts: dict[str, pl.DataFrame] = {}
    answer = found.answer
    # Where nothing was restated, all three readings are one.
    is_restated = bool(found.facts["restated"].any())
    for name, column in READINGS.items():
        if name != "value" and not is_restated:
            parts[name] = parts["value"]
            continue
        measured = _with_about(measures(found.facts, shown, column, leases=leases), found)
        newest = measured.filter(pl.col("period_end") == pl.lit(last, pl.Date))
        prices = company_prices(newest.drop_nulls("known_at"), at, [company])
        if name == "value":
            answer = answer.join(prices, prices.frame, "")
        priced = measured.join(
            prices.frame.with_columns(pl.lit(last, pl.Date).alias("period_end")),
            on=["company", "period_end"],
            how="left",
            maintain_order="left",
        )
        parts[name] = _long(with_ratios(priced), last=pl.lit(last, pl.Date))
    return answer.derive(_side_by_side(parts), "ratios of these lines of accounts")


def _with_about(measured: pl.DataFrame, found: CompanyFacts) -> pl.DataFrame:
    sector, industry = pl.lit(found.sector, pl.String), pl.lit(found.industry, pl.String)
    return measured.with_columns(is_bank(sector, industry).alias("is_bank"))


def _long(wide: pl.DataFrame, last: pl.Expr) -> pl.DataFrame:
    """One row a period and ratio."""
    frames = []
    for place, one in enumerate(RATIOS):
        reason = pl.col(f"{one.name}_reason")
        if one.needs_price:
            reason = pl.when(pl.col("period_end") < last).then(pl.lit(PAST)).otherwise(reason)
        frames.append(
            wide.select(
                "company",
                pl.lit(one.name).alias("ratio"),
                pl.lit(one.label).alias("label"),
                pl.lit(one.unit).alias("unit"),
                "period_end",
                pl.col(one.name).alias("value"),
                reason.alias("reason"),
                "currency",
                "price_date",
                "link",
                "known_at",
                "debt_note",
                pl.lit(place).alias("place"),
            )
        )
    return pl.concat(frames)


def _side_by_side(parts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The three readings of each ratio in one row."""
    by = ["ratio", "period_end"]
    frame = parts["value"]
    for name in ("first", "was"):
        other = parts[name].select(*by, pl.col("value").alias(name))
        frame = frame.join(other, on=by, how="left", maintain_order="left")
    changed = ((pl.col("was") - pl.col("value")).abs() > RESTATED * pl.col("value").abs()) | pl.col(
        "value"
    ).is_null().xor(pl.col("was").is_null())
    is_debt = pl.col("ratio").str.contains("debt|^ev_")
    return frame.sort("period_end", "place", descending=[True, False]).select(
        *("company", "ratio", "label", "unit", "period_end", "value", "reason"),
        pl.col("first").alias("first_value"),
        pl.when(changed).then("was").alias("was"),
        changed.fill_null(value=False).alias("restated"),
        pl.when(is_debt).then("debt_note").alias("note"),
        *("currency", "price_date", "link", "known_at"),
    )
