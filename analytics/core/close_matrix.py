"""Closes of all instruments kept in memory for a clock, so that a page's slider costs no query."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.core.closes import Floats, Ints
from analytics.core.known_history import known_history, microseconds
from analytics.core.price_accounts import (
    AHEAD,
    PriceAccounts,
    Whole,
    read_accounts,
    shared_accounts,
)
from analytics.core.query_texts import query_text
from data.errors import ConfigError
from data.kept_results import KeptResults
from data.query import Answer, At, Value

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

    def places_of(self, shown: pl.DataFrame) -> Whole:
        """The column of each row's instrument; one id may stand for several kinds."""
        by = ["symbol", "source", "asset_class"]
        places = self.instruments.select(by).with_row_index("place")
        found = shown.select(by).join(places, on=by, how="left", maintain_order="left")
        return found["place"].to_numpy().astype(np.intp)

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
    since, until = _days(at, sessions)
    return _matrix(at, read_accounts(at, since, until, symbols), sessions, symbols)


def _days(at: At, sessions: int) -> tuple[date, date]:
    """The first and the last day of which a session can be among them."""
    day = at.as_of.date()
    return day - reach(sessions), day + AHEAD


def _matrix(
    at: At, accounts: PriceAccounts, sessions: int, symbols: list[str] | None = None
) -> CloseMatrix:
    since, until = _days(at, sessions)
    rows = accounts.at(microseconds(at.as_of), since, until)
    instruments, places = rows.instruments()
    kept, back = rows.closes(sessions)
    where = sessions - 1 - back, places[accounts.of[kept]]
    shape = sessions, instruments.height
    closes, turnover = np.full(shape, np.nan), np.full(shape, np.nan)
    days = np.full(shape, -1, dtype=np.int32)
    closes[where], days[where] = accounts.closes[kept], accounts.days[kept]
    traded = accounts.turnover[kept]
    turnover[where] = np.where(traded >= 0, traded, np.nan)
    raw = closes.copy() if len(accounts.splits[0]) else closes
    for number, day, ratio in rows.splits():
        # One without a close since is not in the last price yet.
        if (place := places[number]) >= 0 and day <= days[-1, place]:
            closes[days[:, place] < day, place] /= ratio
    is_rate = (instruments["asset_class"] == "rate").to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.where(closes > 0, np.log(closes), np.nan)
    paid, on = rows.dividends(kept)
    _add_dividends(level, raw, paid, (where[0][on], where[1][on]))
    level[:, is_rate] = closes[:, is_rate]
    for held in (closes, days, level, turnover):
        held.setflags(write=False)
    known = known_history(at, "parts/panel_splits").answer
    splits = known.frame.filter(pl.col("ratio") > 0, pl.col("ratio") != 1)
    splits = splits.drop("begins_at", "settled_at")
    answer = _asked(at, accounts, sessions, symbols).join(known, instruments, "")
    return CloseMatrix(instruments, closes, days, level, turnover, splits, answer)


def _add_dividends(level: Floats, closes: Floats, paid: Floats, where: tuple[Whole, Whole]) -> None:
    """Put dividends back in: what each adds to a holding counts from its session on."""
    columns, places = np.unique(where[1], return_inverse=True)
    amounts = np.zeros((len(closes), len(columns)))
    amounts[where[0], places] = paid
    priced = closes[:, columns]
    # A dividend is in money per share of its day, as the close is: their ratio needs no split.
    with np.errstate(invalid="ignore", divide="ignore"):
        added = np.where(priced > 0, np.log1p(amounts / priced), 0.0)
    level[:, columns] += np.cumsum(added, axis=0)


def _asked(at: At, accounts: PriceAccounts, sessions: int, symbols: list[str] | None) -> Answer:
    """The query that gives these rows at this clock, for receipts."""
    since, until = _days(at, sessions)
    asked: dict[str, Value] = {
        "sessions": sessions,
        "since": since,
        "until": until,
        "symbols": symbols,
    }
    query_run = at.within("prices", since, until).unrun(query_text("parts/panel_rows"), **asked)
    return Answer(pl.DataFrame(), (query_run,), accounts.damaged)


class CloseMatrices:
    """The panels of a process, shared by its threads, the least used given up beyond `max_mb`."""

    def __init__(self, *, max_mb: int = 64) -> None:
        self._panels: KeptResults[CloseMatrix] = KeptResults(
            max_mb << 20,
            is_whole=lambda panel: not panel.answer.damaged,
            weight=lambda panel: panel.bytes,
        )

    def of(self, at: At, *, sessions: int = 252) -> CloseMatrix:
        """The panel of a clock and version of the prices; made once, whoever asks first.

        Where a file is damaged now, it is what the others give, as its receipt will.
        """
        if at.damage("prices"):
            return read_panel(at, sessions=sessions)
        key = (at.identity(["prices"]), sessions)
        return self._panels.of(key, lambda: self._read(at, sessions))

    def _read(self, at: At, sessions: int) -> CloseMatrix:
        accounts = shared_accounts(at, reach(sessions))
        if accounts.damaged:  # perhaps in a file that this clock does not need
            return read_panel(at, sessions=sessions)
        return _matrix(at, accounts, sessions)
