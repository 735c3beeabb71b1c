"""A feed that ends with its hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from data.hours import Hours
from ingest.live.feed import Arrival


def within(
    hours: Hours, arrivals: Iterable[Arrival], clock: Callable[[], datetime]
) -> Iterator[Arrival]:
    """Arrivals until the hours end."""
    if not hours.is_open(clock()):
        return
    for due, block in arrivals:
        if not hours.is_open(max(due, clock())):
            return
        yield due, block
