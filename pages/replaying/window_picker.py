"""How a window is chosen: from an event, a release, an alert, a turn of a regime, or by dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.core.catalogue import find
from analytics.macro.realtime import rules as read_rules
from analytics.replay.replay import SCALES, regime_turns
from data.errors import ConfigError
from data.state import alerts
from pages.desk.tables import short
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.links import address
from pages.frame.panel import say
from pages.frame.reader import state_clock
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.view import parse_clock
from pages.replaying.transport import open_window
from pages.replaying.window import ReplayWindow, around, read_window
from pages.search.pickers import choose_instruments, country_labels

FROM = ("Event", "Release", "Alert", "Regime turn", "Dates")
DAY = timedelta(days=1)
HOME = "USA"  # whose releases are shown where a moment is the world's
Windows = dict[str, ReplayWindow]


def choose_window(present: ReplayWindow | None) -> None:
    """The choices; what is chosen goes into the address."""
    source = st.segmented_control(
        "Start from", FROM, default=FROM[0], key="replay_from", required=True
    )
    if source == "Dates":
        _by_dates(present)
        return
    lists: dict[str, Callable[[], Windows]] = {
        "Event": _events,
        "Release": _releases,
        "Alert": _alerts,
        "Regime turn": _turns,
    }
    try:
        windows = lists[str(source)]()
    except Exception as error:  # noqa: BLE001 - said where the list would stand; explain() logs it
        if str(error) in current().at.closed.values():
            st.caption("It cannot be opened; the reason is above.")
        else:
            say(explain(error, "windows"), "error")
        return
    if not windows:
        st.caption("None is known at this clock.")
        return
    st.selectbox(
        str(source),
        list(windows),
        index=None,
        key=f"replay_{source}",
        placeholder=f"{len(windows)} known at this clock; type to search",
        on_change=_take,
        args=(f"replay_{source}", windows),
    )


def _take(key: str, windows: Windows) -> None:
    if chosen := windows.get(st.session_state[key]):
        open_window(chosen)


def stand_in(country: str) -> tuple[str, ...]:
    """What is drawn where a moment names no instrument; nothing where none can be read."""
    if {"instruments", "prices"} & set(current().at.closed):
        return ()
    found = cached(find("stand_ins").call, current().at).frame
    symbols = dict(found.select("stands_for", "symbol").iter_rows())
    symbol = symbols.get(country) or symbols.get("")
    return (symbol,) if symbol else ()


def _named(symbols: list[str] | None, country: str | None) -> tuple[str, ...]:
    return tuple((symbols or [])[:4]) or stand_in(country or "")


def _events() -> Windows:
    rows = cached(find("notable_events").call, current().at, each=120).frame
    return {
        f"{row['moment']:%Y-%m-%d} · {row['title']}": around(
            row["moment"], "days", _named(row["symbols"], row["country"]), row["country"] or HOME
        )
        for row in rows.iter_rows(named=True)
    }


def default_window() -> ReplayWindow | None:
    """The last crash that is known, else the last event, else the last three months."""
    moment = current().view.as_of
    recent = ReplayWindow(moment - 90 * DAY, moment, "days", stand_in(""), HOME)
    if "events" in current().at.closed:
        return recent if recent.symbols else None
    rows = cached(find("notable_events").call, current().at, each=120).frame
    crashes = [row for row in rows.iter_rows(named=True) if row["kind"] == "crash"]
    row = next(iter(crashes or rows.iter_rows(named=True)), None)
    if row is None:
        return recent if recent.symbols else None
    symbols = _named(row["symbols"], row["country"])
    return around(row["moment"], "days", symbols, row["country"] or HOME) if symbols else None


def _releases() -> Windows:
    rows = cached(find("recent_prints").call, current().at, importance=3, top=300).frame
    found = {}
    for row in rows.iter_rows(named=True):
        label = f"{row['scheduled_at']:%Y-%m-%d} · {row['country'] or ''} {row['title']}"
        symbols = stand_in(row["country"] or "")
        if symbols:
            found[label] = around(row["scheduled_at"], "days", symbols, row["country"] or "")
    return found


def _alerts() -> Windows:
    state = current().services.state
    if state is None:
        return {}
    return {
        f"{item.firing.known_at:%Y-%m-%d %H:%M:%S} · {short(item.firing.symbol)} · "
        f"{item.firing.context.get('rule') or item.firing.metric}": alert_window(item)
        for item in alerts.known(state, as_of=state_clock(current()), limit=300)
    }


def alert_window(alert: alerts.Alert) -> ReplayWindow:
    """Five minutes before and after an alert of the live desk; of the lake, the days around it."""
    live = "point" in alert.firing.context
    centre, symbol = alert.firing.known_at, alert.firing.symbol
    if ":" in symbol:
        return around(centre, "ticks" if live else "days", (symbol,))
    country = symbol if len(symbol) == 3 and symbol.isupper() else ""
    return around(centre, "days", stand_in(country) or (symbol,), country)


def moment_link(
    moment: datetime, symbols: tuple[str, ...], country: str = "", text: str = ""
) -> dict[str, str] | None:
    """A cell of a table that opens the replay of a moment; none where nothing could be drawn."""
    if not symbols:
        return None
    there = moment.astimezone(ZoneInfo(current().view.zone))
    window = around(moment, "days", symbols, country)
    return {
        "text": text or f"{there:%d %b %Y %H:%M}",
        "to": address("replay", window=window.text()),
    }


def _turns() -> Windows:
    named = read_rules()
    groups = {"growth": list(named.growth), "prices": list(named.prices)}
    found = cached(find("regime_countries").call, current().at, **groups).frame
    countries = found["country"].to_list()
    labels = country_labels(countries)
    country = st.selectbox(
        "Country",
        countries,
        key="replay_turns",
        width=260,
        format_func=lambda code: labels.get(code, code),
    )
    if country is None:
        return {}
    rows = cached(regime_turns, current().at, country=country).frame.reverse()
    symbols = stand_in(country)
    return {
        f"{row['known_at']:%Y-%m-%d} · {country} {row['quadrant']}": around(
            row["known_at"], "days", symbols, country
        )
        for row in rows.head(200).iter_rows(named=True)
        if symbols
    }


def _by_dates(present: ReplayWindow | None) -> None:
    """From when to when, typed as the clock is typed."""
    replay_window = present or ReplayWindow(now() - 90 * DAY, now(), "days", stand_in(""))
    country = replay_window.country
    codes = _release_countries(country)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        names = choose_instruments(
            "replay_symbols", "Instruments, the first in full", replay_window.symbols
        )
        labels = country_labels(codes)
        country = st.selectbox(
            "Country",
            codes,
            codes.index(country),
            key="replay_country",
            width=260,
            format_func=lambda code: labels.get(code, code) or "none",
            help="Its releases, regime and bias are shown.",
        )
    with st.form("replay_dates", border=False):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            begin = st.text_input("From", _typed(replay_window.start), key="replay_start")
            end = st.text_input("To", _typed(replay_window.end), key="replay_end")
            scale = st.selectbox(
                "Scale", SCALES, SCALES.index(replay_window.scale), key="replay_scale", width=120
            )
        wanted = st.form_submit_button("Open")
    if not wanted:
        return
    try:
        asked = (begin, end, scale, names, country)
        open_window(_read(*asked))
    except ConfigError as error:
        say(Trouble(f"{error}.", "Correct it above."), "partial")
        return
    st.rerun()


def _typed(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _read(begin: str, end: str, scale: str, names: list[str], country: str) -> ReplayWindow:
    zone = current().view.zone
    start, stop = (parse_clock(item, zone) or now() for item in (begin, end))
    symbols = tuple(dict.fromkeys(names))
    return read_window(ReplayWindow(start, stop, scale, symbols, country).text())


def _release_countries(present: str) -> list[str]:
    """None, and every country that has releases."""
    try:
        codes = cached(find("release_countries").call, current().at).frame["country"].to_list()
    except Exception as error:  # noqa: BLE001 - the window can do without a country
        explain(error, "countries")
        codes = []
    return list(dict.fromkeys(["", present, *codes]))


def rescaled(window: ReplayWindow, scale: str) -> ReplayWindow:
    """The same moment at another scale."""
    centre = window.centre or window.start + (window.end - window.start) / 2
    found: dict[str, Any] = {"symbols": window.symbols, "country": window.country}
    return around(centre, scale, **found)
