"""Formulas over the recorded fortnight: rates of several sources, each in its unit."""

from __future__ import annotations

import pytest

from analytics.formulas.formula import formula
from analytics.markets.comparison import compared
from data.errors import ConfigError
from tests.recorded_world.conftest import Fetched
from tests.recorded_world.fortnight import MIDDLE, NOW

pytestmark = [pytest.mark.needs("shared"), pytest.mark.usefixtures("evening")]


@pytest.mark.parametrize(
    "text",
    [
        'ecb:EURUSD - "yahoo:EURUSD=X"',
        "ecb:EURUSD - frankfurter:EURUSD",
        "fred:DEXUSEU - imf:EURUSD",
    ],
)
def test_rates_of_two_sources_are_compared_in_their_unit(recorded: Fetched, text: str) -> None:
    found = formula(recorded.at(), text=text).frame
    assert set(found["unit"]) == {"USD per EUR"}
    earlier = formula(recorded.at(MIDDLE), text="ecb:EURUSD").frame
    assert earlier["known_at"].max() <= MIDDLE < NOW


def test_gold_less_the_price_of_a_euro_is_refused(recorded: Fetched) -> None:
    with pytest.raises(ConfigError, match="is in USD and yahoo:EURUSD=X in USD per EUR"):
        formula(recorded.at(), text='"yahoo:GC=F" - "yahoo:EURUSD=X"')


def test_dollars_times_rupees_for_a_dollar_are_rupees(recorded: Fetched) -> None:
    found = formula(recorded.at(), text='yahoo:NVDA * "yahoo:INR=X"').frame
    assert found["unit"][0] == "INR"
    assert found["value"][-1] == pytest.approx(21.944 * 64.365)


def test_the_slope_of_the_curve_beside_a_share_is_that_known_at_each_close(
    recorded: Fetched,
) -> None:
    slope = '=spread("us_treasury:par:10y", "us_treasury:par:2y")'
    asked = {"symbol": "yahoo:NVDA", "others": [slope]}
    frame = compared(recorded.at(), **asked).frame
    lines = frame.filter(symbol=slope).drop_nulls("value")
    assert (lines["unit"][0], lines["moves"][0]) == ("basis points", "difference")
    assert set(lines["date"]) <= set(frame.filter(symbol="yahoo:NVDA")["date"])
    known = formula(recorded.at(), text=slope[1:]).frame
    assert set(lines["value"].round(6)) <= set(known["value"].round(6))
    earlier = compared(recorded.at(MIDDLE), **asked).frame.filter(symbol=slope).drop_nulls("value")
    assert earlier.height
    assert lines.join(earlier, on="date")["value"].equals(earlier["value"])


def test_the_slope_of_the_curve_is_is_in_basis_points(recorded: Fetched) -> None:
    text = 'spread("us_treasury:par:10y", "us_treasury:par:2y")'
    found = formula(recorded.at(), text=text).frame
    assert (found["unit"][-1], found["value"][-1]) == ("basis points", pytest.approx(54))
    assert formula(recorded.at(MIDDLE), text=text).frame["value"][-1] == pytest.approx(51)
