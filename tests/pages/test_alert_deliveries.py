"""What became of an alert on its way out, as the page Alerts says it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from data.clock import iso, utc_now
from data.state import alerts, deliveries
from data.state.db import State
from data.state.deliveries import Delivery
from tests.pages import browse, world

REFUSED = "mailbox ann@desk.test refused the message (550 no such user)"


def test_a_refusal_is_one_sentence_from_the_time_it_was_known(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    state = State.open(settings.state)
    alert = alerts.known(state, as_of=utc_now())[0]
    settled = alert.shown_at + timedelta(hours=2)
    deliveries.record(state, Delivery(alert.id, "slack", "sent", 1, settled_at=settled))
    given_up = Delivery(alert.id, "email", "given up", 1, settled_at=settled, note=REFUSED)
    deliveries.record(state, given_up)
    waiting = Delivery(alert.id, "webhook", "waiting", 2, next_at=utc_now(), note="HTTP 503")
    deliveries.record(state, waiting)
    state.close()
    now = browse.text(browse.visit(settings, "alerts"))
    assert "e-mail given up, Slack sent, webhook waiting" in now
    assert f"e-mail given up: {REFUSED}." in now
    assert "webhook waiting: HTTP 503." in now
    then = browse.text(browse.visit(settings, "alerts", as_of=iso(settled)))
    assert "e-mail given up, Slack sent<" in then.replace("</", "<")
    assert f"e-mail given up: {REFUSED}." in then
    assert "HTTP 503" not in then
    before = settled - timedelta(hours=1)
    assert "ann@desk.test" not in browse.text(browse.visit(settings, "alerts", as_of=iso(before)))
