"""Trades: a window as an ordered stream, and bars made of them; never sorts a window as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from analytics.core.catalogue import run
from data.errors import ConfigError
from data.lake.conform import sorted_by
from data.lake.manifest import LakeFile
from data.query import Answer, At

SEGMENT, SILENT = timedelta(minutes=5), timedelta(hours=2)
WHOLE_DAY = "day"
ARRIVAL = ["known_at", "symbol", "trade_id", "venue"]
FIRST = datetime(1900, 1, 1, tzinfo=UTC)
LAST = datetime(2262, 4, 10, tzinfo=UTC)


def ohlc(
    at: At,
    *,
    symbols: list[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    minutes: int = 1,
) -> Answer:
    """Bars of whole minutes from trades, with volume and count; no bar where nothing traded.

    Minutes are those of the venue's own time; trades that had not arrived by the clock are not
    in them. `start` and `end` bound the venue's time, the end left out.
    """
    if minutes < 1:
        raise ConfigError(f"minutes={minutes}: expected at least 1")
    first, last = start or FIRST, end or LAST
    part = at.within("ticks", first, last)
    return run(part, "ohlc", minutes=minutes, start=first, end=last, symbols=symbols)


def tick_window(
    at: At, symbols: list[str], *, start: datetime, end: datetime
) -> Iterator[pl.DataFrame]:
    """Trades that arrived from `start` until before `end`, in order of arrival, piece by piece.

    The first frame is one segment, those after it twice as many each time; while one is looked
    at, the next is read.
    """
    if start >= end:
        raise ConfigError(f"tick window: expected start before end, found {start} and {end}")

    def read(piece: At) -> pl.DataFrame:
        answer = run(piece, "parts/tick_window", symbols=symbols, start=start, end=end)
        return sorted_by(answer.frame, ARRIVAL)  # as stored, so that it mostly is in order

    pieces = _pieces(at, start, end)
    pool = ThreadPoolExecutor(1, "ticks")
    try:
        following = (pool.submit(read, piece) for piece in pieces)
        coming = next(following, None)
        while coming is not None:
            frame = coming.result()
            coming = next(following, None)
            if frame.height:
                yield frame
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def last_trades(at: At, *, symbols: list[str], before: datetime) -> Answer:
    """The last trade of each instrument that had arrived before an instant, two hours back at most.

    Mostly it is near, so the five minutes before are looked at first.
    """

    def since(reach: timedelta, names: list[str]) -> Answer:
        part = at.within("ticks", before - reach - SEGMENT, before)
        start = before - reach
        return run(part, "parts/last_before", symbols=names, start=before, since=start)

    near = since(SEGMENT, symbols)
    silent = sorted(set(symbols) - {*near.frame["symbol"]})
    if not silent:
        return near
    far = since(SILENT, silent)
    return near.join(far, pl.concat([near.frame, far.frame]), "the last trades before")


def _pieces(at: At, start: datetime, end: datetime) -> Iterator[At]:
    """Handles on the segments that meet a window of arrival: one, then two, then four, ..."""
    day, many = start.astimezone(UTC).date(), 1
    while day <= end.astimezone(UTC).date():
        today = at.part("ticks", date=day)
        met = [file for file in today.manifests["ticks"].files if _meets(day, file, start, end)]
        while met:
            names = {file.file for file in met[:many]}
            yield today.only("ticks", names)
            met, many = met[many:], many * 2
        day += timedelta(days=1)


def _meets(day: date, file: LakeFile, start: datetime, end: datetime) -> bool:
    opens, closes = _span(day, file.partition)
    return opens < end and closes > start


def _span(day: date, partition: str) -> tuple[datetime, datetime]:
    """When a segment's trades arrived; a compacted day is one segment."""
    midnight = datetime.combine(day, time(), UTC)
    segment = partition.rsplit("segment=", 1)[1]
    if segment == WHOLE_DAY:
        return midnight, midnight + timedelta(days=1)
    opens = midnight + timedelta(hours=int(segment[:2]), minutes=int(segment[2:]))
    return opens, opens + SEGMENT
