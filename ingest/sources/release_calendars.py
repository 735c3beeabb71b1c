"""What the BLS, the BEA, the Fed, Eurostat and the BIS will publish, and when, by their calendars.

A calendar is a plan. What it says is known from when we saw it, and a release that is put off is a
new vintage of the same release, since that stands under the period that it is about. A release
that its calendar still has half a day after it was due is taken to have come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ingest.formats import tables
from ingest.formats.body import careful, content, refuse
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.sources._release_forms import FORMS, Release

NAME = "release_calendars"
AHEAD, BACK = timedelta(days=1000), timedelta(days=40)
GRACE = timedelta(hours=12)  # after it was due
OK = 300
LONGEST_WORD = 150  # of a title in an id


def plan(window: Window) -> list[Call]:
    """One call per calendar, each of which is whole; Eurostat's is asked for a span."""
    ours = listed(NAME, "calendar")
    return [_call(ours[name], window.now) for name in window.names or tuple(ours)]


def _call(calendar: Mapping[str, str], now: datetime) -> Call:
    if calendar["form"] == "bis":
        return Call(calendar["url"], {"format": "csv", "labels": "both"})
    if calendar["form"] == "eurostat":
        span = {"start": now - BACK, "end": now + timedelta(days=365)}
        return Call(
            calendar["url"],
            {
                **dict.fromkeys(("keywords", "authorInclude", "authorExclude"), ""),
                **{name: f"{at:%Y-%m-%dT00:00:00Z}" for name, at in span.items()},
                **{"theme": "0", "category": "0", "isEuroindicator": "true", "timeZone": "UTC"},
            },
        )
    return Call(calendar["url"])


@careful
def parse(reply: Reply) -> Parsed:
    """Releases of the calendar that the request names."""
    body = content(reply)
    calendar = _calendar(reply)
    if reply.status >= OK:
        refuse(reply)
    releases, unread = _read(reply, body, calendar)
    rows, left = _rows(reply, calendar, releases)
    notes = [f"{unread} entries without a title or a time that can be read"] if unread else []
    notes += [f"{left} entries that our list of titles leaves out"] if left else []
    if not rows:
        raise ReplyError("empty", "; ".join(notes) or "no entry of this calendar is near")
    schema = {"country": pl.String}
    frame = pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None).sort(
        "scheduled_at"
    )
    single = frame.unique(["series_id", "period"], keep="last", maintain_order=True)
    if twice := frame.height - single.height:
        notes.append(f"{twice} entries for a period that has a later one")
    stamp = tables.seen(reply)
    table = tables.table("releases", single, unit="none", source=NAME, **stamp)
    return Parsed({"releases": table}, note="; ".join(notes))


def _read(reply: Reply, body: bytes, calendar: Mapping[str, str]) -> tuple[list[Release], int]:
    """The entries of a calendar, and how many cannot be read."""
    read = FORMS.get(calendar["form"])
    if read is None:
        raise ReplyError("client", f"{calendar['form']!r} is no form of a calendar")
    entries = list(read(reply, body, calendar["zone"]))
    releases = [entry for entry in entries if entry is not None]
    if not entries:
        raise ReplyError("empty", "this calendar has no entry")
    if not releases:
        raise ReplyError("upstream", f"{len(entries)} entries, none with a title and a time")
    return releases, len(entries) - len(releases)


def _calendar(reply: Reply) -> Mapping[str, str]:
    """The row of our list that has this address, or leads to it."""
    asked = reply.call.url.partition("?")[0]
    for row in listed(NAME, "calendar").values():
        if asked == row["url"]:
            return row
    forms = {
        "release_dates.json": {"form": "bea", "calendar": "bea"},
        "BIS_REL_CAL": {"form": "bis", "calendar": "bis"},
    }
    for word, form in forms.items():
        if word in asked:
            return {**listed(NAME, "calendar").get(form["calendar"], {}), **form}
    raise ReplyError("upstream", "this address is none of the list of calendars")


def _rows(
    reply: Reply, calendar: Mapping[str, str], releases: Iterable[Release]
) -> tuple[list[dict[str, Any]], int]:
    """Rows of `releases`, and how many entries the list leaves out or lie too far ahead."""
    name = calendar["calendar"]
    ours = {key.lower(): row for key, row in listed("release_titles", "release").items()}
    rows, left = [], 0
    for release in _placed(releases, calendar["zone"]):
        fact = ours.get(f"{name}: {release.title}".lower())
        at, is_day = _instant(release.at, calendar["zone"])
        is_far = not at - AHEAD < reply.fetched_at or release.period > at.date() + AHEAD
        if is_far or not (fact or calendar["others"] == "yes"):
            left += 1
            continue
        over = at + (timedelta(days=1) if is_day else timedelta()) + GRACE
        word = release.code.lower() or tables.word_of(release.title)[:LONGEST_WORD]
        rows.append(
            {
                "series_id": f"{NAME}:{name}/{word}",
                "period": release.period,
                "country": calendar["country"] or None,
                "title": release.title,
                "scheduled_at": at,
                "precision": "day" if is_day else "minute",
                "status": "released" if over <= reply.fetched_at else "scheduled",
                "importance": int(fact["importance"]) if fact else 1,
            }
        )
    return rows, left


def _instant(at: datetime | date, zone: str) -> tuple[datetime, bool]:
    """The instant, or the beginning of a day in its zone."""
    if isinstance(at, datetime):
        return at.astimezone(UTC), False
    return tables.instant_of(at, time(0), zone), True


def _placed(releases: Iterable[Release], zone: str) -> Iterator[Any]:
    """With a period for those that state none: the month in which they are due or, where one is
    due several times in a month, the day."""
    given = list(releases)
    days = [_instant(item.at, zone)[0].astimezone(ZoneInfo(zone)).date() for item in given]
    pairs = list(zip(given, days, strict=True))
    often = Counter((item.title, on.replace(day=1)) for item, on in pairs)
    for item, on in pairs:
        month = on.replace(day=1)
        yield replace(item, period=item.period or (month if often[item.title, month] == 1 else on))


SOURCE = Source(
    name=NAME,
    title="Release calendars of agencies",
    gives="what the BLS, the BEA, the Federal Reserve, Eurostat and the BIS will publish, and when",
    grade="snapshot",
    licence="Dates of each agency: US government, public domain; Eurostat CC BY 4.0; BIS with "
    "attribution.",
    jobs=(
        Job(
            NAME,
            ("releases",),
            "Every calendar of the list",
            Cadence(at="05:10", zone="America/New_York"),
            priority=4,
        ),
    ),
    plan=plan,
    parse=parse,
    cache_s=3600,
)
