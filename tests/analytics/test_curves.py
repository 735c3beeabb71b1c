"""Yield curves against published values and the Treasury's own file, and what they must not do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.core.catalogue import find, function_named
from analytics.curves import curves
from analytics.curves.definitions import curves as definitions
from analytics.curves.definitions import ladder
from data.errors import ConfigError
from data.lake import Lake
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from ingest.sources.us_treasury import SOURCE
from tests.demo_fixture import DemoLake
from tests.ingest.macro_replies import recorded

YEAR = "us_treasury/DailyTreasuryYieldCurveRateData_2020.xml"
EVENING = datetime(2020, 3, 16, 22, tzinfo=UTC)  # 18:00 in New York


def yields(*rows: tuple[str, str, float | None], **more: Any) -> pl.DataFrame:
    """Rows of tenor, day and yield of the nominal curve, or of another stem."""
    stem = more.pop("stem", "us_treasury:par")
    return pl.DataFrame(
        [
            {
                "series_id": f"{stem}:{tenor}",
                "period": date.fromisoformat(day),
                "value": value,
                "unit": "percent per year",
                "is_forecast": False,
                "source": "us_treasury",
                "vintage_grade": "lagged",
                "known_at": datetime.fromisoformat(f"{day}T23:00:00+00:00"),
            }
            | more
            for tenor, day, value in rows
        ]
    )


@pytest.fixture
def treasury(lake: Lake, db: Db, shared: Path) -> Db:
    """The yields of the first half of 2020 as the Treasury published them."""
    for name, table in SOURCE.parse(recorded(shared, YEAR)).tables.items():
        lake.upsert(name, table)
    return db


@pytest.mark.needs("shared")
def test_the_curve_of_a_day_is_the_treasurys(treasury: Db) -> None:
    """Read by hand from the file: the 16th of March, and the 14th of February a month before."""
    found = curves.curve_on(treasury.at(EVENING), curve="us", dates=["2020-02-16"]).frame
    today = found.filter(pl.col("wanted").is_null())
    assert dict(today.select("tenor", "value").iter_rows()) == {
        "1m": 0.25,
        "2m": 0.25,
        "3m": 0.24,
        "6m": 0.29,
        "1y": 0.29,
        "2y": 0.36,
        "3y": 0.43,
        "5y": 0.49,
        "7y": 0.67,
        "10y": 0.73,
        "20y": 1.10,
        "30y": 1.34,
    }
    assert set(today["period"]) == {date(2020, 3, 16)}
    before = found.filter(pl.col("wanted") == date(2020, 2, 16))
    assert set(before["period"]) == {date(2020, 2, 14)}
    assert dict(before.select("tenor", "value").iter_rows())["10y"] == 1.59


@pytest.mark.needs("shared")
def test_changes_are_basis_points_worked_out_by_hand(treasury: Db) -> None:
    """Against the 13th and 9th of March and the 14th of February; a year before has no file."""
    found = curves.curve_changes(treasury.at(EVENING), curve="us").frame
    steps = ("value", "day_bp", "week_bp", "month_bp", "year_bp")
    rows = {row[0]: row[1:] for row in found.select("tenor", *steps).iter_rows()}
    assert rows["2y"] == (0.36, -13.0, -2.0, -106.0, None)
    assert rows["10y"] == (0.73, -21.0, 19.0, -86.0, None)
    assert rows["30y"] == (1.34, -22.0, 35.0, -70.0, None)
    bases = found.select("day_base", "week_base", "month_base", "year_base").row(0)
    assert bases == (date(2020, 3, 13), date(2020, 3, 9), date(2020, 2, 14), None)
    assert found["tenor"].to_list() == [
        "1m",
        "2m",
        "3m",
        "6m",
        "1y",
        "2y",
        "3y",
        "5y",
        "7y",
        "10y",
        "20y",
        "30y",
    ]


@pytest.mark.needs("shared")
def test_slopes_are_those_that_fred_publishes(treasury: Db) -> None:
    """T10Y2Y and T10Y3M in percentage points, as FRED has them of these days."""
    found = curves.curve_slopes(treasury.at(EVENING), curve="us").frame
    ours = {(row["slope"], str(row["period"])): row["bp"] for row in found.iter_rows(named=True)}
    published = {
        ("10y-2y", "2020-01-02"): 0.30,
        ("10y-2y", "2020-03-09"): 0.16,
        ("10y-2y", "2020-03-16"): 0.37,
        ("10y-3m", "2020-01-02"): 0.34,
        ("10y-3m", "2020-01-31"): -0.04,
        ("10y-3m", "2020-02-18"): -0.03,
        ("10y-3m", "2020-03-03"): 0.07,
    }
    assert {key: ours[key] for key in published} == {
        key: round(100 * value, 6) for key, value in published.items()
    }


@pytest.mark.needs("shared")
def test_inversion_is_dated_from_the_first_day_of_its_run(treasury: Db) -> None:
    """The ten-year fell below the three-month for the last time in 2020 from 18 February on."""
    at = treasury.at(datetime(2020, 2, 28, 23, tzinfo=UTC))
    rows = {row["slope"]: row for row in curves.slope_summary(at, curve="us").frame.to_dicts()}
    bill = rows["10y-3m"]
    assert (bill["bp"], bill["is_inverted"], bill["since"]) == (-14.0, True, date(2020, 2, 18))
    assert rows["10y-2y"]["is_inverted"] is False
    assert rows["10y-2y"]["since"] == date(2020, 1, 2)
    after = curves.slope_summary(treasury.at(EVENING), curve="us").frame
    assert after.filter(slope="10y-3m")["since"].to_list() == [date(2020, 3, 3)]


@pytest.mark.needs("shared")
def test_nothing_is_known_before_six_in_new_york(treasury: Db) -> None:
    before = treasury.at(EVENING - timedelta(microseconds=1))
    for name in ("curve_on", "curve_changes"):
        frame = find(name).run(before, {"curve": "us"}).frame
        assert set(frame["period"]) == {date(2020, 3, 13)}, name
    assert curves.curves_known(before).frame["last"].to_list() == [date(2020, 3, 13)]
    assert curves.curves_known(treasury.at(EVENING)).frame["last"].to_list() == [date(2020, 3, 16)]


def test_breakevens_are_those_that_fred_publishes(lake: Lake, db: Db) -> None:
    """T10YIE and T5YIE are DGS less DFII of the same day: published values of both and of it."""
    lake.upsert(
        "macro",
        pl.concat(
            [
                yields(("5y", "2003-01-02", 3.05), ("10y", "2003-01-02", 4.07)),
                yields(("10y", "2026-08-24", 4.67), ("10y", "2026-08-25", 4.70)),
                yields(
                    ("5y", "2003-01-02", 1.75),
                    ("10y", "2003-01-02", 2.43),
                    ("10y", "2026-08-24", 2.12),
                    ("10y", "2026-08-25", 2.15),
                    stem="us_treasury:real",
                ),
            ]
        ),
    )
    found = curves.breakevens(db.at(datetime(2026, 8, 26, tzinfo=UTC)), curve="us").frame
    rows = found.drop_nulls("breakeven").select("period", "tenor", "breakeven").rows()
    assert rows == [
        (date(2003, 1, 2), "5y", 1.30),
        (date(2003, 1, 2), "10y", 1.64),
        (date(2026, 8, 24), "10y", 2.55),
        (date(2026, 8, 25), "10y", 2.55),
    ]


def test_yields_of_two_days_are_never_paired(lake: Lake, db: Db) -> None:
    """The ten-year of Thursday and the two-year of Friday make no slope, real or nominal."""
    lake.upsert("macro", yields(("10y", "2024-03-07", 4.1), ("2y", "2024-03-08", 4.5)))
    lake.upsert("macro", yields(("10y", "2024-03-08", 1.9), stem="us_treasury:real"))
    at = db.at(datetime(2024, 3, 10, tzinfo=UTC))
    slopes = curves.curve_slopes(at, curve="us").frame
    assert slopes["slope"].unique().to_list() == ["10y-2y"]
    assert slopes["bp"].to_list() == [None, None]
    assert curves.slope_summary(at, curve="us").frame.is_empty()
    assert curves.breakevens(at, curve="us").frame["breakeven"].null_count() == 2
    changes = curves.curve_changes(at, curve="us").frame.select("tenor", "value", "day_bp").rows()
    assert changes == [("2y", 4.5, None), ("10y", None, None)]
    drawn = curves.curve_on(at, curve="us").frame.select("tenor", "period", "value").rows()
    assert drawn == [("2y", date(2024, 3, 8), 4.5), ("10y", date(2024, 3, 8), None)]


def test_a_yield_of_zero_is_a_yield_and_a_withdrawn_one_is_none(lake: Lake, db: Db) -> None:
    lake.upsert("macro", yields(("2y", "2024-03-07", 0.0), ("10y", "2024-03-07", -0.25)))
    at = db.at(datetime(2024, 3, 8, tzinfo=UTC))
    assert curves.slope_summary(at, curve="us").frame["bp"].to_list() == [-25.0]
    later = datetime(2024, 3, 9, tzinfo=UTC)
    lake.upsert("macro", yields(("10y", "2024-03-07", None), known_at=later))
    assert curves.slope_summary(db.at(later), curve="us").frame.is_empty()
    assert curves.slope_summary(at, curve="us").frame["bp"].to_list() == [-25.0]


def test_a_slope_of_an_earlier_day_does_not_stand_for_today(lake: Lake, db: Db) -> None:
    """From 2002 to 2006 there was no 30-year; what it was before says nothing of the day."""
    lake.upsert("macro", yields(("2y", "2002-02-14", 3.0), ("5y", "2002-02-14", 4.3)))
    lake.upsert("macro", yields(("10y", "2002-02-14", 4.9), ("30y", "2002-02-14", 5.4)))
    lake.upsert("macro", yields(("2y", "2005-02-14", 3.3), ("5y", "2005-02-14", 3.7)))
    lake.upsert("macro", yields(("10y", "2005-02-14", 4.1)))
    at = db.at(datetime(2005, 2, 15, tzinfo=UTC))
    found = curves.slope_summary(at, curve="us").frame
    assert found.select("slope", "period", "bp", "since", "lower", "last").rows() == [
        ("10y-2y", date(2005, 2, 14), 80.0, date(2002, 2, 14), 0.0, date(2005, 2, 14)),
        ("30y-5y", date(2005, 2, 14), None, None, None, date(2002, 2, 14)),
    ]


def test_an_old_curve_does_not_stand_for_a_date(lake: Lake, db: Db) -> None:
    lake.upsert("macro", yields(("10y", "2024-01-02", 4.0), ("10y", "2024-03-08", 4.2)))
    at = db.at(datetime(2024, 3, 10, tzinfo=UTC))
    found = curves.curve_on(at, curve="us", dates=["2024-01-11", "2024-01-12"]).frame
    assert found["wanted"].to_list() == [None, date(2024, 1, 11)]
    changes = curves.curve_changes(at, curve="us").frame
    assert changes.select("day_bp", "week_bp", "month_bp").row(0) == (None, None, None)


def test_weeks_show_their_last_day_and_empty_ones_are_seen(lake: Lake, db: Db) -> None:
    """Nothing is averaged, and a week without a curve has cells without a value."""
    lake.upsert(
        "macro",
        yields(
            ("2y", "2024-03-04", 4.0),
            ("2y", "2024-03-06", 4.4),
            ("10y", "2024-03-06", 4.2),
            ("2y", "2024-03-22", 4.6),
        ),
    )
    at = db.at(datetime(2024, 3, 30, tzinfo=UTC))
    found = curves.curve_surface(at, curve="us", step="week").frame
    assert found.select("start", "period", "tenor", "value").rows() == [
        (date(2024, 3, 4), date(2024, 3, 6), "2y", 4.4),
        (date(2024, 3, 4), date(2024, 3, 6), "10y", 4.2),
        (date(2024, 3, 11), None, "2y", None),
        (date(2024, 3, 11), None, "10y", None),
        (date(2024, 3, 18), date(2024, 3, 22), "2y", 4.6),
        (date(2024, 3, 18), date(2024, 3, 22), "10y", None),
    ]
    monthly = curves.curve_surface(at, curve="us", step="month").frame
    assert monthly.select("start", "period", "tenor", "value").rows() == [
        (date(2024, 3, 1), date(2024, 3, 22), "2y", 4.6),
        (date(2024, 3, 1), date(2024, 3, 22), "10y", None),
    ]


def test_a_forecast_and_another_unit_of_time_are_no_part_of_a_curve(lake: Lake, db: Db) -> None:
    lake.upsert("macro", yields(("10y", "2024-03-08", 4.0)))
    lake.upsert("macro", yields(("2y", "2024-03-08", 9.0), is_forecast=True))
    lake.upsert("macro", yields(("bill4w-close", "2024-03-08", 5.0), stem="us_treasury:bills"))
    at = db.at(datetime(2024, 3, 10, tzinfo=UTC))
    assert curves.curve_on(at, curve="us").frame["tenor"].to_list() == ["10y"]


def test_recessions_are_those_dated_at_the_clock(lake: Lake, db: Db) -> None:
    """The trough of April 2020 was announced in July 2021; before, only the months were known."""
    base = {"series_id": "fred:USREC", "source": "fred", "vintage_grade": "native"}
    first, last = datetime(2020, 6, 8, tzinfo=UTC), datetime(2021, 7, 19, tzinfo=UTC)
    lake.upsert(
        "series",
        pl.DataFrame(
            [
                base
                | {
                    "indicator": "recession",
                    "title": "Recession",
                    "country": "USA",
                    "frequency": "monthly",
                    "unit": "flag 0 or 1",
                    "adjustment": "nsa",
                    "dimension": "growth",
                    "direction": -1,
                    "timezone": "UTC",
                    "known_at": datetime(2020, 1, 1, tzinfo=UTC),
                }
            ]
        ),
    )
    prints = [
        (date(2020, 2, 1), 0.0, first),
        (date(2020, 3, 1), 1.0, first),
        (date(2020, 4, 1), 1.0, first),
        (date(2020, 5, 1), 1.0, first),
        (date(2020, 5, 1), 0.0, last),
    ]
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                base
                | {"period": day, "value": value, "known_at": known, "unit": "flag 0 or 1"}
                | {"is_forecast": False}
                for day, value, known in prints
            ]
        ),
    )

    def months(moment: datetime) -> list[int]:
        found = find("recession_months").run(db.at(moment), {"country": "USA"}).frame
        return [day.month for day in found["period"]]

    assert months(first - timedelta(seconds=1)) == []
    assert months(first) == [3, 4, 5]
    assert months(last) == [3, 4]


def test_every_number_of_the_demo_curves_runs_again(demo_lake: DemoLake) -> None:
    """Receipts are plain queries, and the recorded numbers come back."""
    at = demo_lake.at(datetime(2024, 3, 15, 20, tzinfo=UTC))
    known = curves.curves_known(at).frame["curve"].to_list()
    assert known == ["euro", "us", "us-real"]
    calls: dict[str, dict[str, Any]] = {
        "curve_on": {"dates": ["2023-03-15"]},
        "curve_changes": {},
        "curve_slopes": {"since": date(2024, 1, 1)},
        "slope_summary": {},
        "curve_surface": {"since": date(2023, 1, 1), "step": "month"},
        "breakevens": {"since": date(2024, 1, 1)},
    }
    for name, params in calls.items():
        answer = find(name).run(at, {"curve": "us", **params})
        assert answer.frame.height, name
        assert (answer.frame["known_at"].drop_nulls() <= at.as_of).all(), name
        verdicts = verify(make_receipt(answer), demo_lake.settings.lake, function_named)
        assert [verdict.same for verdict in verdicts] == [True], (name, verdicts)


def test_what_cannot_be_asked_is_said(demo_lake: DemoLake) -> None:
    at: At = demo_lake.at()
    with pytest.raises(ConfigError, match="no yield curve named 'moon'; there are us, us-real"):
        curves.curve_changes(at, curve="moon")
    with pytest.raises(ConfigError, match="expected days like 2020-03-16"):
        curves.curve_on(at, curve="us", dates=["yesterday"])
    with pytest.raises(ConfigError, match="expected one of week, month"):
        curves.curve_surface(at, curve="us", step="year")
    assert curves.breakevens(at, curve="euro").frame.is_empty()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a]\ntitle = 'x'\n", "expected curves with"),
        ("[a\n", "cannot be read"),
        ("{a}tenors = ['2y', '1y']\n", "do not rise"),
        ("{a}tenors = ['soon']\n", "expected one like 3m"),
        ("{a}tenors = ['1y']\nreal = 'b'\n", "which is no curve"),
    ],
)
def test_a_list_that_cannot_be_right_is_refused(tmp_path: Path, text: str, words: str) -> None:
    head = "[a]\ntitle = 'x'\nquoted = 'x'\ncountry = ''\nseries = ['s:{tenor}']\n"
    path = tmp_path / "curves.toml"
    path.write_text(text.replace("{a}", head))
    with pytest.raises(ConfigError, match=words):
        definitions(path)


def test_no_series_belongs_to_two_places() -> None:
    ids = ladder(list(definitions().values()))["series"]
    assert len(ids) == len(set(ids))
    assert "ecb:YC.B.U2.EUR.4F.G_N_A.SV_C_YM.SR_10Y" in ids
