"""A book over time: values, gains and returns that add up, in pence and euros, and what lacks."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.book.document import book_text, read_book
from analytics.book.exposure import book_exposure, book_positions
from analytics.book.history import book_history, book_returns
from analytics.book.risk import book_risk, list_risk
from analytics.book.summary import book_summary
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db
from data.state import ledger, positions
from data.state.db import State
from data.state.values import Edit
from tests.analytics.quotes import FIRST, evening, quotes, table

FLAT = {n: 100.0 for n in range(10)}
RATE: dict[str, Any] = {"asset_class": "fx", "currency": "USD"}


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    lake.upsert(
        "prices",
        table(
            quotes(FLAT, "x:FLAT"),
            quotes({0: 100.0, 1: 110.0, 2: 99.0, 3: 50.5}, "x:US", splits={3: 2.0}),
            quotes({0: 240.0, 3: 243.08}, "x:VOD", currency="GBp"),
            quotes({0: 50.0, 1: 40.0, 3: 60.0}, "x:DE", currency="EUR"),
            quotes({0: 7.0, 3: 8.0}, "x:HK", currency="HKD"),
            quotes({2: 5.0, 3: 6.0}, "x:LATE"),
            quotes({0: 1.10, 1: 1.20, 2: 1.20, 3: 1.25}, "x:EURUSD", **RATE),
        ),
    )
    return db.at(evening(3))


def bought(
    symbol: str,
    quantity: float,
    price: float,
    day: int = 0,
    currency: str = "USD",
    fee: float = 0.0,
    closings: list[list[Any]] | None = None,
) -> dict[str, Any]:
    """A lot; a closing is quantity, price, fee and number of the day."""
    return {
        "symbol": symbol,
        "currency": currency,
        "quantity": quantity,
        "price": price,
        "fee": fee,
        "day": dated(day),
        "closings": [[*part[:3], dated(part[3])] for part in closings or []],
    }


def dated(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def text(*trades: dict[str, Any], income: list[list[Any]] | None = None) -> str:
    return json.dumps({"trades": trades, "income": income or []})


def by_day(at: At, book: str, **more: Any) -> dict[int, dict[str, Any]]:
    frame = book_history(at, book=book, **more).frame
    return {(row["date"] - FIRST).days: row for row in frame.iter_rows(named=True)}


def test_a_lot_with_a_split_a_sale_and_fees_by_hand(at: At) -> None:
    """Ten at 100 with a fee of 1, four sold at 98 with a fee of 2, two for one on the last day."""
    book = text(bought("x:US", 10, 100.0, fee=1.0, closings=[[4, 98.0, 2.0, 2]]))
    rows = by_day(at, book)
    assert [rows[n]["value"] for n in (-1, 0, 1, 2, 3)] == pytest.approx(
        [0, 1000, 1100, 6 * 99, 12 * 50.5]
    )
    assert [rows[n]["realised"] for n in (0, 2)] == pytest.approx([-1, -1 - 4 * 2 - 2])
    assert rows[3]["unrealised"] == pytest.approx(12 * 50.5 - 600)
    assert rows[3]["gain"] == pytest.approx(12 * 50.5 + 4 * 98 - 2 - 1001)
    days = [1000 / 1001, 1.1, (594 + 390) / 1100, 606 / 594]
    assert rows[3]["index"] == pytest.approx(days[0] * days[1] * days[2] * days[3])


def test_a_gain_in_the_base_holds_what_the_currency_brought(at: At) -> None:
    """Ten at 50 euros at 1.10, now 60 euros at 1.25: 200 dollars, not the 125 of today's rate."""
    rows = by_day(at, text(bought("x:DE", 10, 50.0, currency="EUR")))
    assert rows[3]["value"] == pytest.approx(600 * 1.25)
    assert rows[3]["gain"] == pytest.approx(600 * 1.25 - 500 * 1.10)
    (row,) = book_positions(
        at, book=text(bought("x:DE", 10, 50.0, currency="EUR"))
    ).frame.to_dicts()
    assert (row["gain"], row["gain_base"]) == pytest.approx((100, 200))
    assert row["day_gain"] == pytest.approx(200)  # from 40 to 60, over two sessions of its own
    assert row["day_gain_base"] == pytest.approx(600 * 1.25 - 400 * 1.20)
    in_euros = by_day(at, text(bought("x:DE", 10, 50.0, currency="EUR")), base="EUR")
    assert in_euros[3]["gain"] == pytest.approx(100)


def test_pence_are_pounds_without_any_rate(at: At) -> None:
    """1,000 shares at 243.08 pence are 2,430.80 pounds."""
    book = text(bought("x:VOD", 1000, 2.40, currency="GBP"))
    assert by_day(at, book, base="GBP")[3]["value"] == pytest.approx(2430.80)
    pence = text(bought("x:VOD", 1000, 240.0, currency="GBp"))
    assert by_day(at, pence, base="GBP")[3]["gain"] == pytest.approx(30.80)
    (row,) = book_positions(at, book=pence, base="GBP").frame.to_dicts()
    assert (row["value"], row["value_base"], row["quoted"]) == (
        pytest.approx(243_080),
        pytest.approx(2430.80),
        "GBP",
    )


def test_what_has_no_price_or_rate_is_named_and_never_zero(at: At) -> None:
    book = text(
        bought("x:US", 1, 100.0),
        bought("x:HK", 1, 7.0, currency="HKD"),
        bought("x:NONE", 1, 1.0),
        bought("x:LATE", 10, 4.0),
    )
    rows = by_day(at, book)
    assert rows[1]["value"] is None and rows[1]["missing"] == "x:LATE"
    assert rows[3]["missing"] is None and rows[3]["left_out"] == "x:HK, x:NONE"
    assert rows[3]["value"] == pytest.approx(2 * 50.5 + 60)
    assert rows[1]["index"] is None and rows[2]["index"] == 1.0
    frame = book_positions(at, book=book).frame
    assert dict(frame.select("symbol", "missing").iter_rows()) == {
        "x:HK": "no HKD rate",
        "x:LATE": None,
        "x:NONE": "no price",
        "x:US": None,
    }
    lost = frame.filter(symbol="x:NONE").row(0, named=True)
    assert [lost[name] for name in ("last", "value", "gain", "day_gain", "value_base")] == [
        None
    ] * 5
    assert frame["weight"].drop_nulls().sum() == pytest.approx(1)
    risk = book_risk(at, book=book).frame
    assert risk.filter(kind="measure")["value"].null_count() == 5
    assert risk.filter(kind="left_out").height == 4
    unpriced = book_risk(at, book=text(bought("x:NONE", 1, 1.0)), benchmark="x:US").frame
    assert unpriced.select("kind", "symbol", "reason").rows() == [
        ("left_out", "x:NONE", "no price or rate")
    ]


def test_returns_without_a_price_at_the_clock_are_null_with_a_reason(at: At) -> None:
    row = book_returns(at, book=text(bought("x:LATE", 1, 4.0)), benchmark="x:FLAT").frame.row(
        0, named=True
    )
    assert row["measured_from"] == FIRST + timedelta(days=2)
    assert row["time_weighted"] == pytest.approx(0.2)
    assert row["money_weighted"] == pytest.approx(0.5)
    assert row["money_weighted_year"] is None and row["time_weighted_year"] is None
    assert row["benchmark"] == pytest.approx(0)
    nothing = book_returns(at, book=text(bought("x:NONE", 1, 4.0))).frame.row(0, named=True)
    assert (nothing["time_weighted"], nothing["time_weighted_reason"]) == (None, "missing_input")
    assert (nothing["money_weighted"], nothing["money_weighted_reason"]) == (None, "missing_input")
    assert nothing["left_out"] == "x:NONE"


def test_no_gain_in_more_than_a_year_is_a_rate_of_zero_and_never_null(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 100.0, 400: 100.0})))
    book = text(bought("x:AAA", 3, 100.0))
    row = book_returns(db.at(evening(400)), book=book).frame.row(0, named=True)
    found = [row[f"{way}_weighted{span}"] for way in ("money", "time") for span in ("", "_year")]
    assert found == pytest.approx([0.0] * 4, abs=1e-12)
    assert row["money_weighted_reason"] is None


def test_a_book_that_never_moves_says_why_nothing_adds_to_its_deviation(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(dict.fromkeys(range(40), 100.0))))
    frame = book_risk(db.at(evening(40)), book=text(bought("x:AAA", 1, 100.0))).frame
    parts = frame.filter(kind="position").select("measure", "value", "share", "reason").rows()
    assert parts == [
        ("deviation", None, None, "zero_variance"),
        ("cvar_95", 0.0, None, None),
    ]


def test_income_and_costs_of_the_ledger_count_in_gain_and_return(at: At) -> None:
    """A dividend of 4 dollars and a fee of 2 euros at 1.20; what lacks an amount is counted."""
    income: list[list[Any]] = [
        ["dividend", "x:FLAT", dated(1), 4.0, "USD"],
        ["fee", None, dated(2), -2.0, "EUR"],
        ["interest", None, dated(2), None, "USD"],
        ["tax", None, dated(2), -1.0, "XXX"],
    ]
    rows = by_day(at, text(bought("x:FLAT", 1, 100.0), income=income))
    assert (rows[3]["gain"], rows[3]["income"]) == pytest.approx((1.6, 1.6))
    assert rows[3]["index"] == pytest.approx(1.04 * 0.976)
    assert rows[3]["unknown_income"] == 2


def test_nothing_after_the_clock_counts(at: At) -> None:
    """A receipt's text at an earlier clock: what was bought, sold or paid later is not there."""
    later = bought("x:FLAT", 5, 100.0, day=3)
    early = bought("x:FLAT", 1, 100.0, closings=[[1, 90.0, 0.0, 3]])
    income = [["dividend", None, dated(3), 9.0, "USD"]]
    before = at.earlier(evening(2))
    rows = by_day(before, text(early, later, income=income))
    assert max(rows) == 2
    assert rows[2]["value"] == 100 and rows[2]["gain"] == 0
    assert book_history(before, book=text(later)).frame.is_empty()
    assert book_risk(before, book=text(later)).frame.is_empty()
    assert book_returns(before, book=text(later)).frame.is_empty()
    assert book_exposure(before, book=text(later)).frame.is_empty()


Lots = list[tuple[int, float, float, float]]
LOTS = st.lists(
    st.tuples(
        st.integers(0, 2), st.floats(1, 1e4), st.floats(0, 1), st.sampled_from((0.0, 0.5, 1.0))
    ),
    min_size=1,
    max_size=6,
)
SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(LOTS)
@SLOW
def test_flows_alone_are_no_return(at: At, lots: Lots) -> None:
    """Purchases and sales at an unchanged price without fees: whatever was paid, nothing came."""
    trades = [
        bought("x:FLAT", size, 100.0, day, closings=[[size * part, 100.0, 0.0, 3]] if part else [])
        for day, size, _, part in lots
    ]
    last = by_day(at, text(*trades))[3]
    assert last["index"] == pytest.approx(1.0)
    assert last["gain"] == pytest.approx(0.0, abs=1e-6)


@given(LOTS, st.sampled_from(("USD", "EUR")))
@SLOW
def test_gains_add_up_and_convert(at: At, lots: Lots, base: str) -> None:
    """Value less money paid is what is unrealised, realised and earned; values convert by rates."""
    symbols = {0: ("x:US", "USD"), 1: ("x:DE", "EUR"), 2: ("x:FLAT", "USD")}
    trades = [
        bought(
            symbols[n % 3][0],
            size,
            50 + 100 * share,
            day,
            symbols[n % 3][1],
            share,
            [[size * part, 60.0, share, 3]] if part else [],
        )
        for n, (day, size, share, part) in enumerate(lots)
    ]
    income = [["dividend", None, dated(2), 5.0, "EUR"]]
    rows = by_day(at, text(*trades, income=income), base=base)
    for row in rows.values():
        parts = row["unrealised"] + row["realised"] + row["income"]
        assert row["gain"] == pytest.approx(parts, abs=1e-6)
    other = by_day(at, text(*trades), base="EUR" if base == "USD" else "USD")
    rate = 1.25 if base == "USD" else 1 / 1.25
    assert rows[3]["value"] == pytest.approx(other[3]["value"] * rate, abs=1e-6)
    frame = book_positions(at, book=text(*trades), base=base).frame
    held = frame.filter(pl.col("quantity") != 0)
    assert held["value_base"].sum() == pytest.approx(rows[3]["value"], abs=1e-6)
    exposed = book_exposure(at, book=text(*trades), base=base).frame
    for sums in exposed.group_by("by").agg(pl.col("net", "weight").sum()).iter_rows(named=True):
        assert sums["net"] == pytest.approx(rows[3]["value"], abs=1e-6)
        assert sums["weight"] == pytest.approx(1)


def test_the_summary_says_what_its_sums_lack(at: At) -> None:
    book = text(
        bought("x:US", 1, 100.0),
        bought("x:NONE", 1, 1.0),
        bought("x:FLAT", 1, 90.0, closings=[[1, 95.0, 0.0, 1]]),
        income=[["interest", None, None, 1.0, "USD"]],
    )
    row = book_summary(at, book=book, benchmark="x:DE").frame.row(0, named=True)
    assert (row["positions"], row["closed"], row["without_value"]) == (2, 1, "x:NONE")
    assert row["value"] == row["long"] == pytest.approx(101)
    assert row["gain"] == pytest.approx(1 + 5)
    assert row["day_gain"] == pytest.approx(101 - 99)
    assert (row["day_of"], row["without_day_gain"]) == (FIRST + timedelta(days=3), None)
    assert row["unknown_income"] == 1 and row["left_out"] == "x:NONE"
    assert row["benchmark"] is None  # it has no close before the first trade
    late = book_summary(at.db.at(evening(20)), book=book).frame.row(0, named=True)
    assert (late["day_gain"], late["stale"], late["without_day_gain"]) == (None, "x:US", "x:US")


def test_a_long_and_a_short_are_two_positions(at: At) -> None:
    book = text(bought("x:US", 10, 100.0), bought("x:US", -2, 105.0))
    short, long = book_positions(at, book=book).frame.iter_rows(named=True)
    assert (short["quantity"], long["quantity"]) == (-4, 20)
    assert short["gain"] == pytest.approx(2 * 105 - 4 * 50.5)
    assert by_day(at, book)[3]["gain"] == pytest.approx(short["gain"] + long["gain"])


def test_a_position_that_did_not_trade_of_late_has_no_gain_of_the_day(at: At) -> None:
    (row,) = book_positions(
        at.db.at(evening(9)), book=text(bought("x:US", 10, 100.0))
    ).frame.to_dicts()
    assert row["last_on"] == FIRST + timedelta(days=3)
    assert row["day_gain"] is None and row["value"] == pytest.approx(20 * 50.5)


def test_the_risk_of_a_book_by_hand(lake: Lake, db: Db) -> None:
    """Forty sessions of one that rises and falls by turns, and one that does half of it."""
    one, two, ruler = [100.0], [100.0], [100.0]
    for n in range(40):
        move = 0.02 if n % 2 else -0.02
        one.append(one[-1] * (1 + move))
        two.append(two[-1] * (1 + move / 2))
        ruler.append(ruler[-1] * (1 + move / 4))
    lake.upsert(
        "prices",
        table(
            *(
                quotes(dict(enumerate(closes)), symbol)
                for closes, symbol in ((one, "x:A"), (two, "x:B"), (ruler, "x:R"))
            )
        ),
    )
    at = db.at(evening(40))
    book = text(bought("x:A", 10, 100.0), bought("x:B", 10, 100.0))
    frame = book_risk(at, book=book, benchmark="x:R").frame
    worth = 10 * one[-1] + 10 * two[-1]
    worst = -(0.02 * 10 * one[-1] + 0.01 * 10 * two[-1])
    measured = {row["measure"]: row for row in frame.filter(kind="measure").iter_rows(named=True)}
    assert measured["var_95"]["value"] == pytest.approx(worst)
    assert measured["cvar_95"]["share"] == pytest.approx(worst / worth)
    assert measured["var_99"]["value"] is None
    assert measured["var_99"]["reason"] == "insufficient_history: 100 days needed"
    assert measured["beta"]["beta"] == pytest.approx(-worst / worth / 0.005)
    parts = frame.filter(kind="position", measure="cvar_95")
    assert parts["value"].sum() == pytest.approx(worst)
    assert dict(parts.select("symbol", "beta").iter_rows()) == pytest.approx({"x:A": 4, "x:B": 2})
    assert frame.filter(kind="day", measure="loss").height == 5
    listed = list_risk(at, symbols=["x:A", "x:B"]).frame.filter(measure="var_95")
    assert listed["value"][0] == pytest.approx(-0.015)
    with pytest.raises(ConfigError, match="expected 30 to 2520"):
        list_risk(at, symbols=["x:A"], sessions=5)


def test_the_text_of_lots_and_ledger(tmp_path: Path) -> None:
    now = datetime(2020, 2, 1, tzinfo=UTC)
    state = State.open(tmp_path / "state.db")
    draft = positions.Draft("p", "x:US", 10, 1.5, "USD", datetime(2020, 1, 1, tzinfo=UTC), 0.5)
    lot, _ = positions.enter(state, draft, edit=Edit("me", now))
    positions.close(state, lot.id, positions.Exit(4, 2.0, now, 0.1), edit=Edit("me", now))
    paid = ledger.Booking("dividend", now, "x:US", 3.0, "USD", key="a")
    moved = ledger.Booking("deposit", now, None, 500.0, "USD", key="b")
    found = read_book(book_text(positions.lots(state, as_of=now), [paid, moved]))
    (trade,) = found.trades
    assert (trade.quantity, trade.fee, trade.day) == (10, 0.5, date(2020, 1, 1))
    assert [(p.quantity, p.price, p.day) for p in trade.closings] == [(4, 2.0, now.date())]
    assert [item.kind for item in found.income] == ["dividend"]
    for wrong in ("", "[]", "{}", '{"trades": [1]}', '{"trades": [{"symbol": "x"}]}'):
        with pytest.raises(ConfigError, match="expected the JSON text of a portfolio"):
            read_book(wrong)


def test_a_days_gain_is_on_a_session_before_or_on_the_price_paid_that_day(
    lake: Lake, db: Db
) -> None:
    """Held before its first known close, the gain of that day is not known; bought on it, it is."""
    lake.upsert("prices", table(quotes({2: 5.0, 3: 6.0}, "x:LATE"), quotes(FLAT, "x:FLAT")))
    held, fresh = text(bought("x:LATE", 10, 4.0)), text(bought("x:LATE", 10, 4.0, day=2))

    def gain(number: int, book: str) -> float | None:
        (row,) = book_positions(db.at(evening(number)), book=book).frame.to_dicts()
        assert row["day_gain_base"] == row["day_gain"]
        return row["day_gain"]

    assert (gain(2, held), gain(2, fresh)) == (None, pytest.approx(10 * (5 - 4)))
    assert gain(3, held) == gain(3, fresh) == pytest.approx(10 * (6 - 5))
    (row,) = book_summary(db.at(evening(2)), book=held).frame.to_dicts()
    assert (row["day_gain"], row["without_day_gain"]) == (None, "x:LATE")


def test_the_value_is_that_of_all_that_has_one_also_without_a_rate_of_its_day(
    lake: Lake, db: Db
) -> None:
    """Ten shares of 50 crowns at ten to the dollar, a rate that was not there when they came."""
    crowns = quotes({n: 50.0 for n in range(4)}, "x:SE", currency="SEK")
    rate = quotes({2: 10.0, 3: 10.0}, "x:USDSEK", asset_class="fx", currency="SEK")
    lake.upsert("prices", table(crowns, rate, quotes(FLAT, "x:FLAT")))
    book = text(bought("x:SE", 10, 40.0, currency="SEK"), bought("x:FLAT", 1, 90.0))
    at = db.at(evening(3))
    (row,) = book_summary(at, book=book).frame.to_dicts()
    held = book_positions(at, book=book).frame
    assert row["value"] == row["long"] == held["value_base"].sum() == pytest.approx(50 + 100)
    assert (row["without_value"], row["left_out"]) == (None, "x:SE")
    assert row["gain"] == pytest.approx(10)
    (closed,) = book_summary(
        at, book=text(bought("x:FLAT", 1, 90.0, closings=[[1, 95.0, 0.0, 1]]))
    ).frame.to_dicts()
    assert (closed["value"], closed["gain"]) == (0.0, pytest.approx(5))


@pytest.mark.parametrize("symbol", ["stooq:gbpusd", "yahoo:GBPUSD=X", "yahoo:GBP=X"])
def test_a_rate_converts_however_its_source_writes_the_pair(
    lake: Lake, db: Db, symbol: str
) -> None:
    """Ten shares of 250 pence at 1.25 dollars, or 0.8 pounds to the dollar."""
    rate, currency = (0.8, "GBP") if symbol.endswith("GBP=X") else (1.25, "USD")
    pair = quotes({n: rate for n in range(4)}, symbol, asset_class="fx", currency=currency)
    share = quotes({n: 250.0 for n in range(4)}, "x:VOD", currency="GBp")
    lake.upsert("prices", table(pair, share))
    book = text(bought("x:VOD", 10, 200.0, currency="GBp"))
    (row,) = book_positions(db.at(evening(3)), book=book).frame.to_dicts()
    assert (row["value_base"], row["missing"]) == (pytest.approx(25 * 1.25), None)


def test_one_day_with_a_value_has_no_return(lake: Lake, db: Db) -> None:
    """Bought before its first known close: of that close alone nothing follows."""
    lake.upsert("prices", table(quotes({2: 5.0, 3: 6.0}, "x:LATE")))
    book = text(bought("x:LATE", 10, 4.0))
    (first,) = book_returns(db.at(evening(2)), book=book).frame.to_dicts()
    assert [first[name] for name in ("time_weighted", "max_drawdown")] == [None, None]
    assert first["time_weighted_reason"] == "insufficient_history"
    (second,) = book_returns(db.at(evening(3)), book=book).frame.to_dicts()
    assert second["time_weighted"] == pytest.approx(0.2)
    assert second["measured_from"] == FIRST + timedelta(days=2)
    (at_once,) = book_returns(
        db.at(evening(2)), book=text(bought("x:LATE", 10, 4.0, day=2))
    ).frame.to_dicts()
    assert at_once["time_weighted"] == pytest.approx(0.25)
