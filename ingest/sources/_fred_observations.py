"""Rows of FRED's observations: values with their vintages, first prints, and the other forms in
which FRED gives values.

FRED dates a vintage by a day. The hour is that of our list, or the end of the day where we have
none, so `known_at` is graded `lagged` and never `native`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import time
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.body import refuse
from ingest.formats.records import from_bytes, from_rows, number
from ingest.jobs import Reply, ReplyError
from ingest.lists import entry

ZONE = "America/New_York"
FIELDS = {
    "start": ("realtime_start",),
    "end": ("realtime_end",),
    "date": ("date",),
    "value": ("value",),
}
CHANGED = {
    "chg": "change from the period before, in {}",
    "ch1": "change from a year ago, in {}",
    "pch": "percent change from the period before",
    "pc1": "percent change from a year ago",
    "pca": "percent change at annual rate, compounded",
    "cch": "percent change at annual rate, continuously compounded",
    "cca": "percent change at annual rate, continuously compounded",
    "log": "natural logarithm of {}",
}


def from_array(reply: Reply, head: Mapping[str, Any], array: bytes) -> dict[str, pa.Table]:
    """Rows of a plain array, read from its bytes; `head` is what stands around it."""
    return _rows(reply, head, from_bytes(array, FIELDS, numbers=("value",)))


def from_list(reply: Reply, document: dict[str, Any]) -> dict[str, pa.Table]:
    """Rows of any document with observations."""
    observations = document["observations"]
    if not observations:
        raise ReplyError("empty", "FRED has no observation in this window")
    if "value" not in observations[0]:
        return _by_vintage(reply, document, observations)
    return _rows(reply, document, from_rows(observations, FIELDS, numbers=("value",)))


def _by_vintage(
    reply: Reply, head: Mapping[str, Any], rows: list[dict[str, Any]]
) -> dict[str, pa.Table]:
    """Output types 2 and 3: one column per vintage, named SERIES_YYYYMMDD."""
    names = sorted({key for row in rows for key in row if re.search(r"_\d{8}$", key)})
    fields = {"date": ("date",)} | {name: (name,) for name in names}
    long = from_rows(rows, fields).unpivot(names, index="date", variable_name="column")
    start = pl.col("column").str.slice(-8).str.to_date("%Y%m%d")
    frame = long.drop_nulls("value").with_columns(
        number("value"), day("date"), start.alias("start")
    )
    series = names[0][:-9]
    units = str(head.get("units") or "lin")
    known = vintages(reply, series)
    return {
        "macro": _macro(
            reply, _transformed(reply, series, units), _without_unpublished(frame), known
        )
    }


def _rows(reply: Reply, head: Mapping[str, Any], frame: pl.DataFrame) -> dict[str, pa.Table]:
    """Vintages when a real-time window was asked, else what we see today."""
    series = _series_id(reply)
    frame = frame.with_columns(day("date"), day("start"))
    kind = str(head.get("output_type") or reply.parameters.get("output_type") or "1")
    units = str(head.get("units") or reply.parameters.get("units") or "lin")
    if kind == "4":
        return _first_prints(reply, series, frame)
    known = vintages(reply, series) if _is_window(reply, head) else None
    frame = frame.drop_nulls("value") if known is None else _without_unpublished(frame)
    return {"macro": _macro(reply, _transformed(reply, series, units), frame, known)}


def _series_id(reply: Reply) -> str:
    series = reply.parameters.get("series_id") or reply.parameters.get("id") or ""
    if not series and reply.call.url:
        refuse(reply, "the request names no series_id, and the answer never says it", "client")
    return series or tables.UNSTATED


def _first_prints(reply: Reply, series: str, frame: pl.DataFrame) -> dict[str, pa.Table]:
    """What was published first for each period: rows of the calendar, since they say no more
    than that about the value today."""
    about = entry("fred", series)
    clock, zone = tables.wall(about.get("clock", ""), time(0)), about.get("zone") or ZONE
    frame = frame.drop_nulls("value").sort("date")
    made = tables.table(
        "releases",
        frame.rename({"date": "period", "value": "actual"}),
        series_id=f"fred:{series}",
        country=about.get("country") or None,
        title=about.get("title") or series,
        scheduled_at=tables.at_clock("start", clock, zone),
        precision="minute" if about else "day",
        status="released",
        importance=int(entry("fred_releases", about.get("release", "")).get("importance", "1")),
        unit=about.get("unit") or tables.UNSTATED,
        source="fred",
        **vintages(reply, series),
    )
    return {"releases": made}


def _is_window(reply: Reply, head: Mapping[str, Any]) -> bool:
    """Whether vintages were asked. The dates that a plain answer echoes are a cache's, not ours.

    Without the request, only a window of more than a day can be told from such an echo.
    """
    params = reply.parameters
    if params.get("series_id"):
        return any(params.get(name) for name in ("realtime_start", "realtime_end", "vintage_dates"))
    return head.get("realtime_start") != head.get("realtime_end")


def vintages(reply: Reply, series: str) -> dict[str, pl.Expr]:
    """Vintage dates have no hour: they are read as the hour at which the agency publishes."""
    return tables.stamped(
        tables.never_ahead(_publication_instant(entry("fred", series)), reply), "lagged"
    )


def _publication_instant(about: Mapping[str, str]) -> pl.Expr:
    """The instant of the day `start` at which an agency publishes; its end where none is listed."""
    zone = about.get("zone") or ZONE
    if word := about.get("clock"):
        return tables.at_clock("start", tables.wall(word), zone)
    return tables.at_clock("start", time(0), zone, days_later=1)


def _without_unpublished(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the gaps before a date was first published; a gap after a value is a withdrawal."""
    frame = frame.sort("date", "start")
    before = pl.col("value").shift(1).is_not_null() & (pl.col("date") == pl.col("date").shift(1))
    return frame.filter(pl.col("value").is_not_null() | before.fill_null(False))


def _transformed(reply: Reply, series: str, units: str) -> tuple[str, str]:
    """Id and unit; a change or another frequency of a series is a series of its own."""
    unit = entry("fred", series).get("unit") or tables.UNSTATED
    parts = [f"fred:{series}"]
    if units in CHANGED:
        parts.append(units)
        unit = CHANGED[units].format(unit)
    if frequency := reply.parameters.get("frequency"):
        parts.append(f"{frequency}-{reply.parameters.get('aggregation_method', 'avg')}")
    return ":".join(parts), unit


def _macro(
    reply: Reply,
    series_and_unit: tuple[str, str],
    frame: pl.DataFrame,
    known: dict[str, pl.Expr] | None = None,
) -> pa.Table:
    """Rows of `macro`; a present value is dated by its stated lag, or by when we saw it."""
    series_id, unit = series_and_unit
    return tables.table(
        "macro",
        frame.rename({"date": "period"}),
        series_id=series_id,
        unit=unit,
        is_forecast=False,
        source="fred",
        **(known or _present(reply, series_id.removeprefix("fred:"))),
    )


def _present(reply: Reply, series: str) -> dict[str, pl.Expr]:
    about = entry("fred", series)
    if not about.get("lag_weekdays"):
        return tables.seen(reply)
    on = pl.col("period").dt.add_business_days(int(about["lag_weekdays"]), roll="forward")
    local = on.dt.combine(tables.wall(about["clock"])).dt.replace_time_zone(about["zone"])
    return tables.stamped(tables.never_ahead(local.dt.convert_time_zone("UTC"), reply), "lagged")


def from_graph(reply: Reply, body: bytes) -> dict[str, pa.Table]:
    """The keyless CSV of a graph: one column per series, today's values."""
    if reply.status >= 300:
        refuse(reply)
    frame = pl.read_csv(io.BytesIO(body), infer_schema=False, truncate_ragged_lines=False)
    first, *names = frame.columns
    if first.lower() not in ("observation_date", "date") or not names:
        raise ReplyError("upstream", f"expected JSON of FRED or its CSV, found {first[:60]!r}")
    parts = []
    for name in names:
        series = (reply.parameters.get("id") or name) if name == "VALUE" else name
        values = frame.select(
            pl.col(first).str.to_date("%Y-%m-%d").alias("date"), number(name).alias("value")
        ).drop_nulls("value")
        unit = entry("fred", series).get("unit") or tables.UNSTATED
        parts.append({"macro": _macro(reply, (f"fred:{series}", unit), values)})
    return tables.merged(*parts)


def from_map(reply: Reply, meta: Mapping[str, Any]) -> dict[str, pa.Table]:
    """A map of regions: one series each, in the unit that the map states."""
    if not isinstance(meta["data"], dict) or not meta["data"]:
        raise ReplyError("empty", "this map holds no date")
    rows = [{**row, "date": on} for on, group in meta["data"].items() for row in group]
    fields = {"date": ("date",), "series": ("series_id",), "value": ("value",)}
    frame = from_rows(rows, fields, numbers=("value",)).drop_nulls()
    frame = frame.with_columns(day("date").alias("period"))
    made = tables.table(
        "macro",
        frame,
        series_id=pl.lit("fred:") + pl.col("series"),
        unit=str(meta.get("units") or tables.UNSTATED),
        is_forecast=False,
        source="fred",
        **tables.seen(reply),
    )
    return {"macro": made}


def from_release(reply: Reply, release: list[Any]) -> dict[str, pa.Table]:
    """Every series of a release, each with its own observations."""
    parts = []
    for series in release:
        name = str(series.get("series_id") or series.get("id"))
        fields = {"date": ("date",), "value": ("value",)}
        frame = from_rows(series.get("observations") or [], fields, numbers=("value",))
        frame = frame.with_columns(day("date")).drop_nulls("value")
        unit = str(series.get("units") or entry("fred", name).get("unit") or tables.UNSTATED)
        parts.append({"macro": _macro(reply, (f"fred:{name}", unit), frame)})
    return tables.merged(*parts)


def day(name: str) -> pl.Expr:
    """An ISO day; anything else is an odd answer."""
    return pl.col(name).str.to_date("%Y-%m-%d")
