"""What each dataset held at every minute, counted once per version of it, so that a clock not seen
before costs a look-up instead of a scan of the lake.

Counts, ranges, months and days of publication are kept as steps in time. The answers are those of
the queries `lake_coverage` and `lake_months`, to which their receipts point. What steps cannot say
exactly (a clock with seconds, an earlier version, damaged files) is asked of the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.known_history import microseconds
from analytics.core.query_texts import day_of, query_text
from data.clock import LAST
from data.contracts import Dataset
from data.datasets import DATASETS
from data.kept_results import KeptResults
from data.query import Answer, At, QueryRun, Value

Numbers = npt.NDArray[np.integer[Any]]
MOST_MB, MOST_GROWING = 64, 8
LEAST_GAPS = 3
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
NEVER, NEVER_DAY = np.iinfo(np.int64).max, np.iinfo(np.int32).max
# A row that its own successor ended before it came into view was never seen.
SEEN = (
    "(SELECT *, {day} AS day FROM {name}_known "
    "WHERE superseded_at IS NULL OR superseded_at > seen_at)"
)
MINUTE = "epoch_us(date_trunc('minute', {0} - INTERVAL 1 MICROSECOND) + INTERVAL 1 MINUTE)"
MONTH = "CAST(date_trunc('month', {0}) AS DATE)"
CAME = (
    "SELECT {seen} AS moment, {month} AS month, count(*) AS rows, min(CAST(day AS DATE)) AS low, "
    "max(CAST(day AS DATE)) AS high, epoch_us(max(known_at)) AS newest FROM {rows} "
    "GROUP BY ALL ORDER BY ALL"
)
WENT = (
    "SELECT {ended} AS moment, {month} AS month, count(*) AS rows FROM {rows} "
    "WHERE superseded_at IS NOT NULL "
    "GROUP BY ALL ORDER BY ALL"
)
# Vintages with the days that they speak of, where a later one may speak of another.
SPANS = (
    "SELECT {seen} AS moment, {ended} AS until, CAST(day AS DATE) AS day FROM {rows} "
    "GROUP BY ALL ORDER BY ALL"
)
DAYS = (
    "SELECT CAST(known_at AS DATE) AS known, CAST(seen_at AS DATE) AS seen, "
    "CAST(superseded_at AS DATE) AS ended, epoch_us(max(known_at)) AS last_known, "
    "epoch_us(min(seen_at)) AS first_seen, epoch_us(max(superseded_at)) AS last_ended FROM {rows} "
    "GROUP BY ALL ORDER BY ALL"
)
COVERAGE = {
    "dataset": pl.String(),
    "rows": pl.Int64(),
    "low": pl.Date(),
    "high": pl.Date(),
    "newest": pl.Datetime("us", "UTC"),
    "longest_gap_days": pl.Int64(),
    "expected_by": pl.Datetime("us", "UTC"),
}
MONTHS = {"dataset": pl.String(), "month": pl.Date(), "rows": pl.Int64()}


@dataclass(frozen=True, slots=True)
class CoverageFrames:
    """What is read of some files of a dataset: what came, what was replaced, which days vintages
    speak of (none where replaced ones speak of the same), the days of publication."""

    came: pl.DataFrame
    went: pl.DataFrame
    spans: pl.DataFrame | None
    days: pl.DataFrame

    def with_more(self, other: CoverageFrames) -> CoverageFrames:
        """With files that were written later; none of their rows replaces an earlier one."""
        came = (
            pl.concat([self.came, other.came])
            .group_by("moment", "month")
            .agg(pl.col("rows").sum(), pl.col("low").min(), pl.col("high", "newest").max())
        )
        days = (
            pl.concat([self.days, other.days])
            .group_by("known", "seen", "ended")
            .agg(pl.col("last_known", "last_ended").max(), pl.col("first_seen").min())
        )
        return CoverageFrames(
            came.select(self.came.columns).sort("moment", "month"),
            self.went,
            self.spans,
            days.select(self.days.columns).sort("known", "seen", "ended"),
        )


@dataclass(frozen=True, slots=True)
class CoverageSteps:
    """One version of one dataset as arrays in order of time: running counts and extremes, and for
    each pair of days of publication and of coming into view which of its rows are still in view.

    Instants are microseconds, days are days since 1970. `frames` are kept where more may be added.
    """

    came: Mapping[str, Numbers]
    went: Mapping[str, Numbers]
    spans: Mapping[str, Numbers] | None
    days: Mapping[str, Numbers]
    files: frozenset[str]
    frames: CoverageFrames | None

    @classmethod
    def of(cls, files: frozenset[str], frames: CoverageFrames, *, may_grow: bool) -> CoverageSteps:
        """From the frames, which are in order of time."""
        came = _arrays(frames.came)
        came["rows"] = np.cumsum(came["rows"])
        came["low"] = np.minimum.accumulate(came["low"])
        came["high"] = np.maximum.accumulate(came["high"])
        came["newest"] = np.maximum.accumulate(came["newest"])
        went = _arrays(frames.went)
        went["rows"] = np.cumsum(went["rows"])
        spans = None if frames.spans is None else _arrays(frames.spans)
        kept = frames if may_grow else None
        return cls(came, went, spans, _arrays(frames.days), files, kept)

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        tables = (self.came, self.went, self.days, self.spans or {})
        twice = 2 if self.frames else 1
        return twice * sum(column.nbytes for table in tables for column in table.values())

    def line(self, dataset: Dataset, moment: int) -> dict[str, object] | None:
        """The line of the coverage at a whole minute; none without rows."""
        place = int(np.searchsorted(self.came["moment"], moment, side="right")) - 1
        if place < 0:
            return None
        before = int(np.searchsorted(self.went["moment"], moment, side="right")) - 1
        rows = int(self.came["rows"][place])
        rows -= int(self.went["rows"][before]) if before >= 0 else 0
        if rows == 0:
            return None
        low, high = self.came["low"][place], self.came["high"][place]
        if self.spans is not None:
            first, until = self.spans["moment"], self.spans["until"]
            alive = self.spans["day"][(first <= moment) & (until > moment)]
            low, high = alive.min(), alive.max()
        newest = EPOCH + timedelta(microseconds=int(self.came["newest"][place]))
        gap = None if dataset.rhythm_days is None else self.gap(moment, dataset.rhythm_days)
        return {
            "dataset": dataset.name,
            "rows": rows,
            "low": EPOCH.date() + timedelta(days=int(low)),
            "high": EPOCH.date() + timedelta(days=int(high)),
            "newest": newest,
            "longest_gap_days": gap,
            "expected_by": None if gap is None else newest + timedelta(days=gap + 1),
        }

    def months(self, moment: int, first: int) -> dict[int, int]:
        """The rows at a whole minute by the month of their publication, from a first one on; each
        month is its first day."""
        last = moment // DAY_US
        counts = np.zeros(max(int(last - first) + 1, 0), dtype=np.int64)
        for sign, table in ((1, self.came), (-1, self.went)):
            place = int(np.searchsorted(table["moment"], moment, side="right"))
            month = table["month"][:place]
            rows = np.diff(table["rows"][:place], prepend=0)
            np.add.at(counts, month[month >= first] - first, sign * rows[month >= first])
        return {first + int(day): int(counts[day]) for day in np.flatnonzero(counts)}

    def gap(self, moment: int, days: int) -> int | None:
        """The longest gap between two days of publication in so many days, of three at least.

        Of rows that were published, came or were replaced on the day of the clock or on the first
        day, some count and some do not. Their extremes decide, unless two such days meet.
        """
        cut = moment - days * DAY_US
        today, first = moment // DAY_US, cut // DAY_US
        near = slice(int(np.searchsorted(self.days["known"], first)), None)
        known, seen, ended, last_known, first_seen, last_ended = (
            self.days[name][near]
            for name in ("known", "seen", "ended", "last_known", "first_seen", "last_ended")
        )
        edges = (known == first, seen == today, ended == today)
        counts = (last_known >= cut, first_seen <= moment, last_ended > moment)
        alive = (seen <= today) & (ended >= today)
        for is_edge, is_in in zip(edges, counts, strict=True):
            alive &= ~is_edge | is_in
        is_sure = alive & (np.sum(edges, axis=0) < 2)
        sure = np.unique(known[is_sure])
        if not np.isin(known[alive & ~is_sure], sure).all():
            raise UndecidedError
        gaps = np.diff(sure)
        return int(gaps.max()) if len(gaps) >= LEAST_GAPS else None


def _arrays(frame: pl.DataFrame) -> dict[str, Numbers]:
    """Days as small integers; what has no end is never over."""
    found: dict[str, Numbers] = {}
    for name, column in zip(frame.columns, frame.get_columns(), strict=True):
        is_day = column.dtype == pl.Date
        plain = column.cast(pl.Int32) if is_day else column.cast(pl.Int64)
        found[name] = plain.fill_null(NEVER_DAY if is_day else NEVER).to_numpy()
    return found


class UndecidedError(Exception):
    """Whether a day counts depends on single rows."""


STEPS: KeptResults[CoverageSteps] = KeptResults(
    MOST_MB << 20, is_whole=lambda _: True, weight=lambda steps: steps.bytes
)
_NEWEST: dict[tuple[object, ...], CoverageSteps] = {}


def coverage_by_steps(at: At) -> Answer | None:
    """The coverage at a clock; none where only the lake can say it."""
    held = _held(at)
    if held is None:
        return None
    moment = microseconds(at.as_of)
    try:
        found = [steps.line(dataset, moment) for dataset, steps in held]
    except UndecidedError:
        return None
    lines = [line for line in found if line is not None]
    return _answer(at, pl.DataFrame(lines, schema=COVERAGE).sort("dataset"), "lake_coverage")


def months_by_steps(at: At, months: int) -> Answer | None:
    """The rows of each month at a clock; none where only the lake can say it."""
    held = _held(at)
    if held is None:
        return None
    running = at.as_of.year * 12 + at.as_of.month - 1
    year, month = divmod(running - months + 1, 12)
    if year < 1:
        return None
    first = (date(year, month + 1, 1) - EPOCH.date()).days
    moment = microseconds(at.as_of)
    lines = [
        (dataset.name, EPOCH.date() + timedelta(days=day), rows)
        for dataset, steps in held
        for day, rows in steps.months(moment, first).items()
    ]
    frame = pl.DataFrame(lines, schema=MONTHS, orient="row").sort("dataset", "month")
    return _answer(at, frame, "lake_months", months=months)


def is_in_steps(at: At, names: Iterable[str]) -> bool:
    """Whether steps of whole minutes say what these datasets hold at a clock."""
    if at.as_of.second or at.as_of.microsecond or at.all_vintages or at.pins:
        return False
    return not any(at.damage(name) for name in names)


def _answer(at: At, frame: pl.DataFrame, query: str, **params: Value) -> Answer:
    return Answer(frame, (QueryRun(query_text(query), params, frozenset(DATASETS), at, frame),))


def _held(at: At) -> list[tuple[Dataset, CoverageSteps]] | None:
    """Every dataset with its steps; none where steps cannot say what is asked."""
    if not is_in_steps(at, DATASETS):
        return None
    return [(dataset, steps_of(at, dataset)) for dataset in DATASETS.values()]


def steps_of(at: At, dataset: Dataset) -> CoverageSteps:
    """The steps of the version that a handle reads."""
    late = replace(at, as_of=LAST)
    return STEPS.of(late.identity([dataset.name]), lambda: _read(late, dataset))


def _read(at: At, dataset: Dataset) -> CoverageSteps:
    """From all files, or from those that came since, where files are only ever added."""
    name = dataset.name
    files = frozenset(entry.file for entry in at.manifests[name].files)
    key = (str(at.db.root), name, at.lens)
    before = _NEWEST.get(key) if dataset.appended else None
    if before is not None and before.frames is not None and before.files <= files:
        more = _frames(at.only(name, files - before.files), dataset)
        frames = before.frames.with_more(more)
    else:
        frames = _frames(at, dataset)
    steps = CoverageSteps.of(files, frames, may_grow=dataset.appended)
    if dataset.appended:
        _NEWEST[key] = steps
        while len(_NEWEST) > MOST_GROWING:
            _NEWEST.pop(next(iter(_NEWEST)), None)
    return steps


def _frames(at: At, dataset: Dataset) -> CoverageFrames:
    rows = SEEN.format(name=dataset.name, day=day_of(dataset))
    words = {
        "rows": rows,
        "month": MONTH.format("known_at"),
        "seen": MINUTE.format("seen_at"),
        "ended": MINUTE.format("superseded_at"),
    }
    came, went, days = (at.sql(text.format(**words)).frame for text in (CAME, WENT, DAYS))
    is_fixed = dataset.appended or dataset.time in dataset.key
    spans = None if is_fixed else at.sql(SPANS.format(**words)).frame
    return CoverageFrames(came, went, spans, days)
