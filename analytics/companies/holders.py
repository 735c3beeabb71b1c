"""Who holds a security by Form 13F, and how crowded it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from analytics.companies.holdings_reading import (
    NOT_REPORTED,
    QuarterHoldings,
    due_quarter,
    quarter_before,
    quarter_holdings,
)
from analytics.core.catalogue import run
from data.errors import ConfigError
from data.query import Answer, At, Value

ACTIONS = ("new", "increased", "reduced", "closed")
HOLDER_COLUMNS = (
    *("manager", "manager_name", "period_end", "symbol", "cusip", "put_call", "amount_kind"),
    *("amount", "value_usd", "of_outstanding", "weight", "previous_amount", "change"),
    *("change_share", "action", "implied_price", "close", "price_ratio", "flag"),
    *("previous_flag", "filed_on", "additions", "is_restated", "accession", "known_at"),
)


def fund_holders(at: At, *, symbol: str, quarter: date | None = None) -> Answer:
    """Managers that hold a security by their 13F filings at the clock, largest first, with changes.

    `symbol` is an instrument, or a company: then all its shares. Without a quarter the last one
    whose filings are due. Shares of the quarter before are on the
    footing of this one (splits). `action` is `new`, `increased`, `reduced`, `unchanged` or `closed`
    where the manager reported both quarters; one that has not reported this one is `not reported`,
    never `closed`. Options and bonds have rows of their own and are no part of the shares;
    `of_outstanding` is the part of the shares in issue, counted as at the quarter's end (splits).
    `flag` says what the price contradicts.
    """
    found, codes = _of_symbols(at, [symbol], quarter, [symbol])
    if not codes.frame.height:
        raise ConfigError(
            f"symbol={symbol[:60]!r}: its ISIN is not known or holds no CUSIP, so no 13F position "
            "can be matched; choose an American or Canadian share"
        )
    in_issue = codes.frame.select("cusip", "in_issue")
    rows = found.positions.join(in_issue, on="cusip", how="left", maintain_order="left")
    rows = rows.with_columns(
        pl.when(pl.col("put_call") == "none", pl.col("amount_kind") == "SH")
        .then(pl.col("amount") / pl.col("in_issue"))
        .alias("of_outstanding")
    )
    ordered = rows.select(HOLDER_COLUMNS).sort(
        pl.col("put_call").replace_strict({"none": 0, "call": 1, "put": 2}, default=3),
        "amount_kind",
        "value_usd",
        "manager",
        descending=[False, True, True, False],
        nulls_last=True,
    )
    return found.answer.join(codes, ordered, "positions of two quarters, matched by CUSIP")


def holding_crowding(at: At, *, symbols: list[str], quarter: date | None = None) -> Answer:
    """How crowded securities are by 13F: holders and their changes, part of the shares in issue.

    `concentration` is the Herfindahl index of the reported shares (1 for one holder), `largest` the
    share of the largest holder. `net_change` adds up the shares bought and sold by the managers
    that reported both quarters; it and the counts of changes are null where nobody filed for the
    quarter before. `flagged` positions count, and are counted. Options stand apart.
    `reports` is how many managers filed for the quarter at all.
    Every symbol has a row: `holders` is null where it has no CUSIP, and 0 where nobody reports it.
    """
    found, codes = _of_symbols(at, symbols, quarter)
    reports = run(
        at, "parts/quarter_reports", first=quarter_before(found.quarter), last=found.quarter
    )
    has_before = quarter_before(found.quarter) in reports.frame["period_end"]
    of_quarter = reports.frame.filter(period_end=found.quarter)["reports"].sum()
    rows = pl.DataFrame({"symbol": list(dict.fromkeys(symbols))}, schema={"symbol": pl.String})
    rows = rows.join(codes.frame, on="symbol", how="left", maintain_order="left")
    for part in counted_by_security(found.positions):
        rows = rows.join(part, on="cusip", how="left", maintain_order="left")
    has_code = pl.col("cusip").is_not_null()
    frame = rows.select(
        *("symbol", "cusip"),
        pl.lit(found.quarter).alias("period_end"),
        pl.lit(of_quarter).alias("reports"),
        *(
            pl.when(has_code & (has_before or name not in ACTIONS))
            .then(pl.col(name).fill_null(0))
            .cast(pl.Int64)
            .alias(name)
            for name in ("holders", *ACTIONS, "flagged")
        ),
        "amount",
        pl.when(has_before).then("net_change").alias("net_change"),
        "value_usd",
        (pl.col("amount") / pl.col("in_issue")).alias("of_outstanding"),
        *("concentration", "largest", "median_weight", "puts_usd", "calls_usd"),
    )
    answer = found.answer.join(reports, frame, "")
    return answer.join(codes, frame, "holders counted for each security")


def crowded_securities(at: At, *, quarter: date | None = None, top: int = 50) -> Answer:
    """The securities that most managers hold in shares by 13F, and how that moved in a quarter.

    `holders` and `previous_holders` count all that filed, the latter null where nobody did; `new`,
    `increased`, `reduced` and `closed` count those that reported both quarters, null where nobody
    filed for the one before. `ticker` and `company` are null where no instrument has the CUSIP.
    Other columns are those of `holding_crowding`.
    """
    end = due_quarter(at, quarter)
    span: dict[str, Value] = {"first": quarter_before(end), "last": end, "managers": []}
    most = run(at, "parts/crowded_securities", **span, top=top)
    found = quarter_holdings(at, end, cusips=most.frame["cusip"].to_list() or ["none"])
    codes = run(
        at,
        "parts/cusip_instruments",
        cusips=most.frame["cusip"].to_list() or ["none"],
        symbols=[],
        companies=[],
    )
    about = _in_issue(at, codes, end)
    of_code = about.frame.select("cusip", "symbol", "ticker", "company", "in_issue")
    rows = most.frame.join(of_code, on="cusip", how="left", maintain_order="left")
    for part in counted_by_security(found.positions):
        rows = rows.join(
            part.drop("holders", "value_usd", strict=False),
            on="cusip",
            how="left",
            maintain_order="left",
        )
    reports = run(at, "parts/quarter_reports", first=span["first"], last=end)
    has_before = quarter_before(end) in reports.frame["period_end"]
    frame = rows.with_columns(
        pl.lit(end).alias("period_end"),
        *(pl.when(has_before).then(name).alias(name) for name in ("previous_holders", *ACTIONS)),
        (pl.col("amount") / pl.col("in_issue")).alias("of_outstanding"),
    )
    answer = found.answer.join(most, frame, "").join(reports, frame, "").join(about, frame, "")
    return answer.derive(frame, "holders counted for each security")


def counted_by_security(positions: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """By security: who holds how much, what they did, and their options."""
    is_share = (pl.col("put_call") == "none") & (pl.col("amount_kind") == "SH")
    held = positions.filter(is_share, pl.col("action") != NOT_REPORTED)
    owned = held.filter(pl.col("amount") > 0)
    part = pl.col("amount") / pl.col("amount").sum()
    yield owned.group_by("cusip").agg(
        pl.len().alias("holders"),
        pl.col("amount").sum(),
        pl.col("value_usd").sum(),
        (part**2).sum().alias("concentration"),
        part.max().alias("largest"),
        pl.col("weight").median().alias("median_weight"),
        pl.col("flag").is_not_null().sum().alias("flagged"),
    )
    yield held.group_by("cusip").agg(
        *((pl.col("action") == name).sum().alias(name) for name in ACTIONS),
        pl.col("change").sum().alias("net_change"),
    )
    yield positions.group_by("cusip").agg(
        *(
            pl.col("value_usd").filter(pl.col("put_call") == side).sum().alias(f"{side}s_usd")
            for side in ("put", "call")
        )
    )


def _of_symbols(
    at: At, symbols: list[str], quarter: date | None, companies: list[str] | None = None
) -> tuple[QuarterHoldings, Answer]:
    """Positions in the securities of those instruments, and the CUSIP that each has."""
    codes = run(
        at,
        "parts/cusip_instruments",
        cusips=[],
        symbols=symbols or ["none"],
        companies=companies or [],
    )
    cusips = codes.frame["cusip"].to_list() or ["none"]
    found = quarter_holdings(at, due_quarter(at, quarter), cusips=cusips)
    counted = _in_issue(at, codes, found.quarter)
    kept = counted.frame.select("symbol", "cusip", "in_issue")
    return found, counted.derive(kept, "the CUSIP in each ISIN")


def _in_issue(at: At, codes: Answer, quarter: date) -> Answer:
    """Instruments with their shares in issue as they would be counted at a quarter's end: a split
    between that day and the one on which the number was known multiplies one side alone."""
    told = codes.frame.with_columns(pl.col("shares_at").dt.date().alias("told_on"))
    days = [quarter, *told["told_on"].drop_nulls()]
    symbols = told["symbol"].to_list() or ["none"]
    splits = run(at, "parts/security_splits", symbols=symbols, first=min(days), last=max(days))
    on, since = pl.col("date"), pl.col("told_on")
    ratio = pl.col("split_ratio")
    between = told.select("symbol", "told_on").join(splits.frame, on="symbol")
    factors = between.group_by("symbol").agg(
        ratio.filter(on > since, on <= quarter).product().alias("later"),
        ratio.filter(on > quarter, on <= since).product().alias("earlier"),
    )
    factor = pl.col("later").fill_null(1.0) / pl.col("earlier").fill_null(1.0)
    frame = told.join(factors, on="symbol", how="left", maintain_order="left").with_columns(
        (pl.col("shares_outstanding") * factor).alias("in_issue")
    )
    return codes.join(splits, frame, "shares in issue on the footing of the quarter's end")
