"""Prices of companies' shares beside their accounts, in the currency of the accounts.

Prices are as printed; where a share was split after its earnings were filed, they are put on the
footing of the earnings.
"""

from __future__ import annotations

import numpy as np
import polars as pl

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
    delisted do not count.
    """
    panel, names = PANELS.of(at, sessions=SESSIONS), run(at, "parts/market_named")
    listed = run(at, "parts/company_shares", ids=ids)
    priced = _priced(panel, names.frame, at)
    day = pl.lit(at.as_of.date())
    gone = names.frame.filter(pl.col("delisted_on") < day).select("symbol")
    of_company = listed.frame.join(gone, on="symbol", how="anti", maintain_order="left").join(
        priced, on="symbol", how="left", maintain_order="left"
    )
    rows = accounts.select("company", pl.col("currency").alias("into"), "known_at").join(
        of_company, on="company", maintain_order="left_right"
    )
    rows = rows.with_columns(
        pl.Series("rate", _rates(panel, rows), nan_to_null=True),
        pl.Series("footing", _footing(rows, panel.splits)),
    )
    in_accounts = pl.col("close") * pl.col("rate")
    frame = rows.group_by("company", maintain_order=True).agg(
        pl.col("symbol").first(),
        pl.col("ticker").first(),
        pl.len().alias("share_classes"),
        pl.col("date").first().alias("price_date"),
        (in_accounts * pl.col("footing")).first().alias("price"),
        pl.when((in_accounts * pl.col("shares")).is_null().any())
        .then(None)
        .otherwise((in_accounts * pl.col("shares")).sum())
        .alias("market_value"),
        pl.when((pl.col("usd") * pl.col("shares")).is_null().any())
        .then(None)
        .otherwise((pl.col("usd") * pl.col("shares")).sum())
        .alias("market_value_usd"),
    )
    answer = panel.answer.join(names, frame, "").join(listed, frame, "")
    return answer.derive(frame, "last closes in the currency of the accounts")


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


def _footing(rows: pl.DataFrame, splits: pl.DataFrame) -> Floats:
    """What one share of the day of the accounts has become by the last price."""
    numbered = rows.with_row_index("row")
    later = (
        numbered.join(splits.rename({"date": "split_on"}), on="symbol")
        .filter(
            pl.col("split_on") > pl.col("known_at").dt.date(),
            pl.col("split_on") <= pl.col("date"),
        )
        .unique(["row", "split_on"])
        .group_by("row")
        .agg(pl.col("ratio").product())
    )
    factor = np.ones(rows.height)
    factor[later["row"].to_numpy()] = later["ratio"].to_numpy()
    return factor
