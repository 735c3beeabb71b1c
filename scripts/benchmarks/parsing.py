"""Large answers of sources read by their own `parse`, on one core, beside decoding alone.

Each runs in a process of its own with one thread, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path as Folder
from typing import Any

from scripts.benchmarks.report import Row

NAME = "parsing"
REPOSITORY = Folder(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
COMPACT = (",", ":")
ONE_THREAD = ("env", "POLARS_MAX_THREADS=1", "OMP_NUM_THREADS=1")


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """One large answer: whose it is, how it was asked for, and what reading it may take."""

    source: str
    url: str
    body: Callable[[], bytes]
    unit: str
    least_per_s: float
    most_mb: int = 0
    pages: int = 1


def observations_fred() -> bytes:
    """A million observations of one series, as ALFRED sends them."""
    rows = [
        {
            "realtime_start": "2024-01-01",
            "realtime_end": "9999-12-31",
            "date": f"{1776 + at // 366 // 12:04d}-{1 + at // 366 % 12:02d}-{1 + at % 28:02d}",
            "value": f"{at / 7:.3f}",
        }
        for at in range(1_000_000)
    ]
    head = {"units": "lin", "output_type": 1, "count": len(rows), "offset": 0, "limit": 10**6}
    return json.dumps(head | {"observations": rows}, separators=COMPACT).encode()


def observations_worldbank() -> bytes:
    """A million values of one indicator."""
    rows = [
        {
            "indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"},
            "country": {"id": "DE", "value": "Germany"},
            "countryiso3code": "DEU",
            "date": str(1000 + at % 1000),
            "value": at * 1000.25,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        for at in range(1_000_000)
    ]
    head = {"page": 1, "pages": 1, "per_page": 10**6, "total": len(rows), "sourceid": "2"}
    return json.dumps([head | {"lastupdated": "2026-07-01"}, rows], separators=COMPACT).encode()


def observations_imf() -> bytes:
    """A million observations of SDMX-JSON: 20,000 places by fifty years, with a status each."""
    places, years = range(20_000), range(50)
    series = [
        ("COUNTRY", [{"id": f"P{at}"} for at in places]),
        ("INDICATOR", [{"id": "NGDPD"}]),
        ("FREQUENCY", [{"id": "A"}]),
    ]
    dimensions = {
        "series": [
            {"id": name, "keyPosition": at, "values": values}
            for at, (name, values) in enumerate(series)
        ],
        "observation": [{"id": "TIME_PERIOD", "values": [{"value": str(1976 + y)} for y in years]}],
    }
    attributes = {"observation": [{"id": "STATUS", "values": [{"id": "A"}]}]}
    data = {
        f"{place}:0:0": {"observations": {str(y): [f"{place + y / 7:.5f}", 0] for y in years}}
        for place in places
    }
    link = {"urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=IMF.RES:WEO(9.0.0)"}
    structure = {"links": [link], "dimensions": dimensions, "attributes": attributes}
    message = {"dataSets": [{"series": data}], "structures": [structure]}
    return json.dumps({"data": message}, separators=COMPACT).encode()


def klines() -> bytes:
    """A million one-minute candles."""
    first = 1_600_000_020_000
    rows = [
        [
            first + at * 60_000,
            f"{at / 7:.2f}",
            f"{at / 7 + 1:.2f}",
            f"{at / 7 - 1:.2f}",
            f"{at / 7:.2f}",
            "12.5",
            first + at * 60_000 + 59_999,
            "1.0",
            7,
            "1.0",
            "1.0",
            "0",
        ]
        for at in range(14, 1_000_014)
    ]
    return json.dumps(rows, separators=COMPACT).encode()


def flows() -> bytes:
    """A page of UN Comtrade, as many rows as one may hold: products of ten years."""
    row = {
        "typeCode": "C",
        "freqCode": "A",
        "refPeriodId": 20230101,
        "refMonth": 52,
        "reporterCode": 276,
        "reporterISO": "DEU",
        "flowCode": "M",
        "partnerCode": 842,
        "partnerISO": "USA",
        "partner2Code": 0,
        "classificationCode": "H6",
        "customsCode": "C00",
        "motCode": 0,
        "qty": None,
        "netWgt": 12.5,
        "cifvalue": 100.5,
        "fobvalue": None,
    }
    rows = [
        row
        | {
            "refYear": 2014 + at % 10,
            "period": str(2014 + at % 10),
            "cmdCode": f"{at // 10:06d}",
            "primaryValue": at + 0.25,
        }
        for at in range(250_000)
    ]
    head = {"elapsedTime": "0.1 secs", "count": len(rows), "error": ""}
    return json.dumps(head | {"data": rows}, separators=COMPACT).encode()


ANSWERS = {
    "FRED, observations": ParsedAnswer(
        "fred",
        "https://api.stlouisfed.org/fred/series/observations?series_id=UNRATE&output_type=1",
        observations_fred,
        "observations",
        1e6,
    ),
    "World Bank, values": ParsedAnswer(
        "worldbank",
        "https://api.worldbank.org/v2/country/all/indicator/NY.GDP.MKTP.CD?format=json",
        observations_worldbank,
        "observations",
        1e6,
    ),
    "IMF, SDMX-JSON": ParsedAnswer(
        "imf",
        "https://api.imf.org/external/sdmx/3.0/data/dataflow/IMF.RES/WEO/+/*.NGDPD.A",
        observations_imf,
        "observations",
        1e6,
    ),
    "Binance, klines": ParsedAnswer(
        "binance",
        "https://data-api.binance.vision/api/v3/klines?symbol=BTCUSDT&interval=1m",
        klines,
        "klines",
        2e6,
    ),
    "UN Comtrade, flows": ParsedAnswer(
        "comtrade",
        "https://comtradeapi.un.org/data/v1/get/C/A/HS?reporterCode=276",
        flows,
        "rows",
        2e5,
        most_mb=600,
        pages=4,
    ),
}


def rows(rounds: int) -> list[Row]:
    """Two rows an answer: ours against its goal, and decoding alone as its peer."""
    found: list[Row] = []
    for label, answer in ANSWERS.items():
        fields = _measured(label, rounds)
        ours, peer = fields["parse"], fields["loads"]
        middle, least = statistics.median(ours), min(ours)
        rate, best = fields["rows"] / middle, fields["rows"] / least
        verdict = _verdict(rate, best, answer.least_per_s)
        goal = f">= {answer.least_per_s / 1e6:g} M {answer.unit}/s"
        times = (f"{middle * 1e3:,.0f}", f"{least * 1e3:,.0f}", "")
        blank = ("", "", "")
        peak = f"{fields['peak']:,}"
        name = f"{NAME}, {fields['rows'] / 1e6:g} M" if not found else ""
        found.append((name, label, *times, *blank, goal, verdict, peak))
        if answer.most_mb:
            room = "met" if fields["peak"] <= answer.most_mb else "missed"
            found.append(("", "peak memory", *blank, *blank, f"<= {answer.most_mb} MB", room, ""))
        ratio = f"{middle / statistics.median(peer):.2f}"
        alone = (f"{statistics.median(peer) * 1e3:,.0f}", f"{min(peer) * 1e3:,.0f}", "")
        found.append(
            ("", "json.loads alone", *alone, ratio, f"{least / min(peer):.2f}", *("",) * 4)
        )
    return found


def _verdict(rate: float, best: float, goal: float) -> str:
    if rate >= goal:
        return "met"
    return "met at min" if best >= goal else "missed"


def _measured(label: str, rounds: int) -> dict[str, Any]:
    done = subprocess.run(
        [*ONE_THREAD, sys.executable, "-m", "scripts.benchmarks.parsing", label, str(rounds)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _probe(label: str, rounds: int) -> None:
    """Print what one answer took, in turns with decoding; the peak is that of the first parse."""
    from ingest.jobs import Call, Reply
    from ingest.registry import SOURCES

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    answer = ANSWERS[label]
    body = subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks.parsing", label], capture_output=True, check=True
    ).stdout
    source = SOURCES[answer.source]
    reply = Reply(Call(answer.url), 200, {"content-type": "application/json"}, body, NOW)
    peak, count, ours, peer = 0, 0, [], []
    for _ in range(rounds):
        start = time.perf_counter()
        parsed = [source.parse(reply).tables for _ in range(answer.pages)]
        ours.append(time.perf_counter() - start)
        peak = peak or _peak_mb()
        count = sum(max(table.num_rows for table in page.values()) for page in parsed)
        del parsed
        start = time.perf_counter()
        for _ in range(answer.pages):
            json.loads(body)
        peer.append(time.perf_counter() - start)
    fields = {"parse": ours, "loads": peer, "rows": count, "peak": peak}
    sys.stdout.write(json.dumps(fields))


def _peak_mb() -> int:
    for line in Folder("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 // 1_000_000
    raise LookupError("VmHWM")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _probe(sys.argv[1], int(sys.argv[2]))
    else:
        sys.stdout.buffer.write(ANSWERS[sys.argv[1]].body())
