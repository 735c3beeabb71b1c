"""A ticker with a hyphen inside a formula: one name from when it is known, a minus before."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from analytics.core.catalogue import called, function_named
from analytics.formulas.formula import formula, formula_names
from analytics.formulas.moves import formula_instruments
from analytics.formulas.names import AmbiguousNameError
from analytics.formulas.values import formula_values
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests.analytics.quotes import FIRST, evening, quotes, table
from tests.analytics.test_market import instruments, listed


@pytest.fixture
def small(lake: Lake, db: Db) -> Db:
    names = ("GOLD", "SILVER")
    lake.upsert(
        "instruments",
        instruments(*(listed(f"x:{name}", ticker=name, currency="USD") for name in names)),
    )
    gold, silver = {40: 1500.0, 42: 1700.0, 75: 1800.0}, {40: 15.0, 42: 20.0, 75: 12.0}
    lake.upsert("prices", table(quotes(gold, "x:GOLD"), quotes(silver, "x:SILVER")))
    return db


def rows(at: At, text: str) -> list[tuple[Any, ...]]:
    return formula(at, text=text).frame.select("date", "value").rows()


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


HYPHEN = "x:GOLDN"


def with_hyphen(lake: Lake, *, known: int = 100, ids: tuple[str, ...] = (HYPHEN,)) -> None:
    """Instruments with the ticker GOLD-SILVER, of which GOLD and SILVER are tickers too."""
    lake.upsert(
        "instruments",
        instruments(
            *(listed(i, ticker="GOLD-SILVER", name="Pan", known_at=evening(known)) for i in ids)
        ),
    )
    lake.upsert(
        "prices", table(*(quotes({40: 3.0, 42: 5.0}, i, known_at=evening(known)) for i in ids))
    )


def test_a_ticker_with_a_hyphen_is_one_name_from_when_it_is_known(lake: Lake, small: Db) -> None:
    before = rows(small.at(evening(200)), "GOLD-SILVER")
    assert before == [(day(40), 1485), (day(42), 1680), (day(75), 1788)]
    with_hyphen(lake)
    assert rows(small.at(evening(99)), "GOLD-SILVER") == before
    at = small.at(evening(200))
    for text in ("GOLD-SILVER", "gold-silver", '"GOLD-SILVER"'):
        assert rows(at, text) == [(day(40), 3), (day(42), 5)]
    assert rows(at, "GOLD/GOLD-SILVER") == [(day(40), 500), (day(42), 340)]
    assert rows(at, "GOLD - SILVER") == rows(at, "GOLD -SILVER") == before
    assert formula_values(at, texts=["GOLD/GOLD-SILVER"]).frame["value"][0] == 340
    named = formula_names(at, text="GOLD/GOLD-SILVER").frame
    assert named["id"].to_list() == ["x:GOLD", HYPHEN]
    assert formula_instruments(at, ["GOLD/GOLD-SILVER"])[0] == ["x:GOLD", HYPHEN]
    receipt = json.loads(json.dumps(make_receipt(called(formula, at, text="GOLD/GOLD-SILVER"))))
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


def test_a_hyphenated_ticker_of_several_lists_what_to_type(lake: Lake, small: Db) -> None:
    with_hyphen(lake, ids=("a:G-S", "b:G-S"))
    at = small.at(evening(200))
    with pytest.raises(AmbiguousNameError, match="'GOLD-SILVER' at character 1 has 2 .*") as error:
        formula(at, text="GOLD-SILVER")
    assert "as in a:G-S, or a minus with a blank on each side" in str(error.value)
    assert rows(at, "a:G-S + b:G-S")[0] == (day(40), 6)
    assert rows(at, "GOLD - SILVER")[0] == (day(40), 1485)
