"""Instruments that a whole list no longer has: their listing ended, which is a vintage of them.

A source states only what is listed now. An id stays that of its instrument for good, so a ticker
that another company takes over later is another instrument, and the old one has an end.
"""

from __future__ import annotations

import logging
from contextlib import closing
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from data.query import Db
from data.settings import Settings
from ingest.formats.tables import INSTANT, table
from ingest.jobs import EVERY, Parsed, Reply

LOG = logging.getLogger(__name__)
NEW_YORK = ZoneInfo("America/New_York")
STANDING = "SELECT * FROM instruments WHERE source = $source AND delisted_on IS NULL"
# A list that lacks more than these at once is rather cut than a list of a market that closed.
MOST, MOST_PART = 50, 0.05


def ended_listings(chosen: Settings, source: str, reply: Reply, parsed: Parsed) -> pa.Table | None:
    """The instruments that stand in the lake and not in a list that has all of these companies;
    the day on which that was seen is the last one of their listing."""
    if not parsed.lists_all_of:
        return None
    with closing(Db(chosen.lake, memory_limit_mb=chosen.memory_limit_mb)) as db:
        standing = db.at(reply.fetched_at).sql(STANDING, source=source).frame
    if EVERY not in parsed.lists_all_of:
        standing = standing.filter(pl.col("company").is_in(list(parsed.lists_all_of)))
    listed = parsed.tables.get("instruments")
    names = [] if listed is None else listed["symbol"].to_pylist()
    gone = standing.filter(~pl.col("symbol").is_in(names))
    if gone.height > max(MOST, MOST_PART * standing.height):
        LOG.warning(
            "source=%s list lacks %d of %d instruments: taken for a cut one, none ended",
            source,
            gone.height,
            standing.height,
        )
        return None
    if gone.is_empty():
        return None
    return table(
        "instruments",
        gone.drop("known_at", "vintage_grade"),
        delisted_on=pl.lit(reply.fetched_at.astimezone(NEW_YORK).date()),
        known_at=pl.lit(reply.fetched_at).cast(INSTANT),
        vintage_grade="snapshot",
    )
