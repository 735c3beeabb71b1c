"""Put live ticks on the bus: `python -m scripts.feed --workspace demo`. Ctrl-C or SIGTERM ends it.

A demo workspace follows the demo venue, with gaps, repetitions and late arrivals as venues have;
every other one follows Binance. LIVE_SAMPLE_MS and LIVE_HOURS say how often blocks are sent and
when; the feed goes on where an earlier life of it stopped.
"""

from __future__ import annotations

import argparse
import threading
from datetime import timedelta

import polars as pl
import pyarrow as pa

from data import streams
from data.bus import Bus
from data.bus.blocks import BEGIN
from data.clock import utc_now
from data.errors import BusError
from data.hours import Hours
from data.query import Db
from data.settings import Settings
from ingest.live.feed import Feed
from ingest.live.hours import within
from ingest.live.venues import VENUES
from ingest.live.venues.base import Subscription, Venue, last_trades
from scripts.support import console, logs
from scripts.support.loops import alone, shared_bus, stop_on_signals

KNOWN = timedelta(hours=2)
TAIL = 1_000
PAUSE_S = 0.3


def main(arguments: argparse.Namespace) -> int:
    """Publish until told to stop."""
    logs.to_stderr()
    chosen = console.settings(arguments)
    venue = VENUES[streams.venue_of(chosen)]
    stop = stop_on_signals()
    with alone(chosen, "feed", stop) as is_mine:
        if is_mine:
            bus = shared_bus(chosen)
            follow(chosen, venue, bus, stop)
            bus.close()
    return console.DONE


def follow(settings: Settings, venue: Venue, bus: Bus, stop: threading.Event) -> None:
    """The venue's arrivals onto its stream, in the hours that are set."""
    hours, every = Hours.parse(settings.live_hours), timedelta(milliseconds=settings.live_sample_ms)
    stream = streams.ticks(venue.name)
    console.say(f"{venue.about}, onto {stream} every {settings.live_sample_ms} ms")
    while not stop.is_set():
        feed = Feed(bus, stream, utc_now, stop.wait, replays=venue.replays)
        subscription = Subscription(
            settings, utc_now, known_trades(settings, venue, feed, stop), every, stop.wait
        )
        feed.run(within(hours, venue.arrivals(subscription), utc_now))
        while not stop.is_set() and not hours.is_open(utc_now()):
            stop.wait(hours.PAUSE_S)
            feed.beat()


def known_trades(
    settings: Settings, venue: Venue, feed: Feed, stop: threading.Event
) -> pl.DataFrame:
    """The last trade of each symbol, on the bus or in the lake.

    It waits for a bus that is away: to begin without knowing what it holds would send that twice.
    """
    frames = [block for block in _on_the_bus(feed, stop) if "trade_id" in block.schema.names]
    for block in frames:
        feed.sequence.sift(block)
    feed.sequence.repeated = 0
    db = Db(settings.lake, memory_limit_mb=settings.memory_limit_mb, threads=1)
    try:
        now = utc_now()
        stored = (
            db.at(now)
            .within("ticks", now - KNOWN, now)
            .sql(
                "SELECT symbol, arg_max(trade_id, trade_id) AS trade_id, "
                "arg_max(price, trade_id) AS price, arg_max(event_at, trade_id) AS event_at "
                "FROM ticks WHERE venue = $venue GROUP BY symbol",
                venue=venue.code,
            )
        )
    finally:
        db.close()
    last = last_trades([*frames, stored.frame])
    feed.sequence.last.update(zip(last["symbol"], last["trade_id"], strict=True))
    return last


def _on_the_bus(feed: Feed, stop: threading.Event) -> list[pa.RecordBatch]:
    told = ""
    while not stop.is_set():
        try:
            entries = feed.bus.tail(feed.stream, TAIL)
        except BusError as error:
            if str(error) != told:
                console.say(str(error))
            told = str(error)
            stop.wait(PAUSE_S)
            continue
        feed.born = entries[-1].id if entries else BEGIN
        return [entry.block for entry in entries]
    return []


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    return console.parser("feed", __doc__ or "")


if __name__ == "__main__":
    console.run(main, parser())
