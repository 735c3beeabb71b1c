"""What is held and what it is worth: pence, other currencies, shorts, and what has no price."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from analytics.book.holdings import Holding, holdings, last_prices, splits, splits_of
from data.lake import Lake
from data.query import At, Db
from data.state import positions
from data.state.db import State
from data.state.positions import Draft, Exit, Lot
from data.state.values import Edit
from tests.analytics.quotes import evening, quotes, table

NOW = datetime(2020, 2, 1, tzinfo=UTC)


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    rate = {"asset_class": "fx", "currency": "USD"}
    lake.upsert(
        "prices",
        table(
            quotes({0: 100.0, 1: 110.0}, "x:US"),
            quotes({0: 240.0, 1: 243.08}, "x:VOD", currency="GBp"),
            quotes({0: 1.25, 1: 1.30}, "x:GBPUSD", **rate),
            quotes({0: 1.10, 1: 1.20}, "x:EURUSD", **rate),
            quotes({0: 50.0, 1: 40.0}, "x:DE", currency="EUR"),
            quotes({0: 7.0, 1: 8.0}, "x:HK", currency="HKD"),
        ),
    )
    return db.at(evening(1))


def lots(tmp_path: Path, *drafts: Draft, closing: Exit | None = None) -> tuple[Lot, ...]:
    state = State.open(tmp_path / "state.db")
    for draft in drafts:
        lot, _ = positions.enter(state, draft, edit=Edit("me", NOW))
        if closing is not None:
            positions.close(state, lot.id, closing, edit=Edit("me", NOW))
    return positions.lots(state, as_of=NOW)


def draft(symbol: str, quantity: float, price: float, currency: str, fee: float = 0.0) -> Draft:
    return Draft("p", symbol, quantity, price, currency, datetime(2020, 1, 1, tzinfo=UTC), fee)


def valued(at: At, held: tuple[Lot, ...], base: str = "USD") -> list[Holding]:
    symbols = [lot.draft.symbol for lot in held]
    currencies = [lot.draft.currency for lot in held]
    prices = last_prices(at, symbols=symbols, currencies=currencies, base=base)
    through = splits_of(splits(at, symbols=symbols).frame)
    return holdings(held, prices.frame, through, at.as_of.date())


def test_a_thousand_shares_at_pence_are_pounds(at: At, tmp_path: Path) -> None:
    """GBp 243.08 x 1,000 is 2,430.80 pounds, whichever of the two the lot was entered in."""
    held = lots(tmp_path, draft("x:VOD", 1000, 240.0, "GBp"), draft("x:VOD", 1000, 2.40, "GBP"))
    pence, pounds = sorted(valued(at, held), key=lambda item: item.currency, reverse=True)
    assert pence.value == pytest.approx(243_080)
    assert pounds.value == pytest.approx(2_430.80)
    assert pence.value_base == pytest.approx(2_430.80 * 1.30)
    assert pounds.value_base == pytest.approx(2_430.80 * 1.30)
    assert pence.gain_base == pytest.approx(pounds.gain_base)
    (in_pounds,) = (item for item in valued(at, held, "GBP") if item.currency == "GBP")
    assert in_pounds.value_base == pytest.approx(2_430.80)


def test_longs_shorts_and_partial_closings(at: At, tmp_path: Path) -> None:
    closing = Exit(4, 105.0, datetime(2020, 1, 2, tzinfo=UTC), fee=2.0)
    (long,) = valued(
        at, lots(tmp_path / "a", draft("x:US", 10, 100.0, "USD", 1.0), closing=closing)
    )
    assert (long.quantity, long.cost, long.value, long.gain) == (6, 600, 660, 60)
    assert long.realised == 4 * 5 - 3
    assert long.fees == 3
    (short,) = valued(at, lots(tmp_path / "b", draft("x:US", -10, 100.0, "USD"), closing=closing))
    assert (short.quantity, short.cost, short.value, short.gain) == (-6, -600, -660, -60)
    assert short.realised == -4 * 5 - 2


def test_a_long_and_a_short_of_one_instrument_are_two_positions(at: At, tmp_path: Path) -> None:
    held = lots(tmp_path, draft("x:US", 10, 100.0, "USD"), draft("x:US", -10, 105.0, "USD"))
    long, short = valued(at, held)
    assert (long.quantity, long.value, long.gain) == (10, 1100, 100)
    assert (short.quantity, short.value, short.gain) == (-10, -1100, -50)


def test_shares_go_through_the_splits_that_the_clock_knew(
    lake: Lake, db: Db, tmp_path: Path
) -> None:
    closes = {0: 100.0, 1: 100.0, 2: 25.0, 3: 26.0}
    lake.upsert("prices", table(quotes(closes, "x:S", splits={2: 4.0})))
    later = Draft("p", "x:S", 8, 25.0, "USD", datetime(2020, 1, 3, 15, tzinfo=UTC))
    held = lots(tmp_path, draft("x:S", 10, 90.0, "USD"), later)
    (after,) = valued(db.at(evening(3)), held)
    assert (after.quantity, after.cost, after.value) == (10 * 4 + 8, 1100, 48 * 26)
    (before,) = valued(db.at(evening(1)), held[:1])
    assert (before.quantity, before.value) == (10, 1000)


def test_a_lot_in_another_currency_than_its_venue(at: At, tmp_path: Path) -> None:
    (one,) = valued(at, lots(tmp_path, draft("x:DE", 10, 55.0, "USD")))
    assert one.last == pytest.approx(40 * 1.20)
    assert one.gain == pytest.approx(10 * (48 - 55))


def test_what_has_no_price_or_no_rate_has_no_value(at: At, tmp_path: Path) -> None:
    held = lots(tmp_path, draft("x:NONE", 1, 1.0, "USD"), draft("x:HK", 1, 7.0, "HKD"))
    hongkong, nothing = valued(at, held)
    assert (nothing.last, nothing.value, nothing.gain, nothing.value_base) == (None,) * 4
    assert hongkong.gain == 1.0
    assert hongkong.value_base is None
    assert nothing.realised_base == 0.0


def test_what_is_closed_is_worth_nothing_and_keeps_what_it_brought(at: At, tmp_path: Path) -> None:
    closing = Exit(1, 9.0, datetime(2020, 1, 2, tzinfo=UTC))
    (one,) = valued(at, lots(tmp_path, draft("x:NONE", 1, 1.0, "EUR"), closing=closing))
    assert (one.quantity, one.value, one.realised) == (0.0, 0.0, 8.0)
    assert one.realised_base == pytest.approx(8 * 1.20)


def test_prices_of_nothing(at: At) -> None:
    frame = last_prices(at, symbols=[], currencies=["EUR", "XXX"]).frame
    assert frame.filter(pl.col("kind") == "price").is_empty()
    assert dict(frame.select("currency", "rate").iter_rows()) == {
        "EUR": pytest.approx(1.2),
        "XXX": None,
    }


def test_a_lake_without_any_exchange_rate_converts_nothing(lake: Lake, db: Db) -> None:
    """The first share of a new lake: its price is there, its money in another is not known."""
    assert rates_of(db.at(evening(1))) == {"EUR": None, "GBp": None, "USD": 1.0}
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0}, "x:DE", currency="EUR")))
    frame = last_prices(db.at(evening(1)), symbols=["x:DE"], currencies=["USD"]).frame
    assert frame.select("symbol", "close", "rate").rows() == [
        ("x:DE", 2.0, None),
        (None, None, None),
        (None, None, 1.0),
    ]
    assert rates_of(db.at(evening(1))) == {"EUR": None, "GBp": None, "USD": 1.0}


def rates_of(at: At) -> dict[str, float | None]:
    frame = last_prices(at, symbols=[], currencies=["EUR", "GBp", "USD"]).frame
    return dict(frame.select("currency", "rate").iter_rows())
