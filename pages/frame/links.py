"""Links between pages: page objects of the current run, addressed by name; the clock goes along."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import quote_plus

import streamlit as st

from pages.frame.nav import NO_SUCH_PAGE, PAGES
from pages.frame.run import current

KEY = "frame_pages"


def register() -> list[Any]:
    """The page objects of this run, in the order of PAGES; the first is the front page, and last
    comes the one that answers unknown addresses, to which nothing leads."""
    made = {
        page.name: st.Page(
            page.file,
            title=page.title,
            icon=f":material/{page.icon}:",
            url_path=page.name,
            default=page is PAGES[0],
            visibility="hidden" if page is NO_SUCH_PAGE else "visible",
        )
        for page in (*PAGES, NO_SUCH_PAGE)
    }
    st.session_state[KEY] = made
    return list(made.values())


def link(page: str, *, label: str | None = None, hint: str | None = None, **params: str) -> None:
    """A link to a page that takes the clock along, and these parameters."""
    st.page_link(
        st.session_state[KEY][page],
        label=label,
        help=hint,
        query_params={**current().view.params(), **params},
    )


def plain(text: str) -> str:
    """Text for a label that Streamlit reads as Markdown: names are shown as they are written."""
    return re.sub(r"([\\`*_{}\[\]()<>#+.!|~:$^=-])", r"\\\1", " ".join(text.split()))


def choose_here(name: str, word: str, meant: str, label: str) -> None:
    """One answer to which of several `word` means in this parameter of the open page.

    A link to the page that is open would change what is shown and leave the address as it was.
    """
    st.button(
        plain(label),
        key=f"choose-{name}-{word}-{meant}",
        type="tertiary",
        on_click=_replace,
        args=(name, word, meant),
    )


def _replace(name: str, word: str, meant: str) -> None:
    text = st.query_params.get(name, "")
    words = [text.strip()] if text.strip() == word else text.replace(",", " ").split()
    st.query_params[name] = " ".join(meant if part == word else part for part in words)


def one_of_each(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The first row of each id; several sources may have one."""
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row[key], row)
    return list(first.values())


def address(page: str, **params: str) -> str:
    """The address of a page for a link inside HTML; it opens as a session of its own."""
    fields = {**current().view.params(), **params}
    return f"{page}?{'&'.join(f'{key}={_quoted(value)}' for key, value in fields.items())}"


# A page has dozens of links that differ in one word.
_quoted = lru_cache(maxsize=4_096)(quote_plus)


def go(page: str, **params: str) -> NoReturn:
    """Leave for a page at once, with the clock and these parameters."""
    st.switch_page(st.session_state[KEY][page], query_params={**current().view.params(), **params})


def follow(name: str, key: str, default: str = "") -> str:
    """Give the widget `key` the value that the address has; call it before the widget."""
    value = st.query_params.get(name, default)
    st.session_state[key] = value
    return value


def choice(name: str, key: str, options: list[str], default: str) -> tuple[str, str | None]:
    """`follow` for a closed list: the value, and a sentence when the address names none of it."""
    asked = follow(name, key, default)
    if asked in options:
        return asked, None
    st.session_state[key] = default
    return default, f"There is no {name} named {asked[:60]!r}; {default} is shown."


def tell_url(name: str, key: str, default: str = "") -> None:
    """Callback of the widget `key`: what was chosen goes into the address."""
    value = str(st.session_state[key] or "")
    if value and value != default:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
