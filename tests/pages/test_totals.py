"""Totals of tables: sums of amounts of one unit that are all known, and nothing else."""

from __future__ import annotations

import math

import polars as pl
import pytest

from pages.frame.tables import MOST, Column, table
from pages.frame.totals import total

USD = {"value": 10.5, "unit": "USD"}
EUR = {"value": 2.0, "unit": "EUR"}
NAME = Column("name", "name")
VALUE = Column("value", "value", "number", digits=1, total=True)


def foot(html: str) -> str:
    return html.partition("<tfoot>")[2].partition("</tfoot>")[0]


def test_amounts_of_one_unit_are_summed() -> None:
    assert total([1, 2, 3]) == (6, "")
    assert total([USD, USD]) == ({"value": 21.0, "unit": "USD"}, "")
    assert total([0.1] * 10) == (1.0, "")  # as exact sums are


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0, None], "No total: 1 of 2 values is not known"),
        ([None, math.nan, 1.0], "No total: 2 of 3 values are not known"),
        ([USD, {"value": None, "unit": "USD"}], "No total: 1 of 2 values is not known"),
        ([USD, EUR], "No total: values are in EUR, USD"),
        ([USD, {"value": 1.0, "unit": None}], "No total: the currency of a value is not known"),
    ],
)
def test_a_missing_part_or_another_currency_gives_a_reason(
    values: list[object], reason: str
) -> None:
    assert total(values) == (None, reason)


def test_the_foot_is_written_as_its_column() -> None:
    rows = [{"name": "a", "value": 1234.5}, {"name": "b", "value": -0.5}]
    drawn = foot(table(rows, (NAME, VALUE), caption="c"))
    assert drawn == '<tr><td class="t">Total</td><td class="n">1,234.0</td></tr>'


def test_a_missing_total_is_a_dash_that_says_why() -> None:
    rows = [{"name": "a", "value": 1.0}, {"name": "b", "value": None}]
    drawn = foot(table(rows, (NAME, VALUE), caption="c"))
    assert 'title="No total: 1 of 2 values is not known">–<' in drawn
    assert "1.0" not in drawn


def test_a_single_row_and_a_table_without_sums_have_no_foot() -> None:
    rows = [{"name": "a", "value": 1.0}]
    assert "<tfoot>" not in table(rows, (NAME, VALUE), caption="c")
    assert "<tfoot>" not in table(rows * 2, (NAME, Column("value", "value")), caption="c")


def test_rows_that_are_not_shown_count_too() -> None:
    frame = pl.DataFrame({"name": ["a"] * (MOST + 1), "value": [2.0] * (MOST + 1)})
    drawn = foot(table(frame, (NAME, VALUE), caption="c"))
    assert f"Total of {MOST + 1}" in drawn
    assert f"{2 * (MOST + 1)}.0" in drawn
