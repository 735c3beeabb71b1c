"""Form 13F over quarters: who held a security, and how a manager's portfolio went."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from analytics.companies.holdings_reading import KEY, due_quarter, quarter_before
from analytics.core.catalogue import run
from data.datasets.fund_holdings import NOTICE
from data.query import Answer, At, Value

IS_SHARE = (pl.col("put_call") == "none") & (pl.col("amount_kind") == "SH")
TOP = 10  # positions whose share of a portfolio is its concentration
HOLDER_SCHEMA = {
    "period_end": pl.Date,
    "reports": pl.Int64,
    "holders": pl.Int64,
    "amount": pl.Float64,
    "value_usd": pl.Float64,
    "calls_usd": pl.Float64,
    "puts_usd": pl.Float64,
    "new": pl.Int64,
    "closed": pl.Int64,
}
FUND_SCHEMA = {
    "period_end": pl.Date,
    "has_report": pl.Boolean,
    "value_usd": pl.Float64,
    "options_usd": pl.Float64,
    "positions": pl.Int64,
    "largest": pl.Float64,
    "top_ten": pl.Float64,
    "concentration": pl.Float64,
    "bought_usd": pl.Float64,
    "sold_usd": pl.Float64,
    "turnover": pl.Float64,
    "new": pl.Int64,
    "closed": pl.Int64,
    "filed_on": pl.Date,
}


def holder_history(at: At, *, symbol: str, quarter: date | None = None, count: int = 12) -> Answer:
    """Quarter by quarter who held a security by 13F: holders, shares, value, options.

    `symbol` is an instrument, or a company: then all its shares. `amount` is on the footing of the
    last quarter (splits). `new` and `closed` count managers that reported both quarters. `reports`
    is how many managers filed for the quarter at all; a quarter without a holder has `holders` 0
    where anybody filed, and no row otherwise.
    """
    ends = _quarters(due_quarter(at, quarter), count + 1)
    span: dict[str, Value] = {"first": ends[0], "last": ends[-1]}
    codes = run(at, "parts/cusip_instruments", cusips=[], symbols=[symbol], companies=[symbol])
    cusips = codes.frame["cusip"].to_list() or ["none"]
    holders = run(at, "parts/cusip_managers", **span, cusips=cusips)
    span["managers"] = holders.frame["manager"].to_list() or ["none"]
    filed = run(at, "parts/fund_filings", **span)
    held = run(at, "parts/fund_positions", **span, cusips=cusips)
    splits = _splits(at, codes.frame, ends)
    reports = run(at, "parts/quarter_reports", first=ends[0], last=ends[-1])
    footed = _on_footing(held.frame, codes.frame, splits.frame, ends[-1])
    told = _reported(filed.frame)
    filers = dict(reports.frame.iter_rows())
    rows = [
        _holders(footed, told, before, end) | {"reports": filers[end]}
        for before, end in pairwise(ends)
        if codes.frame.height and end in filers
    ]
    frame = pl.DataFrame(rows, schema=HOLDER_SCHEMA)
    answer = filed
    for part in (codes, holders, held, splits, reports):
        answer = answer.join(part, frame, "")
    return answer.derive(frame, "holders counted quarter by quarter")


def fund_history(at: At, *, manager: str, quarter: date | None = None, count: int = 12) -> Answer:
    """A manager's portfolios quarter by quarter: value, concentration, what was bought and sold.

    `top_ten` is the weight of the ten largest positions, `concentration` the Herfindahl index of
    the weights. `bought_usd` and `sold_usd` value the changes of shares at the price that the
    filing implies; `turnover` is the smaller of both over the mean value of the shares of both
    quarters. They are null unless the manager reported both. `has_report` is false for a notice.
    """
    ends = _quarters(due_quarter(at, quarter), count + 1)
    span: dict[str, Value] = {"first": ends[0], "last": ends[-1], "managers": [manager]}
    filed = run(at, "parts/fund_filings", **span)
    held = run(at, "parts/fund_positions", **span, cusips=[])
    cusips = sorted(set(held.frame["cusip"])) or ["none"]
    codes = run(at, "parts/cusip_instruments", cusips=cusips, symbols=[], companies=[])
    splits = _splits(at, codes.frame, ends)
    by_end = {row["period_end"]: row for row in filed.frame.iter_rows(named=True)}
    footed = _on_footing(held.frame, codes.frame, splits.frame, ends[-1])
    told = _reported(filed.frame)
    rows = [
        _portfolio(footed.filter(pl.col("period_end") == end), by_end[end])
        | _trades(footed, told, before, end)
        for before, end in pairwise(ends)
        if end in by_end
    ]
    frame = pl.DataFrame(rows, schema=FUND_SCHEMA)
    answer = filed.join(held, frame, "").join(codes, frame, "").join(splits, frame, "")
    return answer.derive(frame, "portfolios compared quarter by quarter")


def _quarters(last: date, count: int) -> list[date]:
    """The ends of that many quarters up to one, in the order of time."""
    ends = [last]
    while len(ends) < count:
        ends.append(quarter_before(ends[-1]))
    return ends[::-1]


def _splits(at: At, codes: pl.DataFrame, ends: list[date]) -> Answer:
    symbols = codes["symbol"].to_list() or ["none"]
    return run(at, "parts/security_splits", symbols=symbols, first=ends[0], last=ends[-1])


def _on_footing(
    held: pl.DataFrame, codes: pl.DataFrame, splits: pl.DataFrame, last: date
) -> pl.DataFrame:
    """Positions with amounts of shares as they would be counted at the last quarter's end."""
    factor = (
        held.select("cusip", "period_end")
        .unique()
        .join(codes.select("cusip", "symbol"), on="cusip")
        .join(splits, on="symbol")
        .filter(pl.col("date") > pl.col("period_end"))
        .group_by("cusip", "period_end")
        .agg(pl.col("split_ratio").product().alias("factor"))
    )
    is_split = pl.col("amount_kind") == "SH"
    return held.join(factor, on=["cusip", "period_end"], how="left").with_columns(
        pl.when(is_split)
        .then(pl.col("amount") * pl.col("factor").fill_null(1.0))
        .otherwise("amount")
        .alias("amount")
    )


def _reported(filed: pl.DataFrame) -> dict[date, set[str]]:
    """The managers whose own positions are known, by quarter."""
    own = filed.filter((pl.col("nothing") != NOTICE).fill_null(value=True))
    found: dict[date, set[str]] = {}
    for end, manager in own.select("period_end", "manager").iter_rows():
        found.setdefault(end, set()).add(manager)
    return found


def _holders(
    held: pl.DataFrame, told: dict[date, set[str]], before: date, end: date
) -> dict[str, Any]:
    """One quarter of a security."""
    owned = held.filter(IS_SHARE, pl.col("amount") > 0)
    now, then = (
        owned.filter(pl.col("period_end") == day)["manager"].unique().to_list()
        for day in (end, before)
    )
    both = told.get(end, set()) & told.get(before, set())
    this = owned.filter(pl.col("period_end") == end)
    options = held.filter(pl.col("period_end") == end, pl.col("put_call") != "none")
    sides = {
        f"{side}s_usd": options.filter(pl.col("put_call") == side)["value_usd"].sum()
        for side in ("call", "put")
    }
    return {
        "period_end": end,
        "holders": len(now),
        "amount": this["amount"].sum(),
        "value_usd": this["value_usd"].sum(),
        "new": len((set(now) - set(then)) & both),
        "closed": len((set(then) - set(now)) & both),
        **sides,
    }


def _portfolio(held: pl.DataFrame, filed: dict[str, Any]) -> dict[str, Any]:
    """One quarter of a manager: what it reported, and how much of it is in few positions."""
    told = filed["nothing"] != NOTICE
    values = held.filter(pl.col("put_call") == "none")["value_usd"].sort(descending=True)
    whole = values.sum()
    weights = values / whole if whole else values.head(0)
    return {
        "period_end": filed["period_end"],
        "has_report": told,
        "value_usd": whole if told else None,
        "options_usd": (filed["options_usd"] or 0.0) if told else None,
        "positions": held.height if told else None,
        "largest": weights.max(),
        "top_ten": weights.head(TOP).sum() if weights.len() else None,
        "concentration": (weights**2).sum() if weights.len() else None,
        "filed_on": filed["filed_on"],
    }


def _trades(
    held: pl.DataFrame, told: dict[date, set[str]], before: date, end: date
) -> dict[str, Any]:
    """What was bought and sold of shares between two quarters; nothing unless both are reported."""
    names = ("bought_usd", "sold_usd", "turnover", "new", "closed")
    if not told.get(end) or not told.get(before):
        return dict.fromkeys(names)
    shares = held.filter(IS_SHARE).select(*KEY, "period_end", "amount", "value_usd")
    now, then = (
        shares.filter(pl.col("period_end") == day).drop("period_end") for day in (end, before)
    )
    rows = now.join(then, on=KEY, how="full", coalesce=True, suffix="_then").sort(KEY)
    amount, past = (pl.col(name).fill_null(0.0) for name in ("amount", "amount_then"))
    price = pl.coalesce(
        pl.when(amount > 0).then(pl.col("value_usd") / amount),
        pl.when(past > 0).then(pl.col("value_usd_then") / past),
    )
    moved = rows.select(
        ((amount - past) * price).alias("usd"),
        ((amount > 0) & (past == 0)).alias("is_new"),
        ((amount == 0) & (past > 0)).alias("is_closed"),
    )
    bought = float(moved.filter(pl.col("usd") > 0)["usd"].sum())
    sold = float(moved.filter(pl.col("usd") < 0)["usd"].abs().sum())
    mean = (float(now["value_usd"].sum()) + float(then["value_usd"].sum())) / 2
    figures = (
        *(bought, sold, min(bought, sold) / mean if mean else None),
        *(int(moved[name].sum()) for name in ("is_new", "is_closed")),
    )
    return dict(zip(names, figures, strict=True))
