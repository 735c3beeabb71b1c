"""Stooq: daily bars from CSV files that a person downloads; its site lets no robots in.

Its prices are divided by later splits, so a file holds present values and no vintages. The
challenge that the site sends to robots is recognised and never solved.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from fnmatch import fnmatchcase

import polars as pl

from ingest.formats.bars import OHLC, UNKNOWN_CURRENCY, BarFeed, daily, dates, numbers
from ingest.formats.body import careful, content, refuse, said
from ingest.formats.sessions import venue
from ingest.formats.tables import reading
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.runs.refusals import meaning

BASE = "https://stooq.com/q/d/l/"
DELAY_MINUTES = 120
HEADERS = {
    "data": "date",
    "czas": "time",
    "otwarcie": "open",
    "najwyzszy": "high",
    "najwyższy": "high",
    "najnizszy": "low",
    "najniższy": "low",
    "zamkniecie": "close",
    "zamknięcie": "close",
    "wolumen": "volume",
    "vol": "volume",
    "<ticker>": "symbol",
    "<per>": "span",
    "<date>": "date",
    "<time>": "time",
    "<open>": "open",
    "<high>": "high",
    "<low>": "low",
    "<close>": "close",
    "<vol>": "volume",
}
NO_DATA = ("no data", "brak danych")
JOBS = (
    Job(
        "stooq_import",
        ("prices",),
        "files of daily bars, imported by hand",
        Cadence(at="06:00", zone="UTC", days="first_of_month"),
        priority=9,
        catch_up="skip",
    ),
)


def plan(window: Window) -> list[Call]:
    """The address that a person may open; it runs by itself only where somebody switched it on."""
    params = {"i": "d"}
    if window.since:
        params["d1"] = f"{window.since:%Y%m%d}"
    if window.until:
        params["d2"] = f"{window.until:%Y%m%d}"
    return [
        Call(BASE, {"s": name.removeprefix("stooq:").lower(), **params})
        for name in window.names_or(())
    ]


@careful
def parse(reply: Reply) -> Parsed:
    """A table with a header line, in English or Polish; anything else is a refusal in words."""
    text = content(reply).decode("utf-8", "replace")
    lines = text.splitlines()
    header = [_name(word) for word in next(csv.reader(lines[:1]), [])]
    if "date" not in header or "close" not in header:
        _refused(text, reply)
    if reply.status >= 300:
        refuse(reply)
    rows = [row for row in csv.reader(io.StringIO("\n".join(lines[1:]))) if row]
    if not rows:
        raise ReplyError("empty", "a header and no session")
    if any(len(row) != len(header) for row in rows):
        raise ReplyError(
            "upstream", "a line has another number of fields than the header; is it cut?"
        )
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    symbol = _symbol(columns, reply)
    interval = reply.parameters.get("i", "d")
    is_daily = set(columns["span"]) == {"D"} if "span" in columns else "time" not in columns
    if not is_daily or not symbol or interval != "d":
        found = [dict(zip(header, row, strict=True)) for row in rows]
        return reading("bars", found, "no daily bars of one known symbol; read only")
    return _days(columns, symbol, reply)


def _name(word: str) -> str:
    plain = word.strip().strip('"').lower()
    return HEADERS.get(plain, plain)


def _symbol(columns: Mapping[str, list[str]], reply: Reply) -> str:
    """From the request, or from a column where the file has one and names a single symbol."""
    stated = {word.strip().lower() for word in columns.get("symbol", [])}
    asked = reply.parameters.get("s", "").lower()
    return stated.pop() if len(stated) == 1 else "" if stated else asked


def _meaning(symbol: str) -> Mapping[str, str]:
    """The first line of our list that fits the symbol or its ending."""
    universe = listed("stooq", "symbol").items()
    unknown = {"currency": UNKNOWN_CURRENCY, "mic": "", "asset_class": "equity"}
    return next((row for mask, row in universe if fnmatchcase(symbol, mask)), unknown)


def _days(columns: Mapping[str, list[str]], symbol: str, reply: Reply) -> Parsed:
    known = _meaning(symbol)
    words = [
        word if "-" in word else f"{word[:4]}-{word[4:6]}-{word[6:8]}" for word in columns["date"]
    ]
    figures = {name: numbers(list(columns[name])) for name in (*OHLC, "volume") if name in columns}
    frame = pl.DataFrame({"date": dates(list(words)), **figures}).with_columns(
        symbol=pl.lit(f"stooq:{symbol}"),
        currency=pl.lit(known["currency"]),
        asset_class=pl.lit(known["asset_class"]),
    )
    place = venue(known["mic"])
    feed = BarFeed("stooq", place.get("calendar", ""), place.get("zone") or "UTC", DELAY_MINUTES)
    rows = daily(frame, reply, feed)
    # Divided by splits that came later: a present value, whatever day it speaks of.
    at = rows.schema.get_field_index("vintage_grade")
    grades = pl.repeat("current", rows.num_rows, dtype=pl.String, eager=True).to_arrow()
    rows = rows.set_column(at, "vintage_grade", grades.cast(rows.schema.field(at).type))
    notes = ["prices are divided by later splits"]
    if known["currency"] == UNKNOWN_CURRENCY:
        notes.append(f"currency of {symbol} unknown: name it in ingest/universe/stooq.csv")
    return Parsed({"prices": rows}, note="; ".join(notes))


def _refused(text: str, reply: Reply) -> None:
    words = said(text[:2000])
    if words.lower().rstrip(".!") in NO_DATA:
        raise ReplyError("empty", f"{words}: Stooq knows no such symbol, or nothing in this span")
    if "__verify" in text or "<script" in text.lower():
        raise ReplyError("blocked", "a challenge for browsers came; download the file by hand")
    problem = meaning(words, "upstream")
    if reply.status >= 300 and problem in ("upstream", "empty"):
        refuse(reply, words)
    raise ReplyError(problem, f"expected a line `Date,Open,High,Low,Close`, found: {words}")


SOURCE = Source(
    name="stooq",
    title="Stooq (files)",
    gives="daily bars from CSV files downloaded by hand",
    grade="current",
    licence="Data by Stooq (https://stooq.com), for own use; no licence to redistribute. "
    "The site lets no robots in, so this source only imports files.",
    jobs=JOBS,
    plan=plan,
    parse=parse,
    ids="stooq:",
    is_default=False,
)
