"""FRED and ALFRED: vintages, withdrawals, release times, pages, refusals."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from data.lake import Lake
from data.query import Db
from ingest.jobs import Window
from ingest.sources.fred import SOURCE
from tests.ingest.macro_replies import NOW, held, problem, reply, rows

OBSERVATIONS = "https://api.stlouisfed.org/fred/series/observations?file_type=json&series_id="
WINDOW = "&realtime_start=1776-07-04&realtime_end=9999-12-31"


def answer(observations: list[tuple[str, str, str, str]], **head: object) -> dict[str, Any]:
    """Observations as FRED gives them: start, end, date, value."""
    names = ("realtime_start", "realtime_end", "date", "value")
    return {
        "realtime_start": "1776-07-04",
        "realtime_end": "9999-12-31",
        "units": "lin",
        "output_type": 1,
        "count": len(observations),
        "offset": 0,
        "limit": 100000,
        **head,
        "observations": [
            dict(zip(names, observation, strict=True)) for observation in observations
        ],
    }


# The first print of August 2023 and the seasonal revision of January 2024.
UNRATE = answer(
    [
        ("2023-08-04", "2024-01-04", "2023-07-01", "3.5"),
        ("2023-09-01", "2024-01-04", "2023-08-01", "3.8"),
        ("2024-01-05", "9999-12-31", "2023-08-01", "3.7"),
    ]
)
CPI = answer([("2023-04-12", "9999-12-31", "2023-03-01", "301.808")])


@pytest.fixture
def at(tmp_path: Path) -> Any:
    """A lake with both series, read at a clock."""
    lake = Lake(tmp_path / "lake", workspace="live")
    for series, body in (("UNRATE", UNRATE), ("CPIAUCSL", CPI)):
        made = SOURCE.parse(reply(body, OBSERVATIONS + series + WINDOW))
        lake.upsert("macro", made.tables["macro"], publish_id=series)
    db = Db(tmp_path / "lake", memory_limit_mb=256, threads=1)

    def read(series: str, as_of: datetime) -> list[float]:
        query = "SELECT value FROM macro WHERE series_id = $series ORDER BY period"
        found: list[float] = db.at(as_of).sql(query, series=series).frame["value"].to_list()
        return found

    return read


def test_unemployment_of_august_2023_reads_as_it_was_known(at: Any) -> None:
    assert at("fred:UNRATE", datetime(2023, 9, 1, 12, 29, 59, tzinfo=UTC)) == [3.5]
    assert at("fred:UNRATE", datetime(2023, 10, 1, tzinfo=UTC)) == [3.5, 3.8]
    assert at("fred:UNRATE", datetime(2024, 2, 1, tzinfo=UTC)) == [3.5, 3.7]


def test_prices_of_march_2023_are_invisible_one_second_before_their_release(at: Any) -> None:
    assert at("fred:CPIAUCSL", datetime(2023, 4, 12, 12, 29, 59, tzinfo=UTC)) == []
    assert at("fred:CPIAUCSL", datetime(2023, 4, 12, 12, 30, tzinfo=UTC)) == [301.808]


def test_a_release_in_winter_is_an_hour_later_in_utc() -> None:
    body = answer([("2024-01-05", "9999-12-31", "2023-12-01", "3.7")])
    (row,) = rows(SOURCE, reply(body, OBSERVATIONS + "UNRATE" + WINDOW), "macro")
    assert row["known_at"] == datetime(2024, 1, 5, 13, 30, tzinfo=UTC)
    # The day is FRED's, the hour that of our list.
    assert (row["vintage_grade"], row["unit"]) == ("lagged", "percent of labour force")


def test_a_series_is_dated_by_the_hour_of_its_own_agency() -> None:
    body = answer([("2024-01-17", "9999-12-31", "2023-12-01", "102.5")])
    (row,) = rows(SOURCE, reply(body, OBSERVATIONS + "INDPRO" + WINDOW), "macro")
    assert row["known_at"] == datetime(2024, 1, 17, 14, 15, tzinfo=UTC)


def test_a_window_of_today_is_not_known_before_we_had_it() -> None:
    body = answer([("2026-11-21", "2026-11-21", "2026-10-01", "3.9")])
    url = OBSERVATIONS + "UNRATE&realtime_start=2026-11-21&realtime_end=2026-11-21"
    (row,) = rows(SOURCE, reply(body, url), "macro")
    assert row["known_at"] == NOW
    assert row["vintage_grade"] == "lagged"


def test_a_vintage_of_an_agency_that_is_not_listed_is_known_when_its_day_is_over() -> None:
    body = answer([("2024-07-05", "9999-12-31", "2024-06-01", "3.7")])
    (row,) = rows(SOURCE, reply(body, OBSERVATIONS + "NOSUCHLIST" + WINDOW), "macro")
    assert row["known_at"] == datetime(2024, 7, 6, 4, tzinfo=UTC)
    assert row["vintage_grade"] == "lagged"
    url = OBSERVATIONS + "NOSUCHLIST&output_type=4" + WINDOW
    (print_,) = rows(SOURCE, reply(body | {"output_type": 4}, url), "releases")
    assert (print_["precision"], print_["known_at"]) == ("day", row["known_at"])
    assert print_["scheduled_at"] == datetime(2024, 7, 5, 4, tzinfo=UTC)


def test_a_plain_answer_is_never_native_whatever_dates_it_echoes() -> None:
    body = answer(
        [("2023-09-28", "2023-09-28", "2023-08-01", "3.8")],
        realtime_start="2023-09-28",
        realtime_end="2023-09-28",
    )
    (row,) = rows(SOURCE, reply(body, OBSERVATIONS + "UNRATE"), "macro")
    assert (row["known_at"], row["vintage_grade"]) == (NOW, "snapshot")


def test_a_gap_after_a_value_is_a_withdrawal_and_one_before_it_is_nothing() -> None:
    body = answer(
        [
            ("1992-12-22", "1996-01-18", "1946-01-01", "199.7"),
            ("1996-01-19", "1997-05-06", "1946-01-01", "."),
            ("1991-12-04", "1992-12-21", "1947-01-01", "."),
            ("1992-12-22", "9999-12-31", "1947-01-01", "226.7"),
        ]
    )
    found = rows(SOURCE, reply(body, OBSERVATIONS + "GDP" + WINDOW), "macro")
    assert [(row["period"].year, row["value"]) for row in found] == [
        (1946, 199.7),
        (1946, None),
        (1947, 226.7),
    ]


def test_holidays_and_other_ways_to_say_nothing_are_no_observations() -> None:
    words = [".", "NaN", "", "1.5", "-37.63", "1e-9"]
    body = answer([("2026-03-16",) * 2 + (f"2026-03-{i + 2:02}", w) for i, w in enumerate(words)])
    found = rows(SOURCE, reply(body, OBSERVATIONS + "DCOILWTICO"), "macro")
    assert [row["value"] for row in found] == [1.5, -37.63, 1e-9]


def test_a_stated_lag_dates_a_series_without_vintages() -> None:
    body = answer([("2026-03-16", "2026-03-16", "2026-03-06", "4.1")])
    (row,) = rows(SOURCE, reply(body, OBSERVATIONS + "DGS10"), "macro")
    # A Friday, and two weekdays later 16:15 in New York, which has put its clocks forward.
    assert row["known_at"] == datetime(2026, 3, 10, 20, 15, tzinfo=UTC)
    assert row["vintage_grade"] == "lagged"


def test_a_change_of_a_series_is_a_series_of_its_own() -> None:
    body = answer([("2026-03-16", "2026-03-16", "2025-10-01", "2.1")], units="pca")
    (row,) = rows(SOURCE, reply(body, OBSERVATIONS + "GDPC1&units=pca"), "macro")
    assert (row["series_id"], row["unit"]) == (
        "fred:GDPC1:pca",
        "percent change at annual rate, compounded",
    )
    url = OBSERVATIONS + "DGS10&frequency=m&aggregation_method=eop"
    (row,) = rows(SOURCE, reply(answer([("2026-03-16",) * 2 + ("2026-01-01", "4")]), url), "macro")
    assert row["series_id"] == "fred:DGS10:m-eop"


def test_vintages_in_columns_are_read_like_vintages_in_rows() -> None:
    body = {
        "output_type": 2,
        "units": "lin",
        "observations": [
            {"date": "2023-07-01", "UNRATE_20230901": "3.5", "UNRATE_20240105": "3.5"},
            {"date": "2023-08-01", "UNRATE_20230901": "3.8", "UNRATE_20240105": "3.7"},
            {"date": "2023-12-01", "UNRATE_20230901": ".", "UNRATE_20240105": "3.7"},
        ],
    }
    found = rows(SOURCE, reply(body, OBSERVATIONS + "UNRATE&output_type=2" + WINDOW), "macro")
    august = [row for row in found if row["period"] == date(2023, 8, 1)]
    assert [(r["value"], r["known_at"].date()) for r in august] == [
        (3.8, date(2023, 9, 1)),
        (3.7, date(2024, 1, 5)),
    ]
    assert len([row for row in found if row["period"] == date(2023, 12, 1)]) == 1


def test_layout_order_and_further_fields_do_not_matter() -> None:
    url = OBSERVATIONS + "UNRATE" + WINDOW
    plain = rows(SOURCE, reply(UNRATE, url), "macro")
    turned = {"extra": {"a": [1]}, **dict(reversed(UNRATE.items()))}
    turned["observations"] = [
        dict(reversed(item.items())) | {"flag": "x},{y"} for item in UNRATE["observations"]
    ]
    for text in (
        json.dumps(UNRATE, indent=2),
        json.dumps(UNRATE, separators=(",", ":")),
        "\ufeff" + json.dumps(turned) + "\r\n",
    ):
        assert rows(SOURCE, reply(text, url), "macro") == plain


def test_xml_is_read_like_json() -> None:
    body = (
        '<?xml version="1.0" encoding="utf-8" ?><observations realtime_start="1776-07-04" '
        'realtime_end="9999-12-31" count="1" offset="0" limit="100000" units="lin">'
        '<observation realtime_start="2023-09-01" realtime_end="2024-01-04" date="2023-08-01" '
        'value="3.8"/></observations>'
    )
    (row,) = rows(SOURCE, reply(body, OBSERVATIONS + "UNRATE" + WINDOW), "macro")
    assert (row["value"], row["known_at"]) == (3.8, datetime(2023, 9, 1, 12, 30, tzinfo=UTC))
    error = (
        '<?xml version="1.0"?><error code="400" message="Bad Request.  Variable api_key '
        'is not set."/>'
    )
    assert problem(SOURCE, reply(error, OBSERVATIONS, 400)).problem == "auth"


def test_the_keyless_graph_has_a_column_per_series() -> None:
    body = "observation_date,UNRATE,CPIAUCSL\n2023-08-01,3.7,306.1\n2023-09-01,.,307.3\n"
    found = rows(SOURCE, reply(body, "https://fred.stlouisfed.org/graph/fredgraph.csv"), "macro")
    assert [(row["series_id"], row["value"]) for row in found] == [
        ("fred:CPIAUCSL", 306.1),
        ("fred:CPIAUCSL", 307.3),
        ("fred:UNRATE", 3.7),
    ]


def test_the_second_version_gives_many_series_and_a_cursor() -> None:
    body = {
        "has_more": True,
        "next_cursor": "abc",
        "series": [
            {
                "series_id": "UNRATE",
                "units": "Percent",
                "observations": [{"date": "2023-08-01", "value": "3.8"}],
            }
        ],
    }
    answered = reply(body, "https://api.stlouisfed.org/fred/v2/release/observations?release_id=50")
    (row,) = rows(SOURCE, answered, "macro")
    assert (row["series_id"], row["value"], row["unit"]) == ("fred:UNRATE", 3.8, "Percent")
    (follow,) = SOURCE.parse(answered).follow
    assert follow.params["next_cursor"] == "abc"


def test_pages_follow_until_the_count_is_reached_and_carry_no_key() -> None:
    body = answer([("2026-03-16",) * 2 + ("2026-01-01", "4")], count=250, limit=100, offset=100)
    (follow,) = SOURCE.parse(
        reply(body, OBSERVATIONS + "DGS10&limit=100&api_key=" + "a1" * 16)
    ).follow
    assert follow.params["offset"] == "200"
    assert "api_key" not in follow.params
    last = answer([("2026-03-16",) * 2 + ("2026-01-01", "4")], count=250, limit=100, offset=200)
    assert SOURCE.parse(reply(last, OBSERVATIONS + "DGS10&offset=200")).follow == ()


def test_many_vintages_are_asked_in_windows_that_share_a_day() -> None:
    days = [str(date.fromordinal(730_000 + i)) for i in range(3100)]
    url = "https://api.stlouisfed.org/fred/series/vintagedates?series_id=DGS10&file_type=json"
    body = {"count": 3100, "offset": 0, "limit": 10000, "vintage_dates": days}
    follow = SOURCE.parse(reply(body, url)).follow
    spans = [(call.params["realtime_start"], call.params["realtime_end"]) for call in follow]
    assert spans == [(days[0], days[1500]), (days[1500], days[3000]), (days[3000], "9999-12-31")]


def test_the_calendar_knows_hours_and_what_is_still_to_come() -> None:
    body = {
        "release_dates": [
            {"release_id": 10, "date": "2023-04-12"},
            {"release_id": 10, "date": "2026-12-10"},
            {"release_id": 4242, "date": "2023-04-12"},
        ]
    }
    found = rows(SOURCE, reply(body, "https://api.stlouisfed.org/fred/release/dates"), "releases")
    past, other, ahead = sorted(found, key=lambda row: (row["scheduled_at"].year, row["title"]))
    assert past["scheduled_at"] == datetime(2023, 4, 12, 12, 30, tzinfo=UTC)
    assert (past["status"], past["precision"], past["importance"]) == ("released", "minute", 3)
    assert (ahead["status"], ahead["known_at"]) == ("scheduled", NOW)
    # Only the day is known: it counts as over at midnight in New York.
    assert (other["precision"], other["known_at"]) == ("day", datetime(2023, 4, 13, 4, tzinfo=UTC))


def test_a_day_without_data_is_no_release() -> None:
    dates = [{"release_id": 10, "date": on} for on in ("2026-10-14", "2026-11-12", "2026-12-10")]
    url = "https://api.stlouisfed.org/fred/release/dates?release_id=10"
    asked = "&include_release_dates_with_no_data="
    ahead = rows(SOURCE, reply({"release_dates": dates}, f"{url}{asked}true"), "releases")
    assert [(r["period"], r["status"]) for r in ahead] == [(date(2026, 12, 10), "scheduled")]
    # The days with data are asked for by themselves, and these were released.
    had = rows(SOURCE, reply({"release_dates": dates[:1]}, f"{url}{asked}false"), "releases")
    assert [(r["period"], r["status"]) for r in had] == [(date(2026, 10, 14), "released")]
    over = reply({"release_dates": dates[:2]}, f"{url}{asked}true")
    assert problem(SOURCE, over).problem == "empty"


def test_offsets_of_two_digits_are_read() -> None:
    series = {
        "id": "GDP",
        "title": "GDP",
        "frequency_short": "Q",
        "units": "Billions",
        "seasonal_adjustment_short": "SAAR",
        "realtime_start": "2024-12-19",
        "last_updated": "2024-07-25 07:55:01-05",
    }
    parsed = SOURCE.parse(reply({"seriess": [series]}, "https://x/fred/series?series_id=GDP"))
    assert parsed.note == "last updated 2024-07-25T12:55:01Z"
    (row,) = held(parsed)["series"].to_dicts()
    assert (row["frequency"], row["adjustment"], row["direction"]) == ("quarterly", "sa", 1)


def test_a_renamed_and_rebased_series_has_a_vintage_for_each_description() -> None:
    body = {
        "seriess": [
            {
                "id": "GDPC1",
                "title": "Real GDP",
                "units": f"Billions of Chained {base} Dollars",
                "frequency_short": "Q",
                "seasonal_adjustment_short": "SAAR",
                "realtime_start": start,
            }
            for base, start in (("2012", "2018-07-27"), ("2017", "2023-09-28"))
        ]
    }
    found = rows(SOURCE, reply(body, "https://x/fred/series?series_id=GDPC1" + WINDOW), "series")
    assert [(row["unit"][-12:], row["vintage_grade"]) for row in found] == [
        ("2012 Dollars", "lagged"),
        ("2017 Dollars", "lagged"),
    ]
    # Of a description only the day is known: it is over at midnight in New York.
    assert found[0]["known_at"] == datetime(2018, 7, 28, 4, tzinfo=UTC)


def test_only_dots_are_an_empty_answer() -> None:
    body = answer([("2026-03-16", "2026-03-16", "2026-01-01", ".")])
    assert problem(SOURCE, reply(body, OBSERVATIONS + "DGS10")).problem == "empty"


def test_a_limit_says_how_long_to_wait_and_a_key_is_never_repeated() -> None:
    body = {
        "error_code": 429,
        "error_message": "slow down, api_key=abcdef0123456789abcdef0123456789",
    }
    error = problem(SOURCE, reply(body, OBSERVATIONS, 429, headers={"Retry-After": "30"}))
    assert error.retry_after_s == 30
    assert "abcdef" not in str(error)


def test_without_a_series_in_the_request_nothing_is_filed_under_a_guess() -> None:
    error = problem(SOURCE, reply(UNRATE, "https://api.stlouisfed.org/fred/series/observations"))
    assert "series_id" in str(error)


def test_the_plan_asks_vintages_where_there_are_any() -> None:
    calls = SOURCE.plan(Window(("UNRATE", "DGS10", "USRECD"), NOW))
    assert [(call.url.rpartition("/")[2], call.params.get("realtime_start")) for call in calls] == [
        ("observations", "1776-07-04"),
        ("observations", None),
        ("vintagedates", "1776-07-04"),
    ]
    everything = SOURCE.plan(Window((), NOW))
    assert len(everything) > 40
    assert all(call.params["file_type"] == "json" for call in everything)
    assert not any("api_key" in call.params for call in everything)
    of_release = SOURCE.plan(Window(("release/10", "CPIAUCSL"), NOW, job="fred_series"))
    assert [call.params["series_id"] for call in of_release] == ["CPIAUCSL", "CPIAUCNS", "CPILFESL"]
    calendar = SOURCE.plan(Window((), NOW, job="fred_calendar", since=date(2026, 10, 1)))
    asked = [
        (c.params["release_id"], c.params["include_release_dates_with_no_data"]) for c in calendar
    ]
    assert asked[:2] == [("9", "false"), ("9", "true")]
    assert len(asked) == 2 * len(set(asked) & {(release, "true") for release, _ in asked})


def test_a_negative_price_of_oil_is_kept_and_a_holiday_is_no_price() -> None:
    days = [
        ("2026-11-20", "9999-12-31", day, value)
        for day, value in (
            ("2020-04-10", "."),
            ("2020-04-17", "18.31"),
            ("2020-04-20", "-36.98"),
        )
    ]
    plain = reply(answer(days), OBSERVATIONS + "DCOILWTICO")
    found = [(r["period"], r["value"], r["unit"]) for r in rows(SOURCE, plain, "macro")]
    assert found == [
        (date(2020, 4, 17), 18.31, "USD per barrel"),
        (date(2020, 4, 20), -36.98, "USD per barrel"),
    ]


def test_daily_and_weekly_prices_of_energy_are_on_the_list() -> None:
    wanted = {"DCOILWTICO", "DCOILBRENTEU", "DHHNGSP", "GASREGW"}
    calls = SOURCE.plan(Window((), NOW, job="fred_series"))
    assert wanted <= {call.params.get("series_id") for call in calls}
