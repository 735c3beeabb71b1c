"""Risk of a book or list: what its positions of the clock would have gained on each past session.

The history is that of the last dates on which all instruments have a close, in the base currency;
an instrument with too short a history is left out and named. Nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from analytics.book.course import COURSES
from analytics.book.history import no_trades
from analytics.book.losses import (
    LEAST_DAYS,
    beta,
    deviation_parts,
    needed_days,
    shortfall_parts,
    value_at_risk,
)
from analytics.book.prices import BookPrices, read_prices
from analytics.core.closes import Floats
from data.errors import ConfigError
from data.query import Answer, At

LEVELS = (0.95, 0.99)
LARGEST = 5
MOST_SESSIONS = 2520
NO_RETURN, NO_PRICE = "no_return", "no price or rate"
RISK = {
    "kind": pl.String,
    "measure": pl.String,
    "symbol": pl.String,
    "date": pl.Date,
    "value": pl.Float64,
    "share": pl.Float64,
    "beta": pl.Float64,
    "exposure": pl.Float64,
    "days": pl.Int64,
    "reason": pl.String,
}


def book_risk(
    at: At,
    *,
    book: str,
    base: str = "USD",
    benchmark: str | None = None,
    sessions: int = 252,
) -> Answer:
    """Risk of the positions that a book has at the clock, over their last sessions.

    Rows of `kind` measure (volatility of a year, value at risk and expected shortfall of a day at
    95 and 99 %, beta), position (what each adds to the deviation of a day and to the shortfall at
    95 %), day (the largest losses and gains) and left_out. `value` is in the base currency, `share`
    of the net value; a loss is negative.
    """
    found = COURSES.of(at, book, base)
    if found is None:
        return no_trades(RISK, at)
    held: dict[str, float] = {}
    silent: dict[str, str] = {}
    for item in found.positions:
        worth = float(item.base.value[-1])
        if item.shares[-1] and np.isfinite(worth):
            held[item.symbol] = held.get(item.symbol, 0.0) + worth
        elif item.shares[-1]:
            silent[item.symbol] = NO_PRICE
    return _risk(at, _Wanted(held, silent, base, benchmark, sessions))


def list_risk(
    at: At,
    *,
    symbols: list[str],
    base: str = "USD",
    benchmark: str | None = None,
    sessions: int = 252,
) -> Answer:
    """Risk of a list, as if the same amount lay in each of its instruments, 1 in all of them.

    The rows are those of `book_risk`.
    """
    names = list(dict.fromkeys(symbols))
    if not names:
        return no_trades(RISK, at)
    held = dict.fromkeys(names, 1.0 / len(names))
    return _risk(at, _Wanted(held, {}, base, benchmark, sessions))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is valued: exposures in the base currency, and what had to be left out of them."""

    held: Mapping[str, float]
    left_out: Mapping[str, str]
    base: str
    benchmark: str | None
    sessions: int


def _risk(at: At, wanted: _Wanted) -> Answer:
    if not LEAST_DAYS <= wanted.sessions <= MOST_SESSIONS:
        raise ConfigError(
            f"sessions={wanted.sessions}: expected {LEAST_DAYS} to {MOST_SESSIONS}, 252 for a year"
        )
    symbols = sorted(wanted.held)
    if not symbols:
        return no_trades(RISK, at).derive(_left_out(wanted.left_out), "nothing with a value")
    extra = [s for s in (wanted.benchmark,) if s is not None and s not in wanted.held]
    day = at.as_of.date()
    since = day - timedelta(days=wanted.sessions * 8 // 5 + 30)
    prices = read_prices(at, [*symbols, *extra], since, [wanted.base], [day])
    levels = _levels(prices, wanted.base)
    enough = np.isfinite(levels).sum(axis=0) > LEAST_DAYS
    chosen = [n for n in range(len(symbols)) if enough[n]]
    left_out = dict(wanted.left_out) | {
        symbols[n]: _why_not(prices, levels, n) for n in range(len(symbols)) if not enough[n]
    }
    days, returns = _returns(prices, levels, chosen, wanted.sessions)
    held = np.array([wanted.held[symbols[n]] for n in chosen])
    rows = _measures(returns * held, held, _per_year(prices, chosen))
    rows += _positions([symbols[n] for n in chosen], returns * held, held)
    rows += _days(days, (returns * held).sum(axis=1), held)
    if wanted.benchmark is not None:
        place = prices.symbols.index(wanted.benchmark)
        rows = _with_betas(rows, prices, levels, (chosen, place), (held, wanted.sessions))
    how = f"history of the positions over {wanted.sessions} sessions, in {wanted.base}"
    frame = pl.concat([pl.DataFrame(rows, schema=RISK), _left_out(left_out)])
    return prices.answer.derive(frame, how)


def _why_not(prices: BookPrices, levels: Floats, place: int) -> str:
    """Why an instrument has no returns, or too few."""
    if prices.asset_classes[place] == "rate":
        return NO_RETURN
    return "insufficient_history" if np.isfinite(levels[:, place]).any() else NO_PRICE


def _left_out(reasons: Mapping[str, str]) -> pl.DataFrame:
    rows = [_line("left_out", symbol=symbol, reason=why) for symbol, why in sorted(reasons.items())]
    return pl.DataFrame(rows, schema=RISK)


def _levels(prices: BookPrices, base: str) -> Floats:
    """Split-adjusted closes in the base currency on sessions of their own; NaN on other days.

    The level of a rate is no price: a change of it in percent is nobody's return.
    """
    rates = {c: prices.exchange(c, base) for c in set(prices.quoted)}
    turned = np.stack([rates[currency] for currency in prices.quoted], axis=1)
    found: Floats = np.where(prices.is_session, prices.close * prices.split * turned, np.nan)
    is_price = np.array([kind != "rate" for kind in prices.asset_classes])
    return np.where((found > 0) & is_price, found, np.nan)


def _returns(
    prices: BookPrices, levels: Floats, columns: Sequence[int], sessions: int
) -> tuple[np.ndarray, Floats]:
    """Simple returns between the dates that all columns share, the last ones of them."""
    chosen = levels[:, list(columns)]
    shared = np.isfinite(chosen).all(axis=1) & (len(columns) > 0)
    rows = np.flatnonzero(shared)[-sessions - 1 :]
    cut = chosen[rows]
    return prices.days[rows[1:]], cut[1:] / cut[:-1] - 1


def _per_year(prices: BookPrices, columns: Sequence[int]) -> int:
    kinds = {prices.asset_classes[n] for n in columns}
    return 365 if kinds == {"crypto"} else 252


def _measures(parts: Floats, held: Floats, per_year: int) -> list[dict[str, Any]]:
    gains, net = parts.sum(axis=1), float(held.sum())
    days, short = len(gains), "insufficient_history"
    rows = []
    if days >= LEAST_DAYS:
        deviation = float(gains.std(ddof=1)) * np.sqrt(per_year)
        rows.append(_line("measure", "volatility", value=deviation, net=net, days=days))
    else:
        rows.append(_line("measure", "volatility", days=days, reason=short))
    for level in LEVELS:
        found = value_at_risk(gains, level)
        for name, value in zip(("var", "cvar"), found or (None, None), strict=True):
            why = None if found else f"{short}: {needed_days(level)} days needed"
            word = f"{name}_{round(100 * level)}"
            rows.append(_line("measure", word, value=value, net=net, days=days, reason=why))
    return rows


def _positions(symbols: Sequence[str], parts: Floats, held: Floats) -> list[dict[str, Any]]:
    """Rows of contributions; `share` is that of the whole, for the shares add up to 1."""
    rows = []
    for word, added in (
        ("deviation", deviation_parts(parts)),
        ("cvar_95", shortfall_parts(parts, LEVELS[0])),
    ):
        whole = None if added is None else float(added.sum())
        for place, symbol in enumerate(symbols):
            value = None if added is None else float(added[place])
            row = _line("position", word, symbol=symbol, value=value, exposure=float(held[place]))
            row["share"] = value / whole if value is not None and whole else None
            row["reason"] = _no_part(value, len(parts))
            rows.append(row)
    return rows


def _no_part(value: float | None, days: int) -> str | None:
    if value is not None:
        return None
    return "insufficient_history" if days < LEAST_DAYS else "zero_variance"


def _days(days: np.ndarray, gains: Floats, held: Floats) -> list[dict[str, Any]]:
    """The days of the largest losses and gains, the largest first."""
    order = np.lexsort((days, gains))
    worst = [n for n in order[:LARGEST] if gains[n] < 0]
    best = [n for n in order[::-1][:LARGEST] if gains[n] > 0]
    net = float(held.sum())
    return [
        _line("day", word, day=days[n], value=float(gains[n]), net=net)
        for word, places in (("loss", worst), ("gain", best))
        for n in places
    ]


def _with_betas(
    rows: list[dict[str, Any]],
    prices: BookPrices,
    levels: Floats,
    columns: tuple[list[int], int],
    held: tuple[Floats, int],
) -> list[dict[str, Any]]:
    """With the beta of the whole and of each position, on the dates shared with the benchmark.

    Nothing that has a history is no whole, and has no beta.
    """
    chosen, place = columns
    (amounts, sessions), net = held, float(held[0].sum())
    days, returns = _returns(prices, levels, [*chosen, place] if chosen else [], sessions)
    against = returns[:, -1] if chosen else np.empty(0)
    whole = beta(returns[:, :-1] @ amounts, against) if chosen else None
    share = whole / net if whole is not None and net > 0 else None
    line = _line("measure", "beta", symbol=prices.symbols[place], value=whole, days=len(days))
    is_silent = not np.isfinite(levels[:, place]).any()
    why = _why_not(prices, levels, place) if is_silent else _no_beta(whole, net, len(days))
    line |= {"beta": share, "reason": why}
    single = {prices.symbols[n]: beta(returns[:, k], against) for k, n in enumerate(chosen)}
    for row in rows:
        if row["kind"] == "position":
            row["beta"] = single[row["symbol"]]
    last = sum(row["kind"] == "measure" for row in rows)
    return [*rows[:last], line, *rows[last:]]


def _no_beta(whole: float | None, net: float, days: int) -> str | None:
    if days < LEAST_DAYS:
        return "insufficient_history"
    if whole is None:
        return "zero_variance"
    return None if net > 0 else "non_positive_value"


def _line(kind: str, measure: str | None = None, **words: Any) -> dict[str, Any]:
    """A row; `net` is the net value of which `value` is a share, where that is above zero."""
    row: dict[str, Any] = dict.fromkeys(RISK) | {"kind": kind, "measure": measure}
    net, day = words.pop("net", None), words.pop("day", None)
    row |= words
    if net is not None and net > 0 and row["value"] is not None:
        row["share"] = row["value"] / net
    if day is not None:
        row["date"] = date(1970, 1, 1) + timedelta(days=int(day))
    return row
