"""A cell of the market strip: the unit of its change, and numbers of any size."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.clock import utc_now
from data.state import readers
from data.state.db import State
from pages.frame.reader import SHARED
from pages.frame.view import View
from pages.home.strip import KEY, change_words, day_words, price_words
from tests.pages import browse, world


def change(value: float, **more: Any) -> str:
    row = {"kind": "series", "frequency": "daily", "is_rate": True, "change": value}
    return change_words(row | more)


def test_a_yield_moves_in_basis_points_and_other_percent_in_points() -> None:
    assert "▼ −0.3 bp" in change(-0.003)
    assert "▲ +12 bp" in change(0.12)
    assert "▲ +12 bp" in change(0.12, kind="instrument", frequency=None)
    assert "▲ +0.10 pp" in change(0.1, frequency="monthly")
    assert "▼ −0.25 pp" in change(-0.25, frequency=None)


def test_no_change_points_nowhere() -> None:
    assert "■ +0 bp" in change(0.0)
    assert "■ +0.00 %" in change(-1e-7, is_rate=False)
    assert "▼ −1.01 %" in change(-0.01007, is_rate=False)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.00001234, "0.000012"), (0.0731, "0.0731"), (1.0837, "1.0837"), (5123.4, "5,123.40")],
)
def test_a_small_price_is_not_zero(value: float, shown: str) -> None:
    assert price_words(value, is_rate=False) == shown


@pytest.mark.parametrize(
    ("day", "zone", "words"),
    [
        (date(2020, 3, 16), "UTC", ""),
        (date(2020, 3, 13), "UTC", "Fri 13 Mar"),
        (date(2020, 3, 16), "Asia/Tokyo", "Mon 16 Mar"),  # it is Tuesday there
        (date(2019, 12, 31), "UTC", "31 Dec 2019"),
    ],
)
def test_a_change_of_another_day_says_its_date(day: date, zone: str, words: str) -> None:
    view = View(datetime(2020, 3, 16, 20, tzinfo=UTC), False, zone=zone)
    row = {"date": day, "frequency": None, "change": 0.01}
    assert day_words(row, view) == words
    assert day_words(row | {"change": None}, view) == ""


def test_a_series_says_its_period() -> None:
    view = View(datetime(2020, 3, 16, 20, tzinfo=UTC), False)
    row = {"date": date(2020, 2, 1), "frequency": "monthly", "change": 0.1}
    assert day_words(row, view) == "Feb 2020"


def test_values_of_the_strip_align_where_one_has_a_date(tmp_path: Path) -> None:
    held = world.build(tmp_path)
    state = State.open(held.state)
    readers.choose(state, SHARED, KEY, ["demo:equity1"], now=utc_now())
    state.close()
    last = world.last_day()
    app = browse.visit(held, "overview", as_of=f"{last}T23:30:00Z")
    later = browse.visit(held, "overview", as_of=f"{last + timedelta(days=1)}T00:30:00Z")
    assert f"<small>{last:%a %d %b}</small></a>" in browse.text(later)
    assert f"<small>{last:%a %d %b}</small></a>" not in browse.text(app)
