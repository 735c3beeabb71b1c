"""Replay: a window of the past, stepped through in the order in which data were published.

**Stage.** Press play, or Space. Each bar appears at its close, each print at its release, each
headline and alert when it was published. Nothing is drawn before it was known, and a correction
changes its bar only when it was made. The line of the transport shows the position; ◆ marks
events, ● releases, ¶ headlines, ▲ alerts, ■ a change of regime, ✎ notes. *σ* and *drawdown* are
those of that instant. ← → step one frame, n and p go to the next and the previous
event, + and − change the speed, l loops. Long periods without data, such as nights, are skipped.

**Set all pages to this time** sets the clock of every page to the moment of the transport. Open a
heatmap or the regimes from here, step along, and come back by *Replay* in the frame.

**Frames** are ordered by when they were known. The hash at the foot covers this frame and all
before it: the same window has the same hashes at any speed and on any machine. The public clock
counts data that were filled in later as known when they were public; the house clock counts them
when they arrived here.

A replay sends nothing: no rule fires, no message goes out, no source is asked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.replay.moves import replay_moves
from analytics.replay.replay import STEP, gathered, replay, replay_span
from data.clock import iso
from data.query import Answer
from data.state import alerts, notes
from data.state.db import State
from pages.desk import tables
from pages.frame.cached import cached
from pages.frame.controls import segment
from pages.frame.errors import Trouble, explain
from pages.frame.links import link
from pages.frame.panel import Panel, say
from pages.frame.reader import signed_edit, state_clock
from pages.frame.run import current
from pages.frame.state_panel import box, note, panel
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, table
from pages.frame.theme import palette
from pages.replaying import stage
from pages.replaying.export import export_replay
from pages.replaying.player import player
from pages.replaying.rule_table import rules_over_window
from pages.replaying.transport import Replaying, arrived, asked, follow, open_window, replaying
from pages.replaying.window import ReplayWindow
from pages.replaying.window_picker import choose_window, default_window, rescaled

NEEDS = {"ticks": "ticks", "minutes": "bars", "days": "prices"}
CALLED = {"ticks": "half second", "minutes": "minute", "days": "day"}
# Where the colours of a moving heatmap end; fixed, since a limit of the window's own would tell
# early what is still to come.
SCALES_OF = {"equity": 0.04, "fx": 0.015, "crypto": 0.08, "commodity": 0.04, "index": 0.03}
LATE = {"ticks": timedelta(minutes=2), "minutes": timedelta(minutes=5), "days": timedelta(days=4)}
RECORDED_WITHIN = timedelta(days=31)  # an alert of an outage is written down when it is over
STAGES = ["chart", "heatmap"]
THERE = ("heatmaps", "regimes", "countries", "releases", "live", "watchlists")
NOTED = (
    Column("about_at", "about", "clock"),
    Column("text", "note", "wide"),
    Column("author", "by"),
    Column("written_at", "written", "instant"),
)
STOOD = (
    Column("named", "instrument", "link"),
    Column("about", "bar of", "clock"),
    Column("close", "last", "figure"),
    Column("volume", "volume", "figure"),
    Column("volatility", "σ, %", "number", digits=3, hint="as the stage has it, at that instant"),
    Column("drawdown", "drawdown", "percent", hint="from the highest so far"),
    Column("known_at", "known", "clock"),
)


def head(held: Replaying) -> None:
    """The window in words, another window, and the clock for all."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        box_ = st.popover(
            "Window",
            icon=":material/date_range:",
            key="replay_window",
            on_change="rerun",
            help="Choose what is replayed",
        )
        if box_.open:
            with box_:
                choose_window(held.whole)
        if held.window.scale == "days":
            segment("replay", "stage", "Stage", STAGES, STAGES[0], label_visibility="collapsed")
        st.html(f'<div class="b-note">{_words(held)}</div>', width="stretch")
        st.session_state["replay_follow"] = held.follows
        st.toggle(
            "Set all pages to this time",
            key="replay_follow",
            on_change=_follow,
            args=(held,),
            help="The clock of every page follows the transport",
        )


def _words(held: Replaying) -> str:
    view, window = current().view, held.window
    names = ", ".join(tables.short(symbol) for symbol in window.symbols)
    country = f" · {window.country}" if window.country else ""
    cut = " · ends at the clock" if window.end < held.whole.end else ""
    return escape(
        f"{view.local(window.start)} to {view.local(window.end)} · by "
        f"{CALLED[window.scale]} · {names}{country}{cut}"
    )


def _follow(held: Replaying) -> None:
    follow(held, bool(st.session_state["replay_follow"]))


def more_items(held: Replaying) -> Any:
    """Alerts and notes that came on a screen within the window."""
    state = current().services.state
    window = held.window
    if state is None:
        return stage.alert_items((), (), ())
    fired = alerts.known(state, as_of=window.end, since=window.start - RECORDED_WITHIN, limit=500)
    written = notes.known(
        state, since=window.start - timedelta(days=36_500), until=window.end, as_of=window.end
    )
    inside = [item for item in written if window.start <= item.written_at]
    return stage.alert_items(fired, inside, (*window.symbols, window.country))


def on_stage(held: Replaying) -> tuple[Answer, dict[str, Any]] | None:
    """The window in the player, and what it was given.

    The whole window is asked for under the clock that bounds it: so its frames are the first ones
    of the same window at any later clock.
    """
    window, played = held.window, dict[str, Any]()

    def draw(answer: Answer) -> None:
        played.update(document(held, answer))
        player(played, partial(arrived, held))

    shown = Panel(
        "Stage",
        _unit(held.whole),
        (NEEDS[window.scale],),
        "No data were published in this window.",
        at=held.at,
    ).show(replay, draw, **held.whole.params)
    if shown is not None and shown.frame.filter(kind="bar").is_empty():
        say(
            Trouble(
                "None of these instruments has a bar in this window.",
                "See below what is held, or choose others.",
            ),
            "partial",
        )
    return None if shown is None else (shown, played)


def _unit(window: ReplayWindow) -> str:
    """How finely it is drawn, said where that is not each point."""
    if window.scale != "ticks":
        return f"by {CALLED[window.scale]}, drawn when known"
    every = gathered(window.start, window.end)
    if every == STEP:
        return "points of half a second from every trade, drawn when known"
    return (
        f"thinned for the eye into bars of {every.total_seconds():g} s; every figure rests on "
        "every trade"
    )


def document(held: Replaying, answer: Answer) -> dict[str, Any]:
    """What the player plays, and what is exported."""
    frames = stage.window_frames(answer.frame, more_items(held), held.window)
    return stage.stage(
        held.window,
        frames,
        palette(current().theme),
        zone=current().view.zone,
        mark="DEMO · invented data" if current().demo else "",
        at=held.moment,
    )


def moving_heatmap(held: Replaying) -> None:
    """The same days as a heatmap of every instrument of a kind."""
    kinds = list(SCALES_OF)
    kind = segment("replay", "class", "Kind", kinds, kinds[0], label_visibility="collapsed")

    def draw(answer: Answer) -> None:
        story = cached(replay, held.at, **held.whole.params)
        names = cached(find("tickers").call, held.at).frame
        frames = stage.window_frames(story.frame, more_items(held), held.window)
        tiles, evenings = stage.tile_map(answer.frame, names, frames, SCALES_OF[kind])
        player(
            stage.stage(
                held.window,
                evenings,
                palette(current().theme),
                zone=current().view.zone,
                mark="DEMO · invented data" if current().demo else "",
                at=held.moment,
                tiles=tiles,
            ),
            partial(arrived, held),
        )

    Panel(
        "Stage",
        f"{kind}, the last daily move of each, evening by evening",
        ("prices",),
        "Nothing of this kind traded.",
        at=held.at,
    ).show(replay_moves, draw, start=held.whole.start, end=held.whole.end, asset_class=kind)


def stood(held: Replaying, answer: Answer) -> None:
    """Every instrument at the transport's moment."""
    known = answer.frame.filter(kind="bar").filter(pl.col("known_at") <= held.moment)
    last = known.sort("about", "known_at").group_by("symbol", maintain_order=True).last()
    found = {row["symbol"]: row for row in last.iter_rows(named=True)}
    rows = [
        {
            **found[name],
            "named": tables.named(name),
            "volatility": _percent(found[name]["volatility"]),
            "close": tables.figure(found[name]["close"]),
            "volume": tables.figure(found[name]["volume"]),
        }
        if name in found
        else dict.fromkeys([item.name for item in STOOD]) | {"named": tables.named(name)}
        for name in held.window.symbols
    ]
    with panel(
        "State at this time", f"at {current().view.local(held.moment)}; figures are the stage's"
    ):
        columns = [
            replace(item, kind="day")
            if item.name == "about" and held.window.scale == "days"
            else item
            for item in STOOD
        ]
        st.html(table(rows, columns, caption="State at this time", zone=current().view.zone))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def reach(held: Replaying) -> None:
    """What is held of this scale, where the window is not within it."""
    window, view = held.window, current().view
    try:
        found = cached(replay_span, current().at, symbols=list(window.symbols), scale=window.scale)
    except Exception as error:  # noqa: BLE001 - the stage has said what is wrong; explain() logs it
        explain(error, "reach")
        return
    first, last = found.frame.row(0) if found.frame.height else (None, None)
    name, words = CALLED[window.scale], ""
    if first is None:
        words = f"Nothing is held by {name} of these instruments."
    elif window.start < first:
        words = f"By {name} all is held from {view.local(first)} on."
    elif last is not None and held.moment > last + LATE[window.scale]:
        words = f"By {name} the newest is of {view.local(last)}."
    if words:
        say(Trouble(words, "Another scale may reach further: see its button."), "partial")


def there(held: Replaying) -> None:
    """Every other page at the transport's moment."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="b-note">At {current().view.local(held.moment)}:</div>', width="content"
        )
        for page in THERE:
            link(page, as_of=iso(held.moment), replay=held.whole.text())
        st.space("stretch")
        for scale in (item for item in CALLED if item != held.window.scale):
            st.button(
                f"By {CALLED[scale]}",
                key=f"replay_by_{scale}",
                on_click=open_window,
                args=(rescaled(held.whole, scale),),
                help="The same moment at another scale",
            )


def noted(held: Replaying, state: State) -> None:
    """The team's notes of the window, and a new one."""
    view, window = current().view, held.window
    found = notes.known(
        state, since=window.start, until=held.whole.end, as_of=state_clock(current())
    )
    if found:
        rows = [
            {
                "about_at": item.about_at,
                "text": item.text,
                "author": item.author,
                "written_at": item.written_at,
            }
            for item in found
        ]
        st.html(table(rows, NOTED, caption="Notes", zone=view.zone))
    elif not view.is_now:
        note("None had been written by this clock; what was written since is shown at Now.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            f"Note of {view.local(held.moment)}", key="replay_note", max_chars=1000, width="stretch"
        )
        st.button(
            "Save note",
            key="replay_keep",
            disabled=not text.strip(),
            on_click=_keep,
            args=(held, state),
        )
        if found and view.is_now:
            st.button(
                "Withdraw the last",
                key="replay_withdraw",
                on_click=_withdraw,
                args=(state, found[-1].id),
            )
    if st.session_state.pop("replay_noted", False) and not view.is_now:
        say(
            Trouble(
                "The note is kept, dated now.",
                "At this clock it had not been written; Now shows it.",
            ),
            "quiet",
        )


def _keep(held: Replaying, state: State) -> None:
    try:
        notes.write(
            state,
            held.moment,
            st.session_state["replay_note"],
            symbols=held.window.symbols,
            edit=signed_edit(),
        )
    except Exception as error:  # noqa: BLE001 - the text stays, and why is said; explain() logs it
        say(explain(error, "note"), "error")
        return
    st.session_state["replay_note"] = ""
    st.session_state["replay_noted"] = True


def _withdraw(state: State, number: int) -> None:
    notes.withdraw(state, number, edit=signed_edit())


def show(window: ReplayWindow) -> None:
    """A window and all that belongs to it."""
    held = replaying(window)
    if held is None:
        choose_window(window)
        return
    name_tab(f"{window.centre or window.start:%d %b %Y}")
    head(held)
    staged = None
    if window.scale == "days" and st.session_state.get("replay_stage") == STAGES[1]:
        moving_heatmap(held)
    else:
        staged = on_stage(held)
    reach(held)
    there(held)
    if staged is not None:
        stood(held, staged[0])
    state = current().services.state
    if window.scale == "ticks" and state is not None:
        rules_over_window(held, state)
    box("Notes", "dated by the moment and by their writing", lambda state: noted(held, state))
    if staged is not None:
        export_replay(held, staged[1], staged[0])


def page() -> None:
    """The window of the address, or the last crash that is known."""
    window = asked()
    if window is None:
        try:
            window = default_window()
        except Exception as error:  # noqa: BLE001 - the frame has said what is wrong with the lake
            explain(error, "events")
    if window is None:
        Panel("Stage", "", ("prices", "events"), "No event is known at this clock.").show(
            find("notable_events").call, lambda answer: None, each=1
        )
        choose_window(None)
        return
    show(window)


page()
