"""The closes and exchange rates of a book, day by day, each the last that was known by that day.

A close stands until the next one, however old; a rate for ten days. Before an instrument's first
close there is no price, and nothing takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats, Ints
from analytics.core.money import RateMatrix, converted, dollar_pairs, in_major, names_of_pair
from analytics.core.ranking import COLUMNS, ranking
from data.query import Answer, At

EPOCH = date(1970, 1, 1)
AHEAD_DAYS = 40  # before the first day, so that it has a last close


@dataclass(frozen=True, slots=True)
class RateTable:
    """Pairs of currencies as `analytics.core.money` reads them."""

    instruments: pl.DataFrame
    closes: Floats
    days: Ints


@dataclass(frozen=True, slots=True)
class BookPrices:
    """Days x instruments. `close` is as printed in `quoted`, `split` what one share of the time
    before the first close has become by it; `is_session` marks the days with a close of their own.
    """

    days: Ints
    symbols: tuple[str, ...]
    close: Floats
    split: Floats
    is_session: np.ndarray
    quoted: tuple[str | None, ...]
    sources: tuple[str | None, ...]
    asset_classes: tuple[str | None, ...]
    last_on: tuple[date | None, ...]
    rates: RateMatrix
    answer: Answer

    def row(self, day: date) -> int:
        """The row of a day; one between two rows counts at the later."""
        return int(np.searchsorted(self.days, _number(day)))

    def exchange(self, currency: str | None, into: str) -> Floats:
        """What one unit of a currency was worth on each day; pence and pounds need no rate."""
        if currency is None:
            return np.full(len(self.days), np.nan)
        (major, share), (wanted, part) = in_major(currency), in_major(into)
        if major == wanted:
            return np.full(len(self.days), share / part)
        named = pl.Series([currency] * len(self.days), dtype=pl.String)
        return converted(self.rates, named, self.days, into)


def read_prices(  # noqa: PLR0913 - what is read, since when, and what is known already
    at: At,
    symbols: Sequence[str],
    since: date,
    currencies: Iterable[str],
    days: Iterable[date],
    rates: RateMatrix | None = None,
) -> BookPrices:
    """The closes of instruments from a day on, and rates between these currencies.

    The rows are the sessions of the instruments and pairs, the given days, and the day before all.
    `rates` that were read since the same day are taken where they have all the pairs.
    """
    start = since - timedelta(days=AHEAD_DAYS)
    part = at.within("prices", start, date.max)
    answer, known = _closes(part, symbols, start)
    quoted = {item.currency for item in known.values() if item.currency}
    majors = {in_major(currency)[0] for currency in {*currencies, *quoted}}
    if len(majors) < 2:
        rates = NO_RATES
    elif rates is None or not majors <= {"USD", *dollar_pairs(rates)}:
        pairs = [name for currency in sorted(majors) for name in names_of_pair(currency)]
        forex = part.part("prices", asset_class="fx")
        more = run(forex, "parts/book_rates", pairs=pairs, since=start)
        rates = _rates(more.frame)
        answer = answer.join(more, answer.frame, "closes, and the rates of the currencies")
    first, last = _number(since) - 1, _number(at.as_of.date())
    given = np.array([first, *map(_number, days)], dtype=np.int32)
    traded = [item.days for item in known.values()]
    rows = np.unique(np.concatenate([*traded, rates.days.ravel(), given])).astype(np.int32)
    rows = rows[(rows >= first) & (rows <= last)]
    return _placed(tuple(symbols), rows, known, rates, answer)


@dataclass(frozen=True, slots=True)
class _Closes:
    """One instrument's sessions with a close, and its split factor at each."""

    days: Ints
    closes: Floats
    split: Floats
    source: str
    asset_class: str
    currency: str | None


def _closes(at: At, symbols: Sequence[str], since: date) -> tuple[Answer, dict[str, _Closes]]:
    """Each instrument in the source that is shown of it."""
    named = list(symbols)
    answer = run(at, "parts/book_closes", symbols=named, since=since)
    frame = answer.frame
    if frame["source"].n_unique() > 1:
        sources = run(at, "parts/book_sources", symbols=named, since=since)
        chosen = (
            ranking()
            .one_source(sources.frame)
            .select(
                pl.col("symbol")
                .replace_strict(named, range(len(named)), return_dtype=pl.Int32)
                .alias("place"),
                "source",
            )
        )
        frame = frame.join(chosen, on=["place", "source"], how="semi", maintain_order="left")
        answer = answer.join(sources, frame, "rows of each symbol's chosen source")
    place = frame["place"].to_numpy().astype(np.int64)
    days: Ints = frame["date"].cast(pl.Int32).to_numpy()
    order = np.argsort(place * (1 << 32) + days, kind="stable")
    closes = frame["close"].cast(pl.Float64).fill_null(np.nan).to_numpy()[order]
    ratios = frame["split_ratio"].cast(pl.Float64).fill_null(1.0).to_numpy()[order]
    days, starts = days[order], np.searchsorted(place[order], np.arange(len(named) + 1))
    found = {}
    for number, symbol in enumerate(named):
        span = slice(int(starts[number]), int(starts[number + 1]))
        there = np.isfinite(closes[span])
        if not there.any():
            continue
        split = np.cumprod(np.where(ratios[span] > 0, ratios[span], 1.0))
        last = frame.row(int(order[span.stop - 1]), named=True)
        found[symbol] = _Closes(
            days[span][there],
            closes[span][there],
            split[there],
            last["source"],
            last["asset_class"],
            last["currency"],
        )
    return answer, found


def _placed(
    symbols: tuple[str, ...],
    rows: Ints,
    known: Mapping[str, _Closes],
    rates: RateMatrix,
    answer: Answer,
) -> BookPrices:
    """The last close and split factor by each row, instrument by instrument."""
    shape = (len(rows), len(symbols))
    close, split, is_session = np.full(shape, np.nan), np.ones(shape), np.zeros(shape, dtype=bool)
    for column, symbol in enumerate(symbols):
        if (item := known.get(symbol)) is None:
            continue
        place = np.searchsorted(item.days, rows, side="right") - 1
        there = place >= 0
        close[there, column] = item.closes[place[there]]
        split[there, column] = item.split[place[there]]
        is_session[there, column] = item.days[place[there]] == rows[there]
    every = [known.get(symbol) for symbol in symbols]
    return BookPrices(
        rows,
        symbols,
        close,
        split,
        is_session,
        tuple(item.currency if item else None for item in every),
        tuple(item.source if item else None for item in every),
        tuple(item.asset_class if item else None for item in every),
        tuple(EPOCH + timedelta(days=int(item.days[-1])) if item else None for item in every),
        rates,
        answer,
    )


def _rates(frame: pl.DataFrame) -> RateTable:
    """The pairs side by side, each column ending in its last row."""
    lengths = frame["dates"].list.len().to_numpy().astype(np.int64)
    longest = int(lengths.max(initial=0))
    closes = np.full((longest, frame.height), np.nan)
    days = np.full((longest, frame.height), -1, dtype=np.int32)
    column = np.repeat(np.arange(frame.height), lengths)
    ends = np.cumsum(lengths)
    row = longest - np.repeat(ends, lengths) + np.arange(int(lengths.sum()))
    if len(column):
        closes[row, column] = frame["closes"].explode().to_numpy()
        days[row, column] = frame["dates"].explode().cast(pl.Int32).to_numpy()
    return RateTable(frame.select("symbol", "source", "asset_class", *COLUMNS), closes, days)


def _number(day: date) -> int:
    return (day - EPOCH).days


NO_RATES = RateTable(
    pl.DataFrame(schema=dict.fromkeys(("symbol", "source", "asset_class"), pl.String)),
    np.empty((0, 0)),
    np.empty((0, 0), dtype=np.int32),
)
