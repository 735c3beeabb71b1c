"""Calls with a body: posted with the key in its place, told apart, kept, journalled."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.settings import Settings
from ingest.jobs import Call, Source, Window
from ingest.runs.cache import call_id
from ingest.runs.engine import open_engine
from ingest.runs.journal import Journal, Tally
from ingest.runs.keys import Keys
from ingest.runs.runner import JobRun, execute
from tests.ingest.conftest import JOB, FakeTime, rows, tiny
from tests.ingest.server import Act, Handler, Server, document, status

KEY = "Ab3d5f7h-0123-4567"
ASKED = {"seriesid": ["A", "B"], "startyear": "2020"}
GOOD = document(rows(1.0))


def by_post(url: str, **changes: object) -> Source:
    """A source whose calls are posted."""

    def plan(window: Window) -> list[Call]:
        return [Call(f"{url}/values", body=ASKED | {"name": name}) for name in window.names]

    return replace(tiny(url, secret="TINY_KEY", key_in="body:key"), plan=plan, **changes)


def run(source: Source, settings: Settings, clock: FakeTime, *names: str) -> tuple[str, str]:
    clock.sleep(1)
    with open_engine(settings, quotas={}, tempo=clock.tempo) as engine:
        window = Window(names, clock.now_at, job=JOB.name)
        outcome = execute(engine, JobRun(source, JOB, window, clock.now_at), owner="test").outcome
    return outcome.status, outcome.message


@pytest.fixture
def keyed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TINY_KEY", KEY)
    return settings


def test_what_is_posted_has_the_key_and_each_body_is_a_call_of_its_own(
    keyed: Settings, server: Server, clock: FakeTime
) -> None:
    server.acts["/values"] = GOOD
    source = by_post(server.url, cache_s=3600)
    assert run(source, keyed, clock, "a", "b")[0] == "ok"
    sent = [json.loads(hit.posted) for hit in server.hits]
    assert sent == [ASKED | {"name": name, "key": KEY} for name in ("a", "b")]
    assert {hit.headers["content-type"] for hit in server.hits} == {"application/json"}
    assert run(source, keyed, clock, "b", "c")[0] == "ok"
    assert [json.loads(hit.posted)["name"] for hit in server.hits] == ["a", "b", "c"]


def test_a_key_that_is_optional_is_left_out(
    settings: Settings, server: Server, clock: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TINY_KEY", raising=False)
    server.acts["/values"] = GOOD
    assert run(by_post(server.url, is_key_optional=True), settings, clock, "a")[0] == "ok"
    assert json.loads(server.hits[0].posted) == ASKED | {"name": "a"}


@pytest.mark.parametrize(
    ("code", "ends", "words", "calls"),
    [(302, "failed", "redirects what was posted", 1), (307, "ok", "", 2)],
)
def test_a_redirect_keeps_the_body_or_is_refused(
    keyed: Settings,
    server: Server,
    clock: FakeTime,
    code: int,
    ends: str,
    words: str,
    calls: int,
) -> None:
    server.acts |= {"/values": status(code, Location="/there"), "/there": GOOD}
    found, message = run(by_post(server.url), keyed, clock, "a")
    assert found == ends and words in message
    assert [json.loads(hit.posted)["key"] for hit in server.hits] == [KEY] * calls


def echo(case: str) -> Act:
    """A refusal that repeats what was posted, in capitals or not."""

    def act(to: Handler) -> None:
        words = getattr(to.posted.decode(), case)()
        document({"error": ["client", f"bad request {words}"]})(to)

    return act


@pytest.mark.parametrize("case", ["upper", "lower", "strip"])
def test_a_key_that_comes_back_in_capitals_is_struck_out(
    keyed: Settings, server: Server, clock: FakeTime, tmp_path: Path, case: str
) -> None:
    server.acts["/values"] = echo(case)
    found, message = run(by_post(server.url), keyed, clock, "a")
    assert found == "failed" and "***" in message
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"startyear" in written, "the reject says what was posted"
    assert KEY.lower().encode() not in written.lower()
    assert KEY.lower() not in message.lower()


def test_a_journal_gives_the_body_back(tmp_path: Path) -> None:
    journal = Journal.of(tmp_path, "tiny", datetime(2024, 1, 1, tzinfo=UTC))
    calls = [Call("https://a.example/x", body=ASKED), Call("https://a.example/x", {"q": "1"})]
    journal.write(["id"], calls, [], Tally())
    assert journal.read().follow == calls


def test_calls_without_a_body_are_known_as_before() -> None:
    """Journals, kept replies and editions of an earlier version name them by this."""
    assert call_id(Call("https://a.example/x", {"q": "1"})) == "196af5cbf5e376cfdd607db76cdfb962"
    bodies = ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, {"a": 1, "b": [3]}, {})
    first, same, other, empty = (call_id(Call("https://a.example/x", body=b)) for b in bodies)
    assert first == same
    assert len({first, other, empty, call_id(Call("https://a.example/x"))}) == 4


def test_capitals_are_struck_out_of_text_too() -> None:
    keys = Keys(lambda name: KEY)
    keys.plant(KEY, "TINY_KEY")
    assert KEY.upper() not in keys.redact(f"you sent {KEY.upper()} and {KEY.lower()}")
