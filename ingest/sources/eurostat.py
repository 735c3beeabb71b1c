"""Eurostat: prices, output, jobs, confidence and long rates of Europe, one call per series.

A call pins every dimension but area and time, since an answer that is too large comes as a file
for later. The data set says when it was updated last, and what stands in it was public by then;
marks of provisional, estimated and broken values have no column and are said by the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit

import polars as pl

from ingest.country_codes import country
from ingest.formats import json_stat, tables
from ingest.formats.body import careful, content, decoded, refuse, said
from ingest.formats.periods import periods
from ingest.formats.sdmx import Message, from_json, message
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

BASE = "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/"
AREA, FREQUENCY, UNIT = "geo", "freq", "unit"
FLAGS = ("OBS_STATUS", "OBS_FLAG")
FORECAST = "f"
WORDS = {
    "b": "after a break",
    "d": "of another definition",
    "e": "estimated",
    "f": "forecast",
    "n": "not significant",
    "p": "provisional",
    "r": "revised",
    "s": "estimated by Eurostat",
    "u": "of low reliability",
}
UNITS = {
    "I05": "index 2005=100",
    "I10": "index 2010=100",
    "I15": "index 2015=100",
    "I20": "index 2020=100",
    "I21": "index 2021=100",
    "I25": "index 2025=100",
    "CP_MEUR": "million EUR",
    "RCH_A": "percent per year",
    "PC_ACT": "percent of labour force",
}
NONE, TOO_BIG = "100", "413"
# A set whose last period is so many days old is said to be: a frozen one answers for ever.
OLD_DAYS = {"monthly": 150, "quarterly": 280, "annual": 800}


def plan(window: Window) -> list[Call]:
    """One call per series of the list for all areas; a name may pin an area with `&geo=DE`."""
    return [_call(name, window.since) for name in window.names or tuple(listed("eurostat", "key"))]


def _call(name: str, since: date | None) -> Call:
    flow, _, pins = name.partition("?")
    asked = parse_qsl(pins)
    if AREA not in dict(asked):
        asked += [(AREA, code) for code in listed("eurostat_areas", AREA)]
    params = {"format": "JSON", "lang": "EN"}
    if since:
        params["sinceTimePeriod"] = _period(since, dict(asked).get(FREQUENCY, ""))
    return Call(f"{BASE}{flow}?{urlencode(asked)}", params)


def _period(day: date, frequency: str) -> str:
    written = {"A": f"{day.year}", "Q": f"{day.year}-Q{(day.month + 2) // 3}"}
    return written.get(frequency, f"{day:%Y-%m}")


@careful
def parse(reply: Reply) -> Parsed:
    """JSON-stat as planned; SDMX in XML, CSV and JSON as its other addresses give it."""
    body = content(reply)
    updated: datetime | None = None
    if body[:1] not in b"{[":
        if body[:1] != b"<" and b"OBS_VALUE" not in body[:4000]:
            refuse(reply, body[:300].decode("utf-8", "replace"))
        found = message(reply, body)
    else:
        document = decoded(reply, body)
        _refuse_errors(reply, document)
        if json_stat.is_dataset(document):
            flow = str((document.get("extension") or {}).get("id") or "")
            found = json_stat.message(document, flow)
            updated = _instant(document.get("updated"))
        else:
            found = _other_json(reply, document)
    if not isinstance(found, Message):
        name, rows = max(found.items(), key=lambda item: len(item[1]))
        return tables.reading(name, rows)
    return _rows(reply, found, updated)


def _other_json(reply: Reply, document: Any) -> Message | dict[str, list[dict[str, Any]]]:
    if isinstance(document, dict) and any(
        isinstance(part, dict) and "dimension" in part for part in document.values()
    ):
        raise ReplyError("upstream", "the answer is JSON-stat 1, as the retired address gives it")
    return from_json(reply, document)


def _refuse_errors(reply: Reply, document: Any) -> None:
    """Words of refusal: an object or a list of them, with any status."""
    if not isinstance(document, dict):
        return
    warning = document.get("warning")
    errors = document.get("error") or warning
    first = errors[0] if isinstance(errors, list) and errors else errors
    if isinstance(first, Mapping):
        _refuse(reply, str(first.get("id", "")), str(first.get("status", "")), first.get("label"))
    if first:
        refuse(reply, first)


def _refuse(reply: Reply, code: str, status: str, words: object) -> NoReturn:
    if TOO_BIG in (status, str(reply.status)):
        raise ReplyError(
            "client",
            "Eurostat answers so large a request by a file for later (413): ask for fewer areas,"
            f" codes or years; it says {said(words)}",
        )
    if code == NONE:
        name = said(reply.path.rpartition("/")[2])
        raise ReplyError("empty", f"Eurostat has nothing of {name} that matches: {said(words)}")
    refuse(reply, f"{words} ({code})", None if reply.status >= 300 else "client")


def _instant(word: object) -> datetime | None:
    """`2026-09-17T11:00:00+0200`; what has no offset is no instant."""
    if not isinstance(word, str) or not word:
        return None
    moment = datetime.fromisoformat(word)
    return moment if moment.tzinfo else None


def _rows(reply: Reply, found: Message, updated: datetime | None) -> Parsed:
    flow = _flow(reply, found)
    _check_pins(reply, found)
    frame = found.frame.drop_nulls(VALUE)
    if not frame.height:
        raise ReplyError("empty", "Eurostat lists periods here and a value for none")
    if AREA not in found.has:
        raise ReplyError("upstream", f"no dimension {AREA} among {', '.join(found.dims)[:120]}")
    frame = periods(frame, TIME)
    series = _described(flow, found.dims, frame)
    named = pl.DataFrame(series, infer_schema_length=None).select(
        *found.dims, "series_id", UNIT + "_"
    )
    frame = frame.join(named, on=list(found.dims), nulls_equal=True, maintain_order="left")
    flags = next((pl.col(name) for name in FLAGS if name in frame.columns), pl.lit(None, pl.String))
    frame = frame.with_columns(flags.fill_null("").str.to_lowercase().alias("flags"))
    stamp = tables.seen(reply)
    if updated is not None:
        known = tables.never_ahead(pl.lit(updated).cast(tables.INSTANT), reply)
        stamp = tables.stamped(known, "native")
    macro = frame.select(
        "series_id",
        "period",
        pl.col(VALUE).alias("value"),
        pl.col(UNIT + "_").alias("unit"),
        pl.col("flags").str.contains(FORECAST).alias("is_forecast"),
    )
    about = [
        {k: v for k, v in row.items() if k not in (*found.dims, UNIT + "_")}
        | {"unit": row[UNIT + "_"]}
        for row in series
    ]
    return Parsed(
        {
            "macro": tables.table("macro", macro, source="eurostat", **stamp),
            "series": tables.described(reply, "eurostat", about),
        },
        note="; ".join(filter(None, (_marks(frame), _age(reply, frame)))),
    )


def _flow(reply: Reply, found: Message) -> str:
    """The data set asked for; else the one that the answer names."""
    parts = reply.path.partition("/data/")[2].split("/")
    return (parts[0] or found.flow or "unstated").lower()


def _check_pins(reply: Reply, found: Message) -> None:
    """The answer has the codes of the request and no others: another unit is another series."""
    asked: dict[str, set[str]] = {}
    for name, code in parse_qsl(urlsplit(reply.call.url).query):
        asked.setdefault(name, set()).add(code)
    for name in found.dims:
        others = set(found.frame[name].unique().drop_nulls()) - asked.get(name, set())
        if name in asked and others:
            raise ReplyError(
                "upstream",
                f"the answer has {name} {', '.join(sorted(others))[:80]}, and the request"
                f" {', '.join(sorted(asked[name]))[:80]}",
            )


def _fact(flow: str, codes: Mapping[str, Any]) -> tuple[list[str], Mapping[str, str]]:
    """The row of our list for these codes, and its dimensions in their order."""
    for key, row in listed("eurostat", "key").items():
        name, _, pins = key.partition("?")
        wanted = dict(parse_qsl(pins))
        if name == flow and all(codes.get(dim) == code for dim, code in wanted.items()):
            return list(wanted), row
    return [], {}


def _described(flow: str, dims: tuple[str, ...], frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One row per series: its codes, id, and what our list says of it.

    The order of an id is that of our list, since the forms of an answer differ in theirs.
    """
    several = {name for name in dims if frame[name].n_unique() > 1} - {AREA}
    areas = listed("eurostat_areas", AREA)
    rows = []
    for row in frame.unique(list(dims), keep="first", maintain_order=True).to_dicts():
        codes = {name: row[name] for name in dims}
        order, fact = _fact(flow, codes)
        if not several <= set(order):
            order, fact = [], {}
        rest = [name for name in dims if name not in (FREQUENCY, AREA)]
        order = order or [name for name in (FREQUENCY, *rest) if name in codes]
        code = str(row[AREA])
        area = areas.get(code, {})
        key = ".".join(str(codes[name]) for name in (*order, AREA))
        unit = str(codes.get(UNIT) or "")
        rows.append(
            codes
            | {
                "series_id": f"eurostat:{flow}.{key}",
                "indicator": fact.get("indicator") or f"{flow}.{key}",
                "title": f"{fact.get('title') or flow}: {area.get('name') or code}",
                "country": (area["country"] or None) if area else country(code),
                "frequency": row["frequency"],
                UNIT + "_": fact.get("unit") or UNITS.get(unit, tables.UNSTATED),
                "adjustment": fact.get("adjustment") or "unknown",
                "timezone": "Europe/Brussels",
            }
        )
    return rows


def _marks(frame: pl.DataFrame) -> str:
    """How many values bear which mark, the first of them by name."""
    counts = Counter(mark for flags in frame["flags"] for mark in flags if mark in WORDS)
    said_of = []
    for mark, count in sorted(counts.items()):
        first = frame.filter(pl.col("flags").str.contains(mark)).row(0, named=True)
        said_of.append(f"{count} {WORDS[mark]} (first {first[AREA]} {first[TIME]})")
    return ", ".join(said_of)


def _age(reply: Reply, frame: pl.DataFrame) -> str:
    last = frame.sort("period").row(-1, named=True)
    days = (reply.fetched_at.date() - last["period"]).days
    return (
        f"nothing after {last[TIME]}: this data set may be frozen"
        if days > OLD_DAYS.get(last["frequency"], 10**6)
        else ""
    )


SOURCE = Source(
    name="eurostat",
    title="Eurostat",
    gives="consumer prices, GDP, unemployment, production, retail sales, confidence and long rates "
    "of 35 European countries and the euro area",
    grade="native",
    licence="Source: Eurostat, reuse with attribution (CC BY 4.0).",
    jobs=(
        Job(
            "eurostat_series",
            ("macro", "series"),
            "Series of the list for every area",
            Cadence(at="11:20", zone="Europe/Brussels", days="weekdays"),
            lookback_days=800,
            priority=3,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
