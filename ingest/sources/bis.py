"""BIS statistics: policy rates of central banks, as they stand today.

It gives no vintages, so a rate is known from when we saw it.
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from ingest.country_codes import country
from ingest.formats import tables
from ingest.formats.body import careful, content, refuse
from ingest.formats.periods import periods
from ingest.formats.sdmx import Message, message
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

BASE = "https://stats.bis.org/api/v1/data/WS_CBPOL/"
RATES = "WS_CBPOL"
# Its CSV puts attributes before the period too, and any change of a title would be a new series.
DIMENSIONS = {
    RATES: ("FREQ", "REF_AREA"),
    "WS_EER": ("FREQ", "EER_TYPE", "EER_BASKET", "REF_AREA"),
    "WS_XRU": ("FREQ", "REF_AREA", "CURRENCY", "COLLECTION"),
    "WS_SPP": ("FREQ", "REF_AREA", "VALUE", "UNIT_MEASURE"),
    "WS_LONG_CPI": ("FREQ", "REF_AREA", "UNIT_MEASURE"),
}
UNITS = {"368": "percent per year", "882": "index 2020=100"}
CALENDAR = "BIS_REL_CAL"  # days written as numbers


def plan(window: Window) -> list[Call]:
    """One call for all countries of the list: the places of a key are joined by plus signs."""
    keys = window.names or tuple(listed("bis", "key"))
    places = "+".join(key.partition(".")[2] for key in keys)
    params = {"format": "csv"}
    if window.since:
        params["startPeriod"] = f"{window.since:%Y-%m}"
    return [Call(f"{BASE}M.{places}", params)]


@careful
def parse(reply: Reply) -> Parsed:
    """SDMX in XML, JSON or CSV."""
    if reply.status == 404:
        raise ReplyError("empty", "the BIS has no series that matches")
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


def _flow(found: Message) -> str:
    """The flow of a file that names none, where its columns are those of one that we know."""
    is_rates = found.dims[:2] == DIMENSIONS[RATES] and "SOURCE_REF" in found.has
    return RATES if is_rates else "unstated"


def _dimensions(flow: str, found: Message) -> tuple[str, ...]:
    known = DIMENSIONS.get(flow, ())
    return known if known and set(known) <= found.has else found.dims


def _described(flow: str, frame: pl.DataFrame) -> list[dict[str, Any]]:
    ours = listed("bis", "key") if flow == RATES else {}
    rows = []
    for row in frame.unique("series_id", keep="first", maintain_order=True).to_dicts():
        key = row["series_id"].partition(f"{flow}.")[2]
        fact = ours.get(key, {})
        unit = str(row.get("UNIT") or row.get("UNIT_MEASURE") or "")
        rows.append(
            {
                "series_id": row["series_id"],
                "indicator": fact.get("indicator") or ("policy_rate" if flow == RATES else key),
                "title": str(
                    row.get("TITLE") or row.get("TITLE_TS") or fact.get("title") or key
                ).strip(),
                "country": fact.get("country") or country(str(row.get("REF_AREA") or "")),
                "frequency": row["frequency"],
                # The flow of policy rates is in percent per year throughout.
                "unit": "percent per year" if flow == RATES else _unit(unit),
                "adjustment": "nsa" if flow == RATES else "unknown",
            }
        )
    return rows


def _unit(stated: str) -> str:
    """The words of a unit; a bare code of its list says nothing to a reader."""
    return UNITS.get(stated, tables.UNSTATED if stated.isdecimal() else stated or tables.UNSTATED)


SOURCE = Source(
    name="bis",
    title="Bank for International Settlements",
    gives="Policy rates of central banks, monthly",
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
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
