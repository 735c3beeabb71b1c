"""First prints, revisions and growth inside one vintage, by hand and on real vintages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.macro.prints import (
    forecasts,
    revision_statistics,
    revision_triangle,
    series_course,
    series_history,
    series_prints,
    shown_unit,
    side_by_side,
)
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def noon(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)


def prints(period: str, *values: tuple[str, float | None], **other: Any) -> list[dict[str, Any]]:
    """Vintages of one period: the day on which each came out, and what it said."""
    return [
        {
            "series_id": "s:X",
            "period": date.fromisoformat(period),
            "value": value,
            "unit": "index",
            "is_forecast": False,
            "known_at": noon(day),
            "vintage_grade": "native",
            "source": "office",
        }
        | other
        for day, value in values
    ]


def keep(lake: Lake, *parts: list[dict[str, Any]]) -> None:
    rows = [row for part in parts for row in part]
    types = {"value": pl.Float64, "known_at": pl.Datetime("us", "UTC")}
    lake.upsert("macro", pl.DataFrame(rows, infer_schema_length=None, schema_overrides=types))


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    """Three months of an index; January is revised twice, February once."""
    keep(
        lake,
        prints("2020-01-01", ("2020-02-15", 100.0), ("2020-03-15", 102.0), ("2020-04-15", 104.0)),
        prints("2020-02-01", ("2020-03-15", 103.0), ("2020-04-15", 105.0)),
        prints("2020-03-01", ("2020-04-15", 110.0)),
    )
    return db.at(LATER)


def test_growth_is_taken_inside_one_vintage(at: At) -> None:
    frame = series_prints(at, series="s:X", frequency="monthly", measure="growth").frame
    february = frame.filter(pl.col("period") == date(2020, 2, 1))["value"].to_list()
    # Against January as of the same day: 102 in March, 104 in April, never the first print.
    assert february == pytest.approx([100 * (103 / 102 - 1), 100 * (105 / 104 - 1)])
    assert frame.filter(pl.col("period") == date(2020, 1, 1))["value"].null_count() == 3


def test_first_print_and_the_clocks(at: At, db: Db) -> None:
    frame = series_history(at, series="s:X", frequency="monthly").frame
    assert frame["first"].to_list() == [100.0, 103.0, 110.0]
    assert frame["value"].to_list() == [104.0, 105.0, 110.0]
    assert frame["revision"].to_list() == [4.0, 2.0, 0.0]
    assert frame["prints"].to_list() == [3, 2, 1]
    assert frame["end"].to_list() == [date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31)]
    then = series_history(db.at(noon("2020-04-14")), series="s:X", frequency="monthly").frame
    assert then["value"].to_list() == [102.0, 103.0]


def test_a_change_is_of_the_clocks_vintage_and_the_firsts_own(at: At) -> None:
    frame = series_history(at, series="s:X", frequency="monthly", measure="change").frame
    assert frame["value"].to_list() == [None, 1.0, 5.0]  # 105 - 104, 110 - 105
    assert frame["first"].to_list() == [None, 1.0, 5.0]  # 103 - 102 as of March
    annual = series_history(at, series="s:X", frequency="monthly", measure="annualised").frame
    assert annual["value"][2] == pytest.approx(100 * ((110 / 105) ** 12 - 1))


def test_revisions_by_hand(at: At) -> None:
    rows = {
        row["until"]: row
        for row in revision_statistics(at, series="s:X", frequency="monthly").frame.to_dicts()
    }
    assert rows["second"]["pairs"] == 2
    assert rows["second"]["mean"] == pytest.approx(2.0)
    assert rows["third"]["mean"] == pytest.approx(4.0)
    assert rows["clock"]["mean"] == pytest.approx(3.0)
    assert rows["clock"]["size"] == pytest.approx(3.0)
    assert rows["clock"]["deviation"] == pytest.approx(2**0.5)
    assert rows["clock"]["turned"] == 0.0


def test_a_sign_that_turned_is_counted(lake: Lake, db: Db) -> None:
    keep(
        lake,
        prints("2020-01-01", ("2020-02-15", -0.2), ("2020-03-15", 0.1)),
        prints("2020-02-01", ("2020-03-15", 0.3), ("2020-04-15", 0.4)),
    )
    rows = revision_statistics(db.at(LATER), series="s:X", frequency="monthly").frame
    assert rows.filter(pl.col("until") == "second")["turned"].to_list() == [0.5]
    assert rows.filter(pl.col("until") == "second")["mean"].item() == pytest.approx(0.2)


def test_a_rebasing_is_no_revision(lake: Lake, db: Db) -> None:
    keep(
        lake,
        prints("2020-01-01", ("2020-02-15", 200.0)),
        prints("2020-01-01", ("2020-03-15", 100.0), unit="index, 2020 = 100"),
        prints("2020-02-01", ("2020-03-15", 101.0), unit="index, 2020 = 100"),
    )
    at = db.at(LATER)
    frame = series_history(at, series="s:X", frequency="monthly").frame
    assert frame["revision"].to_list() == [None, 0.0]
    growth = series_history(at, series="s:X", frequency="monthly", measure="growth").frame
    assert growth["value"].to_list() == [None, pytest.approx(1.0)]
    triangle = revision_triangle(at, series="s:X", frequency="monthly").frame
    assert triangle["rebased"].to_list() == [None, 2]
    counted = revision_statistics(at, series="s:X", frequency="monthly").frame
    assert counted.filter(pl.col("until") == "second")["rebased"].to_list() == [1]
    assert counted.filter(pl.col("until") == "second")["mean"].to_list() == [None]


def test_what_is_in_percent_moves_by_points(lake: Lake, db: Db) -> None:
    keep(
        lake,
        prints("2020-01-01", ("2020-02-15", 4.0), unit="percent"),
        prints("2020-02-01", ("2020-03-15", 5.0), unit="percent"),
    )
    frame = series_history(db.at(LATER), series="s:X", frequency="monthly", measure="growth").frame
    assert frame["value"].to_list() == [None, 1.0]
    assert shown_unit("percent", "growth") == "percentage points on the period before"
    assert shown_unit("index", "year") == "percent on the year"


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_no_ratio_of_what_is_not_positive(lake: Lake, db: Db, value: float) -> None:
    keep(
        lake,
        prints("2020-01-01", ("2020-02-15", value)),
        prints("2020-02-01", ("2020-03-15", 5.0)),
    )
    for measure in ("growth", "annualised", "index"):
        frame = series_history(
            db.at(LATER), series="s:X", frequency="monthly", measure=measure
        ).frame
        assert frame["value"][-1] is None


def test_a_missing_period_is_no_base(lake: Lake, db: Db) -> None:
    keep(
        lake,
        prints("2020-01-01", ("2020-02-15", 4.0)),
        prints("2020-03-01", ("2020-04-15", 5.0)),
    )
    frame = series_history(db.at(LATER), series="s:X", frequency="monthly", measure="change").frame
    assert frame["value"].to_list() == [None, None]


def test_without_periods_of_its_own_the_last_decision_counts(lake: Lake, db: Db) -> None:
    days = ("2019-01-10", "2019-06-20", "2020-02-01")
    keep(
        lake,
        *(
            prints(day, (day, rate), unit="percent")
            for day, rate in zip(days, (1.0, 2.0, 1.5), strict=True)
        ),
    )
    at = db.at(LATER)
    change = series_history(at, series="s:X", measure="change").frame
    assert change["value"].to_list() == [None, 1.0, -0.5]
    year = series_history(at, series="s:X", measure="year").frame
    assert year["value"].to_list() == [None, None, 0.5]  # against January 2019


def test_a_forecast_is_never_history(lake: Lake, db: Db) -> None:
    keep(
        lake,
        prints("2020-01-01", ("2020-02-15", 4.0)),
        prints("2021-01-01", ("2020-02-15", 9.0), is_forecast=True),
    )
    at = db.at(LATER)
    assert series_history(at, series="s:X", frequency="annual").frame["value"].to_list() == [4.0]
    ahead = forecasts(at, series="s:X", frequency="annual").frame
    assert ahead["value"].to_list() == [9.0]
    whole = series_course(at, series="s:X", frequency="annual")
    assert whole.frame.select("value", "is_forecast").rows() == [(4.0, False), (9.0, True)]
    assert len(whole.asked) == 1  # both are cut from one query, which the receipt has once
    grown = series_course(at, series="s:X", frequency="annual", measure="growth").frame
    assert not grown["is_forecast"].any()
    keep(lake, prints("2021-01-01", ("2022-02-15", 7.0)))
    assert forecasts(db.at(LATER), series="s:X", frequency="annual").frame.is_empty()


@pytest.mark.parametrize("values", [[None], [None, None, None], [3.0], [3.0] * 20])
def test_poor_series_have_no_score(lake: Lake, db: Db, values: list[float | None]) -> None:
    months = [date(2018 + number // 12, number % 12 + 1, 1) for number in range(len(values))]
    keep(
        lake,
        *(
            prints(str(month), (str(month + timedelta(days=45)), value))
            for month, value in zip(months, values, strict=True)
        ),
    )
    at = db.at(LATER)
    z = series_history(at, series="s:X", frequency="monthly", measure="z").frame
    assert z.height == len(values)
    assert z["value"].null_count() == len(values)
    assert revision_statistics(at, series="s:X", frequency="monthly").frame["pairs"].sum() == 0


def test_common_periods_are_means_of_most_of_their_values(lake: Lake, db: Db) -> None:
    months = [
        prints(f"2020-{month:02d}-01", (f"2020-{month + 1:02d}-15", float(month)))
        for month in range(1, 6)
    ]
    quarter = prints("2020-01-01", ("2020-05-15", 7.0), series_id="s:Q")
    keep(lake, *months, quarter)
    frame = side_by_side(
        db.at(LATER), series=["s:X", "s:Q"], frequencies=["monthly", "quarterly"], align="quarterly"
    ).frame
    shown = frame.select("series_id", "end", "value").rows()
    assert shown == [
        ("s:X", date(2020, 3, 31), 2.0),
        ("s:X", date(2020, 6, 30), 4.5),
        ("s:Q", date(2020, 3, 31), 7.0),
    ]
    with pytest.raises(ConfigError, match="expected own or one of"):
        side_by_side(db.at(LATER), series=["s:X"], frequencies=["monthly"], align="hourly")
    with pytest.raises(ConfigError, match="1 series but 0 frequencies"):
        side_by_side(db.at(LATER), series=["s:X"], frequencies=[])


def test_an_unknown_measure_is_one_sentence(at: At) -> None:
    with pytest.raises(ConfigError, match="expected one of level, change"):
        series_history(at, series="s:X", measure="logarithm")


def test_what_comes_later_changes_nothing_earlier(at: At, lake: Lake, db: Db) -> None:
    clock = db.at(noon("2020-04-14"))
    before = [
        analytic(clock, series="s:X", frequency="monthly", measure="growth").frame
        for analytic in (series_history, series_prints, revision_triangle, revision_statistics)
    ]
    keep(
        lake, prints("2020-02-01", ("2020-05-15", 999.0)), prints("2020-04-01", ("2020-05-15", 1.0))
    )
    again = db.at(noon("2020-04-14"))
    after = [
        analytic(again, series="s:X", frequency="monthly", measure="growth").frame
        for analytic in (series_history, series_prints, revision_triangle, revision_statistics)
    ]
    assert all(old.equals(new) for old, new in zip(before, after, strict=True))


@pytest.mark.needs("shared")
class TestRealVintages:
    """American vintages of 2016 and of real GDP."""

    def held(self, lake: Lake, shared: Path, name: str, columns: dict[str, str]) -> None:
        file = pl.read_csv(shared / "real" / name, try_parse_dates=True)
        known = pl.col(columns["vintage"]).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        lake.upsert(
            "macro",
            file.select(
                pl.col(columns["series"]).alias("series_id"),
                pl.col(columns["period"]).alias("period"),
                "value",
                pl.lit("level").alias("unit"),
                pl.lit(False).alias("is_forecast"),
                known.alias("known_at"),
                pl.lit("native").alias("vintage_grade"),
                pl.lit("real").alias("source"),
            ),
        )

    @pytest.mark.parametrize(
        ("clock", "value"),
        [
            ("2016-09-01", None),
            ("2016-09-05", 144_598.0),
            ("2016-10-31", 144_591.0),
            ("2016-11-30", 144_600.0),
        ],
    )
    def test_payrolls_as_they_were_known(
        self, lake: Lake, db: Db, shared: Path, clock: str, value: float | None
    ) -> None:
        columns = {"series": "series_id", "period": "ref_date", "vintage": "vintage_date"}
        self.held(lake, shared, "us_vintages_2016.csv", columns)
        history = series_history(db.at(noon(clock)), series="PAYEMS", frequency="monthly").frame
        august = history.filter(pl.col("period") == date(2016, 8, 1))
        assert august["value"].to_list() == ([] if value is None else [value])
        assert august["first"].to_list() == ([] if value is None else [144_598.0])

    def test_a_change_of_real_gdp_never_crosses_a_benchmark(
        self, lake: Lake, db: Db, shared: Path
    ) -> None:
        """Growth of each quarter's first print, against a plain loop over the file."""
        columns = {"series": "id", "period": "time", "vintage": "pub_date"}
        self.held(lake, shared, "gdp_vintages_us.csv", columns)
        file = pl.read_csv(shared / "real" / "gdp_vintages_us.csv", try_parse_dates=True)
        rows = file.select("time", "pub_date", "value").rows()

        def known(period: date, day: date) -> float | None:
            found = [(seen, value) for at, seen, value in rows if at == period and seen <= day]
            return max(found)[1] if found else None

        history = series_history(
            db.at(LATER), series="US", frequency="quarterly", measure="growth"
        ).frame
        quarters = sorted({row[0] for row in rows})
        assert len(quarters) > 100
        for before, period in zip(quarters[60:], quarters[61:], strict=False):
            day = min(seen for at, seen, _ in rows if at == period)
            base, value = known(before, day), known(period, day)
            assert base
            assert value
            said = history.filter(pl.col("period") == period)["first"].item()
            assert said == pytest.approx(100 * (value / base - 1))
