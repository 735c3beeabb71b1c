"""Alerts to a webhook: each once, retried, never of long ago, and no address anywhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data.clock import utc_now
from data.errors import ConfigError
from data.settings import Settings
from data.state import alerts, deliveries, rules
from data.state.alerts import Firing
from data.state.db import State
from data.state.deliveries import Delivery
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.slack import send_alerts
from ingest.outbound import http_post, sending
from ingest.outbound.sending import MOST_TRIES
from ingest.schedule.timetable import timetable
from tests.ingest.outbound.webhook_server import webhook
from tests.ingest.server import drip, serving


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env("desk", {"DATA_DIR": str(tmp_path)})


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    settings.state.parent.mkdir(parents=True)
    made = State.open(settings.state)
    yield made
    made.close()


def fire(state: State, number: int, *, age: timedelta = timedelta(0)) -> int:
    now = utc_now() - age
    held = rules.listed(state, as_of=now + timedelta(days=1))
    edit = Edit("tester", now - timedelta(days=1))
    rule = (
        held[0]
        if held
        else rules.create(
            state, Terms("A <fall> & more", {"metric": "price", "trigger": 1}), edit=edit
        )
    )
    firing = Firing(
        rule.id,
        rule.version,
        f"e{number}",
        "demo:A",
        "max_drawdown",
        now,
        -0.05,
        -0.0712,
        "critical",
        {"rule": rule.terms.name},
    )
    return alerts.insert(state, firing, now=now)[0].id


def the_only(state: State, alert_id: int) -> Delivery:
    (found,) = deliveries.of(state, (alert_id,))[alert_id]
    return found


def test_an_alert_goes_out_once(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    with webhook(200) as (address, heard):
        monkeypatch.setenv("SLACK_WEBHOOK", address)
        assert send_alerts(settings, state, utc_now()).status == "ok"
        assert send_alerts(settings, state, utc_now()).status == "empty"
    (posted,) = heard
    text = posted.body["text"]
    assert text.startswith(
        "CRITICAL demo:A: A &lt;fall&gt; &amp; more (Max drawdown, 30 s −7.12 %, trigger −5 %) at "
    )
    assert the_only(state, number).status == "sent"


def test_a_service_in_trouble_is_tried_again_when_it_says(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    with webhook(429, 503, 200) as (address, heard):
        monkeypatch.setenv("SLACK_WEBHOOK", address)
        now = utc_now()
        assert send_alerts(settings, state, now).status == "partial"
        waiting = the_only(state, number)
        assert waiting.next_at is not None
        assert 6 < (waiting.next_at - now).total_seconds() < 12
        assert send_alerts(settings, state, now + timedelta(seconds=1)).status == "empty"
        assert send_alerts(settings, state, now + timedelta(seconds=15)).status == "partial"
        assert send_alerts(settings, state, now + timedelta(minutes=5)).status == "ok"
    assert len(heard) == 3
    assert the_only(state, number).attempts == 3


def test_a_refusal_is_final_and_so_is_the_last_try(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fire(state, 1)
    with webhook(404) as (address, heard):
        monkeypatch.setenv("SLACK_WEBHOOK", address)
        send_alerts(settings, state, utc_now())
        assert send_alerts(settings, state, utc_now()).status == "empty"
    assert the_only(state, first).note == "HTTP 404"
    second = fire(state, 2)
    monkeypatch.setenv("SLACK_WEBHOOK", "http://127.0.0.1:9/nobody")
    monkeypatch.setattr(sending, "PAUSE_S", (0.0, 0.0))
    for _ in range(MOST_TRIES):
        send_alerts(settings, state, utc_now())
    given_up = the_only(state, second)
    assert (given_up.status, given_up.attempts) == ("given up", MOST_TRIES)


def test_what_is_long_ago_is_never_sent(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A back-fill or a replay records alerts of the past; nobody is woken by them."""
    fire(state, 1, age=timedelta(minutes=16))
    late = fire(state, 2, age=timedelta(minutes=14))
    with webhook(200) as (address, heard):
        monkeypatch.setenv("SLACK_WEBHOOK", address)
        send_alerts(settings, state, utc_now())
    assert len(heard) == 1
    assert set(deliveries.of(state, (1, late))) == {late}


def test_a_dry_run_says_it_and_sends_nothing(
    settings: Settings,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    number = fire(state, 1)
    monkeypatch.setenv("SLACK_WEBHOOK", "dry-run")
    with caplog.at_level(logging.INFO):
        assert send_alerts(settings, state, utc_now()).message == "1 alerts, dry run"
    assert "CRITICAL demo:A" in caplog.text
    assert the_only(state, number).status == "dry run"


def test_no_address_is_written_anywhere(
    settings: Settings,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fire(state, 1)
    monkeypatch.setenv("SLACK_WEBHOOK", "http://127.0.0.1:9/canary-of-the-hook")
    with caplog.at_level(logging.DEBUG):
        outcome = send_alerts(settings, state, utc_now())
    assert "canary" not in caplog.text + outcome.message
    assert b"canary" not in settings.state.read_bytes()
    for odd in ("http://example.org/x", "ftp://example.org", "nonsense"):
        monkeypatch.setenv("SLACK_WEBHOOK", odd)
        with pytest.raises(ConfigError, match="expected an https address"):
            send_alerts(settings, state, utc_now())


def test_the_job_runs_only_where_an_address_is_given(settings: Settings) -> None:
    def jobs(key: str | None) -> set[str]:
        def read_key(name: str) -> str | None:
            return key if name == "SLACK_WEBHOOK" else None

        return {task.name for task in timetable(settings, (), read_key).tasks}

    assert jobs("https://hooks.example.org/x") - jobs(None) == {"house.slack"}


def test_a_webhook_that_drips_holds_nobody_up(
    state: State, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_post, "TIMEOUT_S", 0.5)
    fire(state, 1)
    with serving() as server:
        server.acts["*"] = drip(b"HTTP/1.1 2", pause_s=0.1)
        monkeypatch.setenv("SLACK_WEBHOOK", server.url)
        begun = time.monotonic()
        outcome = send_alerts(settings, state, utc_now())
        assert time.monotonic() - begun < 3
        assert outcome.status == "partial"
        # A status is an answer: the body behind it is not waited for, and nothing is sent twice.
        server.acts["*"] = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", pause_s=0.1)
        again = send_alerts(settings, state, utc_now() + timedelta(minutes=10))
        assert (again.status, again.message) == ("ok", "1 of 1 alerts sent")
