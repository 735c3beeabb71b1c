"""FRED: every recorded answer, and every refusal, has its class."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.fred import SOURCE
from tests.ingest.macro_replies import PAGE, files, held, problem, recorded, reply, rows

OBSERVATIONS = "https://api.stlouisfed.org/fred/series/observations?file_type=json&series_id="


@pytest.mark.parametrize(
    ("body", "status", "expected", "says"),
    [
        (
            {"error_code": 400, "error_message": "Bad Request.  The series does not exist."},
            400,
            "client",
            "does not exist",
        ),
        (
            {
                "error_code": 400,
                "error_message": (
                    "Bad Request.  The series does not exist in ALFRED but may exist in FRED."
                ),
            },
            400,
            "client",
            "nothing was published yet",
        ),
        (
            {"error_code": 400, "error_message": "Bad Request.  Variable api_key is not set."},
            400,
            "auth",
            "FRED_API_KEY",
        ),
        (
            {
                "error_code": 400,
                "error_message": "Bad Request.  The value for variable api_key is not registered.",
            },
            400,
            "auth",
            "not registered",
        ),
        (
            {
                "error_code": 400,
                "error_message": (
                    "Bad Request.  It exceeds the maximum number of vintage dates allowed (2000)."
                ),
            },
            400,
            "client",
            "vintage dates",
        ),
        (
            {"error_code": 429, "error_message": "Too Many Requests.  Exceeded Rate Limit"},
            429,
            "quota",
            "Rate Limit",
        ),
        (
            {"error_code": 500, "error_message": "Internal Server Error"},
            500,
            "upstream",
            "Internal",
        ),
        (PAGE, 502, "upstream", "502 Bad Gateway"),
        (PAGE, 200, "upstream", "HTML"),
        (b"<html><body>We are down for maintenance</body></html>", 200, "upstream", "maintenance"),
        ({"categories": []}, 200, "empty", "categories"),
        ({"count": 0, "observations": []}, 200, "empty", "no observation"),
        ({"hello": 1}, 200, "upstream", "hello"),
        ([1, 2], 200, "upstream", "object"),
        (b"", 200, "upstream", "empty"),
        (b'{"observations":[{"date":"20', 200, "upstream", "cut"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str, says: str) -> None:
    error = problem(SOURCE, reply(body, OBSERVATIONS + "UNRATE", status))
    assert error.problem == expected
    assert says in str(error)


@pytest.mark.needs("shared")
def test_recorded_vintages_read_as_in_the_file(shared: Path) -> None:
    name = "fred/series_observations_GDP_all_vintages.json"
    found = rows(SOURCE, recorded(shared, name), "macro")
    first = [r for r in found if r["period"] == date(1946, 1, 1)]
    assert [(r["value"], r["known_at"].date().isoformat()) for r in first] == [
        (199.7, "1992-12-22"),
        (None, "1996-01-19"),
        (210.4, "1997-05-07"),
        (None, "1999-10-28"),
    ]
    assert {r["vintage_grade"] for r in found} == {"lagged"}


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    def first(name: str, dataset: str) -> dict[str, Any]:
        return rows(SOURCE, recorded(shared, f"fred/{name}.json"), dataset)[0]

    row = first("series_observations_GDP", "macro")
    assert (row["period"], row["value"]) == (date(1947, 1, 1), 243.164)
    row = first("series_observations_DEXUSEU_2026-03", "macro")
    assert (row["value"], row["unit"]) == (1.169, "USD per EUR")
    row = first("series_observations_DEXJPUS_2026-03", "macro")
    assert (row["value"], row["unit"]) == (157.48, "JPY per USD")
    row = first("series_observations_GDP_output_type4_initial_release", "releases")
    assert (row["period"], row["actual"]) == (date(1991, 10, 1), 5736.6)
    assert row["scheduled_at"] == datetime(1992, 1, 29, 13, 30, tzinfo=UTC)
    row = first("series_GDP", "series")
    assert (row["title"], row["unit"]) == ("Gross Domestic Product", "Billions of Dollars")
    assert first("category_series_125", "series")["series_id"] == "fred:AITGCBN"
    alabama = rows(SOURCE, recorded(shared, "fred/geofred_series_data_WIPCPI.json"), "macro")
    assert [r["value"] for r in alabama if r["series_id"] == "fred:ALPCPI"][0] == 43001
    vix = recorded(shared, "fred/series_observations_VIXCLS_limit20.json")
    assert rows(SOURCE, vix, "macro")[0]["value"] == 23.22
    assert SOURCE.parse(vix).follow[0].params["offset"] == "20"
    dates = rows(SOURCE, recorded(shared, "fred/release_dates_10.json"), "releases")
    assert (len(dates), dates[0]["period"]) == (930, date(1949, 3, 24))
    release = rows(SOURCE, recorded(shared, "fred/release_10.json"), "read:releases")
    assert release[0]["name"] == "Consumer Price Index"


@pytest.mark.needs("shared")
def test_every_recorded_answer_is_rows_or_the_class_that_its_name_says(shared: Path) -> None:
    classes = {
        "category_children_125_empty": "empty",
        "release_related_tags_10_empty": "empty",
        "quoted_error_400_api_key_not_set": "auth",
        "quoted_error_400_series_does_not_exist": "client",
        "quoted_error_400_series_not_in_alfred": "client",
    }
    for name in files(shared, "fred"):
        expected = classes.get(Path(name).stem)
        if expected:
            assert problem(SOURCE, recorded(shared, name)).problem == expected, name
        else:
            assert all(f.height for f in held(SOURCE.parse(recorded(shared, name))).values()), name
