"""A moving heatmap: the last daily move of every instrument, evening by evening, as then known."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from data.errors import ConfigError
from data.query import Answer, At

DAY_US, SECOND_US = 86_400_000_000, 1_000_000
RECENT = timedelta(days=10)  # an older session is no move of today
LONGEST = timedelta(days=366 * 3)


def replay_moves(
    at: At, *, start: datetime, end: datetime, asset_class: str | None = None
) -> Answer:
    """The last daily move of every instrument at the end of each UTC day of a window, as known.

    A move is the close against the one before, splits undone, corrected when it was corrected.
    Null where the last session is older than ten days.
    """
    if not timedelta(0) < end - start <= LONGEST:
        raise ConfigError(f"a window of {end - start}: expected up to three years")
    clock = at if at.as_of <= end else at.earlier(end)
    since = (start - timedelta(days=20)).date()
    answer = run(
        clock.within("prices", since, end.date()),
        "parts/replay_days",
        symbols=None,
        asset_class=asset_class,
        since=since,
        until=end.date(),
    )
    return answer.derive(_moves(answer.frame, start), "moves of each evening, as known then")


def _moves(rows: pl.DataFrame, start: datetime) -> pl.DataFrame:
    """A row for each evening and instrument, from rows in the order in which they came."""
    names = rows["symbol"].unique().sort()
    board, found, evenings = _Board(len(names)), [], list[int]()
    if rows.height:
        # By the first 23:59:59 that knew of it.
        days = ((rows["known_at"].to_physical() + SECOND_US - 1) // DAY_US).to_numpy()
        columns = (
            rows["symbol"].cast(pl.Enum(names)).to_physical().to_list(),
            (rows["about"].to_physical() // DAY_US).to_list(),
            rows["close"].to_list(),
            rows["split_ratio"].fill_null(1.0).replace(0.0, 1.0).to_list(),
        )
        told, begin = list(zip(*columns, strict=True)), 0
        for end in (np.flatnonzero(np.diff(days, append=days[-1] + 1)) + 1).tolist():
            for row in told[begin:end]:
                board.take(*row)
            begin, day = end, int(days[end - 1])
            if day >= int(start.timestamp()) // 86_400:
                evenings.append(day)
                found.append(board.shown(day))
    stamps = np.repeat(np.array(evenings, dtype=np.int64) + 1, len(names)) * DAY_US - SECOND_US
    return pl.DataFrame(
        {
            "known_at": pl.Series(stamps, dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
            "symbol": pl.Series(names.to_list() * len(evenings), dtype=pl.String),
            "move": pl.Series(np.concatenate([*found, np.empty(0)]), nan_to_null=True),
        }
    )


class _Board:
    """The last session of each instrument and the one before, as far as they are known."""

    def __init__(self, count: int) -> None:
        self.last = [(0, 0.0, 1.0)] * count  # session, close, split
        self.prior = [(0, 0.0)] * count
        self.moves, self.sessions = np.full(count, np.nan), np.zeros(count, dtype=np.int64)

    def take(self, one: int, day: int, close: float, split: float) -> None:
        """A session, or another account of one; of older ones nothing is shown."""
        held = self.last[one][0]
        if day > held:
            self.prior[one] = self.last[one][:2]
        elif day == self.prior[one][0]:
            self.prior[one] = (day, close)
        if day >= held:
            self.last[one] = (day, close, split)
        _, last, ratio = self.last[one]
        before = self.prior[one][1]
        self.sessions[one] = self.last[one][0]
        self.moves[one] = last * ratio / before - 1 if before > 0 and last > 0 else np.nan

    def shown(self, day: int) -> np.ndarray:
        """The moves of a day's end; none of what has not traded of late."""
        return np.where(self.sessions >= day - RECENT.days, self.moves, np.nan)
