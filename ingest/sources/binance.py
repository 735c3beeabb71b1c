"""Binance spot, public market data: candles, trades, pairs. It never asks for an account.

A candle whose close lies after the fetch is still being drawn and is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, NoReturn

import polars as pl

from ingest.formats.bars import DAY_MS, MINUTE_MS, always_open, daily, epoch, instruments, minutes
from ingest.formats.body import careful, decoded, refuse, retry_after, said
from ingest.formats.tables import merged, reading, table
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import entry, listed
from ingest.runs.refusals import json_text
from ingest.sources._binance_rows import (
    candles,
    closed_candles,
    frames,
    pairs,
    quote_of,
    rules,
    trades,
)

BASE = "https://data-api.binance.vision/api/v3"
FIRST_DAY = datetime(2017, 7, 14, tzinfo=UTC)
FEED = always_open("binance")  # a candle is sent when it closes
LIMIT = 1000
DEFAULT_LIMIT = 500
MAX_LIMIT = 1000
JOBS = (
    Job(
        "binance_daily",
        ("prices",),
        "daily candles of the pairs",
        Cadence(at="00:05", zone="UTC"),
        lookback_days=3,
    ),
    Job(
        "binance_minutes",
        ("bars",),
        "one-minute candles of the pairs",
        Cadence(every_minutes=1),
        catch_up="skip",
    ),
    Job(
        "binance_pairs",
        ("instruments",),
        "the pairs there are",
        Cadence(at="00:20", zone="UTC"),
    ),
)
# Codes of error bodies that are not about what was asked.
CODES: dict[int, Problem] = {
    -1000: "upstream",
    -1001: "upstream",
    -1002: "auth",
    -1003: "quota",
    -1006: "upstream",
    -1007: "upstream",
    -1008: "upstream",
    -1010: "upstream",
    -1015: "quota",
    -1016: "upstream",
    -1022: "auth",
    -2008: "auth",
    -2014: "auth",
    -2015: "auth",
}


def plan(window: Window) -> list[Call]:
    """One call per pair; a page is followed by the next until the window's end."""
    if window.job == "binance_pairs":
        return [Call(f"{BASE}/exchangeInfo", {"permissions": "SPOT"}, credits=20)]
    interval = "1m" if window.job == "binance_minutes" else "1d"
    names = window.names_or(listed("binance", "symbol"))
    start = FIRST_DAY if interval == "1d" else window.now - _reach(window.now)
    if window.since:
        start = datetime.combine(window.since, time(), UTC)
    params = {"interval": interval, "limit": str(LIMIT), "startTime": _ms(start)}
    if window.until:
        params["endTime"] = _ms(datetime.combine(window.until, time.max, UTC))
    return [
        Call(f"{BASE}/klines", {"symbol": name.removeprefix("binance:"), **params}, credits=2)
        for name in names
    ]


def _reach(now: datetime) -> timedelta:
    """How far back minutes are asked for: a little each time, a full page once an hour.

    The hourly page closes what a downtime of some hours has left open.
    """
    return timedelta(minutes=LIMIT if now.minute == 0 else 10)


def _ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


@careful
def parse(reply: Reply) -> Parsed:
    """Told apart by shape: candles, trades, pairs, the book, frames of the stream, or an error."""
    body = json_text(reply)
    if reply.status >= 300:
        _refused(reply, decoded(reply, body))
    if body[:20].replace(b" ", b"").replace(b"\n", b"").startswith(b"[["):
        return _candles(candles(body), reply)
    if (events := frames(body)) is not None:
        return _events(events, reply)
    document = decoded(reply, body)
    return _object(document, reply) if isinstance(document, dict) else _list(document, reply)


def _object(document: dict[str, Any], reply: Reply) -> Parsed:
    if "code" in document and "msg" in document:
        _refused(reply, document)
    if isinstance(document.get("symbols"), list):
        return _pairs(document["symbols"], reply)
    if "bids" in document and "asks" in document:
        return _book(document)
    if isinstance(document.get("serverTime"), int):
        at = epoch(pl.Series([document["serverTime"]]))[0]
        return reading("time", [{"server_time": at.isoformat()}])
    if not document and reply.path.rsplit("/", 1)[-1] not in ("", "ping"):
        raise ReplyError("upstream", f"{reply.path} answered an empty object")
    return reading("object", [document or {"is_alive": "yes"}])


def _list(rows: Any, reply: Reply) -> Parsed:
    if rows == []:
        raise ReplyError("empty", "no candles or trades in this window")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("expected an array of arrays or of objects")
    symbol = reply.parameters.get("symbol", "")
    is_trades = {"id", "price", "qty", "time"} <= rows[0].keys() or set("apqT") <= rows[0].keys()
    if not symbol or not is_trades:
        return reading("trades" if is_trades else "rows", rows)
    frame = trades(rows, symbol, reply)
    return Parsed({"ticks": table("ticks", frame, source="binance", vintage_grade="snapshot")})


def _candles(frame: pl.DataFrame, reply: Reply) -> Parsed:
    """Days into prices, minutes into bars; other spans are facts of no dataset."""
    symbol = reply.parameters.get("symbol", "")
    stamps = frame.select(
        (pl.col("closed") + 1 - pl.col("opened")).max().alias("span"),
        (pl.col("closed") + 1 - pl.col("opened")).min().alias("least"),
        (pl.col("opened") % DAY_MS).max().alias("offset"),
        pl.col("closed").max(),
    ).row(0, named=True)
    scale = 1000 if stamps["closed"] > 10**14 else 1
    span = stamps["span"] // scale if stamps["span"] == stamps["least"] else 0
    currency = entry("binance", symbol, "symbol").get("quote") or quote_of(symbol)
    is_utc = frame["opened"].eq(frame["opened"] // (DAY_MS * scale) * (DAY_MS * scale)).all()
    if not currency or span not in (MINUTE_MS, DAY_MS) or (span == DAY_MS and not is_utc):
        return reading("candles", frame.to_dicts())
    more = {"symbol": pl.lit(f"binance:{symbol}"), "currency": pl.lit(currency)}
    frame = frame.with_columns(epoch(frame["opened"]).alias("event_at"), **more)
    if span == MINUTE_MS:
        rows = minutes(frame.with_columns(pl.lit("binance").alias("venue")), reply, FEED)
        tables = {"bars": rows}
    else:
        day = pl.col("event_at").dt.date().alias("date")
        frame = frame.with_columns(day, pl.lit("crypto").alias("asset_class"))
        tables = {"prices": daily(frame, reply, FEED)}
    return Parsed(tables, follow=_next(reply, frame.height, stamps["closed"] // scale))


def _next(reply: Reply, rows: int, last: int) -> tuple[Call, ...]:
    """The page after a full one, when a start was asked for and the present is not reached."""
    asked = reply.parameters
    limit = min(int(asked.get("limit") or DEFAULT_LIMIT), MAX_LIMIT)
    end = min(int(asked.get("endTime") or 2**62), int(_ms(reply.fetched_at)))
    if "startTime" not in asked or rows < limit or last + 1 >= end:
        return ()
    url = reply.call.url.split("?")[0]
    return (Call(url, asked | {"startTime": str(last + 1)}, reply.call.headers, credits=2),)


def _pairs(symbols: list[dict[str, Any]], reply: Reply) -> Parsed:
    if not symbols:
        raise ReplyError("empty", "no pair fits what was asked")
    steps = reading("pairs", rules(symbols)).tables
    rows = instruments(pairs(symbols), reply, source="binance")
    return Parsed({"instruments": rows, **steps}, note=f"{rows.num_rows} pairs")


def _book(document: dict[str, Any]) -> Parsed:
    rows = [
        {"side": side, "level": level, "price": entry[0], "size": entry[1]}
        for side in ("bids", "asks")
        for level, entry in enumerate(document[side], 1)
    ]
    if not rows:
        raise ReplyError("empty", "the book holds no order")
    return reading("book", rows)


def _events(events: list[dict[str, Any]], reply: Reply) -> Parsed:
    """Frames of the stream as recorded: trades, closed minutes, and what else they tell."""
    tables = []
    traded: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        if event.get("e") in ("trade", "aggTrade"):
            traded.setdefault(event["s"] + event["e"], []).append(event)
    for group in traded.values():
        single = {"id": "t", "price": "p", "qty": "q", "time": "T", "isBuyerMaker": "m"}
        rows = [{n: e[k] for n, k in single.items()} if e["e"] == "trade" else e for e in group]
        ticks = trades(rows, group[0]["s"], reply)
        tables.append({"ticks": table("ticks", ticks, source="binance", vintage_grade="snapshot")})
    closed = closed_candles(events).filter(pl.col("interval") == "1m", pl.col("currency") != "")
    if closed.height:
        closed = closed.with_columns(pl.lit("binance").alias("venue"))
        tables.append({"bars": minutes(closed, reply, FEED)})
    others = [e for e in events if e.get("e") not in ("trade", "aggTrade")]
    if others:
        tables.append(dict(reading("frames", others).tables))
    return Parsed(merged(*tables), note=f"{len(events)} frames")


def _refused(reply: Reply, document: Any) -> NoReturn:
    """`{"code": -1121, "msg": "Invalid symbol."}`, whatever the status."""
    code = document.get("code") if isinstance(document, dict) else None
    words = said(document.get("msg") if isinstance(document, dict) else "")
    if reply.status == 451 or "restricted location" in words:
        raise ReplyError("blocked", f"not served from here: {words}")
    if reply.status in (418, 429):
        raise ReplyError("quota", f"HTTP {reply.status}: {words}", retry_after(reply))
    if reply.status == 403:
        raise ReplyError("blocked", f"the firewall of Binance refused: {words}")
    if isinstance(code, int):
        default: Problem = "client" if reply.status < 500 else "upstream"
        raise ReplyError(CODES.get(code, default), f"{words} (code {code})", retry_after(reply))
    refuse(reply, words)


SOURCE = Source(
    name="binance",
    title="Binance spot market data",
    gives="daily and one-minute candles, trades and pairs of crypto assets",
    grade="lagged",
    licence="Market data of Binance, for display in own use; redistribution needs an agreement.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="binance:",
)
