"""The command palette: pages, instruments, series, countries and commands by a few letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import streamlit as st

from analytics.core import coverage
from analytics.home import overview
from data.datasets import DATASETS
from data.errors import ConfigError
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.javascript import joined_script
from pages.frame.links import link
from pages.frame.lists import known_lists
from pages.frame.nav import PAGES
from pages.frame.run import PageRun, current
from pages.frame.view import parse_clock

SHOWN = 12
# Where a hit leads: the page, and what its address says besides the id.
HOMES: dict[str, tuple[str, dict[str, str]]] = {
    "instrument": ("instrument", {}),
    "series": ("series", {}),
    "country": ("countries", {}),
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
    """One line of the palette: where it leads, and with what in the address."""

    label: str
    page: str
    params: dict[str, str] = field(default_factory=dict)


def palette_button(run: PageRun) -> None:
    """The button that opens it, with its shortcut."""
    if st.button(
        "Find",
        key="frame-find",
        icon=":material/search:",
        shortcut="Mod+K",
        help="Pages, instruments, series, countries",
    ):
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
        placeholder="page, instrument, series, or :2020-03-16",
    )
    _KEYS(key="frame_keys", data={"token": st.session_state.get("frame_palette", 0)})
    hits, problem = search(current(), text or "")
    for hit in hits:
        link(hit.page, label=hit.label, **hit.params)
    if problem:
        st.caption(problem)
    with st.expander("Keyboard"):
        st.markdown("\n".join(f"- `{keys}` {what}" for keys, what in KEYS))


def search(run: PageRun, text: str) -> tuple[list[Hit], str]:
    """The best lines for some letters, and a sentence when there are none."""
    wanted = text.strip().lower()
    if wanted.startswith(":"):
        return _command(run, wanted[1:])
    hits = [*_pages(wanted), *_lists(run, wanted), *_datasets(wanted)]
    problem = ""
    if wanted:
        try:
            hits += directory_hits(cached(overview.directory, run.at).frame, wanted)
        except Exception as error:  # noqa: BLE001 - pages are found without a lake; explain() logs it
            problem = explain(error, "find").text
    if not hits and not problem:
        problem = f"Nothing known at this clock is called {text.strip()[:60]!r}."
    return hits[:SHOWN], problem


def directory_hits(frame: pl.DataFrame, wanted: str) -> list[Hit]:
    """Codes that begin with the letters first, then names, then anything that holds them.

    Of equals, a country without data comes after what has some.
    """
    words = wanted.split()
    code = pl.coalesce(pl.col("code"), pl.col("id")).str.to_lowercase()
    label = pl.col("label").str.to_lowercase()
    whole = pl.concat_str(
        [pl.col("id"), pl.col("code"), pl.col("label"), pl.col("more")],
        separator=" ",
        ignore_nulls=True,
    ).str.to_lowercase()
    rank = (
        pl.when(code == wanted)
        .then(0)
        .when(code.str.starts_with(wanted))
        .then(1)
        .when(label.str.starts_with(wanted))
        .then(2)
        .otherwise(3)
    )
    found = (
        frame.filter(pl.all_horizontal(whole.str.contains(word, literal=True) for word in words))
        .with_columns(rank.alias("rank"))
        .sort("rank", "bare", "id")
        .head(SHOWN)
    )
    return [
        Hit(
            f"{row['code'] or row['id']} · {row['label']} · {row['kind']}",
            HOMES[row["kind"]][0],
            HOMES[row["kind"]][1] | {"id": row["id"]},
        )
        for row in found.iter_rows(named=True)
    ]


def _command(run: PageRun, text: str) -> tuple[list[Hit], str]:
    word = text.removeprefix("asof").removeprefix("as_of").strip()
    try:
        moment = parse_clock(word, run.view.zone)
    except ConfigError as error:
        return [], str(error)
    if moment is None:
        return [Hit("Clock to Now", "overview", {"as_of": ""})], ""
    stamp = moment.isoformat().replace("+00:00", "Z")
    return [Hit(f"Clock to {moment:%a %d %b %Y %H:%M} UTC", "overview", {"as_of": stamp})], ""


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
