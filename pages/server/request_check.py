"""The check in front of the web server: only requests to its own names from its own pages pass.

Whatever another site makes a browser send is refused with one sentence before Streamlit sees it:
a foreign `Host` (a name that was pointed at this machine), a foreign `Origin` (a page elsewhere,
or of another program on this machine), or a load that the browser itself calls cross-site. A
program that sends no `Origin` passes, since it could write any; browsers always send it along
with a handshake. `X-Forwarded-Host` is never read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.web_access import HostName, WebAccess
from pages.server.security_headers import protected

LOG = logging.getLogger("barograph.web")
LOG_EVERY_S = 60.0
SCHEMES = ("http://", "https://")  # a proxy may speak https for us
REPLIES = ("http.response.start", "websocket.http.response.start")
NO_HOST = "No page: the request does not say for which host it is. Open the address in a browser."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    sentence: str


def refusal(scope: Scope, access: WebAccess) -> Refusal | None:
    """None where the request may pass."""
    hosts = _all(scope, b"host")
    host = HostName.parse(hosts[0]) if len(hosts) == 1 else None
    if host is None:
        return Refusal(400, NO_HOST)
    if not access.answers(host, (scope.get("server") or (None, None))[1]):
        return Refusal(
            403,
            f"No page: {host} is not an allowed host of this server. Open it under an allowed "
            "name, or start it with --allowed-host and this one.",
        )
    origins = _all(scope, b"origin")
    if origins and origins not in [[f"{scheme}{hosts[0]}".lower()] for scheme in SCHEMES]:
        return Refusal(
            403,
            "No answer: a page of another site asked for this. Open the workstation itself.",
        )
    if _is_loaded_by_another_site(scope):
        return Refusal(
            403,
            "No answer: another site tried to load this into its own page. "
            "Open the workstation itself.",
        )
    return None


def _is_loaded_by_another_site(scope: Scope) -> bool:
    """As the browser says; a link elsewhere that leads to a page of ours is no such load."""
    if all(site in ("same-origin", "none") for site in _all(scope, b"sec-fetch-site")):
        return False
    is_link = (
        scope.get("method") in ("GET", "HEAD")
        and _all(scope, b"sec-fetch-mode") == ["navigate"]
        and _all(scope, b"sec-fetch-dest") == ["document"]
    )
    return not is_link


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").lower() for key, value in scope["headers"] if key == name]


@dataclass(slots=True)
class RefusalLog:
    """One line a minute at most, however many requests are refused."""

    count: int = 0
    due: float = field(default=0.0)

    def note(self, scope: Scope, refused: Refusal) -> None:
        """Counts it, and writes the line when one is due."""
        self.count += 1
        if time.monotonic() < self.due:
            return
        said = {name: _all(scope, name.encode())[:1] for name in ("host", "origin")}
        LOG.warning("refused=%d status=%d last=%.200r", self.count, refused.status, said)
        self.count, self.due = 0, time.monotonic() + LOG_EVERY_S


class RequestCheck:
    """ASGI middleware: the check on the way in, the security headers on the way out."""

    def __init__(self, app: ASGIApp, access: Callable[[], WebAccess]) -> None:
        self.app = app
        self.access = access
        self.log = RefusalLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with the refusal."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refused = refusal(scope, self.access())
        if refused is None:
            await self.app(scope, receive, with_headers(scope, send))
            return
        self.log.note(scope, refused)
        reply = PlainTextResponse(refused.sentence + "\n", status_code=refused.status)
        if scope["type"] == "websocket" and "websocket.http.response" not in scope["extensions"]:
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign site"})
            return
        await reply(scope, receive, with_headers(scope, send, host="localhost"))


def with_headers(scope: Scope, send: Send, host: str | None = None) -> Send:
    """The same `send`, with the security headers on every reply."""
    served = host or _all(scope, b"host")[0]

    async def sending(message: Message) -> None:
        if message["type"] in REPLIES:
            headers = protected(list(message.get("headers", [])), served)
            message = {**message, "headers": headers}
        await send(message)

    return sending


async def server_error(request: Request, error: Exception) -> Response:
    """The reply where the server itself failed; what went wrong stands in the log."""
    reply = PlainTextResponse(
        "No answer: the server failed on this request. Its log says why; load the page again.\n",
        status_code=500,
    )
    reply.raw_headers = protected(list(reply.raw_headers), "localhost")
    return reply
