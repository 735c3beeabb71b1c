"""exchangerate.host: mid-market rates of days that are over. No official fixings.

Errors come as HTTP 200; their code counts, since their words change.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

from ingest.formats.body import careful, decoded, refuse, retry_after, said
from ingest.formats.rates import days, moment
from ingest.formats.tables import reading
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import json_text, meaning

BASE = "https://api.exchangerate.host"
LONGEST = 365  # days in one request for a span
CODES: dict[int, Problem] = {
    101: "auth",
    102: "auth",
    103: "client",
    104: "quota",
    105: "auth",
    106: "empty",
    201: "client",
    202: "client",
    301: "client",
    302: "client",
    404: "client",
    429: "quota",
}
JOBS = (
    Job(
        "exchangerate_host_daily",
        ("prices",),
        "rates of the day before",
        Cadence(at="00:30", zone="UTC"),
        lookback_days=1,
        priority=8,
    ),
)


def plan(window: Window) -> list[Call]:
    """One call for a span of up to a year, whatever the number of currencies."""
    names = window.names_or(listed("exchangerate_host", "currency"))
    words = (name.removeprefix("erh:").removeprefix("USD") or "USD" for name in names)
    currencies = ",".join(dict.fromkeys(words))
    params = {"source": "USD", "currencies": currencies}
    last = min(window.until or window.now.date(), window.now.date() - timedelta(days=1))
    first = window.since or last
    if first >= last:
        return [Call(f"{BASE}/historical", {"date": last.isoformat(), **params})]
    calls = []
    while first <= last:
        end = min(last, first + timedelta(days=LONGEST - 1))
        span = {"start_date": first.isoformat(), "end_date": end.isoformat()}
        calls.append(Call(f"{BASE}/timeframe", span | params))
        first = end + timedelta(days=1)
    return calls


@careful
def parse(reply: Reply) -> Parsed:
    """Days into prices; the present moment, lists and conversions are read only."""
    document = decoded(reply, json_text(reply))
    if not isinstance(document, dict):
        raise ValueError("expected an object")
    if document.get("success") is False or "error" in document or reply.status >= 300:
        _refused(reply, document)
    quotes = document.get("quotes")
    if isinstance(quotes, dict):
        return _quotes(quotes, document, reply)
    if isinstance(document.get("rates"), dict) and "base" in document:
        return _legacy(document, reply)
    if isinstance(document.get("currencies"), dict):
        rows = [{"currency": c, "name": n} for c, n in document["currencies"].items()]
        return reading("currencies", rows)
    if "result" in document:
        return reading("conversion", [document])
    if not document.get("success") and not document.get("data"):
        raise ReplyError("upstream", "the answer has neither quotes nor an error")
    return reading("object", [document])


def _quotes(quotes: dict[str, Any], document: dict[str, Any], reply: Reply) -> Parsed:
    """Keys are source and currency in one word: `USDEUR`."""
    base = str(document.get("source") or reply.parameters.get("source") or "USD")
    if not quotes:
        raise ReplyError("empty", "no quote for the currencies asked for")
    names = {"source": "exchangerate_host", "prefix": "erh"}
    values = list(quotes.values())
    if all(isinstance(value, dict) for value in values):
        if not all(_is_day(day) for day in quotes):
            return reading("change", [{"pair": pair, **part} for pair, part in quotes.items()])
        nested = {day: _split(part, base) for day, part in quotes.items()}
        return days(nested, base, reply, **names)
    day = document.get("date") if document.get("historical") else None
    if isinstance(day, str):
        return days({day: _split(quotes, base)}, base, reply, **names)
    return moment(_split(quotes, base), base, _instant(document.get("timestamp")))


def _split(quotes: dict[str, Any], base: str) -> dict[str, Any]:
    return {pair.removeprefix(base) or base: rate for pair, rate in quotes.items()}


def _is_day(word: str) -> bool:
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True


def _instant(stamp: object) -> datetime | None:
    return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int) else None


def _legacy(document: dict[str, Any], reply: Reply) -> Parsed:
    """The schema of before September 2023, as in files that were kept."""
    day, base = str(document.get("date") or ""), str(document["base"])
    rates = document["rates"]
    if _is_day(day):
        return days({day: rates}, base, reply, source="exchangerate_host", prefix="erh")
    return moment(rates, base, None)


def _refused(reply: Reply, document: dict[str, Any]) -> NoReturn:
    error = document.get("error")
    stated = error if isinstance(error, dict) else {"info": error or document.get("message")}
    code, kind = stated.get("code"), str(stated.get("type") or "")
    words = said(stated.get("info") or stated.get("message") or kind)
    if isinstance(code, str) and code.isdigit():
        code = int(code)
    default: Problem = "upstream" if reply.status >= 500 else "client"
    problem = CODES.get(code) if isinstance(code, int) else None
    if problem is None:
        problem = meaning(f"{kind.replace('_', ' ')} {words}", default)
    if not words:
        refuse(reply)
    raise ReplyError(problem, f"{words} ({kind or code})", retry_after(reply))


SOURCE = Source(
    name="exchangerate_host",
    title="exchangerate.host",
    gives="mid-market exchange rates of past days",
    grade="lagged",
    licence="Rates by exchangerate.host (apilayer), for information only; "
    "the terms of your plan apply.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="erh:USD",
    secret="EXCHANGERATE_HOST_KEY",
    key_in="query:access_key",
)
