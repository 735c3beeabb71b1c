"""What becomes of archived trades: fewer files, minute bars of closed days, an end after some days.

Bars are made before trades are gathered or go, from all that arrived, and stay for ever. Trades
that come into a closed day change its bars: a new vintage, dated as the lake dates what a source
changes without a word. Once trades of a day have gone, no part of it can speak for the whole.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from analytics.live.ticks import ohlc
from data.lake import Lake
from data.lake.compact import compact, retire
from data.lake.manifest import LakeFile
from data.query import At, Db
from data.settings import Settings
from data.state.db import State
from data.state.runs import EndStatus, Outcome
from ingest.sources import demo

NAME, BARS = "ticks", "bars"
CLOSED = timedelta(minutes=15)  # after its end nothing more is expected in a segment
BY_SYMBOL = ("symbol", "event_at", "trade_id")
DAY = timedelta(days=1)


def keep_ticks(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job; what was done already is not done again."""
    lake = Lake(settings.lake, workspace=settings.workspace)
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    try:
        kept = _seeded_until(settings)  # the world of a demo workspace is not ours to change
        open_day = (now - CLOSED).astimezone(UTC).date()
        files = db.manifest(NAME).files
        days = sorted({day for day in map(day_of, files) if kept < day < open_day})
        fresh = [day for day in days if not _is_compact(files, day)]
        at = db.at(now)
        # A day goes as a whole, so one that still has trades has all of them.
        told = sorted(_traded(at, fresh) & set(days))
        added, changed = _keep_bars(lake, at, told)
        compact(
            lake,
            NAME,
            lambda file: _target(file, kept, now),
            order=BY_SYMBOL,
            publish_id=f"ticks:{now.isoformat()}",
        )
        first = open_day - timedelta(days=settings.tick_days)
        gone = retire(
            lake,
            NAME,
            lambda file: kept < day_of(file) < first,
            publish_id=f"ticks-end:{now.isoformat()}",
        )
    finally:
        db.close()
    words = (
        f"{len(fresh)} days closed, {added} bars added, {changed} changed, "
        f"{gone} files of old trades dropped"
    )
    status: EndStatus = "ok" if added or changed or gone or fresh else "empty"
    return Outcome(status, rows_added=added, vintages_added=changed, message=words)


def day_of(file: LakeFile) -> date:
    """The UTC day in which the trades of a file arrived."""
    return date.fromisoformat(file.partition.split("/")[0].removeprefix("date="))


def _seeded_until(settings: Settings) -> date:
    world = demo.read_stamp(settings) if settings.is_demo else None
    return world.until if world else date.min


def _is_compact(files: tuple[LakeFile, ...], day: date) -> bool:
    return [file.partition for file in files if day_of(file) == day] == [_whole(day)]


def _whole(day: date) -> str:
    return f"date={day}/segment=day"


def _target(file: LakeFile, kept: date, now: datetime) -> str | None:
    """Closed days become one file, closed segments of the open day one each."""
    day = day_of(file)
    if day <= kept:
        return None
    if day < (now - CLOSED).astimezone(UTC).date():
        return _whole(day)
    segment = file.partition.rsplit("segment=", 1)[1]
    if not segment.isdecimal():
        return None
    opens = datetime.combine(day, time(int(segment[:2]), int(segment[2:])), UTC)
    return file.partition if opens + timedelta(minutes=5) + CLOSED <= now else None


def _traded(at: At, days: list[date]) -> set[date]:
    """The days of the trades that arrived on these; a late one belongs to an earlier day."""
    found: set[date] = set()
    for day in days:
        part = at.part(NAME, date=day)
        frame = part.sql("SELECT DISTINCT CAST(event_at AS DATE) AS day FROM ticks").frame
        found |= set(frame["day"])
    return found


def _keep_bars(lake: Lake, at: At, days: list[date]) -> tuple[int, int]:
    """Bars of these days into the lake; gives how many are new and how many have changed."""
    added = changed = 0
    for day in days:
        rows = _bars(lake, at, day)
        if rows is not None:
            done = lake.upsert(BARS, rows)
            added, changed = added + done.rows_added, changed + done.vintages_added
    return added, changed


def _bars(lake: Lake, at: At, day: date) -> pl.DataFrame | None:
    """Minute bars of a closed day, known when their minute was over and its last trade had come."""
    start = datetime.combine(day, time(), UTC)
    minute = "CAST(make_timestamp(epoch_us(event_at) // 60000000 * 60000000) AS TIMESTAMPTZ)"
    part = at.within(NAME, start, start + DAY)
    arrived = part.sql(
        f"SELECT venue, symbol, {minute} AS bar_at, max(known_at) AS arrived, "  # noqa: S608 - the minute is a constant
        "min(source) AS source FROM ticks WHERE event_at >= $start AND event_at < $end "
        "AND price > 0 GROUP BY ALL",
        start=start,
        end=start + DAY,
    ).frame
    bars = ohlc(at, start=start, end=start + DAY).frame
    if bars.is_empty():
        return None
    money = at.sql("SELECT symbol, min(currency) AS currency FROM instruments GROUP BY symbol")
    bars = bars.join(money.frame, on="symbol")  # a price without its money is no price
    ends = pl.col("bar_at") + pl.duration(minutes=1)
    return bars.join(arrived, on=["venue", "symbol", "bar_at"]).select(
        "venue",
        "symbol",
        pl.col("bar_at").alias("event_at"),
        "open",
        "high",
        "low",
        "close",
        "volume",
        "currency",
        pl.lit(day).alias("date"),
        _source(lake.workspace),
        pl.max_horizontal(ends, "arrived").alias("known_at"),
        pl.lit("native").alias("vintage_grade"),
    )


def _source(workspace: str) -> pl.Expr:
    """In a demo workspace all is of the demo source; elsewhere bars of our own are told apart."""
    is_demo = Settings.from_env(workspace, {}).is_demo
    return pl.lit("demo" if is_demo else "ticks").alias("source")
