"""Commodity prices of the IMF: units by name alone, renamed codes, a run against a local server."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ingest.lists import listed
from ingest.sources import _imf_commodities as commodities
from ingest.sources.imf import SOURCE
from tests.ingest.desk import opened
from tests.ingest.macro_replies import held, problem, recorded, reply
from tests.ingest.server import Handler, status

CODE_LIST = commodities.CODE_LIST.url
RECORDED = "imf/sdmx30_codelist_CL_PCPS_INDICATOR.json"
HEAD = "DATAFLOW,COUNTRY,INDICATOR,DATA_TRANSFORMATION,FREQUENCY,TIME_PERIOD,OBS_VALUE,SCALE"


def code_list(**changed: str) -> str:
    """Our names as the IMF lists them; a change to nothing takes a code out."""
    names = {code: fact["name"] for code, fact in listed("imf_commodities", "id").items()} | changed
    codes = [{"id": code, "name": name} for code, name in names.items() if name]
    return json.dumps({"data": {"codelists": [{"id": "CL_PCPS_INDICATOR", "codes": codes}]}})


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Beef, US cents per pound, Unit prices", "US cents per pound"),
        ("Barley Mpls Terminal prices, US dollars per bushel, Unit prices", "USD per bushel"),
        ("Gold, US dollars per troy ounce of gold, Unit prices", "USD per troy ounce"),
        ("Legumes, Chickpea, INR/100 Kgs, Unit prices", "INR per 100 kg"),
        ("APSP crude oil($/bbl), US dollars per barrel,Unit prices, 2016=100", "USD per barrel"),
        ("All index, Commodity price index, Index, 2016=100", "index 2016=100"),
        ("Urea, USD/ST, Unit prices", "USD per short ton"),
        ("Lithium, 99%, Battery Grade, Unit prices", None),
        ("Shrimp, Thai baht, Unit prices", None),
        ("Energy Transition Metal Index, Index, Unit prices", None),
        ("Milk US PPI, Producer price index (PPI)", None),
        ("Tin, US dollars per metric tonnes, Unit prices", None),
    ],
)
def test_a_unit_is_read_or_refused(name: str, unit: str | None) -> None:
    assert commodities.unit_of(name) == unit


@pytest.mark.needs("shared")
def test_our_list_is_what_the_recorded_code_list_states_a_unit_for(shared: Path) -> None:
    answer = recorded(shared, RECORDED)
    codes = json.loads(answer.body)["data"]["codelists"][0]["codes"]
    stated = {code["id"]: code["name"] for code in codes if commodities.unit_of(code["name"])}
    ours = {code: fact["name"] for code, fact in listed("imf_commodities", "id").items()}
    assert ours == stated
    parsed = SOURCE.parse(answer)
    keys = [call.url.rpartition("/")[2].split(".") for call in parsed.follow]
    assert parsed.note == ""
    asked = Counter((code, kind) for _, codes, kind, _ in keys for code in codes.split("+"))
    assert set(asked.values()) == {1} and len(asked) == len(ours)
    assert ("PALLFNF", "INDEX") in asked and ("PGOLD", "USD") in asked
    assert sum(kind == "USD" for _, kind in asked) >= 80


def test_a_renamed_code_is_left_out_and_said() -> None:
    renamed = "Sugar, No. 11, World, US dollars per metric tonne, Unit prices"
    parsed = SOURCE.parse(reply(code_list(PSUGAISA=renamed, PTIN=""), CODE_LIST))
    assert "PTIN" not in str(parsed.follow) and "PSUGAISA" not in str(parsed.follow)
    assert parsed.note == "renamed or gone at the IMF, not fetched: PSUGAISA, PTIN"
    others = json.dumps({"data": {"codelists": [{"id": "X", "codes": [{"id": "A", "name": "a"}]}]}})
    assert "no commodity" in str(problem(SOURCE, reply(others, CODE_LIST)))


def test_units_titles_and_what_has_none() -> None:
    lines = [
        HEAD,
        "IMF.RES:PCPS(9.0.0),G001,PSUGAISA,USD,M,2026-M07,16.25,0",
        "IMF.RES:PCPS(9.0.0),G001,PALLFNF,INDEX,M,2026-M07,171.5,0",
        "IMF.RES:PCPS(9.0.0),G001,PSUGAISA,INDEX,M,2026-M07,99.1,0",
        "IMF.RES:PCPS(9.0.0),G001,PLITH,USD,M,2026-M07,156809.13,0",
    ]
    found = held(SOURCE.parse(reply("\n".join(lines), f"{commodities.DATA}G001.A.USD.M")))
    units = {row["series_id"]: row["unit"] for row in found["macro"].to_dicts()}
    assert units == {
        "imf:PCPS:G001.PSUGAISA.USD.M": "US cents per pound",
        "imf:PCPS:G001.PALLFNF.INDEX.M": "index 2016=100",
        # Our name has the unit of the price, so its index is of no stated base.
        "imf:PCPS:G001.PSUGAISA.INDEX.M": "unstated",
        "imf:PCPS:G001.PLITH.USD.M": "unstated",
    }
    series = {row["series_id"]: row for row in found["series"].to_dicts()}
    sugar = series["imf:PCPS:G001.PSUGAISA.USD.M"]
    assert (sugar["title"], sugar["country"]) == ("Sugar, No. 11, World, mean of the month", None)
    assert sugar["indicator"] == "commodity_food_sugar_no_11_world"
    index = series["imf:PCPS:G001.PALLFNF.INDEX.M"]
    assert index["title"] == "Commodity prices: All commodities, mean of the month"


def test_a_run_asks_for_the_names_first(tmp_path: Path) -> None:
    asked = []

    def imf(to: Handler) -> None:
        asked.append(to.path)
        if "codelist" in to.path:
            return status(200, code_list(PTIN="").encode(), Content_Type="application/json")(to)
        _, codes, kind, _ = to.path.split("?")[0].rpartition("/")[2].split(".")
        rows = [
            f"IMF.RES:PCPS(9.0.0),G001,{code},{kind},M,2024-M01,2.5,0" for code in codes.split("+")
        ]
        status(200, "\n".join([HEAD, *rows, ""]).encode(), Content_Type="text/csv")(to)

    with opened(SOURCE, tmp_path) as desk:
        desk.speak(imf, "*")
        outcome = desk.run(job="imf_commodities").outcome
        assert outcome.status in ("ok", "partial"), outcome
        assert "PTIN" in outcome.message
        assert "codelist" in asked[0] and not any("codelist" in path for path in asked[1:])
        sql = "SELECT unit, count(*) FROM macro WHERE period = '2024-01-01' GROUP BY unit"
        assert sum(count for _, count in desk.rows(sql)) == len(listed("imf_commodities", "id")) - 1
        assert dict(desk.rows(sql))["USD per troy ounce"] == 4
        (known,) = desk.rows("SELECT min(known_at) FROM macro")[0]
        assert known.date() >= date(2024, 3, 11)
