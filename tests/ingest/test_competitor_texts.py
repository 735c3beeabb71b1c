"""Watched texts of competitors are fetched politely, and kept where their words change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from data.drafts.formats import draft_of_text
from data.errors import ConfigError
from data.settings import Settings
from data.state import documents
from data.state.db import State
from data.state.documents import Document, DocumentHeading
from data.state.runs import Outcome
from data.state.values import Edit
from ingest.maintenance.competitor_texts import fetch_competitor_texts, fetch_texts
from ingest.outbound.page_reader import says_closed
from ingest.outbound.public_address import PublicAddress
from ingest.schedule.timetable import TEXTS, WATCHED, timetable
from tests.ingest.server import Act, Handler, Server, serving

NOW = datetime(2024, 6, 20, 6, tzinfo=UTC)
PAGE = (
    "<html><head><title>Rates</title>{head}</head>"
    "<body><nav>{menu}</nav><p>{words}</p></body></html>"
)
META = '<meta name="robots" content="noindex">'
OLD = "Inflation in Germany was 2.2% in April."
NEW = "Inflation in Germany was 2.4% in May."


def page(words: str, *, head: str = "", menu: str = "", status: int = 200, **headers: str) -> Act:
    """An answer with a page; one with an ETag answers 304 to whoever has it."""
    body = PAGE.format(words=words, head=head, menu=menu).encode()

    def act(handler: Handler) -> None:
        etag = headers.get("ETag")
        code = 304 if etag and handler.headers.get("If-None-Match") == etag else status
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0" if code == 304 else str(len(body)))
        handler.end_headers()
        if code != 304:
            handler.wfile.write(body)

    return act


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as home:
        yield home


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(settings(tmp_path).state)
    yield opened
    opened.close()


def settings(tmp_path: Path, hosts: str = "research.example") -> Settings:
    return Settings.from_env("desk", {"DATA_DIR": str(tmp_path), "TEXT_HOSTS": hosts})


def listed(state: State, path: str = "/rates", *, is_watched: bool = True) -> Document:
    """A text of the dated list."""
    made = documents.add(
        state,
        draft_of_text(f"<p>{OLD}</p>", "html"),
        heading=DocumentHeading(
            "theirs",
            "Rates",
            NOW - timedelta(days=2),
            site="research.example",
            url=f"https://research.example{path}",
        ),
        edit=Edit("ann", NOW - timedelta(days=1)),
    )
    return documents.watch(state, made.id, is_watched, edit=Edit("ann", NOW - timedelta(days=1)))


def fetch(tmp_path: Path, state: State, server: Server, now: datetime = NOW) -> Outcome:
    def door(url: str, allowed: tuple[str, ...]) -> PublicAddress:
        asked = httpx.URL(url)
        if asked.host not in allowed:
            raise ConfigError(f"{asked.host} is not in TEXT_HOSTS; add it there")
        near = asked.copy_with(scheme="http", host="127.0.0.1", port=server.port)
        return PublicAddress(near, asked.host, asked.port)

    return fetch_texts(settings(tmp_path), state, now, door=door)


def versions(state: State, document: Document) -> list[str]:
    """The texts of a document, the newest first."""
    found = documents.history(state, document.id, as_of=NOW + timedelta(days=30))
    return [documents.draft_of(state, one).text for one in found]


def test_a_changed_text_is_a_new_version_dated_by_when_it_was_seen(
    tmp_path: Path, state: State, server: Server
) -> None:
    document = listed(state)
    server.acts["/rates"] = page(NEW)
    done = fetch(tmp_path, state, server)
    assert (done.status, done.message) == ("ok", "1 texts: 1 changed, 0 the same")
    assert versions(state, document) == [NEW, OLD]
    newest = documents.get(state, document.id, as_of=NOW)
    assert newest is not None
    assert newest.heading.published_at == NOW
    assert newest.is_watched
    before = documents.get(state, document.id, as_of=NOW - timedelta(hours=1))
    assert before is not None
    assert documents.draft_of(state, before).text == OLD


def test_a_page_that_changed_around_the_text_is_no_new_version(
    tmp_path: Path, state: State, server: Server
) -> None:
    document = listed(state)
    server.acts["/rates"] = [page(NEW), page(NEW, menu="Another menu"), page(NEW, head="<meta>")]
    for day in range(3):
        done = fetch(tmp_path, state, server, NOW + timedelta(days=day))
        assert done.status == ("ok" if day == 0 else "empty")
    assert versions(state, document) == [NEW, OLD]


def test_only_what_changed_is_sent_again(tmp_path: Path, state: State, server: Server) -> None:
    listed(state)
    server.acts["/rates"] = page(NEW, ETag='"a"', Last_Modified="Thu, 20 Jun 2024 05:00:00 GMT")
    fetch(tmp_path, state, server)
    done = fetch(tmp_path, state, server, NOW + timedelta(days=1))
    assert (done.status, done.bytes) == ("empty", 0)
    asked = [hit.headers for hit in server.hits if hit.path == "/rates"]
    assert "if-none-match" not in asked[0]
    assert asked[1]["if-none-match"] == '"a"'
    assert asked[1]["if-modified-since"] == "Thu, 20 Jun 2024 05:00:00 GMT"
    assert asked[0]["host"] == "research.example"
    assert asked[0]["user-agent"].startswith("Barograph")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (page("", status=404), "HTTP 404"),
        (page("", status=503), "HTTP 503"),
        (
            page("", status=302, Location="http://169.254.169.254/"),
            "HTTP 302: the address has moved",
        ),
        (
            page(NEW, head='<meta name="robots" content="noindex">'),
            "the page lets no robots keep it",
        ),
        (page(NEW, X_Robots_Tag="noarchive"), "the site lets no robots keep the page"),
        (page(""), "no text is seen in it"),
        (page("x" * 5_100_000), "larger than the 5000000 bytes"),
    ],
)
def test_a_fetch_that_fails_is_said_and_changes_nothing(
    tmp_path: Path, state: State, server: Server, act: Act, why: str
) -> None:
    document = listed(state)
    server.acts["/rates"] = act
    done = fetch(tmp_path, state, server)
    assert done.status == "failed"
    assert done.message is not None
    assert why in done.message
    assert versions(state, document) == [OLD]
    assert server.count("/") == 0


def test_the_rules_of_the_site_for_robots_are_kept(
    tmp_path: Path, state: State, server: Server
) -> None:
    closed, opened = listed(state, "/closed/a"), listed(state, "/open/a")
    server.acts["/closed/a"] = server.acts["/open/a"] = page(NEW)

    def rules(handler: Handler) -> None:
        handler.raw(b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /closed/\n")

    server.acts["/robots.txt"] = rules
    done = fetch(tmp_path, state, server)
    assert done.status == "partial"
    assert done.message is not None
    assert "robots.txt lets no robot read it" in done.message
    assert versions(state, closed) == [OLD]
    assert versions(state, opened) == [NEW, OLD]
    assert server.count("/robots.txt") == 1
    assert server.count("/closed/a") == 0


def test_a_site_whose_rules_cannot_be_read_is_left_alone(
    tmp_path: Path, state: State, server: Server
) -> None:
    listed(state)
    server.acts["/robots.txt"] = page("", status=500)
    done = fetch(tmp_path, state, server)
    assert done.message is not None
    assert "robots.txt: HTTP 500" in done.message
    assert server.count("/rates") == 0


def test_what_is_not_watched_or_not_allowed_is_not_asked_for(
    tmp_path: Path, state: State, server: Server
) -> None:
    assert fetch(tmp_path, state, server).status == "empty"
    listed(state, is_watched=False)
    assert fetch(tmp_path, state, server).status == "empty"
    document = listed(state)
    documents.revise(
        state,
        document.id,
        draft_of_text(f"<p>{OLD}</p>", "html"),
        heading=replace(document.heading, url="https://elsewhere.example/a"),
        edit=Edit("ann", NOW - timedelta(hours=1)),
    )
    done = fetch(tmp_path, state, server)
    assert done.status == "failed"
    assert "not in TEXT_HOSTS" in str(done.message)
    assert server.hits == []


def test_it_is_off_unless_a_site_is_allowed(tmp_path: Path, state: State) -> None:
    listed(state)
    off = settings(tmp_path, hosts="")
    assert fetch_competitor_texts(off, state, NOW).status == "skipped"
    names = {task.name for task in timetable(off, (), lambda name: None).tasks}
    assert "house.competitor_texts" not in names
    on = timetable(settings(tmp_path), (), lambda name: None).tasks
    assert "house.competitor_texts" in {task.name for task in on}
    assert (TEXTS.cadence.at or "") < (WATCHED.cadence.at or "")


def test_a_private_address_is_never_asked_by_the_job(tmp_path: Path, state: State) -> None:
    made = listed(state)
    documents.revise(
        state,
        made.id,
        draft_of_text(f"<p>{OLD}</p>", "html"),
        heading=replace(made.heading, url="https://127.0.0.1/a"),
        edit=Edit("ann", NOW - timedelta(hours=1)),
    )
    done = fetch_competitor_texts(settings(tmp_path, "127.0.0.1"), state, NOW)
    assert done.status == "failed"
    assert "numbers and local names are refused" in str(done.message)


def test_damaged_marks_are_made_anew(tmp_path: Path, state: State, server: Server) -> None:
    listed(state)
    server.acts["/rates"] = page(NEW, ETag='"a"')
    marks = settings(tmp_path).cache / "competitor_texts.json"
    marks.parent.mkdir(parents=True, exist_ok=True)
    marks.write_text('{"a": 3')
    assert fetch(tmp_path, state, server).status == "ok"
    assert '"a"' in marks.read_text().replace("\\", "")


@pytest.mark.parametrize(
    ("words", "is_closed"),
    [
        ("noindex", True),
        ("index, NoArchive", True),
        ("none", True),
        ("nofollow", False),
        ("", False),
        ("googlebot: noindex", False),
        ("barograph: noindex", True),
        ("max-snippet:20", False),
    ],
)
def test_words_for_robots_are_read_as_they_are_meant(words: str, is_closed: bool) -> None:
    assert says_closed(words) == is_closed
