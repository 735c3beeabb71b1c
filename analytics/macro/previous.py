"""The period before a release: what the release states of it, else what the lake knew of it.

Nothing is taken from another unit, nor from what became known with the print or after it.
"""

from __future__ import annotations

import polars as pl

from analytics.core.catalogue import run
from data.query import Answer, At

KEY = ["series_id", "source", "period"]
STATED, LAKE = "release", "lake"
HOW = "the period before from the lake where the release states none"


def with_previous(answer: Answer, at: At) -> Answer:
    """Releases with `previous` filled from the lake where they have none.

    `previous_from` says whether the release or the lake has it, `previous_period` and
    `previous_known_at` which value of the lake it is.
    """
    frame = answer.frame
    without = frame.filter(pl.col("previous").is_null())
    scheduled = without["scheduled_at"].to_list() or [at.as_of]
    found = run(
        at,
        "parts/previous_values",
        series=without["series_id"].unique().sort().to_list(),
        since=min(scheduled),
        until=max(scheduled),
    )
    joined = frame.join(found.frame, on=KEY, how="left", maintain_order="left").with_columns(
        pl.when(pl.col("previous").is_not_null())
        .then(pl.lit(STATED))
        .when(pl.col("previous_value").is_not_null())
        .then(pl.lit(LAKE))
        .alias("previous_from"),
        pl.coalesce("previous", "previous_value").alias("previous"),
    )
    how = f"{answer.derived}; {HOW}" if answer.derived else HOW
    return answer.join(found, joined.drop("previous_value"), how)
