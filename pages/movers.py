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
which does not mean that it caused the move. Without either it is a dash, whose hint says what was
missing. The line above the table says how many instruments are left out, and why.
"""

from __future__ import annotations

from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.formulas.values import MARK
from analytics.markets import market, movers
from analytics.markets.movers import LEAST_SHARE
from data.query import Answer
from pages.frame.controls import segment
from pages.frame.figures import last_price
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Absent, Column, table
from pages.search.directory import country_names
from pages.search.universe import choose

ORDERS = {"own σ": "sigmas", "move": "move", "turnover": "turnover", "gap": "gap"}
SHOWN = {"own σ": "move in σ", "move": "move in %", "turnover": "turnover", "gap": "gap"}
WITHOUT = {  # an order -> who has no figure for it, and who has one that counts as no move
    "own σ": ("without twenty sessions before the move", "unchanged"),
    "move": ("without a return over the horizon, as rates are", "unchanged"),
    "turnover": ("without a turnover to compare with", "with no more turnover than usual"),
    "gap": ("without an open or without twenty sessions before", "without a gap"),
}
HAPPENED = ("events", "releases", "news")
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
    rows = [_row(row) for row in answer.frame.iter_rows(named=True)]
    said = escape(left_out(answer.frame.row(0, named=True), len(rows), by, _members()))
    return f'<div class="b-note">{said}</div>{table(rows, COLUMNS, caption="Movers")}'


def left_out(counts: dict[str, Any], shown: int, by: str, members: int) -> str:
    """How many of how many are shown, and why the others are not; `members` are those of a list."""
    silent = max(0, members - counts["instruments"])
    every, unranked, unmoved = counts["instruments"], counts["unranked"], counts["unmoved"]
    parts = {
        "with smaller moves": every - unranked - unmoved - shown,
        WITHOUT[by][0]: unranked,
        WITHOUT[by][1]: unmoved,
        "of the list without a price within ten days of the clock": silent,
    }
    found = [f"{count:,} {why}" for why, count in parts.items() if count]
    total = every + silent
    if not found:
        return f"All {total:,} instruments are shown." if total > 1 else ""
    return f"{shown:,} of {total:,} instruments are shown. Left out: {'; '.join(found)}."


def _members() -> int:
    """The instruments of the chosen list; 0 where the choice is narrower, or no list."""
    if chosen.universe or chosen.symbols is None:
        return 0
    return len({symbol for symbol in chosen.symbols if not symbol.startswith(MARK)})


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


def _why(row: dict[str, Any]) -> str | Absent:
    """The reason in words; times are in the zone of the view."""
    if row["reason"] == "sector":
        return f"{row['sector']} sector: {100 * row['sector_share']:.0f} % of the move"
    if row["title"] is None:
        return Absent(_without_reason(row))
    moment = row["event_at"].astimezone(ZoneInfo(current().view.zone))
    when = f"{moment:%d %b %H:%M}" if row["precision"] == "minute" else f"{row['event_at']:%d %b}"
    name = country_names().get(row["country"], row["country"])
    where = f"{name}: " if row["reason"] == "release" and name else ""
    return f"{where}{row['title']}, {when}"


def _without_reason(row: dict[str, Any]) -> str:
    """What would have given a reason, and was not there."""
    share = row["sector_share"]
    sector = (
        "its sector does not explain the move (no beta to at least five other shares is clear, or "
        "they moved otherwise)"
        if share is None
        else f"its sector explains {100 * share:.0f} % of the move, {100 * LEAST_SHARE:.0f} % are "
        "needed".replace("-", "−")
    )
    if row["asset_class"] != "equity":
        sector = "only shares are compared with a sector"
    if any(name in current().at.closed for name in HAPPENED):
        return f"No reason: {sector}; what happened cannot be read."
    days = f"{row['base_date']:%d %b} and " if row["base_date"] else "the day before and "
    return (
        f"No reason: {sector}, and no event, important release or headline of it or its country "
        f"came between the closes of {days}{row['date']:%d %b}."
    )


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
