"""Overview: what changed, what moved and what is late.

**What changed** compares two clocks: your last visit, or the time that you choose before the
clock, and the clock. There is one line per series, country, reporter or event, and each opens its
page at that moment. A print weighs its importance times its surprise, a revision its size in
standard deviations of the series' changes. Changes of regime, crashes and outages weigh more than
most prints.

**Largest moves** shows the last session relative to own volatility: the move divided by
the standard deviation of the 60 sessions before. The bar is full at four. Blue is up, orange is
down, and the sign says it too.

**Late** lists releases whose scheduled time has passed without a first print, and datasets whose
newest row is older than their longest gap of the last 400 days allows (800 for annual data).

Everything is as it was known at the clock. Move the clock, and all numbers follow.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.core import coverage
from analytics.home import overview
from data.clock import iso
from data.query import Answer
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.freshness import known
from pages.frame.links import link
from pages.frame.panel import Drawn, Panel
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.frame.view import age
from pages.frame.visits import last_visit
from pages.macro.changes import changes
from pages.macro.previous import PREVIOUS, before
from pages.replaying.window_picker import moment_link, stand_in

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
    keeps=True,
)
NEXT = Panel(
    "Next releases",
    "as scheduled at the clock",
    ("releases",),
    "The calendar holds nothing after the clock.",
    keeps=True,
)
EVENTS = Panel("Latest events", "as known at the clock", ("events",))
ACTIVITY = Panel("Data arrivals", "rows per dataset and month", ("prices",), keeps=True)
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
    """The tour on a first visit, else what became known since the last one."""
    run = current()
    if not run.view.is_now:
        return
    before = last_visit()
    if before is None:
        tour()
        return
    try:
        since = cached(coverage.lake_since, run.at, moment=before).frame
    except Exception:  # noqa: BLE001 - the frame has said why, above
        return
    parts = [f"{name} {rows:,}" for name, rows in since.select("dataset", "rows").iter_rows()]
    news = f"{since['rows'].sum():,} rows published: {', '.join(parts)}" if parts else "no news"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="b-note">Last visit {age(before, now())} ago · {news}</div>',
            width="content",
        )
        link("overview", label="open at that time", as_of=iso(before))


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


def lake_facts() -> None:
    """The strip of single numbers under the title."""
    run = current()
    try:
        held = known(run)
    except Exception:  # noqa: BLE001 - the frame has said why, above
        return
    if not held.lines:
        return
    late = len(held.late(run.view.as_of))
    strip = [
        ("Rows known", f"{held.rows():,}", ""),
        ("Newest row", age(held.newest(), run.view.as_of), "before the clock"),
        ("Datasets", f"{len(held.lines)}", f"{late} late" if late else "none late"),
        *(
            (label, f"{held.rows(name):,}", word)
            for name, label, word in (
                ("instruments", "Instruments", ""),
                ("series", "Series", ""),
                ("prices", "Daily bars", ""),
                ("macro", "Macro values", ""),
                ("events", "Events", ""),
            )
            if held.rows(name)
        ),
    ]
    st.html(facts(strip))


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


def activity() -> None:
    """Rows that became known, by month."""
    ACTIVITY.show(coverage.lake_months, _activity, months=24)


def _moves(answer: Answer) -> str:
    """Rates show the change of their level, everything else its return."""
    rows = [
        row
        | {
            "last": {"value": row["close"], "unit": row["currency"]},
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
        Column("importance", "weight", "count"),
    )
    shown = table(
        answer.frame.head(LATE_ROWS), columns, caption=LATE.title, zone=current().view.zone
    )
    more = answer.frame.height - LATE_ROWS
    return shown if more <= 0 else f'{shown}<div class="b-note">and {more} more</div>'


def _next(answer: Answer) -> str:
    columns = (
        Column("scheduled_at", "due", "instant"),
        Column("title", "release"),
        Column("country", "country"),
        Column("consensus", "expected", "figure"),
        PREVIOUS,
    )
    rows = [row | before(row) for row in answer.frame.iter_rows(named=True)]
    return table(rows, columns, caption=NEXT.title, zone=current().view.zone)


def _events(answer: Answer) -> str:
    columns = (
        Column("when", "when", "link", hint="opens its replay"),
        Column("title", "event"),
        Column("kind", "kind"),
        Column("country", "country"),
    )
    rows = []
    for row in answer.frame.head(8).iter_rows(named=True):
        country = row["country"] or ""
        symbols = tuple((row["symbols"] or [])[:4]) or stand_in(country)
        when = moment_link(row["moment"], symbols, country, _when(row["event_at"]))
        rows.append(row | {"when": when})
    return table(rows, columns, caption=EVENTS.title, zone=current().view.zone)


def _when(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(current().view.zone)).strftime("%d %b %Y %H:%M")


def _activity(answer: Answer) -> Drawn:
    order = sorted(answer.frame["dataset"].unique().to_list())
    return charts.activity(answer.frame, palette(current().theme), order)


welcome()
lake_facts()
left, right = st.columns((12, 9), gap="small")
with left:
    news = st.container()
    moves()
with right:
    late()
    calendar()
    events()
activity()
# Comparing two clocks takes longest: the rest of the page is there by then.
with news:
    changes()
