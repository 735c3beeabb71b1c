"""BEA: lines of the US national accounts (NIPA), a table to a call.

Every value is text, levels with thousands separators, at the power of ten that each row states.
Errors come with HTTP 200, and an answer repeats the user's id. `UTCProductionTime` is when the
answer was made and not when it was published, so values are known from when we saw them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.body import careful, document, refuse, said
from ingest.formats.periods import first_day
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import entry, listed
from ingest.runs.refusals import meaning

URL = "https://apps.bea.gov/api/data"
ZONE = "America/New_York"
NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|-?\.\d+")
NOTHING = ("", "---", "(NA)", "(NM)", "(D)", ".....", "n.a.")
OF_FREQUENCY = {"Q": "quarterly", "M": "monthly", "A": "annual"}
YEAR = re.compile(r"\b(\d{4})\b")


def plan(window: Window) -> list[Call]:
    """One call per table and frequency, of whose lines any is asked for."""
    names = [name.removeprefix("bea:") for name in window.names_or(listed("bea", "key"))]
    found = dict.fromkeys(tuple(name.split(".")[:2]) for name in names)
    return [_call(table, frequency, window) for table, frequency in found]


def _call(table: str, frequency: str, window: Window) -> Call:
    last = (window.until or window.now.date()).year
    years = range(window.since.year, last + 1) if window.since else ()
    return Call(
        URL,
        {
            "method": "GetData",
            "datasetname": "NIPA",
            "TableName": table,
            "Frequency": frequency,
            "Year": ",".join(map(str, years)) or "ALL",
            "ResultFormat": "JSON",
        },
    )


@careful
def parse(reply: Reply) -> Parsed:
    """The lines of a table that our list has, each in the unit that the list expects."""
    answer = document(reply)
    top = answer.get("BEAAPI") if isinstance(answer, dict) else None
    if not isinstance(top, dict):
        if reply.status >= 300:
            refuse(reply)
        raise ReplyError("upstream", "expected an object BEAAPI")
    given = top.get("Results")
    results = given[0] if isinstance(given, list) and given else given
    stated = results if isinstance(results, dict) else {}
    error = top.get("Error") or stated.get("Error")
    if error or reply.status >= 300:
        _refuse(reply, error)
    rows = stated.get("Data")
    if not isinstance(rows, list):
        raise ReplyError("upstream", f"no Data among {said(', '.join(stated)) or 'nothing'}")
    return _table(reply, [_small(row) for row in rows], stated.get("Notes") or [])


def _refuse(reply: Reply, error: Any) -> NoReturn:
    """Code and description of an error, which may stand in a list of one."""
    first = error[0] if isinstance(error, list) and error else error
    stated = first if isinstance(first, dict) else {"APIErrorDescription": first or ""}
    words, code = str(stated.get("APIErrorDescription") or ""), str(stated.get("APIErrorCode", ""))
    problem: Problem = meaning(words, "client")
    if re.search(r"(?i)user.?id", words):
        problem, words = "auth", f"{words} Set BEA_API_KEY to a registered and active id."
    text = f"{words} (code {code})" if code else words
    refuse(reply, text, None if reply.status >= 300 else problem)


def _small(row: Mapping[str, Any]) -> dict[str, str]:
    """Some tables write the names of fields in other capitals."""
    return {
        str(name).upper(): "" if value is None else str(value).strip()
        for name, value in row.items()
    }


def _table(reply: Reply, rows: list[dict[str, str]], notes: list[Any]) -> Parsed:
    texts = {str(n.get("NoteRef")): str(n.get("NoteText")) for n in notes if isinstance(n, dict)}
    found: dict[str, list[tuple[date, float]]] = {}
    series: dict[str, dict[str, Any]] = {}
    for row in rows:
        period, frequency = first_day(row["TIMEPERIOD"])
        letter = next((k for k, word in OF_FREQUENCY.items() if word == frequency), "?")
        key = f"{row['TABLENAME']}.{letter}.{row['SERIESCODE']}"
        if not entry("bea", key, "key"):
            continue  # most lines of a table are in no list of ours
        if key not in series:
            series[key] = _described(key, _note(row, texts), frequency)
        _check_unit(key, row)
        if row["DATAVALUE"] not in NOTHING:
            found.setdefault(key, []).append((period, _number(key, row["DATAVALUE"])))
    if not found:
        raise ReplyError(
            "empty", "no line of this table is in ingest/universe/bea.csv, or has a value"
        )
    parts = [_macro(reply, series[key], facts) for key, facts in found.items()]
    described = tables.described(reply, "bea", [series[key] for key in found])
    asked = (reply.parameters.get("TableName"), reply.parameters.get("Frequency"))
    lacking = [
        k for k in listed("bea", "key") if tuple(k.split(".")[:2]) == asked and k not in found
    ]
    note = f"not in the answer: {', '.join(lacking)}" if lacking else ""
    return Parsed(tables.merged(*parts, {"series": described}), note=note)


def _note(row: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """What the notes say of a row, which may name several."""
    return " ".join(texts.get(ref.strip(), "") for ref in row.get("NOTEREF", "").split(","))


def _check_unit(key: str, row: Mapping[str, str]) -> None:
    about = entry("bea", key, "key")
    expected = about["metric"], about["stated"], about["mult"]
    stated = tuple(row.get(name, "") for name in ("METRIC_NAME", "CL_UNIT", "UNIT_MULT"))
    if stated != expected:
        raise ReplyError(
            "upstream", f"{key} is in {said(', '.join(stated))}, expected {', '.join(expected)}"
        )


def _described(key: str, note: str, frequency: str) -> dict[str, Any]:
    """What a line is; a unit of another base year than the table's note has is refused."""
    about = entry("bea", key, "key")
    for year in YEAR.findall(about["unit"]):
        if year not in YEAR.findall(note):
            raise ReplyError(
                "upstream",
                f"{key}: our list says {about['unit']}, and the note of the table has no {year}: "
                f"{said(note) or 'it is empty'}",
            )
    low = note.lower()
    nsa, sa = "not seasonally adjusted" in low, "seasonally adjusted" in low
    return {
        "series_id": f"bea:{key}",
        "indicator": about["indicator"],
        "title": about["title"],
        "country": "USA",
        "frequency": frequency,
        "unit": about["unit"],
        "adjustment": "nsa" if nsa else "sa" if sa else "unknown",
        "timezone": ZONE,
    }


def _number(key: str, text: str) -> float:
    """`27,610,128` as a number; a separator elsewhere is a mistake and no number."""
    if not NUMBER.fullmatch(text):
        raise ReplyError("upstream", f"{key}: {said(text)} is no number")
    return float(text.replace(",", ""))


def _macro(
    reply: Reply, series: Mapping[str, Any], facts: list[tuple[date, float]]
) -> dict[str, pa.Table]:
    frame = pl.DataFrame(facts, schema={"period": pl.Date, "value": pl.Float64}, orient="row")
    made = tables.table(
        "macro",
        frame,
        series_id=series["series_id"],
        unit=series["unit"],
        is_forecast=False,
        source="bea",
        **tables.seen(reply),
    )
    return {"macro": made}


SOURCE = Source(
    name="bea",
    title="US Bureau of Economic Analysis",
    gives="US national accounts: output, consumption, income and their prices",
    grade="snapshot",
    licence="Source: US Bureau of Economic Analysis; public domain.",
    jobs=(
        Job(
            "bea_nipa",
            ("macro", "series"),
            "Lines of the national accounts, five years back",
            Cadence(at="08:50", zone=ZONE, days="weekdays"),
            lookback_days=5 * 365,
            priority=4,
        ),
    ),
    plan=plan,
    parse=parse,
    secret="BEA_API_KEY",
    key_in="query:UserID",
    cache_s=3600,
)
