"""BIS: policy rates in XML and CSV."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.jobs import Window
from ingest.sources.bis import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, held, problem, recorded, reply, rows

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
    text = "FREQ,REF_AREA,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\nM,US,771,2026-01,2.5\n"
    (row,) = rows(
        SOURCE, reply(text, URL.replace("WS_CBPOL/M.US", "WS_LONG_CPI/M.US.771")), "macro"
    )
    assert (row["series_id"], row["unit"]) == ("bis:WS_LONG_CPI.M.US.771", "unstated")


@pytest.mark.needs("shared")
def test_the_recorded_answer_reads_as_in_its_file(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "bis/sdmx_WS_CBPOL.xml"), "macro")
    assert [(r["period"].isoformat(), r["value"]) for r in found] == [
        ("2025-12-01", 0),
        ("2026-01-01", 0),
        ("2026-02-01", 0),
    ]
