"""The positions of a book at the clock, each in its own currency and in the base; and its exposure.

Weights are shares of the net value of all positions that have one; null where that is not above
zero. A day's gain is that of an instrument's last session, at most four days before the clock, on
the session before it; what was held before the first close that is known has none.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from analytics.book.course import COURSES, BookAmounts, BookCourse, Position
from analytics.book.history import no_trades
from analytics.core.catalogue import run
from analytics.core.money import in_major
from analytics.core.universe import described, labelled
from data.query import Answer, At

FRESH_DAYS = 4
AMOUNTS = ("value", "cost", "gain", "day_gain", "realised")
POSITIONS = {
    "symbol": pl.String,
    "ticker": pl.String,
    "name": pl.String,
    "asset_class": pl.String,
    "sector": pl.String,
    "country": pl.String,
    "quoted": pl.String,
    "currency": pl.String,
    "quantity": pl.Float64,
    "lots": pl.Int64,
    "opened_on": pl.Date,
    "last": pl.Float64,
    "last_on": pl.Date,
    **{name: pl.Float64 for name in AMOUNTS},
    **{f"{name}_base": pl.Float64 for name in AMOUNTS},
    "weight": pl.Float64,
    "missing": pl.String,
}
GROUPS = {"country": "country", "sector": "sector", "currency": "quoted", "class": "asset_class"}
EXPOSURE = {
    "by": pl.String,
    "group": pl.String,
    "name": pl.String,
    "positions": pl.Int64,
    "long": pl.Float64,
    "short": pl.Float64,
    "net": pl.Float64,
    "weight": pl.Float64,
}


def book_positions(at: At, *, book: str, base: str = "USD") -> Answer:
    """The positions of a book: quantity, value, gain, day's gain and weight in both currencies.

    `last` and the plain amounts are in the currency of the lots, those that end in `_base` in the
    base currency: values at the last rate, costs and realised gains at the rates of their days.
    `quoted` is the currency of the venue, minor units as their major one. `missing` says why a
    position has no value in the base currency.
    """
    found = COURSES.of(at, book, base)
    if found is None:
        return no_trades(POSITIONS, at)
    names = run(at, "parts/market_named")
    frame = _named(_positions(found, at.as_of.date()), names.frame)
    return found.prices.answer.join(names, frame, f"positions of a book, values in {base}")


def book_exposure(at: At, *, book: str, base: str = "USD") -> Answer:
    """What a book is exposed to, by country, sector, currency of the venue and class of asset.

    Long, short and net value in the base currency; the weights of each kind of group add up to 1.
    A group that is null is what no source classifies.
    """
    answer, countries = book_positions(at, book=book, base=base), run(at, "parts/country_names")
    names = dict(countries.frame.iter_rows())
    held = answer.frame.filter(pl.col("value_base").is_not_null() & (pl.col("quantity") != 0))
    value = pl.col("value_base")
    parts = [
        held.group_by(pl.col(column).alias("group"))
        .agg(
            pl.len().cast(pl.Int64).alias("positions"),
            value.filter(value > 0).sum().alias("long"),
            value.filter(value < 0).sum().alias("short"),
            value.sum().alias("net"),
            pl.when(pl.col("weight").is_not_null().all())
            .then(pl.col("weight").sum())
            .alias("weight"),
        )
        .with_columns(
            pl.lit(by).alias("by"),
            pl.col("group").replace(names if by == "country" else {}).alias("name"),
        )
        .sort(pl.col("net").abs(), "group", descending=[True, False], nulls_last=True)
        .select(*EXPOSURE)
        for by, column in GROUPS.items()
    ]
    return answer.join(countries, pl.concat(parts), f"sums of values in {base} by group")


def _positions(found: BookCourse, day: date) -> pl.DataFrame:
    rows = [_row(item, found, day) for item in found.positions]
    frame = pl.DataFrame(rows, schema={"source": pl.String, **POSITIONS})
    held = frame.filter(pl.col("quantity") != 0)
    net = held["value_base"].drop_nulls().sum()
    weight = pl.when(pl.col("quantity") != 0).then(pl.col("value_base") / (net or 1.0))
    return frame.with_columns((weight if net > 0 else pl.lit(None, pl.Float64)).alias("weight"))


def _row(item: Position, found: BookCourse, day: date) -> dict[str, Any]:
    prices, is_open = found.prices, bool(item.shares[-1])
    quoted = prices.quoted[item.column]
    sessions = np.flatnonzero(prices.is_session[:, item.column])
    last_on = prices.last_on[item.column]
    is_fresh = last_on is not None and (day - last_on).days <= FRESH_DAYS
    moved = _last_move(item, sessions) if is_fresh else None
    return {
        "symbol": item.symbol,
        "source": prices.sources[item.column] or "",
        "asset_class": prices.asset_classes[item.column],
        "quoted": in_major(quoted)[0] if quoted else None,
        "currency": item.currency,
        "quantity": float(item.shares[-1]),
        "lots": len(item.trades),
        "opened_on": min(trade.day for trade in item.trades),
        "last": _known(item.price[-1]),
        "last_on": last_on,
        **_amounts(item.own, "", is_open=is_open, moved=moved),
        **_amounts(item.base, "_base", is_open=is_open, moved=moved),
        "missing": _missing(item, quoted) if is_open else None,
    }


def _last_move(item: Position, sessions: np.ndarray) -> tuple[int, int] | None:
    """The rows of the last two sessions, where something of it was open or traded between them.

    Of an instrument with one session that is its day, and the day before for what was bought on it.
    """
    if not len(sessions) or not sessions[-1]:
        return None
    last, is_first = int(sessions[-1]), len(sessions) == 1
    before = last - 1 if is_first else int(sessions[-2])
    if is_first and (item.shares[:last].any() or item.own.paid_in[:last].any()):
        return None
    traded = item.own.paid_in[before + 1 : last + 1].any()
    return (before, last) if traded or item.shares[before : last + 1].any() else None


def _amounts(
    money: BookAmounts, suffix: str, *, is_open: bool, moved: tuple[int, int] | None
) -> dict[str, float | None]:
    """What the columns of one currency show; a closed position has realised gain alone."""
    gain = money.gain
    change = np.nan if moved is None else gain[moved[1]] - gain[moved[0]]
    value, cost = (money.value[-1], money.cost[-1]) if is_open else (np.nan, np.nan)
    found = (value, cost, value - cost, change, money.realised[-1])
    return {f"{name}{suffix}": _known(item) for name, item in zip(AMOUNTS, found, strict=True)}


def _missing(item: Position, quoted: str | None) -> str | None:
    if quoted is None or not np.isfinite(item.price[-1]):
        return "no price" if quoted is None else f"no {quoted}/{item.currency} rate"
    if not np.isfinite(item.base.value[-1]):
        return f"no {item.currency} rate"
    return None if np.isfinite(item.base.cost[-1]) else f"no {item.currency} rate of its day"


def _named(frame: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """With the names of the source that is shown; one that describes nothing borrows another's."""
    plain = frame.drop("ticker", "name", "sector", "country")
    return (
        labelled(described(plain, names)).select(*POSITIONS).sort("symbol", "currency", "quantity")
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
