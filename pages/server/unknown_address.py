"""Addresses that name no page: the browser is led to the page that says so, with status 404.

Streamlit answers every path with the document of the front page, and a path in two parts with one
that cannot load its scripts. Clients that take no page get 404 and one sentence.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.frame.nav import ASKED, NO_SUCH_PAGE, PAGES

HOME = PAGES[0].name
KNOWN = frozenset({"", "index.html", *(page.name for page in PAGES[1:])})
# Files and streams of the server, which has its own answers there.
SERVED = ("_stcore", "app", "component", "media", "static", "vendor")
LONGEST = 200


class UnknownAddress:
    """ASGI middleware; it looks at the replies to unknown paths alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; where only the fallback would answer, answer in its place."""
        path = scope.get("path", "").strip("/")
        if scope["type"] != "http" or path in KNOWN or path.split("/")[0] in SERVED:
            await self._app(scope, receive, send)
            return
        is_fallback = False

        async def send_found(message: Message) -> None:
            nonlocal is_fallback
            if message["type"] == "http.response.start":
                is_page = Headers(raw=message["headers"]).get("content-type", "")
                is_fallback = message["status"] == 200 and is_page.startswith("text/html")
                if is_fallback and path == NO_SUCH_PAGE.name:
                    message, is_fallback = {**message, "status": 404}, False
            if not is_fallback:
                await send(message)

        await self._app(scope, receive, send_found)
        if is_fallback:
            await _answer(scope, path)(scope, receive, send)


def _answer(scope: Scope, path: str) -> Response:
    """Where a browser is led, or the sentence for a program."""
    pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    if path == HOME:
        return RedirectResponse("/?" + urlencode(pairs) if pairs else "/", status_code=302)
    if "text/html" not in Headers(scope=scope).get("accept", ""):
        return PlainTextResponse("There is no page at this address.\n", status_code=404)
    others = [(name, value) for name, value in pairs if name != ASKED]
    query = urlencode([(ASKED, path[:LONGEST]), *others])
    return RedirectResponse(f"/{NO_SUCH_PAGE.name}?{query}", status_code=302)
