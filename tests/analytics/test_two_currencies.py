"""Prices in two currencies in one formula: refused with the formula that converts one of them."""

from __future__ import annotations

import pytest

from analytics.formulas.formula import formula
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table


@pytest.fixture
def small(lake: Lake, db: Db) -> Db:
    lake.upsert(
        "prices",
        table(
            quotes({40: 1500.0, 41: 1600.0, 42: 1700.0}, "x:GOLD", currency="USD"),
            quotes({40: 100.0, 41: 110.0, 42: 120.0}, "x:SAP", currency="EUR"),
            quotes({40: 9.0}, "x:FIEA", currency="CHF"),
            quotes({40: 1.1, 41: 1.2, 42: 1.25}, "x:EURUSD", asset_class="fx", currency="USD"),
        ),
    )
    return db


def test_an_example_converts_and_can_be_computed(small: Db) -> None:
    at = small.at(evening(200))
    said = {
        "GOLD - SAP": "GOLD is in USD and SAP in EUR; convert one, as in GOLD - SAP*EURUSD",
        "SAP/GOLD": "SAP is in EUR and GOLD in USD; convert one, as in SAP/(GOLD/EURUSD)",
        "GOLD/SAP": "GOLD is in USD and SAP in EUR; convert one, as in GOLD/(SAP*EURUSD)",
        "2*(GOLD + (SAP + 1))": "convert one, as in GOLD + (SAP+1)*EURUSD",
        '"GOLD" - lag(SAP, 2)': "convert one, as in GOLD - (lag(SAP, 2))*EURUSD",
    }
    for text, why in said.items():
        with pytest.raises(ConfigError) as refused:
            formula(at, text=text)
        assert str(refused.value).endswith(why)
        example = str(refused.value).partition("as in ")[2]
        assert formula(at, text=example).frame.height


def test_two_currencies_without_a_pair_known_at_the_clock_say_what_is_missing(
    lake: Lake, small: Db
) -> None:
    pair = quotes({40: 0.9}, "x:USDCHF", asset_class="fx", currency="CHF", known_at=evening(100))
    lake.upsert("prices", table(pair))
    for clock, how in (
        (99, "by an exchange rate between USD and CHF"),
        (200, "GOLD/(FIEA/USDCHF)"),
    ):
        with pytest.raises(ConfigError) as refused:
            formula(small.at(evening(clock)), text="GOLD/FIEA")
        assert str(refused.value).endswith(how)
    converted = formula(small.at(evening(200)), text="GOLD/(FIEA/USDCHF)").frame
    assert converted["value"].to_list() == [pytest.approx(150)]
