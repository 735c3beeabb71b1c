"""Alerts out to a Slack webhook.

SLACK_WEBHOOK holds the address, or `dry-run`: then what would go out is written into the log and
the ledger instead. The address is a secret and is never written anywhere.
"""

from __future__ import annotations

from datetime import datetime

from analytics.live.alert_words import sentence_of
from data.settings import Settings
from data.state import deliveries
from data.state.alerts import Alert
from data.state.db import State
from data.state.deliveries import Pending
from data.state.runs import Outcome
from ingest.outbound.http_post import check_address, open_client, post
from ingest.outbound.sending import DRY, WITHIN, dry_run, send_each

SECRET = "SLACK_WEBHOOK"
SPACING_S = 1.1  # the service takes a message a second


def send_alerts(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    webhook = settings.secret(SECRET)
    if not webhook:
        return Outcome("skipped", message=f"{SECRET} is not set, so alerts stay on the pages")
    check_address(SECRET, webhook)
    due = deliveries.pending(state, "slack", now=now, within=WITHIN)
    if webhook == DRY:
        return dry_run(state, "slack", due, lambda item: _text(settings, item))
    with open_client() as client:
        return send_each(
            state,
            "slack",
            due,
            lambda item: post(client, webhook, {"text": _text(settings, item)}, {}),
            spacing_s=SPACING_S,
        )


def text_of(alert: Alert) -> str:
    """One line; what comes from data cannot become a mention or a link."""
    return escaped(sentence_of(alert))


def escaped(text: str) -> str:
    """Text in which Slack reads no mention, link or entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(settings: Settings, pending: Pending) -> str:
    """Nobody shall take an invented crash for a real one."""
    return f"{'DEMO ' if settings.is_demo else ''}{text_of(pending.alert)}"
