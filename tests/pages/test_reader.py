"""The cookie of a reader: given once with a page, kept, and never taken on trust."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from pages.frame.reader import COOKIE, ID, ReaderCookie


def cookies(response: Response, cookie: str = "", method: str = "GET") -> list[str]:
    """What cookies the answer to a request sets."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await response(scope, receive, send)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "method": method, "path": "/", "headers": headers}
    asyncio.run(ReaderCookie(app)(scope, receive, send))
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


def test_a_page_brings_an_id_once() -> None:
    (first,) = cookies(HTMLResponse("page"))
    (second,) = cookies(HTMLResponse("page"), "other=1")
    name, _, rest = first.partition("=")
    number = rest.partition(";")[0]
    assert name == COOKIE and ID.fullmatch(number)
    assert number != second.partition("=")[2].partition(";")[0]
    assert "HttpOnly" in first and "SameSite=Lax" in first
    assert cookies(HTMLResponse("page"), f"{COOKIE}={number}") == []


@pytest.mark.parametrize("cookie", [f"{COOKIE}=1", f"{COOKIE}=../../x", f"{COOKIE}=", "a=\x01;;="])
def test_what_is_no_id_is_replaced(cookie: str) -> None:
    assert len(cookies(HTMLResponse("page"), cookie)) == 1


def test_nothing_but_a_page_brings_one() -> None:
    assert cookies(JSONResponse({})) == []
    assert cookies(HTMLResponse("gone", status_code=404)) == []
    assert cookies(HTMLResponse("page"), method="POST") == []
