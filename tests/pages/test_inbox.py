"""The inbox on the page Alerts: unread first, marked at Now only."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from data.clock import iso, utc_now
from data.state import inbox, requests
from data.state.db import State
from data.state.requests import RequestAnswer
from data.state.values import Edit
from pages.frame.reader import SHARED
from tests.pages import browse, world


def test_items_are_unread_until_they_are_marked(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    state = State.open(settings.state)
    begun = utc_now() - timedelta(hours=1)
    requests.ask(state, "demo.demo_world", {}, edit=Edit("jobs page", begun))
    wish = requests.claim_next(state, "scheduler", now=begun)
    assert wish is not None
    requests.answer(state, wish, RequestAnswer("done", message="7 rows <b>new</b>"), now=begun)
    app = browse.visit(settings, "alerts")
    shown = browse.text(app).partition("Rules")[0]
    assert "refresh done" in shown and "7 rows &lt;b&gt;new&lt;/b&gt;" in shown
    assert "Last price 101.5, trigger 1" in shown
    count = inbox.unread(state, SHARED, as_of=utc_now())
    assert count == 2
    app.button(key="inbox_read").click().run()
    assert not app.exception
    assert inbox.unread(state, SHARED, as_of=utc_now()) == 0
    assert "No unread alert or finished refresh" in browse.text(app)
    app.segmented_control(key="inbox_shown").set_value("All").run()
    assert "7 rows" in browse.text(app)
    then = browse.visit(settings, "alerts", as_of=iso(begun))
    assert "7 rows" in browse.text(then), "it was unread at that clock"
    assert "inbox_read" not in {button.key for button in then.button}
    state.close()
