"""A book over time at the clock: value, cost, gain, money paid, and returns beside a benchmark.

A position that has no price or no rate on any day is left out with all that was paid for it, and
named in `left_out`; on a day on which another one has no value the sums are null, and `missing`
names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from analytics.book.course import COURSES, BookCourse, Position
from analytics.book.performance import chained, money_weighted
from analytics.book.prices import EPOCH
from analytics.core.closes import Floats, Ints
from data.query import Answer, At

HISTORY = {
    "date": pl.Date,
    "value": pl.Float64,
    "cost": pl.Float64,
    "unrealised": pl.Float64,
    "realised": pl.Float64,
    "income": pl.Float64,
    "gain": pl.Float64,
    "paid_in": pl.Float64,
    "paid_out": pl.Float64,
    "index": pl.Float64,
    "benchmark": pl.Float64,
    "missing": pl.String,
    "left_out": pl.String,
    "unknown_income": pl.Int64,
}
RETURNS = {
    "since": pl.Date,
    "until": pl.Date,
    "measured_from": pl.Date,
    "time_weighted": pl.Float64,
    "time_weighted_year": pl.Float64,
    "money_weighted": pl.Float64,
    "money_weighted_year": pl.Float64,
    "benchmark": pl.Float64,
    "max_drawdown": pl.Float64,
    "time_weighted_reason": pl.String,
    "money_weighted_reason": pl.String,
    "left_out": pl.String,
}
YEAR_DAYS = 365


def book_history(at: At, *, book: str, base: str = "USD", benchmark: str | None = None) -> Answer:
    """A book by day in one currency: value, cost, gains, money paid, index of its return.

    The first row is the day before the first trade.
    `book` is the text of a portfolio. `gain` is the value and all money paid out less all paid in;
    it is `unrealised`, `realised` and `income` together. `index` is the time-weighted return
    chained from 1, `benchmark` the price of an instrument in the same currency from the same day,
    without its dividends.
    """
    found = COURSES.of(at, book, base)
    if found is None:
        return no_trades(HISTORY, at)
    frame, answer = _history(found), found.prices.answer
    if benchmark is not None:
        frame, answer = _beside(at, frame, found, benchmark, base)
    return answer.derive(frame, f"value and gain by day in {base}")


def book_returns(at: At, *, book: str, base: str = "USD", benchmark: str | None = None) -> Answer:
    """Time-weighted and money-weighted return of a book since its first trade.

    Yearly figures only for a year and more. Null with a reason where a return is undefined.
    """
    answer = book_history(at, book=book, base=base, benchmark=benchmark)
    if answer.frame.is_empty():
        return no_trades(RETURNS, at)
    return answer.derive(returns_of(answer.frame), "returns of it")


def no_trades(schema: Mapping[str, Any], at: At) -> Answer:
    """What an analytic answers of a book without trades at the clock."""
    answer = at.sql("SELECT symbol FROM prices WHERE false")
    return answer.derive(pl.DataFrame(schema=dict(schema)), "a book without trades")


def _history(found: BookCourse) -> pl.DataFrame:
    positions = [item for item in found.positions if item.is_valued]
    left_out = sorted({item.symbol for item in found.positions if not item.is_valued})
    length = len(found.prices.days)

    def total(values: list[Floats]) -> Floats:
        summed: Floats = np.sum(values, axis=0) if values else np.full(length, np.nan)
        return summed

    value = total([item.base.value for item in positions])
    cost = total([item.base.cost for item in positions])
    paid_in = total([item.base.paid_in for item in positions])
    paid_out = total([item.base.paid_out for item in positions]) + found.income
    columns = {
        "value": value,
        "cost": cost,
        "unrealised": value - cost,
        "realised": total([item.base.realised for item in positions]),
        "income": np.cumsum(found.income),
        "gain": value + np.cumsum(paid_out - paid_in),
        "paid_in": paid_in,
        "paid_out": paid_out,
        "index": chained(value, paid_in, paid_out),
        "benchmark": np.full(length, np.nan),
    }
    return pl.DataFrame(
        {
            "date": pl.Series(found.prices.days).cast(pl.Date),
            **{name: pl.Series(held, nan_to_null=True) for name, held in columns.items()},
            "missing": _missing(positions, length),
            "left_out": [", ".join(left_out) or None] * length,
            "unknown_income": [found.unknown] * length,
        },
        schema=HISTORY,
    )


def _missing(positions: list[Position], length: int) -> list[str | None]:
    """By day the positions that have no value on it."""
    named: list[list[str]] = [[] for _ in range(length)]
    for item in positions:
        for row in np.flatnonzero(~np.isfinite(item.base.value)):
            named[row].append(item.symbol)
    return [", ".join(sorted(set(symbols))) or None for symbols in named]


def _beside(
    at: At, frame: pl.DataFrame, found: BookCourse, benchmark: str, base: str
) -> tuple[pl.DataFrame, Answer]:
    """With the benchmark's price in the base currency, 1 where the index begins."""
    days: Ints = frame["date"].cast(pl.Int32).to_numpy()
    known = frame["index"].is_not_null().arg_true()
    prices = COURSES.benchmark(at, benchmark, base, frame["date"][0], found.prices.rates)
    price = prices.close[:, 0] * prices.split[:, 0] * prices.exchange(prices.quoted[0], base)
    price = price[np.searchsorted(prices.days, days, side="right") - 1]
    first = price[known[0]] if len(known) else np.nan
    course = np.where(price > 0, price / first, np.nan) if first > 0 else np.full(len(days), np.nan)
    named = frame.with_columns(pl.Series("benchmark", course, nan_to_null=True))
    return named, found.prices.answer.join(prices.answer, named, "with the course of the benchmark")


def returns_of(frame: pl.DataFrame) -> pl.DataFrame:
    """The returns of a course of `book_history`, in one row."""
    days: Ints = frame["date"].cast(pl.Int32).to_numpy()
    index = frame["index"].to_numpy()
    known = np.flatnonzero(np.isfinite(index))
    # Of a single day with a value there is no return yet.
    whole = len(known) > 1 and known[-1] == len(index) - 1
    time_weighted = float(index[-1]) - 1 if whole else None
    span = int(days[-1] - days[known[0]]) if whole else 0
    flows = frame["paid_out"].to_numpy() - frame["paid_in"].to_numpy()
    value = frame["value"].to_numpy()
    flows[-1] += value[-1]
    rate = money_weighted(days, flows)
    years = float(days[-1] - days[1]) / YEAR_DAYS
    last = frame["benchmark"][-1]
    wealth = index[known]
    return pl.DataFrame(
        {
            "since": [frame["date"][1]],
            "until": [frame["date"][-1]],
            "measured_from": [EPOCH + timedelta(days=int(days[known[0]])) if whole else None],
            "time_weighted": [time_weighted],
            "time_weighted_year": [_yearly(time_weighted, span)],
            "money_weighted": [None if rate is None else float(np.expm1(rate * years))],
            "money_weighted_year": [None if rate is None or years < 1 else float(np.expm1(rate))],
            "benchmark": [None if last is None else last - 1],
            "max_drawdown": [_drawdown(wealth) if whole else None],
            "time_weighted_reason": [None if whole else _reason(value, index)],
            "money_weighted_reason": [None if rate is not None else _no_rate(flows, years)],
            "left_out": [frame["left_out"][0]],
        },
        schema=RETURNS,
    )


def _yearly(total: float | None, days: int) -> float | None:
    if total is None or days < YEAR_DAYS or total <= -1:
        return None
    return float((1 + total) ** (YEAR_DAYS / days) - 1)


def _drawdown(index: Floats) -> float:
    """The deepest fall from a peak; the start counts as one."""
    wealth = np.concatenate([[1.0], index])
    return float((wealth / np.maximum.accumulate(wealth) - 1).min())


def _reason(value: Floats, index: Floats) -> str:
    if not np.isfinite(value[-1]):
        return "missing_input"
    if np.isfinite(index[-1]):
        return "insufficient_history"
    return "non_positive_capital" if np.isfinite(index).any() else "missing_input"


def _no_rate(flows: Floats, years: float) -> str:
    if not np.isfinite(flows).all():
        return "missing_input"
    return "no_unique_rate" if years > 0 else "insufficient_history"
