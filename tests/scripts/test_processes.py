"""What is started with which words, and when the page counts as answering."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data import redis_server
from data.settings import Settings
from scripts.support.processes import PROCESSES, ProcessPlan, module, web_answers


def plan_at(folder: Path, port: int = 1, **environ: str) -> ProcessPlan:
    return ProcessPlan(Settings.from_env("demo", {"DATA_DIR": str(folder), **environ}), port)


@contextmanager
def serving(replies: dict[str, bytes], otherwise: bytes | None = None) -> Iterator[int]:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = replies.get(self.path, otherwise)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("health", "index", "answers"),
    [
        (b'{"ok": true, "workspace": "demo"}', b"<!doctype html><HTML>", True),
        (b'{"ok": true, "workspace": "live"}', b"<html>", False),
        (b"<html>", b"<html>", False),
        (b"[]", b"<html>", False),
        (b'{"ok": true, "workspace": "demo"}', b"", False),
        (None, b"<html>", False),
    ],
)
def test_only_our_own_page_counts_as_answering(
    tmp_path: Path, health: bytes | None, index: bytes, answers: bool
) -> None:
    replies = {"/": index} | ({} if health is None else {"/healthz": health})
    with serving(replies) as port:
        assert web_answers(plan_at(tmp_path, port)) is answers


def test_nobody_at_the_port_is_no_answer(tmp_path: Path) -> None:
    with serving({}) as port:
        pass
    assert not web_answers(plan_at(tmp_path, port))


def test_with_a_redis_url_no_server_is_started_and_its_password_not_shown(tmp_path: Path) -> None:
    plan = plan_at(tmp_path, REDIS_URL="redis://me:secret@localhost/0")
    bus = PROCESSES[0]
    assert bus.command(plan) is None
    assert "REDIS_URL" in bus.instead(plan)
    assert "secret" not in bus.instead(plan)


def test_without_a_redis_server_the_report_says_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.path", [])
    bus = PROCESSES[0]
    assert bus.command(plan_at(tmp_path)) is None
    assert "ticks stay inside one process" in bus.instead(plan_at(tmp_path))


def test_the_bus_comes_first_and_the_page_is_needed() -> None:
    assert [process.name for process in PROCESSES][0] == "bus"
    assert [process.name for process in PROCESSES if process.is_needed] == ["web"]
    assert len({process.name for process in PROCESSES}) == len(PROCESSES)


def test_a_loop_is_started_with_its_workspace(tmp_path: Path) -> None:
    words = module("scripts.scheduler")(plan_at(tmp_path))
    assert words is not None
    assert words[1:] == ["-m", "scripts.scheduler", "--workspace", "demo"]


def test_what_needs_the_bus_runs_only_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loops = [process for process in PROCESSES if process.name in ("feed", "archive")]
    with_bus = plan_at(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    assert [loop.command(with_bus) for loop in loops] == [
        module("scripts.feed")(with_bus),
        module("scripts.archive")(with_bus),
    ]
    monkeypatch.setattr(redis_server, "find_server", lambda: None)
    without = plan_at(tmp_path)
    assert [loop.command(without) for loop in loops] == [None, None]
    assert all("no bus" in loop.instead(without) for loop in loops)


def test_only_the_scheduler_is_given_keys() -> None:
    assert [process.name for process in PROCESSES if process.has_keys] == ["scheduler"]
