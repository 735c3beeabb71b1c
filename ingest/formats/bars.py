"""Daily and one-minute bars from columns that a source's file has read: typed, closed, dated.

A bar that was still open when it was fetched is left out, whatever it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from data.datasets import DATASETS
from data.fields import ABOVE_ZERO
from ingest.formats.sessions import ALWAYS, closes
from ingest.formats.tables import INSTANT, table
from ingest.jobs import Reply, ReplyError

OHLC = ("open", "high", "low", "close")
UNKNOWN_CURRENCY = "XXX"
MINOR = {"GBX": "GBp", "GBP.": "GBp", "ZAC": "ZAc", "ILX": "ILA", "KWF": "KWf"}
NOTHING = ("", "-", "--", ".", "..", "None", "none", "null", "N/A", "N/D", "NaN", "nan", "n/a")
MINUTE_MS = 60_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class BarFeed:
    """How a source's bars are dated: whose sessions, and how late it shows them."""

    source: str
    calendar: str = ""
    zone: str = "UTC"
    delay_minutes: int = 0


def currency_of(word: object) -> str:
    """A currency as stated, its case mended; minor units keep theirs, nothing is `XXX`."""
    text = str(word or "").strip()
    if text in ("GBp", "ZAc", "ILA", "KWf"):
        return text
    upper = text.upper()
    return MINOR.get(upper, upper) or UNKNOWN_CURRENCY


def numbers(values: list[object]) -> pl.Series:
    """Values of JSON or CSV as numbers; a way to say `nothing` is null, other words are refused."""
    kinds = {type(value) for value in values} - {type(None)}
    if bool in kinds or kinds - {int, float, str}:
        raise ValueError(f"expected numbers, found {sorted(kind.__name__ for kind in kinds)}")
    if str in kinds:
        words = pl.Series([None if v is None else str(v).strip() for v in values], dtype=pl.String)
        words = words.set(words.is_in(NOTHING), None)
        found = words.str.strip_suffix("%").cast(pl.Float64)
    else:
        found = pl.Series(values, dtype=pl.Float64, strict=False)
    return found.set(~found.is_finite(), None)


def dates(words: list[object]) -> pl.Series:
    """The dates that written dates or instants begin with; anything else is refused."""
    texts = pl.Series([str(word) for word in words], dtype=pl.String)
    return texts.str.slice(0, 10).str.to_date("%Y-%m-%d")


def epoch(stamps: pl.Series) -> pl.Series:
    """Seconds, milliseconds or microseconds since 1970, told apart by size, as UTC instants."""
    top = stamps.max()
    unit = 1_000_000 if not isinstance(top, int) or top < 10**11 else 1000 if top < 10**14 else 1
    return (stamps.cast(pl.Int64) * unit).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def daily(frame: pl.DataFrame, reply: Reply, feed: BarFeed) -> pa.Table:
    """Rows of `prices` from symbol, date, asset_class, currency and what figures there are.

    Known at the close of the session plus the feed's delay, at the latest when we held it.
    """
    frame = _with_something(_without_zeros(frame))
    fetched = pl.lit(reply.fetched_at).cast(INSTANT)
    ends = closes(frame["date"], calendar=feed.calendar, zone=feed.zone)
    late = pl.col("end").dt.offset_by(f"{feed.delay_minutes}m")
    kept = (
        frame.with_columns(ends.alias("end"))
        .filter(pl.col("end") <= fetched)
        .unique(["symbol", "date"], keep="first", maintain_order=True)
        .with_columns(pl.min_horizontal(late, fetched).alias("known_at"))
    )
    if not kept.height:
        raise ReplyError("empty", "no finished session in this answer: only the one under way")
    return table("prices", kept, source=feed.source, vintage_grade="lagged")


def _without_zeros(frame: pl.DataFrame) -> pl.DataFrame:
    """Null for a price of zero where it cannot be one: the feed has none, as for old openings."""
    stated = [name for name in OHLC if name in frame.columns]
    is_void = pl.col("asset_class").is_in(ABOVE_ZERO)
    return frame.with_columns(
        pl.when(is_void & (pl.col(name) == 0)).then(None).otherwise(name).alias(name)
        for name in stated
    )


def _with_something(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the days on which nothing is stated: a missing price is no price, and no zero."""
    stated = [name for name in (*OHLC, "volume") if name in frame.columns]
    beside = [name for name in ("dividend",) if name in frame.columns]
    has_event = pl.any_horizontal(pl.lit(False), *(pl.col(name) > 0 for name in beside))
    priced = [name for name in stated if name != "volume"]
    has_price = pl.any_horizontal(pl.col(name).is_not_null() for name in priced)
    return frame.filter(has_price | has_event.fill_null(False))


def minutes(frame: pl.DataFrame, reply: Reply, feed: BarFeed) -> pa.Table:
    """Rows of `bars` from venue, symbol, event_at, currency and figures.

    Known at the end of the minute plus the feed's delay, at the latest when we held it.
    """
    fetched = pl.lit(reply.fetched_at).cast(INSTANT)
    end = pl.col("event_at").dt.offset_by("1m")
    late = end.dt.offset_by(f"{feed.delay_minutes}m")
    frame = frame.filter(end <= fetched)
    frame = frame.with_columns(pl.min_horizontal(late, fetched).alias("known_at"))
    frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in OHLC))
    if not frame.height:
        raise ReplyError("empty", "no finished minute in this answer: only the one under way")
    if "date" not in frame.columns:
        frame = frame.with_columns(pl.col("event_at").dt.date().alias("date"))
    return table("bars", frame, source=feed.source, vintage_grade="lagged")


def always_open(source: str, *, delay_minutes: int = 0) -> BarFeed:
    """The feed of something that trades at all hours: its days end at midnight UTC."""
    return BarFeed(source, calendar=ALWAYS, delay_minutes=delay_minutes)


def instruments(rows: list[dict[str, object]], reply: Reply, *, source: str) -> pa.Table:
    """Rows of `instruments` as they were seen at the fetch."""
    kinds: dict[str, Any] = {field.name: pl.String for field in DATASETS["instruments"].columns}
    kinds.update(shares_outstanding=pl.Float64, listed_on=pl.Date, delisted_on=pl.Date)
    names = [name for name in kinds if any(name in row for row in rows)]
    frame = pl.DataFrame(
        {name: pl.Series([row.get(name) for row in rows], dtype=kinds[name]) for name in names}
    )
    frame = frame.unique("symbol", keep="first", maintain_order=True)
    known = pl.lit(reply.fetched_at).cast(INSTANT)
    return table("instruments", frame, known_at=known, source=source, vintage_grade="snapshot")
