"""The demo venue: coins that trade day and night, with gaps, repetitions and late arrivals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ingest.live.feed import Arrival
from ingest.live.venues.base import Subscription, Venue, with_heartbeats
from ingest.sources import demo
from ingest.sources.demo_world import tape

CODE = "DEMOLIVE"


def arrivals(subscription: Subscription, rate: float = demo.LIVE_RATE) -> Iterator[Arrival]:
    """From now on, at the prices where the venue stopped, else at the last closes of the lake."""
    start = subscription.clock()
    prices = dict(zip(subscription.last["symbol"], subscription.last["price"], strict=True))
    blocks = demo.batches(
        subscription.settings, start, demo.Live(rate, subscription.every, CODE, prices)
    )
    first = next(blocks)
    timed = ((tape.due_at(block), block) for block in chain([first], blocks))
    return with_heartbeats(timed, start, first.slice(0, 0))


VENUE = Venue("demo", CODE, "invented coins; for demo workspaces only", arrivals)
