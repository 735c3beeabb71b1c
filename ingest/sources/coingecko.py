"""CoinGecko: daily prices of coins by its own ids, and the coins there are. No guess by ticker.

The last point of a chart is the present moment and never becomes a day's price.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NoReturn

import polars as pl

from ingest.formats.bars import DAY_MS, always_open, currency_of, daily, epoch, instruments, numbers
from ingest.formats.body import careful, decoded, refuse, retry_after, said
from ingest.formats.tables import merged, reading
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import json_text

BASE = "https://api.coingecko.com/api/v3"
KEPT_DAYS = 365  # how far back the public and the demo plan may look
# A day's point is served some half an hour after its midnight.
FEED = always_open("coingecko", delay_minutes=35)
JOBS = (
    Job(
        "coingecko_daily",
        ("prices",),
        "daily prices of the coins",
        Cadence(at="00:40", zone="UTC"),
        lookback_days=3,
    ),
    Job(
        "coingecko_coins",
        ("instruments",),
        "names, ids and supplies of the coins",
        Cadence(at="01:10", zone="UTC"),
        priority=7,
    ),
)
# Codes of error bodies; the five-digit ones speak of the key and of what its plan allows.
CODES: dict[int, Problem] = {
    401: "auth",
    403: "auth",
    429: "quota",
    1020: "blocked",
    10002: "auth",
    10005: "auth",
    10006: "auth",
    10010: "auth",
    10011: "auth",
    10012: "auth",
}
SLACK_MS = 15 * 60_000  # old charts put a day's point some minutes past midnight
OPTIONS = ("market_cap", "24h_vol", "24h_change")


def plan(window: Window) -> list[Call]:
    """A chart per coin, long enough to come in daily points; the list of coins in one page."""
    universe = listed("coingecko", "id")
    names = [name.removeprefix("coingecko:") for name in window.names_or(universe)]
    coins = [tuple(name.split(":", 1)) for name in names]
    if window.job == "coingecko_coins":
        ids = ",".join(dict.fromkeys(coin for coin, *_ in coins))
        params = {"vs_currency": "usd", "ids": ids, "per_page": "250", "page": "1"}
        return [Call(f"{BASE}/coins/markets", params)]
    since = (window.now.date() - window.since).days + 1 if window.since else KEPT_DAYS
    # `interval=daily` makes also a short chart daily.
    params = {"days": str(max(2, min(since, KEPT_DAYS))), "interval": "daily"}
    return [
        Call(
            f"{BASE}/coins/{coin}/market_chart",
            {"vs_currency": (*vs, universe.get(coin, {}).get("vs") or "usd")[0], **params},
        )
        for coin, *vs in coins
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """Told apart by shape: a chart, quotes, lists of coins, or an error of three shapes."""
    document = decoded(reply, json_text(reply))
    if reply.status >= 300:
        _refused(reply, document)
    if isinstance(document, list):
        return _list(document, reply)
    if not isinstance(document, dict):
        raise ValueError("expected an object or an array")
    if "error" in document or "error_code" in document or _status(document):
        _refused(reply, document)
    return _object(document, reply)


def _object(document: dict[str, Any], reply: Reply) -> Parsed:
    if not document:
        raise ReplyError("empty", "no coin of those ids; CoinGecko leaves unknown ids out unsaid")
    if isinstance(document.get("prices"), list):
        return _chart(document, reply)
    if isinstance(document.get("id"), str) and "symbol" in document:
        return _coin(document, reply)
    if all(isinstance(part, dict) for part in document.values()) and "data" not in document:
        return _quotes(document, reply)
    inner = document.get("data")
    return reading("object", [inner if isinstance(inner, dict) else document])


def _status(document: dict[str, Any]) -> dict[str, Any]:
    """`{"status": {"error_code": ...}}`, which in errors of a plan lies one level deeper."""
    for outer in (document, document.get("error")):
        status = outer.get("status") if isinstance(outer, dict) else None
        if isinstance(status, dict) and "error_code" in status:
            return status
    return {}


def _chart(document: dict[str, Any], reply: Reply) -> Parsed:
    """Points on midnight are the close of the day before; a chart of finer points is no day's."""
    points = document["prices"]
    if not points:
        raise ReplyError("empty", "the chart has no point in this span")
    stamps, prices = zip(*points, strict=True)
    frame = pl.DataFrame(
        {"stamp": pl.Series(stamps, dtype=pl.Int64), "close": numbers(list(prices))}
    )
    days = frame.filter(pl.col("stamp") % DAY_MS < SLACK_MS)
    found = re.search(r"/coins/([^/]+)/market_chart", reply.path)
    if not days.height or days.height < frame.height - 1 or not found:
        return _points(document, frame)
    vs = reply.parameters.get("vs_currency", "usd")
    days = days.with_columns(
        epoch(days["stamp"]).dt.offset_by("-1d").dt.date().alias("date"),
        pl.lit(_symbol(found[1], vs)).alias("symbol"),
        pl.lit("crypto").alias("asset_class"),
        pl.lit(currency_of(vs)).alias("currency"),
    )
    return Parsed({"prices": daily(days, reply, FEED)})


def _symbol(coin: str, vs: str) -> str:
    """Prices in other currencies than the dollar are instruments of their own."""
    return f"coingecko:{coin}" if vs.lower() == "usd" else f"coingecko:{coin}:{vs.lower()}"


def _points(document: dict[str, Any], frame: pl.DataFrame) -> Parsed:
    times = epoch(frame["stamp"])
    rows = [
        {"at": at.isoformat(), "price": price}
        for at, price in zip(times, frame["close"], strict=True)
    ]
    for name in ("market_caps", "total_volumes"):
        for row, (_, value) in zip(rows, document.get(name) or (), strict=False):
            row[name] = value
    return reading("points", rows, "points within a day are facts of no dataset")


def _list(rows: list[Any], reply: Reply) -> Parsed:
    if not rows:
        raise ReplyError("empty", "the list is empty: no such coin, or a page after the last")
    if all(isinstance(row, list) and len(row) == 5 for row in rows):
        names = ("stamp", "open", "high", "low", "close")
        candles = [dict(zip(names, row, strict=True)) for row in rows]
        return reading("candles", candles, "candles of half-hours to days are facts of no dataset")
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("expected an array of coins")
    if not {"id", "symbol", "name"} <= rows[0].keys():
        return reading("rows", rows)
    vs = reply.parameters.get("vs_currency", "usd")
    found = [_instrument(row, vs) for row in rows]
    tables = {"instruments": instruments(found, reply, source="coingecko")}
    if "current_price" not in rows[0]:
        return Parsed(tables)
    return Parsed(merged(tables, dict(reading("quotes", rows).tables)))


def _instrument(row: dict[str, Any], vs: str = "usd") -> dict[str, object]:
    supply = row.get("circulating_supply")
    return {
        "symbol": _symbol(row["id"], vs),
        "ticker": str(row["symbol"] or row["id"]).upper(),
        "name": str(row["name"] or row["id"]),
        "asset_class": "crypto",
        "currency": currency_of(vs),
        "venue": "coingecko",
        "calendar": "24/7",
        "aliases": row["id"],
        "shares_outstanding": float(supply) if supply is not None else None,
    }


def _coin(document: dict[str, Any], reply: Reply) -> Parsed:
    market = document.get("market_data") or {}
    quoted = market.get("current_price") or {}
    supply = {"circulating_supply": market.get("circulating_supply")}
    rows = instruments([_instrument({**document, **supply})], reply, source="coingecko")
    day = document.get("genesis_date")
    note = f"first block {date.fromisoformat(day)}" if isinstance(day, str) and day else ""
    quotes = [
        {"id": document["id"], "vs_currency": vs, "price": price} for vs, price in quoted.items()
    ]
    more = dict(reading("quotes", quotes).tables) if quotes else {}
    return Parsed({"instruments": rows, **more}, note=note)


def _quotes(document: dict[str, Any], reply: Reply) -> Parsed:
    """`simple/price`: what was asked for and is not there was left out unsaid, so say it."""
    rows = [
        {"id": coin, "vs_currency": vs, "price": price, **_beside(parts, vs)}
        for coin, parts in document.items()
        for vs, price in parts.items()
        if not vs.endswith(OPTIONS) and vs != "last_updated_at"
    ]
    if not rows:
        raise ReplyError("empty", f"no price for {', '.join(document)} in the currencies asked for")
    names = [name for name in reply.parameters.get("ids", "").split(",") if name]
    absent = [name for name in names if name not in document]
    return reading("quotes", rows, f"not known to CoinGecko: {', '.join(absent)}" if absent else "")


def _beside(parts: dict[str, Any], vs: str) -> dict[str, Any]:
    more = {name: parts.get(f"{vs}_{name}") for name in OPTIONS}
    return {**more, "last_updated_at": parts.get("last_updated_at")}


def _refused(reply: Reply, document: Any) -> NoReturn:
    stated = document if isinstance(document, dict) else {}
    status = _status(stated)
    code = status.get("error_code", stated.get("error_code"))
    plain = stated.get("error") if isinstance(stated.get("error"), str) else ""
    words = said(status.get("error_message") or stated.get("error_message") or plain)
    if isinstance(code, int) and (code in CODES or code >= 500):
        problem: Problem = CODES.get(code) or ("auth" if code >= 10000 else "upstream")
        raise ReplyError(problem, f"{words} (code {code})", retry_after(reply))
    if re.search(r"(?i)rate limit|throttled|too many", words):
        raise ReplyError("quota", words, retry_after(reply))
    refuse(reply, words, "client" if reply.status < 300 else None)


SOURCE = Source(
    name="coingecko",
    title="CoinGecko",
    gives="daily prices of coins and the coins there are",
    grade="lagged",
    licence="Powered by CoinGecko (https://www.coingecko.com). No redistribution on the free plan.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="coingecko:",
    secret="COINGECKO_API_KEY",
    key_in="header:x-cg-demo-api-key",
    is_key_optional=True,
    cache_s=60,
)
