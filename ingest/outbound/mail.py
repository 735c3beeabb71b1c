"""Alerts out by e-mail, through the mail server of the settings.

SMTP_SERVER names the server, or `dry-run`; MAIL_FROM and MAIL_TO the addresses. SMTP_PASSWORD is a
secret. All alerts of a minute go through one connection.
"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

from analytics.live.alert_words import measure_of, sentence_of, title_of
from data.settings import Settings
from data.state import deliveries
from data.state.alerts import Alert
from data.state.db import State
from data.state.deliveries import Pending
from data.state.runs import Outcome
from ingest.outbound.sending import WITHIN, SendResult, dry_run, send_each
from ingest.outbound.smtp import (
    PASSWORD,
    MailAccount,
    MailError,
    compose,
    connected,
    read_account,
    send,
)
from ingest.outbound.webhook import key_of


def send_mail(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    account = read_account(settings)
    if account is None:
        return Outcome("skipped", message="SMTP_SERVER is not set, so alerts stay on the pages")
    due = deliveries.pending(state, "email", now=now, within=WITHIN)
    if account.is_dry:
        return dry_run(state, "email", due, lambda item: sentence_of(item.alert))
    if not due:
        return Outcome("empty", message="0 of 0 alerts sent")
    try:
        with connected(account, settings.secret(PASSWORD)) as server:
            return send_each(
                state,
                "email",
                due,
                lambda item: send(server, account, message_of(settings, account, item.alert)),
            )
    except MailError as error:
        return _all_wait(state, due, str(error))


def _all_wait(state: State, due: tuple[Pending, ...], why: str) -> Outcome:
    return send_each(state, "email", due, lambda _: SendResult(False, why))


def message_of(settings: Settings, account: MailAccount, alert: Alert) -> EmailMessage:
    """The alert in words, a fact on each line."""
    firing = alert.firing
    demo = "DEMO " if settings.is_demo else ""
    lines = [
        f"{demo}{title_of(alert)}",
        "",
        f"Measured: {measure_of(alert)}",
        f"When: {firing.known_at:%Y-%m-%d %H:%M:%S} UTC",
        f"Severity: {firing.severity}",
        f"Rule: {' '.join(str(firing.context.get('rule', firing.rule_id)).split())}, "
        f"version {firing.rule_version}",
        f"Workspace: {settings.workspace}",
        *(["", "The demo workspace holds invented data."] if settings.is_demo else []),
    ]
    return compose(
        account, f"{demo}{title_of(alert)}", "\n".join(lines) + "\n", key=key_of(settings, alert)
    )
