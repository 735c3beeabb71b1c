"""Expectations of a file: every row accepted, a duplicate or rejected, each with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from data.errors import UploadError
from data.uploads.check import Reading, marks_of
from data.uploads.columns import guess, tabulate
from data.uploads.dates import order_of
from data.uploads.expected import (
    NUMERIC,
    ROLES,
    ExpectationReading,
    Expected,
    Slot,
    check,
    first_day,
)
from data.uploads.sheet import read_grid

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PRINTED = datetime(2026, 11, 13, 13, 30, tzinfo=UTC)
CALENDAR = {
    "CPI": {date(2026, 10, 1): Slot("percent", PRINTED), date(2026, 11, 1): Slot("percent", None)},
    "GDP": {date(2026, 7, 1): Slot("percent", None)},
}


def verdicts(text: str) -> list[Expected]:
    table = tabulate(read_grid(text.encode(), "given.csv"))
    columns = guess(table, ROLES)
    reading = Reading(columns, marks_of(table, columns, NUMERIC))
    order = order_of(table.column(columns["known"])) if "known" in columns else ""
    return check(table, ExpectationReading(reading, CALENDAR, order, NOW))


def test_a_row_says_what_is_expected_of_which_period_and_since_when() -> None:
    found = verdicts(
        "series;month;consensus;as of\nCPI;2026-11;2,4;2026-11-18 12:00\nGDP;2026Q3;-0,3;\n"
    )
    assert [(v.status, v.series_id, v.period, v.value, v.unit, v.known_at) for v in found] == [
        (
            "accepted",
            "CPI",
            date(2026, 11, 1),
            2.4,
            "percent",
            datetime(2026, 11, 18, 12, tzinfo=UTC),
        ),
        ("accepted", "GDP", date(2026, 7, 1), -0.3, "percent", NOW),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("CPI,2026-10,2.4,2026-11-14", "known only after the print: it counts for no surprise"),
        ("CPI,2026-10,2.4,2026-11-12", ""),
        ("CPI,2026-11,2.4,2026-11-20", ""),
        ("CPI,2026-11,2.4,2026-12-01", "lies ahead: nobody can have known it yet"),
        ("CPI,2026-12,2.4,", "has no release for 2026-12; it has 2026-10-01 and 2026-11-01"),
        ("PPI,2026-11,2.4,", "no release of 'PPI' is in the calendar"),
        ("CPI,soon,2.4,", "'soon' is no period; write 2026-10, 2026Q3 or 2026"),
        ("CPI,2026-13,2.4,", "is no period"),
        ("CPI,2026-11,,", "no expected value"),
        ("CPI,2026-11,two,", "is no number"),
        (",2026-11,2.4,", "needs the id of a series and a period"),
    ],
)
def test_each_verdict_has_its_reason(row: str, reason: str) -> None:
    found = verdicts(f"series,period,expected,known\n{row}\n")[0]
    assert reason in found.reason
    is_kept = reason == "" or "counts for no surprise" in reason
    assert found.status == ("accepted" if is_kept else "rejected")
    assert found.symbol == (found.series_id if is_kept else None)


def test_the_same_row_twice_is_a_duplicate_and_a_later_one_is_not() -> None:
    rows = ("2.4,2026-11-18", "2.4,2026-11-18", "2.5,2026-11-19")
    text = "\n".join(f"CPI,2026-11,{row}" for row in rows)
    found = verdicts(f"series,period,expected,known\n{text}\n")
    assert [v.status for v in found] == ["accepted", "duplicate", "accepted"]
    assert found[1].reason == "line 2 says it already"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UploadError, match="no column says the expected"):
        verdicts("series,period\nCPI,2026-11\n")


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("2026-11", date(2026, 11, 1)),
        ("2026/1", date(2026, 1, 1)),
        ("2026M03", date(2026, 3, 1)),
        ("2026Q4", date(2026, 10, 1)),
        ("q2 2026", date(2026, 4, 1)),
        ("2026", date(2026, 1, 1)),
        ("2026-11-08", date(2026, 11, 8)),
        ("2026-11-08 00:00:00", date(2026, 11, 8)),
    ],
)
def test_periods_as_people_write_them(word: str, day: date) -> None:
    assert first_day(word) == day
