"""The Curves page: levels, changes and slopes in words; gaps are gaps, what is missing is said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from pages.frame.charts import surface, yield_curves
from pages.frame.theme import palette
from pages.macro.curve_dates import goal
from tests.pages import browse, curve_rows, world

PAINT = palette("dark")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The world, which has a nominal and a real curve."""
    return world.build(tmp_path_factory.mktemp("world"))


def days() -> list[date]:
    """The weekdays of the world."""
    last = world.last_day()
    every = [last - timedelta(days=back) for back in range(2 * world.SESSIONS)]
    return [day for day in every if day.weekday() < 5][: world.SESSIONS][::-1]


def panel(app: AppTest, caption: str) -> str:
    """The body that has the table of that caption."""
    return next(body for body in browse.bodies(app) if f"<caption>{caption}<" in body)


def lines(app: AppTest, at: int) -> list[dict[str, Any]]:
    """The traces of a chart of the page."""
    found: list[dict[str, Any]] = json.loads(app.get("plotly_chart")[at].proto.spec)["data"]
    return found


def test_the_curve_of_today_stands_beside_earlier_ones(settings: Settings) -> None:
    app = browse.visit(settings, "curves")
    assert not app.exception
    today, month, year = lines(app, 0)
    assert today["name"] == f"{world.last_day():%d %b %Y}"
    assert month["name"].endswith("1 month ago")
    assert year["name"].endswith("1 year ago")
    last = len(days()) - 1
    assert today["y"] == [curve_rows.value(last, tenor) for tenor in curve_rows.NOMINAL]
    assert today["text"] == list(curve_rows.NOMINAL)
    assert len(app.get("plotly_chart")) == 4


def test_changes_are_the_differences_of_the_levels_in_basis_points(settings: Settings) -> None:
    app = browse.visit(settings, "curves")
    body = panel(app, "Yields by tenor")
    last = len(days()) - 1
    now, before = (curve_rows.value(number, "10y") for number in (last, last - 1))
    row = next(part for part in body.split("<tr>") if "10y<" in part)
    assert f"{now:.2f}" in row
    moved = round(100 * (now - before))
    assert f"{moved:+d}".replace("-", "−").replace("+0", "+0") in row


def test_inversion_is_named_with_its_first_day(settings: Settings) -> None:
    turn = days()[curve_rows.TURNED]
    clock = datetime.combine(turn, time(22, tzinfo=UTC))  # an hour before its yields are known
    app = browse.visit(settings, "curves", as_of=iso(clock))
    body = panel(app, "Slopes")
    assert "Inverted: 10y-2y, 10y-3m, 30y-5y." in body
    assert f"inverted since {days()[0]:%d %b %Y}" in body
    app = browse.visit(settings, "curves", as_of=iso(clock + timedelta(hours=2)))
    body = panel(app, "Slopes")
    assert "No slope is inverted." in body
    assert body.count(f"positive since {turn:%d %b %Y}") == 2
    # That day has no 30-year yield, so its slope is not the one of the day before.
    assert f"the last slope is of {days()[curve_rows.TURNED - 1]:%d %b %Y}" in body


def test_a_missing_tenor_is_a_gap_and_said(settings: Settings) -> None:
    number = 5 * curve_rows.UNQUOTED
    day = days()[number]
    clock = datetime.combine(day, time(23, 30, tzinfo=UTC))
    app = browse.visit(settings, "curves", **{"as_of": iso(clock), "with": "none"})
    (line,) = lines(app, 0)
    assert line["y"][-1] is None
    assert line["connectgaps"] is False
    assert any(f"No value of 30y on {day:%d %b %Y}." in body for body in browse.bodies(app))


def test_dates_of_the_address_are_kept_and_wrong_ones_said(settings: Settings) -> None:
    picked = days()[300]
    words = f"1y,{picked.isoformat()},2099-01-01,soon"
    app = browse.visit(settings, "curves", **{"with": words})
    names = [line["name"] for line in lines(app, 0)]
    assert names[2] == f"{picked:%d %b %Y}"
    said = browse.sentences(app)
    assert any("01 Jan 2099 is later than the last curve." in text for text in said)
    assert any("is no date and no distance like 1m or 1y." in text for text in said)
    app = browse.visit(settings, "curves", **{"with": "2001-01-01"})
    assert any("No curve on 01 Jan 2001" in body for body in browse.bodies(app))


def test_a_picked_day_joins_the_address(settings: Settings) -> None:
    app = browse.visit(settings, "curves")
    app.date_input(key="curves_date").set_value(days()[310]).run()
    assert browse.asked(app, "with") == f"1m,1y,{days()[310].isoformat()}"
    assert len(lines(app, 0)) == 4
    app.multiselect(key="curves_with").set_value([]).run()
    assert browse.asked(app, "with") == "none"
    assert len(lines(app, 0)) == 1


def test_a_curve_that_is_late_is_said(tmp_path: Path) -> None:
    """A long weekend is no delay, six days are."""
    held = world.settings(tmp_path)
    lake = Lake(held.lake, workspace=held.workspace)
    quoted = days()[:30]
    world.put(lake, "macro", curve_rows.macro("demo", quoted))
    last = datetime.combine(quoted[-1], time(23, 30, tzinfo=UTC))
    for late, expected in ((5, False), (6, True)):
        app = browse.visit(held, "curves", as_of=iso(last + timedelta(days=late)))
        words = f"is of {quoted[-1]:%d %b %Y}, {late} days ago."
        assert any(words in said for said in browse.sentences(app)) == expected


def test_many_curves_are_a_list(tmp_path: Path) -> None:
    held = world.settings(tmp_path, "live")
    lake = Lake(held.lake, workspace=held.workspace)
    day = days()[0]
    known = datetime.combine(day, time(12, tzinfo=UTC))
    stems = {"us_treasury": ("par", "real"), "boe": ("nominal", "real", "inflation", "ois")}
    for source, names in stems.items():
        rows = [
            {"series_id": f"{source}:{name}:{tenor}", "period": day, "value": 4.0 + at / 10}
            | {"unit": curve_rows.UNIT, "is_forecast": False, "known_at": known, "source": source}
            for name in names
            for at, tenor in enumerate(("5y", "10y", "30y"))
        ]
        world.put(lake, "macro", rows)
    app = browse.visit(held, "curves", as_of=iso(known), curve="uk")
    assert not app.exception
    assert app.selectbox(key="curves_curve").options == [
        "US Treasury, nominal",
        "US Treasury, real",
        "UK gilts, nominal",
        "UK gilts, real",
        "UK implied inflation",
        "UK overnight swaps",
    ]
    assert "positive since" in panel(app, "Slopes")
    assert "10y breakeven" in browse.text(app)


def test_the_real_curve_has_no_breakeven_of_its_own(settings: Settings) -> None:
    nominal = browse.text(browse.visit(settings, "curves"))
    assert "10y breakeven" in nominal
    assert "2.10 %" in nominal
    real = browse.visit(settings, "curves", curve="us-real")
    assert not real.exception
    assert "breakeven" not in browse.text(real)


def test_a_clock_before_all_curves_and_an_empty_lake_are_said(
    settings: Settings, tmp_path: Path
) -> None:
    app = browse.visit(settings, "curves", as_of="2001-01-01T00:00:00Z")
    assert any("Nothing of macro was known at" in said for said in browse.sentences(app))
    held = world.settings(tmp_path)
    app = browse.visit(held, "curves")
    assert not app.exception
    assert any("macro: no rows yet." in said for said in browse.sentences(app))
    other = curve_rows.macro("demo", days()[:1])[0] | {"series_id": "demo:CPI:USA"}
    world.put(Lake(held.lake, workspace=held.workspace), "macro", [other])
    app = browse.visit(held, "curves")
    assert any("This workspace holds no yield curve." in said for said in browse.sentences(app))
    assert not app.get("plotly_chart")


def test_curves_that_are_damaged_on_the_disk_are_not_called_unknown(tmp_path: Path) -> None:
    held = world.build(tmp_path)
    for file in (held.lake / "macro").rglob("*.parquet"):
        file.write_bytes(file.read_bytes()[:60])
    said = browse.sentences(browse.visit(held, "curves"))
    assert any("damaged on the disk" in text for text in said)


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("1d", date(2024, 3, 30)),
        ("1w", date(2024, 3, 24)),
        ("1m", date(2024, 2, 29)),
        ("3m", date(2023, 12, 31)),
        ("1y", date(2023, 3, 31)),
        ("5y", date(2019, 3, 31)),
        ("2020-03-16", date(2020, 3, 16)),
    ],
)
def test_a_distance_is_of_the_calendar(word: str, day: date) -> None:
    assert goal(word, date(2024, 3, 31)) == day


def test_cells_without_a_value_are_hatched_and_others_are_not() -> None:
    weeks = [date(2024, 3, 4) + timedelta(days=7 * n) for n in range(4)]
    values = {"2y": [4.0, None, None, 4.3], "10y": [4.1, 4.0, 0.0, -0.2]}
    rows = [
        {"start": week, "period": week, "tenor": tenor, "months": months, "value": values[tenor][n]}
        for n, week in enumerate(weeks)
        for tenor, months in (("2y", 24.0), ("10y", 120.0))
    ]
    heat, hatched = surface(pl.DataFrame(rows), PAINT, "week").to_dict()["data"]
    assert [list(row) for row in heat["z"]] == list(values.values())
    assert list(heat["x"]) == [*weeks, weeks[-1] + timedelta(days=7)]
    assert list(hatched["y"]) == ["2y"]
    assert list(hatched["base"]) == [weeks[1]]
    assert list(hatched["x"]) == [14 * 86_400_000]
    assert hatched["marker"]["pattern"]["shape"] == "/"
    whole = pl.DataFrame(rows).filter(pl.col("tenor") == "10y")
    assert len(surface(whole, PAINT, "week").to_dict()["data"]) == 1


def test_lines_of_several_days_differ_by_more_than_colour() -> None:
    frame = pl.DataFrame(
        [
            {"name": name, "tenor": tenor, "months": months, "value": 1.0}
            for name in ("a", "b", "c", "d", "e", "f")
            for tenor, months in (("2y", 24.0), ("10y", 120.0))
        ]
    )
    drawn = yield_curves(frame, PAINT).to_dict()["data"]
    looks = {(line["line"]["color"], line["line"]["dash"]) for line in drawn}
    assert len(looks) == len({line["line"]["dash"] for line in drawn}) == 6
