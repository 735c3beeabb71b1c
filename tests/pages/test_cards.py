"""The hover card of a tile: what it says, and that data can be no markup in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from pages.frame.theme import DARK
from pages.heat.cards import LONGEST, card, line

ROW: dict[str, Any] = {
    "ticker": "FIEA",
    "name": "Ficte Aeronautics",
    "close": 1041.091,
    "currency": "CHF",
    "asset_class": "equity",
    "path": [1.0, 3.0, 2.0],
    "date": date(2020, 3, 13),
    "headline": "Ficte cuts jobs",
    "headline_at": datetime(2020, 3, 12, 8, tzinfo=UTC),
}


def test_a_card_says_name_price_change_session_and_headline() -> None:
    shown = card(ROW, "−6.6 %", "z-score of the return (1y), 1d", DARK)
    assert "<b>FIEA</b> Ficte Aeronautics" in shown
    assert "1,041.09 CHF · <b>−6.6 %</b> z-score of the return (1y), 1d" in shown
    assert "session of 13 Mar 2020" in shown
    assert "Ficte cuts jobs" in shown
    assert "12 Mar" in shown
    assert DARK.up in shown


def test_the_level_of_a_rate_is_in_percent_not_in_money() -> None:
    shown = card(ROW | {"asset_class": "rate", "close": -0.375}, "+0.050", "change", DARK)
    assert "−0.375 % · <b>+0.050</b>" in shown
    assert "CHF" not in shown


def test_what_is_not_known_is_left_out() -> None:
    shown = card(ROW | {"headline": None, "name": None, "path": []}, "not known", "z", DARK)
    assert shown.count("<br>") == 2
    assert "None" not in shown
    assert "svg" not in shown
    assert line([1.0], DARK) == ""


def test_names_can_be_neither_markup_nor_a_field() -> None:
    bad = "<img src=x onerror=alert(1)> {b} \"'&"
    shown = card(
        ROW | {"name": bad, "headline": bad, "ticker": bad, "currency": bad}, bad, bad, DARK
    )
    assert "<img" not in shown
    assert "{" not in shown
    assert "&amp;" in shown


def test_a_line_stays_within_its_box_and_a_long_headline_is_cut() -> None:
    drawn = line([5.0, 5.0], DARK)
    assert 'points="0,34 180,34"' in drawn
    assert 'points="0,34 90,2 180,18"' in line([1.0, 3.0, 2.0], DARK)
    assert DARK.down in line([2.0, 1.0], DARK)
    shown = card(ROW | {"headline": "x" * 500}, "0", "m", DARK)
    assert "x" * LONGEST + "…" in shown
    assert "x" * (LONGEST + 1) not in shown
