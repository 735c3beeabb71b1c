"""A book in one row: value, gains, and its returns since the first trade."""

from __future__ import annotations

import polars as pl

from analytics.book.exposure import book_positions
from analytics.book.history import RETURNS, book_history, no_trades, returns_of
from data.query import Answer, At

AMOUNTS = ("unrealised", "realised", "income", "gain")
SUMMARY = {
    "positions": pl.Int64,
    "closed": pl.Int64,
    "long": pl.Float64,
    "short": pl.Float64,
    "value": pl.Float64,
    **{name: pl.Float64 for name in AMOUNTS},
    "day_gain": pl.Float64,
    "day_of": pl.Date,
    "without_day_gain": pl.String,
    "without_value": pl.String,
    "stale": pl.String,
    "unknown_income": pl.Int64,
    **RETURNS,
}
OLD_DAYS = 10


def book_summary(at: At, *, book: str, base: str = "USD", benchmark: str | None = None) -> Answer:
    """The sums of a book in the base currency, and its time-weighted and money-weighted return.

    `value` is that of the positions with one; `without_value` names the others. Gains and returns
    are also without the positions of `left_out`, of which a rate lacks on the day of a trade.
    `without_day_gain` names those with a value and without a recent session or the one before it,
    `stale` those at a close older than ten days. `day_of` is the latest session that counts in the
    day's gain.
    """
    held = book_positions(at, book=book, base=base)
    history = book_history(at, book=book, base=base, benchmark=benchmark)
    if history.frame.is_empty():
        return no_trades(SUMMARY, at)
    last = history.frame.row(-1, named=True)
    row = {
        **_sums(held.frame, at),
        **{name: last[name] for name in AMOUNTS},
        "unknown_income": last["unknown_income"],
        **returns_of(history.frame).row(0, named=True),
    }
    frame = pl.DataFrame([row], schema=SUMMARY)
    return held.join(history, frame, f"sums and returns in {base}")


def _sums(frame: pl.DataFrame, at: At) -> dict[str, object]:
    open_ = frame.filter(pl.col("quantity") != 0)
    value, gain = open_["value_base"].drop_nulls(), frame["day_gain_base"].drop_nulls()
    moved = frame.filter(pl.col("day_gain_base").is_not_null())
    valued = pl.col("value_base").is_not_null()
    age = pl.lit(at.as_of.date()) - pl.col("last_on")
    return {
        "positions": open_.height,
        "closed": frame.height - open_.height,
        "long": value.filter(value > 0).sum() if len(value) else None,
        "short": value.filter(value < 0).sum() if len(value) else None,
        "value": value.sum() if len(value) or not open_.height else None,
        "day_gain": gain.sum() if len(gain) else None,
        "day_of": moved["last_on"].max(),
        "without_day_gain": _named(open_.filter(valued, pl.col("day_gain_base").is_null())),
        "without_value": _named(open_.filter(~valued)),
        "stale": _named(open_.filter(age.dt.total_days() > OLD_DAYS)),
    }


def _named(frame: pl.DataFrame) -> str | None:
    return ", ".join(frame["symbol"].unique().sort().to_list()) or None
