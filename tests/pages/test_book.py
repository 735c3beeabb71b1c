"""The panels of a portfolio: sums, exposure, risk and ledger, each as it was known at the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analytics.book.document import book_text
from analytics.book.summary import book_summary
from data.clock import iso, utc_now
from data.query import Db
from data.settings import Settings
from data.state import ledger, positions
from data.state.db import State
from data.state.ledger import Booking
from data.state.values import Edit
from pages.frame.resources import open_resources
from tests.pages import browse, world


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


def state_of(settings: Settings) -> State:
    state = open_resources(settings).services.found().state
    assert state is not None
    return state


def visit(settings: Settings, **query: str) -> AppTest:
    app = browse.visit(settings, "positions", portfolio=world.BOOK, **query)
    assert not app.exception
    return app


def evening(days: int) -> datetime:
    """An evening some days before the last of the world."""
    return datetime.combine(world.last_day() - timedelta(days=days), time(23, tzinfo=UTC))


def strip(app: AppTest) -> str:
    return next(body for body in browse.bodies(app) if "<dt>Time-weighted</dt>" in body)


def amount(app: AppTest, label: str) -> str:
    """What stands under a label of the strip."""
    return strip(app).split(f"<dt>{label}</dt><dd>")[1].split("<small>")[0].strip()


@pytest.mark.parametrize("days", [0, 120])
def test_the_strip_shows_the_sums_of_its_clock(settings: Settings, days: int) -> None:
    clock = evening(days)
    state, db = State.open(settings.state), Db(settings.lake, threads=1)
    lots = positions.lots(state, as_of=clock, portfolio=world.BOOK)
    text = book_text(lots, ledger.bookings(state, world.BOOK, as_of=clock))
    row = book_summary(db.at(clock), book=text).frame.row(0, named=True)
    db.close()
    app = visit(settings, as_of=iso(clock))
    assert amount(app, "Value") == f"{row['value']:,.0f}".replace("-", "−")
    assert amount(app, "Total gain") == f"{row['gain']:+,.0f}".replace("-", "−")
    share = f"{100 * row['time_weighted']:+.2f} %".replace("-", "−")
    assert amount(app, "Time-weighted") == share
    assert "USD" in strip(app)


def test_a_benchmark_and_the_risk_beside_it(settings: Settings) -> None:
    app = visit(settings, benchmark="demo:equity0")
    text = browse.text(app)
    assert "<dt>Benchmark</dt>" in strip(app)
    assert "<dt>VaR 95 %</dt>" in text and "<dt>CVaR 99 %</dt>" in text
    beta = text.split("<dt>Beta</dt><dd>")[1].split("<small>")[0]
    assert float(beta) > 0  # it is the largest position of the book itself
    for caption in ("Country", "Sector", "Trading currency", "Contributions to risk"):
        assert f"<caption>{caption}</caption>" in text
    wrong = visit(settings, benchmark="demo:nobody")
    assert any("no benchmark named" in said for said in browse.sentences(wrong))


def entry_box(app: AppTest, kind: str, name: str) -> Any:
    return next(
        item for item in getattr(app, kind) if str(item.key).startswith(f"positions_entry_{name}_")
    )


def test_an_entry_is_added_corrected_and_voided(settings: Settings) -> None:
    app = visit(settings)
    assert app.button(key="positions_entry_save").disabled
    entry_box(app, "selectbox", "kind").set_value("interest").run()
    entry_box(app, "date_input", "day").set_value(world.last_day()).run()
    entry_box(app, "number_input", "amount").set_value(12.5).run()
    entry_box(app, "text_input", "currency").set_value("USD").run()
    app.button(key="positions_entry_save").click().run()
    assert not app.exception
    state = state_of(settings)
    added = ledger.entries(state, world.BOOK, as_of=utc_now())[-1]
    assert (added.booking.kind, added.booking.amount) == ("interest", 12.5)
    assert amount(app, "Income") == f"{0.5 + 12.5:+,.0f}"
    chooser = app.selectbox(key="positions_entry")
    chooser.set_value(next(o for o in chooser.options if "interest" in o)).run()
    entry_box(app, "number_input", "amount").set_value(20.25).run()
    app.button(key="positions_entry_save").click().run()
    amounts = [b.amount for b in ledger.bookings(state, world.BOOK, as_of=utc_now())]
    assert amounts == [0.5, 20.25]
    before = ledger.bookings(state, world.BOOK, as_of=added.recorded_at)
    assert [b.amount for b in before] == [0.5, 12.5]
    chooser = app.selectbox(key="positions_entry")
    chooser.set_value(next(o for o in chooser.options if "interest" in o)).run()
    app.button(key="positions_entry_void").click().run()
    assert not app.exception
    amounts = [b.amount for b in ledger.bookings(state, world.BOOK, as_of=utc_now())]
    assert amounts == [0.5]


def test_an_entry_recorded_today_is_not_in_an_earlier_income(settings: Settings) -> None:
    clock = evening(60)
    before = amount(visit(settings, as_of=iso(clock)), "Income")
    paid = Booking("dividend", evening(100), None, 1000.0, "USD", text="<b>paid</b>")
    ledger.add(state_of(settings), world.BOOK, paid, edit=Edit("me", utc_now()))
    assert amount(visit(settings, as_of=iso(clock)), "Income") == before
    app = visit(settings)
    assert amount(app, "Income") != before
    assert "&lt;b&gt;paid" in browse.text(app) and "<b>paid" not in browse.text(app)


def test_a_clock_before_every_trade_has_no_sums(settings: Settings) -> None:
    """The world's positions were recorded on its first day; their lots are of the same day."""
    first = positions.lots(state_of(settings), as_of=utc_now(), portfolio=world.BOOK)[0]
    early = first.draft.opened_at - timedelta(days=1)
    app = browse.visit(settings, "positions", portfolio=world.BOOK, as_of=iso(early))
    assert not app.exception
    assert not any("<dt>Time-weighted</dt>" in body for body in browse.bodies(app))
