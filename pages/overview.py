"""Home: markets, what changed since you were here, what is due, alerts and headlines.

**Markets** shows the last price of each market, its change on the session before and its last 60
values; of a monthly series the change is that on the month before. A date below the change says
that it is not of the clock's day. *Choose markets* keeps your own choice.

**What changed** compares two clocks: your last visit, or the time that you choose before the
clock, and the clock. What is on your watchlists and in your portfolios stands first, marked ★. A
print weighs its importance times its surprise, a revision its size in standard deviations of the
series' changes. Changes of regime, crashes and outages weigh more than most prints. Each line
opens its page at that moment.

**Largest moves** shows the last session relative to own volatility: the move divided by the
standard deviation of the 60 sessions before. The bar is full at four. Blue is up, orange is down,
and the sign says it too.

**Due next** lists releases as scheduled at the clock, with consensus and previous value. **Late
releases** are those whose scheduled time has passed without a first print.

Everything is as it was known at the clock. Move the clock, and all numbers follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.home import overview
from data.query import Answer
from pages.frame.arrivals import watch_arrivals
from pages.frame.figures import last_price
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.home.changes import changes
from pages.home.news import day_alerts, headlines
from pages.home.strip import strip
from pages.home.visits import last_visit
from pages.macro.previous import PREVIOUS, before
from pages.replaying.window_picker import moment_link, stand_in
from pages.search.directory import country_names

MOVES = Panel(
    "Largest moves",
    "last session, relative to own volatility",
    ("prices", "instruments"),
    "No instrument has twenty sessions, one of them recent.",
    keeps=True,
)
LATE = Panel(
    "Late releases",
    "scheduled, not published",
    ("releases",),
    "No release is past its schedule.",
)
NEXT = Panel(
    "Due next",
    "as scheduled at the clock",
    ("releases",),
    "The calendar holds nothing after the clock.",
)
EVENTS = Panel("Latest events", "as known at the clock", ("events",))
LATE_ROWS = 12
MOVE_COLUMNS = (
    Column("ticker", "instrument", "id"),
    Column("name", "name"),
    Column("last", "last", "money"),
    Column("move", "move", "move", hint="total return of the session; rates: change of the level"),
    Column("z", "move in σ", "bar", digits=1, hint="move ÷ sd of the 60 sessions before"),
    Column("date", "session", "session"),
)
TOUR = (
    (
        "Move the clock",
        "The badge above sets it; Shift ← and → step a day. Every page then shows "
        "only what was known at that instant, and the address keeps it.",
    ),
    (
        "Ask where a number comes from",
        "Each panel's ··· holds its SQL, a receipt that runs "
        "again to the same numbers, and the rows as CSV or Parquet.",
    ),
    (
        "Find anything",
        "Ctrl/⌘ K finds pages, instruments, series and countries; `:2020-03-16` jumps to a day.",
    ),
)


def welcome() -> None:
    """The tour on a first visit."""
    if current().view.is_now and last_visit() is None:
        tour()


def tour() -> None:
    """Three steps for a first visit; gone for the session once closed."""
    if st.session_state.get("overview_tour_done"):
        return
    with st.container(border=True, key="panel-tour"):
        columns = st.columns((6, 6, 6, 1))
        for number, (column, (title, text)) in enumerate(zip(columns, TOUR, strict=False), 1):
            column.markdown(f"**{number} · {title}**  \n{text}")
        columns[-1].button("Got it", key="overview_tour", on_click=_close_tour, type="tertiary")


def _close_tour() -> None:
    st.session_state["overview_tour_done"] = True


def moves() -> None:
    """Largest moves per asset class."""
    MOVES.show(overview.moves, _moves, sessions=1, top=4)


def late() -> None:
    """Releases that should have printed."""
    LATE.show(overview.late_releases, _late)


def calendar() -> None:
    """What comes next."""
    NEXT.show(overview.next_releases, _next, top=8)


def events() -> None:
    """What happened last."""
    EVENTS.show(overview.event_list, _events, top=400)


def _moves(answer: Answer) -> str:
    """Rates show the change of their level, everything else its return."""
    rows = [
        row
        | {
            "last": last_price(row),
            "move": {"value": row["change"], "text": f"{row['change']:+.3f}"}
            if row["return"] is None
            else {"value": row["return"], "text": f"{100 * row['return']:+.2f} %"},
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    return table(rows, MOVE_COLUMNS, caption=MOVES.title, group="asset_class")


def _late(answer: Answer) -> str:
    columns = (
        Column("title", "release"),
        Column("country", "country"),
        Column("scheduled_at", "was due", "instant"),
    )
    shown = table(
        _with_names(answer.frame.head(LATE_ROWS).iter_rows(named=True)),
        columns,
        caption=LATE.title,
        zone=current().view.zone,
    )
    more = answer.frame.height - LATE_ROWS
    return shown if more <= 0 else f'{shown}<div class="b-note">and {more} more</div>'


def _next(answer: Answer) -> str:
    columns = (
        Column("due", "due", "minute"),
        Column("title", "release", "wide"),
        Column("consensus", "expected", "figure"),
        PREVIOUS,
    )
    rows = [
        row
        | before(row)
        | {"due": row["scheduled_at"], "title": _of_country(row["country"], row["title"])}
        for row in _with_names(answer.frame.iter_rows(named=True))
    ]
    return table(rows, columns, caption=NEXT.title, zone=current().view.zone)


def _of_country(country: str | None, title: str) -> str:
    return f"{country}: {title}" if country else title


def _with_names(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    names = country_names()
    return [row | {"country": names.get(row["country"], row["country"])} for row in rows]


def _events(answer: Answer) -> str:
    columns = (
        Column("when", "when", "link", hint="opens its replay"),
        Column("title", "event", "wide"),
        Column("country", "country"),
    )
    rows, names = [], country_names()
    for row in answer.frame.head(8).iter_rows(named=True):
        country = row["country"] or ""
        symbols = tuple((row["symbols"] or [])[:4]) or stand_in(country)
        when = moment_link(row["moment"], symbols, country, _when(row["event_at"]))
        rows.append(row | {"when": when, "country": names.get(country, country)})
    return table(rows, columns, caption=EVENTS.title, zone=current().view.zone)


def _when(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(current().view.zone)).strftime("%d %b %Y %H:%M")


welcome()
strip()
left, right = st.columns((13, 9), gap="small")
with left:
    changed = st.container()
    moves()
    headlines()
with right:
    calendar()
    day_alerts()
    late()
    events()
# Comparing two clocks takes longest: the rest of the page is there by then.
with changed:
    changes()
watch_arrivals("overview", ("macro", "releases"))
