"""Closes of all instruments kept in memory for a clock, so that a page's slider costs no query."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats, Ints
from analytics.core.known_history import known_history
from analytics.core.ranking import COLUMNS
from data.errors import ConfigError
from data.kept_results import KeptResults
from data.query import Answer, At

EPOCH = date(1970, 1, 1)
PAUSE_DAYS = 60


@dataclass(frozen=True, slots=True)
class CloseMatrix:
    """Sessions x instruments, each instrument's own last sessions, the last one in the last row.

    Adjusted for the splits known at the clock; NaN above an instrument's first session.
    `level` is the log of a holding with dividends put back in, for rates the rate itself; NaN where
    a price is not above zero. `turnover` is in the instrument's own money.
    Instruments that paused for more than 60 days may show fewer sessions than they have. `splits`
    are all that are known, also those before these sessions. `measures` are kept as long as it is.
    """

    instruments: pl.DataFrame
    closes: Floats
    days: Ints
    level: Floats
    turnover: Floats
    splits: pl.DataFrame
    answer: Answer
    measures: dict[object, pl.DataFrame] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Memory that the matrices hold."""
        return sum(held.nbytes for held in (self.closes, self.days, self.level, self.turnover))

    def heatmap(
        self, *, sessions: int = 21, asset_class: str | None = None, fresh_days: int = 10
    ) -> Answer:
        """What `analytics.markets.returns.heatmap` gives, from memory."""
        if not 1 <= sessions < len(self.closes):
            raise ConfigError(
                f"sessions={sessions}: this panel holds {len(self.closes)}; expected 1 to "
                f"{len(self.closes) - 1}"
            )
        fresh = np.datetime64(self.answer.asked[0].at.as_of.date(), "D").astype(np.int32)
        shown = self.days[-1] >= fresh - fresh_days
        if asset_class is not None:
            shown &= (self.instruments["asset_class"] == asset_class).to_numpy()
        close, base = self.closes[-1], self.closes[-1 - sessions]
        sound = (close > 0) & (base > 0)
        change = np.divide(close, base, where=sound, out=np.full(close.shape, np.nan)) - 1
        frame = self.instruments.select("symbol", "source", "asset_class").with_columns(
            pl.Series("date", self.days[-1]).cast(pl.Date),
            pl.Series("close", close),
            _dates("base_date", self.days[-1 - sessions]),
            pl.Series("base_close", base, nan_to_null=True),
            pl.Series("return", change, nan_to_null=True),
        )
        if not shown.all():
            frame = frame.filter(pl.Series(shown))
        return self.answer.derive(frame, f"change over {sessions} rows of the panel")


def _dates(name: str, days: Ints) -> pl.Series:
    column = pl.Series(name, days)
    if int(days.min(initial=0)) < 0:
        column = column.set(pl.Series(days < 0), None)
    return column.cast(pl.Date)


def reach(sessions: int) -> timedelta:
    """How far back so many sessions are looked for."""
    return timedelta(days=sessions * 29 // 20 + PAUSE_DAYS)


def read_panel(at: At, *, sessions: int = 252, symbols: list[str] | None = None) -> CloseMatrix:
    """The last sessions of all instruments under a clock, or of these."""
    day = at.as_of.date()
    since = day - reach(sessions)
    part = at.within("prices", since, day + timedelta(days=1))
    answer = run(part, "parts/panel_rows", sessions=sessions, since=since, symbols=symbols)
    frame = answer.frame
    closes, days, turnover = _right_aligned(frame, sessions)
    paid = np.zeros(closes.shape)
    for place, (dates, amounts) in _dated(frame, "dividend_dates", "dividends"):
        rows = np.isin(days[:, place], [(day - EPOCH).days for day in dates])
        found = dict(zip(((day - EPOCH).days for day in dates), amounts, strict=True))
        paid[rows, place] = [found[int(day)] for day in days[rows, place]]
    # A dividend is in money per share of its day, as the close is: their ratio needs no split.
    with np.errstate(invalid="ignore", divide="ignore"):
        paid = np.cumsum(np.where(closes > 0, np.log1p(paid / closes), 0.0), axis=0)
    for place, (dates, ratios) in _dated(frame, "split_dates", "ratios"):
        for split_day, ratio in zip(dates, ratios, strict=True):
            # One without a close since is not in the last price yet.
            if (day_of := (split_day - EPOCH).days) <= days[-1, place]:
                closes[days[:, place] < day_of, place] /= ratio
    is_rate = (frame["asset_class"] == "rate").to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.where(closes > 0, np.log(closes), np.nan) + paid
    level = np.where(is_rate, closes, logs)
    for held in (closes, days, level, turnover):
        held.setflags(write=False)
    columns = ("symbol", "source", "asset_class", "currency", "known_at", *COLUMNS)
    known = known_history(at, "parts/panel_splits").answer
    splits = known.frame.filter(pl.col("ratio") > 0, pl.col("ratio") != 1)
    splits = splits.drop("begins_at", "settled_at")
    answer = answer.join(known, frame, "")
    return CloseMatrix(frame.select(columns), closes, days, level, turnover, splits, answer)


def _right_aligned(frame: pl.DataFrame, sessions: int) -> tuple[Floats, Ints, Floats]:
    """Matrices with each instrument's newest session in the last row; day -1 where it has none."""
    lengths = frame["dates"].list.len().to_numpy().astype(np.int64)
    column = np.repeat(np.arange(frame.height), lengths)
    starts = np.cumsum(lengths) - lengths
    back = np.arange(int(lengths.sum())) - np.repeat(starts, lengths)
    row = sessions - 1 - back
    closes = np.full((sessions, frame.height), np.nan)
    turnover = np.full((sessions, frame.height), np.nan)
    days = np.full((sessions, frame.height), -1, dtype=np.int32)
    if len(column):
        closes[row, column] = frame["closes"].explode().to_numpy()
        days[row, column] = frame["dates"].explode().cast(pl.Int32).to_numpy()
        traded = frame["turnovers"].explode().to_numpy()
        turnover[row, column] = np.where(traded >= 0, traded, np.nan)
    return closes, days, turnover


def _dated(
    frame: pl.DataFrame, dates: str, values: str
) -> list[tuple[int, tuple[list[date], list[float]]]]:
    """Rare values of an instrument: its place, and what lies on which days."""
    rare = frame.with_row_index("place").filter(pl.col(values).is_not_null())
    return [
        (place, (days, held))
        for place, days, held in rare.select("place", dates, values).iter_rows()
    ]


class CloseMatrices:
    """The panels of a process, shared by its threads, the least used given up beyond `max_mb`."""

    def __init__(self, *, max_mb: int = 256) -> None:
        self._panels: KeptResults[CloseMatrix] = KeptResults(
            max_mb << 20,
            is_whole=lambda panel: not panel.answer.damaged,
            weight=lambda panel: panel.bytes,
        )

    def of(self, at: At, *, sessions: int = 252) -> CloseMatrix:
        """The panel of a clock and version of the prices; made once, whoever asks first."""
        key = (at.identity(["prices"]), sessions)
        return self._panels.of(key, lambda: read_panel(at, sessions=sessions))
