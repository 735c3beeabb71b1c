"""The script that every session runs: the frame around all pages, then the page itself.

It lies here, not beside `pages/`, so that a deep link on a fresh server meets the frame first.
"""

from __future__ import annotations

import logging
from html import escape
from pathlib import Path

import streamlit as st

from data.clock import iso
from data.errors import LakeError
from data.query import At
from pages.frame.browser_theme import theme, watch_theme
from pages.frame.clockbar import clock_bar, clock_params, refused
from pages.frame.copy_link import copy_link
from pages.frame.errors import Trouble, explain
from pages.frame.freshness import Coverage, dataset_word, known
from pages.frame.links import link, register
from pages.frame.nav import NO_SUCH_PAGE, PAGES, PageLine, guide, sections
from pages.frame.panel import nothing_known, say
from pages.frame.reader import name_field
from pages.frame.resources import Resources, now, resources
from pages.frame.run import PageRun, begin
from pages.frame.tab_title import begin_title, end_title, keep_title
from pages.frame.theme import style_sheet
from pages.frame.unread import unread_count, unread_words
from pages.frame.view import View, age, read_view
from pages.search.palette import palette_button

LOG = logging.getLogger("barograph.web")
MODE = "frame_mode_before"
ICON = Path(__file__).with_name("static") / "icon.svg"


def main() -> None:
    """Frame, then page."""
    st.set_page_config(page_icon=str(ICON), layout="wide", initial_sidebar_state="auto")
    keep_title()
    chosen = st.navigation(register(), position="hidden")
    line = next(page for page in (*PAGES, NO_SUCH_PAGE) if page.title == chosen.title)
    begin_title(line.title)
    run = _begin(resources())
    st.html(style_sheet(run.theme))
    with st.sidebar:
        _sidebar(run)
        watch_theme(run.theme)
    with st.container(horizontal=True, vertical_alignment="center", key="frame-bar"):
        _title(line, run)
        clock_bar(run)
        copy_link(run.view)
        palette_button(run)
    _notices(run)
    try:
        chosen.run()
    except Exception as error:  # noqa: BLE001 - the last wall: no page shows a traceback; explain() logs it
        say(explain(error, line.title), "error")
    end_title()


def _begin(held: Resources) -> PageRun:
    view = read_view(clock_params(), now())
    _log_restated(view)
    lake: At | Exception
    try:
        lake = held.db.at(view.as_of, view.mode)
    except Exception as error:  # noqa: BLE001 - said once by _notices; explain() logs it there
        lake = error
    run = PageRun(view, lake, held.settings, theme(), held.services.found())
    begin(run)
    return run


def _log_restated(view: View) -> None:
    """Taking restated figures for history is a reader's own decision; each one is written down."""
    if st.session_state.get(MODE) != view.mode == "restated":
        LOG.info("restated figures are shown at %s", iso(view.as_of))
    st.session_state[MODE] = view.mode


def _sidebar(run: PageRun) -> None:
    demo = '<span class="b-chip b-demo">DEMO</span>' if run.demo else ""
    name = "" if run.settings.workspace == "demo" else escape(run.settings.workspace)
    st.html(f'<div class="b-brand">Barograph {demo}</div><div class="b-note">{name}</div>')
    for title, pages in sections():
        st.html(f'<div class="b-section">{escape(title)}</div>')
        for page in pages:
            link(page.name, hint=page.hint, label=_label(page))
    name_field()
    if run.services.banner:
        st.html(f'<div class="b-note b-foot">{escape(run.services.banner)}</div>')


def _label(page: PageLine) -> str | None:
    """The entry of Alerts says what is unread; every other one is called as its page is."""
    count = unread_count() if page.name == "alerts" else 0
    return f"{page.title} :blue-badge[{unread_words(count)}]" if count else None


def _title(line: PageLine, run: PageRun) -> None:
    what, how = guide(line.file)
    demo = ' <span class="b-chip b-demo">DEMO</span>' if run.demo else ""
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="xsmall",
        wrap=False,
        width="stretch",
        key="frame-title",
    ):
        st.html(f'<h1 class="b-title">{escape(line.title)}{demo}</h1>', width="content")
        box = st.popover(
            "",
            icon=":material/help:",
            type="tertiary",
            key="menu-guide",
            on_change="rerun",
            help="What is this, how to read it",
        )
        if box.open:
            box.markdown(f"**{what}**\n\n{how}")


def _notices(run: PageRun) -> None:
    if banner := resources().access.banner:
        say(Trouble(banner, "docs/security.md says how to bind it to this machine."), "partial")
    for problem in (*run.view.problems, *refused()):
        say(Trouble(problem, "Correct the clock under its badge, or press Now."), "partial")
    for trouble in run.services.troubles:
        say(trouble, "quiet" if trouble.where == "bus" else "partial")
    if isinstance(run.lake, Exception):
        say(explain(run.lake, "lake"), "error")
        return
    for name, why in run.lake.closed.items():
        say(explain(LakeError(why), name), "error")
    try:
        coverage = known(run)
    except Exception as error:  # noqa: BLE001 - panels say it too; explain() logs it
        say(explain(error, "freshness"), "error")
        return
    if not coverage.lines:
        say(nothing_known(run, []), "empty")
        return
    _freshness(run.view, coverage)


def _freshness(view: View, coverage: Coverage) -> None:
    late = coverage.late(view.as_of)
    word = (
        f"{len(late)} late: {', '.join(map(dataset_word, late))}" if late else "no dataset is late"
    )
    st.html(
        f'<div class="b-note">Newest row {age(coverage.newest(), view.as_of)} before the clock · '
        f"{len(coverage.lines)} datasets have rows · {escape(word)}</div>"
    )


main()
