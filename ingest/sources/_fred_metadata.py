"""Rows of what FRED says about series and releases: descriptions, release dates, other lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.records import from_rows
from ingest.jobs import Parsed, Reply, ReplyError
from ingest.lists import entry
from ingest.sources._fred_observations import ZONE, day, vintages

FREQUENCY = {"D": "daily", "W": "weekly", "M": "monthly", "Q": "quarterly", "A": "annual"}
ADJUSTMENT = {"SA": "sa", "SAAR": "sa", "SSA": "sa", "NSA": "nsa"}


def from_list(reply: Reply, name: str, rows: list[Any]) -> tuple[Mapping[str, pa.Table], str]:
    """Rows of a list by its name, and a note about it."""
    if name == "seriess":
        stamps = [_last_updated(str(row.get("last_updated", ""))) for row in rows]
        newest = max((stamp for stamp in stamps if stamp), default=None)
        note = f"last updated {newest:%Y-%m-%dT%H:%M:%SZ}" if newest else ""
        return _descriptions(reply, rows), note
    if name == "release_dates":
        return _release_dates(reply, rows), ""
    plain = [row if isinstance(row, dict) else {"date": row} for row in rows]
    made = tables.reading(name, plain)
    return made.tables, made.note


def _last_updated(word: str) -> datetime | None:
    """`2024-12-19 07:55:01-06`: the offset has two digits, which is US Central at that date."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)([+-]\d\d)(?::?(\d\d))?", word.strip())
    if not found:
        return None
    stamp, hours, minutes = found.groups()
    return datetime.fromisoformat(f"{stamp}{hours}:{minutes or '00'}").astimezone(UTC)


def _descriptions(reply: Reply, rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """Rows of `series`: words and units as FRED states them today, meaning as our list has it."""
    fields = {
        "id": ("id",),
        "title": ("title",),
        "short": ("frequency_short",),
        "unit": ("units",),
        "season": ("seasonal_adjustment_short",),
        "start": ("realtime_start",),
    }
    frame = from_rows(rows, fields).unique(["id", "start"], keep="first", maintain_order=True)
    ours = [entry("fred", name) for name in frame["id"]]
    is_window = bool(reply.parameters.get("realtime_start") or reply.parameters.get("realtime_end"))
    stamp = vintages(reply, "") if is_window else tables.seen(reply)
    season = pl.col("season").replace_strict(ADJUSTMENT, default="unknown")
    frame = frame.with_columns(
        pl.Series(
            "indicator",
            [about.get("indicator") or id_ for about, id_ in zip(ours, frame["id"], strict=True)],
        ),
        pl.Series("country", [about.get("country") or None for about in ours], dtype=pl.String),
        pl.Series("timezone", [about.get("zone") or None for about in ours], dtype=pl.String),
        pl.col("short").replace_strict(FREQUENCY, default="irregular").alias("frequency"),
        pl.col("unit").fill_null(tables.UNSTATED),
        day("start"),
        season.alias("adjustment"),
        series_id=pl.lit("fred:") + pl.col("id"),
    )
    return {"series": tables.table("series", tables.meant(frame), source="fred", **stamp)}


def _release_dates(reply: Reply, rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The calendar of releases. FRED does not say which period a release is about, so the day of
    the release stands for it.

    Days without data are in the list where they were asked for, and FRED does not mark them: there
    only what lies ahead is taken, and what is past comes from the list of days with data.
    """
    made = []
    with_no_data = reply.parameters.get("include_release_dates_with_no_data") == "true"
    for row in rows:
        release = str(row.get("release_id") or reply.parameters.get("release_id") or "")
        about = entry("fred_releases", release)
        on = date.fromisoformat(str(row["date"]))
        clock, zone = tables.wall(about.get("clock", ""), time(0)), about.get("zone") or ZONE
        at = tables.instant_of(on, clock, zone)
        known = at if about else at + timedelta(days=1)
        past = known <= reply.fetched_at
        if past and with_no_data:
            continue
        made.append(
            {
                "series_id": f"fred:release/{release}",
                "period": on,
                "country": about.get("country"),
                "title": row.get("release_name") or about.get("title") or f"release {release}",
                "scheduled_at": at,
                "precision": "minute" if about else "day",
                "status": "released" if past else "scheduled",
                "importance": int(about.get("importance", "1")),
                "known_at": known if past else reply.fetched_at,
                "vintage_grade": "lagged" if past else "snapshot",
            }
        )
    if not made:
        return {}
    frame = pl.DataFrame(made, schema_overrides={"country": pl.String}, infer_schema_length=None)
    frame = frame.unique(["series_id", "period"], keep="first", maintain_order=True)
    return {"releases": tables.table("releases", frame, unit="none", source="fred")}


def unlisted(document: dict[str, Any]) -> Parsed:
    """Any other answer, e.g. the tree of a release's tables: shown, and no fact of a dataset."""
    for name, value in document.items():
        rows = list(value.values()) if isinstance(value, dict) else value
        if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
            return tables.reading(name, rows)
        if isinstance(value, dict) and {"title", "id", "units"} & set(value):
            return tables.reading(name, [value])
    if not document or all(isinstance(v, list | dict) and not v for v in document.values()):
        raise ReplyError("empty", "FRED answered with nothing inside")
    if not {"realtime_start", "release_id", "name", "id", "count"} & set(document):
        raise ReplyError("upstream", f"no list of FRED among {', '.join(document)[:120]}")
    return tables.reading("fields", [document])
