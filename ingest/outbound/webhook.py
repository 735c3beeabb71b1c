"""Alerts out to any webhook, as JSON: one POST for each, with a key that marks a repetition.

ALERT_WEBHOOK holds the address, or `dry-run`. The address is a secret and is written nowhere.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from analytics.live.alert_words import sentence_of, subject_words
from analytics.live.rules import NAMES
from data.clock import iso
from data.settings import Settings
from data.state import deliveries
from data.state.alerts import Alert
from data.state.db import State
from data.state.runs import Outcome
from ingest.outbound.http_post import check_address, open_client, post
from ingest.outbound.sending import DRY, WITHIN, dry_run, send_each

SECRET = "ALERT_WEBHOOK"


def send_to_webhook(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    address = settings.secret(SECRET)
    if not address:
        return Outcome("skipped", message=f"{SECRET} is not set, so alerts stay on the pages")
    check_address(SECRET, address)
    due = deliveries.pending(state, "webhook", now=now, within=WITHIN)
    if address == DRY:
        return dry_run(
            state, "webhook", due, lambda item: json.dumps(document(settings, item.alert))
        )
    with open_client() as client:
        return send_each(
            state,
            "webhook",
            due,
            lambda item: post(
                client,
                address,
                document(settings, item.alert),
                {"Idempotency-Key": key_of(settings, item.alert)},
            ),
        )


def key_of(settings: Settings, alert: Alert) -> str:
    """The same at every try: who has seen it may drop the message."""
    firing = alert.firing
    return f"{settings.workspace}-{firing.rule_id}-{firing.rule_version}-{firing.event_id}"


def document(settings: Settings, alert: Alert) -> dict[str, Any]:
    """All that is known of the alert; `value` and `trigger` in the metric's own unit."""
    firing = alert.firing
    return {
        "workspace": settings.workspace,
        "demo": settings.is_demo,
        "text": f"{'DEMO ' if settings.is_demo else ''}{sentence_of(alert)}",
        "alert_id": alert.id,
        "rule": str(firing.context.get("rule", "")),
        "rule_id": firing.rule_id,
        "rule_version": firing.rule_version,
        "severity": firing.severity,
        "symbol": firing.symbol,
        "subject": subject_words(firing.metric, firing.symbol),
        "metric": firing.metric,
        "metric_name": NAMES.get(firing.metric, (firing.metric, ""))[0],
        "value": firing.trigger_value,
        "trigger": firing.threshold,
        "known_at": iso(firing.known_at),
        "recorded_at": iso(alert.recorded_at),
    }
