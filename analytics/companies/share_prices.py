"""Prices of companies' shares beside their accounts, in the currency of the accounts.

Prices are as printed; where a share was split after its earnings were filed, they are put on the
footing of the earnings.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from analytics.companies.share_links import ShareLinks, share_links
from analytics.core.catalogue import run
from analytics.core.close_matrix import CloseMatrices, CloseMatrix
from analytics.core.closes import Floats
from analytics.core.money import converted, in_major
from analytics.core.universe import FRESH_DAYS, described
from analytics.markets.market import shares_since
from data.query import Answer, At

PANELS = CloseMatrices(max_mb=16)
SESSIONS = 2
COMPANY_SHARES = "company shares"


def company_prices(accounts: pl.DataFrame, at: At, ids: list[str] | None = None) -> Answer:
    """Each company's price and market value, given `company`, `currency` and `known_at` of its
    accounts: of several share classes the price of the first by its id and the value of all.

    `market_value` is null where one class has no fresh price or number of shares. Classes that were
    delisted do not count. Where no share of a company has a price of its own, `link` says by what
    an instrument of a source of prices was taken for it, or why none was; the number of shares is
    that on the cover of the last report.
    """
    panel, names = PANELS.of(at, sessions=SESSIONS), run(at, "parts/market_named")
    listed = run(at, "parts/company_shares", ids=ids)
    priced = _priced(panel, names.frame, at)
    day = pl.lit(at.as_of.date())
    gone = names.frame.filter(pl.col("delisted_on") < day).select("symbol")
    current = listed.frame.join(gone, on="symbol", how="anti", maintain_order="left")
    linked = _linked(at, accounts, current, priced)
    of_company = current.join(priced, on="symbol", how="left", maintain_order="left")
    if linked is not None:
        of_company = _with_links(of_company, linked, priced)
    rows = accounts.select("company", pl.col("currency").alias("into"), "known_at").join(
        of_company, on="company", maintain_order="left_right"
    )
    rows = rows.with_columns(
        pl.Series("rate", _rates(panel, rows), nan_to_null=True),
        pl.Series("footing", _footing(rows, panel.splits, "known_at")),
    )
    if linked is not None:
        counted = pl.col("cover_shares") * pl.Series(_footing(rows, panel.splits, "cover_day"))
        rows = rows.with_columns(pl.coalesce("shares", counted).alias("shares"))
    in_accounts = pl.col("close") * pl.col("rate")
    frame = rows.group_by("company", maintain_order=True).agg(
        pl.col("symbol").first(),
        pl.col("ticker").first(),
        pl.len().alias("share_classes"),
        pl.col("date").first().alias("price_date"),
        pl.col("source").first().alias("price_source"),
        (in_accounts * pl.col("footing")).first().alias("price"),
        _sum_of_all(in_accounts * pl.col("shares")).alias("market_value"),
        _sum_of_all(pl.col("usd") * pl.col("shares")).alias("market_value_usd"),
        pl.col("link").first() if linked is not None else pl.lit(None, pl.String).alias("link"),
    )
    answer = panel.answer.join(names, frame, "").join(listed, frame, "")
    if linked is not None:
        answer = answer.join(linked.answer, frame, "")
    return answer.derive(frame, "last closes in the currency of the accounts")


def _sum_of_all(value: pl.Expr) -> pl.Expr:
    """The sum, null where one of them is missing."""
    return pl.when(value.is_null().any()).then(None).otherwise(value.sum())


def _linked(
    at: At, accounts: pl.DataFrame, listed: pl.DataFrame, priced: pl.DataFrame
) -> ShareLinks | None:
    """Links of the companies none of whose own shares has a price; none where all have one."""
    own = listed.join(priced, on="symbol", how="semi").select("company")
    without = (
        accounts.select("company")
        .unique()
        .join(listed, on="company", how="semi")
        .join(own, on="company", how="anti")
        .sort("company")
    )
    return None if without.is_empty() or priced.is_empty() else share_links(at, priced, without)


def _with_links(of_company: pl.DataFrame, linked: ShareLinks, priced: pl.DataFrame) -> pl.DataFrame:
    """The shares of companies with those that links give instead of listings without a price."""
    rest = of_company.join(linked.shares, on="company", how="anti", maintain_order="left")
    rest = rest.join(linked.notes, on="company", how="left", maintain_order="left")
    # What the source of prices says of the number of shares does not count beside the filing's.
    found = linked.shares.join(priced.drop("shares"), on="symbol", maintain_order="left")
    return pl.concat([rest, found], how="diagonal")


def in_dollars(currencies: pl.Series, at: At) -> pl.Series:
    """What one unit of each currency is worth in US dollars at the clock; null without a rate."""
    panel, known = PANELS.of(at, sessions=SESSIONS), currencies.unique().drop_nulls()
    days = np.full(len(known), (at.as_of.date() - date(1970, 1, 1)).days, dtype=np.int32)
    rates = pl.Series(converted(panel, known, days, "USD"), nan_to_null=True)
    return currencies.replace_strict(known, rates, default=None, return_dtype=pl.Float64)


def _priced(panel: CloseMatrix, names: pl.DataFrame, at: At) -> pl.DataFrame:
    """The last close of every share with its number of shares today, if it is fresh."""
    shares = panel.instruments.with_columns(
        pl.Series("date", panel.days[-1]).cast(pl.Date),
        pl.Series("close", panel.closes[-1], nan_to_null=True),
    ).filter(pl.col("asset_class") == "equity")
    frame = described(shares, names)
    day = at.as_of.date()
    fresh = (pl.lit(day) - pl.col("date")).dt.total_days() <= FRESH_DAYS
    frame = frame.filter(fresh, pl.col("close") > 0).sort("symbol", "source")
    frame = frame.unique("symbol", keep="first", maintain_order=True)
    days = frame["date"].cast(pl.Int32).to_numpy()
    usd = converted(panel, frame["currency"], days, "USD")
    number = pl.Series(frame["shares"].to_numpy() * shares_since(frame, panel.splits))
    return frame.select(
        "symbol",
        "source",
        "ticker",
        "date",
        "close",
        pl.col("currency").alias("quoted"),
        (pl.col("close") * pl.Series(usd, nan_to_null=True)).alias("usd"),
        number.alias("shares"),
    )


def _rates(panel: CloseMatrix, rows: pl.DataFrame) -> Floats:
    """What one unit of the quoted currency was worth in that of the accounts, on its day."""
    result = np.full(rows.height, np.nan)
    days = rows["date"].cast(pl.Int32).fill_null(-1).to_numpy()
    for quoted, into in rows.select("quoted", "into").drop_nulls().unique().iter_rows():
        of = ((rows["quoted"] == quoted) & (rows["into"] == into)).fill_null(value=False).to_numpy()
        major, part = in_major(quoted)
        if major == into:
            result[of] = part
        else:
            result[of] = converted(panel, rows["quoted"].filter(pl.Series(of)), days[of], into)
    return result


def _footing(rows: pl.DataFrame, splits: pl.DataFrame, since: str) -> Floats:
    """What one share of a day, as that of the accounts, has become by the last price."""
    numbered = rows.with_row_index("row")
    later = (
        numbered.join(splits.rename({"date": "split_on"}), on="symbol")
        .filter(
            pl.col("split_on") > pl.col(since).cast(pl.Date),
            pl.col("split_on") <= pl.col("date"),
        )
        .unique(["row", "split_on"])
        .group_by("row")
        .agg(pl.col("ratio").product())
    )
    factor = np.ones(rows.height)
    factor[later["row"].to_numpy()] = later["ratio"].to_numpy()
    return factor
