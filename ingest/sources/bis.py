"""BIS statistics as they stand today: policy rates, effective and dollar exchange rates, consumer
and property prices, debt service, credit gaps.

It gives no vintages, so a value is known from when we saw it. One area without a series turns a
request for several into a 404: that is asked again in halves until the one is found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from ingest.country_codes import country
from ingest.formats import tables
from ingest.formats.body import careful, content, refuse, said
from ingest.formats.periods import periods
from ingest.formats.sdmx import Message, message
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

BASE = "https://stats.bis.org/api/v1/data/"
RATES, EFFECTIVE, DOLLAR = "WS_CBPOL", "WS_EER", "WS_XRU"
STATISTICS = "bis_statistics"
AREA = "AREA"  # in a key of our list, for each area of its row
GONE = 404
# Its CSV puts attributes before the period too, and any change of a title would be a new series.
DIMENSIONS = {
    RATES: ("FREQ", "REF_AREA"),
    "WS_EER": ("FREQ", "EER_TYPE", "EER_BASKET", "REF_AREA"),
    "WS_XRU": ("FREQ", "REF_AREA", "CURRENCY", "COLLECTION"),
    "WS_SPP": ("FREQ", "REF_AREA", "VALUE", "UNIT_MEASURE"),
    "WS_LONG_CPI": ("FREQ", "REF_AREA", "UNIT_MEASURE"),
    "WS_DSR": ("FREQ", "BORROWERS_CTY", "DSR_BORROWERS"),
    "WS_CREDIT_GAP": ("FREQ", "BORROWERS_CTY", "TC_BORROWERS", "TC_LENDERS", "CG_DTYPE"),
}
UNITS = {"368": "percent per year", "882": "index 2020=100"}
CALENDAR = "BIS_REL_CAL"  # days written as numbers


def plan(window: Window) -> list[Call]:
    """One call per flow and kind for all areas, which plus signs join in one place of the key.

    A name is a key of policy rates (`M.US`) or begins with its flow (`WS_EER.M.N.B.US`).
    """
    rates = [name for name in window.names if not name.startswith("WS_")]
    others = [name for name in window.names if name.startswith("WS_")]
    if not window.names and window.job == STATISTICS:
        rows = listed(STATISTICS, "key").values()
        others = [row["key"].replace(AREA, "+".join(row["areas"].split())) for row in rows]
    elif not window.names:
        rates = list(listed("bis", "key"))
    by_frequency: dict[str, list[str]] = {}
    for name in rates:
        frequency, _, place = name.partition(".")
        by_frequency.setdefault(frequency, []).append(place)
    joined = [f"{RATES}.{often}.{'+'.join(places)}" for often, places in by_frequency.items()]
    return [_call(name, window.since) for name in (*joined, *others)]


def _call(name: str, since: date | None) -> Call:
    flow, _, key = name.partition(".")
    params = {"format": "csv"}
    if since:
        quarter = f"{since.year}-Q{(since.month + 2) // 3}"
        params["startPeriod"] = quarter if key.startswith("Q.") else f"{since:%Y-%m}"
    return Call(f"{BASE}{flow}/{key}", params)


@careful
def parse(reply: Reply) -> Parsed:
    """SDMX in XML, JSON or CSV."""
    if reply.status == GONE:
        return _halves(reply)
    body = content(reply)
    if body[:1] not in b"<{[" and b"OBS_VALUE" not in body[:4000]:
        refuse(reply, body[:300].decode("utf-8", "replace"))
    found = message(reply, body)
    if not isinstance(found, Message):
        name, rows = max(found.items(), key=lambda item: len(item[1]))
        return tables.reading(name, rows)
    frame = found.frame.drop_nulls(VALUE)
    if not frame.height:
        raise ReplyError("empty", "the BIS lists periods and a value for none")
    asked = re.search(r"/data/(?:[^/,]+,)?([^/,]+)", reply.path)
    flow = found.flow or (asked.group(1) if asked else _flow(found))
    if flow == CALENDAR:
        return tables.reading("releases", frame.to_dicts(), "the days of releases are no values")
    found = Message(flow, _dimensions(flow, found), frame)
    ids = pl.concat_str(pl.lit(f"bis:{flow}."), found.key()).alias("series_id")
    frame = periods(frame, TIME).with_columns(ids).rename({VALUE: "value"})
    series = _described(flow, frame)
    units = {row["series_id"]: row["unit"] for row in series}
    frame = frame.with_columns(pl.col("series_id").replace_strict(units).alias("unit"))
    stamp = tables.seen(reply)
    return Parsed(
        {
            "macro": tables.table("macro", frame, is_forecast=False, source="bis", **stamp),
            "series": tables.described(reply, "bis", series),
        }
    )


def _halves(reply: Reply) -> Parsed:
    """The same for each half of the areas; of one area alone, that it has no such series."""
    head, _, key = reply.call.url.partition("?")[0].rpartition("/")
    parts = key.split(".")
    place = next((at for at, part in enumerate(parts) if "+" in part), None)
    if place is None:
        raise ReplyError("empty", f"the BIS has no series that matches {said(key)}")
    areas = parts[place].split("+")
    middle = len(areas) // 2
    halves = [
        ".".join([*parts[:place], "+".join(half), *parts[place + 1 :]])
        for half in (areas[:middle], areas[middle:])
    ]
    calls = [Call(f"{head}/{half}", reply.parameters, reply.call.headers) for half in halves]
    return Parsed({}, tuple(calls))


def _flow(found: Message) -> str:
    """The flow of a file that names none, where its columns are those of one that we know."""
    is_rates = found.dims[:2] == DIMENSIONS[RATES] and "SOURCE_REF" in found.has
    return RATES if is_rates else "unstated"


def _dimensions(flow: str, found: Message) -> tuple[str, ...]:
    known = DIMENSIONS.get(flow, ())
    return known if known and set(known) <= found.has else found.dims


def _described(flow: str, frame: pl.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for row in frame.unique("series_id", keep="first", maintain_order=True).to_dicts():
        key = row["series_id"].partition(f"{flow}.")[2]
        fact = _fact(flow, key)
        area = str(row.get("REF_AREA") or row.get("BORROWERS_CTY") or "")
        title = f"{fact['title']}: {area}" if "areas" in fact else fact.get("title")
        rows.append(
            {
                "series_id": row["series_id"],
                "indicator": fact.get("indicator") or ("policy_rate" if flow == RATES else key),
                "title": str(row.get("TITLE") or row.get("TITLE_TS") or title or key).strip(),
                "country": fact.get("country") or country(area),
                "frequency": row["frequency"],
                "unit": _unit(flow, row, fact),
                "adjustment": fact.get("adjustment") or ("nsa" if flow == RATES else "unknown"),
            }
        )
    return rows


def _fact(flow: str, key: str) -> Mapping[str, str]:
    """What our lists say of a series; an empty place of a listed key fits any code."""
    if flow == RATES:
        return listed("bis", "key").get(key, {})
    codes = [flow, *key.split(".")]
    for pattern, row in listed(STATISTICS, "key").items():
        wanted = pattern.split(".")
        if len(wanted) == len(codes) and all(
            want in ("", AREA, code) for want, code in zip(wanted, codes, strict=True)
        ):
            return row
    return {}


def _unit(flow: str, row: Mapping[str, Any], fact: Mapping[str, str]) -> str:
    """The words of a unit; a bare code of its list says nothing to a reader.

    Policy rates are in percent per year throughout. The base of the effective rates is no part of
    their key and moves with the years: it is what the answer states, whatever our list says.
    """
    if flow == RATES:
        return "percent per year"
    if flow == DOLLAR and row.get("CURRENCY"):
        return f"{row['CURRENCY']} per USD"
    code = str(row.get("UNIT") or row.get("UNIT_MEASURE") or "")
    stated = UNITS.get(code) or (None if code.isdecimal() else code)
    if flow == EFFECTIVE:
        return stated or tables.UNSTATED
    return fact.get("unit") or stated or tables.UNSTATED


SOURCE = Source(
    name="bis",
    title="Bank for International Settlements",
    gives="Policy rates of central banks; effective and dollar exchange rates, consumer and "
    "property prices, debt service, credit gaps",
    grade="snapshot",
    licence="Source: Bank for International Settlements and each central bank; cite both.",
    jobs=(
        Job(
            "bis_policy_rates",
            ("macro", "series"),
            "Policy rates of the list",
            Cadence(at="13:00", zone="Europe/Zurich", days="weekdays"),
            lookback_days=120,
            priority=4,
        ),
        Job(
            STATISTICS,
            ("macro", "series"),
            "Exchange rates, prices, debt service and credit gaps of the list",
            Cadence(at="13:20", zone="Europe/Zurich", days="weekdays"),
            lookback_days=800,
            priority=5,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
