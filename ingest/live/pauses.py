"""Times in which this machine or its programs did not run: they make nothing silent or late.

A closed lid stops the feed and those that watch it alike. What was due meanwhile is counted from
the time in which somebody could have done it; what stays away afterwards is silent all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from data.clock import iso, parse_instant
from data.disk import make_folder, write_file
from data.errors import ConfigError

LEAST = timedelta(seconds=60)
SETTLING = timedelta(seconds=60)  # a feed connects again, and its first trades come
KEPT = timedelta(days=30)
FILE = "pauses.json"


@dataclass(frozen=True, slots=True)
class Pause:
    """From the last sign of life to the next one."""

    since: datetime
    until: datetime

    @property
    def is_long(self) -> bool:
        """Whether it is more than a program that was busy for a moment."""
        return self.until - self.since >= LEAST


def time_awake(since: datetime, until: datetime, pauses: Iterable[Pause]) -> timedelta:
    """How long it is between two instants without the pauses, which do not overlap; never below
    nought."""
    spans = [min(pause.until, until) - max(pause.since, since) for pause in pauses]
    nothing = timedelta(0)
    slept = sum((span for span in spans if span > nothing), nothing)
    return max(until - since - slept, nothing)


def judged_points(points: pl.DataFrame, pauses: Iterable[Pause]) -> pl.DataFrame:
    """Without the points that have no fresh trade because of a pause, or of its first minute."""
    traded = pl.col("at") - pl.duration(milliseconds=pl.col("age_ms").cast(pl.Int64))
    paused = [
        pl.col("is_stale")
        & (traded < pause.until)
        & (pl.col("at") > pause.since)
        & (pl.col("at") < pause.until + SETTLING)
        for pause in pauses
    ]
    return points.filter(~pl.any_horizontal(paused)) if paused else points


def note_pause(folder: Path, since: datetime, until: datetime) -> None:
    """Keep a pause for those that judge the lake; short ones are none, old ones go."""
    new = Pause(since, until)
    if not new.is_long:
        return
    known = [pause for pause in read_pauses(folder) if pause.until > until - KEPT]
    apart = [pause for pause in known if pause.until <= since]  # a clock that was set back
    lines = [[iso(pause.since), iso(pause.until)] for pause in (*apart, new)]
    make_folder(folder)
    write_file(folder / FILE, json.dumps(lines).encode())


def read_pauses(folder: Path) -> tuple[Pause, ...]:
    """What was kept; nothing where there is no file, or one that cannot be read."""
    try:
        lines = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return tuple(Pause(parse_instant(since), parse_instant(until)) for since, until in lines)
    except (OSError, ValueError, TypeError, AttributeError, ConfigError):
        return ()
