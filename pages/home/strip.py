"""The market strip: prices and series with their last change and course; each opens its page."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from analytics.core.periods import period_of
from analytics.home.strip import market_strip
from data.query import Answer
from pages.frame.figures import decimals, written
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.reader import choose
from pages.frame.reader import chosen as reader_choice
from pages.frame.run import current
from pages.frame.tables import signed, spark
from pages.frame.view import View
from pages.search.pickers import choose_instruments

KEY = "strip"
MOST = 12
# Percent that is published every day or week is an interest rate or a spread of two: markets count
# its changes in basis points, those of inflation or unemployment in percentage points.
MARKET_RHYTHMS = ("daily", "weekly")
PANEL = Panel(
    "Markets",
    "last, change on the session or period before, last 60 values",
    ("prices",),
    "None of the chosen markets has a price.",
)


def strip() -> None:
    """The reader's own choice, else the markets that everybody watches."""
    items = reader_items()
    PANEL.show(market_strip, _drawn, items=items)
    box = st.popover(
        "Choose markets", type="tertiary", key="menu-markets-choice", on_change="rerun"
    )
    if box.open:
        with box:
            _choice(items)


def _choice(items: list[str] | None) -> None:
    chosen = choose_instruments("strip_markets", f"Markets (at most {MOST})", tuple(items or ()))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Save",
            type="primary",
            key="strip_save",
            disabled=not chosen,
            on_click=choose,
            args=(KEY, chosen[:MOST]),
        )
        st.button("Use the usual ones", key="strip_usual", on_click=choose, args=(KEY, None))


def reader_items() -> list[str] | None:
    """The ids that this reader chose; None for the defaults."""
    items = reader_choice(KEY)
    if not isinstance(items, list):
        return None
    return [str(item) for item in items][:MOST] or None


def _drawn(answer: Answer) -> str:
    view = current().view
    rows = [row | {"day": day_words(row, view)} for row in answer.frame.iter_rows(named=True)]
    has_days = any(row["day"] for row in rows)  # then all have the line, so that values align
    cells = "".join(_cell(row, has_day=has_days) for row in rows)
    return f'<div class="b-strip">{cells}</div>'


def _cell(row: dict[str, Any], *, has_day: bool) -> str:
    page = "instrument" if row["kind"] == "instrument" else "series"
    to, name = escape(address(page, id=row["item"])), escape(row["name"])
    short = name.partition(": ")[2] or name  # the country of a series stands in the title
    value = "–" if row["last"] is None else price_words(row["last"], is_rate=row["is_rate"])
    unit, stated = "%" if row["is_rate"] else row["unit"] or "", escape(row["unit"] or "")
    about = ", ".join(filter(None, (name, stated, _day(row, current().view))))
    day = f"<small>{row['day'] or '&nbsp;'}</small>" if has_day else ""
    return (
        f'<a href="{to}" target="_self" title="{about}"><b>{short}</b>'
        f'<span class="b-last">{value} <small>{escape(unit)}</small></span>'
        f"<span>{change_words(row)}{spark(row['path'])}</span>{day}</a>"
    )


def price_words(value: float, *, is_rate: bool) -> str:
    """A value with the digits of its size."""
    if is_rate:
        return written(value, max(2, decimals([value])))
    if 0 < abs(value) < 0.1:
        return written(value, decimals([value]))
    return written(value, 2 if abs(value) >= 10 else 4)


def change_words(row: dict[str, Any]) -> str:
    """The change in percent, of rates in basis points, of other percent in percentage points."""
    change = row["change"]
    if change is None:
        return '<span class="b-dim">–</span>'
    if not row["is_rate"]:
        shown, digits, unit = 100 * change, 2, "%"
    elif row["kind"] == "instrument" or row["frequency"] in MARKET_RHYTHMS:
        shown, digits, unit = 100 * change, 1, "bp"
    else:
        shown, digits, unit = change, 2, "pp"
    # What is written as zero points nowhere.
    shown = round(shown, digits)
    digits = 0 if unit == "bp" and shown.is_integer() else digits
    return signed(shown, f"{written(shown, digits, sign=True)} {unit}")


def day_words(row: dict[str, Any], view: View) -> str:
    """Of which day or period a change is; nothing where it is the clock's own day."""
    if row["change"] is None or row["date"] == view.day:
        return ""
    return _day(row, view)


def _day(row: dict[str, Any], view: View) -> str:
    """The session, with its year where that is not the clock's; of a series the period."""
    day, frequency = row["date"], row["frequency"]
    if day is None:
        return "no value"
    if frequency in ("monthly", "quarterly", "annual"):
        return period_of(day, frequency)
    return f"{day:%a %d %b}" if day.year == view.day.year else f"{day:%d %b %Y}"
