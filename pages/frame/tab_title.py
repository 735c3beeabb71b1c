"""The title of the browser's tab: what is open, the page, the workstation.

A run begins with the title of the run before, so that it does not flicker while a page is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

WORKSTATION = "Barograph"
KEY = "frame_tab_title"
LONGEST = 60  # characters of a subject; a tab shows less


@dataclass(frozen=True, slots=True)
class TabTitle:
    """A page and what is open on it; `is_named` says that the current run named it."""

    page: str = ""
    subject: str = ""
    is_named: bool = False

    @property
    def text(self) -> str:
        """As the tab has it."""
        return " · ".join(part for part in (self.subject, self.page, WORKSTATION) if part)


def keep_title() -> None:
    """The title of the run before; without one Streamlit would show the page's name meanwhile."""
    st.set_page_config(page_title=_current().text)


def begin_title(page: str) -> None:
    """Another page takes its own title at once; on the same page the subject stays for now."""
    last = _current()
    _put(replace(last, is_named=False) if last.page == page else TabTitle(page))


def name_tab(subject: str) -> None:
    """Called by a page: the name of what is open."""
    words = " ".join(subject.split())
    cut = words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
    _put(TabTitle(_current().page, cut, is_named=True))


def end_title() -> None:
    """A page on which nothing was named in this run has its own title."""
    last = _current()
    if not last.is_named:
        _put(TabTitle(last.page))


def _current() -> TabTitle:
    found = st.session_state.get(KEY)
    return found if isinstance(found, TabTitle) else TabTitle()


def _put(title: TabTitle) -> None:
    if title.text != _current().text:
        st.set_page_config(page_title=title.text)
    st.session_state[KEY] = title
