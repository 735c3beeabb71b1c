"""Kept replies: used while fresh, asked after when old, never when damaged."""

from __future__ import annotations

import os
from datetime import timedelta

from ingest.jobs import Call
from ingest.runs.cache import call_id
from ingest.runs.engine import Engine
from tests.ingest.conftest import FakeTime, Go, rows, stored
from tests.ingest.server import Handler, Server, document, status


def test_a_fresh_reply_costs_no_call(server: Server, go: Go, clock: FakeTime) -> None:
    server.acts["/values"] = document(rows(1.0))
    assert go("a", cache_s=60).outcome.calls == 1
    clock.now_at += timedelta(seconds=59)
    again = go("a", cache_s=60)
    assert (again.outcome.status, again.outcome.calls, again.outcome.rows_added) == ("ok", 0, 0)
    clock.now_at += timedelta(seconds=1)
    assert go("a", cache_s=60).outcome.calls == 1
    clock.now_at += timedelta(seconds=1)
    assert go("a", cache_s=60, is_user=True).outcome.calls == 1  # people want it now
    clock.now_at -= timedelta(days=30)
    assert go("a", cache_s=60).outcome.calls == 1  # one from the future is not fresh


def test_an_old_one_is_asked_after(server: Server, go: Go, engine: Engine, clock: FakeTime) -> None:
    def conditional(to: Handler) -> None:
        if to.headers.get("If-None-Match") == '"v1"':
            status(304)(to)
        else:
            document(rows(1.0), ETag='"v1"', Last_Modified="Sat, 21 Nov 2026 10:00:00 GMT")(to)

    server.acts["/values"] = conditional
    go("a")
    clock.now_at += timedelta(days=1)
    again = go("a")
    assert (again.outcome.status, again.outcome.calls, again.outcome.bytes) == ("ok", 1, 0)
    asked = server.hits[-1].headers
    assert asked["if-modified-since"] == "Sat, 21 Nov 2026 10:00:00 GMT"
    server.acts["/values"] = document(rows(1.0, 2.0), ETag='"v2"')
    clock.now_at += timedelta(days=1)
    assert go("a").outcome.rows_added == 1
    assert len(stored(engine)) == 2


def test_nothing_to_ask_after_and_no_time_to_live_is_not_kept(
    server: Server, go: Go, engine: Engine
) -> None:
    server.acts["/values"] = document(rows(1.0))
    go("a")
    assert not engine.settings.cache.exists()


def test_a_damaged_entry_is_no_entry(
    server: Server, go: Go, engine: Engine, clock: FakeTime
) -> None:
    server.acts["/values"] = document(rows(1.0))
    go("a", cache_s=9999)
    (entry,) = engine.settings.cache.glob("tiny/*.reply")
    whole = entry.read_bytes()
    for damage in (b"", whole[:-9], b"{}\n", whole.replace(b'"sha256": "', b'"sha256": "0')):
        entry.write_bytes(damage)
        clock.now_at += timedelta(seconds=1)
        assert go("a", cache_s=9999).outcome.calls == 1


def test_what_nobody_asked_for_in_a_week_goes(
    server: Server, go: Go, engine: Engine, clock: FakeTime
) -> None:
    folder = engine.settings.cache / "tiny"
    folder.mkdir(parents=True)
    for name, days in (("old", 8), ("young", 6)):
        path = folder / f"{name}.reply"
        path.write_bytes(b"x")
        then = (clock.now_at - timedelta(days=days)).timestamp()
        os.utime(path, (then, then))
    server.acts["/values"] = document(rows(1.0))
    go("a", "b", cache_s=60)
    names = {path.stem for path in folder.iterdir()}
    assert len(names) == 3 and "young" in names and "old" not in names


def test_a_disk_that_refuses_costs_only_calls(
    server: Server, go: Go, engine: Engine, clock: FakeTime
) -> None:
    engine.settings.cache.parent.mkdir(parents=True, exist_ok=True)
    engine.settings.cache.write_text("a file where the folder should be")
    server.acts["/values"] = document(rows(1.0))
    assert go("a", cache_s=60).outcome.status == "ok"


def test_a_call_is_what_it_asks() -> None:
    one = Call("https://x", {"a": "1", "b": "2"})
    assert call_id(one) == call_id(Call("https://x", {"b": "2", "a": "1"}, credits=9))
    assert call_id(one) != call_id(Call("https://x", {"a": "1", "b": "3"}))
