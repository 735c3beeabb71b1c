"""The entry of Alerts says what the reader has not read, at the clock, and costs little."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.state import inbox, requests
from data.state.db import State
from data.state.requests import RequestAnswer
from data.state.values import Edit
from pages.frame.reader import SHARED
from pages.frame.unread import unread_words
from tests.pages import browse, world

MOST_MS = 5.0


def entry(app: AppTest) -> str:
    """The entry of Alerts in the list of pages."""
    labels = [link.proto.label for link in app.sidebar.get("page_link")]
    return next(label for label in labels if label.startswith("Alerts"))


def finish(state: State, hours: int) -> None:
    """A refresh that somebody asked for ended so many hours ago."""
    moment = utc_now() - timedelta(hours=hours)
    requests.ask(state, "demo.demo_world", {}, edit=Edit("jobs page", moment))
    wish = requests.claim_next(state, "scheduler", now=moment)
    assert wish is not None
    requests.answer(state, wish, RequestAnswer("done", message=""), now=moment)


def test_the_entry_counts_what_is_unread_at_the_clock(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    state = State.open(settings.state)
    inbox.mark_all_read(state, SHARED, as_of=utc_now(), now=utc_now())
    assert entry(browse.visit(settings, "alerts")) == "Alerts"
    finish(state, hours=2)
    finish(state, hours=1)
    app = browse.visit(settings, "alerts")
    assert entry(app) == "Alerts :blue-badge[2 unread]"
    between = iso(utc_now() - timedelta(minutes=90))
    app.button(key="inbox_read").click().run()
    assert entry(app) == "Alerts"
    first = inbox.unread(state, SHARED, as_of=utc_now() - timedelta(minutes=90))
    assert first >= 1
    then = entry(browse.visit(settings, "overview", as_of=between))
    assert then == f"Alerts :blue-badge[{unread_words(first)}]"
    state.close()


def test_many_are_said_as_many() -> None:
    assert unread_words(1) == "1 unread"
    assert unread_words(99) == "99 unread"
    assert unread_words(inbox.MOST_COUNTED) == "99+ unread"


def test_a_full_inbox_costs_a_run_less_than_five_milliseconds(tmp_path: Path) -> None:
    state = State.open(world.build(tmp_path).state)
    for _ in range(400):
        finish(state, hours=3)
    spent = []
    for _ in range(30):
        begun = time.perf_counter()
        assert inbox.unread(state, SHARED, as_of=utc_now()) == inbox.MOST_COUNTED
        spent.append(1_000 * (time.perf_counter() - begun))
    inbox.mark_all_read(state, SHARED, as_of=utc_now(), now=utc_now())
    for _ in range(30):
        begun = time.perf_counter()
        assert inbox.unread(state, SHARED, as_of=utc_now()) == 0
        spent.append(1_000 * (time.perf_counter() - begun))
    assert median(spent) < MOST_MS
    state.close()
