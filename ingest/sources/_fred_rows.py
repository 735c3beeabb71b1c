"""What FRED's lists say, as rows: observations and their vintages, descriptions, release dates.

FRED dates a vintage by a day. The hour is that of our list, or the end of the day where we have
none, so `known_at` is graded `lagged` and never `native`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.formats import tables
from ingest.formats.body import refuse
from ingest.formats.records import from_rows, number
from ingest.jobs import Reply
from ingest.lists import listed

ZONE = "America/New_York"
FIELDS = {
    "start": ("realtime_start",),
    "end": ("realtime_end",),
    "date": ("date",),
    "value": ("value",),
}
FREQUENCY = {"D": "daily", "W": "weekly", "M": "monthly", "Q": "quarterly", "A": "annual"}
ADJUSTMENT = {"SA": "sa", "SAAR": "sa", "SSA": "sa", "NSA": "nsa"}
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


def day(name: str) -> pl.Expr:
    """An ISO day; anything else is an odd answer."""
    return pl.col(name).str.to_date("%Y-%m-%d")


def facts(series: str) -> Mapping[str, str]:
    """What our list says of a series; nothing for one that it lacks."""
    return listed("fred", "id").get(series, {})


def observations(reply: Reply, head: Mapping[str, Any], frame: pl.DataFrame) -> dict[str, pa.Table]:
    """Vintages when a real-time window was asked, else what we see today."""
    series = _series(reply)
    frame = frame.with_columns(day("date"), day("start"))
    kind = str(head.get("output_type") or reply.asked.get("output_type") or "1")
    units = str(head.get("units") or reply.asked.get("units") or "lin")
    if kind == "4":
        return first_prints(reply, series, frame)
    known = vintages(reply, series) if is_window(reply, head) else None
    frame = frame.drop_nulls("value") if known is None else withdrawn(frame)
    return {"macro": macro(reply, _transformed(reply, series, units), frame, known=known)}


def is_window(reply: Reply, head: Mapping[str, Any]) -> bool:
    """Whether vintages were asked. The dates that a plain answer echoes are a cache's, not ours.

    Without the request, only a window of more than a day can be told from such an echo.
    """
    asked = reply.asked
    if asked.get("series_id"):
        return any(asked.get(n) for n in ("realtime_start", "realtime_end", "vintage_dates"))
    return head.get("realtime_start") != head.get("realtime_end")


def vintages(reply: Reply, series: str) -> dict[str, pl.Expr]:
    """Vintage dates have no hour: they are read as the hour at which the agency publishes."""
    return tables.stamped(tables.never_ahead(_published(facts(series)), reply), "lagged")


def _published(about: Mapping[str, str]) -> pl.Expr:
    """The instant of the day `start` at which an agency publishes; its end where none is listed."""
    zone = about.get("zone") or ZONE
    if word := about.get("clock"):
        return tables.at_clock("start", tables.wall(word), zone)
    return tables.at_clock("start", time(0), zone, days_later=1)


def withdrawn(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the gaps before a date was first published; a gap after a value is a withdrawal."""
    frame = frame.sort("date", "start")
    before = pl.col("value").shift(1).is_not_null() & (pl.col("date") == pl.col("date").shift(1))
    return frame.filter(pl.col("value").is_not_null() | before.fill_null(False))


def macro(
    reply: Reply,
    named: tuple[str, str],
    frame: pl.DataFrame,
    *,
    known: dict[str, pl.Expr] | None = None,
) -> pa.Table:
    """Rows of `macro`; a present value is dated by its stated lag, or by when we saw it."""
    series_id, unit = named
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
    about = facts(series)
    if not about.get("lag_weekdays"):
        return tables.seen(reply)
    on = pl.col("period").dt.add_business_days(int(about["lag_weekdays"]), roll="forward")
    local = on.dt.combine(tables.wall(about["clock"])).dt.replace_time_zone(about["zone"])
    return tables.stamped(tables.never_ahead(local.dt.convert_time_zone("UTC"), reply), "lagged")


def first_prints(reply: Reply, series: str, frame: pl.DataFrame) -> dict[str, pa.Table]:
    """What was published first for each period: rows of the calendar, since they say no more
    than that about the value today."""
    about = facts(series)
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
        importance=int(_release(about.get("release", "")).get("importance", "1")),
        unit=about.get("unit") or tables.UNSTATED,
        source="fred",
        **vintages(reply, series),
    )
    return {"releases": made}


def by_vintage(
    reply: Reply, rows: list[dict[str, Any]], head: Mapping[str, Any]
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
        "macro": macro(reply, _transformed(reply, series, units), withdrawn(frame), known=known)
    }


def descriptions(reply: Reply, rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
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
    ours = [facts(name) for name in frame["id"]]
    asked = reply.asked
    windowed = bool(asked.get("realtime_start") or asked.get("realtime_end"))
    stamp = vintages(reply, "") if windowed else tables.seen(reply)
    season = pl.col("season").replace_strict(ADJUSTMENT, default="unknown")
    frame = frame.with_columns(
        pl.Series(
            "indicator", [o.get("indicator") or i for o, i in zip(ours, frame["id"], strict=True)]
        ),
        pl.Series("country", [o.get("country") or None for o in ours], dtype=pl.String),
        pl.Series("timezone", [o.get("zone") or None for o in ours], dtype=pl.String),
        pl.col("short").replace_strict(FREQUENCY, default="irregular").alias("frequency"),
        pl.col("unit").fill_null(tables.UNSTATED),
        day("start"),
        season.alias("adjustment"),
        series_id=pl.lit("fred:") + pl.col("id"),
    )
    return {"series": tables.table("series", tables.meant(frame), source="fred", **stamp)}


def release_dates(reply: Reply, rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The calendar of releases. FRED does not say which period a release is about, so the day of
    the release stands for it.

    Days without data are in the list where they were asked for, and FRED does not mark them: there
    only what lies ahead is taken, and what is past comes from the list of days with data.
    """
    made = []
    with_no_data = reply.asked.get("include_release_dates_with_no_data") == "true"
    for row in rows:
        release = str(row.get("release_id") or reply.asked.get("release_id") or "")
        about = _release(release)
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


def last_updated(word: str) -> datetime | None:
    """`2024-12-19 07:55:01-06`: the offset has two digits, which is US Central at that date."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)([+-]\d\d)(?::?(\d\d))?", word.strip())
    if not found:
        return None
    stamp, hours, minutes = found.groups()
    return datetime.fromisoformat(f"{stamp}{hours}:{minutes or '00'}").astimezone(UTC)


def _release(release: str) -> Mapping[str, str]:
    return listed("fred_releases", "id").get(release, {})


def _series(reply: Reply) -> str:
    series = reply.asked.get("series_id") or reply.asked.get("id") or ""
    if not series and reply.call.url:
        refuse(reply, "the request names no series_id, and the answer never says it", "client")
    return series or tables.UNSTATED


def _transformed(reply: Reply, series: str, units: str) -> tuple[str, str]:
    """Id and unit; a change or another frequency of a series is a series of its own."""
    asked = reply.asked
    unit = facts(series).get("unit") or tables.UNSTATED
    parts = [f"fred:{series}"]
    if units in CHANGED:
        parts.append(units)
        unit = CHANGED[units].format(unit)
    if asked.get("frequency"):
        parts.append(f"{asked['frequency']}-{asked.get('aggregation_method', 'avg')}")
    return ":".join(parts), unit
