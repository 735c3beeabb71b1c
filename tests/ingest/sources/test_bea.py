"""BEA: lines of tables in the unit expected, separators, base years, errors inside 200."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.jobs import Window
from ingest.sources.bea import SOURCE
from tests.ingest.desk import KEY, leaks, opened
from tests.ingest.macro_replies import NOW, held, problem, recorded, reply, rows
from tests.ingest.sources.fake_servers import Bea

URL = "https://apps.bea.gov/api/data?TableName={}&Frequency=Q"
CHAINED = "Chained (2017) dollars. Seasonally adjusted at annual rates"
REAL = {"METRIC_NAME": "Chained Dollars", "CL_UNIT": "Level", "UNIT_MULT": "6"}


def line(table: str, code: str, period: str, value: str, **more: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "SeriesCode": code,
        "LineDescription": "Gross domestic product",
        "TimePeriod": period,
        "DataValue": value,
        "NoteRef": table,
        **REAL,
        **more,
    }


def answer(*lines: dict[str, Any], note: str = CHAINED, ref: str = "T10106") -> dict[str, Any]:
    notes = [{"NoteRef": ref, "NoteText": note}]
    return {"BEAAPI": {"Results": {"Data": list(lines), "Notes": notes}}}


def test_one_call_per_table_and_the_years_of_the_span() -> None:
    calls = SOURCE.plan(Window((), NOW, since=date(2024, 11, 1)))
    asked = [(call.params["TableName"], call.params["Frequency"]) for call in calls]
    assert asked == [
        ("T10101", "Q"),
        ("T10105", "Q"),
        ("T10106", "Q"),
        ("T10109", "Q"),
        ("T20600", "M"),
        ("T20804", "M"),
    ]
    assert calls[0].params["Year"] == "2024,2025,2026"
    (whole,) = SOURCE.plan(Window(("bea:T10106.Q.A191RX",), NOW))
    assert whole.params["Year"] == "ALL"


def test_separators_powers_of_ten_and_the_lines_that_we_list() -> None:
    body = answer(
        line("T10106", "A191RX", "2026Q2", "23,548,210"),
        line("T10106", "A191RX", "2026Q1", "---"),
        line("T10106", "DPCERX", "2026Q2", "16,000,000.5"),
        line("T10106", "A011RX", "2026Q2", "1"),
    )
    found = held(SOURCE.parse(reply(body, URL.format("T10106"))))
    assert {
        (r["series_id"], r["period"], r["value"], r["unit"]) for r in found["macro"].to_dicts()
    } == {
        (
            "bea:T10106.Q.A191RX",
            date(2026, 4, 1),
            23548210.0,
            "million chained 2017 USD at annual rate",
        ),
        (
            "bea:T10106.Q.DPCERX",
            date(2026, 4, 1),
            16000000.5,
            "million chained 2017 USD at annual rate",
        ),
    }
    described = {r["series_id"]: r for r in found["series"].to_dicts()}
    assert described["bea:T10106.Q.A191RX"]["indicator"] == "real_gdp"
    assert described["bea:T10106.Q.A191RX"]["adjustment"] == "sa"
    assert {r["vintage_grade"] for r in found["macro"].to_dicts()} == {"snapshot"}


def test_names_of_fields_in_other_capitals_and_a_list_of_one_are_read() -> None:
    row = {k.lower(): v for k, v in line("T10106", "A191RX", "2026Q2", "7").items()}
    row |= {"unit_mult": 6, "datavalue": 0}
    body = answer(row)
    body["BEAAPI"]["Results"] = [body["BEAAPI"]["Results"]]
    parsed = SOURCE.parse(reply(body, URL.format("T10106")))
    assert held(parsed)["macro"]["value"].to_list() == [0.0], "a zero is a value, as number too"
    assert parsed.note == "not in the answer: T10106.Q.DPCERX"


def test_adjustment_is_what_the_note_says() -> None:
    for note, expected in (
        ("[2017] Not seasonally adjusted", "nsa"),
        ("[2017]", "unknown"),
    ):
        body = answer(line("T10106", "A191RX", "2026Q2", "7"), note=note)
        assert rows(SOURCE, reply(body), "series")[0]["adjustment"] == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (answer(line("T10106", "A191RX", "2026Q2", "7", UNIT_MULT="9")), "Level, 9, expected"),
        (answer(line("T10106", "A191RX", "2026Q2", "7", CL_UNIT="Ratio")), "Ratio"),
        (
            answer(line("T10106", "A191RX", "2026Q2", "7"), note="Chained (2023) dollars"),
            "the note of the table has no 2017",
        ),
        (answer(line("T10106", "A191RX", "2026Q2", "7"), ref="other"), "it is empty"),
        (answer(line("T10106", "A191RX", "2026Q2", "27,61")), "27,61 is no number"),
        (answer(line("T10106", "A191RX", "2026Q2", "much")), "much is no number"),
        (answer(line("T10106", "A191RX", "second", "7")), "another shape"),
        ({"BEAAPI": {"Results": {"Notes": []}}}, "no Data among Notes"),
        ({"data": []}, "BEAAPI"),
    ],
)
def test_another_unit_base_or_shape_is_refused(body: object, words: str) -> None:
    refused = problem(SOURCE, reply(body, URL.format("T10106")))
    assert refused.problem == "upstream" and words in str(refused)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("The UserId provided in the request is not valid.", "auth"),
        ("The dataset requested requires parameters that were missing.", "client"),
        ("No data exists for the parameters.", "empty"),
        ("Too many requests", "quota"),
    ],
)
def test_errors_come_with_200_in_two_places(words: str, kind: str) -> None:
    error = {"APIErrorCode": "3", "APIErrorDescription": words}
    for body in (
        {"BEAAPI": {"Results": {"Error": error}}},
        {"BEAAPI": {"Error": error}},
        {"BEAAPI": {"Error": [error]}},
    ):
        refused = problem(SOURCE, reply(body))
        assert refused.problem == kind and words in str(refused)


def test_an_id_that_comes_back_in_capitals_is_nowhere(tmp_path: Path) -> None:
    with opened(SOURCE, tmp_path, is_keyed=True) as desk:
        desk.speak(Bea({("T10101.Q.A191RL", "2024-01-01"): 2.1}), "*")
        status, added, _ = desk.counts("T10101.Q.A191RL", since=date(2024, 1, 1))
        assert (status, added) == ("ok", 2)
        assert desk.asked("UserID") == [KEY]
    assert leaks(tmp_path) == []


@pytest.mark.needs("shared")
def test_the_recorded_answers(shared: Path) -> None:
    growth = recorded(shared, "bea/documented_NIPA_T10101.json")
    (found,) = rows(SOURCE, growth, "macro")
    assert (found["series_id"], found["period"], found["value"]) == (
        "bea:T10101.Q.A191RL",
        date(2026, 4, 1),
        2.1,
    )
    (described,) = rows(SOURCE, growth, "series")
    assert (described["adjustment"], described["frequency"]) == ("sa", "quarterly")
    refused = problem(SOURCE, recorded(shared, "bea/documented_error_200.json"))
    assert refused.problem == "client"
