"""Recorded pages of UN Comtrade, served where the source asks for them and loaded into a lake."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ingest.sources import comtrade
from tests.ingest.desk import Desk, opened
from tests.ingest.market import recorded
from tests.ingest.server import document, status
from tests.ingest.sources.comtrade_pages import listing

pytestmark = pytest.mark.needs("shared")

PIN = {"motCode": "0", "customsCode": "C00", "partner2Code": "0"}
CHINA = "data_v1_get_C_A_HS_CHN_2010.json"
BREAKDOWN = "documented_preview_C_A_HS_with_breakdown_rows.json"
MONTHS = "documented_getDA_C_M_HS_CHN.json"


def page(shared: Path, name: str) -> bytes:
    """A recorded page as it is."""
    return recorded(shared, f"comtrade/{name}").body


def data_of(shared: Path, name: str) -> list[dict[str, Any]]:
    """Its rows."""
    found: list[dict[str, Any]] = json.loads(page(shared, name))["data"]
    return found


def published(desk: Desk, path: str, *rows: dict[str, Any]) -> None:
    """What the list of publications says."""
    desk.speak(document({"count": len(rows), "data": rows, "error": ""}), path)


def pinned(desk: Desk, path: str) -> None:
    """Every request for data pinned what would double it."""
    asked = [hit.query for hit in desk.server.hits if hit.path == path]
    assert asked
    for query in asked:
        assert {name: query.get(name) for name in PIN} == PIN


def test_a_recorded_page_loads_with_the_codes_of_its_recorded_request(
    shared: Path, tmp_path: Path
) -> None:
    url = recorded(shared, f"comtrade/{CHINA}").call.url
    request = dict(parse_qsl(urlsplit(url).query))
    assert {name: request.get(name) for name in PIN} == PIN
    with opened(comtrade.SOURCE, tmp_path, is_keyed=True) as desk:
        published(desk, "/data/v1/getDa/C/A/HS", listing(156, 2010))
        desk.speak(status(200, page(shared, CHINA)), "/data/v1/get/C/A/HS")
        assert desk.counts("CHN", since=date(2010, 1, 1))[:2] == ("ok", 4)
        pinned(desk, "/data/v1/get/C/A/HS")
        found = desk.rows("SELECT partner, flow, value_usd FROM trade ORDER BY ALL")
    names = {"X": "export", "M": "import"}
    assert found == sorted(
        (row["partnerISO"], names[row["flowCode"]], row["primaryValue"])
        for row in data_of(shared, CHINA)
    )


def test_the_page_whose_plain_sum_is_four_times_too_high_gives_the_true_total(
    shared: Path, tmp_path: Path
) -> None:
    rows = [row for row in data_of(shared, BREAKDOWN) if row["partnerCode"] == 276]
    with opened(comtrade.SOURCE, tmp_path) as desk:
        desk.sleep(days=500)
        published(desk, "/public/v1/getDA/C/A/HS", listing(792, 2024))
        desk.speak(status(200, page(shared, BREAKDOWN)), "/public/v1/preview/C/A/HS")
        outcome = desk.run("TUR", since=date(2024, 1, 1)).outcome
        pinned(desk, "/public/v1/preview/C/A/HS")
        [(total,)] = desk.rows("SELECT sum(value_usd) FROM trade WHERE partner = 'DEU'")
        [(world,)] = desk.rows("SELECT sum(value_usd) FROM trade WHERE partner = 'WLD'")
    assert outcome.status == "ok"
    assert "rows left out: parts of totals by mode of transport" in outcome.message
    assert "rows left out: parts of totals by second partner" in outcome.message
    assert total == 19_154_002
    assert sum(row["primaryValue"] for row in rows) > 3.9 * total
    assert world == 120_000_000


def test_the_documented_list_of_months_leads_to_those_months_alone(
    shared: Path, tmp_path: Path
) -> None:
    nothing = document({"count": 0, "data": [], "error": ""})
    with opened(comtrade.SOURCE, tmp_path) as desk:
        desk.sleep(days=500)
        desk.speak(status(200, page(shared, MONTHS)), "/public/v1/getDA/C/M/HS")
        desk.speak(nothing, "/public/v1/preview/C/M/HS")
        outcome = desk.run("CHN", job="trade_months", since=date(2024, 1, 1)).outcome
        asked = [hit.query["period"] for hit in desk.server.hits if "preview" in hit.path]
        pinned(desk, "/public/v1/preview/C/M/HS")
    assert sorted(set(asked)) == ["202401", "202412"]
    assert outcome.status == "empty"
    assert "no rows and no reason, though C/M/HS 156 202401" in outcome.message
