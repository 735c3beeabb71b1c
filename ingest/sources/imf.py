"""IMF: forecasts and history of the World Economic Outlook, other SDMX flows, representative rates.

A forecast is marked as one and never joined to history. A vintage is dated only if the message
itself states when it was published.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from data.clock import parse_instant
from data.errors import ConfigError
from ingest.country_codes import country
from ingest.formats import tables
from ingest.formats.body import careful, content, decoded, refuse
from ingest.formats.periods import periods
from ingest.formats.sdmx import Message, from_json, message
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.sources import _imf_commodities
from ingest.sources._imf_rates import is_table, representative

SDMX = "https://api.imf.org/external/sdmx/3.0/data/dataflow/IMF.RES/WEO/+/"
MAPPER = "https://www.imf.org/external/datamapper/api/v1/"
OUTLOOK = re.compile(r"WEO.*|.*REO|FM")
LATEST = "LATEST_ACTUAL_ANNUAL_DATA"
# Codes of its list of units that say to no reader what is counted: money of the country itself,
# whose sizes compare with no other country's.
UNITS = {"XDC": "national currency"}
SCALES = {"0": "", "3": "thousand ", "6": "million ", "9": "billion "}


def plan(window: Window) -> list[Call]:
    """One call per indicator; the key is COUNTRY.INDICATOR.FREQUENCY, as its structure says."""
    if window.job == "imf_commodities":
        return [_imf_commodities.CODE_LIST]
    if window.job == "imf_rates":
        day = (window.until or window.now.date()).isoformat()
        url = "https://www.imf.org/external/np/fin/data/rms_mth.aspx"
        return [Call(url, {"SelectDate": day, "reportType": "REP", "tsvflag": "Y"})]
    params = {"dimensionAtObservation": TIME, "attributes": "dsd", "measures": "all"}
    if window.since:
        params["c[TIME_PERIOD]"] = f"ge:{window.since.year}"
    names = window.names or tuple(listed("imf", "id"))
    return [Call(f"{SDMX}*.{name}.A", params) for name in names]


@careful
def parse(reply: Reply) -> Parsed:
    """SDMX in any of its forms, the DataMapper's JSON, or the table of representative rates."""
    body = content(reply)
    if reply.path.endswith(".aspx") or is_table(body):
        return representative(reply, body)
    if body[:1] == b"{":
        document = decoded(reply, body)
        if isinstance(document, dict) and _is_mapper(document):
            return _mapper(reply, document)
        found = from_json(reply, document)
    else:
        found = message(reply, body)
    if isinstance(found, Message):
        return _data(reply, found)
    catalogue = _catalogue(found)
    if _imf_commodities.CODES in reply.path:
        return replace(_imf_commodities.asked_for(_codes(found)), tables=catalogue.tables)
    return catalogue


def _is_mapper(document: dict[str, Any]) -> bool:
    names = {"values", "api", "indicators", "countries", "regions", "groups"}
    return bool(names & set(document)) and "data" not in document


def _mapper(reply: Reply, document: dict[str, Any]) -> Parsed:
    """`values` by indicator, place and year; without it the indicator or the place is unknown."""
    for name in ("indicators", "countries", "regions", "groups"):
        if isinstance(document.get(name), dict) and document[name]:
            rows = [
                {"id": k} | (v if isinstance(v, dict) else {}) for k, v in document[name].items()
            ]
            return tables.reading(name, rows)
    values = document.get("values")
    if reply.status >= 300:
        refuse(reply)
    if not isinstance(values, dict) or not values:
        raise ReplyError("empty", "the DataMapper knows no such indicator or place")
    rows = [
        {"INDICATOR": name, "COUNTRY": place, TIME: year, VALUE: value}
        for name, places in values.items()
        for place, years in (places or {}).items()
        for year, value in (years or {}).items()
        if name and place and isinstance(value, int | float)
    ]
    if not rows:
        raise ReplyError("empty", "the DataMapper has no value for this indicator and place")
    frame = pl.DataFrame(rows, schema_overrides={VALUE: pl.Float64}).with_columns(
        FREQUENCY=pl.lit("A")
    )
    return _data(reply, Message("WEO", ("COUNTRY", "INDICATOR", "FREQUENCY"), frame))


def _data(reply: Reply, found: Message) -> Parsed:
    """Observations and what they measure."""
    whole = found.frame.height
    frame = found.frame.drop_nulls(VALUE)
    if not frame.height:
        raise ReplyError("empty", f"the IMF lists {whole} observations and a value for none")
    flow = found.flow or _flow_of(reply)
    found = Message(flow, found.dims, periods(frame, TIME), found.about)
    stated = _published(reply, found)
    frame = found.frame.with_columns(
        _identified(found), _forecast(found, stated or reply.fetched_at)
    )
    frame = frame.rename({VALUE: "value"})
    series = _described(found, frame)
    units = {row["series_id"]: row["unit"] for row in series}
    frame = frame.with_columns(pl.col("series_id").replace_strict(units).alias("unit"))
    known = tables.stamped(pl.lit(stated), "native") if stated else tables.seen(reply)
    made = {
        "macro": tables.table("macro", frame, source="imf", **known),
        "series": tables.described(reply, "imf", series),
    }
    return Parsed(made, note=f"{flow}, {whole - frame.height} without a value")


def _flow_of(reply: Reply) -> str:
    found = re.search(r"/dataflow/[^/]+/([^/]+)/", reply.path) or re.search(
        r"/data/(?:[^/,]+,)?([^/,]+)", reply.path
    )
    return found.group(1) if found else "unstated"


def _identified(found: Message) -> pl.Expr:
    """The World Economic Outlook by indicator and place; a key of any other flow as it is."""
    if found.flow.startswith("WEO") and {"INDICATOR", "COUNTRY"} <= found.has:
        parts = [pl.lit("imf:"), pl.col("INDICATOR"), pl.lit(":"), pl.col("COUNTRY")]
        return pl.concat_str(parts).alias("series_id")
    return pl.concat_str(pl.lit(f"imf:{found.flow}:"), found.key()).alias("series_id")


def _published(reply: Reply, found: Message) -> datetime | None:
    """When this vintage was published or last mended, if the message says so."""
    words = [str(found.about.get(name) or "") for name in ("PUBLICATION_DATE", "UPDATE_DATE")]
    stamps = []
    for word in words:
        try:
            stamps.append(parse_instant(word))
        except ConfigError:
            continue
    return min(max(stamps), reply.fetched_at) if stamps and words[0] else None


def _forecast(found: Message, stated: datetime) -> pl.Expr:
    """Later than the latest actual year; where an outlook does not name that, from the year of
    its publication on. A period that has yet to begin is a forecast in any flow."""
    year = pl.col("period").dt.year()
    ahead = pl.col("period") > stated.date()
    if OUTLOOK.fullmatch(found.flow):
        latest = found.text(LATEST).str.extract(r"(\d{4})").cast(pl.Int32)
        ahead = pl.when(latest.is_null()).then(year >= stated.year).otherwise(year > latest)
    return ahead.alias("is_forecast")


def _described(found: Message, frame: pl.DataFrame) -> list[dict[str, Any]]:
    ours = listed("imf", "id") if found.flow.startswith("WEO") else {}
    rows = []
    for row in frame.unique("series_id", keep="first", maintain_order=True).to_dicts():
        name, place = (
            str(row.get("INDICATOR") or ""),
            str(row.get("COUNTRY") or row.get("REF_AREA") or ""),
        )
        if found.flow.startswith(_imf_commodities.FLOW):
            about = _imf_commodities.described(row)
            rows.append(about | {"series_id": row["series_id"], "frequency": row["frequency"]})
            continue
        fact = ours.get(name, {})
        title = fact.get("title") or row.get("SERIES_NAME") or name or found.flow
        rows.append(
            {
                "series_id": row["series_id"],
                "indicator": fact.get("indicator") or name or str(row["series_id"]),
                "title": f"{title}: {place}" if place else str(title),
                "country": country(place),
                "frequency": row["frequency"],
                "unit": _unit(found, row, fact),
            }
        )
    return rows


def _unit(found: Message, row: dict[str, Any], fact: Any) -> str:
    """The unit that the message states. Values come in full units, so a scale that says how to
    show them is no part of it; only the DataMapper gives values as our list describes them."""
    code = next((row[n] for n in ("UNIT", "UNIT_MEASURE") if row.get(n)), None)
    stated = UNITS.get(str(code), code)
    if found.flow.startswith("WEO") and stated is None and not found.about:
        return str(fact.get("unit") or tables.UNSTATED)
    full = re.sub(r"^(billion|million|thousand) ", "", str(fact.get("unit") or ""))
    kind = row.get("TRANSFORMATION") or row.get("TYPE_OF_TRANSFORMATION")
    words = [str(stated)] + ([str(kind)] if kind else []) if stated else []
    scale = SCALES.get(str(row.get("UNIT_MULT") or "0"), f"1e{row.get('UNIT_MULT')} ")
    return full or scale + " ".join(words) or tables.UNSTATED


def _catalogue(lists: dict[str, list[dict[str, Any]]]) -> Parsed:
    name, rows = max(lists.items(), key=lambda item: len(item[1]))
    if codes := _codes(lists):
        name, rows = f"codes of {rows[0].get('id')}", codes
    keep = ("id", "name", "agencyID", "version", "description", "structure", "urn")
    return tables.reading(name, [{k: row[k] for k in keep if k in row} for row in rows])


def _codes(lists: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The codes of a message that is one code list."""
    _, rows = max(lists.items(), key=lambda item: len(item[1]))
    inner = rows[0].get("codes") if len(rows) == 1 else None
    return inner if isinstance(inner, list) else []


SOURCE = Source(
    name="imf",
    title="International Monetary Fund",
    gives="World Economic Outlook with forecasts, commodity prices, representative rates",
    grade="native",
    licence="Source: International Monetary Fund; cite it, commercial redistribution restricted.",
    jobs=(
        Job(
            "imf_outlook",
            ("macro", "series"),
            "Indicators of the World Economic Outlook for all countries and groups",
            Cadence(at="10:15", zone="America/New_York", days="first_of_month"),
            priority=4,
        ),
        Job(
            "imf_rates",
            ("prices",),
            "Representative exchange rates of the month",
            Cadence(at="19:00", zone="America/New_York", days="weekdays"),
            priority=6,
        ),
        Job(
            "imf_commodities",
            ("macro", "series"),
            "Monthly prices of 80 commodities and their indices, in their own units",
            Cadence(every_minutes=7 * 24 * 60),
            priority=5,
            cost=9,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=86_400,
)
