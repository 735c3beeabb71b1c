"""Managers by name, what each filed, and how far their portfolios are alike."""

from __future__ import annotations

from datetime import date

import polars as pl

from analytics.companies.holding_history import IS_SHARE
from analytics.companies.holdings_reading import due_quarter, quarter_holdings
from analytics.companies.portfolios import LATEST_DAYS, fund_filers
from analytics.core.catalogue import run
from data.query import Answer, At


def company_securities(at: At, *, company: str) -> Answer:
    """The instruments of a company and the CUSIP of each, by which 13F positions are matched.

    `cusip` is null where the ISIN is not known or is not American or Canadian: positions in it
    cannot be matched, and nothing is guessed from names.
    """
    return run(at, "parts/company_securities", company=company)


def fund_directory(at: At) -> Answer:
    """Managers whose filings are known at the clock, in the columns of the directory by name."""
    filers = fund_filers(at)
    frame = filers.frame.select(
        pl.lit("manager").alias("kind"),
        pl.col("manager").alias("id"),
        pl.lit(None, pl.String).alias("code"),
        pl.col("manager_name").alias("label"),
        pl.format("last quarter {}", pl.col("period_end").dt.strftime("%b %Y")).alias("detail"),
        pl.col("manager").alias("more"),
        pl.lit(value=False).alias("bare"),
    ).sort("label", "id")
    return filers.derive(frame, "the managers by name")


def fund_filing_list(at: At, *, manager: str, quarter: date | None = None) -> Answer:
    """The 13F filings of a manager for quarters up to one, newest first, with those that amend.

    `counts` says whether the filing is part of the portfolio at the clock: a report that was
    restated no longer is. `is_repeat` is an addition that says again what was added before.
    """
    last = quarter or at.as_of.date()
    first = date.fromordinal(last.toordinal() - LATEST_DAYS)
    return run(at, "parts/filing_list", first=first, last=last, managers=[manager])


def fund_overlap(at: At, *, manager: str, quarter: date | None = None) -> Answer:
    """How far the portfolios of other managers are like that of one, the most alike first.

    `shared` counts the securities that both hold in shares; `overlap` adds up the smaller of the
    two weights over them: 1 where both portfolios are the same. `own_weight` and `weight` are the
    parts of each portfolio that lie in them.
    """
    end = due_quarter(at, quarter)
    own = run(at, "parts/fund_positions", first=end, last=end, managers=[manager], cusips=[])
    cusips = own.frame.filter(IS_SHARE, pl.col("amount") > 0)["cusip"].to_list()
    found = quarter_holdings(at, end, cusips=cusips or ["none"])
    held = found.positions.filter(IS_SHARE, pl.col("has_report"), pl.col("amount") > 0)
    mine = held.filter(pl.col("manager") == manager).select(
        "cusip", pl.col("weight").alias("own_weight")
    )
    frame = (
        held.filter(pl.col("manager") != manager)
        .join(mine, on="cusip")
        .group_by("manager", "manager_name")
        .agg(
            pl.len().alias("shared"),
            pl.min_horizontal("weight", "own_weight").sum().alias("overlap"),
            pl.col("own_weight").sum(),
            pl.col("weight").sum(),
            pl.col("value_usd").sum(),
        )
        .with_columns(pl.lit(mine.height).alias("positions"), pl.lit(end).alias("period_end"))
        .sort("overlap", "manager", descending=[True, False])
    )
    return found.answer.join(own, frame, "positions in the securities of one manager, by manager")


def shared_positions(at: At, *, manager: str, rival: str, quarter: date | None = None) -> Answer:
    """What two managers hold of the same securities in shares, by the smaller of the two weights.

    Every security that either holds has a row; `common` is 0 where one of them has none.
    """
    found = quarter_holdings(at, due_quarter(at, quarter), managers=[manager, rival])
    held = found.positions.filter(IS_SHARE, pl.col("has_report"), pl.col("amount") > 0)
    about = ("cusip", "issuer", "symbol", "ticker", "company")
    sides = [
        held.filter(pl.col("manager") == name).select(
            *about,
            pl.col("weight").alias(f"weight_{side}"),
            pl.col("value_usd").alias(f"value_usd_{side}"),
        )
        for side, name in (("a", manager), ("b", rival))
    ]
    joined = sides[0].join(sides[1], on="cusip", how="full", coalesce=True, suffix="_other")
    frame = joined.select(
        "cusip",
        *(pl.coalesce(name, f"{name}_other").alias(name) for name in about[1:]),
        *("weight_a", "weight_b", "value_usd_a", "value_usd_b"),
        pl.min_horizontal(
            pl.col("weight_a").fill_null(0.0), pl.col("weight_b").fill_null(0.0)
        ).alias("common"),
    ).sort("common", "cusip", descending=[True, False])
    return found.answer.derive(frame, "two portfolios beside each other")
