"""Formulas in lists: last value and change by hand, at several clocks; why there is none."""

from __future__ import annotations

import polars as pl
import pytest

from analytics.core.catalogue import called, function_named
from analytics.formulas.lines import is_late
from analytics.formulas.values import (
    formula_of,
    formula_symbol,
    formula_values,
    formulas_in,
)
from data.errors import ConfigError
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests.analytics.quotes import evening, quotes, table
from tests.analytics.test_market import instruments, listed

RATIO, LONG = "GOLD/SILVER", "index(GOLD) - index(SILVER)"


@pytest.fixture
def metals(lake: Lake, db: Db) -> Db:
    names = (("x:GOLD", "GOLD"), ("x:SILVER", "SILVER"), ("x:SAP", "SAP"))
    lake.upsert(
        "instruments",
        instruments(*(listed(symbol, ticker=ticker, name=ticker) for symbol, ticker in names)),
    )
    lake.upsert(
        "prices",
        table(
            quotes({40: 1500.0, 41: 1600.0, 42: 1800.0}, "x:GOLD", asset_class="commodity"),
            quotes({40: 15.0, 41: 20.0, 43: 30.0}, "x:SILVER", asset_class="commodity"),
            quotes({40: 100.0}, "x:SAP", currency="EUR"),
        ),
    )
    return db


def test_last_value_and_change_by_hand(metals: Db) -> None:
    frame = formula_values(metals.at(evening(60)), texts=[RATIO, "GOLD"]).frame
    ratio, gold = frame.rows(named=True)
    assert (ratio["text"], ratio["value"], ratio["previous"]) == (RATIO, 80.0, 100.0)
    assert ratio["change"] == -20.0
    assert ratio["problem"] is None
    assert (gold["value"], gold["change"], gold["unit"]) == (1800.0, 200.0, "USD")


def test_a_part_whose_source_has_died_is_late(metals: Db) -> None:
    """Gold ends on day 42, silver on day 43; a week is borne."""

    def late(day: int) -> str | None:
        return formula_values(metals.at(evening(day)), texts=[RATIO]).frame["late"][0]

    assert [late(day) for day in (42, 49, 50, 51)] == [None, None, "GOLD", "GOLD, SILVER"]


@pytest.mark.parametrize(
    ("frequency", "borne"),
    [("daily", 7), ("weekly", 35), ("monthly", 155), ("quarterly", 460), ("annual", 1830)],
)
def test_a_part_is_late_after_five_of_its_steps(frequency: str, borne: int) -> None:
    assert not is_late(frequency, 1_000, 1_000 + borne)
    assert is_late(frequency, 1_000, 1_001 + borne)
    assert not is_late("irregular", 1_000, 9_000)  # a decision holds until the next


def test_an_earlier_clock_has_the_earlier_value(metals: Db) -> None:
    early, later = (
        formula_values(metals.at(evening(day)), texts=[RATIO]).frame.row(0, named=True)
        for day in (40, 41)
    )
    assert (early["value"], early["previous"], early["change"]) == (100.0, None, None)
    assert (later["value"], later["change"]) == (80.0, -20.0)
    assert early["known_at"] < later["known_at"]


def test_one_that_cannot_be_computed_says_why_and_the_others_remain(metals: Db) -> None:
    texts = ["nobody/GOLD", "GOLD + SAP", "GOLD/", "lag(SAP, 5)", RATIO, RATIO]
    frame = formula_values(metals.at(evening(60)), texts=texts).frame
    assert frame["text"].to_list() == texts[:5]
    problems = frame["problem"].to_list()
    assert "'nobody' at character 1 is no instrument or series" in problems[0]
    assert "EUR" in problems[1] and "USD" in problems[1]
    assert "character" in problems[2]
    assert problems[3] == "its parts have no common date at this time"
    assert problems[4] is None
    assert frame["value"].to_list() == [None, None, None, None, 80.0]


@pytest.mark.parametrize("texts", [[RATIO, LONG], ["nobody"], []])
def test_the_receipt_runs_again(lake: Lake, metals: Db, texts: list[str]) -> None:
    answer = called(formula_values, metals.at(evening(60)), texts=texts)
    receipt = make_receipt(answer)
    assert receipt["kind"] == "SQL and function"
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


def test_a_formula_is_told_from_an_id_by_its_sign() -> None:
    assert formula_of("=GOLD / SILVER") == "GOLD / SILVER"
    assert formula_of("x:GOLD") is None
    assert formula_symbol("  GOLD /  SILVER ") == "=GOLD / SILVER"
    assert formula_symbol("=GOLD/SILVER") == "=GOLD/SILVER"
    assert formulas_in(["x:GOLD", "=B", "=A", "=B"]) == ["B", "A"]
    for text in ("", "=", "1 + 2", "GOLD/"):
        with pytest.raises(ConfigError):
            formula_symbol(text)


def test_columns_are_the_same_without_any_formula(metals: Db) -> None:
    empty = formula_values(metals.at(evening(60)), texts=[]).frame
    assert empty.is_empty()
    assert empty.schema["value"] == pl.Float64
