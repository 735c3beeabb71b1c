"""Alerts to any webhook: as JSON, each once, beside the other channels."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from data.clock import utc_now
from data.errors import ConfigError
from data.settings import Settings
from data.state import deliveries
from data.state.db import State
from data.state.runs import Outcome
from ingest.live.slack import send_alerts
from ingest.outbound.webhook import send_to_webhook
from tests.ingest.live.test_slack import fire
from tests.ingest.outbound.webhook_server import SECRET_PATH, webhook


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    settings.state.parent.mkdir(parents=True)
    made = State.open(settings.state)
    yield made
    made.close()


def test_an_alert_is_posted_with_a_key_that_stays_the_same(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    with webhook(503, 200) as (address, heard):
        monkeypatch.setenv("ALERT_WEBHOOK", address)
        first = send_to_webhook(settings, state, utc_now())
        assert (first.status, first.message) == ("partial", "0 of 1 alerts sent; HTTP 503")
        later = utc_now() + timedelta(minutes=6)
        assert send_to_webhook(settings, state, later).status == "ok"
        assert send_to_webhook(settings, state, later).status == "empty"
    first_try, second_try = heard
    assert first_try == second_try
    assert first_try.key == "desk-1-1-e1"
    body = first_try.body
    assert (body["alert_id"], body["symbol"], body["severity"]) == (number, "demo:A", "critical")
    assert (body["value"], body["trigger"]) == (-0.0712, -0.05)
    assert body["metric_name"] == "Max drawdown, 30 s"
    assert "trigger −5 %" in body["text"]
    assert not body["demo"]


def test_each_channel_sends_for_itself(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    with webhook(404, 200) as (address, heard):
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


@pytest.mark.parametrize("send", [send_to_webhook, send_alerts])
def test_no_address_is_logged_where_the_server_answers(
    settings: Settings,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    send: Callable[[Settings, State, datetime], Outcome],
) -> None:
    fire(state, 1)
    for name in ("httpx", "httpcore"):  # as in a process that has read no key yet
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    with webhook(200) as (address, heard), caplog.at_level(logging.DEBUG):
        monkeypatch.setenv("ALERT_WEBHOOK", address)
        monkeypatch.setenv("SLACK_WEBHOOK", address)
        assert send(settings, state, utc_now()).status == "ok"
    assert len(heard) == 1
    assert SECRET_PATH.strip("/") not in caplog.text


def test_an_address_in_the_clear_is_refused(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    for odd in ("http://example.org/x", "ftp://example.org", "nonsense"):
        monkeypatch.setenv("ALERT_WEBHOOK", odd)
        with pytest.raises(ConfigError, match="ALERT_WEBHOOK: expected an https address"):
            send_to_webhook(settings, state, utc_now())
    monkeypatch.delenv("ALERT_WEBHOOK")
    assert send_to_webhook(settings, state, utc_now()).status == "skipped"
