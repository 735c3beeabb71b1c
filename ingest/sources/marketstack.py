"""Marketstack v2: end-of-day prices as printed, with splits and dividends beside them.

Its adjusted columns are never read: they are rewritten with every later split.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa

from ingest.formats.bars import (
    OHLC,
    UNKNOWN_CURRENCY,
    BarFeed,
    currency_of,
    daily,
    dates,
    instruments,
    minutes,
    numbers,
)
from ingest.formats.body import careful, decoded, refuse, retry_after, said
from ingest.formats.sessions import venue
from ingest.formats.tables import reading
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import json_text, meaning

BASE = "https://api.marketstack.com/v2"
DELAY_MINUTES = 120
PAGE = 1000
SYMBOLS = 100
KINDS = {"stock": "equity", "etf": "etf", "index": "index", "fund": "etf", "bond": "rate"}
CODES: dict[str, Problem] = {
    "invalid_access_key": "auth",
    "missing_access_key": "auth",
    "inactive_user": "auth",
    "https_access_restricted": "auth",
    "function_access_restricted": "auth",
    "too_many_requests": "quota",
    "rate_limit_reached": "quota",
    "usage_limit_reached": "quota",
    "validation_error": "client",
    "not_found_error": "client",
    "404_not_found": "client",
    "invalid_api_function": "client",
    "no_valid_symbols_provided": "client",
    "internal_error": "upstream",
}
JOBS = (
    Job(
        "marketstack_eod",
        ("prices",),
        "end-of-day prices",
        Cadence(at="20:30", zone="America/New_York", days="weekdays"),
        lookback_days=7,
        priority=6,
    ),
)


def plan(window: Window) -> list[Call]:
    """As many symbols in a call as it takes; each of them is counted as one."""
    names = window.names_or(listed("marketstack", "symbol"))
    symbols = [_asked(name) for name in names]
    params = {"limit": str(PAGE), "sort": "ASC"}
    if window.since:
        params["date_from"] = window.since.isoformat()
    if window.until:
        params["date_to"] = window.until.isoformat()
    return [
        Call(
            f"{BASE}/eod",
            params | {"symbols": ",".join(symbols[start : start + SYMBOLS])},
            credits=len(symbols[start : start + SYMBOLS]),
        )
        for start in range(0, len(symbols), SYMBOLS)
    ]


def _asked(name: str) -> str:
    """`marketstack:AAPL.XNAS` as the API wants it: a listed symbol without its market."""
    word = name.removeprefix("marketstack:")
    head, _, mic = word.rpartition(".")
    return head if head and head in listed("marketstack", "symbol") and venue(mic) else word


@careful
def parse(reply: Reply) -> Parsed:
    """Prices, minutes, or one of the lists; a page says how many rows there are in all."""
    document = decoded(reply, json_text(reply))
    if isinstance(document, list) and document:
        return _list(document, reply)
    if not isinstance(document, dict):
        raise ValueError("expected an object")
    if "error" in document or document.get("success") is False or reply.status >= 300:
        _refused(reply, document)
    data = document.get("data", document)
    if isinstance(data, dict):
        nested = next((data[name] for name in ("eod", "intraday", "tickers") if name in data), None)
        data = nested if isinstance(nested, list) else [data]
    if not isinstance(data, list):
        raise ValueError("expected a list of rows")
    if not data or data == [{}]:
        raise ReplyError("empty", "no rows: unknown symbol, or no session in this span")
    return _paged(data, reply, _next(reply, document.get("pagination")))


def _paged(rows: list[Any], reply: Reply, follow: tuple[Call, ...]) -> Parsed:
    """A page of halted or unfinished sessions says nothing about the pages behind it."""
    try:
        parsed = _list(rows, reply)
    except ReplyError as error:
        if error.problem != "empty" or not follow:
            raise
        return Parsed({}, follow, str(error))
    return Parsed(parsed.tables, follow, parsed.note)


def _list(rows: list[Any], reply: Reply) -> Parsed:
    rows = [row for row in rows if isinstance(row, dict)]
    first = rows[0]
    if {"close", "date", "symbol"} <= first.keys():
        is_daily = all(str(row["date"])[11:16] in ("", "00:00") for row in rows)
        return (
            _prices(rows, reply)
            if is_daily and "intraday" not in reply.path
            else _intraday(rows, reply)
        )
    if "symbol" in first and "name" in first and ("stock_exchange" in first or "has_eod" in first):
        return Parsed(
            {"instruments": instruments([_listing(r) for r in rows], reply, source="marketstack")}
        )
    return reading("rows", rows)


def _prices(rows: list[dict[str, Any]], reply: Reply) -> Parsed:
    """The date is that of the session whatever offset stands behind it."""
    frame = _columns(rows).with_columns(
        dates([row["date"] for row in rows]).alias("date"),
        asset_class=pl.Series([_kind(row) for row in rows], dtype=pl.String),
        split_ratio=numbers([row.get("split_factor") for row in rows]),
        dividend=numbers([row.get("dividend") for row in rows]),
    )
    parts: list[pa.Table] = []
    open_only = 0
    for (mic,), part in frame.group_by("mic", maintain_order=True):
        place = venue(str(mic))
        zone = place.get("zone") or "UTC"
        feed = BarFeed("marketstack", place.get("calendar", ""), zone, DELAY_MINUTES)
        try:
            parts.append(daily(part, reply, feed))
        except ReplyError:
            open_only += 1
    if not parts:
        raise ReplyError("empty", "no finished session in this answer: only the one under way")
    odd = frame.filter(pl.col("currency") == UNKNOWN_CURRENCY)["symbol"].unique().to_list()
    note = f"no currency stated for {', '.join(sorted(odd)[:5])}" if odd else ""
    return Parsed({"prices": pa.concat_tables(parts)}, note=note)


def _columns(rows: list[dict[str, Any]]) -> pl.DataFrame:
    figures = {name: numbers([row.get(name) for row in rows]) for name in (*OHLC, "volume")}
    return pl.DataFrame(
        {
            "symbol": pl.Series([_symbol(row) for row in rows], dtype=pl.String),
            "mic": pl.Series([str(row.get("exchange") or "") for row in rows], dtype=pl.String),
            "currency": pl.Series([_currency(row) for row in rows], dtype=pl.String),
            **figures,
        }
    )


def _symbol(row: dict[str, Any]) -> str:
    """A ticker means something at a venue only, so the venue's code stands behind it."""
    symbol, mic = str(row["symbol"]), str(row.get("exchange") or "")
    return (
        f"marketstack:{symbol}"
        if not mic or symbol.endswith(f".{mic}")
        else f"marketstack:{symbol}.{mic}"
    )


def _currency(row: dict[str, Any]) -> str:
    """As stated; else as our list has it, else that of a venue which knows only one."""
    stated = row.get("price_currency")
    known = listed("marketstack", "symbol").get(str(row["symbol"]), {}).get("currency")
    return currency_of(stated or known or venue(str(row.get("exchange"))).get("currency"))


def _kind(row: dict[str, Any]) -> str:
    stated = str(row.get("asset_type") or "").lower()
    known = listed("marketstack", "symbol").get(str(row["symbol"]), {}).get("asset_class")
    return KINDS.get(stated) or known or "equity"


def _intraday(rows: list[dict[str, Any]], reply: Reply) -> Parsed:
    """Minutes where minutes were asked for; other spans are facts of no dataset."""
    if reply.parameters.get("interval") != "1min":
        return reading("intraday", rows, "spans within a day are facts of no dataset")
    words = pl.Series([str(row["date"]) for row in rows], dtype=pl.String)
    frame = _columns(rows).with_columns(
        words.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us").alias("event_at"),
        venue=pl.col("mic"),
    )
    zones = {mic: venue(mic).get("zone") or "UTC" for mic in frame["mic"].unique()}
    days = [
        at.astimezone(ZoneInfo(zones[mic])).date()
        for at, mic in frame.select("event_at", "mic").iter_rows()
    ]
    frame = frame.with_columns(pl.Series("date", days, dtype=pl.Date))
    feed = BarFeed("marketstack", delay_minutes=DELAY_MINUTES)
    return Parsed({"bars": minutes(frame, reply, feed)})


def _listing(row: dict[str, Any]) -> dict[str, object]:
    place = row.get("stock_exchange") or {}
    mic = str(place.get("mic") or row.get("exchange") or "")
    known = venue(mic)
    country = known.get("country") or None
    return {
        "symbol": _symbol({"symbol": row["symbol"], "exchange": mic}),
        "ticker": str(row["symbol"]),
        "name": str(row["name"] or row["symbol"]),
        "asset_class": KINDS.get(str(row.get("asset_type") or "").lower(), "equity"),
        "sector": row.get("sector"),
        "country": country,
        "currency": _currency({"symbol": row["symbol"], "exchange": mic, **row}),
        "venue": mic or None,
        "calendar": known.get("calendar") or None,
        "isin": row.get("isin"),
    }


def _next(reply: Reply, page: Any) -> tuple[Call, ...]:
    """Until offset and count reach the total; a page without rows ends it whatever is said."""
    if not isinstance(page, dict):
        return ()
    offset, count, total = (int(page.get(name) or 0) for name in ("offset", "count", "total"))
    if not reply.call.url.startswith("https:") or not count or offset + count >= total:
        return ()
    url = reply.call.url.split("?")[0]
    asked = {name: word for name, word in reply.parameters.items() if name != "access_key"}
    return (
        Call(url, asked | {"offset": str(offset + count)}, reply.call.headers, reply.call.credits),
    )


def _refused(reply: Reply, document: dict[str, Any]) -> NoReturn:
    """`{"error": {"code": "validation_error", "message": ..., "context": {...}}}`."""
    error = document.get("error")
    stated = error if isinstance(error, dict) else {"message": error or document.get("message")}
    names = [stated.get("code"), stated.get("type")]
    code = next((name for name in names if isinstance(name, str)), "")
    words = said(f"{stated.get('message') or stated.get('info') or ''} {_context(stated)}")
    default: Problem = "upstream" if reply.status >= 500 else "client"
    problem = CODES.get(code) or meaning(f"{code.replace('_', ' ')} {words}", default)
    if not stated.get("message") and not code:
        refuse(reply)
    raise ReplyError(problem, f"{code}: {words}" if code else words, retry_after(reply))


def _context(stated: dict[str, Any]) -> str:
    context = stated.get("context")
    return re.sub(r"[{}\[\]'\"]", "", str(context)) if context else ""


SOURCE = Source(
    name="marketstack",
    title="Marketstack",
    gives="end-of-day prices of shares and funds with splits and dividends",
    grade="lagged",
    licence="Data by Marketstack (https://marketstack.com). Internal use; display rights by plan.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="marketstack:",
    secret="MARKETSTACK_API_KEY",
    key_in="query:access_key",
)
