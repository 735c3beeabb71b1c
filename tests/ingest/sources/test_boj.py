"""Bank of Japan: status inside the body, holidays, quarters, positions of pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.jobs import Window
from ingest.sources.boj import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, held, problem, recorded, reply, rows

URL = (
    "https://www.stat-search.boj.or.jp/api/v1/getDataCode?format=json&lang=en&db=FM08&code=FXERD01"
)


def answer(code: str, frequency: str, cells: dict[int, object], **head: object) -> dict[str, Any]:
    """One series of the API."""
    values = {"SURVEY_DATES": list(cells), "VALUES": list(cells.values())}
    series = {
        "SERIES_CODE": code,
        "NAME_OF_TIME_SERIES": "X",
        "UNIT": "Index",
        "FREQUENCY": frequency,
        "VALUES": values,
    }
    return {"STATUS": 200, "MESSAGEID": "M1", "NEXTPOSITION": None, "RESULTSET": [series], **head}


def test_a_listed_rate_is_a_price_and_holidays_are_nothing() -> None:
    body = answer("FXERD01", "DAILY", {20250101: None, 20250106: 157.52})
    (row,) = rows(SOURCE, reply(body, URL), "prices")
    assert (row["symbol"], row["date"], row["close"]) == ("boj:USDJPY", date(2025, 1, 6), 157.52)


@pytest.mark.parametrize(
    ("frequency", "word", "day"),
    [
        ("MONTHLY", 202502, date(2025, 2, 1)),
        ("QUARTERLY", 202502, date(2025, 4, 1)),
        ("ANNUAL", 2025, date(2025, 1, 1)),
        ("DAILY", 20250203, date(2025, 2, 3)),
    ],
)
def test_a_written_date_means_what_its_frequency_says(frequency: str, word: int, day: date) -> None:
    found = held(SOURCE.parse(reply(answer("CO", frequency, {word: "12.5"}), URL)))
    assert found["macro"].select("series_id", "period", "value", "unit").rows() == [
        ("boj:CO", day, 12.5, "Index")
    ]
    assert found["series"]["frequency"].to_list() == [frequency.lower()]


def test_a_position_is_where_the_next_page_starts() -> None:
    body = answer("FXERD01", "DAILY", {20250106: 157.52}, NEXTPOSITION=251)
    (follow,) = SOURCE.parse(reply(body, URL)).follow
    assert (follow.params["startPosition"], follow.params["db"]) == ("251", "FM08")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (answer("X", "DAILY", {}, STATUS=400, MESSAGE="Invalid DB"), "client"),
        (answer("X", "DAILY", {}, STATUS=500, MESSAGE="Unexpected"), "upstream"),
        (answer("X", "DAILY", {20250101: None}), "empty"),
        (answer("X", "DAILY", {1: 1}), "upstream"),
        ({"STATUS": 200, "RESULTSET": []}, "empty"),
        ({"STATUS": 200}, "upstream"),
        ([], "upstream"),
        (PAGE, "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL)).problem == expected


def test_the_plan_names_data_base_and_code() -> None:
    (call,) = SOURCE.plan(Window(("FXERD01",), NOW, since=date(2025, 1, 15)))
    assert (call.params["db"], call.params["startDate"]) == ("FM08", "202501")


@pytest.mark.needs("shared")
def test_the_recorded_answer_reads_as_in_its_file(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "boj/api_v1_FM08_FXERD01_2025-01.json"), "prices")
    assert [(r["date"].day, r["close"]) for r in found][:2] == [(6, 157.52), (7, 157.74)]
    assert len(found) == 19
