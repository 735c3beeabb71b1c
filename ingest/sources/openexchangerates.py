"""Open Exchange Rates: the last rates of days that are over, per US dollar. No official fixings.

The file of the current day still changes, so it is read and never stored.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from ingest.formats.body import careful, decoded, refuse, retry_after, said
from ingest.formats.rates import days, moment
from ingest.formats.tables import reading
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import json_text, meaning

BASE = "https://openexchangerates.org/api"
MOST_DAYS = 366
DAY = re.compile(r"/historical/(\d{4}-\d{2}-\d{2})\.json")
CODES: dict[str, Problem] = {
    "missing_app_id": "auth",
    "invalid_app_id": "auth",
    "not_allowed": "auth",
    "access_restricted": "quota",
    "not_found": "client",
    "invalid_base": "client",
    "not_available": "client",
    "invalid_date": "client",
    "invalid_date_range": "client",
}
JOBS = (
    Job(
        "openexchangerates_daily",
        ("prices",),
        "last rates of the day before",
        Cadence(at="00:30", zone="UTC"),
        lookback_days=1,
        priority=7,
    ),
)


def plan(window: Window) -> list[Call]:
    """One file per day; a span is a paid feature."""
    names = window.names_or(listed("openexchangerates", "currency"))
    words = (name.removeprefix("oxr:").removeprefix("USD") or "USD" for name in names)
    symbols = ",".join(dict.fromkeys(words))
    last = min(window.until or window.now.date(), window.now.date() - timedelta(days=1))
    first = max(window.since or last, last - timedelta(days=MOST_DAYS - 1))
    span = range(max((last - first).days, 0) + 1)
    return [
        Call(f"{BASE}/historical/{last - timedelta(days=back)}.json", {"symbols": symbols})
        for back in span
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """A file of a past day into prices; the latest rates, lists and usage are read only."""
    document = decoded(reply, json_text(reply))
    if not isinstance(document, dict):
        raise ValueError("expected an object")
    rates = document.get("rates")
    is_refusal = {"message", "description"} <= document.keys() and rates is None
    if document.get("error") or is_refusal or reply.status >= 300:
        _refused(reply, document)
    if isinstance(rates, dict):
        return _rates(rates, document, reply)
    if document and all(isinstance(name, str) for name in document.values()):
        return reading("currencies", [{"currency": c, "name": n} for c, n in document.items()])
    inner = document.get("data")
    if not document:
        raise ReplyError("empty", "an empty object")
    return reading("object", [inner if isinstance(inner, dict) else document])


def _rates(rates: dict[str, Any], document: dict[str, Any], reply: Reply) -> Parsed:
    base = str(document.get("base") or "USD")
    names = {"source": "openexchangerates", "prefix": "oxr"}
    if rates and all(isinstance(part, dict) for part in rates.values()):
        if "start_date" in document or all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in rates):
            return days(rates, base, reply, **names)
        return reading("candles", [{"currency": code, **part} for code, part in rates.items()])
    stamp = document.get("timestamp")
    at = datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int) else None
    asked = DAY.search(reply.call.url)
    if asked:
        # A file of another day than the one asked for speaks of its own day.
        day = at.date().isoformat() if at else asked[1]
        return days({day: rates}, base, reply, **names)
    return moment(rates, base, at)


def _refused(reply: Reply, document: dict[str, Any]) -> NoReturn:
    """`{"error": true, "status": 401, "message": "invalid_app_id", "description": "..."}`."""
    code = str(document.get("message") or "")
    words = said(document.get("description") or code)
    if not words:
        refuse(reply)
    stated = document.get("status")
    status = stated if isinstance(stated, int) else reply.status
    problem = CODES.get(code)
    if code == "access_restricted" and status == 403:
        problem = meaning(words, "auth")
    if problem is None:
        default: Problem = "upstream" if status >= 500 else "client"
        problem = (
            "quota" if status == 429 else meaning(f"{code.replace('_', ' ')} {words}", default)
        )
    raise ReplyError(problem, f"{code}: {words}", retry_after(reply))


SOURCE = Source(
    name="openexchangerates",
    title="Open Exchange Rates",
    gives="last exchange rates of past days per US dollar",
    grade="lagged",
    licence="Rates by Open Exchange Rates (https://openexchangerates.org), for information only; "
    "resale is prohibited.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="oxr:USD",
    secret="OPENEXCHANGERATES_APP_ID",
    key_in="query:app_id",
)
