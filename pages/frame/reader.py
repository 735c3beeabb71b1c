"""Who reads: a cookie holds the reader's id, the state a name and what the reader chose.

`reader()` is the only place that says who reads; a login is put behind it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.errors import WorkstationError
from data.state import readers
from pages.frame.errors import explain
from pages.frame.resources import now
from pages.frame.run import current

COOKIE = "barograph_reader"
YEARS = 5 * 365 * 86_400
FIELD = "frame_reader_name"
SHARED = "0" * 32  # all browsers that keep no cookie are one reader
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's id, the shared one where the browser sends none, and the name that was typed."""

    id: str
    name: str


def reader() -> Reader:
    """Who looks at this page."""
    found = str(st.context.cookies.get(COOKIE, ""))
    reader_id = found if ID.fullmatch(found) else SHARED
    state = current().services.state
    if state is None:
        return Reader(reader_id, "")
    try:
        return Reader(reader_id, readers.name_of(state, reader_id))
    except WorkstationError as error:
        explain(error, "reader")
        return Reader(reader_id, "")


def chosen(key: str) -> object:
    """What this reader chose under a key; None where nothing was, or the state is away."""
    state, who = current().services.state, reader()
    if state is None:
        return None
    try:
        return readers.setting(state, who.id, key)
    except WorkstationError as error:
        explain(error, key)
        return None


def choose(key: str, value: object) -> None:
    """Keep a choice of this reader."""
    state, who = current().services.state, reader()
    if state is None:
        return
    try:
        readers.choose(state, who.id, key, value, now=now())
    except WorkstationError as error:
        explain(error, key)


def name_field() -> None:
    """Where a reader types a name; it signs notes and entries, and nothing is unlocked by it."""
    who = reader()
    if who.id == SHARED or current().services.state is None:
        return
    with st.popover(who.name or "Your name", icon=":material/person:", type="tertiary"):
        st.text_input("Your name", who.name, key=FIELD, max_chars=80, on_change=_rename)
        st.caption(
            "It stands beside what you enter. Your last visit and your choices are your own."
        )


def _rename() -> None:
    state, who, typed = current().services.state, reader(), str(st.session_state[FIELD])
    if state is None or not typed.strip():
        return
    try:
        readers.rename(state, who.id, typed, now=now())
    except WorkstationError as error:
        st.toast(explain(error, "your name").text)


class ReaderCookie:
    """Gives a browser that asks for a page an id of its own, once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a page for a browser without an id carries a new one."""
        if scope["type"] != "http" or scope["method"] != "GET" or _has_id(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append(
                        "set-cookie",
                        f"{COOKIE}={secrets.token_hex(16)}; Path=/; Max-Age={YEARS}; "
                        "HttpOnly; SameSite=Lax",
                    )
            await send(message)

        await self._app(scope, receive, send_with_id)


def _has_id(headers: Headers) -> bool:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return False
    return found is not None and ID.fullmatch(found.value) is not None
