"""One way out for all channels: each alert once, tried again with patience, none of long ago."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from data.clock import utc_now
from data.state import deliveries
from data.state.db import State
from data.state.deliveries import Channel, Delivery, Pending
from data.state.runs import EndStatus, Outcome

DRY = "dry-run"
WITHIN = timedelta(minutes=15)
MOST_TRIES = 8
PAUSE_S = (5.0, 300.0)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendResult:
    """How one try went; `is_final` where another one would go no better, and why in words."""

    is_sent: bool
    note: str = ""
    is_final: bool = False
    wait_s: float | None = None


Send = Callable[[Pending], SendResult]


def send_each(
    state: State, channel: Channel, due: Sequence[Pending], send: Send, *, spacing_s: float = 0.0
) -> Outcome:
    """Send what is due and keep how it went; the outcome says why something did not go."""
    sent, notes = 0, dict[str, None]()
    for number, pending in enumerate(due):
        if number and spacing_s:
            time.sleep(spacing_s)
        result = send(pending)
        _settle(state, channel, pending, result)
        sent += result.is_sent
        notes |= {result.note: None} if result.note else {}
    words = "; ".join([f"{sent} of {len(due)} alerts sent", *list(notes)[:3]])
    status: EndStatus = "empty" if not due else "ok" if sent == len(due) else "partial"
    return Outcome(status, calls=len(due), message=words)


def dry_run(
    state: State, channel: Channel, due: Sequence[Pending], text_of: Callable[[Pending], str]
) -> Outcome:
    """Write what would go out into the log and the outbox instead."""
    for item in due:
        log.info("dry_run alert=%d text=%s", item.alert.id, text_of(item))
        done = Delivery(item.alert.id, channel, "dry run", 0, settled_at=utc_now())
        deliveries.record(state, done)
    return Outcome("ok" if due else "empty", message=f"{len(due)} alerts, dry run")


def _settle(state: State, channel: Channel, pending: Pending, result: SendResult) -> None:
    number, tries = pending.alert.id, pending.attempts + 1
    if result.is_sent:
        status = deliveries.Delivery(
            number, channel, "sent", tries, settled_at=utc_now(), note=result.note
        )
    elif result.is_final or tries >= MOST_TRIES:
        log.warning("alert=%d given_up=%s tries=%d", number, result.note, tries)
        status = Delivery(
            number, channel, "given up", tries, settled_at=utc_now(), note=result.note
        )
    else:
        least, most = PAUSE_S
        jitter = random.uniform(least, min(most, least * 2**tries))
        wait_s = jitter if result.wait_s is None else result.wait_s
        next_at = utc_now() + timedelta(seconds=wait_s)
        status = Delivery(number, channel, "waiting", tries, next_at=next_at, note=result.note)
    deliveries.record(state, status)
