"""The cookie of a reader: given once with a page, kept, and never taken on trust."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.testclient import TestClient

from pages.frame.reader import COOKIE, ID
from pages.server.reader_cookie import ReaderCookie


def cookies(response: Response, cookie: str = "", method: str = "GET") -> list[str]:
    """What cookies the answer to a request sets."""
    client = TestClient(ReaderCookie(response))
    answer = client.request(method, "/", headers={"cookie": cookie} if cookie else {})
    return answer.headers.get_list("set-cookie")


def test_a_page_brings_an_id_once() -> None:
    (first,) = cookies(HTMLResponse("page"))
    (second,) = cookies(HTMLResponse("page"), "other=1")
    name, _, rest = first.partition("=")
    number = rest.partition(";")[0]
    assert name == COOKIE
    assert ID.fullmatch(number)
    assert number != second.partition("=")[2].partition(";")[0]
    assert "HttpOnly" in first
    assert "SameSite=Lax" in first
    assert cookies(HTMLResponse("page"), f"{COOKIE}={number}") == []


@pytest.mark.parametrize("cookie", [f"{COOKIE}=1", f"{COOKIE}=../../x", f"{COOKIE}=", "a=;;=,b"])
def test_what_is_no_id_is_replaced(cookie: str) -> None:
    assert len(cookies(HTMLResponse("page"), cookie)) == 1


def test_nothing_but_a_page_brings_one() -> None:
    assert cookies(JSONResponse({})) == []
    assert cookies(HTMLResponse("gone", status_code=404)) == []
    assert cookies(HTMLResponse("page"), method="POST") == []
