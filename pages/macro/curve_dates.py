"""The earlier dates with which a yield curve is compared: usual distances and any day picked."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

import streamlit as st

from pages.frame.errors import Trouble
from pages.frame.panel import say

AGO = {
    "1d": "1 day ago",
    "1w": "1 week ago",
    "1m": "1 month ago",
    "3m": "3 months ago",
    "1y": "1 year ago",
    "2y": "2 years ago",
    "5y": "5 years ago",
}
DEFAULT, NONE, MOST = "1m,1y", "none", 5
PARAMETER, KEY, PICKER = "with", "curves_with", "curves_date"
DISTANCE = re.compile(r"(\d+)([dwmy])")


def choose_dates(last: date) -> dict[str, date]:
    """The dates that the address names and the boxes to change them; `last` is the curve's day.

    By the words for them: `1 month ago`, `16 Mar 2020`.
    """
    words, problems = _words(str(st.query_params.get(PARAMETER, DEFAULT)), last)
    st.session_state[KEY] = words
    st.multiselect(
        "Compare with",
        list(dict.fromkeys([*AGO, *words])),
        key=KEY,
        format_func=_title,
        max_selections=MOST,
        on_change=_tell_url,
        placeholder="the curve alone",
        width=420,
    )
    st.session_state[PICKER] = None
    st.date_input(
        "Add a date",
        key=PICKER,
        min_value=date(1950, 1, 1),
        max_value=last,
        on_change=_add,
        disabled=len(words) >= MOST,
        width=150,
    )
    for problem in problems:
        say(Trouble(problem, "Choose one of the list, or pick a date."), "partial")
    return {_title(word): goal(word, last) for word in words}


def goal(word: str, last: date) -> date:
    """The date that a word means, seen from the curve's last day."""
    match = DISTANCE.fullmatch(word)
    if match is None:
        return date.fromisoformat(word)
    count, unit = int(match.group(1)), match.group(2)
    if unit in "dw":
        return last - timedelta(days=count * (7 if unit == "w" else 1))
    months = last.year * 12 + last.month - 1 - count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    day = min(last.day, calendar.monthrange(year, month + 1)[1])
    return date(year, month + 1, day)


def _words(text: str, last: date) -> tuple[list[str], list[str]]:
    """The words that mean a date, and a sentence for each that does not."""
    words, problems = [], []
    for word in dict.fromkeys(filter(None, re.split(r"[,\s]+", text))):
        if word == NONE:
            continue
        problem = _problem(word, last)
        if problem:
            problems.append(problem)
        else:
            words.append(word)
    return words[:MOST], problems


def _problem(word: str, last: date) -> str:
    if word in AGO:
        return ""
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return f"{word[:40]!r} is no date and no distance like 1m or 1y."
    return f"{day:%d %b %Y} is later than the last curve." if day > last else ""


def _title(word: str) -> str:
    return AGO.get(word) or f"{date.fromisoformat(word):%d %b %Y}"


def _tell_url() -> None:
    text = ",".join(st.session_state[KEY]) or NONE
    if text == DEFAULT:
        st.query_params.pop(PARAMETER, None)
    else:
        st.query_params[PARAMETER] = text


def _add() -> None:
    """The day that was picked joins the others in the address."""
    picked = st.session_state[PICKER]
    if isinstance(picked, date):
        words = [*st.session_state.get(KEY, []), picked.isoformat()]
        st.query_params[PARAMETER] = ",".join(dict.fromkeys(words))
