"""Live desk: trades of a venue as they arrive, positions at live prices, and alerts.

**Watch** has one line for each instrument that trades. Values are points of half a second; a point
waits half a second for late trades. *σ* is the standard deviation of log returns. *From high* and
*max drawdown* look back 30 seconds. *z* compares the last half second with the 30 seconds before.
A dash stands where a window is not full yet or hardly anything traded. **Chart** follows by
itself: zoom with the wheel, move by dragging, double-click to follow again. Its line breaks where
no trade came for five seconds.

**Alerts** appear as they fire; the rules are on the page Alerts. **Path** shows the delay of each
process: feed, archive, monitor. *Missing* counts trades that the venue numbered and that never
arrived.

After a pause, such as a closed lid or a hidden tab, the page first reads what is there now. A
process is silent only if nothing came from it while the page watched.

When the bus fails, the last values stay, greyed, with their age. A past clock shows the archive of
that time, with receipts. Live figures are archived within half a minute; their receipt is this
page at their minute.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import numpy as np
import polars as pl
import streamlit as st

from analytics.live.board import live_board, live_tape, tick_gaps
from data.query import Answer
from data.state import alerts
from data.state.db import State
from pages.desk import tables
from pages.desk.holdings import every, portfolios, shared
from pages.desk.live_chart import live_chart
from pages.desk.processes import WHO, process_rows
from pages.desk.subjects import alert_rows, names_for, subject
from pages.frame.errors import Trouble
from pages.frame.live_reader import Desk, last_trades
from pages.frame.panel import Panel, say
from pages.frame.resources import now, resources
from pages.frame.run import current
from pages.frame.state_panel import box, note, panel
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.search.pickers import pick_among

QUICK_S, LIVE_S = 0.5, 1.0
CHART_MS = 300_000
OLD_S = 10.0
MOST_LINES = 4
WATCHED = Panel(
    "Quotes",
    "the ten minutes before the clock, from the archive",
    ("ticks",),
    "No trade arrived in the ten minutes before the clock.",
)
TRADED = Panel("Last trades", "as they arrived", ("ticks",), "No trade arrived.")
MISSED = Panel(
    "Gaps", "the last numbers missing of the hour before", ("ticks",), "No number is missing."
)
GAPS = (
    Column("symbol", "instrument", "id"),
    Column("first_missing", "first number", "count"),
    Column("missing", "missing", "count"),
    Column("since", "from", "time"),
    Column("until", "until", "time"),
)


def old(desk: Desk, text: str) -> str:
    """Greyed where nothing has come for a while."""
    silent = desk.newest is None or (now() - desk.newest).total_seconds() > OLD_S
    return f'<div class="b-old">{text}</div>' if silent or desk.trouble else text


def status() -> None:
    """The state of the live feed, in one strip."""
    st.html(shared("status", _status))
    desk = resources().reader.look()
    if desk.trouble is not None:
        since = desk.offline_since
        when = f" since {current().view.local(since)}" if since else ""
        say(Trouble(f"Offline{when}: the last values stay.", "Why is said above."), "partial")


# Of trades from the venue to this page.
PathState = Literal["LIVE", "QUIET", "NO TRADES", "OFFLINE"]


def _status(desk: Desk) -> str:
    age = (now() - desk.newest).total_seconds() if desk.newest else None
    word: PathState
    if desk.trouble:
        word = "OFFLINE"
    elif age is None:
        word = "NO TRADES"
    else:
        word = "LIVE" if age < OLD_S else "QUIET"
    lags = np.concatenate([lag for _, lag in desk.arrivals]) if desk.arrivals else np.empty(0)
    middle, high = np.quantile(lags, (0.5, 0.99)) if len(lags) else (None, None)
    feed = desk.notes.get("feed", {})
    told = desk.alerts.values()
    firing = sum(bool(item.row["id"]) and tables.STATES[item.word] == "firing" for item in told)
    return facts(
        [
            ("Feed", word, f"last trade {age:.1f} s ago" if age is not None else ""),
            ("Trades", "–" if desk.trouble else f"{_rate(desk):,.0f}", "a second"),
            ("Lag", _ms(middle), f"median, feed to here; 99 of 100 below {_ms(high)}"),
            ("Missing trades", _count(feed.get("missing")), "gaps in the venue's numbers"),
            ("Duplicates removed", _count(feed.get("repeated")), "sent twice by the venue"),
            ("Firing", "–" if desk.trouble else str(firing), "alerts"),
        ]
    )


def _rate(desk: Desk) -> float:
    """Trades a second, over the last ten seconds or as long as there are some."""
    if not desk.arrivals:
        return 0.0
    span = (now() - desk.arrivals[0][0]).total_seconds()
    return sum(len(lag) for _, lag in desk.arrivals) / max(span, 1.0)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} ms"


def watch() -> None:
    """Every instrument that trades."""

    def draw(desk: Desk) -> str:
        paths = {name: [price for _, price in pairs] for name, pairs in desk.history.items()}
        rows = [desk.last[name] for name in sorted(desk.last)]
        return old(desk, tables.watch(rows, paths, now()))

    with panel("Quotes", "live, points of half a second"):
        if not resources().reader.look().last:
            say(Trouble("No live prices yet.", FILLING), "empty")
        else:
            st.html(shared("watch", draw))


FILLING = "They begin when feed and monitor run; Jobs and the logs say whether they do."


def lines(symbols: list[str]) -> None:
    """The chosen instruments, over the last five minutes."""
    with panel("Chart", "five minutes, a point a second"):
        if not symbols:
            note("Lines begin with the first point.")
            return
        live_chart(
            shared(f"lines {symbols}", lambda desk: _series(desk, symbols)),
            shared(f"marks {symbols}", lambda desk: _marks(desk, symbols)),
            palette(current().theme),
            zone=current().view.zone,
            mark=_mark(),
        )


def _mark() -> str:
    return "DEMO · invented data" if current().demo else ""


def _series(desk: Desk, symbols: list[str]) -> list[dict[str, Any]]:
    paths = [desk.history.get(symbol, ()) for symbol in symbols]
    last = max((line[-1][0] for line in paths if line), default=0)
    found = []
    for symbol, line in zip(symbols, paths, strict=True):
        shown = [(a, p) for a, p in line if a % 1_000 == 0 and a > last - CHART_MS]
        found.append(
            {"name": tables.short(symbol), "t": [a for a, _ in shown], "v": [p for _, p in shown]}
        )
    return found


def _marks(desk: Desk, symbols: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "t": int(alert_state.row["at"].timestamp() * 1000),
            "text": tables.short(alert_state.row["symbol"]),
        }
        for alert_state in desk.alerts.values()
        if alert_state.row["symbol"] in symbols and alert_state.row["id"]
    ]


def fired() -> None:
    """Alerts as they come, newest first."""

    def draw(desk: Desk) -> str:
        heard = sorted(
            desk.alerts.values(), key=lambda alert_state: alert_state.row["known_at"], reverse=True
        )
        names = names_for(alert_state.row["metric"] for alert_state in heard[:14])
        rows = [
            {
                **alert_state.row,
                "at": alert_state.row["known_at"],
                "word": alert_state.word,
                "about": subject(alert_state.row["metric"], alert_state.row["symbol"], names),
            }
            for alert_state in heard[:14]
        ]
        return tables.alerts(rows, current().view.zone) if rows else ""

    if resources().reader.look().trouble is not None:
        box("Alerts", "of the last day, as recorded; the bus is away", _past_alerts)
        return
    with panel("Alerts", "of the last day, as they fire"):
        shown = shared("alerts", draw)
        if shown:
            st.html(f'<div class="b-box">{shown}</div>')
        else:
            note("Nothing has fired in the last day.")


def tape() -> None:
    """The last trades."""

    def draw(desk: Desk) -> str:
        return old(desk, tables.tape(last_trades(desk, 16), current().view.zone))

    with panel("Last trades", "as they arrive"):
        if resources().reader.look().tape:
            st.html(shared("tape", draw))
        else:
            note("No trade has come yet.")


def path() -> None:
    """Who reads the bus, and how far behind."""
    with panel("Processes", "status of each process, every ten seconds"):
        rows = shared("path", process_rows)
        if rows:
            st.html(table(rows, WHO, caption="Processes"))
        else:
            note("No process has reported yet.")


def at_now() -> None:
    """The desk as it goes on."""
    reader = resources().reader
    reader.wait(1.5)
    every(LIVE_S, status_and_watch)
    symbols = reader.shared("symbols", lambda desk: sorted(desk.last))
    left, right = st.columns([5, 3], gap="small")
    with left:
        chosen = _choose(symbols)
        every(LIVE_S, lines, chosen)
        portfolios(LIVE_S)
    with right:
        every(QUICK_S, fired_tape_path)


def status_and_watch() -> None:
    """What stands together is drawn together: each part costs the server some milliseconds."""
    status()
    watch()


def fired_tape_path() -> None:
    """Alerts set the pace of their column."""
    fired()
    tape()
    path()


def _choose(symbols: list[str]) -> list[str]:
    """Which lines the chart has; kept in the address."""
    label = f"Lines of the chart (up to {MOST_LINES})"
    names = pick_among("live", "show", label, symbols, MOST_LINES)
    return [name for name in names if name in symbols]


def at_past() -> None:
    """The archive as it stood at the clock."""
    answer = WATCHED.show(live_board, _archived, minutes=10)
    if answer is None:
        box("Alerts", "as known at the clock", _past_alerts)
        return
    left, right = st.columns([5, 3], gap="small")
    with left:
        _past_chart(answer)
    with right:
        box("Alerts", "as known at the clock", _past_alerts)
        TRADED.show(live_tape, _past_tape, count=16)
        MISSED.show(tick_gaps, _gaps)


def _archived(answer: Answer) -> str:
    last = answer.frame.group_by("symbol", maintain_order=True).last().sort("symbol")
    paths = {
        str(symbol): mine["price"].to_list()
        for (symbol,), mine in answer.frame.filter(~pl.col("is_stale"))
        .partition_by("symbol", as_dict=True)
        .items()
    }
    return tables.watch(last.iter_rows(named=True), paths, current().view.as_of)


def _past_chart(answer: Answer) -> None:
    symbols = sorted(answer.frame["symbol"].unique())
    chosen = _choose(symbols)
    points = answer.frame.filter(pl.col("at").dt.epoch("ms") % 1_000 == 0, ~pl.col("is_stale"))
    series = []
    for symbol in chosen:
        mine = points.filter(symbol=symbol)
        series.append(
            {
                "name": tables.short(symbol),
                "t": mine["at"].dt.epoch("ms").to_list(),
                "v": mine["price"].to_list(),
            }
        )
    with panel("Chart", "the ten minutes before the clock, a point a second"):
        live_chart(series, [], palette(current().theme), zone=current().view.zone, mark=_mark())


def _past_alerts(state: State) -> None:
    moment = now() if current().view.is_now else current().view.as_of
    found = alerts.known(state, as_of=moment, since=moment - timedelta(days=1), limit=14)
    if found:
        st.html(tables.alerts(alert_rows(found), current().view.zone))
    else:
        note("Nothing had fired in the day before the clock.")


def _past_tape(answer: Answer) -> str:
    return tables.tape(answer.frame.iter_rows(named=True), current().view.zone)


def _gaps(answer: Answer) -> str:
    return table(answer.frame.tail(12), GAPS, caption="Gaps", zone=current().view.zone)


if current().view.is_now:
    at_now()
else:
    at_past()
