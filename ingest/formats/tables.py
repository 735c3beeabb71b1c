"""Rows of the lake from columns that were read; the one place that stamps how well a date is known.

It takes what a source states and never fills a gap with a guess.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from data.datasets import DATASETS
from data.fields import Grade
from data.vocabulary import sign
from ingest.jobs import Parsed, Reply

INSTANT = pl.Datetime("us", "UTC")
UNSTATED = "unstated"
READ = "read:"
CLOCK = time(8, 30)


def at_clock(day: str, clock: time, zone: str, *, days_later: int = 0) -> pl.Expr:
    """The instant at which a wall clock of that zone shows that time on a day: DST counts."""
    local = pl.col(day).dt.offset_by(f"{days_later}d").dt.combine(clock)
    return (
        local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.cast_time_unit("us")
    )


def instant_of(day: date, clock: time, zone: str) -> datetime:
    """The same for one day."""
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def wall(word: str, default: time = CLOCK) -> time:
    """`08:30` as a time of day."""
    return time.fromisoformat(word) if word else default


def seen(reply: Reply) -> dict[str, pl.Expr]:
    """`known_at` of a present value: we know that it was so when we saw it, and nothing earlier."""
    return {"known_at": pl.lit(reply.fetched_at).cast(INSTANT), "vintage_grade": pl.lit("snapshot")}


def never_ahead(known: pl.Expr, reply: Reply) -> pl.Expr:
    """An assumed publication is no later than the moment we held the value in hand."""
    return pl.min_horizontal(known, pl.lit(reply.fetched_at).cast(INSTANT))


def stamped(known: pl.Expr, grade: Grade) -> dict[str, pl.Expr]:
    """`known_at` and how well it is known."""
    return {"known_at": known.cast(INSTANT), "vintage_grade": pl.lit(grade)}


def word_of(name: str) -> str:
    """A name as part of an id: `Consumer Price Index` as `consumer_price_index`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def table(dataset: str, frame: pl.DataFrame, **more: Any) -> pa.Table:
    """The columns of the dataset, in its types; `more` are constants or expressions.

    What is said of a period that has yet to begin is a forecast, whether a source calls it so or
    puts projections among its observations.
    """
    extra = [v if isinstance(v, pl.Expr) else pl.lit(v) for v in more.values()]
    frame = frame.with_columns(e.alias(n) for n, e in zip(more, extra, strict=True))
    if dataset == "macro":
        to_come = pl.col("period") > pl.col("known_at").dt.date()
        frame = frame.with_columns(pl.col("is_forecast") | to_come)
    schema = DATASETS[dataset].schema
    wanted = [field for field in schema if field.name in frame.columns]
    arrow = frame.select(field.name for field in wanted).to_arrow()
    return arrow.cast(pa.schema(wanted).remove_metadata())


def merged(*tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Tables of several parts of one reply, dataset by dataset."""
    found: dict[str, list[pa.Table]] = {}
    for part in tables:
        for name, rows in part.items():
            found.setdefault(name, []).append(rows)
    return {
        name: pa.concat_tables(parts, promote_options="default") for name, parts in found.items()
    }


def reading(name: str, rows: list[dict[str, Any]], note: str = "") -> Parsed:
    """What was read and is no fact of any dataset, e.g. a list of categories.

    Its name starts with `read:`, so that whoever writes to the lake can tell it from a dataset.
    Values that are no scalars are shown as text.
    """
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns = {str(key): [_flat(row.get(key)) for row in rows] for key in names}
    arrow = pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()})
    return Parsed(
        {READ + name: arrow}, note=note or f"{len(rows)} {name} read; none is a row of a dataset"
    )


def _flat(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def described(reply: Reply, source: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of `series` as stated today; what a row leaves out is marked as not stated."""
    plain = {
        "country": None,
        "unit": UNSTATED,
        "adjustment": "unknown",
        "timezone": None,
    }
    schema = {"country": pl.String, "timezone": pl.String}
    frame = pl.DataFrame([plain | row for row in rows], schema_overrides=schema)
    frame = frame.unique("series_id", keep="first", maintain_order=True)
    return table("series", meant(frame), source=source, **seen(reply))


def meant(frame: pl.DataFrame) -> pl.DataFrame:
    """With the dimension and direction that the vocabulary gives each `indicator`."""
    signs = [sign(word) for word in frame["indicator"]]
    return frame.with_columns(
        pl.Series("dimension", [dimension for dimension, _ in signs], dtype=pl.String),
        pl.Series("direction", [direction for _, direction in signs], dtype=pl.Int32),
    )


def rates(reply: Reply, source: str, frame: pl.DataFrame, **known: pl.Expr) -> dict[str, pa.Table]:
    """Exchange rates as prices: `base`, `quote`, `date`, `close`.

    A rate is a price and no series of observations: its direction stands in the symbol (units of
    the quote currency per unit of the base), and money is converted at prices.
    """
    symbol = pl.concat_str(pl.lit(f"{source}:"), pl.col("base"), pl.col("quote"))
    frame = frame.drop_nulls("close").filter(pl.col("close") > 0)
    made = table(
        "prices",
        frame,
        symbol=symbol,
        asset_class="fx",
        currency=pl.col("quote"),
        source=source,
        **(known or seen(reply)),
    )
    return {"prices": made}
