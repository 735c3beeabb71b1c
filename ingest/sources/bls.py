"""BLS: US prices, employment and pay by series id, asked for in lists by POST.

A refusal comes with HTTP 200 and stands in `status` and `message`. What was never collected has
the value `-` with its reason in a footnote: it is no row, and the run says so. Known from when we
saw it: an answer does not say when a value was published; vintages of the main series are FRED's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.bars import NOTHING
from ingest.formats.body import careful, document, refuse, said
from ingest.formats.periods import first_day
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import entry, listed
from ingest.runs.refusals import meaning

URL = "https://api.bls.gov/publicAPI/v2/timeseries/data/"
DONE = "REQUEST_SUCCEEDED"
FIRST_YEAR = 1913  # of the oldest series of prices
# What one call may ask for with a key and without: series, years.
KEYED, OPEN = (50, 20), (25, 10)
# M13 is the mean of a year, S01 to S03 and Q05 are halves and means of other periods: derived.
PERIOD = re.compile(r"(?:M(?:0[1-9]|1[0-2])|Q0[1-4]|A01)")
MOST_NAMED = 3


def plan(window: Window) -> list[Call]:
    """Lists of series over spans of years, the newest first: a quota cuts off the oldest."""
    most, years = KEYED if window.has_key else OPEN
    names = [name.removeprefix("bls:") for name in window.names_or(listed("bls", "id"))]
    first = window.since.year if window.since else FIRST_YEAR
    last = max(first, (window.until or window.now.date()).year)
    return [
        Call(
            URL,
            body={
                "seriesid": names[at : at + most],
                "startyear": str(max(first, end - years + 1)),
                "endyear": str(end),
            },
        )
        for end in range(last, first - 1, -years)
        for at in range(0, len(names), most)
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """Every series of an answer; what it could not give is said in its own words."""
    answer = document(reply)
    if not isinstance(answer, dict) or "status" not in answer:
        if reply.status >= 300:
            refuse(reply)
        raise ReplyError("upstream", "expected an object of the BLS with a status")
    words = _words(answer.get("message"))
    if answer["status"] != DONE or reply.status >= 300:
        _refuse(reply, words or [str(answer["status"])])
    results = answer.get("Results")
    series = results.get("series") if isinstance(results, dict) else None
    if not isinstance(series, list):
        raise ReplyError("upstream", "the BLS says that it is done and gives no series")
    parts, gaps = [], []
    for item in series:
        part, missing = _series(reply, str(item["seriesID"]), item["data"])
        parts += [part] if part else []
        gaps += missing
    note = "; ".join([*_few(words), *_few(gaps)])
    if not parts:
        raise ReplyError("empty", note or "the BLS has no value in these years")
    return Parsed(tables.merged(*parts), note=note)


def _words(message: Any) -> list[str]:
    given = message if isinstance(message, list) else [message] if message else []
    return [said(words) for words in given if words]


def _few(words: list[str]) -> list[str]:
    more = len(words) - MOST_NAMED
    return [*words[:MOST_NAMED], *([f"{more} more of the kind"] if more > 0 else [])]


def _refuse(reply: Reply, words: Iterable[str]) -> NoReturn:
    text = "; ".join(words)
    problem: Problem = "quota" if "threshold" in text.lower() else meaning(text, "client")
    if re.search(r"(?i)\bkey\b.*\binvalid|invalid.*\bkey\b", text):
        problem = "auth"
    refuse(reply, text, None if reply.status >= 300 else problem)


def _series(reply: Reply, name: str, rows: Any) -> tuple[dict[str, pa.Table], list[str]]:
    """The rows of one series, and which of its periods have no value, with the reason."""
    about, found, gaps = entry("bls", name), [], []
    for row in rows:
        if not PERIOD.fullmatch(str(row["period"])):
            continue
        period, frequency = first_day(_written(str(row["year"]), str(row["period"])))
        text = "" if row.get("value") is None else str(row["value"]).strip()
        if text in NOTHING:
            gaps.append(f"{name} has no value for {row['year']} {row['period']}: {_why(row)}")
        else:
            found.append((period, _number(name, text)))
    if not found:
        return {}, gaps
    frame = pl.DataFrame(found, schema={"period": pl.Date, "value": pl.Float64}, orient="row")
    unit = about.get("unit") or tables.UNSTATED
    described = {
        "series_id": f"bls:{name}",
        "indicator": about.get("indicator") or name,
        "title": about.get("title") or name,
        "country": "USA",
        "frequency": frequency,
        "unit": unit,
        "adjustment": about.get("adjustment") or "unknown",
        "timezone": "America/New_York",
    }
    macro = tables.table(
        "macro",
        frame,
        series_id=described["series_id"],
        unit=unit,
        is_forecast=False,
        source="bls",
        **tables.seen(reply),
    )
    return {"macro": macro, "series": tables.described(reply, "bls", [described])}, gaps


def _written(year: str, period: str) -> str:
    """`2025` and `M10`, `Q01` or `A01` as one of the written periods."""
    kind, number = period[0], int(period[1:])
    return {"M": f"{year}-{number:02}", "Q": f"{year}-Q{number}"}.get(kind, year)


def _number(name: str, text: str) -> float:
    value = float(text.replace(",", ""))
    if not math.isfinite(value):
        raise ReplyError("upstream", f"{name}: {said(text)} is no number")
    return value


def _why(row: Mapping[str, Any]) -> str:
    """The words of its footnotes; a row without any has one that is empty."""
    notes = [note for note in row.get("footnotes") or [] if isinstance(note, dict)]
    return said(" ".join(str(note["text"]) for note in notes if note.get("text"))) or "no reason"


SOURCE = Source(
    name="bls",
    title="US Bureau of Labor Statistics",
    gives="US consumer and producer prices, employment, pay, average retail prices",
    grade="snapshot",
    licence="Source: US Bureau of Labor Statistics; public domain.",
    jobs=(
        Job(
            "bls_series",
            ("macro", "series"),
            "Series of the list, nine years back",
            Cadence(at="08:45", zone="America/New_York", days="weekdays"),
            lookback_days=9 * 365,  # at most ten calendar years, which is one call without a key
            priority=3,
        ),
    ),
    plan=plan,
    parse=parse,
    secret="BLS_API_KEY",
    key_in="body:registrationkey",
    is_key_optional=True,
    cache_s=3600,
)
