"""OECD: rows in no order, labels, versions that move, a limit that is said in words."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from ingest.jobs import Window
from ingest.lists import listed
from ingest.sources.oecd import BASE, SOURCE
from tests.ingest.macro_replies import NOW, PAGE, held, problem, recorded, reply, rows

RATE = "OECD.SDD.STES,DSD_KEI@DF_KEI,/.M.IRLT.PA._Z._Z._Z"
PLAIN = "DATAFLOW,REF_AREA,FREQ,MEASURE,UNIT_MEASURE,ACTIVITY,ADJUSTMENT,TRANSFORMATION"
CUT = (
    PLAIN + ",TIME_PERIOD,OBS_VALUE,OBS_STATUS\nOECD.SDD.STES:DSD_KEI@DF_KEI(4.0),GBR,M,IRLT,PA,"
    "_Z,_Z,_Z,2026-01,4.1,A\nOECD.SDD.STES:DSD_KEI@DF_KEI(4.0),GBR,M,IRLT,PA,_Z,_Z,_Z,2026-02,4"
)
FLOW = "OECD.SDD.STES:DSD_KEI@DF_KEI"


def test_one_download_per_series_with_area_and_version_left_open() -> None:
    calls = SOURCE.plan(Window((), NOW, since=date(2025, 5, 3)))
    assert len(calls) == len(listed("oecd", "key")) <= 30
    assert BASE + RATE in [call.url for call in calls]
    for call in calls:
        assert re.fullmatch(r"[A-Z.]+,DSD_\w+@DF_\w+,", call.url.removeprefix(BASE).split("/")[0])
        assert call.params["startPeriod"] in ("2025-05", "2025-Q2")


@pytest.mark.parametrize("version", ["(4.0)", "(5.1)", ""])
def test_a_version_that_moved_is_the_same_series(version: str) -> None:
    lines = [
        PLAIN + ",TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT",
        f"{FLOW}{version},GBR,M,IRLT,PA,_Z,_Z,_Z,2026-03,4.5,A,0",
        f"{FLOW}{version},GBR,M,IRLT,PA,_Z,_Z,_Z,2026-01,4.3,A,0",
        f"{FLOW}{version},G20,M,IRLT,PA,_Z,_Z,_Z,2026-02,NaN,M,0",
        f"{FLOW}{version},G20,M,IRLT,PA,_Z,_Z,_Z,2026-01,3.5,A,0",
    ]
    found = held(SOURCE.parse(reply("\r\n".join(lines), BASE + RATE)))
    macro = found["macro"].sort("series_id", "period")
    stem = "oecd:DSD_KEI@DF_KEI."
    assert macro.select("series_id", "period", "value").rows() == [
        (stem + "G20.M.IRLT.PA._Z._Z._Z", date(2026, 1, 1), 3.5),
        (stem + "GBR.M.IRLT.PA._Z._Z._Z", date(2026, 1, 1), 4.3),
        (stem + "GBR.M.IRLT.PA._Z._Z._Z", date(2026, 3, 1), 4.5),
    ]
    series = {row["series_id"]: row for row in found["series"].to_dicts()}
    assert series[stem + "GBR.M.IRLT.PA._Z._Z._Z"]["country"] == "GBR"
    assert series[stem + "G20.M.IRLT.PA._Z._Z._Z"]["country"] is None


def test_labels_and_another_order_of_columns_change_no_id() -> None:
    text = (
        "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,REF_AREA,Reference area,FREQ,Frequency of"
        " observation,MEASURE,Measure,UNIT_MEASURE,Unit of measure,ACTIVITY,Economic activity,"
        "ADJUSTMENT,Adjustment,TRANSFORMATION,Transformation,TIME_PERIOD,Time period,OBS_VALUE,"
        "Observation value,BASE_PER,Base period,OBS_STATUS,Observation status,UNIT_MULT,Unit m\n"
        f"DATAFLOW,{FLOW}(4.0),Key indicators,I,JPN,Japan,M,Monthly,PRVM,Production volume,IX,"
        "Index,"
        'BTE,"Industry, without construction",Y,Seasonally adjusted,_Z,Not applicable,2026-01,,'
        "101.5,,2015,,A,Normal value,0,Units\n"
    )
    found = held(SOURCE.parse(reply(text, BASE + RATE)))
    (row,) = found["macro"].to_dicts()
    assert row["series_id"] == "oecd:DSD_KEI@DF_KEI.JPN.M.PRVM.IX.BTE.Y._Z"
    assert (row["value"], row["unit"]) == (101.5, "index 2015=100")
    (series,) = found["series"].to_dicts()
    assert series["title"] == "Industrial production without construction: Japan"
    assert (series["indicator"], series["adjustment"]) == ("industrial_production", "sa")
    rebased = rows(SOURCE, reply(text.replace(",2015,", ",2020,"), BASE + RATE), "macro")
    assert rebased[0]["unit"] == "index 2020=100"


def test_a_missing_dimension_that_would_mix_series_is_refused() -> None:
    lines = [
        "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE",
        f"{FLOW}(4.0),GBR,2026-01,1",
        f"{FLOW}(4.0),GBR,2026-01,2",
    ]
    assert "two values of" in str(problem(SOURCE, reply("\n".join(lines), BASE + RATE)))


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("NoRecordsFound", 404, "empty"),
        ("You have exceeded the number of requests allowed", 429, "quota"),
        ("You have exceeded the number of requests allowed", 200, "quota"),
        ("Could not find Dataflow", 400, "client"),
        (PAGE, 200, "upstream"),
        (PLAIN + ",TIME_PERIOD,OBS_VALUE\n", 200, "empty"),
        (CUT, 200, "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, BASE + RATE, status)).problem == expected


@pytest.mark.needs("shared")
def test_the_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "oecd/sdmx_v1_csv_DF_KEI_GBR_IRLT.csv"), "macro")
    assert len(found) == 13
    days = [row["period"] for row in found]
    assert days == sorted(days) and days[0] == date(2023, 1, 1)
    values = {row["period"]: row["value"] for row in found}
    assert values[date(2023, 10, 1)] == 4.5695
    assert values[date(2024, 1, 1)] == 3.9319
    assert {row["unit"] for row in found} == {"percent per year"}
    prices = rows(
        SOURCE, recorded(shared, "oecd/sdmx_v2_csv_labels_both_DF_PRICES_ALL_GBR.csv"), "macro"
    )
    assert {row["series_id"] for row in prices} == {
        "oecd:DSD_PRICES@DF_PRICES_ALL.GBR.A.N.CPI.PA._T.N.GY"
    }
    assert {row["period"].year: row["value"] for row in prices}[2022] == 7.9
