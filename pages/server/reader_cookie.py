"""The cookie that gives each browser a reader's id, set with the first page it asks for."""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.frame.reader import COOKIE, ID

YEARS = 5 * 365 * 86_400


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
