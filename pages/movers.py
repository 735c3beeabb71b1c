"""Movers: the largest moves, relative to own volatility, in percent, by turnover or by gap.

**Own σ** ranks by the return divided by the standard deviation of the 60 sessions before it: two
percent is a large move for a currency and a small one for a coin. **Move in %** ranks by the total
return; rates, which have none, are left out. **Turnover** ranks by the turnover of the last session
against the median of the twenty before; decreases are left out. **Gap** ranks by the open of the
last session against the close before it, with dividends and splits.

*Sessions* are the first and the last day of the move, counted in the instrument's own sessions.
The line shows the last 60 adjusted closes. *Rank by* chooses the 40 shown; a click on the head of a
column sorts these.

*Reason* says how much of a share's move its sector explains, from 30 % on: the beta of the share to
the other shares of its sector over the 60 sessions before, times the move of the sector, divided
by the move of the share. Otherwise it names the nearest event, important release or headline
between the close that the move is measured from and the last close. That happened at the same time,
which does not mean that it caused the move. Without either it is a dash.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.markets import market, movers
from data.query import Answer
from pages.frame.controls import segment
from pages.frame.figures import last_price
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.search.directory import country_names
from pages.search.universe import choose

ORDERS = {"own σ": "sigmas", "move": "move", "turnover": "turnover", "gap": "gap"}
SHOWN = {"own σ": "move in σ", "move": "move in %", "turnover": "turnover", "gap": "gap"}
COLUMNS = (
    Column("named", "instrument", "link"),
    Column("name", "name"),
    Column("asset_class", "kind"),
    Column("covers", "sessions", "session"),
    Column("last", "last", "money"),
    Column("move", "move", "move", hint="total return; rates: change of the level"),
    Column("sigmas", "move in σ", "bar", digits=1, hint="move ÷ its own volatility of 60 sessions"),
    Column(
        "why",
        "reason",
        "wide",
        hint="the sector's part of the move; else what happened in the same sessions, which need "
        "not be the cause",
    ),
    Column(
        "volume_surge",
        "turnover, %",
        "heat",
        digits=0,
        scale=3.0,
        hint="of the last session against the median of the 20 before",
    ),
    Column("gapped", "gap", "move", hint="open against the close before; rates: change of level"),
    Column("path", "60 sessions", "spark"),
)


def _movers(answer: Answer) -> str:
    return table(
        [_row(row) for row in answer.frame.iter_rows(named=True)],
        COLUMNS,
        caption="Movers",
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it reads; rates move by their level."""
    is_rate = row["asset_class"] == "rate"
    first = f"{row['base_date']:%d %b}–" if row["base_date"] else ""
    moved, gap = row["change"] if is_rate else row["total_return"], row["gap"]
    return row | {
        "named": {"text": row["ticker"], "to": address("instrument", id=row["symbol"])},
        "covers": {"day": row["date"], "text": f"{first}{row['date']:%d %b}"},
        "last": last_price(row),
        "move": {"value": moved, "text": _text(moved, is_rate=is_rate)},
        "gapped": {"value": gap, "text": _text(gap, is_rate=is_rate)},
        "why": _why(row),
    }


def _why(row: dict[str, Any]) -> str | None:
    """The reason in words; times are in the zone of the view."""
    if row["reason"] == "sector":
        return f"moved with its sector: {100 * row['sector_share']:.0f} %"
    if row["title"] is None:
        return None
    moment = row["event_at"].astimezone(ZoneInfo(current().view.zone))
    when = f"{moment:%d %b %H:%M}" if row["precision"] == "minute" else f"{row['event_at']:%d %b}"
    name = country_names().get(row["country"], row["country"])
    where = f"{name}: " if row["reason"] == "release" and name else ""
    return f"{where}{row['title']}, {when}"


def _text(value: float | None, *, is_rate: bool) -> str:
    if value is None:
        return ""
    return f"{value:+.3f}" if is_rate else f"{100 * value:+.2f} %"


with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    by = segment("movers", "by", "Rank by", list(ORDERS), "own σ", format_func=SHOWN.__getitem__)
    horizon = segment("movers", "horizon", "Horizon", list(market.HORIZONS), "1d")
    chosen = choose("all")
Panel(
    "Largest moves relative to own volatility",
    f"{chosen.label} · {horizon} · by {SHOWN[by]}",
    ("prices", "instruments"),
    "No instrument of this universe has a move and twenty sessions before it.",
).show(movers.movers, _movers, by=ORDERS[by], sessions=market.HORIZONS[horizon], **chosen.params)
