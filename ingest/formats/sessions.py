"""When a day's bar is complete: by the calendar of its venue, else at local midnight after it.

It never calls a session closed before its close, half days included.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import polars as pl

from ingest.formats.tables import INSTANT
from ingest.lists import entry, listed

ALWAYS = "24/7"
FRAME = pl.Schema([("date", pl.Date()), ("close", INSTANT)])


def venue(mic: str) -> Mapping[str, str]:
    """What universe/venues.csv says of a market code; empty for one that it lacks."""
    return entry("venues", mic, "mic")


@functools.cache
def venue_of_yahoo(code: str) -> Mapping[str, str]:
    """The venue that Yahoo calls `code`, e.g. NMS."""
    rows = listed("venues", "mic").values()
    return next((row for row in rows if code in row["yahoo"].split()), {})


def closes(days: pl.Series, *, calendar: str = "", zone: str = "UTC") -> pl.Series:
    """The instant at which the session of each day ended.

    Days that the calendar does not know as sessions end at midnight of the zone, which is later
    than any close.
    """
    midnight = pl.col("date").dt.offset_by("1d").cast(pl.Datetime("us"))
    end = midnight.dt.replace_time_zone(zone or "UTC", ambiguous="earliest", non_existent="null")
    frame = (
        days.alias("date")
        .to_frame()
        .with_columns(
            pl.coalesce(end, midnight.dt.offset_by("2h").dt.replace_time_zone(zone or "UTC"))
            .dt.convert_time_zone("UTC")
            .alias("end")
        )
    )
    years = days.dt.year()
    first, last = years.min(), years.max()
    if not calendar or calendar == ALWAYS or not isinstance(first, int):
        return frame["end"]
    assert isinstance(last, int)
    known = _schedule(calendar, first // 10 * 10, last // 10 * 10 + 9)
    both = frame.join(known, on="date", how="left", maintain_order="left")
    return both.select(pl.coalesce("close", "end").alias("end"))["end"]


@functools.cache
def _schedule(calendar: str, first: int, last: int) -> pl.DataFrame:
    """Sessions and their closes; whole decades, so that a few calendars serve all requests.

    Some calendars cover less, or contradict themselves about some year: the other years count.
    """
    whole = _known(calendar, first, last)
    if whole is not None:
        return whole
    parts = [_known(calendar, year, year) for year in range(first, last + 1)]
    return pl.concat([pl.DataFrame(schema=FRAME), *(part for part in parts if part is not None)])


def _known(calendar: str, first: int, last: int) -> pl.DataFrame | None:
    # Imported here: it brings pandas, two seconds that most runs of a job can do without.
    import exchange_calendars

    start, end = f"{first:04}-01-01", f"{last:04}-12-31"
    try:
        found = exchange_calendars.get_calendar(calendar, start=start, end=end)
    except (ValueError, NotImplementedError):
        return None
    ends = found.closes
    return pl.DataFrame(
        {
            "date": pl.Series(ends.index.to_numpy().astype("datetime64[D]")),
            "close": pl.Series(ends.dt.tz_convert(None).to_numpy().astype("datetime64[us]")),
        }
    ).select(pl.col("date").cast(pl.Date), pl.col("close").dt.replace_time_zone("UTC"))
