"""Addresses that name no page: where a browser is led, with what status, and what it reads."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from data.settings import Settings
from pages.frame.nav import NO_SUCH_PAGE, PAGES
from pages.search.nearest_pages import nearest_pages
from pages.server.unknown_address import UnknownAddress
from tests.pages import browse, world

BROWSER = {"accept": "text/html,application/xhtml+xml"}


async def front(scope: Scope, receive: Receive, send: Send) -> None:
    """One document for every path, as the page server answers."""
    is_health = scope["path"] == "/healthz"
    reply = PlainTextResponse("fine") if is_health else HTMLResponse("<title>front</title>")
    await reply(scope, receive, send)


@pytest.fixture(scope="module")
def client() -> TestClient:
    """A browser in front of it."""
    return TestClient(UnknownAddress(front), follow_redirects=False, headers=BROWSER)


@pytest.mark.parametrize("path", ["", "healthz", *(page.name for page in PAGES[1:])])
def test_what_there_is_is_answered_as_it_is(client: TestClient, path: str) -> None:
    assert client.get(f"/{path}?id=x").status_code == 200


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/nonsense", {"asked": "nonsense"}),
        (
            "/instrumet?id=a:b&as_of=2020-03-16",
            {"asked": "instrumet", "id": "a:b", "as_of": "2020-03-16"},
        ),
        ("/instrument/x", {"asked": "instrument/x"}),
        ("/%3Cscript%3E?x=%3Cb%3E", {"asked": "<script>", "x": "<b>"}),
        ("/a%0d%0aset-cookie:b", {"asked": "a\r\nset-cookie:b"}),
        ("/x?asked=other", {"asked": "x"}),
        ("/" + "y" * 900, {"asked": "y" * 200}),
    ],
)
def test_an_unknown_address_leads_to_the_page_that_says_so(
    client: TestClient, path: str, asked: dict[str, str]
) -> None:
    reply = client.get(path)
    assert reply.status_code == 302
    assert reply.headers["location"] == f"/{NO_SUCH_PAGE.name}?{urlencode(asked)}"
    assert "front" not in reply.text
    assert "set-cookie" not in reply.headers
    there = client.get(reply.headers["location"])
    assert there.status_code == 404
    assert "front" in there.text


def test_the_permanent_name_of_the_front_page_leads_to_it(client: TestClient) -> None:
    assert client.get("/overview").headers["location"] == "/"
    assert client.get("/overview?since=month").headers["location"] == "/?since=month"


def test_a_program_gets_a_sentence(client: TestClient) -> None:
    reply = client.get("/nonsense", headers={"accept": "application/json"})
    assert reply.status_code == 404
    assert reply.text.startswith("There is no page")


def test_the_nearest_pages_come_first() -> None:
    assert [page.name for page in nearest_pages("instrumet")][:1] == ["instrument"]
    assert [page.name for page in nearest_pages("calender")][:1] == ["releases"]
    assert [page.name for page in nearest_pages("heatmap/extra")][:1] == ["heatmaps"]
    assert nearest_pages("zzqq") == []
    assert nearest_pages("") == []


def test_the_page_says_what_was_asked_and_offers_what_is_near(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    held: Settings = world.build(tmp_path_factory.mktemp("nowhere"))
    app = browse.visit(held, NO_SUCH_PAGE.name, asked="watchlist<b>", id="demo:equity0")
    words = browse.text(app)
    assert "There is no page at /watchlist&lt;b&gt;." in words
    assert "<b>." not in words.replace("</b>", "")
    links = [link.proto for link in app.main.get("page_link")]
    assert links[0].label.startswith("Watchlists")
    assert "id=demo" in links[0].query_string
    assert "asked" not in links[0].query_string
    named = browse.visit(held, NO_SUCH_PAGE.name, asked="equity0")
    assert any(link.proto.label.startswith("EQUITY0") for link in named.main.get("page_link"))
    bare = browse.visit(held, NO_SUCH_PAGE.name)
    assert "There is no page at this address." in browse.text(bare)
