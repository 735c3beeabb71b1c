"""Every account of the sessions of all instruments between two days, from which the rows that were
in view at any clock between are cut: a clock not seen before costs no query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.closes import Floats
from analytics.core.query_texts import query_text
from data.clock import LAST
from data.kept_results import KeptResults
from data.query import At, Value

MOST_MB = 160
AHEAD = timedelta(days=1)  # a session of the day after may be over before the clock's day is
NEVER = np.iinfo(np.int64).max
Whole = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class PriceAccounts:
    """Rows by instrument and day, of one session the earlier account first.

    `instruments` are numbered by `of`; instants are numbers in `instants`, currencies in
    `currencies`, -1 where there is none. `ended` are the rows that a later one took the place of,
    in view until `ends`.
    """

    instruments: pl.DataFrame
    of: Whole
    days: Whole
    closes: Floats
    has_close: npt.NDArray[np.bool_]
    turnover: Floats
    instants: Whole
    seen: Whole
    known: Whole
    taken_in: Whole
    grades: Whole
    currency: Whole
    currencies: pl.Series
    splits: tuple[Whole, Floats]
    dividends: tuple[Whole, Floats]
    ended: Whole
    ends: Whole
    all_vintages: bool
    damaged: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        rows = self.of, self.days, self.closes, self.has_close, self.turnover, self.instants
        more = self.seen, self.known, self.taken_in, self.grades, self.currency, self.ended
        return sum(held.nbytes for held in (*rows, *more, self.ends, *self.splits, *self.dividends))

    def at(self, moment: int, since: date, until: date) -> SessionRows:
        """The rows in view at an instant, in microseconds, of days from `since` to `until`."""
        first, last = np.datetime64(since, "D").astype(int), np.datetime64(until, "D").astype(int)
        in_view = (self.days >= first) & (self.days <= last)
        if not self.all_vintages:
            in_view &= self.seen < np.searchsorted(self.instants, moment, side="right")
            in_view[self.ended[self.ends <= moment]] = False
        return SessionRows(self, in_view)


@dataclass(frozen=True, slots=True)
class SessionRows:
    """The rows of `accounts` that are in view."""

    accounts: PriceAccounts
    in_view: npt.NDArray[np.bool_]

    def instruments(self) -> tuple[pl.DataFrame, Whole]:
        """Those with a close, what is gathered of each, and the place of every number among them,
        -1 for one without."""
        accounts = self.accounts
        priced = np.zeros(accounts.instruments.height, dtype=bool)
        priced[accounts.of[self.in_view & accounts.has_close]] = True
        rows = np.flatnonzero(self.in_view & priced[accounts.of])
        starts = _starts(accounts.of[rows])
        stamped = rows[accounts.currency[rows] >= 0]
        currency = np.full(len(priced), -1)
        currency[accounts.of[stamped]] = accounts.currency[stamped]  # the last one is what stays

        def instants(codes: Whole, least: np.ufunc) -> pl.Series:
            found = least.reduceat(codes[rows], starts) if len(rows) else codes[:0]
            return pl.Series(accounts.instants[found]).cast(pl.Datetime("us", "UTC"))

        grades = accounts.grades
        frame = accounts.instruments.filter(pl.Series(priced)).with_columns(
            currency=_coded(accounts.currencies, currency[priced]),
            known_at=instants(accounts.known, np.maximum),
            grade=pl.Series(
                np.minimum.reduceat(grades[rows], starts) if len(rows) else grades[:0],
                dtype=pl.Int32,
            ),
            taken_in=instants(accounts.taken_in, np.minimum),
            known_first=instants(accounts.known, np.minimum),
        )
        return frame, np.where(priced, np.cumsum(priced) - 1, -1)

    def closes(self, sessions: int) -> tuple[Whole, Whole]:
        """Rows of each instrument's last closes, and the place of each counted from its last, 0."""
        rows = np.flatnonzero(self.in_view & self.accounts.has_close)
        return _last(rows, self.accounts.of[rows], sessions)

    def splits(self) -> Iterator[tuple[int, int, float]]:
        """Number of the instrument, day and ratio of each split, the newest of each first."""
        accounts, (rows, ratios) = self.accounts, self.accounts.splits
        for place in np.flatnonzero(self.in_view[rows])[::-1]:
            row = rows[place]
            yield int(accounts.of[row]), int(accounts.days[row]), float(ratios[place])

    def dividends(self, closes: Whole) -> tuple[Floats, Whole]:
        """Amounts paid on sessions of these rows, which are in view, and the place of each row."""
        rows, amounts = self.accounts.dividends
        places = np.searchsorted(closes, rows)
        paid = np.flatnonzero(np.append(closes, -1)[places] == rows)
        return amounts[paid], places[paid]


def _starts(numbers: Whole) -> Whole:
    """Where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(numbers, prepend=-1))


def _last(rows: Whole, numbers: Whole, most: int) -> tuple[Whole, Whole]:
    starts = _starts(numbers)
    lengths = np.diff(starts, append=len(rows))
    back = np.repeat(starts + lengths - 1, lengths) - np.arange(len(rows))
    kept = back < most
    return rows[kept], back[kept]


def _coded(names: pl.Series, codes: Whole) -> pl.Series:
    return names.gather(pl.Series(codes, dtype=pl.Int64).replace(-1, None))


def read_accounts(
    at: At, since: date, until: date, symbols: list[str] | None = None
) -> PriceAccounts:
    """All accounts of the sessions of these days, whatever the clock."""
    late = replace(at, as_of=LAST).within("prices", since, until)
    asked: dict[str, Value] = {"since": since, "until": until, "symbols": symbols}
    answer = late.sql(query_text("parts/price_accounts"), **asked)
    frame = answer.frame.rechunk()
    names = ["symbol", "source", "asset_class"]
    number = frame.select(pl.struct(names).rle_id()).to_series()
    currencies = frame["currency"].unique().drop_nulls().sort()
    instants = np.unique(
        np.concatenate([_ticks(frame[name]) for name in ("seen_at", "known_at", "ingested_at")])
    )
    ended = np.flatnonzero(frame["superseded_at"].is_not_null().to_numpy())

    def codes(name: str) -> Whole:
        return np.searchsorted(instants, _ticks(frame[name])).astype(np.int32)

    def rare(name: str) -> tuple[Whole, Floats]:
        rows = np.flatnonzero(frame[f"has_{name}"].to_numpy())
        return rows, frame[name].gather(rows).to_numpy()

    seen, known = codes("seen_at"), codes("known_at")
    return PriceAccounts(
        frame.select(names).filter(pl.Series(_is_first(number.to_numpy()))),
        number.to_numpy().astype(np.int32),
        frame["date"].to_physical().to_numpy(),
        frame["close"].fill_null(np.nan).to_numpy(),
        frame["close"].is_not_null().to_numpy(),
        frame["turnover"].to_numpy(),
        instants,
        seen,
        seen if np.array_equal(seen, known) else known,
        codes("ingested_at"),
        frame["grade"].to_numpy(),
        _codes_in(frame["currency"], currencies),
        currencies,
        rare("split"),
        rare("dividend"),
        ended,
        _ticks(frame["superseded_at"].gather(ended)),
        at.all_vintages,
        answer.damaged,
    )


def _is_first(numbers: Whole) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.diff(numbers.astype(np.int64), prepend=-1) != 0
    return found


def _ticks(instants: pl.Series) -> Whole:
    return instants.to_physical().to_numpy()


def _codes_in(values: pl.Series, names: pl.Series) -> Whole:
    codes = values.replace_strict(names, np.arange(len(names)), default=-1, return_dtype=pl.Int16)
    return codes.fill_null(-1).to_numpy()


ACCOUNTS: KeptResults[PriceAccounts] = KeptResults(
    MOST_MB << 20,
    is_whole=lambda accounts: not accounts.damaged,
    weight=lambda accounts: accounts.bytes,
)


def shared_accounts(at: At, back: timedelta) -> PriceAccounts:
    """The accounts of `back` days before any clock of the same quarter, read once per version."""
    day = at.as_of.date()
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    until = first + timedelta(days=92)
    key = replace(at, as_of=LAST).identity(["prices"]), first, back
    return ACCOUNTS.of(key, lambda: read_accounts(at, first - back, until + AHEAD))
