"""What lots are worth at the clock: last closes, exchange rates, and sums that can be followed.

A position without a price or a rate has no value, and its portfolio says how many such there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.money import converted, in_major
from analytics.core.ranking import ranking
from analytics.core.universe import described
from analytics.markets.market import HELD, PANELS
from data.query import Answer, At
from data.state.positions import Lot
from data.uploads.splits import Splits, became


@dataclass(frozen=True, slots=True)
class Holding:
    """One instrument of a portfolio, lots of one side and currency together; money in that
    currency.

    `quantity` is in the shares of the clock, through the splits known by then. `cost` is what the
    open lots cost without fees, `value` what they are worth, both negative for
    shorts; `gain` is what was not realised, `realised` what closings brought after all fees of
    lots and closings. `value_base` and the gains in the base currency use the rate of the clock.
    """

    symbol: str
    currency: str
    quantity: float
    cost: float
    fees: float
    realised: float
    lots: int
    opened_on: date
    last: float | None = None
    last_on: date | None = None
    value: float | None = None
    gain: float | None = None
    value_base: float | None = None
    gain_base: float | None = None
    realised_base: float | None = None


def last_prices(at: At, *, symbols: list[str], currencies: list[str], base: str = "USD") -> Answer:
    """The last close of each instrument, and what a unit of each currency is worth in the base.

    One row per instrument (`kind` price, `rate` of its own currency) and one per currency (`kind`
    currency). A close older than ten days is given with its date all the same.
    """
    panel, names = PANELS.of(at, sessions=HELD), run(at, "parts/market_named")
    today = (at.as_of.date() - date(1970, 1, 1)).days
    last = panel.instruments.with_columns(
        pl.Series("close", panel.closes[-1]), pl.Series("date", panel.days[-1]).cast(pl.Date)
    ).filter(pl.col("symbol").is_in(symbols))
    last = ranking().preferred(last).pipe(described, names.frame)
    wanted = pl.Series(
        "currency", sorted({*currencies, *last["currency"].drop_nulls().to_list()}), pl.String
    )
    days = np.full(len(wanted), today, dtype=np.int32)
    rates = pl.DataFrame(
        {
            "currency": wanted,
            "rate": pl.Series(converted(panel, wanted, days, base), nan_to_null=True),
        }
    )
    prices = last.join(rates, on="currency", how="left", maintain_order="left").select(
        pl.lit("price").alias("kind"),
        "symbol",
        "ticker",
        "name",
        "asset_class",
        "date",
        "close",
        "currency",
        "rate",
        "known_at",
        "source",
    )
    frame = pl.concat(
        [prices, rates.select(pl.lit("currency").alias("kind"), "currency", "rate")],
        how="diagonal",
    )
    return panel.answer.join(names, frame, f"last closes, and rates into {base}")


def splits(at: At, *, symbols: list[str]) -> Answer:
    """Splits of instruments as they were known."""
    return run(at, "splits", symbols=symbols)


def splits_of(frame: pl.DataFrame) -> Splits:
    """What `splits` answers, by instrument."""
    found: dict[str, list[tuple[date, float]]] = {}
    for symbol, day, ratio in frame.select("symbol", "date", "ratio").iter_rows():
        found.setdefault(symbol, []).append((day, ratio))
    return found


def holdings(
    lots: Sequence[Lot], prices: pl.DataFrame, through: Splits, day: date
) -> list[Holding]:
    """The lots of a portfolio by instrument, side and currency, at the prices of `last_prices`.

    `through` are the splits that the clock knew, `day` is its day.
    """
    known = {row["symbol"]: row for row in prices.filter(kind="price").iter_rows(named=True)}
    rates = {
        row["currency"]: row["rate"] for row in prices.filter(kind="currency").iter_rows(named=True)
    }
    groups: dict[tuple[str, str, bool], list[Lot]] = {}
    for lot in lots:
        key = (lot.draft.symbol, lot.draft.currency, lot.draft.quantity < 0)
        groups.setdefault(key, []).append(lot)
    found = []
    for (symbol, currency, _), group in sorted(groups.items()):
        shares = math.fsum(
            lot.open_quantity * became(through, symbol, lot.draft.opened_at.date(), day)
            for lot in group
        )
        found.append(_valued(group, shares, currency, known.get(symbol), rates))
    return found


def _valued(
    lots: Sequence[Lot],
    quantity: float,
    currency: str,
    price: Mapping[str, Any] | None,
    rates: Mapping[str, float | None],
) -> Holding:
    cost = math.fsum(lot.open_quantity * lot.draft.price for lot in lots)
    realised = math.fsum(_realised(lot) for lot in lots)
    last = _in_currency(price, currency, rates)
    value = 0.0 if not quantity else None if last is None else quantity * last
    rate = rates.get(currency)
    gain = None if value is None else value - cost

    def base(money: float | None) -> float | None:
        return None if money is None or rate is None else money * rate

    return Holding(
        lots[0].draft.symbol,
        currency,
        quantity,
        cost,
        math.fsum(_fees(lot) for lot in lots),
        realised,
        len(lots),
        min(lot.draft.opened_at for lot in lots).date(),
        last,
        None if price is None else price["date"],
        value,
        gain,
        base(value),
        base(gain),
        base(realised),
    )


def _realised(lot: Lot) -> float:
    """What the closings of a lot brought over its price; all its fees are taken off."""
    side = math.copysign(1.0, lot.draft.quantity)
    gains = (
        side * closing.quantity * (closing.price - lot.draft.price) for closing in lot.closings
    )
    return math.fsum(gains) - _fees(lot)


def _fees(lot: Lot) -> float:
    return lot.draft.fee + math.fsum(closing.fee for closing in lot.closings)


def _in_currency(
    price: Mapping[str, Any] | None, currency: str, rates: Mapping[str, float | None]
) -> float | None:
    """The last close in the currency of the lots; pence and pounds need no exchange rate."""
    if price is None or price["close"] is None:
        return None
    close, quoted = float(price["close"]), str(price["currency"])
    if quoted == currency:
        return close
    major, share = in_major(quoted)
    wanted, part = in_major(currency)
    if major == wanted:
        return close * share / part
    there, here = rates.get(quoted), rates.get(currency)
    return None if not there or not here else close * there / here
