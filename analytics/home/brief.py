"""The daily brief: lists, releases, changes and alerts in sentences, all as known at one clock.

Built again for the same clock it says the same. What is missing is said, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.core.catalogue import run
from analytics.core.periods import period_of
from analytics.core.plain_numbers import plain_number
from analytics.home.changes import knowledge_diff
from analytics.live.alert_words import sentence_of
from analytics.macro.agenda import agenda
from analytics.markets.market import market
from data.errors import WorkstationError
from data.query import Answer, At
from data.state import alerts, watchlists
from data.state.db import State

AHEAD = timedelta(hours=24)
OLD_CLOSE = timedelta(days=7)
LATE_RECORD = timedelta(days=30)  # an alert may be written down so long after what fired it
LISTS, MOVERS, RELEASES, CHANGES, ALERTS = 8, 5, 25, 20, 30
MISSING = 8  # instruments without a price that are named


@dataclass(frozen=True, slots=True)
class BriefSection:
    """A heading and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BriefClock:
    """The clock of the brief, the clock of the one before, and the zone in which it is read."""

    at: At
    since: datetime
    zone: str = "UTC"

    def local(self, moment: datetime) -> str:
        """An instant in the reader's zone."""
        return moment.astimezone(ZoneInfo(self.zone)).strftime("%d %b %H:%M")


def brief_sections(clock: BriefClock, state: State) -> tuple[BriefSection, ...]:
    """Everything the brief says; a part that cannot be read says why and the others go on."""
    parts: Mapping[str, Callable[[], list[str]]] = {
        "Watchlists": lambda: _lists(clock, state),
        "Due in the next 24 hours": lambda: _due(clock),
        f"Changed since {clock.local(clock.since)}": lambda: _changed(clock),
        f"Alerts since {clock.local(clock.since)}": lambda: _alerts(clock, state),
    }
    return tuple(BriefSection(title, _said(make)) for title, make in parts.items())


def _said(make: Callable[[], list[str]]) -> tuple[str, ...]:
    try:
        return tuple(make())
    except WorkstationError as error:
        return (f"Not available: {' '.join(str(error).split())}.",)


def _lists(clock: BriefClock, state: State) -> list[str]:
    """The largest moves of each list, and which of its instruments have no recent price."""
    found = watchlists.listed(state, as_of=clock.at.as_of)
    if not found:
        return ["No watchlist has been saved."]
    answer = market(clock.at, sessions=1)
    oldest = (clock.at.as_of - OLD_CLOSE).date()
    rows = {
        row["symbol"]: row
        for row in answer.frame.filter(pl.col("date") >= oldest).iter_rows(named=True)
        if row["price_return"] is not None or row["change"] is not None
    }
    lines = _damage(answer)
    for watchlist in found[:LISTS]:
        symbols = [member.symbol for member in watchlist.members]
        moved = sorted((rows[s] for s in symbols if s in rows), key=_by_size)
        lines += [f"{watchlist.name}: {_move(row)}" for row in moved[:MOVERS]]
        if not symbols:
            lines.append(f"{watchlist.name}: the list is empty.")
        lines += _without([s for s in symbols if s not in rows], watchlist.name)
    return lines + _more(len(found), LISTS, "watchlists")


def _by_size(row: Mapping[str, Any]) -> tuple[float, str]:
    return (-abs(row["sigmas"] or 0.0), str(row["symbol"]))


def _move(row: Mapping[str, Any]) -> str:
    named = row["name"] and row["name"] != row["ticker"]
    name = f"{row['name']} ({row['ticker']})" if named else row["ticker"]
    if row["price_return"] is None:
        size = f"{_signed(row['change'])} in level"
    else:
        size = f"{_signed(100 * row['price_return'], 2)} %"
    sigmas = "" if row["sigmas"] is None else f", {_signed(row['sigmas'], 1)} σ (60d)"
    money = f" {row['currency']}" if row["currency"] else ""
    return f"{name} {size}{sigmas}, close {_number(row['close'])}{money} on {row['date']:%d %b}"


def _without(symbols: list[str], name: str) -> list[str]:
    if not symbols:
        return []
    more = f" and {len(symbols) - MISSING} more" if len(symbols) > MISSING else ""
    return [f"{name}: no daily move in the last week for {', '.join(symbols[:MISSING])}{more}."]


def _due(clock: BriefClock) -> list[str]:
    """Releases of the next day, and those of today of which only the day is known."""
    answer = agenda(clock.at, back=1, ahead=2)
    now, zone = clock.at.as_of, ZoneInfo(clock.zone)
    is_later = (pl.col("scheduled_at") > now) & (pl.col("scheduled_at") <= now + AHEAD)
    day = pl.col("scheduled_at").dt.date()
    is_today = (pl.col("precision") == "day") & (day == now.astimezone(zone).date())
    frame = answer.frame.filter(
        pl.col("state") == "due", is_later.or_(is_today), pl.col("precision") != "month"
    ).sort(
        "scheduled_at",
        pl.col("importance").fill_null(0),
        "series_id",
        "period",
        "source",
        descending=[False, True, False, False, False],
    )
    if frame.is_empty():
        return [*_damage(answer), "No release is on the calendar."]
    names = _countries(clock.at)
    rows = frame.head(RELEASES).iter_rows(named=True)
    lines = [_release(clock, row, names) for row in rows]
    return [*_damage(answer), *lines, *_more(frame.height, RELEASES, "releases")]


def _release(clock: BriefClock, row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    when = clock.local(row["scheduled_at"])
    if row["precision"] != "minute":
        when = f"{row['scheduled_at']:%d %b}"
    country = names.get(row["country"], row["country"])
    unit = f" ({row['unit']})" if row["unit"] else ""
    place = f"{country}: " if country else ""
    consensus = (
        "no consensus" if row["consensus"] is None else f"consensus {_number(row['consensus'])}"
    )
    before = (
        "no previous value" if row["previous"] is None else f"previous {_number(row['previous'])}"
    )
    return f"{when} {place}{row['title']}{unit}, {consensus}, {before}"


def _changed(clock: BriefClock) -> list[str]:
    answer = knowledge_diff(clock.at, since=clock.since)
    if answer.frame.is_empty():
        return [*_damage(answer), "No data were published."]
    names = _countries(clock.at)
    rows = answer.frame.head(CHANGES).iter_rows(named=True)
    lines = [_change(row, names) for row in rows]
    return [*_damage(answer), *lines, *_more(answer.frame.height, CHANGES, "changes")]


def _change(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """From which value or word to which."""
    country = names.get(row["country"], row["country"])
    is_of_country = country and row["kind"] in ("regime", "bias", "trade")
    what = f"{row['kind'].capitalize()}: {f'{country}: ' if is_of_country else ''}{row['title']}"
    if row["kind"] == "trade":
        return f"{what}, {row['count']:,} flows of {row['period']:%Y}"
    before = row["was"] if row["was"] is not None else _maybe(row["before"])
    after = row["is"] if row["is"] is not None else _maybe(row["after"])
    text = after or ("withdrawn" if row["kind"] == "revision" else "no value")
    text = text if before is None else f"{before} → {text}"
    unit = f" {row['unit']}" if row["unit"] and row["kind"] in ("print", "revision") else ""
    expected = "" if row["expected"] is None else f", {_number(row['expected'])} expected"
    period = f", {period_of(row['period'], row['frequency'])}" if row["period"] else ""
    return f"{what} {text}{unit}{expected}{period}"


def _alerts(clock: BriefClock, state: State) -> list[str]:
    """Those that came on a screen since the brief before, also of what fired them earlier."""
    since = clock.since - LATE_RECORD
    found = [
        alert
        for alert in alerts.known(state, as_of=clock.at.as_of, since=since, limit=10_000)
        if alert.shown_at > clock.since
    ]
    if not found:
        return ["No alert."]
    lines = [sentence_of(alert) for alert in found[:ALERTS]]
    return lines + _more(len(found), ALERTS, "alerts")


def _countries(at: At) -> dict[str, str]:
    frame = run(at, "directory").frame.filter(pl.col("kind") == "country")
    return dict(frame.select("id", "label").iter_rows())


def _damage(answer: Answer) -> list[str]:
    """A result without some files is not whole, and says so."""
    count = len(answer.damaged)
    return [f"Incomplete: {count} damaged files of the lake are left out."] if count else []


def _more(count: int, shown: int, what: str) -> list[str]:
    return [f"{count - shown} more {what} are on the pages."] if count > shown else []


def _maybe(value: float | None) -> str | None:
    return None if value is None else _number(value)


def _number(value: float | None) -> str:
    return "–" if value is None else plain_number(value)


def _signed(value: float, digits: int = 4) -> str:
    if digits >= 4:
        return plain_number(value, 4, sign=True)
    return f"{value:+,.{digits}f}".replace("-", "−")
