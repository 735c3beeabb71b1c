"""What moved most: by own volatility, in percent, by turnover, by the gap at the open.

Each row names the sessions it covers and a reason where one is known: its sector's share of the
move, else the release, event or headline within them. That it coincides is all that is said:
nothing here claims a cause.
"""

from __future__ import annotations

import polars as pl

from analytics.core.catalogue import run
from analytics.markets.market import market
from analytics.markets.market_cards import closing_paths
from analytics.markets.sector_share import sector_share
from data.errors import ConfigError
from data.query import Answer, At

PATH = 60
MOST = 40
LEAST_SHARE = 0.3  # of a move; a sector that explains less is no reason
ORDERS = {
    "sigmas": "sigmas",
    "move": "total_return",
    "turnover": "volume_surge",
    "gap": "gap_sigmas",
}


def movers(
    at: At,
    *,
    sessions: int = 1,
    by: str = "sigmas",
    universe: str = "",
    symbols: list[str] | None = None,
) -> Answer:
    """The 40 instruments of a universe that moved most over N of their own sessions.

    `by` is `sigmas` (the return in own volatility), `move` (the total return; rates, which have
    none, are left out), `turnover` (its surge; falls are left out) or `gap` (the open of the last
    session against the close before, in own volatility). `path` holds the last 60 split-adjusted
    closes. `instruments` counts those of the universe, `unranked` those of them without the figure
    that `by` names, and `unmoved` those that did not move by it. `reason` is `sector` where
    `sector_share` explains at least three tenths of the move, else the kind of what happened
    between the base close and the last one, else null.
    """
    if by not in ORDERS:
        raise ConfigError(f"by={by[:60]!r}: expected one of {', '.join(ORDERS)}")
    every = market(at, sessions=sessions, universe=universe, symbols=symbols)
    gaps = run(at, "parts/gaps")
    frame = every.frame.join(gaps.frame, on=["symbol", "source"], how="left", maintain_order="left")
    is_rate = pl.col("asset_class") == "rate"
    size = pl.when(is_rate).then("gap").otherwise(pl.col("gap").log1p())
    frame = frame.with_columns((size / pl.col("usual")).alias("gap_sigmas"))
    order = pl.col(ORDERS[by])
    rank = order if by == "turnover" else order.abs()
    shown = (
        frame.filter(rank > 0)
        .sort(rank, "symbol", "source", descending=[True, False, False])
        .head(MOST)
        .with_columns(**_left_out(frame, rank))
    )
    shown = shown.with_columns(closing_paths(at, shown, PATH))
    how = f"the {MOST} with the largest {ORDERS[by]}"
    # Made from the queries of `every`: the same panel and the same names.
    sector = sector_share(at, sessions=sessions).frame
    sector = sector.select("symbol", "source", pl.col("share").alias("sector_share"))
    shown = shown.join(sector, on=["symbol", "source"], how="left", maintain_order="left")
    near = _near(at, shown)
    shown = shown.join(near.frame, on="symbol", how="left", maintain_order="left")
    by_sector = pl.when(pl.col("sector_share") >= LEAST_SHARE).then(pl.lit("sector"))
    shown = shown.with_columns(by_sector.otherwise("kind").alias("reason"))
    return every.join(gaps, shown, how).join(near, shown, how)


def _left_out(frame: pl.DataFrame, rank: pl.Expr) -> dict[str, pl.Expr]:
    """How many a universe has, how many of them without a rank, and how many that did not move."""
    counts = frame.select(
        pl.len().alias("instruments"),
        rank.is_null().sum().alias("unranked"),
        (rank <= 0).sum().alias("unmoved"),
    )
    return {name: pl.lit(int(count)) for name, count in counts.row(0, named=True).items()}


def _near(at: At, shown: pl.DataFrame) -> Answer:
    """What happened in the span of each; nothing while events cannot be read."""
    day = pl.col("date")
    days = shown.select(
        pl.coalesce("base_date", day - pl.duration(days=1)).alias("since"), day.alias("until")
    )
    part = at.opened()
    if days.height:
        ends = days.select(pl.min("since"), pl.max("until") + pl.duration(days=1)).row(0)
        part = part.within("prices", *ends)
    return run(
        part,
        "parts/coincident",
        symbols=shown["symbol"].to_list(),
        sources=shown["source"].to_list(),
        countries=shown["country"].fill_null("").to_list(),
        since=days["since"].cast(pl.String).to_list(),
        until=days["until"].cast(pl.String).to_list(),
    )
