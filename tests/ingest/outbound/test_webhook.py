"""Alerts to any webhook: as JSON, each once, beside the other channels."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from data.clock import utc_now
from data.errors import ConfigError
from data.settings import Settings
from data.state import deliveries
from data.state.db import State
from ingest.live.slack import send_alerts
from ingest.outbound.webhook import send_to_webhook
from tests.ingest.live.test_slack import fire

Heard = list[tuple[dict[str, Any], str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    settings.state.parent.mkdir(parents=True)
    made = State.open(settings.state)
    yield made
    made.close()


@contextmanager
def listening(*codes: int) -> Iterator[tuple[str, Heard]]:
    """A server that answers with these codes, the last one for ever; what it heard, with keys."""
    heard: Heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            code = codes[min(len(heard), len(codes) - 1)]
            heard.append((body, self.headers["Idempotency-Key"]))
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/secret-path", heard
        server.shutdown()
        thread.join()


def test_an_alert_is_posted_with_a_key_that_stays_the_same(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    with listening(503, 200) as (address, heard):
        monkeypatch.setenv("ALERT_WEBHOOK", address)
        first = send_to_webhook(settings, state, utc_now())
        assert (first.status, first.message) == ("partial", "0 of 1 alerts sent; HTTP 503")
        later = utc_now() + timedelta(minutes=6)
        assert send_to_webhook(settings, state, later).status == "ok"
        assert send_to_webhook(settings, state, later).status == "empty"
    (body, key), (again, same) = heard
    assert (body, key) == (again, same)
    assert key == "desk-1-1-e1"
    assert (body["alert_id"], body["symbol"], body["severity"]) == (number, "demo:A", "critical")
    assert (body["value"], body["trigger"]) == (-0.0712, -0.05)
    assert body["metric_name"] == "Max drawdown, 30 s"
    assert "trigger −5 %" in body["text"]
    assert not body["demo"]


def test_each_channel_sends_for_itself(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    with listening(404, 200) as (address, heard):
        monkeypatch.setenv("ALERT_WEBHOOK", address)
        monkeypatch.setenv("SLACK_WEBHOOK", address)
        send_to_webhook(settings, state, utc_now())
        send_alerts(settings, state, utc_now())
    assert len(heard) == 2
    found = deliveries.of(state, (number,))[number]
    assert [(one.channel, one.status, one.note) for one in found] == [
        ("slack", "sent", ""),
        ("webhook", "given up", "HTTP 404"),
    ]


def test_an_address_in_the_clear_is_refused(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    for odd in ("http://example.org/x", "ftp://example.org", "nonsense"):
        monkeypatch.setenv("ALERT_WEBHOOK", odd)
        with pytest.raises(ConfigError, match="ALERT_WEBHOOK: expected an https address"):
            send_to_webhook(settings, state, utc_now())
    monkeypatch.delenv("ALERT_WEBHOOK")
    assert send_to_webhook(settings, state, utc_now()).status == "skipped"
