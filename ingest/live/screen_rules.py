"""Rules on screens of companies: which company is in a screen, beside those that were at first.

A rule counts from its making on: a company that was in the screen then, or out of it, is no news.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from analytics.companies.screen import companies_of, screen_rows
from analytics.companies.screen_text import ScreenText
from analytics.live.active_rules import ActiveRule
from analytics.live.rules import RuleWatch
from data.query import At

ENTERED = "screen_entered"


def screen_points(at: At, item: ActiveRule, before: Mapping[str, RuleWatch]) -> pl.DataFrame:
    """A point of now for each company that the rule has to judge; none while files are damaged.

    A company has no point while a figure that decides is missing. One that was in the screen when
    the rule was made begins to count for entering once it was out of it; for leaving only those
    count that were in it.
    """
    text = ScreenText.read(item.rule.screen or "")
    now, at_first = screen_rows(text, at), screen_rows(text, at.earlier(item.since))
    if now.damaged or at_first.damaged:
        return _points(now.frame.clear(), pl.lit(value=False), item, at.as_of)
    began = set(at_first.frame.filter("is_member")["company"])
    rows = now.frame.select("company", "name", "is_member").drop_nulls("is_member")
    if item.rule.symbols is not None:
        named = [*companies_of(at, item.rule.symbols), *item.rule.symbols]
        rows = rows.filter(pl.col("company").is_in(named))
    is_seen = pl.col("company").is_in(list(before))
    was_in, is_in = pl.col("company").is_in(sorted(began)), pl.col("is_member")
    if item.rule.metric == ENTERED:
        return _points(rows.filter(is_seen | (was_in != is_in)), is_in, item, at.as_of)
    return _points(rows.filter(is_seen | was_in | is_in), ~is_in, item, at.as_of)


def _points(rows: pl.DataFrame, value: pl.Expr, item: ActiveRule, now: datetime) -> pl.DataFrame:
    return rows.select(
        pl.col("company").alias("symbol"),
        "name",
        pl.lit(now).alias("at"),
        pl.lit(value=False).alias("is_stale"),
        value.cast(pl.Float64).alias(item.rule.metric),
    )
