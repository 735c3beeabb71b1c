"""The market pages: the address, lists as they were, and who is meant."""

from __future__ import annotations

import json
import math
import random
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.chart_theme import DARK, GREEN_RED
from data.clock import iso, utc_now
from data.lake import Lake
from data.settings import Settings
from data.state import watchlists
from data.state.values import Edit
from pages.frame.resources import open_resources
from tests.pages import browse, world

LIST = "Three of them"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world and a watchlist of three."""
    built = world.build(tmp_path_factory.mktemp("world"))
    state = open_resources(built).services.found().state
    assert state is not None
    members = [watchlists.Member(f"demo:{name}") for name in ("equity0", "fx4", "crypto6")]
    watchlists.create(state, LIST, members, edit=Edit("me", utc_now()))
    return built


def strip(settings: Settings, **address: str) -> str:
    """The breadth strip of the map under an address."""
    app = browse.visit(settings, "heatmaps", **address)
    assert not app.exception
    return next(body for body in browse.bodies(app) if "Advancers" in body)


def test_the_address_narrows_the_universe(settings: Settings) -> None:
    assert "of 4<" in strip(settings)
    assert "of 9<" in strip(settings, **{"class": "all"})
    assert "of 2<" in strip(settings, **{"class": "fx"})
    assert "of 3<" in strip(settings, **{"class": "all", "list": LIST})
    assert "of 1<" in strip(settings, **{"class": "fx", "list": LIST})


def test_a_list_did_not_exist_before_it_was_made(settings: Settings) -> None:
    past = iso(utc_now() - timedelta(days=30))
    app = browse.visit(settings, "heatmaps", **{"class": "all", "list": LIST, "as_of": past})
    assert any(f"no list named &#x27;{LIST}&#x27;" in said for said in browse.sentences(app))
    assert any("of 9<" in body for body in browse.bodies(app))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"class": "bonds"}, "no class named"),
        ({"lens": "globe"}, "no lens named"),
        ({"measure": "luck"}, "no measure named"),
        ({"horizon": "7y"}, "no horizon named"),
        ({"base": "XXX"}, "no base named"),
        ({"lens": "countries", "dimension": "weather"}, "no dimension named"),
    ],
)
def test_what_the_address_gets_wrong_is_said(
    settings: Settings, address: dict[str, str], said: str
) -> None:
    app = browse.visit(settings, "heatmaps", **address)
    assert not app.exception
    assert any(said in sentence for sentence in browse.sentences(app))


@pytest.mark.parametrize("page", ["heatmaps", "movers", "correlation", "instrument"])
@pytest.mark.parametrize("clock", ["1999-01-01T00:00:00Z", ""])
def test_an_empty_lake_and_an_early_clock_are_said(
    tmp_path: Path, settings: Settings, page: str, clock: str
) -> None:
    where = settings if clock else world.settings(tmp_path)
    app = browse.visit(where, page, id="demo:equity0", **({"as_of": clock} if clock else {}))
    assert not app.exception
    assert browse.sentences(app)


def test_one_is_shown_and_of_several_it_is_asked_which(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="equity2")
    heads = " ".join(browse.bodies(app))
    for title in ("EQUITY2 · Invented equity", "Bars", "Drawdown", "Seasonality", "Description"):
        assert title in heads
    app = browse.visit(settings, "instrument", id="Invented equity")
    assert any("4 instruments are called" in said for said in browse.sentences(app))
    assert len([box for box in app.button if str(box.key).startswith("choose-id-")]) == 4
    assert "Bars" not in " ".join(browse.bodies(app))
    app = browse.visit(settings, "instrument", id="<script>")
    assert any("No instrument called" in said for said in browse.sentences(app))


def test_others_are_drawn_beside_it(settings: Settings) -> None:
    app = browse.visit(settings, "instrument", id="demo:equity0", vs="demo:fx4, demo:crypto6")
    rows = next(body for body in browse.bodies(app) if "<caption>Compared" in body)
    assert rows.count("<tr>") == 4
    for name in ("EQUITY0 · Invented equity", "FX4 · Invented fx", "CRYPTO6 · Invented crypto"):
        assert name in rows
    app = browse.visit(settings, "instrument", id="demo:equity0", vs="demo:fx4", prices="raw")
    assert not any("<caption>Compared" in body for body in browse.bodies(app))
    assert any("drawn with adjusted prices" in caption.value for caption in app.caption)
    app = browse.visit(settings, "instrument", id="demo:equity0", vs=" ".join("abcdefghijklm"))
    assert any(
        "13 lines beside demo:equity0: expected at most 11" in s for s in browse.sentences(app)
    )


def test_movers_lead_to_the_instrument_and_name_their_sessions(settings: Settings) -> None:
    moment = f"{world.last_day()}T22:00:00Z"
    app = browse.visit(settings, "movers", as_of=moment, horizon="1w")
    shown = next(body for body in browse.bodies(app) if "60 sessions" in body)
    assert 'href="instrument?as_of=' in shown
    assert "id=demo%3Aequity0" in shown
    assert f"{world.last_day() - timedelta(days=7):%d %b}–{world.last_day():%d %b}" in shown
    assert shown.count("%3Cpolyline") == 9
    assert shown.count("<tr>") == 10  # nine instruments and the head


def test_movers_rank_by_what_the_address_says(settings: Settings) -> None:
    """Every open of this world is the close of its day, so the gap is the move."""
    app = browse.visit(settings, "movers", by="gap")
    shown = next(body for body in browse.bodies(app) if "60 sessions" in body)
    assert shown.count("<tr>") == 10
    app = browse.visit(settings, "movers", by="turnover")
    (rows,) = (body for body in browse.bodies(app) if "60 sessions" in body)
    assert 1 < rows.count("<tr>") < 10  # as many shares each day: only what rose has more turnover
    app = browse.visit(settings, "movers", by="luck", **{"class": "fx"})
    assert any("no by named" in said for said in browse.sentences(app))


def test_movers_say_a_reason_with_its_time_in_the_zone_of_the_view(tmp_path: Path) -> None:
    held = world.build(tmp_path)
    session = datetime.combine(world.last_day(), time(13, 30), tzinfo=UTC)
    release = {
        "series_id": "demo:USA.CPI",
        "period": session.date().replace(day=1),
        "year": session.year,
        "country": "USA",
        "title": "Consumer <prices>",
        "scheduled_at": session,
        "precision": "minute",
        "status": "released",
        "importance": 3,
        "actual": 2.0,
        "unit": "percent",
        "known_at": session,
        "source": "demo",
    }
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("releases", world.rows("releases", [release]), publish_id="world-release")
    clock = f"{world.last_day()}T22:00:00Z"
    app = browse.visit(held, "movers", as_of=clock, tz="Asia/Tokyo")
    shown = next(body for body in browse.bodies(app) if "60 sessions" in body)
    assert f"United States: Consumer &lt;prices&gt;, {world.last_day():%d %b} 22:30" in shown
    app = browse.visit(held, "movers", as_of=f"{world.last_day()}T13:00:00Z")
    assert not any("Consumer &lt;prices" in body for body in browse.bodies(app))


def test_movers_say_how_much_of_a_move_the_sector_explains(tmp_path: Path) -> None:
    """Seven shares of one sector that move together: more than half of each move is the sector's,
    for those that moved more than the others."""
    held = world.build(tmp_path)
    last = world.last_day()
    add_sector(Lake(held.lake, workspace=held.workspace), last)
    app = browse.visit(held, "movers", as_of=f"{last}T22:00:00Z", **{"class": "equity"})
    shown = next(body for body in browse.bodies(app) if "60 sessions" in body)
    assert re.search(r"<td[^>]*>Mining sector: \d\d % of the move</td>", shown)


def add_sector(lake: Lake, last: date) -> None:
    """Seven miners: a common step each day, a little of their own."""
    rng = random.Random(11)
    days = [last - timedelta(days=n) for n in reversed(range(120))]
    common = [rng.gauss(0, 0.02) for _ in days]
    listed, bars = [], []
    for number in range(7):
        about = {"symbol": f"demo:MINE{number}", "currency": "USD", "source": "demo"}
        known = datetime.combine(days[0], time(21), tzinfo=UTC)
        names = {"ticker": f"MINE{number}", "name": "Miner", "sector": "Mining", "country": "USA"}
        listed.append(about | names | {"asset_class": "equity", "known_at": known})
        close = 50.0
        for day, move in zip(days, common, strict=True):
            close *= math.exp(move + rng.gauss(0, 0.003))
            known = datetime.combine(day, time(21), tzinfo=UTC)
            bar = {"asset_class": "equity", "date": day, "close": close, "known_at": known}
            bars.append(about | bar)
    lake.upsert("instruments", world.rows("instruments", listed), publish_id="world-miners")
    lake.upsert("prices", world.rows("prices", bars), publish_id="world-mined")


def cells(settings: Settings, **address: str) -> list[dict[str, Any]]:
    """The cells of the matrix under an address."""
    app = browse.visit(settings, "correlation", **address)
    assert not app.exception
    (drawn,) = app.get("echarts_chart")
    found: list[dict[str, Any]] = json.loads(drawn.proto.spec)["series"][0]["data"]
    return found


def test_the_matrix_takes_the_universe_and_marks_what_is_not_sure(settings: Settings) -> None:
    every = cells(settings)
    assert len(every) == 81
    assert len(cells(settings, **{"class": "equity"})) == 16
    assert len(cells(settings, **{"class": "all", "list": LIST})) == 9
    apart = [cell for cell in every if "·" in cell["name"]]
    assert len(apart) == 72
    for cell in apart:  # walks of their own, so that most have zero in their interval
        low, high = (
            float(word.replace("−", "-")) for word in cell["name"].split("95 % ")[1].split(" to ")
        )
        assert ("decal" in cell["itemStyle"]) == (low <= 0 <= high) or 0.0 in (low, high)
    assert sum("decal" in cell["itemStyle"] for cell in apart) > 36


def test_a_pair_is_chosen_by_address_and_never_of_one(settings: Settings) -> None:
    app = browse.visit(settings, "correlation", first="EQUITY0", second="FX4")
    assert "EQUITY0 and FX4" in " ".join(browse.bodies(app))
    assert app.get("plotly_chart")
    app = browse.visit(settings, "correlation", first="EQUITY0", second="EQUITY0")
    assert any("always moves with itself" in said for said in browse.sentences(app))
    app = browse.visit(settings, "correlation", first="NOBODY")
    assert any("no first named" in said for said in browse.sentences(app))


def test_a_universe_of_one_has_no_matrix(settings: Settings) -> None:
    app = browse.visit(settings, "correlation", **{"class": "crypto"})
    assert any("Fewer than two instruments" in said for said in browse.sentences(app))
    assert not app.get("echarts_chart")


def test_the_estimate_and_the_moves_are_said(settings: Settings) -> None:
    text = browse.text(browse.visit(settings, "correlation", shrink="shrunk"))
    assert "% towards zero" in text
    assert "so moves are daily" in text
    text = browse.text(browse.visit(settings, "correlation", moves="weekly"))
    assert "correlation of weekly moves" in text
    assert "hours apart" not in text


def test_the_horizon_goes_along_through_the_lenses(settings: Settings) -> None:
    for lens in ("map", "grid", "cross-asset"):
        app = browse.visit(settings, "heatmaps", lens=lens, horizon="1m")
        assert not app.exception
        row = app.get("button_group")
        assert next(group for group in row if group.label == "Horizon").value == "1m"
        assert app.query_params["horizon"] == "1m"
    for lens in ("calendar", "countries"):  # without a horizon, which the address keeps
        assert (
            browse.visit(settings, "heatmaps", lens=lens, horizon="1m").query_params["horizon"]
            == "1m"
        )
    app = browse.visit(settings, "heatmaps", lens="grid", by="3m")  # as earlier addresses have it
    assert app.query_params["horizon"] == "3m"
    assert any("3m, move in σ" in body for body in browse.bodies(app))


def test_the_colours_are_kept_for_the_reader(settings: Settings) -> None:
    def legend(app: Any) -> str:
        return next(body for body in browse.bodies(app) if "linear-gradient" in body)

    app = browse.visit(settings, "heatmaps")
    assert DARK.diverging[0] in legend(app)
    row = next(group for group in app.get("button_group") if group.label == "Colours")
    row.set_value("green-red").run()
    assert GREEN_RED["dark"].diverging[0] in legend(app)
    again = browse.visit(settings, "heatmaps")  # another session of the same reader
    assert GREEN_RED["dark"].diverging[0] in legend(again)
    look = browse.component(again, "heat_map")["look"]
    assert tuple(look["diverging"]) == GREEN_RED["dark"].diverging
    row = next(group for group in again.get("button_group") if group.label == "Colours")
    row.set_value("blue-orange").run()
    assert DARK.diverging[0] in legend(browse.visit(settings, "heatmaps"))


def test_the_slider_moves_the_one_clock_and_can_come_back(settings: Settings) -> None:
    app = browse.visit(settings, "heatmaps")
    (slider,) = app.select_slider
    stops = list(slider.options)
    assert len(stops) == 41
    assert stops[-1] == "Now"
    assert f"{world.last_day():%a %d %b %Y}" in stops[-3:]
    slider.set_value(stop_of(app, -10)).run()
    chosen = app.query_params["as_of"]
    assert chosen.endswith("T23:59:00Z")
    assert not app.exception
    assert list(app.select_slider[0].options) == stops  # one can go forward again
    app.select_slider[0].set_value("").run()
    assert "as_of" not in app.query_params


def test_a_page_that_stays_open_at_now_gets_the_new_sessions(settings: Settings) -> None:
    app = browse.visit(settings, "heatmaps")
    stops = app.session_state["heatmaps_stops"]
    app.session_state["heatmaps_stops"] = [*stops[:-3], stops[-1]]  # as two sessions ago
    app.run()
    assert app.session_state["heatmaps_stops"] == stops
    assert not app.exception


def stop_of(app: Any, place: int) -> str:
    stops: list[str] = app.session_state["heatmaps_stops"]
    return stops[place]


def test_a_clock_from_elsewhere_has_the_sessions_before_it(settings: Settings) -> None:
    past = f"{world.last_day() - timedelta(days=200)}T12:00:00Z"
    app = browse.visit(settings, "heatmaps", as_of=past)
    stops: list[str] = app.session_state["heatmaps_stops"]
    assert stops[-1] == past
    assert all(stop < past for stop in stops[:-1])
    assert app.select_slider[0].value == past
