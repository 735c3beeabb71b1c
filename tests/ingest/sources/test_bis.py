"""BIS: policy rates in XML and CSV."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.jobs import Window
from ingest.lists import listed
from ingest.sources.bis import SOURCE
from tests.ingest.desk import opened
from tests.ingest.macro_replies import NOW, PAGE, held, problem, recorded, reply, rows
from tests.ingest.server import Handler, status

URL = "https://stats.bis.org/api/v1/data/WS_CBPOL/M.US?format=csv"


@pytest.mark.parametrize(
    "text",
    [
        "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nM,US,2026-01,3.625,A\nM,US,2026-02,NaN,M\n",
        "DATAFLOW,FREQ:Frequency,REF_AREA:Area,TIME_PERIOD:Time,OBS_VALUE:Value\n"
        "BIS:WS_CBPOL(1.0),M: Monthly,US: United States,2026-01,3.625\n",
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\n"
        "dataflow,BIS:WS_CBPOL(1.0),I,M,US,2026-01,3.625\n",
        # As it is sent: attributes stand before the period, and are no part of the key.
        "FREQ,REF_AREA,UNIT_MEASURE,UNIT_MULT,COMPILATION,SOURCE_REF,TITLE,TIME_PERIOD,OBS_VALUE\n"
        'M,US,368,0,"Target, mid-point",Federal Reserve,Policy rates - US,2026-01,3.625\n',
    ],
)
def test_every_csv_of_the_bank_says_the_same(text: str) -> None:
    found = held(SOURCE.parse(reply(text, URL)))
    (row,) = found["macro"].to_dicts()
    assert (row["series_id"], row["value"]) == ("bis:WS_CBPOL.M.US", 3.625)
    assert (row["period"], row["unit"]) == (date(2026, 1, 1), "percent per year")
    (series,) = found["series"].to_dicts()
    assert (series["country"], series["indicator"], series["direction"]) == (
        "USA",
        "policy_rate",
        1,
    )


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("", 404, "empty"),
        (PAGE, 200, "upstream"),
        ("no", 200, "upstream"),
        ("bad key", 400, "client"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL, status)).problem == expected


def test_the_plan_joins_all_places_in_one_key() -> None:
    (call,) = SOURCE.plan(Window(("M.US", "M.CH"), NOW, since=date(2026, 1, 5)))
    assert call.url.endswith("/WS_CBPOL/M.US+CH")
    assert call.params["startPeriod"] == "2026-01"


@pytest.mark.needs("shared")
def test_recorded_csv_names_the_same_series_as_xml(shared: Path) -> None:
    rates = recorded(shared, "bis/documented_csv_WS_CBPOL_M.csv")
    for answer in (rates, reply(rates.body)):
        found = {row["series_id"]: row["value"] for row in rows(SOURCE, answer, "macro")}
        assert found == {"bis:WS_CBPOL.M.TH": 1.0, "bis:WS_CBPOL.M.US": 3.625}
    (row,) = rows(SOURCE, recorded(shared, "bis/extract_csv_WS_EER_M_N_B_CN.csv"), "macro")
    assert (row["series_id"], row["value"]) == ("bis:WS_EER.M.N.B.CN", 111.83)
    assert (row["period"], row["unit"]) == (date(2026, 5, 1), "index 2020=100")


@pytest.mark.needs("shared")
def test_the_recorded_calendar_is_read_and_its_days_are_no_values(shared: Path) -> None:
    parsed = SOURCE.parse(recorded(shared, "bis/quoted_csv_BIS_REL_CAL_labels_both.csv"))
    assert list(parsed.tables) == ["read:releases"]


def test_a_bare_code_of_a_unit_is_no_unit() -> None:
    text = "FREQ,REF_AREA,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\nM,US,{},2026-01,2.5\n"
    for code, unit in (("999", "unstated"), ("771", "percent per year")):  # our list has one
        url = URL.replace("WS_CBPOL/M.US", f"WS_LONG_CPI/M.US.{code}")
        (row,) = rows(SOURCE, reply(text.format(code), url), "macro")
        assert (row["series_id"], row["unit"]) == (f"bis:WS_LONG_CPI.M.US.{code}", unit)


def test_the_base_of_an_effective_rate_is_that_of_the_answer() -> None:
    text = (
        "FREQ,EER_TYPE,EER_BASKET,REF_AREA,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\nM,N,B,US,{},2026-01,"
        "101\n"
    )
    url = URL.replace("WS_CBPOL/M.US", "WS_EER/M.N.B.US")
    for code, unit in (("882", "index 2020=100"), ("883", "unstated")):
        assert rows(SOURCE, reply(text.format(code), url), "macro")[0]["unit"] == unit


@pytest.mark.parametrize(
    ("flow", "head", "cells", "unit", "country"),
    [
        ("WS_XRU", "FREQ,REF_AREA,CURRENCY,COLLECTION", "M,JP,JPY,A", "JPY per USD", "JPN"),
        ("WS_SPP", "FREQ,REF_AREA,VALUE,UNIT_MEASURE", "Q,DE,R,628", "index 2010=100", "DEU"),
        ("WS_DSR", "FREQ,BORROWERS_CTY,DSR_BORROWERS", "Q,US,P", "percent of income", "USA"),
        (
            "WS_CREDIT_GAP",
            "FREQ,BORROWERS_CTY,TC_BORROWERS,TC_LENDERS,CG_DTYPE",
            "Q,XM,P,A,C",
            "percent of GDP",
            None,
        ),
    ],
)
def test_a_flow_has_its_own_columns_and_units(
    flow: str, head: str, cells: str, unit: str, country: str | None
) -> None:
    period = "2026-Q1" if cells.startswith("Q") else "2026-03"
    text = f"{head},UNIT_MULT,TITLE,TIME_PERIOD,OBS_VALUE\r\n{cells},0,A title,{period},2.5\r\n"
    found = held(SOURCE.parse(reply(text, f"https://stats.bis.org/api/v1/data/{flow}/X")))
    (row,), (series,) = found["macro"].to_dicts(), found["series"].to_dicts()
    assert row["series_id"] == f"bis:{flow}.{cells.replace(',', '.')}"
    assert (row["unit"], series["country"], series["title"]) == (unit, country, "A title")
    assert series["indicator"] in {r["indicator"] for r in listed("bis_statistics", "key").values()}


def test_statistics_are_asked_by_flow_for_all_areas_of_their_row() -> None:
    calls = SOURCE.plan(Window((), NOW, since=date(2026, 2, 5), job="bis_statistics"))
    assert len(calls) == len(listed("bis_statistics", "key"))
    found = {call.url.removeprefix("https://stats.bis.org/api/v1/data/"): call for call in calls}
    (gap,) = (call for key, call in found.items() if key.startswith("WS_CREDIT_GAP/Q.US+XM+"))
    assert gap.url.endswith("+LU.P.A.C") and gap.params["startPeriod"] == "2026-Q1"
    (fx,) = (call for key, call in found.items() if key.startswith("WS_XRU/"))
    assert fx.url.endswith("+RU..A") and fx.params["startPeriod"] == "2026-02"
    named = SOURCE.plan(Window(("M.US", "WS_EER.M.R.B.US"), NOW))
    assert [call.url.rpartition("/data/")[2] for call in named] == [
        "WS_CBPOL/M.US",
        "WS_EER/M.R.B.US",
    ]


def test_one_area_without_a_series_costs_no_other(tmp_path: Path) -> None:
    """Six of eight areas are there: what is found, what is said, and how many calls it takes."""
    areas, gone = ["US", "XM", "JP", "GB", "CH", "SG", "CA", "VN"], {"SG", "VN"}

    def bis(to: Handler) -> None:
        asked = to.path.split("?")[0].rpartition("M.")[2].split("+")
        if gone & {*asked}:
            return status(404, b"NoRecordsFound")(to)
        lines = [f"M,{area},2024-02,1.5,{area}" for area in asked]
        head = "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,TITLE"
        status(200, "\n".join([head, *lines, ""]).encode(), Content_Type="text/csv")(to)

    with opened(SOURCE, tmp_path) as desk:
        desk.speak(bis, "*")
        outcome = desk.run(*(f"M.{area}" for area in areas)).outcome
        assert outcome.status == "ok", outcome
        assert "M.SG" in outcome.message and "M.VN" in outcome.message
        found = desk.rows("SELECT series_id FROM macro ORDER BY 1")
        assert {row[0] for row in found} == {f"bis:WS_CBPOL.M.{a}" for a in areas if a not in gone}
        assert len(desk.server.hits) <= 11


@pytest.mark.needs("shared")
def test_the_recorded_answer_reads_as_in_its_file(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "bis/sdmx_WS_CBPOL.xml"), "macro")
    assert [(r["period"].isoformat(), r["value"]) for r in found] == [
        ("2025-12-01", 0),
        ("2026-01-01", 0),
        ("2026-02-01", 0),
    ]
