"""Every bad day of a source ends in a run that says what happened, with the old data intact."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from data.state import breakers
from ingest.runs.engine import Engine
from ingest.runs.http_client import HttpClient, HttpError, HttpRequest, Stopwatch, Waits
from tests.ingest.conftest import START, FakeTime, Go, Open, rows, stored
from tests.ingest.server import (
    Act,
    Server,
    document,
    drip,
    drip_packed,
    hang,
    plain,
    status,
    zipped,
)

GOOD = document(rows(1.0, 2.0))
OK_HEAD = b"HTTP/1.1 200 OK\r\n"
PACKED = gzip.compress(json.dumps(rows(*range(2000))).encode())


def packed(body: bytes, encoding: str = "gzip") -> Act:
    return status(200, body, Content_Encoding=encoding)


def bomb(megabytes: int) -> bytes:
    """Megabytes of blanks in a few kilobytes."""
    made = zlib.compressobj(9, wbits=31)
    blank = b" " * (1 << 20)
    return b"".join(made.compress(blank) for _ in range(megabytes)) + made.flush()


# What the server does, and how the run must end: status, a part of the message, calls made, and
# whether the source is left alone afterwards.
CASES: dict[str, tuple[Act | list[Act], str, str, int, bool]] = {
    "429 for ever": (status(429, b"slow down"), "over_budget", "HTTP 429", 5, True),
    "429 then data": ([status(429), GOOD], "ok", "2 rows", 2, False),
    "429 come back in 7 s": ([status(429, Retry_After="7"), GOOD], "ok", "2 rows", 2, False),
    "429 come back in an hour": (status(429, Retry_After="3600"), "over_budget", "429", 1, True),
    "429 come back in 30 years": (status(429, Retry_After="999999999"), "over_budget", "", 1, True),
    "429 in words": ([status(429, Retry_After="soon"), GOOD], "ok", "2 rows", 2, False),
    "429 minus": ([status(429, Retry_After="-5"), GOOD], "ok", "2 rows", 2, False),
    "429 not a number": ([status(429, Retry_After="nan"), GOOD], "ok", "2 rows", 2, False),
    "401": (status(401, b"who are you"), "failed", "HTTP 401: 'who are you'", 1, False),
    "403": (status(403, b"<html>no</html>"), "failed", "HTTP 403", 1, False),
    "404": (status(404, b"no such series"), "failed", "HTTP 404", 1, False),
    "418": (status(418), "over_budget", "HTTP 418", 1, False),
    "451": (status(451, b"elsewhere"), "failed", "HTTP 451", 1, False),
    "500 storm": (status(500, b"oops"), "failed", "HTTP 500: 'oops'", 5, True),
    "503 storm": (status(503), "failed", "HTTP 503: nothing", 5, True),
    "503 come back": ([status(503, Retry_After="3"), GOOD], "ok", "2 rows", 2, False),
    "500 then data": ([status(500), status(502), GOOD], "ok", "2 rows", 3, False),
    "JSON with 500": (status(500, b'{"rows":[]}'), "failed", "500", 5, True),
    "closed at once": (plain(b""), "failed", "ended too early", 5, True),
    "no HTTP": (plain(b"SSH-2.0-OpenSSH\r\n"), "failed", "no HTTP", 5, True),
    "half a body": (plain(OK_HEAD + b"Content-Length: 9\r\n\r\n{"), "failed", "early", 5, True),
    "half a chunk": (
        plain(OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n50\r\n{"),
        "failed",
        "early",
        5,
        True,
    ),
    "wrong length": (
        plain(OK_HEAD + b"Content-Length: 5\r\n\r\n" + json.dumps(rows(1.0)).encode()),
        "failed",
        "another shape",
        1,
        False,
    ),
    "no length, half": (plain(OK_HEAD + b'\r\n{"rows": [["a", '), "failed", "shape", 1, False),
    "gzip": (zipped(rows(1.0, 2.0)), "ok", "2 rows", 1, False),
    "gzip in two members": (
        packed(gzip.compress(b'{"rows":') + gzip.compress(b"[]}")),
        "empty",
        "0 rows",
        1,
        False,
    ),
    "deflate": (packed(zlib.compress(b'{"rows":[]}'), "deflate"), "empty", "", 1, False),
    "gzip cut": (packed(PACKED[:-40]), "failed", "ends too early", 5, True),
    "gzip broken": (packed(PACKED[:200] + b"\0" * 200), "failed", "broken", 5, True),
    "gzip by name only": (packed(b'{"rows":[]}'), "failed", "broken", 5, True),
    "brotli unasked": (packed(b"x", "br"), "failed", "'br', which was not asked for", 5, True),
    "HTML where JSON was due": (status(200, b"<html>maintenance"), "failed", "<html>", 1, False),
    "empty body": (status(200), "failed", "begins nothing", 1, False),
    "NUL and noise": (status(200, b"\0\xff\xfe" * 9), "failed", "another shape", 1, False),
    "field missing": (document({"data": []}), "failed", "KeyError: 'rows'", 1, False),
    "field changed": (document({"rows": [["a", "yesterday", 1]]}), "failed", "ValueErr", 1, False),
    "error in 200": (document({"error": ["client", "no such id"]}), "failed", "such id", 1, False),
    "auth in 200": (document({"error": ["auth", "bad key"]}), "failed", "bad key", 1, False),
    "quota in 200": (
        document({"error": ["quota", "spent"], "retry_after_s": 60}),
        "over_budget",
        "spen",
        1,
        True,
    ),
    "quota in 200, no hint": (
        document({"error": ["quota", "spent"]}),
        "over_budget",
        "spent",
        1,
        False,
    ),
    "robots": (document({"error": ["blocked", "prove it"]}), "failed", "prove it", 1, False),
    "nothing": (document({"error": ["empty", "no match"]}), "empty", "no match", 1, False),
    "no rows": (document({"rows": []}), "empty", "0 rows", 1, False),
    "no rows, noted": (document({"rows": [], "note": "moved"}), "empty", "moved", 1, False),
    "redirect in a circle": (status(302, Location="/values?name=a"), "failed", "circle", 1, False),
    "redirect for ever": (
        [status(302, Location=f"/values?n={n}") for n in range(9)],
        "failed",
        "a circle",
        5,
        False,
    ),
    "redirect elsewhere": (
        status(301, Location="https://example.com/x"),
        "failed",
        "host, example.com",
        1,
        False,
    ),
    "redirect nowhere": (status(301, Location="http://a:port/"), "failed", "no HTTP", 5, True),
    "redirect without place": (status(301), "failed", "another shape", 1, False),
    "204": (status(204), "failed", "another shape", 1, False),
    "304 unasked": (status(304), "failed", "another shape", 1, False),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", CASES)
def test_a_bad_day(name: str, server: Server, go: Go, engine: Engine, clock: FakeTime) -> None:
    server.acts["/values"] = document(rows(7.0, 8.0))
    assert go("a").outcome.status == "ok"
    before = stored(engine)
    clock.now_at += timedelta(days=1)
    acts, expected, words, calls, is_resting = CASES[name]
    server.acts["/values"] = list(acts) if isinstance(acts, list) else acts
    run = go("a")
    assert (run.outcome.status, run.outcome.calls) == (expected, calls), run.outcome.message
    assert words in run.outcome.message
    (found,) = breakers.everyone(engine.state)
    assert (found.until is not None) == is_resting
    after = stored(engine)
    assert after[: len(before)] == before if expected != "ok" else set(before) <= set(after)
    if expected not in ("ok", "empty"):
        assert len(after) == len(before)


def test_what_cannot_be_parsed_is_kept_with_its_reason(
    server: Server, go: Go, engine: Engine
) -> None:
    server.acts["/values"] = status(200, b"<html>maintenance", Set_Cookie="session=1", ETag="x")
    go("a")
    (note,) = engine.settings.rejects.glob("tiny/*.json")
    facts = json.loads(note.read_text())
    assert note.with_suffix(".body").read_bytes() == b"<html>maintenance"
    assert (facts["problem"], facts["status"], facts["params"]) == ("upstream", 200, {"name": "a"})
    assert "another shape" in facts["reason"] and facts["headers"]["set-cookie"] == "***"
    assert not list(engine.settings.cache.glob("tiny/*"))  # what is no data is never served again


def test_half_a_body_is_kept_too(server: Server, go: Go, engine: Engine) -> None:
    server.acts["/values"] = plain(OK_HEAD + b"Content-Length: 99\r\n\r\n{half")
    go("a")
    kept = [path.read_bytes() for path in engine.settings.rejects.glob("tiny/*.body")]
    assert kept == [b"{half"] * 5


SLOW = {
    "nothing": hang,
    "status": drip(b"HTTP/1.1 200"),
    "header": drip(OK_HEAD + b"X: "),
    "body": drip(OK_HEAD + b"Content-Length: 99999\r\n\r\n"),
    "body without an end": drip(OK_HEAD + b'\r\n{"rows": []}'),
    "body in pieces": drip(OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1"),
    "compressed body": drip_packed(),
}


@pytest.mark.parametrize("act", SLOW.values(), ids=SLOW.keys())
def test_silence_and_slow_drips_end_in_time(act: Act, server: Server, opened: Open, go: Go) -> None:
    server.acts["/values"] = act
    with opened(waits=Waits(0.5, 0.1, 0.2)) as engine:
        run = go("a", on=engine)
        assert run.outcome.status == "failed"
        assert "no answer in time" in run.outcome.message or "longer" in run.outcome.message
        (found,) = breakers.everyone(engine.state)
        assert found.until is not None


@pytest.mark.sampled(6)
@pytest.mark.parametrize("act", SLOW.values(), ids=SLOW.keys())
def test_a_run_ends_at_its_time_limit_whatever_the_server_does(
    act: Act, server: Server, opened: Open, go: Go
) -> None:
    server.acts["/values"] = act
    # No limit of the wire would end it: a byte comes long before each of them.
    with opened(waits=Waits(60.0, 60.0, 300.0)) as engine:
        begun = time.monotonic()
        run = go("a", on=engine, time_limit_s=1)
        assert 0.9 < time.monotonic() - begun < 4
        assert run.outcome.status == "failed"
        assert "the answer took longer than" in run.outcome.message
        assert stored(engine) == []


def test_an_answer_within_the_time_limit_is_taken_whole(
    server: Server, opened: Open, go: Go
) -> None:
    server.acts["/values"] = zipped(rows(*range(1000), year=1020))
    with opened(waits=Waits(60.0, 60.0, 300.0)) as engine:
        assert go("a", on=engine, time_limit_s=5).outcome.rows_added == 1000


def test_a_connection_that_opens_when_the_time_is_over_is_cut_at_once(server: Server) -> None:
    server.acts["*"] = drip(OK_HEAD + b"\r\n")
    with Stopwatch(60.0) as watch, httpx.Client(timeout=60) as client:
        watch._cut()
        with pytest.raises(httpx.HTTPError):
            client.get(server.url, extensions={"trace": watch.see})


def test_without_time_nothing_is_sent(server: Server) -> None:
    wire = HttpClient("test")
    with pytest.raises(HttpError, match="no time is left") as caught:
        wire.send(HttpRequest(httpx.URL(server.url), {}), max_bytes=9, within_s=-1.0)
    assert (caught.value.sent, server.hits) == (False, [])
    wire.close()


@pytest.mark.parametrize("body", [bomb(30), b" " * 20_000_001])
def test_too_much_is_cut_off(body: bytes, server: Server, go: Go) -> None:
    is_bomb = len(body) < 1_000_000
    server.acts["/values"] = packed(body) if is_bomb else status(200, body)
    run = go("a", max_bytes=20_000_000)
    assert (run.outcome.status, run.outcome.calls) == ("failed", 1)
    assert "larger than the 20000000 bytes allowed" in run.outcome.message


def test_a_server_that_is_not_there_costs_nothing(server: Server, opened: Open, go: Go) -> None:
    from data.state.budgets import usage

    with opened("9 calls per day") as engine:
        server_url_of_nobody = server.url
        server.port = 9
        run = go("a", on=engine)
        assert server_url_of_nobody != server.url
        assert (run.outcome.status, run.outcome.calls) == ("failed", 0)
        assert "no connection" in run.outcome.message
        assert [budget.used for budget in usage(engine.state)] == [0]


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        (lambda now: "7", 7.0),
        (lambda now: format_datetime(now + timedelta(seconds=9), usegmt=True), 9.0),
        (lambda now: format_datetime(now - timedelta(hours=9), usegmt=True), 0.0),
        (lambda now: "0", 0.0),
    ],
)
def test_retry_after_is_honoured(
    header: Callable[[object], str], waited: float, server: Server, go: Go, clock: FakeTime
) -> None:
    server.acts["/values"] = [status(503, Retry_After=header(clock.now_at)), GOOD]
    assert go("a").outcome.status == "ok"
    assert max(clock.slept) == pytest.approx(waited, abs=0.01)


def test_a_429_without_a_hint_waits_half_a_minute(server: Server, go: Go, clock: FakeTime) -> None:
    server.acts["/values"] = [status(429), GOOD]
    go("a")
    assert 30.0 <= max(clock.slept) <= 31.0


def test_a_hold_is_kept_and_then_lifted(server: Server, go: Go, clock: FakeTime) -> None:
    server.acts["/values"] = [status(429, Retry_After="3600"), GOOD]
    assert go("a").outcome.status == "over_budget"
    clock.now_at += timedelta(minutes=59)
    again = go("a")
    assert (again.outcome.status, again.outcome.calls) == ("skipped", 0)
    assert "left alone until 2026-11-21T13:00:00Z: HTTP 429" in again.outcome.message
    clock.now_at += timedelta(minutes=1)
    assert go("a").outcome.status == "ok"


def test_an_absurd_hold_is_believed_for_a_day(server: Server, go: Go, clock: FakeTime) -> None:
    server.acts["/values"] = [status(429, Retry_After="999999999"), GOOD]
    go("a")
    clock.now_at += timedelta(hours=24)
    assert go("a").outcome.status == "ok"


def test_a_storm_opens_the_breaker_which_asks_once_and_closes(
    server: Server, go: Go, clock: FakeTime
) -> None:
    server.acts["/values"] = status(503)
    assert go("a", "b").outcome.status == "failed"
    assert server.count("/values") == 5  # not one call of the second name
    clock.now_at += timedelta(seconds=61)
    assert go("a").outcome.calls == 1  # a probe
    clock.now_at += timedelta(seconds=61)
    assert go("a").outcome.status == "skipped"  # the rest has doubled
    clock.now_at += timedelta(seconds=61)
    server.acts["/values"] = GOOD
    assert go("a", "b").outcome.status == "ok"


def test_one_bad_name_does_not_spoil_the_others(server: Server, go: Go, engine: Engine) -> None:
    def by_name(to: object) -> None:
        name = to.query["name"]
        (status(404) if name == "b" else document(rows(1.0, name=name)))(to)

    server.acts["/values"] = by_name
    run = go("a", "b", "c")
    assert run.outcome.status == "partial"
    assert "2 rows: 2 new, 0 revised. 1 failed: tiny answered HTTP 404" in run.outcome.message
    assert [row[0] for row in stored(engine)] == ["tiny:a", "tiny:c"]


def test_a_refused_key_stops_the_run_at_once(server: Server, go: Go) -> None:
    server.acts["/values"] = status(401)
    run = go("a", "b", "c")
    assert (run.outcome.status, server.count("/values")) == ("failed", 1)
    assert "2 calls left" in run.outcome.message


def page(number: int, following: int | None, *values: float) -> dict[str, object]:
    return rows(*values, year=1980 + 10 * number) | {"next": following}


def paged(pages: dict[str, list[dict[str, object]]]) -> Act:
    def act(to: object) -> None:
        found = pages[to.query.get("page", "1")]
        document(found.pop(0) if len(found) > 1 else found[0])(to)

    return act


def test_duplicate_pages_add_nothing(server: Server, go: Go, engine: Engine) -> None:
    same = page(1, 2, 1.0, 2.0)
    server.acts["/values"] = paged(
        {"1": [same], "2": [same | {"next": 3}], "3": [same | {"next": 1}]}
    )
    run = go("a")
    assert (run.outcome.status, run.outcome.calls, run.outcome.rows_added) == ("ok", 4, 2)
    assert len(stored(engine)) == 2


def test_a_page_count_that_changes_midway(server: Server, go: Go, engine: Engine) -> None:
    server.acts["/values"] = paged(
        {"1": [page(1, 2, 1.0)], "2": [page(2, 3, 2.0)], "3": [{"rows": [], "next": None}]}
    )
    run = go("a")
    assert (run.outcome.status, run.outcome.calls, len(stored(engine))) == ("ok", 3, 2)


def test_a_page_that_contradicts_another_is_refused_alone(
    server: Server, go: Go, engine: Engine
) -> None:
    bad = {"rows": [["a", "2000-01-01", 1.0], ["a", "2000-01-01", 2.0]], "next": 3}
    server.acts["/values"] = paged({"1": [page(1, 2, 1.0)], "2": [bad], "3": [page(3, None, 3.0)]})
    run = go("a")
    assert (run.outcome.status, run.outcome.rows_added) == ("partial", 2)
    assert "contradicting" in run.outcome.message
    assert [row[2] for row in stored(engine)] == [1.0, 3.0]
    (note,) = engine.settings.rejects.glob("tiny/*.json")
    assert json.loads(note.read_text())["problem"] == "contract"


def test_pages_for_ever_end_with_the_time_limit(
    server: Server, go: Go, engine: Engine, clock: FakeTime
) -> None:
    def endless(to: object) -> None:
        clock.passed += 30.0
        number = int(to.query.get("page", "1"))
        document({"rows": [["a", f"{1000 + number}-01-01", 1.0]], "next": number + 1})(to)

    server.acts["/values"] = endless
    run = go("a", time_limit_s=300)
    assert run.outcome.status == "partial"
    assert "the time limit of 300 s was reached" in run.outcome.message
    assert len(stored(engine)) == run.outcome.rows_added >= 10


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-400), timedelta(hours=-1)])
def test_a_clock_that_jumps_in_a_run(
    jump: timedelta, server: Server, go: Go, engine: Engine, clock: FakeTime
) -> None:
    def leap(to: object) -> None:
        clock.now_at += jump
        status(503)(to)

    server.acts["/values"] = [leap, document(rows(1.0, 2.0))]
    run = go("a")
    assert (run.outcome.status, len(stored(engine))) == ("ok", 2)
    clock.now_at = START + timedelta(hours=1)
    server.acts["/values"] = document(rows(1.0, 2.0, 3.0))
    again = go("a")
    assert (again.outcome.status, again.outcome.rows_added) == ("ok", 1)


def test_a_breaker_opened_before_the_clock_was_set_back_does_not_last(
    server: Server, go: Go, clock: FakeTime
) -> None:
    clock.now_at += timedelta(days=300)
    server.acts["/values"] = status(500)
    go("a")
    clock.now_at = START
    server.acts["/values"] = GOOD
    assert go("a").outcome.status == "ok"
