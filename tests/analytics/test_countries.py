"""Countries by hand: ranks in their past and among peers, means by people, what is not compared."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from analytics.macro.countries import (
    countries_compared,
    country_profile,
    group_means,
    indicator_ranking,
)
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db

START = datetime(2000, 1, 1, tzinfo=UTC)
PEOPLE = {
    "AAA": (10.0, "North"),
    "BBB": (30.0, "North"),
    "CCC": (None, "South"),
    "DDD": (60.0, "South"),
}
VALUES = {
    "AAA": [1.0, 2.0, 3.0],
    "BBB": [5.0, 5.0, 5.0],
    "CCC": [9.0, 8.0, 7.0],
    "DDD": [None, None],
}


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def keep(lake: Lake, *, unit: str = "percent", own_units: bool = False) -> None:
    """One annual indicator of four countries; the last has no value."""
    units = {code: f"{unit} {code}" if own_units else unit for code in PEOPLE}
    lake.upsert(
        "countries",
        pl.DataFrame(
            [
                {
                    "country": code,
                    "iso2": code[:2],
                    "iso_numeric": number,
                    "name": f"Land {code}",
                    "region": region,
                    "population": people,
                    "known_at": START,
                    "vintage_grade": "native",
                    "source": "office",
                }
                for number, (code, (people, region)) in enumerate(PEOPLE.items(), 1)
            ],
            schema_overrides={"iso_numeric": pl.Int32, "population": pl.Float64},
        )
        .with_columns(
            pl.lit(None, pl.String).alias(name)
            for name in ("income_group", "currency", "capital", "timezone")
        )
        .with_columns(pl.lit(None, pl.Float64).alias("area_km2")),
    )
    lake.upsert(
        "series",
        pl.DataFrame(
            [
                {
                    "series_id": f"s:{code}",
                    "indicator": "X",
                    "title": f"X of {code}",
                    "country": code,
                    "frequency": "annual",
                    "unit": units[code],
                    "adjustment": "nsa",
                    "dimension": "growth",
                    "direction": 1,
                    "timezone": "UTC",
                    "known_at": START,
                    "vintage_grade": "native",
                    "source": "office",
                }
                for code in PEOPLE
            ],
            schema_overrides={"direction": pl.Int32},
        ),
    )
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                {
                    "series_id": f"s:{code}",
                    "period": date(2010 + n, 1, 1),
                    "value": value,
                    "unit": units[code],
                    "is_forecast": False,
                    "known_at": noon(date(2011 + n, 6, 1)),
                    "vintage_grade": "native",
                    "source": "office",
                }
                for code, values in VALUES.items()
                for n, value in enumerate(values)
            ],
            schema_overrides={"value": pl.Float64},
        ),
    )


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    keep(lake)
    return db.at(datetime(2020, 1, 1, tzinfo=UTC))


def test_ranks_in_the_past_and_among_peers(at: At) -> None:
    frame = indicator_ranking(at, indicator="X").frame
    assert frame["country"].to_list() == ["CCC", "BBB", "AAA"]
    assert frame["value"].to_list() == [7.0, 5.0, 3.0]
    assert frame["change"].to_list() == [-1.0, 0.0, 1.0]
    # Below, and half of the equal: least of three, all equal, most of three.
    assert frame["in_past"].to_list() == pytest.approx([0.5 / 3, 0.5, 2.5 / 3])
    assert frame["among_peers"].to_list() == pytest.approx([2.5 / 3, 1.5 / 3, 0.5 / 3])
    assert frame["path"].to_list()[2] == [1.0, 2.0, 3.0]


def test_at_an_earlier_clock_the_year_was_not_known(at: At, db: Db) -> None:
    frame = indicator_ranking(db.at(noon(date(2013, 5, 31))), indicator="X").frame
    assert frame["value"].to_list() == [8.0, 5.0, 2.0]
    assert indicator_ranking(db.at(noon(date(1999, 1, 1))), indicator="X").frame.is_empty()


@pytest.mark.parametrize(
    ("unit", "wanted"), [("percent", [1.0, 0.0, -1.0]), ("index", [50.0, 0.0, -12.5])]
)
def test_the_change_on_the_year_is_in_points_or_percent(
    lake: Lake, db: Db, unit: str, wanted: list[float]
) -> None:
    keep(lake, unit=unit)
    at = db.at(datetime(2020, 1, 1, tzinfo=UTC))
    frame = indicator_ranking(at, indicator="X", yearly=True).frame
    assert frame["value"].to_list() == pytest.approx(wanted)


def test_means_by_people_and_who_is_covered(at: At) -> None:
    rows = {row["group"]: row for row in group_means(at, indicator="X").frame.to_dicts()}
    assert rows["North"]["mean"] == pytest.approx((10 * 3 + 30 * 5) / 40)
    assert rows["North"]["covered"] == 1.0
    assert rows["South"]["mean"] is None  # the only one with a value has no known population
    assert rows["South"]["unweighted"] == 1
    assert rows["South"]["covered"] == 0.0
    assert rows["World"]["mean"] == pytest.approx((10 * 3 + 30 * 5) / 40)
    assert rows["World"]["covered"] == pytest.approx(40 / 100)
    assert rows["World"]["median"] == 5.0


@pytest.mark.parametrize(
    ("unit", "own"), [("billion units of national currency", False), ("index", True)]
)
def test_what_shares_no_unit_is_not_compared(lake: Lake, db: Db, unit: str, own: bool) -> None:
    keep(lake, unit=unit, own_units=own)
    at = db.at(datetime(2020, 1, 1, tzinfo=UTC))
    frame = indicator_ranking(at, indicator="X").frame
    assert frame["among_peers"].null_count() == frame.height == 3
    assert group_means(at, indicator="X").frame.is_empty()


def test_a_profile_keeps_its_peers(at: At) -> None:
    (row,) = country_profile(at, country="BBB").frame.to_dicts()
    assert (row["indicator"], row["peers"]) == ("X", 3)
    assert row["among_peers"] == pytest.approx(0.5)
    assert country_profile(at, country="ZZZ").frame.is_empty()


def test_forecasts_stand_apart(at: At, lake: Lake, db: Db) -> None:
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                {
                    "series_id": "s:AAA",
                    "period": date(2021, 1, 1),
                    "value": 4.0,
                    "unit": "percent",
                    "is_forecast": True,
                    "known_at": noon(date(2015, 1, 1)),
                    "vintage_grade": "native",
                    "source": "office",
                }
            ]
        ),
    )
    now = db.at(datetime(2020, 1, 1, tzinfo=UTC))
    frame = countries_compared(now, series=["s:AAA", "s:BBB"], frequencies=["annual"] * 2).frame
    assert frame.filter("is_forecast")["value"].to_list() == [4.0]
    assert frame.filter(~pl.col("is_forecast")).height == 6
    assert indicator_ranking(now, indicator="X").frame["value"].max() == 7.0
    with pytest.raises(ConfigError, match="expected 1 to 8"):
        countries_compared(now, series=["s:AAA"] * 9, frequencies=["annual"] * 9)
