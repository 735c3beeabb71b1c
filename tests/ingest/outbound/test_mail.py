"""Alerts by e-mail: each once, greylisting waited for, and a refusal said in one sentence."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from data.clock import utc_now
from data.errors import ConfigError
from data.settings import Settings
from data.state import deliveries
from data.state.db import State
from data.state.deliveries import Delivery
from ingest.outbound import smtp
from ingest.outbound.mail import send_mail
from ingest.outbound.sending import MOST_TRIES
from ingest.outbound.smtp import read_account
from ingest.schedule.timetable import timetable
from tests.ingest.live.test_slack import fire
from tests.ingest.outbound.smtp_server import MailServer, mail_server, self_made

TO = ("ann@desk.test", "bob@desk.test")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {
        "DATA_DIR": str(tmp_path),
        "MAIL_FROM": "barograph@desk.test",
        "MAIL_TO": ", ".join(TO),
        "SMTP_USER": "barograph",
    }
    return Settings.from_env("desk", environ)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    settings.state.parent.mkdir(parents=True)
    made = State.open(settings.state)
    yield made
    made.close()


def at(settings: Settings, server: MailServer) -> Settings:
    return replace(settings, smtp_server=f"127.0.0.1:{server.port}")


def the_only(state: State, alert_id: int) -> Delivery:
    (found,) = deliveries.of(state, (alert_id,))[alert_id]
    assert found.channel == "email"
    return found


def test_an_alert_is_mailed_once_to_all(settings: Settings, state: State) -> None:
    first, second = fire(state, 1), fire(state, 2)
    with mail_server() as server:
        assert send_mail(at(settings, server), state, utc_now()).message == "2 of 2 alerts sent"
        assert send_mail(at(settings, server), state, utc_now()).status == "empty"
    assert [the_only(state, number).status for number in (first, second)] == ["sent", "sent"]
    assert server.envelopes == [list(TO)] * 2
    assert sum(word == "ehlo desk.test" for word in server.heard) == 1, "one connection"
    mail = server.mails[0]
    assert mail["Subject"] == "CRITICAL demo:A: A <fall> & more"
    assert mail["From"] == "barograph@desk.test"
    assert mail["To"] == "ann@desk.test, bob@desk.test"
    text = mail.get_content()
    assert "Measured: Max drawdown, 30 s −7.12 %, trigger −5 %" in text.splitlines()
    assert mail["Message-ID"] != server.mails[1]["Message-ID"]


def test_the_demo_says_that_it_is_one(settings: Settings) -> None:
    demo = replace(settings, workspace="demo")
    demo.state.parent.mkdir(parents=True)
    own = State.open(demo.state)
    fire(own, 1)
    with mail_server() as server:
        send_mail(at(demo, server), own, utc_now())
    own.close()
    assert server.mails[0]["Subject"].startswith("DEMO CRITICAL")


def test_a_mailbox_that_refuses_is_named_and_not_tried_again(
    settings: Settings, state: State
) -> None:
    number = fire(state, 1)
    alone = replace(settings, mail_to=TO[:1])
    said = "mailbox ann@desk.test refused the message (550 no such user here)"
    with mail_server(MailServer(by_mailbox={TO[0]: "550 no such\tuser here"})) as server:
        outcome = send_mail(at(alone, server), state, utc_now())
        assert (outcome.status, outcome.message) == ("partial", f"0 of 1 alerts sent; {said}")
        assert send_mail(at(alone, server), state, utc_now()).status == "empty"
    assert (the_only(state, number).status, the_only(state, number).note) == ("given up", said)


def test_one_mailbox_that_refuses_does_not_keep_the_others_from_it(
    settings: Settings, state: State
) -> None:
    number = fire(state, 1)
    with mail_server(MailServer(by_mailbox={TO[1]: "552 mailbox full"})) as server:
        outcome = send_mail(at(settings, server), state, utc_now())
    assert server.envelopes == [[TO[0]]]
    assert outcome.message.endswith("mailbox bob@desk.test refused the message (552 mailbox full)")
    assert the_only(state, number).status == "sent"


def test_greylisting_is_waited_for(settings: Settings, state: State) -> None:
    number = fire(state, 1)
    grey = MailServer(answers={"RCPT": ["451 come back later", "451 come back later"]})
    with mail_server(grey) as server:
        now = utc_now()
        assert send_mail(at(settings, server), state, now).status == "partial"
        waiting = the_only(state, number)
        assert waiting.status == "waiting" and waiting.next_at is not None
        assert "451 come back later" in waiting.note
        assert send_mail(at(settings, server), state, now + timedelta(seconds=2)).status == "empty"
        assert send_mail(at(settings, server), state, now + timedelta(minutes=6)).status == "ok"
    assert the_only(state, number).attempts == 2
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("answers", "is_final", "words"),
    [
        ({"MAIL": ["530 no"]}, True, "refused the sender barograph@desk.test (530 no)"),
        ({"DATA": ["554 spam"]}, True, "refused the message (554 spam)"),
        ({"DATA": ["452 disk full"]}, False, "refused the message (452 disk full)"),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    settings: Settings, state: State, answers: dict[str, list[str]], is_final: bool, words: str
) -> None:
    number = fire(state, 1)
    with mail_server(MailServer(answers=answers)) as server:
        send_mail(at(settings, server), state, utc_now())
    assert the_only(state, number).note == f"the mail server {words}"
    assert (the_only(state, number).status == "given up") == is_final


def test_a_server_that_hangs_or_drips_holds_nobody_up(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(smtp, "TOTAL_S", 1.0)
    with mail_server(MailServer(is_silent=True)) as server:
        begun = time.monotonic()
        assert send_mail(at(settings, server), state, utc_now()).status == "partial"
        assert time.monotonic() - begun < 3
    assert the_only(state, number).note == "the mail server did not answer within 0.5 s"
    with mail_server(MailServer(drip_s=0.05)) as server:
        begun = time.monotonic()
        later = utc_now() + timedelta(minutes=6)
        assert send_mail(at(settings, server), state, later).status == "partial"
        assert time.monotonic() - begun < 4
    assert the_only(state, number).note == "the mail server closed the connection"


def test_the_last_try_is_the_last(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.outbound.sending.PAUSE_S", (0.0, 0.0))
    number = fire(state, 1)
    nobody = replace(settings, smtp_server="127.0.0.1:9")
    for _ in range(MOST_TRIES):
        outcome = send_mail(nobody, state, utc_now())
    assert outcome.message == "0 of 1 alerts sent; the mail server cannot be reached"
    assert the_only(state, number).status == "given up"
    assert send_mail(nobody, state, utc_now()).status == "empty"


def test_mail_goes_over_tls_and_only_to_a_certificate_that_is_trusted(
    settings: Settings, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    context, pem = self_made(tmp_path)
    monkeypatch.setenv("SMTP_PASSWORD", "canary-of-the-mailbox")
    offers = ("STARTTLS", "AUTH PLAIN")
    with mail_server(MailServer(tls=context, extensions=offers)) as server:
        send_mail(at(settings, server), state, utc_now())
        assert server.mails == []
        assert the_only(state, number).note == "the certificate of the mail server is not trusted"
        assert not any(word.startswith("AUTH") for word in server.heard)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        later = utc_now() + timedelta(minutes=6)
        assert send_mail(at(settings, server), state, later).status == "ok"
    assert server.were_encrypted == [True]
    assert any(word.startswith("AUTH PLAIN") for word in server.heard)


def test_nothing_goes_to_a_far_server_without_tls(
    settings: Settings, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = fire(state, 1)
    monkeypatch.setattr(smtp, "LOOPBACK", ())
    with mail_server() as server:
        send_mail(at(settings, server), state, utc_now())
    assert server.mails == []
    assert the_only(state, number).note.startswith("the mail server offers no TLS")


def test_a_wrong_password_is_said_and_written_nowhere(
    settings: Settings,
    state: State,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fire(state, 1)
    monkeypatch.setenv("SMTP_PASSWORD", "canary-of-the-mailbox")
    refusing = MailServer(extensions=("AUTH PLAIN",), answers={"AUTH": ["535 bad"] * 9})
    with caplog.at_level(logging.DEBUG), mail_server(refusing) as server:
        outcome = send_mail(at(settings, server), state, utc_now())
    assert "refused user and password (535); correct SMTP_USER" in outcome.message
    assert "canary" not in caplog.text + outcome.message
    assert b"canary" not in settings.state.read_bytes()


def test_a_name_with_line_ends_adds_no_header(settings: Settings, state: State) -> None:
    from ingest.outbound.smtp import compose

    account = read_account(replace(settings, smtp_server="127.0.0.1:25"))
    assert account is not None
    mail = compose(account, "A rule\r\nBcc: eve@evil.test", "text", key="k")
    assert mail["Subject"] == "A rule Bcc: eve@evil.test"
    assert mail["Bcc"] is None


def test_settings_that_cannot_be_right_are_refused(settings: Settings) -> None:
    for server in ("mail.test:0", "mail.test:x", "mail.test:99999"):
        with pytest.raises(ConfigError, match="SMTP_SERVER="):
            read_account(replace(settings, smtp_server=server))
    near = replace(settings, smtp_server="mail.test")
    account = read_account(near)
    assert account is not None and (account.host, account.port) == ("mail.test", 587)
    with pytest.raises(ConfigError, match="MAIL_TO is not set"):
        read_account(replace(near, mail_to=()))
    for odd in ("nobody", "a b@desk.test", "Ann <ann@desk.test>", "a@b\nX: y"):
        with pytest.raises(ConfigError, match="expected an address"):
            read_account(replace(near, mail_from=odd))
    assert read_account(settings) is None


def test_a_dry_run_sends_nothing(
    settings: Settings, state: State, caplog: pytest.LogCaptureFixture
) -> None:
    number = fire(state, 1)
    dry = replace(settings, smtp_server="dry-run")
    with caplog.at_level(logging.INFO):
        assert send_mail(dry, state, utc_now()).message == "1 alerts, dry run"
    assert "CRITICAL demo:A" in caplog.text
    assert the_only(state, number).status == "dry run"


def test_the_job_runs_only_where_a_server_is_given(settings: Settings) -> None:
    def jobs(server: str | None) -> set[str]:
        given = replace(settings, smtp_server=server)
        return {task.name for task in timetable(given, (), lambda name: None).tasks}

    assert jobs("mail.test") - jobs(None) == {"house.mail"}
