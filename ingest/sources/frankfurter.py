"""Frankfurter: the ECB's reference rates as JSON, without a key.

Rates are asked against the euro, since crosses are made from rounded legs. What is not stated to
come from the ECB alone is a blend of banks and is dated by when we saw it.
"""

from __future__ import annotations

from datetime import date, time
from typing import Any

import polars as pl

from ingest.formats import tables
from ingest.formats.body import careful, document, refuse
from ingest.formats.records import from_rows
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

BASE = "https://api.frankfurter.dev/v1/"
PUBLISHED, ZONE = time(16, 0), "Europe/Berlin"


def plan(window: Window) -> list[Call]:
    """One call for the days of the window, or for the latest day."""
    names = window.names or tuple(listed("frankfurter", "code"))
    span = "latest"
    if window.since:
        span = f"{window.since.isoformat()}..{window.until.isoformat() if window.until else ''}"
    return [Call(BASE + span, {"base": "EUR", "symbols": ",".join(names)})]


@careful
def parse(reply: Reply) -> Parsed:
    """Version 1 (an object with `rates`) and version 2 (rows of base, quote, rate)."""
    answer = document(reply)
    if isinstance(answer, dict):
        return _object(reply, answer)
    if reply.status >= 300:
        refuse(reply)
    if not isinstance(answer, list):
        raise ReplyError("upstream", "expected rates, found another kind of JSON")
    if not answer:
        raise ReplyError("empty", "Frankfurter has no rate that matches")
    return _second(reply, answer) if "rate" in answer[0] else tables.reading("list", answer)


def _object(reply: Reply, answer: dict[str, Any]) -> Parsed:
    words = answer.get("message") or answer.get("error")
    if words and "rates" not in answer:
        _refuse(reply, words)
    if reply.status >= 300:
        refuse(reply)
    if "rates" in answer:
        return _first(reply, answer)
    if "rate" in answer:
        return _second(reply, [answer])
    rows = [{"code": key, "name": value} for key, value in answer.items()]
    if not rows or not all(isinstance(row["name"], str) for row in rows):
        raise ReplyError("upstream", f"no rates among {', '.join(answer)[:120]}")
    return tables.reading("currencies", rows)


def _refuse(reply: Reply, words: Any) -> None:
    if reply.status == 404 or str(words).lower() == "not found":
        raise ReplyError("empty", f"Frankfurter has no such day or currency: {words}")
    refuse(reply, words, None if reply.status >= 300 else "client")


def _first(reply: Reply, answer: dict[str, Any]) -> Parsed:
    """One day or many. A day without business gives the fixing before it, under its own date."""
    rates = answer["rates"]
    if not isinstance(rates, dict) or not rates:
        raise ReplyError("empty", "Frankfurter has no rate that matches")
    amount = float(answer.get("amount") or 1)
    base = str(answer["base"])
    by_day = rates if all(isinstance(v, dict) for v in rates.values()) else {answer["date"]: rates}
    cells = [(day, code, value) for day, one in by_day.items() for code, value in one.items()]
    frame = pl.DataFrame(
        {
            "date": pl.Series([day for day, _, _ in cells], dtype=pl.String).str.to_date(
                "%Y-%m-%d"
            ),
            "quote": [code for _, code, _ in cells],
            "close": pl.Series([value for _, _, value in cells], dtype=pl.Float64) / amount,
        }
    ).with_columns(base=pl.lit(base))
    return _made(reply, frame, is_ecb=True)


def _second(reply: Reply, rows: list[Any]) -> Parsed:
    fields = {"date": ("date",), "base": ("base",), "quote": ("quote",), "close": ("rate",)}
    frame = from_rows(rows, fields, numbers=("close",)).with_columns(
        pl.col("date").str.to_date("%Y-%m-%d")
    )
    return _made(reply, frame, is_ecb=reply.parameters.get("providers", "").upper() == "ECB")


def _made(reply: Reply, frame: pl.DataFrame, *, is_ecb: bool) -> Parsed:
    frame = frame.filter(pl.col("base") != pl.col("quote"))
    known = tables.never_ahead(tables.at_clock("date", PUBLISHED, ZONE), reply)
    stamp = tables.stamped(known, "lagged") if is_ecb else tables.seen(reply)
    made = tables.rates(reply, "frankfurter", frame, **stamp)
    if not made["prices"].num_rows:
        raise ReplyError("empty", "Frankfurter lists currencies without a rate")
    return Parsed(made, note=_moved(reply, frame))


def _moved(reply: Reply, frame: pl.DataFrame) -> str:
    """Success for another date than the one asked is worth a remark."""
    word = reply.parameters.get("date") or reply.path.rpartition("/")[2]
    try:
        day = date.fromisoformat(word.partition("..")[0])
    except ValueError:
        return ""
    first = frame["date"].min()
    return f"asked for {day}, answered for {first!s}" if first != day else ""


SOURCE = Source(
    name="frankfurter",
    title="Frankfurter",
    gives="ECB reference exchange rates, daily",
    grade="lagged",
    licence="Rates: European Central Bank, by way of Frankfurter; each provider's terms.",
    jobs=(
        Job(
            "frankfurter_rates",
            ("prices",),
            "Reference rates of the list, a second source beside the ECB itself",
            Cadence(at="17:00", zone=ZONE, days="weekdays"),
            lookback_days=7,
            priority=6,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
