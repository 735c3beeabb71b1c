"""Page not found: the address that was opened is none of the workstation's.

The pages whose names are nearest are offered first, with the parameters of the address, then what
Find knows under these words.
"""

from __future__ import annotations

import streamlit as st

from pages.frame.clockbar import KEYS
from pages.frame.errors import Trouble
from pages.frame.links import link, plain
from pages.frame.nav import ASKED, PAGES
from pages.frame.panel import say
from pages.frame.run import current
from pages.search.nearest_pages import nearest_pages
from pages.search.palette import search

SHOWN = 3
LONGEST = 120


def draw() -> None:
    """What was asked, the nearest pages, and what is called so."""
    asked = st.query_params.get(ASKED, "")[:LONGEST]
    what = f"There is no page at /{asked}." if asked else "There is no page at this address."
    say(Trouble(what, "Open one of these, choose on the left, or press Ctrl/⌘ K."), "partial")
    params = {
        str(name): value for name, value in st.query_params.items() if name not in (ASKED, *KEYS)
    }
    near = nearest_pages(asked)
    for page in near:
        link(page.name, label=plain(f"{page.title} · {page.hint}"), **params)
    if not near:
        link(PAGES[0].name, label=plain(f"{PAGES[0].title} · {PAGES[0].hint}"))
    words = " ".join(asked.replace("/", " ").replace("-", " ").split())
    hits = search(current(), words)[0] if words and not words.startswith(":") else []
    for hit in hits[:SHOWN]:
        if hit.page and hit.page not in [page.name for page in near]:
            link(hit.page, label=plain(hit.label), **hit.params)


draw()
