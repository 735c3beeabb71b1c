"""The screen as a table: beside the accounts what the price did, a place, and lines of the past."""

from __future__ import annotations

import polars as pl

from analytics.companies.measures import EARNED, ends_of_flows, measures, with_year_before
from analytics.companies.screen import screen_rows
from analytics.companies.screen_text import PLACE_SHARE, RANGED, ScreenText
from analytics.companies.share_technicals import share_technicals
from analytics.companies.standing_facts import standing_facts
from data.errors import ConfigError
from data.query import Answer, At

REVENUES = 9  # ends of quarters in a line of revenue: two years
BY_SIZE = ("market_value_usd", "revenue_usd", "company")


def company_table(  # noqa: PLR0913 - what is in it, in which order, and how long lines are made
    at: At,
    *,
    universe: str = "",
    companies: list[str] | None = None,
    order: str = "market_value_usd",
    lowest_first: bool = False,
    top: int = 400,
) -> Answer:
    """The screen in the order of a figure, with technicals of the share and lines of the past.

    `return_1m`, `return_3m` and `return_12m` are with dividends over 21, 63 and 252 sessions;
    `volatility` is of 60 daily log returns, a year's; `from_high` is the last close against the
    highest of 252. `place_share` is the part of revenue in the place that `universe` names. The
    lines are for the first `top`: `price_path` of 60 closes, `revenue_path` of twelve months to the
    ends of quarters, in the currency of the accounts.
    """
    if order not in (*RANGED, PLACE_SHARE):
        raise ConfigError(f"order {order[:40]!r}: expected a figure of the screen, as pe")
    rows = screen_rows(ScreenText.read(universe), at, companies)
    found = rows.frame.filter("is_member").drop("is_member")
    beside, (lines, facts) = share_technicals(found, at), standing_facts(at)
    priced = found.join(
        beside.frame.drop("price_path"), on="company", how="left", maintain_order="left"
    )
    ordered = priced.sort(
        [order, *BY_SIZE], descending=[not lowest_first, True, True, False], nulls_last=True
    )
    shown = ordered.head(max(top, 0)).select("company")
    paths = shown.join(beside.frame.select("company", "price_path"), on="company", how="left")
    paths = paths.join(revenue_paths(lines, shown["company"]), on="company", how="left")
    frame = ordered.join(paths, on="company", how="left", maintain_order="left")
    answer = rows.join(beside, frame, "").join(facts, frame, "")
    return answer.derive(frame, "companies of the universe with technicals and lines of the past")


def revenue_paths(lines: pl.DataFrame, companies: pl.Series) -> pl.DataFrame:
    """`revenue_path` of companies: revenue of twelve months to each of the last ends, oldest
    first."""
    own = lines.filter(
        pl.col("company").cast(pl.String).is_in(companies.implode()),
        pl.col("concept").cast(pl.String).is_in([*EARNED, "Assets"]),
    )
    measured = measures(own, with_year_before(ends_of_flows(own)))
    known = measured.drop_nulls("revenue").sort("company", "period_end")
    # Revenue in another currency makes no line with the rest.
    same = pl.col("currency") == pl.col("currency").last().over("company")
    paths = (
        known.filter(same)
        .group_by("company")
        .agg(pl.col("revenue").tail(REVENUES).alias("revenue_path"))
    )
    return paths.with_columns(pl.col("company").cast(pl.String))
