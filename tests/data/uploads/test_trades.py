"""Trades become lots and closings: the oldest first, never more than is held, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import ConfigError, UploadError
from data.state import positions
from data.state.db import State
from data.state.positions import Draft
from data.state.values import Edit
from data.uploads.check import STATUSES, Meaning, Reading, counts, marks_of
from data.uploads.columns import guess, tabulate
from data.uploads.dates import Order, as_stated, instant, order_of
from data.uploads.sheet import read_grid
from data.uploads.splits import Splits
from data.uploads.trades import (
    NUMERIC,
    TRADE_ROLES,
    Book,
    TradeVerdict,
    check_trades,
    drafts_of,
    parts_of,
    row_key,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 12, tzinfo=UTC)
KNOWN: Mapping[str, Sequence[Meaning]] = {
    "AAA": [Meaning("x:AAA", "AAA Inc", currency="USD")],
    "VOD": [Meaning("x:VOD", "Vodafone", currency="GBp")],
    "TWICE": [Meaning("x:T1", "Old"), Meaning("x:T2", "New")],
}
HEAD = "date,side,ticker,quantity,price,currency,fee\n"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state.db")


def check(
    text: str,
    state: State | None = None,
    splits: Splits | None = None,
    said: Mapping[str, str] | None = None,
) -> list[TradeVerdict]:
    table = tabulate(read_grid(text.encode(), "trades.csv"))
    columns = guess(table, TRADE_ROLES)
    reading = Reading(columns, marks_of(table, columns, NUMERIC), choices=said or {})
    order: Order = order_of(table.column(columns["opened"])) if "opened" in columns else ""
    held = positions.held(state, as_of=NOW, portfolio="p") if state else ()
    keys = positions.import_keys(state, "p") if state else frozenset()
    verdicts = check_trades(table, reading, KNOWN, Book("p", held, keys, NOW, order, splits or {}))
    assert sum(counts(verdicts).values()) == len(verdicts) == len(table.rows)
    return verdicts


def enter(state: State, verdicts: list[TradeVerdict]) -> None:
    positions.book(state, drafts_of(verdicts), parts_of(verdicts), edit=Edit("me", NOW))


def left(state: State) -> dict[str, float]:
    found: dict[str, float] = {}
    for lot in positions.held(state, as_of=NOW, portfolio="p"):
        found[lot.draft.symbol] = found.get(lot.draft.symbol, 0) + lot.open_quantity
    return found


def test_sales_close_the_oldest_lots_whatever_the_order_of_the_file(state: State) -> None:
    verdicts = check(
        HEAD + "2024-03-01,sell,AAA,15,12,USD,3\n2024-01-01,buy,AAA,10,10,USD,1\n"
        "2024-02-01,buy,AAA,10,11,USD,1\n"
    )
    assert [verdict.status for verdict in verdicts] == ["accepted"] * 3
    assert verdicts[0].reason == "closes 15 of 2 lots"
    enter(state, verdicts)
    lots = positions.lots(state, as_of=NOW, portfolio="p")
    assert [lot.open_quantity for lot in lots] == [0.0, 5.0]
    assert [(c.quantity, c.fee) for lot in lots for c in lot.closings] == [(10, 2), (5, 1)]
    assert lots[0].closed_at == datetime(2024, 3, 1, 23, 59, 59, tzinfo=UTC)


def test_the_same_file_again_enters_nothing(state: State) -> None:
    text = HEAD + "2024-01-01,buy,AAA,10,10,USD,1\n2024-03-01,sell,AAA,4,12,USD,3\n"
    enter(state, check(text))
    again = check(text, state)
    assert counts(again) == dict.fromkeys(STATUSES, 0) | {"duplicate": 2}
    assert again[0].reason == "the same trade is in this portfolio"
    more = check(text + "2024-04-01,sell,AAA,6,13,USD,0\n", state)
    assert counts(more) == dict.fromkeys(STATUSES, 0) | {"accepted": 1, "duplicate": 2}
    enter(state, more)
    assert left(state) == {}


def test_of_one_day_purchases_come_first_also_where_the_newest_row_does(state: State) -> None:
    verdicts = check(HEAD + "2024-01-01,sell,AAA,5,11,usd,\n2024-01-01,buy,AAA,5,10,usd,\n")
    assert [verdict.status for verdict in verdicts] == ["accepted", "accepted"]
    assert drafts_of(verdicts)[0].currency == "USD"
    enter(state, verdicts)
    assert left(state) == {}


def test_a_sale_after_a_split_speaks_of_the_shares_of_its_day() -> None:
    text = HEAD + "2024-01-01,buy,AAA,10,100,USD,\n2024-03-01,sell,AAA,30,27,USD,3\n"
    assert check(text)[1].status == "asked"
    verdicts = check(text, splits={"x:AAA": [(date(2024, 2, 1), 4.0), (date(2024, 6, 1), 2.0)]})
    assert [verdict.status for verdict in verdicts] == ["accepted", "accepted"]
    (part,) = parts_of(verdicts)
    assert (part.exit.quantity, part.exit.price, part.exit.fee) == (7.5, 108.0, 3.0)
    more = text + "2024-03-02,sell,AAA,11,27,USD,\n"
    refused = check(more, splits={"x:AAA": [(date(2024, 2, 1), 4.0)]})
    assert refused[2].reason.startswith("Closes 11, but 10 were open at 2024-03-02")


def test_a_portfolio_is_one_however_its_name_is_spelled(state: State) -> None:
    enter(state, check(HEAD + "2024-01-01,buy,AAA,10,10,USD,1\n"))
    assert positions.import_keys(state, " \uff50 ") == positions.import_keys(state, "p") != set()


def test_more_than_is_held_is_asked_and_no_short(state: State) -> None:
    verdicts = check(HEAD + "2024-01-01,buy,AAA,10,10,,\n2024-02-01,sell,AAA,11,10,,\n")
    assert verdicts[1].status == "asked"
    assert verdicts[1].reason.startswith("Closes 11, but 10 were open at 2024-02-01")
    assert verdicts[1].question is not None
    assert list(verdicts[1].question.options) == ["leave"]
    early = check(HEAD + "2024-02-01,buy,AAA,10,10,,\n2024-01-01,sell,AAA,1,10,,\n")
    assert "0 were open at 2024-01-01" in early[1].reason
    said = {"uncovered:x:AAA": "short"}
    short = check(HEAD + "2024-02-01,sell,AAA,10,10,,\n", said=said)
    assert [draft.quantity for draft in drafts_of(short)] == [-10]
    later = (
        HEAD + "2024-01-01,buy,AAA,5,1,,\n2024-01-02,sell,AAA,9,1,,\n2024-01-03,sell,AAA,2,1,,\n"
    )
    assert [verdict.status for verdict in check(later)] == ["accepted", "asked", "asked"]


def test_shorts_are_opened_and_covered(state: State) -> None:
    verdicts = check(
        HEAD + "2024-01-01,short,AAA,10,10,USD,1\n2024-02-01,cover,AAA,4,8,USD,1\n"
        "2024-02-02,buy,AAA,2,8,USD,\n"
    )
    enter(state, verdicts)
    assert left(state) == {"x:AAA": -6 + 2}
    assert "0 were open" in check(HEAD + "2024-01-05,cover,AAA,1,1,USD,\n")[0].reason


def test_without_a_side_signs_tell_it_and_without_signs_it_is_asked() -> None:
    head = "date,ticker,qty,price\n"
    signs = check(head + "2024-01-01,AAA,5,10\n2024-02-01,AAA,-5,10\n")
    assert [v.trade.side for v in signs if v.trade] == ["buy", "sell"]
    alone = check(head + "2024-01-01,AAA,-5,10\n")
    assert alone[0].reason.startswith("Closes 5, but 0 were open")
    silent = check(head + "2024-01-01,AAA,5,10\n")
    assert silent[0].status == "asked"
    assert silent[0].question is not None
    assert list(silent[0].question.options) == ["buy", "sell"]
    assert check(head + "2024-01-01,AAA,5,10\n", said={"side": "buy"})[0].status == "accepted"


def test_pence_are_the_currency_of_the_instrument_or_as_given() -> None:
    head = "date,side,ticker,qty,price,ccy\n"
    rows = ["VOD,1000,243.08,", "VOD,1000,243.08,GBX", "VOD,1001,2.43,GBP"]
    text = head + "".join(f"2024-01-01,buy,{row}\n" for row in rows)
    verdicts = check(text, said={"identical": "both"})
    assert [draft.currency for draft in drafts_of(verdicts)] == ["GBp", "GBp", "GBP"]


def test_without_a_date_it_is_asked_and_one_day_may_be_given() -> None:
    text = "side,ticker,qty,price\nbuy,AAA,1,1\nbuy,AAA,2,1\n"
    assert {verdict.question.key for verdict in check(text) if verdict.question} == {"opened"}
    drafts = drafts_of(check(text, said={"opened": "2024-03-01"}))
    assert {str(draft.opened_at.date()) for draft in drafts} == {"2024-03-01"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2024-01-01,buy,NOBODY,1,1,USD,", "no instrument called 'NOBODY'"),
        ("2024-01-01,buy,AAA,,1,USD,", "no quantity"),
        ("2024-01-01,buy,AAA,0,1,USD,", "no quantity"),
        ("2024-01-01,buy,AAA,1,,USD,", "no price"),
        ("2024-01-01,buy,AAA,NaN,1,USD,", "quantity: NaN is no number"),
        ("2024-01-01,buy,AAA,1,1,XXX,", "'XXX' is no currency that is known"),
        ("2024-01-01,buy,AAA,1,0,USD,", "the price is 0"),
        ("2024-13-01,buy,AAA,1,1,USD,", "is no date; write it as"),
        ("soon,buy,AAA,1,1,USD,", "'soon' is no date"),
        ("2027-01-01,buy,AAA,1,1,USD,", "2027-01-01 lies in the future"),
        ("2024-01-01,buy,TWICE,1,1,USD,,extra", "has 8 cells"),
        (",,,,,,", ""),
    ],
)
def test_what_is_wrong_with_a_row_is_said(row: str, said: str) -> None:
    verdicts = check(f"{HEAD}2024-01-01,buy,AAA,1,1,USD,\n{row}\n")
    if said:
        assert verdicts[1].status == "rejected"
        assert said in verdicts[1].reason
    else:
        assert len(verdicts) == 1  # a row without any cell is no row


def test_dates_in_either_order_are_asked_unless_one_order_is_impossible() -> None:
    open_ = HEAD + "01/02/2024,buy,AAA,1,1,USD,\n"
    (verdict,) = check(open_)
    assert verdict.status == "asked"
    assert "choose day or month first" in verdict.reason
    (day,) = drafts_of(check(open_, said={"order": "dmy"}))
    assert str(day.opened_at.date()) == "2024-02-01"
    ahead = check(HEAD + "02/11/2025,buy,AAA,1,1,USD,\n01/12/2026,buy,AAA,2,1,USD,\n")
    assert [str(d.opened_at.date()) for d in drafts_of(ahead)] == ["2025-02-11", "2026-01-12"]


def test_a_word_that_nobody_knows_and_a_ticker_of_two_are_asked() -> None:
    rows = (
        "2024-01-01,buy,AAA,1,1,USD,\n2024-01-01,hold,AAA,1,1,USD,\n2024-01-01,buy,TWICE,1,1,USD,\n"
    )
    verdicts = check(HEAD + rows)
    assert [verdict.status for verdict in verdicts] == ["accepted", "asked", "asked"]
    assert "'hold' in the column of sides is not known" in verdicts[1].reason
    assert "2 instruments are called 'TWICE'" in verdicts[2].reason
    assert check(HEAD + rows, said={"word:hold": "other"})[1].status == "other"


def test_fills_of_one_order_are_trades_and_alike_rows_are_asked() -> None:
    head = "date,side,trade id,ticker,qty,price\n"
    twice = (
        head + "2024-01-01,buy,A1,AAA,1,1\n2024-01-01,buy,A2,AAA,1,1\n2024-01-01,buy,A1,AAA,1,1\n"
    )
    assert [v.status for v in check(twice)] == ["accepted", "accepted", "duplicate"]
    parts = head + "2024-01-01,buy,A1,AAA,1,1\n2024-01-01,buy,A1,AAA,2,1\n"
    assert [v.status for v in check(parts)] == ["accepted", "asked"]
    assert [v.status for v in check(parts, said={"numbers": "both"})] == ["accepted"] * 2
    order = parts.replace("trade id", "order id")
    assert [v.status for v in check(order)] == ["accepted"] * 2
    alike = "date,side,ticker,qty,price\n" + "2024-01-01,buy,AAA,1,1\n" * 2
    assert [v.status for v in check(alike)] == ["accepted", "asked"]
    both = check(alike, said={"identical": "both"})
    assert len({draft.import_key for draft in drafts_of(both)}) == 2
    one = check(alike, said={"identical": "one"})
    assert one[1].reason == "the same trade is in line 2"


def test_a_row_that_opens_and_closes_is_refused_and_its_number_is_no_quantity() -> None:
    head = "Time,Position,Symbol,Type,Volume,Price,Time,Price,Commission\n"
    (whole,) = check(head + "2024.01.05 15:31,501,AAA,buy,10,180,2024.03.05 16:00,190,-2\n")
    assert whole.status == "rejected" and "opens and closes" in whole.reason
    (part,) = check("Time,Position,Symbol,Type,Volume,Price\n2024.01.05 15:31,501,AAA,buy,10,180\n")
    assert part.trade is not None and part.trade.size == 10


def test_a_price_that_was_ordered_is_not_taken_for_the_one_that_was_paid() -> None:
    rows = "2024-01-05,buy,AAA,10,181,180\n2024-03-05,sell,AAA,4,190,190.05\n"
    asked = check("date,side,ticker,qty,price,zork\n" + rows)
    assert {verdict.question.key for verdict in asked if verdict.question} == {"price"}
    known = check("date,side,ticker,qty,price,avg price\n" + rows)
    assert [v.trade.draft.price for v in known if v.trade] == [180, 190.05]
    said = check("date,side,ticker,qty,price,zork\n" + rows, said={"price": "yes"})
    assert [v.trade.draft.price for v in said if v.trade] == [181, 190]


def test_a_row_entered_by_an_older_program_is_known(state: State) -> None:
    row = "2024-01-01,buy,AAA,10,10,USD,1"
    old = Draft("p", "x:AAA", 10, 10, "USD", NOW, 1, "", row_key(row.split(",")))
    positions.enter(state, old, edit=Edit("me", NOW))
    assert check(f"{HEAD}{row}\n", state)[0].status == "duplicate"


def test_a_booking_is_entered_whole_or_not_at_all(state: State) -> None:
    enter(state, check(HEAD + "2024-01-01,buy,AAA,10,10,USD,\n"))
    verdicts = check(HEAD + "2024-01-02,buy,VOD,1,1,,\n2024-02-01,sell,AAA,10,12,USD,\n", state)
    (lot,) = positions.held(state, as_of=NOW, portfolio="p")
    positions.close(state, lot.id, positions.Exit(1, 1, LATER), edit=Edit("other", NOW))
    with pytest.raises(ConfigError, match="9 left, 10 cannot be closed"):
        enter(state, verdicts)
    assert left(state) == {"x:AAA": 10.0}
    assert {item.draft.symbol for item in positions.lots(state, as_of=LATER)} == {"x:AAA"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["buy", "sell", "short", "cover"]),
            st.integers(1, 9),
            st.integers(1, 28),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_what_is_left_is_what_was_opened_less_what_was_closed(
    trades: list[tuple[str, int, int]],
) -> None:
    rows = [
        f"2024-01-{day:02},{side},AAA,{size},10,USD,{number}"
        for number, (side, size, day) in enumerate(trades)
    ]
    verdicts = check(HEAD + "\n".join(rows) + "\n")
    kept = [v.trade for v in verdicts if v.trade is not None and v.status == "accepted"]
    signs = {"buy": 1, "sell": -1, "short": -1, "cover": 1}
    total = sum(signs[trade.side] * trade.size for trade in kept)
    opened, closed = drafts_of(verdicts), parts_of(verdicts)
    assert sum(draft.quantity for draft in opened) - sum(
        part.exit.quantity * (1 if opened[part.draft or 0].quantity > 0 else -1) for part in closed
    ) == pytest.approx(total)
    for place, draft in enumerate(opened):
        taken = sum(part.exit.quantity for part in closed if part.draft == place)
        assert taken <= abs(draft.quantity) + 1e-9
        assert all(part.exit.closed_at >= draft.opened_at for part in closed if part.draft == place)


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["13/02/2024", "01/02/2024"], "dmy"),
        (["02/13/2024", "01/02/2024"], "mdy"),
        (["01/02/2024"], "?"),
        (["01.02.2024"], "dmy"),
        (["2024-01-02"], ""),
        ([], ""),
    ],
)
def test_the_column_tells_the_order_of_its_dates(column: list[str], order: str) -> None:
    assert order_of(column) == order


def test_dates_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(UploadError, match="some dates with the day first"):
        order_of(["13/02/2024", "02/13/2024"])


@pytest.mark.parametrize(
    ("text", "order", "found"),
    [
        ("2024-02-01", "", datetime(2024, 2, 1, 23, 59, 59, tzinfo=UTC)),
        ("2024-02-01 00:00:00", "", datetime(2024, 2, 1, 23, 59, 59, tzinfo=UTC)),
        ("2024-02-01 14:30", "", datetime(2024, 2, 1, 14, 30, tzinfo=UTC)),
        ("2024-02-01T14:30:00+01:00", "", datetime(2024, 2, 1, 13, 30, tzinfo=UTC)),
        ("20240201", "", datetime(2024, 2, 1, 23, 59, 59, tzinfo=UTC)),
        ("01/02/2024", "dmy", datetime(2024, 2, 1, 23, 59, 59, tzinfo=UTC)),
        ("02/01/24 14:30", "mdy", datetime(2024, 2, 1, 14, 30, tzinfo=UTC)),
        ("1.2.2024", "?", datetime(2024, 2, 1, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_instants_as_people_write_them(text: str, order: Order, found: datetime) -> None:
    assert instant(text, order) == found


def test_a_day_without_a_time_is_shown_as_a_day() -> None:
    day = instant("2026-02-03", "")
    assert as_stated(day) == date(2026, 2, 3)
    at = instant("2026-02-03 10:30:15", "")
    assert as_stated(at) is at


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-01-05 22:30 Eastern", "2024-01-06 03:30"),
        ("2024-07-05 22:30 Pacific Time", "2024-07-06 05:30"),
        ("2024-07-05 10:30 London", "2024-07-05 09:30"),
    ],
)
def test_zones_in_words(text: str, utc: str) -> None:
    assert f"{instant(text, ''):%Y-%m-%d %H:%M}" == utc


def test_an_answer_settles_lots_rates_and_notes() -> None:
    head = "date,side,ticker,{},price,ccy{}\n"
    lots = head.format("lots", "") + "2024-01-05,buy,AAA,3,100,USD\n"
    assert {v.question.key for v in check(lots) if v.question} == {"lot"}
    assert [d.quantity for d in drafts_of(check(lots, said={"lot": "100"}))] == [300]
    rates = head.format("qty", ",fee (bps)") + "2024-01-05,buy,AAA,3,100,USD,10\n"
    assert {v.question.key for v in check(rates) if v.question} == {"fee_rate"}
    assert [d.fee for d in drafts_of(check(rates, said={"fee_rate": "rate"}))] == [0.3]
    assert [d.fee for d in drafts_of(check(rates, said={"fee_rate": "none"}))] == [0]
    notes = head.format("qty", ",remark") + "2024-01-05,buy,AAA,3,100,USD,Order cancelled\n"
    (asked,) = check(notes)
    assert asked.question is not None
    assert drafts_of(check(notes, said={asked.question.key: "cancelled"})) == []
    assert len(drafts_of(check(notes, said={asked.question.key: "done"}))) == 1


def test_a_price_that_is_the_whole_amount_of_the_one_before_is_asked() -> None:
    head = "date,side,ticker,qty,price,ccy\n2024-01-05,buy,AAA,3,100,USD\n"
    assert all(v.trade for v in check(head + "2024-01-20,buy,AAA,4,130,USD\n"))
    asked = check(head + "2024-01-20,buy,AAA,4,402,USD\n")
    assert {v.question.key[:5] for v in asked if v.question} == {"jump:"}
    assert all(v.trade for v in check(head + "2024-06-20,buy,AAA,4,402,USD\n"))
