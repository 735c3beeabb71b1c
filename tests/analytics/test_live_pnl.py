"""Positions marked to live points: equal to the ledger at those prices, and sums that add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.book.holdings import holdings
from analytics.book.live_pnl import marked, stakes
from analytics.live.live import LiveState, step
from data.state.positions import Closing, Draft, Lot

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def lot(
    number: int,
    symbol: str,
    quantity: float,
    price: float,
    *,
    currency: str = "USD",
    portfolio: str = "P",
    closings: tuple[Closing, ...] = (),
) -> Lot:
    draft = Draft(portfolio, symbol, quantity, price, currency, DAY, fee=1.5)
    return Lot(number, draft, "tester", DAY, closings)


def prices(closes: dict[str, float | None], rates: dict[str, float | None]) -> pl.DataFrame:
    """As `last_prices` gives them; every instrument is quoted in dollars."""
    rows = [
        {
            "kind": "price",
            "symbol": symbol,
            "close": close,
            "currency": "USD",
            "rate": 1.0,
            "date": DAY.date(),
        }
        for symbol, close in closes.items()
    ]
    money = [
        {
            "kind": "currency",
            "symbol": None,
            "close": None,
            "currency": name,
            "rate": rate,
            "date": None,
        }
        for name, rate in rates.items()
    ]
    return pl.DataFrame(
        rows + money,
        schema={
            "kind": pl.String,
            "symbol": pl.String,
            "close": pl.Float64,
            "currency": pl.String,
            "rate": pl.Float64,
            "date": pl.Date,
        },
    )


def points(values: dict[str, float]) -> pl.DataFrame:
    frame = pl.DataFrame({"symbol": list(values), "price": list(values.values())})
    return frame.with_columns(at=pl.lit(DAY), known_at=pl.lit(DAY), is_stale=pl.lit(False))


LOTS = [
    lot(1, "A", 2.0, 90.0),
    lot(2, "A", 1.0, 120.0),
    lot(3, "B", -4.0, 10.0),
    lot(4, "C", 5.0, 7.0, currency="EUR"),
    lot(5, "D", 1.0, 1.0, portfolio="Other"),
]
CLOSES: dict[str, float | None] = {"A": 100.0, "B": 11.0, "C": 8.0, "D": 2.0}
RATES: dict[str, float | None] = {"USD": 1.0, "EUR": 1.1}


def test_a_marked_gain_is_the_ledgers_gain_at_that_price() -> None:
    live = {"A": 111.0, "B": 9.5, "C": 8.8}
    held = stakes(LOTS, prices(CLOSES, RATES), {}, DAY.date())
    found = marked(points(live), held)
    ledger = holdings(LOTS[:4], prices(CLOSES | live, RATES), {}, DAY.date())
    for item in ledger:
        row = found.row(by_predicate=pl.col("symbol") == item.symbol, named=True)
        assert row["gain"] == pytest.approx(item.gain, rel=1e-12)
        assert row["gain_base"] == pytest.approx(item.gain_base, rel=1e-12)
        assert row["gain_share"] == pytest.approx((item.gain or 0) / abs(item.cost), rel=1e-12)
    total = found.row(by_predicate=pl.col("symbol").is_null(), named=True)
    assert total["gain_base"] == pytest.approx(
        sum(item.gain_base or 0 for item in ledger), rel=1e-12
    )


def test_what_no_point_marks_stays_at_its_close() -> None:
    held = stakes(LOTS, prices(CLOSES, RATES), {}, DAY.date())
    total = marked(points({"A": 111.0}), held).filter(pl.col("symbol").is_null())
    ledger = holdings(LOTS[:4], prices(CLOSES | {"A": 111.0}, RATES), {}, DAY.date())
    assert total["gain_base"].item() == pytest.approx(sum(item.gain_base or 0 for item in ledger))
    assert total["portfolio"].to_list() == ["P"]


def test_a_portfolio_with_an_unknown_price_or_rate_has_no_sum() -> None:
    no_price = stakes(LOTS, prices(CLOSES | {"B": None}, RATES), {}, DAY.date())
    no_rate = stakes(LOTS, prices(CLOSES, RATES | {"EUR": None}), {}, DAY.date())
    for held in (no_price, no_rate):
        found = marked(points({"A": 111.0, "C": 8.0}), held)
        assert found.filter(pl.col("symbol").is_null())["gain_base"].to_list() == [None]
        assert found.filter(symbol="A")["gain_base"].item() is not None


money = st.floats(1, 1_000).map(lambda value: round(value, 4))


@given(
    st.lists(
        st.tuples(st.sampled_from([-1, 1]), money, money, money, money), min_size=1, max_size=12
    )
)
def test_equity_is_cash_plus_value_through_every_closing(
    rows: list[tuple[int, float, float, float, float]],
) -> None:
    """What was paid and taken, plus what is held, is what was gained: realised and not."""
    lots, cash = [], 0.0
    live = 123.456
    for number, (side, size, price, part, exit_) in enumerate(rows):
        given_up = min(part, size) * 0.7
        closing = Closing(number, given_up, exit_, 0.25, DAY + timedelta(hours=1), DAY)
        lots.append(lot(number, "A", side * size, price, closings=(closing,)))
        cash += -side * size * price - 1.5 + side * given_up * exit_ - 0.25
    quotes = prices({"A": 50.0}, {"USD": 1.0})
    held = stakes(lots, quotes, {}, DAY.date())
    found = marked(points({"A": live}), held)
    unrealised = found.filter(pl.col("symbol").is_null())["gain_base"].item()
    open_ = sum(item.open_quantity for item in lots)
    realised = sum(holding.realised for holding in holdings(lots, quotes, {}, DAY.date()))
    # `realised` is after all fees, those of lots that are still open included.
    scale = max(1.0, abs(cash), abs(open_ * live))
    assert cash + open_ * live == pytest.approx(realised + unrealised, abs=1e-9 * scale)


def test_along_real_trades_cash_and_value_are_what_was_gained(shared: Path) -> None:
    """Bought and sold again at prices of a real tape; every point keeps the identity."""
    raw = pl.read_csv(shared / "real/trades_ethusdt_20230202.csv")
    tape = raw.select(
        pl.lit("A").alias("symbol"),
        (pl.col("timestamp") * 1_000).alias("event_at"),
        pl.col("id").alias("trade_id"),
        "price",
        pl.col("amount").alias("size"),
    )
    _, points = step(LiveState(), tape)
    paid = tape["price"].to_list()
    closing = Closing(1, 1.25, paid[500], 0.3, DAY + timedelta(hours=1), DAY)
    lots = [lot(1, "A", 3.0, paid[0], closings=(closing,)), lot(2, "A", -2.0, paid[100])]
    cash = -3.0 * paid[0] - 1.5 + 1.25 * paid[500] - 0.3 + 2.0 * paid[100] - 1.5
    quotes = prices({"A": paid[0]}, {"USD": 1.0})
    held = stakes(lots, quotes, {}, DAY.date())
    realised = sum(holding.realised for holding in holdings(lots, quotes, {}, DAY.date()))
    total = marked(points, held).filter(pl.col("symbol").is_null())
    value = points["price"] * (3.0 - 1.25 - 2.0)
    off = (cash + value) - (total["gain_base"] + realised)
    assert total.height == points.height > 100
    assert off.abs().max() <= 1e-9 * max(1.0, abs(cash))  # type: ignore[operator]  # a column of numbers
