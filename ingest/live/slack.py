"""Alerts out to a Slack webhook: each once, retried with patience, and never one of long ago.

SLACK_WEBHOOK holds the address, or `dry-run`: then what would go out is written into the log and
the ledger instead. The address is a secret and is never written anywhere.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import httpx

from data.clock import utc_now
from data.errors import ConfigError
from data.settings import Settings
from data.state import deliveries
from data.state.alerts import Alert
from data.state.db import State
from data.state.deliveries import Delivery, Pending
from data.state.runs import EndStatus, Outcome
from ingest.runs.http_client import Stopwatch

SECRET, DRY = "SLACK_WEBHOOK", "dry-run"
WITHIN = timedelta(minutes=15)
MOST_TRIES = 8
PAUSE_S = (5.0, 300.0)
SPACING_S = 1.1  # the service takes a message a second
TIMEOUT_S = 10.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
AGAIN = (408, 425, 429, 500, 502, 503, 504)

log = logging.getLogger(__name__)


def send_alerts(settings: Settings, state: State, now: datetime) -> Outcome:
    """The work of the job."""
    webhook = settings.secret(SECRET)
    if not webhook:
        return Outcome("skipped", message=f"{SECRET} is not set, so alerts stay on the pages")
    check(webhook)
    due = deliveries.pending(state, now=now, within=WITHIN)
    if webhook == DRY:
        for item in due:
            log.info("dry_run alert=%d text=%s", item.alert.id, _text(settings, item))
            deliveries.record(state, Delivery(item.alert.id, "dry run", 0, settled_at=utc_now()))
        return Outcome("ok" if due else "empty", message=f"{len(due)} alerts, dry run")
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        sent = 0
        for number, pending in enumerate(due):
            if number:
                time.sleep(SPACING_S)
            message = client.build_request("POST", webhook, json={"text": _text(settings, pending)})
            sent += _deliver(state, pending, partial(_post, client, message))
    words = f"{sent} of {len(due)} alerts sent"
    status: EndStatus = "empty" if not due else "ok" if sent == len(due) else "partial"
    return Outcome(status, calls=len(due), message=words)


def check(webhook: str) -> None:
    """Refuse an address that would carry alerts in the clear."""
    parts = urlsplit(webhook)
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if webhook != DRY and not (parts.hostname and (parts.scheme == "https" or is_near)):
        raise ConfigError(f"{SECRET}: expected an https address, or {DRY}")


def text_of(alert: Alert) -> str:
    """One line; what comes from data cannot become a mention or a link."""
    firing = alert.firing
    value = "–" if firing.trigger_value is None else f"{firing.trigger_value:.4g}"
    bound = "–" if firing.threshold is None else f"{firing.threshold:.4g}"
    rule = str(firing.context.get("rule", f"rule {firing.rule_id}"))
    text = (
        f"{firing.severity.upper()} {firing.symbol}: {rule} ({firing.metric} {value}, trigger "
        f"{bound}) at {firing.known_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(settings: Settings, pending: Pending) -> str:
    """Nobody shall take an invented crash for a real one."""
    return f"{'DEMO ' if settings.is_demo else ''}{text_of(pending.alert)}"


def _post(client: httpx.Client, message: httpx.Request) -> httpx.Response:
    """The status says it all: a body is not waited for, and a head only so long."""
    with Stopwatch(TIMEOUT_S) as watch:
        message.extensions["trace"] = watch.see
        reply = client.send(message, stream=True)
        reply.close()
    return reply


def _deliver(state: State, pending: Pending, post: Callable[[], httpx.Response]) -> bool:
    tries = pending.attempts + 1
    wait_s: float | None = None
    try:
        reply = post()
        if reply.is_success:
            deliveries.record(
                state, Delivery(pending.alert.id, "sent", tries, settled_at=utc_now())
            )
            return True
        why, is_final = f"HTTP {reply.status_code}", reply.status_code not in AGAIN
        wait_s = _asked(reply.headers.get("Retry-After"))
    except httpx.HTTPError as error:
        # The text of such an error may hold the address.
        why, is_final = type(error).__name__, False
    if is_final or tries >= MOST_TRIES:
        log.warning("alert=%d given_up=%s tries=%d", pending.alert.id, why, tries)
        given_up = Delivery(pending.alert.id, "given up", tries, settled_at=utc_now(), note=why)
        deliveries.record(state, given_up)
        return False
    least, most = PAUSE_S
    jitter = random.uniform(least, min(most, least * 2**tries))
    next_at = utc_now() + timedelta(seconds=jitter if wait_s is None else wait_s)
    deliveries.record(
        state, Delivery(pending.alert.id, "waiting", tries, next_at=next_at, note=why)
    )
    return False


def _asked(header: str | None) -> float | None:
    """Seconds of a Retry-After, at most ten minutes."""
    return min(float(header), 600.0) if header and header.isdecimal() else None
