"""Bank of Japan statistics: exchange rates and call rate, with the units that it states.

Its status stands inside the body. Known from when we saw it: it keeps no vintages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.body import careful, document, refuse
from ingest.formats.records import number
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import entry, listed

BASE = "https://www.stat-search.boj.or.jp/api/v1/getDataCode"
FREQUENCY = {
    "DAILY": "daily",
    "WEEKLY": "weekly",
    "MONTHLY": "monthly",
    "QUARTERLY": "quarterly",
    "ANNUAL": "annual",
}


def plan(window: Window) -> list[Call]:
    """One call per series; the API takes months."""
    ours = listed("boj", "code")
    calls = []
    for code in window.names or tuple(ours):
        params = {
            "format": "json",
            "lang": "en",
            "db": ours.get(code, {}).get("db", ""),
            "code": code,
        }
        if window.since:
            params["startDate"] = f"{window.since:%Y%m}"
        if window.until:
            params["endDate"] = f"{window.until:%Y%m}"
        calls.append(Call(BASE, params))
    return calls


@careful
def parse(reply: Reply) -> Parsed:
    """Series of the result set; a position that is not null is where the next page starts."""
    answer = document(reply)
    if not isinstance(answer, dict):
        raise ReplyError("upstream", "expected an object of the Bank of Japan")
    _check(reply, answer)
    results = answer.get("RESULTSET")
    if not isinstance(results, list):
        raise ReplyError("upstream", f"no RESULTSET among {', '.join(answer)[:120]}")
    if results and "VALUES" not in results[0]:
        return tables.reading("series of the data base", results)
    parts = [part for result in results if (part := _series(reply, result))]
    if not parts:
        raise ReplyError("empty", "the Bank of Japan lists days without a value, or no series")
    return Parsed(tables.merged(*parts), _next(reply, answer))


def _check(reply: Reply, answer: Mapping[str, Any]) -> None:
    status = int(answer.get("STATUS") or reply.status)
    words = f"{answer.get('MESSAGE', '')} ({answer.get('MESSAGEID', 'no id')})"
    if status < 300:
        return
    problem: Problem = "upstream" if status >= 500 else "quota" if status == 429 else "client"
    refuse(reply, words, problem)


def _next(reply: Reply, answer: Mapping[str, Any]) -> tuple[Call, ...]:
    position = answer.get("NEXTPOSITION")
    if position in (None, "") or not reply.call.url:
        return ()
    url = reply.call.url.partition("?")[0]
    return (Call(url, {**reply.parameters, "startPosition": str(position)}),)


def _series(reply: Reply, fields: Mapping[str, Any]) -> dict[str, pa.Table]:
    code = str(fields["SERIES_CODE"])
    facts = entry("boj", code, "code")
    stated = str(fields.get("FREQUENCY") or "").upper().split("(")[0].strip()
    frequency = FREQUENCY.get(stated, "irregular")
    frame = _observed(code, fields["VALUES"], frequency)
    if not frame.height:
        return {}
    if facts.get("base"):
        pair = frame.rename({"period": "date", "value": "close"}).with_columns(
            base=pl.lit(facts["base"]), quote=pl.lit(facts["quote"])
        )
        return tables.rates(reply, "boj", pair)
    described = {
        "series_id": f"boj:{code}",
        "indicator": facts.get("indicator") or code,
        "title": str(fields.get("NAME_OF_TIME_SERIES") or facts.get("title") or code),
        "country": "JPN",
        "frequency": frequency,
        "unit": str(fields.get("UNIT") or tables.UNSTATED),
        "timezone": "Asia/Tokyo",
    }
    macro = tables.table(
        "macro",
        frame,
        series_id=described["series_id"],
        unit=described["unit"],
        is_forecast=False,
        source="boj",
        **tables.seen(reply),
    )
    return {"macro": macro, "series": tables.described(reply, "boj", [described])}


def _observed(code: str, given: Mapping[str, Any], frequency: str) -> pl.DataFrame:
    """Dates and values stand in two lists of one length; null is a holiday."""
    days = [_first_day(str(word), frequency) for word in given["SURVEY_DATES"]]
    words = [None if value is None else str(value) for value in given["VALUES"]]
    if len(days) != len(words):
        raise ReplyError("upstream", f"{code}: {len(days)} dates and {len(words)} values")
    frame = pl.DataFrame(
        {"period": pl.Series(days, dtype=pl.Date), "value": pl.Series(words, dtype=pl.String)}
    )
    return frame.with_columns(number("value")).drop_nulls("value")


def _first_day(word: str, frequency: str) -> date:
    """20250101 is a day, 2025 a year; 202501 is a month, or the first quarter of a quarterly."""
    found = re.fullmatch(r"(\d{4})(\d\d)?(\d\d)?", word)
    if not found:
        raise ValueError(f"not a date of the Bank of Japan: {word[:40]!r}")
    year, month, day = (int(part or 1) for part in found.groups())
    if frequency == "quarterly" and found.group(3) is None:
        month = month * 3 - 2
    return date(year, month, day)


SOURCE = Source(
    name="boj",
    title="Bank of Japan time-series data",
    gives="Yen exchange rate and call rate",
    grade="snapshot",
    licence="Source: Bank of Japan; reuse with citation.",
    jobs=(
        Job(
            "boj_series",
            ("macro", "series", "prices"),
            "Series of the list",
            Cadence(at="09:30", zone="Asia/Tokyo", days="weekdays"),
            lookback_days=31,
            priority=4,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
