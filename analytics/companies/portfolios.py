"""What managers hold by Form 13F: who files, one portfolio, and overlap with a list."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from analytics.companies.holdings_reading import (
    NOT_REPORTED,
    due_quarter,
    quarter_holdings,
)
from analytics.core.catalogue import run
from data.errors import ConfigError
from data.query import Answer, At

BACK_DAYS = 460  # how old a manager's last quarter may be to be listed
LATEST_DAYS = 1200  # and to be shown when it is asked for
PORTFOLIO_COLUMNS = (
    *("manager", "manager_name", "period_end", "cusip", "issuer", "title_of_class", "symbol"),
    *("ticker", "company"),
    *("put_call", "amount_kind", "value_usd", "weight", "amount", "previous_amount", "change"),
    *("change_share", "action", "implied_price", "close", "price_ratio", "flag"),
    *("previous_flag", "filed_on", "accession", "known_at"),
)


def fund_filers(at: At) -> Answer:
    """Managers with 13F filings known at the clock: the last quarter of each and its sums.

    `value_usd` is that of shares and bonds, `options_usd` of the underlyings of options. `nothing`
    says why there is no position: none held, or reported by others. `additions` counts amendments
    that add, `is_restated` says whether one replaced the first filing, `has_base` whether the
    report that amendments add to is known.
    """
    day = at.as_of.date()
    filed = run(
        at, "parts/fund_filings", first=day - timedelta(days=BACK_DAYS), last=day, managers=[]
    )
    last = pl.col("period_end") == pl.col("period_end").max().over("manager")
    frame = filed.frame.filter(last).sort(
        "value_usd", "manager", descending=[True, False], nulls_last=True
    )
    return filed.derive(frame, "the last quarter of each manager")


def fund_portfolio(at: At, *, manager: str, quarter: date | None = None) -> Answer:
    """A manager's portfolio by its 13F filings at the clock, largest first, with what changed.

    Without a quarter the last one that it filed for. A RESTATEMENT replaces what was filed, NEW
    HOLDINGS adds to it. `weight` is the part of shares and bonds; options have none. Positions that
    it no longer holds are `closed`. `symbol` is the instrument whose ISIN holds the CUSIP, null
    where there is none. No row where it reports no position: see `fund_filers`.
    """
    chosen, filed = quarter, None
    if chosen is None:
        day = at.as_of.date()
        filed = run(
            at,
            "parts/fund_filings",
            first=day - timedelta(days=LATEST_DAYS),
            last=day,
            managers=[manager],
        )
        known = filed.frame["period_end"].to_list()
        if not known:
            raise ConfigError(
                f"manager={manager[:60]!r}: no 13F filing of it is known at this time; see the "
                "managers that file (fund_filers)"
            )
        chosen = max(known)
    found = quarter_holdings(at, due_quarter(at, chosen), managers=[manager])
    rows = found.positions.filter(pl.col("action") != NOT_REPORTED).select(PORTFOLIO_COLUMNS)
    ordered = rows.sort(
        pl.col("put_call") != "none",
        "value_usd",
        "cusip",
        "put_call",
        "amount_kind",
        descending=[False, True, False, False, False],
        nulls_last=True,
    )
    answer = found.answer if filed is None else found.answer.join(filed, ordered, "")
    return answer.derive(ordered, "positions beside those of the quarter before")


def portfolio_overlap(at: At, *, symbols: list[str], quarter: date | None = None) -> Answer:
    """How far managers' portfolios overlap with a list of instruments, the most first.

    `held` of the `listed` names with a CUSIP are in the portfolio, by shares; they are `weight` of
    its value. `overlap` adds up, over the names, the smaller of the weight in the portfolio and
    the weight in a list of equal weights: 1 where both are the same.
    """
    codes = run(at, "parts/cusip_instruments", cusips=[], symbols=symbols or ["none"], companies=[])
    cusips = codes.frame["cusip"].to_list()
    found = quarter_holdings(at, due_quarter(at, quarter), cusips=cusips or ["none"])
    listed = len(cusips)
    equal = 1.0 / max(listed, 1)
    is_share = (pl.col("put_call") == "none") & (pl.col("amount_kind") == "SH")
    owned = found.positions.filter(is_share, pl.col("has_report"), pl.col("amount") > 0)
    frame = (
        owned.group_by("manager", "manager_name")
        .agg(
            pl.len().alias("held"),
            pl.col("value_usd").sum(),
            pl.col("weight").sum(),
            pl.min_horizontal("weight", pl.lit(equal)).sum().alias("overlap"),
            pl.col("symbol").sort().str.join(" ").alias("names"),
            pl.col("flag").is_not_null().sum().alias("flagged"),
        )
        .with_columns(pl.lit(listed).alias("listed"), pl.lit(found.quarter).alias("period_end"))
        .sort("overlap", "manager", descending=[True, False])
    )
    return found.answer.join(codes, frame, "positions in the names of the list, by manager")
