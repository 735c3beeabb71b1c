"""Says on the bus how the bias stands after new releases, so that who listens need not ask.

One entry per change, with every score; nothing is said while all of them stand as they stood.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from analytics.macro.bias import bias
from data.bus import Bus, find_bus
from data.query import At, Db
from data.settings import Settings
from data.state.db import State
from data.state.runs import Outcome

STREAM = "bias"
KEPT = timedelta(days=2)
KEY = ["country", "asset"]
COLUMNS = [*KEY, "score", "label", "confidence", "coverage", "cutoff", "version"]


def tell_bias(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job: over the workspace's lake, on its bus."""
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    bus = find_bus(settings)
    try:
        return say_bias(db.at(now), bus)
    finally:
        bus.close()
        db.close()


def say_bias(at: At, bus: Bus) -> Outcome:
    """`bias_computed`: the bias of every country at the clock, where anything moved it."""
    scores = bias(at).frame.select(COLUMNS)
    changed, turned = _changes(scores, bus)
    if not changed:
        return Outcome("empty", message="every score stands as it stood")
    frame = scores.with_columns(
        pl.lit("bias_computed").alias("event"), pl.lit(at.as_of).alias("at")
    )
    bus.publish(STREAM, frame.to_arrow())
    bus.trim(STREAM, f"{int((at.as_of - KEPT).timestamp() * 1000)}-0")
    return Outcome("ok", message=f"{changed} scores changed, {turned} of them their word")


def _changes(scores: pl.DataFrame, bus: Bus) -> tuple[int, int]:
    """How many scores moved by releases since the last entry, and how many words turned.

    A score fades by itself; it counts as changed when its newest release, its word or the version
    of its weights is another.
    """
    entries = bus.tail(STREAM, 1)
    if not entries:
        return scores.height, 0
    last = pl.DataFrame(entries[0].block)
    both = scores.join(last, on=KEY, how="left", suffix="_last")
    turned = pl.col("label").ne_missing(pl.col("label_last"))
    moved = (
        turned
        | pl.col("cutoff").ne_missing(pl.col("cutoff_last"))
        | pl.col("version").ne_missing(pl.col("version_last"))
    )
    return both.filter(moved).height, both.filter(turned).height
