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
        -1,
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
def test_the_recorded_answer_reads_as_in_its_file(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "bis/sdmx_WS_CBPOL.xml"), "macro")
    assert [(r["period"].isoformat(), r["value"]) for r in found] == [
        ("2025-12-01", 0),
        ("2026-01-01", 0),
        ("2026-02-01", 0),
    ]
