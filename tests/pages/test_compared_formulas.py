"""Formulas beside a price and among the members of a correlation, as pages show them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from analytics.formulas.values import MOST_FORMULAS
from data.clock import utc_now
from data.lake import Lake
from data.settings import Settings
from data.state import watchlists
from data.state.values import Edit
from pages.frame.cached import AnalyticCall, observe
from pages.frame.resources import open_resources
from tests.pages import browse, world

RATIO, YEARLY = "=EQUITY1/EQUITY2", "=yoy(USA CPI)"
SWISS, HYPHENATED = "demo:swiss", "=EQUITY1/EQUITY-N"


def quote_in_francs(settings: Settings) -> None:
    """An instrument in another currency, with a hyphen in its ticker, and the pair for it."""
    lake, last = Lake(settings.lake, workspace=settings.workspace), world.last_day()
    days = [last - timedelta(days=back) for back in range(90)]
    sessions = [day for day in days if day.weekday() < 5]
    listed = {
        SWISS: ("EQUITY-N", "equity", "CHF"),
        "demo:USDCHF": ("USDCHF", "fx", "CHF"),
    }
    known = datetime.combine(days[-1], time(12, tzinfo=UTC))
    world.put(
        lake,
        "instruments",
        [
            {
                "symbol": symbol,
                "ticker": ticker,
                "name": f"Invented {kind} in francs",
                "asset_class": kind,
                "currency": currency,
                "known_at": known,
                "source": "demo",
            }
            for symbol, (ticker, kind, currency) in listed.items()
        ],
    )
    world.put(
        lake,
        "prices",
        [
            {
                "symbol": symbol,
                "asset_class": kind,
                "date": day,
                "close": 0.8 if kind == "fx" else 100.0 - number,
                "currency": currency,
                "known_at": datetime.combine(day, time(21, tzinfo=UTC)),
                "source": "demo",
            }
            for symbol, (_, kind, currency) in listed.items()
            for number, day in enumerate(sessions)
        ],
    )


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world, a list with formulas, and one with more than a matrix bears."""
    built = world.build(Path(tmp_path_factory.mktemp("world")))
    quote_in_francs(built)
    state = open_resources(built).services.found().state
    assert state is not None
    many = [f"=EQUITY1*{number}" for number in range(1, MOST_FORMULAS + 4)]
    for name, of in (("mine", ["demo:equity0", "demo:fx4", RATIO]), ("long", many)):
        members = [watchlists.Member(symbol) for symbol in of]
        watchlists.create(state, name, members, edit=Edit("me", utc_now()))
    return built


def seen(settings: Settings, page: str, **query: str) -> tuple[AppTest, list[AnalyticCall]]:
    calls: list[AnalyticCall] = []
    with observe(calls.append):
        app = browse.visit(settings, page, **query)
    assert not app.exception
    return app, calls


def matrix(app: AppTest) -> list[str]:
    (drawn,) = app.get("echarts_chart")
    return list(json.loads(drawn.proto.spec)["xAxis"]["data"])


def test_each_compared_has_its_row_and_one_that_fails_its_sentence(settings: Settings) -> None:
    vs = f"demo:equity1; {RATIO}; {YEARLY}; =nobody/EQUITY1; =EQUITY1 + USA CPI"
    app, calls = seen(settings, "instrument", id="demo:equity0", vs=vs)
    assert browse.asked(app, "vs") == vs
    table = next(body for body in browse.bodies(app) if "<caption>Compared" in body)
    for text in ("EQUITY1/EQUITY2", "yoy(USA CPI)", "percent"):
        assert text in table
    assert "'nobody' at character 1 is no instrument" in table.replace("&#x27;", "'")
    assert "cannot be added" in table
    said = browse.sentences(app)
    assert any("nobody/EQUITY1 is not drawn." in s and "at character 1 is no" in s for s in said)
    assert any("EQUITY1 + USA CPI is not drawn." in s and "cannot be added" in s for s in said)
    assert not any("EQUITY1/EQUITY2 is not drawn" in s for s in said)
    (call,) = {c.name: c for c in calls if c.name == "analytics.compared"}.values()
    assert call.params["country"] == "USA"
    frame = call.answer.frame if call.answer else None
    assert frame is not None
    assert set(frame.drop_nulls("value")["symbol"]) == {
        "demo:equity0",
        "demo:equity1",
        RATIO,
        YEARLY,
    }


def test_changes_say_their_currency_and_from_which_session_they_count(settings: Settings) -> None:
    app, calls = seen(settings, "instrument", id="demo:equity0", vs=f"{SWISS}; {RATIO}")
    body = next(body for body in browse.bodies(app) if "<caption>Compared" in body)
    (call,) = {c.name: c for c in calls if c.name == "analytics.compared"}.values()
    assert call.answer is not None
    at_100 = call.answer.frame.filter(pl.col("value").sub(100).abs() < 1e-9)
    first = at_100["date"].min()
    assert isinstance(first, date)
    assert f"Changes count from {first.day} {first:%b %Y}, the first session of the span" in body
    assert "each in its own currency" in body
    rows = [row for row in body.split("<tr") if "</td>" in row]
    assert [("USD" in row, "CHF" in row) for row in rows] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_a_ticker_with_a_hyphen_is_drawn_and_two_currencies_say_how(settings: Settings) -> None:
    app, _ = seen(settings, "instrument", id="demo:equity0", vs=HYPHENATED)
    said = "EQUITY1 is in USD and EQUITY-N in CHF; convert one, as in EQUITY1/((EQUITY-N)/USDCHF)"
    assert any(said in sentence for sentence in browse.sentences(app))
    converted = "=EQUITY1/((EQUITY-N)/USDCHF)"
    app, calls = seen(settings, "instrument", id="demo:equity0", vs=converted)
    (call,) = {c.name: c for c in calls if c.name == "analytics.compared"}.values()
    assert call.answer is not None
    assert call.answer.frame.filter(symbol=converted)["value"].count() > 40
    assert not any("not drawn" in sentence for sentence in browse.sentences(app))


def test_many_that_are_refused_say_three_reasons(settings: Settings) -> None:
    vs = "; ".join(f"=nobody{number}/EQUITY1" for number in range(5))
    app, _ = seen(settings, "instrument", id="demo:equity0", vs=vs)
    said = [sentence for sentence in browse.sentences(app) if "not drawn." in sentence]
    assert len(said) == 4 and "2 more are not drawn." in said[-1]


def test_raw_prices_say_that_nothing_is_compared(settings: Settings) -> None:
    app, calls = seen(settings, "instrument", id="demo:equity0", vs=RATIO, prices="raw")
    assert "analytics.compared" not in {call.name for call in calls}
    assert "drawn with adjusted prices" in browse.text(app)


def test_a_rate_takes_rates_and_differences(settings: Settings) -> None:
    app, _ = seen(settings, "instrument", id="demo:rate8", vs=f"demo:equity1; {YEARLY}")
    table = next(body for body in browse.bodies(app) if "<caption>Compared" in body)
    assert "is a rate, which has a level and no return" in table


def test_formulas_are_members_of_a_correlation(settings: Settings) -> None:
    also = f"demo:rate8; {RATIO}; {YEARLY}; =nobody"
    app, _ = seen(settings, "correlation", **{"class": "fx", "also": also})
    assert browse.asked(app, "also") == also
    names = matrix(app)
    formulas = {"EQUITY1/EQUITY2", "yoy(USA CPI)", "nobody"}
    assert set(names) == {"FX4", "FX5", "USDCHF", "RATE8"} | formulas
    said = " ".join(browse.sentences(app))
    assert "The formula yoy(USA CPI) is not computed: it is monthly" in said
    assert "The formula nobody is not computed" in said
    pair: dict[str, Any] = {"first": "EQUITY1/EQUITY2", "second": "FX4"}
    app, calls = seen(settings, "correlation", **{"class": "fx", "also": also}, **pair)
    (call,) = {str(c.params): c for c in calls if c.name == "analytics.rolling_pair"}.values()
    assert (call.params["symbol"], call.params["other"]) == (RATIO, "demo:fx4")
    assert call.answer is not None
    assert call.answer.frame.height > 100
    assert "EQUITY1/EQUITY2 and FX4" in browse.text(app)


def test_the_formulas_of_a_list_are_members_with_it(settings: Settings) -> None:
    app, _ = seen(settings, "correlation", preset="list:mine")
    assert set(matrix(app)) == {"EQUITY0", "FX4", "EQUITY1/EQUITY2"}


def test_what_is_too_much_or_not_traded_is_said(settings: Settings) -> None:
    app, _ = seen(settings, "correlation", preset="list:long", also="demo:nobody")
    said = " ".join(browse.sentences(app))
    assert f"{MOST_FORMULAS + 3} formulas were chosen; the first {MOST_FORMULAS}" in said
    assert "Not traded within ten days of this clock, or delisted: demo:nobody." in said
    assert len(matrix(app)) == MOST_FORMULAS
