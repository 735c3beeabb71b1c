"""What the analytics of Form 13F read: positions of a quarter beside those of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from analytics.companies.holding_flags import flagged
from analytics.core.catalogue import run
from data.datasets.fund_holdings import NOTICE
from data.errors import ConfigError
from data.query import Answer, At, Value

DUE_DAYS = 47  # filings are due after 45 days, or on the Monday after
OLDEST_CLOSE = 7  # days before a quarter's end
KEY = ["manager", "cusip", "put_call", "amount_kind"]
NOT_REPORTED, NO_EARLIER = "not reported", "no earlier report"


@dataclass(frozen=True, slots=True)
class QuarterHoldings:
    """Positions of a quarter and of the one before, each with its manager's filings, under one
    answer, with a row for each that stands in either."""

    quarter: date
    answer: Answer
    positions: pl.DataFrame


def quarter_end(day: date) -> date:
    """The last quarter's end up to a day."""
    month = (day.month - 1) // 3 * 3 + 1
    this = date(day.year, month, 1)
    after = date(day.year + month // 10, (month + 3 - 1) % 12 + 1, 1)
    return after - timedelta(days=1) if day == after - timedelta(days=1) else this - timedelta(1)


def quarter_before(quarter: date) -> date:
    """The end of the quarter before one."""
    return quarter_end(quarter - timedelta(days=1))


def due_quarter(at: At, quarter: date | None) -> date:
    """The quarter that is asked for, else the last one whose filings are due at the clock."""
    if quarter is None:
        return quarter_end((at.as_of - timedelta(days=DUE_DAYS)).date())
    if quarter != quarter_end(quarter):
        raise ConfigError(
            f"quarter={quarter}: expected the last day of one, as {date(2025, 9, 30)}"
        )
    return quarter


def quarter_holdings(
    at: At, quarter: date, *, managers: Sequence[str] = (), cusips: Sequence[str] = ()
) -> QuarterHoldings:
    """Positions of some managers or in some securities, all without a list, and what changed."""
    before = quarter_before(quarter)
    span: dict[str, Value] = {"first": before, "last": quarter}
    holders = None
    if cusips and not managers:  # the filings of all others need not be weighed
        holders = run(at, "parts/cusip_managers", **span, cusips=list(cusips))
        managers = holders.frame["manager"].to_list() or ["none"]
    span["managers"] = list(managers)
    filed = run(at, "parts/fund_filings", **span)
    held = run(at, "parts/fund_positions", **span, cusips=list(cusips))
    codes = sorted(set(held.frame["cusip"]))
    named = run(at, "parts/cusip_instruments", cusips=codes or ["none"], symbols=[], companies=[])
    symbols = named.frame["symbol"].to_list()
    priced, answer = {}, filed.join(held, held.frame, "").join(named, held.frame, "")
    for day in (quarter, before):
        closes = run(
            at,
            "parts/quarter_closes",
            symbols=symbols,
            before=quarter_before(day),
            day=day,
            oldest=OLDEST_CLOSE,
        )
        priced[day] = named.frame.join(closes.frame, on="symbol", how="left")
        answer = answer.join(closes, held.frame, "")
    if holders is not None:
        answer = answer.join(holders, held.frame, "")
    rows = _changes(_compared(held.frame, filed.frame, priced, quarter))
    return QuarterHoldings(quarter, answer, rows)


def _compared(
    held: pl.DataFrame, filed: pl.DataFrame, priced: dict[date, pl.DataFrame], quarter: date
) -> pl.DataFrame:
    """Each position of either quarter, with whether its manager reported in both."""
    before = quarter_before(quarter)
    now, then = (
        flagged(
            held.filter(pl.col("period_end") == day)
            .drop("period_end")
            .join(priced[day].select("cusip", "close"), on="cusip", how="left")
        )
        for day in (quarter, before)
    )
    then = then.select(
        *KEY,
        pl.col("amount").alias("amount_then"),
        pl.col("value_usd").alias("previous_value_usd"),
        pl.col("flag").alias("previous_flag"),
        pl.col("issuer").alias("issuer_then"),
        pl.col("title_of_class").alias("title_then"),
    )
    told = (pl.col("nothing") != NOTICE).fill_null(value=True)
    this = filed.filter(pl.col("period_end") == quarter).select(
        "manager",
        told.alias("has_report"),
        pl.col("value_usd").alias("portfolio_usd"),
        *("filed_on", "additions", "is_restated"),
    )
    last = filed.filter(pl.col("period_end") == before).select("manager", told.alias("had_report"))
    names = (
        filed.sort("period_end").unique("manager", keep="last").select("manager", "manager_name")
    )
    instruments = priced[quarter].select("cusip", "symbol", "ticker", "company", "split")
    return (
        now.join(then, on=KEY, how="full", coalesce=True)
        .join(this, on="manager", how="left")
        .join(last, on="manager", how="left")
        .join(names, on="manager", how="left")
        .join(instruments, on="cusip", how="left")
        .with_columns(
            pl.lit(quarter).alias("period_end"),
            pl.coalesce("issuer", "issuer_then").alias("issuer"),
            pl.coalesce("title_of_class", "title_then").alias("title_of_class"),
            pl.col("has_report", "had_report").fill_null(value=False),
        )
        .sort(KEY)
    )


def _changes(rows: pl.DataFrame) -> pl.DataFrame:
    """Amounts of the quarter before on the footing of this one (splits of shares undone), and what
    was done; a manager that did not report is not taken for one that sold."""
    split = pl.when(pl.col("amount_kind") == "SH").then(pl.col("split")).otherwise(None)
    previous = pl.col("amount_then") * split.fill_null(1.0)
    made = rows.with_columns(
        *(
            pl.when("has_report").then(pl.col(name).fill_null(0.0)).otherwise(name).alias(name)
            for name in ("amount", "value_usd")
        ),
        pl.when("had_report")
        .then(previous.fill_null(0.0))
        .otherwise(previous)
        .alias("previous_amount"),
    ).with_columns((pl.col("amount") - pl.col("previous_amount")).alias("change"))
    is_held = pl.col("put_call") == "none"
    action = (
        pl.when(~pl.col("has_report"))
        .then(pl.lit(NOT_REPORTED))
        .when(~pl.col("had_report"))
        .then(pl.lit(NO_EARLIER))
        .when(pl.col("amount") == 0)
        .then(pl.lit("closed"))
        .when(pl.col("previous_amount") == 0)
        .then(pl.lit("new"))
        .when(pl.col("change").abs() < 0.5)
        .then(pl.lit("unchanged"))
        .when(pl.col("change") > 0)
        .then(pl.lit("increased"))
        .otherwise(pl.lit("reduced"))
    )
    return made.with_columns(
        pl.when(pl.col("previous_amount") > 0)
        .then(pl.col("change") / pl.col("previous_amount"))
        .alias("change_share"),
        action.alias("action"),
        pl.when(is_held & (pl.col("portfolio_usd") > 0))
        .then(pl.col("value_usd") / pl.col("portfolio_usd"))
        .alias("weight"),
    )
