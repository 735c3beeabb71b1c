"""What the lake grows by each day, and how much of a profile's disk and bucket it will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.datasets import DATASETS
from data.profiles import Profile
from data.query import Db

MONTH = timedelta(days=30)
YEAR = 365
GB = 1e9
# Single trades are dropped after the days that are set; all else is kept for good.
DROPPED = "ticks"


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes of a dataset on the disk, and what became known of it each day of the last month."""

    dataset: str
    bytes: int
    bytes_a_day: float

    def after(self, days: int, tick_days: int) -> float:
        """Bytes after so many days; of single trades no more than is kept."""
        if self.dataset == DROPPED:
            return tick_days * self.bytes_a_day
        return self.bytes + days * self.bytes_a_day


def measured(db: Db, now: datetime) -> list[Growth]:
    """Each dataset that has rows; a back-fill counts by when its rows were known, not by today."""
    at = db.at(now)
    found = []
    for name in DATASETS:
        manifest = db.manifest(name)
        if not manifest.rows:
            continue
        size = sum(entry.bytes for entry in manifest.files)
        sql = f"SELECT count(*) AS rows FROM {name}_known WHERE known_at > $since"  # noqa: S608 - our own name
        rows = at.sql(sql, since=now - MONTH).frame["rows"][0]
        found.append(Growth(name, size, size / manifest.rows * rows / MONTH.days))
    return found


def sentences(growth: Sequence[Growth], profile: Profile, tick_days: int) -> list[str]:
    """The lake today and in a year, and whether disk and bucket bear it."""
    if not growth:
        return ["Storage: nothing is measured yet, for the lake is empty."]
    a_day, in_a_year = sum(one.bytes_a_day for one in growth), _in_a_year(growth, tick_days)
    most = max(growth, key=lambda one: one.bytes_a_day)
    words = [
        f"Storage: the lake has {_size(sum(one.bytes for one in growth))} and grew by "
        f"{_size(a_day)} a day in the last month, most of it {most.dataset}; in a year "
        f"{_size(in_a_year)} with single trades of {tick_days} days."
    ]
    for place, room in (("disk", profile.disk_gb), ("bucket", profile.bucket_gb)):
        over = in_a_year - room * GB
        fits = f"fits, {_size(-over)} left" if over <= 0 else f"{_size(over)} too little"
        words.append(f"- {place} of {room:g} GB: {fits}")
    return words


def _in_a_year(growth: Sequence[Growth], tick_days: int) -> float:
    return sum(one.after(YEAR, tick_days) for one in growth)


def _size(amount: float) -> str:
    return f"{amount / GB:.2f} GB" if amount >= GB / 10 else f"{amount / 1e6:.1f} MB"


def is_borne(growth: Sequence[Growth], profile: Profile, tick_days: int) -> bool:
    """Whether disk and bucket bear the lake of a year from now."""
    return _in_a_year(growth, tick_days) <= GB * min(profile.disk_gb, profile.bucket_gb)
