"""How much more a quota bears: instruments of a source, hours of a live feed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from data.quotas import Limit, Quota
from data.settings import Settings
from ingest.jobs import Source
from ingest.live.commands import commands_a_day
from ingest.quota.prover import demands, month_after, prove

MOST = 10_000  # nobody follows more
DAY = 24 * 60


def most_that_fit(fits: Callable[[int], bool], most: int) -> int:
    """The largest amount that fits, where less always fits too; -1 where nothing does."""
    few, many = -1, most + 1
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if fits(middle) else (few, middle)
    return few


def most_names(source: Source, quota: Quota, *, now: datetime) -> int | None:
    """With how many more names of its own a source keeps its quotas; none for a source that is
    asked for no names, `MOST` where the quota bears all that anybody follows."""
    if source.ids is None:
        return None
    start, end = month_after(now)

    def fits(count: int) -> bool:
        names = tuple(f"NAME{number}" for number in range(count))
        asked = demands([source], {source.name: quota}, start, end, {source.name: names})
        return prove(asked, {source.name: quota}, start, end).fits

    return most_that_fit(fits, MOST)


def longest_window(settings: Settings, quota: Quota, *, now: datetime) -> int:
    """Minutes a day for which the live path may listen on a hosted Redis of that quota."""
    start, end = month_after(now)

    def fits(minutes: int) -> bool:
        if not minutes:
            return True
        hours = f"00:00-{minutes // 60 % 24:02}:{minutes % 60:02}"
        cost = commands_a_day(replace(settings, live_hours=hours))
        used: Mapping[str, Quota] = {
            quota.source: replace(quota, uses=(Limit(cost, "commands", "day"),))
        }
        return prove(demands((), used, start, end), used, start, end).fits

    return most_that_fit(fits, DAY)
