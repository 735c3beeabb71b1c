"""Pages, lists and files of UN Comtrade for tests, and what its jobs ask for at first."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from ingest.jobs import Call, Reply, Window
from ingest.sources.comtrade import SOURCE
from tests.ingest.market import NOW

PREVIEW = "https://comtradeapi.un.org/public/v1/preview/C/A/HS?period=2022&reporterCode=842"
FILE = "https://comtradeapi.un.org/bulk/v1/file/842/5f0e"
COLUMNS = {"cifvalue": "cifValue", "fobvalue": "fobValue"}


def flow(**more: Any) -> dict[str, Any]:
    """One annual row as the API writes it without descriptions."""
    return {
        "typeCode": "C",
        "freqCode": "A",
        "refPeriodId": 20220101,
        "refYear": 2022,
        "refMonth": 52,
        "period": "2022",
        "reporterCode": 842,
        "reporterISO": None,
        "flowCode": "M",
        "partnerCode": 156,
        "partnerISO": None,
        "partner2Code": 0,
        "classificationCode": "H6",
        "cmdCode": "TOTAL",
        "customsCode": "C00",
        "motCode": 0,
        "qtyUnitCode": -1,
        "qty": 0,
        "netWgt": 0,
        "cifvalue": 10.5,
        "fobvalue": None,
        "primaryValue": 10.5,
    } | more


def answer(*data: dict[str, Any]) -> dict[str, Any]:
    """The envelope of a page."""
    return {"elapsedTime": "0.1 secs", "count": len(data), "data": list(data), "error": ""}


def listing(reporter: int, period: int, **more: Any) -> dict[str, Any]:
    """A data set as the list of publications has it."""
    return {
        "typeCode": "C",
        "freqCode": "M" if period > 9999 else "A",
        "period": period,
        "reporterCode": reporter,
        "classificationCode": "H6",
        "isOriginalClassification": True,
        "totalRecords": 1000,
        "datasetChecksum": -5,
        "firstReleased": "2025-06-12T01:47:07.73",
        "lastReleased": "2025-07-05T01:13:58.7",
    } | more


def availability(call: Call, *data: dict[str, Any]) -> Reply:
    """The answer to a call for publications."""
    return Reply(call, 200, {}, json.dumps(answer(*data)).encode(), NOW)


def text_file(*data: dict[str, Any]) -> bytes:
    """Rows as a bulk file has them: text between tabs, nothing for null."""
    names = [name for name in data[0] if not name.endswith("ISO")]
    lines = ["\t".join(COLUMNS.get(name, name) for name in names)]
    for row in data:
        cells = ["" if row[name] is None else str(row[name]) for name in names]
        lines.append("\t".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode()


def plan(*names: str, job: str = "trade_new", has_key: bool = False, **span: date) -> list[Call]:
    """What a job asks for at first."""
    return SOURCE.plan(Window(names, NOW, job=job, has_key=has_key, **span))
