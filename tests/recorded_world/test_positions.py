"""The book of the recorded fortnight: its day's gain and its sums against the recorded closes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from tests.pages import browse
from tests.recorded_world.conftest import Fetched
from tests.recorded_world.desk import BOOK
from tests.recorded_world.fortnight import MIDDLE
from tests.recorded_world.material import document
from tests.recorded_world.reading import plain


def amount(app: AppTest, label: str) -> str:
    """What stands under a label of the strip."""
    return browse.text(app).split(f"<dt>{label}</dt><dd>")[1].split("<small>")[0].strip()


pytestmark = [pytest.mark.needs("shared"), pytest.mark.usefixtures("evening")]


def test_the_days_gain_is_of_one_day_and_the_value_of_all(recorded: Fetched) -> None:
    """Ten sold at 21.944, then 22.84 dollars; fifty at 34 on a Monday, 33.2 euro on Tuesday.

    Ocado has one close and no rate of the day on which it was bought, so it has a value alone.
    """
    app = browse.visit(recorded.settings, "positions", portfolio=BOOK, base="EUR")
    shown = plain(app)
    gain = -10 * (22.84 - 21.944) / 1.15 + 50 * (33.2 - 34.0)
    assert amount(app, "Day&#x27;s gain") == f"−{-gain:.0f}"
    rate = document("recorded/openexchangerates/latest_USD.json")["rates"]["GBP"]
    pounds = 1259.5 / rate / 1.15
    value = pounds + 50 * 33.2 - 10 * 22.84 / 1.15
    assert amount(app, "Value") == f"{value:,.0f}"
    assert "left out of gains and returns: OCDO.L" in shown
    assert "not in the day's gain: OCDO.L" in shown


def test_a_first_close_has_no_days_gain(recorded: Fetched) -> None:
    """In the middle one close of the German share was known: its gain since March 8 is no day's."""
    app = browse.visit(
        recorded.settings, "positions", portfolio=BOOK, base="USD", as_of=iso(MIDDLE)
    )
    shown = plain(app)
    assert "not in the day's gain: WSU.DE" in shown
    assert amount(app, "Total gain") == "+259"  # 242.59, and 16.26 of the shares sold short
    strip = browse.text(app)
    assert "<dt>Time-weighted</dt><dd>– <small>one day only</small>" in strip
    later = browse.text(browse.visit(recorded.settings, "positions", portfolio=BOOK, base="EUR"))
    assert "<small>since 13 Mar 2026</small>" in later.split("<dt>Time-weighted</dt>")[1][:80]
