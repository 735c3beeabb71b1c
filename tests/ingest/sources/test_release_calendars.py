"""Calendars of releases: zones, folded lines, look-alike titles, and plans that change."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.jobs import Window
from ingest.lists import listed
from ingest.sources.release_calendars import NAME, SOURCE
from tests.ingest.desk import opened
from tests.ingest.macro_replies import NOW, PAGE, held, problem, recorded, reply
from tests.ingest.server import Handler, document, status

URLS = {name: row["url"] for name, row in listed(NAME, "calendar").items()}


def read(body: object, name: str, now: datetime = NOW) -> dict[str, dict[str, Any]]:
    """Rows by what follows the name of the calendar in their id."""
    parsed = SOURCE.parse(reply(body, URLS[name], now=now))
    found = held(parsed)["releases"].to_dicts()
    return {row["series_id"].partition("/")[2]: row for row in found}


def bls(*events: tuple[str, str]) -> str:
    lines = [
        f"BEGIN:VEVENT\r\nDTSTART;TZID=US-Eastern:{at}\r\nSUMMARY:{title}\r\nEND:VEVENT"
        for title, at in events
    ]
    return "\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""])


def test_every_calendar_of_the_list_is_asked_once() -> None:
    calls = SOURCE.plan(Window((), NOW))
    assert [call.url for call in calls] == list(URLS.values())
    (call,) = SOURCE.plan(Window(("eurostat",), NOW))
    assert (call.params["start"], call.params["timeZone"]) == ("2026-10-12T00:00:00Z", "UTC")
    assert {key.partition(": ")[0] for key in listed("release_titles", "release")} == set(URLS)


@pytest.mark.parametrize(
    ("title", "slug", "period"),
    [
        ("Consumer Price Index for September 2026", "consumer_price_index", date(2026, 9, 1)),
        ("GDP (Advance Estimate)\\, 3rd Quarter 2026", "gdp_advance_estimate", date(2026, 7, 1)),
        ("Productivity and Costs for Third Quarter 2026", "productivity_and_costs", None),
        ("Employer Costs for the 2nd Quarter of 2026", "employer_costs", date(2026, 4, 1)),
        ("Consumer Expenditures for 2025", "consumer_expenditures", date(2025, 1, 1)),
        # No period is stated: the month in which it is due.
        ("Work Stoppages", "work_stoppages", date(2026, 12, 1)),
        ("Index for Everybody 2026", "index_for_everybody_2026", date(2026, 12, 1)),
    ],
)
def test_a_title_is_split_from_its_period(title: str, slug: str, period: date | None) -> None:
    (found,) = read(bls((title, "20261214T083000")), "bls").items()
    assert found[0] == slug
    assert found[1]["period"] == (period or date(2026, 7, 1))
    assert found[1]["scheduled_at"] == datetime(2026, 12, 14, 13, 30, tzinfo=UTC)


def test_titles_that_look_alike_are_other_releases() -> None:
    found = read(
        bls(
            ("Employment Situation for November 2026", "20261204T083000"),
            ("Employment Situation of Veterans for 2026", "20261204T100000"),
            ("State Job Openings and Labor Turnover for October 2026", "20261222T100000"),
            ("Consumer Price Index Average Price Data for November 2026", "20261210T083000"),
            ("CONSUMER PRICE INDEX for November 2026", "20261210T083000"),
        ),
        "bls",
    )
    assert {slug: row["importance"] for slug, row in found.items()} == {
        "employment_situation": 3,
        "employment_situation_of_veterans": 1,
        "state_job_openings_and_labor_turnover": 1,
        "consumer_price_index_average_price_data": 1,
        "consumer_price_index": 3,
    }


def test_eleven_of_eurostat_is_eleven_in_brussels() -> None:
    def event(title: str, start: str, period: str = "Q2/2026") -> dict[str, str]:
        return {"title": title, "period": period, "start": start}

    found = read(
        [
            event("Unemployment", "2026-08-19T11:00Z", "July 2026"),
            event("Winter", "2026-12-17T11:00Z"),
            event("True", "2026-08-19T09:00Z", "2026"),
            event("Offset", "2026-08-19T11:00:00+02:00", ""),
        ],
        "eurostat",
    )
    assert {slug: row["scheduled_at"].hour for slug, row in found.items()} == {
        "unemployment": 9,
        "winter": 10,
        "true": 9,
        "offset": 9,
    }
    assert found["unemployment"]["period"] == date(2026, 7, 1)
    assert found["winter"]["period"] == date(2026, 4, 1)
    assert found["true"]["period"] == date(2026, 1, 1)
    assert found["offset"]["period"] == date(2026, 8, 1)


def test_the_fed_ends_a_meeting_on_its_last_day_and_its_other_days_are_each_one() -> None:
    events = [
        {
            "type": "FOMC",
            "title": "FOMC Meeting",
            "month": "2026-12",
            "days": "8, 9",
            "time": "2:00 p.m.",
        },
        {"type": "FOMC", "title": "FOMC Minutes", "month": "2026-12", "days": "30", "time": ""},
        {
            "type": "Beige",
            "title": "Beige Book",
            "month": "2026-12",
            "days": "2, 16",
            "time": "2:00 p.m.",
        },
        {
            "type": "Speech",
            "title": "Speech - Governor",
            "month": "2026-12",
            "days": "3",
            "time": "9:00 a.m.",
        },
        {"type": "FOMC", "title": "FOMC Meeting", "month": "soon", "days": "1"},
    ]
    parsed = SOURCE.parse(
        reply(b"\xef\xbb\xbf" + json.dumps({"events": events}).encode(), URLS["fed"])
    )
    found = held(parsed)["releases"].sort("scheduled_at").to_dicts()
    assert [(r["title"], r["scheduled_at"].day, r["period"], r["precision"]) for r in found] == [
        ("Beige Book", 2, date(2026, 12, 2), "minute"),
        ("FOMC Meeting", 9, date(2026, 12, 1), "minute"),
        ("Beige Book", 16, date(2026, 12, 16), "minute"),
        ("FOMC Minutes", 30, date(2026, 12, 1), "day"),
    ]
    assert parsed.note == (
        "1 entries without a title or a time that can be read;"
        " 1 entries that our list of titles leaves out"
    )


def test_what_a_calendar_still_has_half_a_day_later_came_out() -> None:
    body = bls(("Consumer Price Index for October 2026", "20261110T083000"))
    for hour, expected in ((1, "scheduled"), (2, "released")):
        now = datetime(2026, 11, 11, hour, tzinfo=UTC)
        row = read(body, "bls", now)["consumer_price_index"]
        assert (row["status"], row["known_at"], row["actual"]) == (expected, now, None)


def test_a_release_that_is_put_off_is_a_vintage_and_overwrites_nothing(tmp_path: Path) -> None:
    plan = [("Consumer Price Index for March 2024", "20240410T083000")]

    def agency(to: Handler) -> None:
        if to.path.startswith("/schedule/"):
            return status(200, bls(*plan).encode(), Content_Type="text/calendar")(to)
        document([{"title": "GDP", "period": "Q1/2024", "start": "2024-05-30T11:00Z"}])(to)

    sql = "SELECT scheduled_at, status FROM releases WHERE series_id LIKE '%/consumer%'"
    with opened(SOURCE, tmp_path) as desk:
        desk.speak(agency, "*")
        assert desk.run("bls").outcome.status == "ok"
        seen = desk.now
        desk.sleep(days=1)
        assert desk.counts("bls") == ("ok", 0, 0), "the same plan is no news"
        plan[:] = [("Consumer Price Index for March 2024", "20240515T083000")]
        desk.sleep(days=1)
        assert desk.counts("bls") == ("ok", 0, 1)
        first, second = (
            datetime(2024, 4, 10, 12, 30, tzinfo=UTC),
            datetime(2024, 5, 15, 12, 30, tzinfo=UTC),
        )
        assert desk.rows(sql, seen) == [(first, "scheduled")]
        assert desk.rows(sql) == [(second, "scheduled")]
        desk.sleep(days=70)
        assert desk.counts("bls") == ("ok", 0, 1)
        assert desk.rows(sql) == [(second, "released")]
        assert desk.rows(sql, seen) == [(first, "scheduled")]


@pytest.mark.parametrize(
    ("body", "name", "code", "expected"),
    [
        (PAGE, "bls", 200, "upstream"),
        (b"<html><title>Access Denied</title></html>", "bls", 403, "blocked"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x", "bls", 200, "upstream"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR", "bls", 200, "empty"),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR",
            "bls",
            200,
            "upstream",
        ),
        (b"{}", "fed", 200, "upstream"),
        (b'{"events": []}', "fed", 200, "empty"),
        (b'{"error": "no"}', "eurostat", 200, "upstream"),
        (b"[]", "eurostat", 200, "empty"),
        (b"slow down", "bea", 429, "quota"),
        (bls(("Far", "29991214T083000")), "bls", 200, "empty"),
    ],
)
def test_refusals_have_their_class(body: object, name: str, code: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, URLS[name], code)).problem == expected


FOLDER = "release_calendars"


@pytest.mark.needs("shared")
def test_the_recorded_shapes_read_as_in_their_files(shared: Path) -> None:
    def at(name: str) -> dict[str, tuple[date, datetime, str]]:
        rows = held(SOURCE.parse(recorded(shared, name)))["releases"].to_dicts()
        return {
            r["series_id"].partition(":")[2]: (r["period"], r["scheduled_at"], r["precision"])
            for r in rows
        }

    found = at(f"{FOLDER}/documented_bls.ics")
    assert found["bls/consumer_price_index"] == (
        date(2026, 9, 1),
        datetime(2026, 10, 14, 12, 30, tzinfo=UTC),
        "minute",
    )
    assert found["bls/productivity_and_costs"][1:] == (
        datetime(2026, 11, 2, 5, tzinfo=UTC),
        "day",
    )
    assert len(found) == 5
    found = at(f"{FOLDER}/documented_bea_online-calendar-subscription.ics")
    assert found["bea/gdp_advance_estimate"][0] == date(2026, 7, 1)
    assert len(at(f"{FOLDER}/documented_bea_release_dates.json")) == 3
    found = at(f"{FOLDER}/documented_eurostat_eventsJson.json")
    assert found["eurostat/harmonised_index_of_consumer_prices_hicp"][1].hour == 9
    found = at(f"{FOLDER}/documented_fed_calendar.json")
    assert found["fed/fomc_minutes"][1] == datetime(2026, 11, 18, 19, tzinfo=UTC)
    found = at("bis/quoted_csv_BIS_REL_CAL_labels_both.csv")
    assert found == {
        "bis/m.cbpol": (date(2024, 3, 1), datetime(2024, 4, 17, 22, tzinfo=UTC), "day")
    }
