"""Eurostat: flat places, marks, codes of its own, answers that are none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ingest.jobs import Window
from ingest.lists import listed
from ingest.sources.eurostat import BASE, SOURCE
from tests.ingest.macro_replies import NOW, PAGE, held, problem, recorded, reply, rows

HICP = "prc_hicp_minr?freq=M&unit=I15&coicop18=TOTAL"
IT = "eurostat/documented_statistics_1.0_prc_hicp_minr_IT_provisional.json"


def answer(value: Any, *areas: str, unit: str = "I15", **more: Any) -> dict[str, Any]:
    """A data set of two months of these areas."""
    dims = {"freq": ["M"], "unit": [unit], "coicop18": ["TOTAL"], "geo": list(areas)}
    dims["time"] = ["2026-09", "2026-10"]
    return {
        "version": "2.0",
        "id": list(dims),
        "size": [len(codes) for codes in dims.values()],
        "value": value,
        "dimension": {
            name: {"category": {"index": {code: at for at, code in enumerate(codes)}}}
            for name, codes in dims.items()
        },
        **more,
    }


def test_a_series_is_asked_for_all_areas_with_everything_pinned() -> None:
    (call,) = SOURCE.plan(Window((HICP,), NOW, since=date(2026, 2, 5)))
    asked = parse_qsl(urlsplit(call.url).query)
    assert call.url.startswith(f"{BASE}prc_hicp_minr?freq=M&unit=I15&coicop18=TOTAL&geo=BE&geo=BG")
    areas = [code for name, code in asked if name == "geo"]
    assert {"EL", "UK", "EA21"} < set(areas) and len(areas) == 38
    assert call.params == {"format": "JSON", "lang": "EN", "sinceTimePeriod": "2026-02"}
    (call,) = SOURCE.plan(Window((HICP + "&geo=DE",), NOW))
    assert [code for name, code in parse_qsl(urlsplit(call.url).query) if name == "geo"] == ["DE"]
    starts = [c.params["sinceTimePeriod"] for c in SOURCE.plan(Window((), NOW, date(2026, 2, 5)))]
    assert {"2026-02", "2026-Q1", "2026"} == set(starts)
    assert len(starts) == len(listed("eurostat", "key"))


def test_greece_and_the_united_kingdom_have_codes_of_their_own() -> None:
    url = f"{BASE}{HICP}&geo=EL&geo=UK&geo=EA21"
    found = held(SOURCE.parse(reply(answer({"0": 1, "2": "2.5", "4": 3}, "EL", "UK", "EA21"), url)))
    series = {row["series_id"]: row for row in found["series"].to_dicts()}
    stem = "eurostat:prc_hicp_minr.M.I15.TOTAL."
    assert {k: v["country"] for k, v in series.items()} == {
        stem + "EL": "GRC",
        stem + "UK": "GBR",
        stem + "EA21": None,
    }
    assert series[stem + "EL"]["title"] == "Harmonised index of consumer prices: Greece"
    values = {row["series_id"]: row["value"] for row in found["macro"].to_dicts()}
    assert values == {stem + "EL": 1.0, stem + "UK": 2.5, stem + "EA21": 3.0}


def test_marks_are_said_and_a_forecast_is_one() -> None:
    document = answer(
        [1.0, 2.0, 3.0, None], "DE", "FR", status={"0": "b", "1": "p", "2": "ep", "3": "c"}
    )
    parsed = SOURCE.parse(reply(document, BASE + HICP))
    assert parsed.note == (
        "1 after a break (first DE 2026-09), 1 estimated (first FR 2026-09),"
        " 2 provisional (first DE 2026-10)"
    )
    assert parsed.rows == 3 + 2
    found = rows(SOURCE, reply(answer([1.0, 2.0], "DE", status=["f", None]), BASE + HICP), "macro")
    assert [row["is_forecast"] for row in found] == [True, False]


def test_known_from_the_update_and_never_before_it_was_in_hand() -> None:
    document = answer([1.0, 2.0], "DE", updated="2026-11-17T11:00:00+0100")
    (first, _) = rows(SOURCE, reply(document, BASE + HICP), "macro")
    assert first["known_at"] == datetime(2026, 11, 17, 10, tzinfo=UTC)
    assert first["vintage_grade"] == "native"
    early = reply(document, BASE + HICP, now=datetime(2026, 11, 16, tzinfo=UTC))
    assert rows(SOURCE, early, "macro")[0]["known_at"] == early.fetched_at
    for word in ("2026-11-17T11:00:00", ""):
        (first, _) = rows(
            SOURCE, reply(answer([1.0, 2.0], "DE", updated=word), BASE + HICP), "macro"
        )
        assert (first["known_at"], first["vintage_grade"]) == (NOW, "snapshot")


def test_another_unit_than_the_one_asked_for_is_refused() -> None:
    error = problem(SOURCE, reply(answer([1.0, 2.0], "DE", unit="I25"), BASE + HICP))
    assert error.problem == "upstream"
    assert "the answer has unit I25, and the request I15" in str(error)
    unpinned = BASE + "prc_hicp_minr"
    found = rows(SOURCE, reply(answer([1.0, 2.0], "DE", unit="I25"), unpinned), "macro")
    assert found[0]["unit"] == "index 2025=100"
    found = rows(SOURCE, reply(answer([1.0, 2.0], "DE", unit="XYZ"), unpinned), "macro")
    assert found[0]["unit"] == "unstated"


def test_a_set_that_has_stopped_is_said_to_be_frozen() -> None:
    late = reply(answer([1.0, 2.0], "DE"), BASE + HICP, now=datetime(2027, 4, 1, tzinfo=UTC))
    assert SOURCE.parse(late).note == "nothing after 2026-10: this data set may be frozen"


WARNING = {"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE. Your request will be"}}
ERROR = {"status": 400, "id": 150, "label": "INVALID_QUERY_DIMENSION"}


@pytest.mark.parametrize(
    ("body", "status", "expected", "words"),
    [
        (WARNING, 200, "client", "by a file for later (413)"),
        ({"error": {"status": 413, "label": "EXTRACTION_TOO_BIG"}}, 413, "client", "EXTRACTION_TO"),
        ({"error": [ERROR]}, 400, "client", "INVALID_QUERY_DIMENSION (150)"),
        ({"error": ERROR}, 200, "client", "INVALID_QUERY_DIMENSION (150)"),
        (
            {"error": [{"status": 400, "id": 100, "label": "No results"}]},
            400,
            "empty",
            "nothing of prc_hi",
        ),
        ({"error": "sorry"}, 503, "upstream", "sorry"),
        ({"error": []}, 500, "upstream", ""),
        (PAGE, 200, "upstream", "HTML came"),
        (b"slow down", 429, "quota", "slow down"),
        (answer({}, "DE"), 200, "empty", "a value for none"),
        (answer({}), 200, "empty", "a value for none"),
        (b'{"version": "2.0", "id": ["freq"', 200, "upstream", "may be cut"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str, words: str) -> None:
    error = problem(SOURCE, reply(body, BASE + HICP, status))
    assert error.problem == expected
    assert words in str(error)


def test_csv_and_xml_name_the_same_series_as_json() -> None:
    head = "DATAFLOW,LAST UPDATE,freq,unit,coicop18,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG"
    text = f"{head}\nESTAT:PRC_HICP_MINR(1.0),17/11/26 11:00:00,M,I15,TOTAL,EL,2026-10,2.5,p\n"
    url = "https://ec.europa.eu/eurostat/api/dissemination/sdmx/2.1/data/prc_hicp_minr/M...EL"
    parsed = SOURCE.parse(reply(text, url))
    (row,) = held(parsed)["macro"].to_dicts()
    assert row["series_id"] == "eurostat:prc_hicp_minr.M.I15.TOTAL.EL"
    assert "1 provisional" in parsed.note


@pytest.mark.needs("shared")
def test_the_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    found = held(SOURCE.parse(recorded(shared, IT)))
    assert [(r["series_id"], r["period"], r["value"]) for r in found["macro"].to_dicts()] == [
        ("eurostat:prc_hicp_minr.M.I15.TOTAL.IT", date(2026, 7, 1), 128.1),
        ("eurostat:prc_hicp_minr.M.I15.TOTAL.IT", date(2026, 8, 1), 128.41),
    ]
    assert found["macro"]["known_at"].unique().to_list() == [datetime(2026, 9, 17, 9, tzinfo=UTC)]
    french = rows(
        SOURCE,
        recorded(shared, "eurostat/extract_statistics_1.0_prc_hicp_minr_FR.json"),
        "macro",
    )
    assert [row["value"] for row in french] == [74.13, 74.42]
    polish = recorded(shared, "eurostat/quoted_statistics_1.0_prc_hicp_midx_PL.json")
    assert SOURCE.parse(polish).note == "nothing after 2025-12: this data set may be frozen"
    output = rows(
        SOURCE, recorded(shared, "eurostat/sdmx21_NAMA_10_GDP_structure_specific.xml"), "macro"
    )
    assert [(r["series_id"], r["value"], r["unit"]) for r in output[:2]] == [
        ("eurostat:nama_10_gdp.A.CP_MEUR.B1GQ.LU", 46526.2, "million EUR"),
        ("eurostat:nama_10_gdp.A.CP_MEUR.B1GQ.LU", 49094.5, "million EUR"),
    ]


@pytest.mark.needs("shared")
def test_the_recorded_refusals_are_refused_with_their_reason(shared: Path) -> None:
    asynchronous = problem(SOURCE, recorded(shared, "eurostat/sdmx21_footer_413_async.xml"))
    assert asynchronous.problem == "client" and "413" in str(asynchronous)
    wrong = problem(SOURCE, recorded(shared, "eurostat/quoted_error_400_bad_dimension.json"))
    assert wrong.problem == "client" and "FROMTIMEPERIOD" in str(wrong)
    old = problem(
        SOURCE, recorded(shared, "eurostat/legacy_wdds_v1.1_jsonstat1_nama_gdp_c_IT.json")
    )
    assert old.problem == "upstream" and "JSON-stat 1" in str(old)
