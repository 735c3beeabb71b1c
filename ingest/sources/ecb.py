"""ECB data portal and its reference-rate files: euro exchange rates, key rates, curves, HICP.

Daily exchange rates are prices. A fixing is never revised, so it counts as known from the hour at
which the bank publishes it; other series only from when we saw them, unless history was asked.
"""

from __future__ import annotations

import io
import re
from datetime import time
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.country_codes import country
from ingest.formats import tables
from ingest.formats.body import careful, content, refuse
from ingest.formats.periods import periods
from ingest.formats.records import number
from ingest.formats.sdmx import Message, message
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.formats.xml import attributes, local, root
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed

BASE = "https://data-api.ecb.europa.eu/service/data/"
PUBLISHED, ZONE = time(16, 0), "Europe/Berlin"
# Codes of the ECB's list of units; a code that is not here is shown as it is.
UNITS = {
    "PC": "percent",
    "PCPA": "percent per year",
    "PCCH": "percent change",
    "PCT": "percent",
    "PURE_NUMB": "pure number",
    "IX": "index",
}
# Yield curves have thousands of days a tenor; what our list says of them is not asked again.
LONG = ("YC",)
FLOW_OF_KEY = re.compile(r"/data/(?:ECB,)?([A-Z0-9_]+)(?:,[^/]*)?(?:/([^/?]*))?")


def plan(window: Window) -> list[Call]:
    """One call per key, as CSV; keys that differ in their last part alone share one."""
    shared: dict[tuple[str, str], list[str]] = {}
    for name in window.names or tuple(listed("ecb", "key")):
        flow, _, key = name.partition(".")
        head, _, last = key.rpartition(".")
        shared.setdefault((flow, head), []).append(last)
    calls = []
    for (flow, head), parts in shared.items():
        params = {"format": "csvdata"}
        if flow in LONG:
            params["detail"] = "dataonly"
        if window.since:
            params["startPeriod"] = window.since.isoformat()
        url = f"{BASE}{flow}/{head}.{'+'.join(parts)}"
        calls.append(Call(url, params, {"Accept": "text/csv"}))
    return calls


@careful
def parse(reply: Reply) -> Parsed:
    """CSV, SDMX-JSON, SDMX-ML, or the nested cubes of the reference-rate files."""
    if reply.status == 404:
        raise ReplyError("empty", "the ECB has no such series, or has not published it yet")
    body = content(reply)
    if body[:1] == b"<" and b"eurofxref" in body[:600]:
        return _cubes(reply, body)
    if body[:5].lower() == b"date," and reply.status < 300:
        return Parsed(_columns(reply, body))
    if body[:1] not in b"<{[" and b"OBS_VALUE" not in body[:4000]:
        refuse(reply, body[:300].decode("utf-8", "replace"))
    found = message(reply, body)
    if isinstance(found, Message):
        return _data(reply, _completed(reply, found))
    name, rows = max(found.items(), key=lambda item: len(item[1]))
    return tables.reading(name, rows)


def _cubes(reply: Reply, body: bytes) -> Parsed:
    """Days that hold currencies. A file without days occurs."""
    rows: list[tuple[str, str, str]] = []
    for day in root(body).iter():
        when = day.get("time") if local(day.tag) == "Cube" else None
        for cube in day if when else ():
            given = attributes(cube)
            rows.append((str(when), given["currency"], given["rate"]))
    if not rows:
        raise ReplyError("empty", "this file of the ECB holds no day")
    frame = pl.DataFrame(rows, schema=["date", "quote", "close"], orient="row").with_columns(
        pl.col("date").str.to_date("%Y-%m-%d"),
        pl.col("close").str.strip_chars().cast(pl.Float64, strict=False),
        base=pl.lit("EUR"),
    )
    return Parsed(_fixings(reply, frame))


def _columns(reply: Reply, body: bytes) -> dict[str, pa.Table]:
    """The reference rates as CSV: a column per currency, days as `2019-11-29` or in words."""
    frame = pl.read_csv(io.BytesIO(body), infer_schema=False)
    frame = frame.rename({name: name.strip() for name in frame.columns})
    codes = [name for name in frame.columns if re.fullmatch(r"[A-Z]{3}", name)]
    day = pl.col("Date").str.strip_chars()
    read = pl.coalesce(
        day.str.to_date("%Y-%m-%d", strict=False), day.str.to_date("%d %B %Y", strict=False)
    )
    long = frame.with_columns(read.alias("date")).unpivot(
        codes, index="date", variable_name="quote", value_name="close"
    )
    if not codes or long["date"].has_nulls():
        raise ReplyError("upstream", "expected the ECB's days and currencies in this CSV")
    return _fixings(reply, long.with_columns(number("close"), base=pl.lit("EUR")))


def _fixings(reply: Reply, frame: pl.DataFrame) -> dict[str, pa.Table]:
    known = tables.never_ahead(tables.at_clock("date", PUBLISHED, ZONE), reply)
    made = tables.rates(reply, "ecb", frame, **tables.stamped(known, "lagged"))
    if not made["prices"].num_rows:
        raise ReplyError("empty", "days of the ECB without a rate, as on holidays")
    return made


def _completed(reply: Reply, found: Message) -> Message:
    """With the flow and the dimensions that a shortened answer leaves to its request."""
    asked = FLOW_OF_KEY.search(reply.path)
    flow = asked.group(1) if asked else found.flow
    frame = found.frame
    if "CURRENCY" in found.has and "CURRENCY_DENOM" not in found.has:
        # Reference rates are quoted per euro unless the key says otherwise.
        parts = (asked.group(2) or "").split(".") if asked else []
        denominator = parts[2] if len(parts) > 2 and parts[2] else "EUR"
        frame = frame.with_columns(CURRENCY_DENOM=pl.lit(denominator))
        flow = flow or "EXR"
    return Message(flow, found.dims, frame, found.about)


def _data(reply: Reply, found: Message) -> Parsed:
    """Rows without a value, as on holidays (status H), are no observations."""
    history = "VALID_FROM" in found.has
    frame = found.frame if history else found.frame.drop_nulls(VALUE)
    if not frame.height:
        raise ReplyError("empty", f"{found.frame.height} days of the ECB and a value on none")
    frame = periods(frame, TIME)
    is_rate = {"CURRENCY", "CURRENCY_DENOM"} <= found.has
    daily = (frame["frequency"] == "daily").all() and found.flow == "EXR"
    spot = found.text("EXR_TYPE").fill_null("SP00")
    if is_rate and daily and frame.select((spot == "SP00").all()).item():
        return Parsed(_prices(reply, frame))
    return Parsed(_macro(reply, Message(found.flow, found.dims, frame, found.about), history))


def _prices(reply: Reply, frame: pl.DataFrame) -> dict[str, pa.Table]:
    if "VALID_TO" in frame.columns:
        frame = frame.filter(pl.col("VALID_TO").fill_null("") == "")
    renamed = frame.select(
        pl.col("CURRENCY_DENOM").alias("base"),
        pl.col("CURRENCY").alias("quote"),
        pl.col("period").alias("date"),
        pl.col(VALUE).alias("close"),
    )
    return _fixings(reply, renamed)


def _macro(reply: Reply, found: Message, history: bool) -> dict[str, pa.Table]:
    key = found.text("KEY").fill_null(pl.concat_str(pl.lit(f"{found.flow}."), found.key()))
    frame = found.frame.with_columns(pl.concat_str(pl.lit("ecb:"), key).alias("series_id"))
    frame = frame.rename({VALUE: "value"})
    series = _described(frame)
    units = {row["series_id"]: row["unit"] for row in series}
    frame = frame.with_columns(pl.col("series_id").replace_strict(units).alias("unit"))
    known = tables.seen(reply)
    if history:
        start = pl.col("VALID_FROM").str.to_datetime(time_zone="UTC", strict=True)
        known = tables.stamped(tables.never_ahead(start, reply), "native")
        action = pl.col("ACTION") if "ACTION" in frame.columns else pl.lit("A")
        value = pl.when(action.fill_null("").str.starts_with("D").not_()).then(pl.col("value"))
        frame = frame.with_columns(value.alias("value"))
    return {
        "macro": tables.table("macro", frame, is_forecast=False, source="ecb", **known),
        "series": tables.described(reply, "ecb", series),
    }


def _described(frame: pl.DataFrame) -> list[dict[str, Any]]:
    ours = listed("ecb", "key")
    alike = {_at_any_frequency(key): fact for key, fact in ours.items()}
    rows = []
    for row in frame.unique("series_id", keep="first", maintain_order=True).to_dicts():
        key = row["series_id"].removeprefix("ecb:")
        fact = ours.get(key) or alike.get(_at_any_frequency(key), {})
        area = str(row.get("REF_AREA") or "")
        rows.append(
            {
                "series_id": row["series_id"],
                "indicator": fact.get("indicator") or key,
                "title": row.get("TITLE_COMPL") or row.get("TITLE") or fact.get("title") or key,
                "country": fact.get("country") or country(area),
                "frequency": row["frequency"],
                "unit": fact.get("unit") or _unit(row),
                "adjustment": fact.get("adjustment") or "unknown",
                "timezone": ZONE,
            }
        )
    return rows


def _at_any_frequency(key: str) -> tuple[str, str]:
    """Flow and key without the frequency: a rate means the same by day and by business day."""
    flow, _, rest = key.partition(".")
    return flow, rest.partition(".")[2]


def _unit(row: dict[str, Any]) -> str:
    """The unit that the series states, with its power of ten."""
    code = str(row.get("UNIT") or "")
    if not code:
        return tables.UNSTATED
    power = str(row.get("UNIT_MULT") or "0").strip()
    words = UNITS.get(code, code)
    if row.get("CURRENCY_DENOM") and code == row.get("CURRENCY"):
        words = f"{code} per {row['CURRENCY_DENOM']}"
    return words if power in ("0", "") else f"1e{power} {words}"


SOURCE = Source(
    name="ecb",
    title="European Central Bank data portal",
    gives="Euro reference exchange rates, key rates, short-term rate, yield curve, HICP",
    grade="native",
    licence="Source: European Central Bank; free reuse with citation, rates for information only.",
    jobs=(
        Job(
            "ecb_series",
            ("prices", "macro", "series"),
            "Reference rates and series of the list",
            Cadence(at="16:15", zone=ZONE, days="weekdays"),
            lookback_days=14,
            priority=2,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
