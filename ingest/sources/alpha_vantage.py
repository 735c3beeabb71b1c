"""Alpha Vantage: prices, currencies, companies, indicators; 25 calls a day. Errors come as 200.

Its series state no currency: that of a symbol stands in universe/alpha_vantage.csv.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Any, NoReturn

import polars as pl

from ingest.formats.bars import (
    OHLC,
    UNKNOWN_CURRENCY,
    BarFeed,
    always_open,
    currency_of,
    daily,
    dates,
    instruments,
    minutes,
    numbers,
)
from ingest.formats.body import careful, content, decoded, refuse, retry_after, said
from ingest.formats.sessions import venue
from ingest.formats.tables import reading, seen, table
from ingest.jobs import Cadence, Call, Job, Parsed, Problem, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import json_text
from ingest.sources._alpha_vantage_rows import (
    company,
    label,
    match,
    money_of,
    overview_instrument,
    plain,
    series,
    with_days,
)

BASE = "https://www.alphavantage.co/query"
DELAY_MINUTES = 60
CSV = re.compile(rb"[A-Za-z_]+(?:,[A-Za-z_ ]+)+\r?\n")
NOTICES = ("information", "note", "error message")
JOBS = (
    Job(
        "alpha_vantage_daily",
        ("prices",),
        "daily prices of a few symbols and currencies",
        Cadence(at="18:30", zone="America/New_York", days="weekdays"),
        priority=6,
    ),
    Job(
        "alpha_vantage_companies",
        ("companies", "instruments"),
        "company profiles",
        Cadence(at="07:00", zone="UTC", days="first_of_month"),
        priority=8,
    ),
)


def plan(window: Window) -> list[Call]:
    """One call per symbol; the compact answer holds the last hundred sessions."""
    universe = listed("alpha_vantage", "symbol")
    fetched = tuple(name for name, row in universe.items() if row["is_fetched"] == "yes")
    names = [name.removeprefix("av:") for name in window.names_or(fetched)]
    is_pair = {name: universe.get(name, {}).get("asset_class") == "fx" for name in names}
    if window.job == "alpha_vantage_companies":
        return [Call(BASE, {"function": "OVERVIEW", "symbol": n}) for n in names if not is_pair[n]]
    return [
        Call(BASE, {"function": "FX_DAILY", "from_symbol": name[:3], "to_symbol": name[3:]})
        if is_pair[name]
        else Call(BASE, {"function": "TIME_SERIES_DAILY", "symbol": name})
        for name in names
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """Told apart by the names of its parts, since each function has labels of its own."""
    body = content(reply)
    if CSV.match(body):
        return _table(body, reply)
    document = decoded(reply, json_text(reply))
    if isinstance(document, list) and document:
        return reading("rows", document)
    if not isinstance(document, dict):
        raise ValueError("expected an object")
    _notice(document, reply)
    if not document:
        raise ReplyError("empty", "an empty object: Alpha Vantage knows no such symbol")
    parts = {name.strip().lower(): part for name, part in document.items()}
    found = next(
        (name for name in parts if name.startswith(("time series", "weekly", "monthly"))), ""
    )
    meta = plain(parts.get("meta data") or {})
    if found:
        return _series(found, parts[found], meta, reply)
    if "Symbol" in document and ("AssetType" in document or "Name" in document):
        return _overview(document, reply)
    if isinstance(parts.get("data"), list) and "name" in parts:
        return _indicator(parts, reply)
    return _other(parts, reply)


def _table(body: bytes, reply: Reply) -> Parsed:
    """`datatype=csv`: the same figures under a header line, without a word of what they are of."""
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8", "replace"))))
    if not rows:
        raise ReplyError("empty", "a header and no row")
    if any(None in row or None in row.values() for row in rows):
        raise ReplyError("upstream", "a line has another number of fields than the header")
    asked = reply.parameters
    function = asked.get("function", "")
    if "timestamp" not in rows[0] or not asked.get("symbol"):
        return reading("rows", rows)
    kept = {str(row.pop("timestamp")): row for row in rows}
    return _series(function.replace("_", " ").lower(), kept, {}, reply)


def _other(parts: dict[str, Any], reply: Reply) -> Parsed:
    if "global quote" in parts:
        return _quote(plain(parts["global quote"]), reply)
    if isinstance(parts.get("bestmatches"), list):
        if not parts["bestmatches"]:
            raise ReplyError("empty", "no symbol fits the words of the search")
        rows = instruments(
            [match(row) for row in parts["bestmatches"]], reply, source="alpha_vantage"
        )
        return Parsed({"instruments": rows}, note="the list of hits states currencies")
    if "realtime currency exchange rate" in parts:
        rate = plain(parts["realtime currency exchange rate"])
        numbers([rate["exchange rate"]])
        return reading("rate", [rate], "a rate of this moment is no day's price")
    lists = {name: part for name, part in parts.items() if isinstance(part, list)}
    for name, part in lists.items():
        if part and all(isinstance(row, dict) for row in part):
            return reading(name.replace(" ", "_"), part)
    if lists and not any(lists.values()):
        raise ReplyError("empty", f"{', '.join(lists)}: nothing in it")
    return reading("object", [parts])


def _series(name: str, part: Any, meta: dict[str, Any], reply: Reply) -> Parsed:
    """Days into prices, minutes into bars; weeks, months and other spans are read only."""
    if not isinstance(part, dict) or not part:
        raise ReplyError("empty", f"{said(name)} holds no session")
    frame = series(part)
    asked = reply.parameters
    base = meta.get("from symbol") or meta.get("digital currency code")
    quote = meta.get("to symbol") or meta.get("market code")
    symbol = str(meta.get("symbol") or asked.get("symbol", "")) if not base else f"{base}{quote}"
    is_coin = "digital currency code" in meta
    known = money_of(symbol)
    frame = frame.with_columns(
        pl.lit(f"av:{symbol}").alias("symbol"),
        pl.lit(currency_of(quote) if base else known["currency"]).alias("currency"),
        pl.lit("crypto" if is_coin else "fx" if base else known["asset_class"]).alias(
            "asset_class"
        ),
    )
    zone = str(meta.get("time zone") or "US/Eastern")
    title = f"{name} {meta.get('information', '')} {asked.get('function', '')}".lower()
    interval = str(meta.get("interval") or asked.get("interval", ""))
    if interval == "1min":
        return _minutes(frame, known["mic"] if not base else "", zone, reply)
    if interval or not symbol or "daily" not in title:
        return reading("series", frame.to_dicts(), f"{said(name)} is a fact of no dataset")
    place = venue(known["mic"])
    feed = BarFeed(
        "alpha_vantage", place.get("calendar", ""), place.get("zone") or zone, DELAY_MINUTES
    )
    if base:
        feed = always_open("alpha_vantage", delay_minutes=DELAY_MINUTES)
    note = _currency_note(symbol, known) if not base else ""
    return Parsed({"prices": daily(with_days(frame), reply, feed)}, note=note)


def _currency_note(symbol: str, known: Any) -> str:
    if known["currency"] != UNKNOWN_CURRENCY:
        return ""
    return f"currency of {symbol} unknown: name it in ingest/universe/alpha_vantage.csv"


def _minutes(frame: pl.DataFrame, mic: str, zone: str, reply: Reply) -> Parsed:
    """A stamp was the end of its minute once and is its start now: known at the later of both."""
    local = pl.col("stamp").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
    frame = frame.with_columns(
        local.dt.replace_time_zone(zone, ambiguous="earliest")
        .dt.convert_time_zone("UTC")
        .alias("event_at"),
        local.dt.date().alias("date"),
        pl.lit(mic or "alpha_vantage").alias("venue"),
    )
    feed = BarFeed("alpha_vantage", delay_minutes=DELAY_MINUTES)
    return Parsed({"bars": minutes(frame, reply, feed)})


def _quote(row: dict[str, Any], reply: Reply) -> Parsed:
    """The last session of one symbol; while it runs there is no bar yet."""
    if not row.get("symbol"):
        raise ReplyError("empty", "an empty quote: Alpha Vantage knows no such symbol")
    symbol = str(row["symbol"])
    known = money_of(symbol)
    figures = {name: numbers([row.get("price" if name == "close" else name)]) for name in OHLC}
    frame = pl.DataFrame(
        {
            "symbol": [f"av:{symbol}"],
            "date": dates([row["latest trading day"]]),
            "currency": [known["currency"]],
            "asset_class": [known["asset_class"]],
            **figures,
            "volume": numbers([row.get("volume")]),
        }
    )
    place = venue(known["mic"])
    zone = place.get("zone") or "America/New_York"
    feed = BarFeed("alpha_vantage", place.get("calendar", ""), zone, DELAY_MINUTES)
    return Parsed({"prices": daily(frame, reply, feed)}, note=_currency_note(symbol, known))


def _overview(document: dict[str, Any], reply: Reply) -> Parsed:
    frame = pl.DataFrame([company(document)], infer_schema_length=None)
    profile = table("companies", frame, **seen(reply), source="alpha_vantage")
    listing = instruments([overview_instrument(document)], reply, source="alpha_vantage")
    facts = [{"name": name, "value": value} for name, value in document.items()]
    return Parsed({"companies": profile, "instruments": listing, **reading("facts", facts).tables})


def _indicator(parts: dict[str, Any], reply: Reply) -> Parsed:
    """`{"name", "interval", "unit", "data": [{"date", "value"}]}`: present values of a series."""
    data = parts["data"]
    if not data:
        raise ReplyError("empty", f"{said(parts['name'])}: no observation")
    asked = reply.parameters
    words = [asked.get("function", ""), asked.get("maturity", ""), str(parts.get("interval") or "")]
    if not words[0]:
        return reading("observations", data, said(parts["name"]))
    frame = pl.DataFrame(
        {
            "period": dates([row["date"] for row in data]),
            "value": numbers([row["value"] for row in data]),
        }
    ).drop_nulls("value")
    more = {
        "series_id": ":".join(["av", *(word for word in words if word)]),
        "unit": str(parts.get("unit") or "unstated"),
        "is_forecast": False,
        "source": "alpha_vantage",
    }
    return Parsed({"macro": table("macro", frame, **seen(reply), **more)})


def _notice(document: dict[str, Any], reply: Reply) -> None:
    """A sentence where data were due; one that also speaks of a spent quota is about the quota."""
    for name, words in document.items():
        if label(name) in NOTICES and isinstance(words, str):
            _refused(label(name), words, reply)
    if reply.status >= 300:
        refuse(reply)


def _refused(name: str, words: str, reply: Reply) -> NoReturn:
    kinds: list[tuple[str, Problem]] = [
        (r"rate limit|requests? per|per (?:day|minute|second)|frequency|spreading out", "quota"),
        (r"premium|demo\b.*key|api ?key|apikey", "auth"),
        (r"no (?:articles|data|results|matches) ", "empty"),
        (r"invalid api call|invalid inputs|not supported|does not exist", "client"),
    ]
    fitting = (problem for pattern, problem in kinds if re.search(pattern, words, re.IGNORECASE))
    default: Problem = "client" if name == "error message" else "quota"
    raise ReplyError(next(fitting, default), _without_key(said(words)), retry_after(reply))


def _without_key(words: str) -> str:
    """`We have detected your API key as ...`: the notice repeats the key."""
    return re.sub(r"(?i)(api ?key (?:as|is|:)\s*)\S+", r"\1[key]", words)


SOURCE = Source(
    name="alpha_vantage",
    title="Alpha Vantage",
    gives="daily prices, currency pairs, one-minute bars, company profiles, US indicators",
    grade="lagged",
    licence="Data by Alpha Vantage (https://www.alphavantage.co). "
    "No redistribution on the free plan.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="av:",
    secret="ALPHA_VANTAGE_API_KEY",
    key_in="query:apikey",
)
