"""The command palette: pages, instruments, companies, series, countries, and commands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import streamlit as st

from analytics.core import coverage
from data.datasets import DATASETS
from data.errors import ConfigError
from pages.frame.clockbar import set_clock
from pages.frame.errors import explain
from pages.frame.javascript import joined_script
from pages.frame.links import link, plain
from pages.frame.lists import known_lists
from pages.frame.nav import PAGES
from pages.frame.run import PageRun, current
from pages.frame.view import parse_clock
from pages.search.directory import directory, letters, matches, title

SHOWN = 12
# Where a hit leads: the page, and what its address says besides the id.
HOMES: dict[str, tuple[str, dict[str, str]]] = {
    "instrument": ("instrument", {}),
    "series": ("series", {}),
    "country": ("countries", {}),
    "company": ("company", {}),
}
KEYS = (
    ("Ctrl/⌘ K", "find anything; Enter opens the first, ↑ ↓ move"),
    ("Shift ←  Shift →", "clock one day back, forward"),
    ("Shift ↑  Shift ↓", "clock one week back, forward"),
    ("Shift PageUp  PageDown", "clock one month back, forward"),
    ("Shift Home", "clock back to Now"),
    ("Space  ← →  p n  + −  l", "in a replay: play, step, events, speed, loop"),
    ("Esc", "close a dialog"),
)
_KEYS = st.components.v2.component(
    "palette_keys",
    html="<i></i>",
    js=joined_script(Path(__file__).with_name("static") / "palette_keys.mjs"),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the palette: where it leads, and with what; no page: the clock moves here."""

    label: str
    page: str
    params: dict[str, str] = field(default_factory=dict)


def palette_button(run: PageRun) -> None:
    """The button that opens it, with its shortcut; it opens empty."""
    if st.button(
        "Find",
        key="frame-find",
        icon=":material/search:",
        shortcut="Mod+K",
        help="Pages, instruments, companies, series, countries",
    ):
        st.session_state["frame_search"] = ""
        st.session_state["frame_palette"] = st.session_state.get("frame_palette", 0) + 1
        _dialog()


@st.dialog("Find", width="medium")
def _dialog() -> None:
    text = st.text_input(
        "Find",
        key="frame_search",
        type="search",
        live="150ms",
        label_visibility="collapsed",
        placeholder="page, instrument, company, series, or :2020-03-16",
    )
    hits, problem = search(current(), text or "")
    for hit in hits:
        if hit.page:
            link(hit.page, label=plain(hit.label), **hit.params)
        elif st.button(plain(hit.label), key="frame-clock-hit", type="tertiary"):
            set_clock(hit.params["as_of"])
            st.rerun()
    if problem:
        st.caption(plain(problem))
    # After the links: when it hears of a text, the links of that text stand there.
    told = {"token": st.session_state.get("frame_palette", 0), "text": (text or "").strip()}
    _KEYS(key="frame_keys", data=told)
    with st.expander("Keyboard"):
        st.markdown("\n".join(f"- `{keys}` {what}" for keys, what in KEYS))


def search(run: PageRun, text: str) -> tuple[list[Hit], str]:
    """The best lines for some letters, and a sentence when there are none."""
    wanted = letters(text)
    if wanted.startswith(":"):
        return _command(run, text.strip()[1:])
    hits = [*_pages(wanted), *_lists(run, wanted), *_datasets(wanted)]
    problem = ""
    if wanted:
        try:
            exact, others = directory_hits(_known(run), wanted)
            named = [hit for hit in hits if hit.label.lower().startswith(f"{wanted} ·")]
            rest = [hit for hit in hits if hit not in named]
            hits = [*named, *exact, *rest, *others]
        except Exception as error:  # noqa: BLE001 - pages are found without a lake; explain() logs it
            problem = explain(error, "find").text
    if not hits and not problem:
        problem = f"Nothing known at this clock is called {text.strip()[:60]!r}."
    return hits[:SHOWN], problem


def directory_hits(frame: pl.DataFrame, wanted: str) -> tuple[list[Hit], list[Hit]]:
    """What is called exactly so, and the other matches, the surest first."""
    exact: list[Hit] = []
    others: list[Hit] = []
    for row in matches(frame, wanted, SHOWN).iter_rows(named=True):
        page, params = HOMES[row["kind"]]
        more = [row["detail"]] if row["kind"] == "series" and row["detail"] else []
        label = " · ".join([title(row), *more, row["kind"]])
        hit = Hit(label, page, params | {"id": row["id"]})
        (exact if row["rank"] <= 1 else others).append(hit)
    return exact, others


def _known(run: PageRun) -> pl.DataFrame:
    """All that can be looked up at the clock; companies have a directory of their own."""
    frame = directory(run)
    try:
        companies = directory(run, "company").select(frame.columns)
    except Exception as error:  # noqa: BLE001 - the rest is found without them; explain() logs it
        explain(error, "companies")
        return frame
    return pl.concat([frame, companies], how="vertical_relaxed")


def _command(run: PageRun, text: str) -> tuple[list[Hit], str]:
    word = re.sub(r"^\s*as_?of\b", "", text, flags=re.IGNORECASE).strip()
    try:
        moment = parse_clock(word, run.view.zone)
    except ConfigError as error:
        return [], str(error)
    if moment is None:
        return [Hit("Clock to Now", "", {"as_of": ""})], ""
    stamp = moment.isoformat().replace("+00:00", "Z")
    return [Hit(f"Clock to {moment:%a %d %b %Y %H:%M} UTC", "", {"as_of": stamp})], ""


def _pages(wanted: str) -> Iterable[Hit]:
    found = (page for page in PAGES if wanted in f"{page.title} {page.hint}".lower())
    return (Hit(f"{page.title} · {page.hint}", page.name) for page in found)


def _lists(run: PageRun, wanted: str) -> Iterable[Hit]:
    """Watchlists as they were at the clock; each leads to the map of its members."""
    return (
        Hit(
            f"{name} · watchlist of {len(watchlist.members)}",
            "heatmaps",
            {"class": "all", "list": name},
        )
        for name, watchlist in (known_lists(run) if wanted else {}).items()
        if wanted in name.lower()
    )


def _datasets(wanted: str) -> Iterable[Hit]:
    found = (name for name in DATASETS if wanted and wanted in name)
    return (Hit(f"{name} · {coverage.about(name)}", "data", {"dataset": name}) for name in found)
