"""FRED and ALFRED: US series with every vintage, descriptions, release dates, NBER recessions.

Only a request with a real-time window gives vintages. A plain one shows today's values, which
are never passed off as what was known before.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, NoReturn

import polars as pl

from ingest.formats import tables
from ingest.formats.body import careful, content, decoded, refuse
from ingest.formats.records import from_bytes, from_rows, number, split
from ingest.formats.xml import attributes, local, root
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import listed
from ingest.sources import _fred_rows as rows_of

BASE = "https://api.stlouisfed.org/fred/"
EVER, FOREVER = "1776-07-04", "9999-12-31"
# ALFRED answers at most about 2000 vintages at once.
VINTAGES_PER_CALL = 1500
LISTS = ("seriess", "release_dates", "vintage_dates", "releases", "categories", "tags", "sources")
LICENCE = (
    "Source: FRED, Federal Reserve Bank of St. Louis, and the original source of each series. "
    "This product uses the FRED® API but is not endorsed or certified by the Federal Reserve "
    "Bank of St. Louis. Some series belong to third parties."
)


def plan(window: Window) -> list[Call]:
    """One call per series, plus its description; the calendar two calls per release."""
    if window.job == "fred_calendar":
        releases = window.names or tuple(listed("fred_releases", "id"))
        ids = [release.removeprefix("release/") for release in releases]
        return [
            _call("release/dates", **_dates(item, window, with_no_data=ahead))
            for item in ids
            for ahead in (False, True)
        ]
    made = []
    for name in _names(window.names):
        if window.job == "fred_descriptions":
            made.append(_call("series", series_id=name))
        else:
            made.append(_values(name, window))
    return made


def _names(names: tuple[str, ...]) -> list[str]:
    """Series asked for, all there are without a word; `release/10` means those of that release."""
    ours = listed("fred", "id")
    found: list[str] = []
    for name in names or tuple(ours):
        release = name.removeprefix("release/")
        of_release = [series for series, about in ours.items() if about["release"] == release]
        found += of_release if release != name else [name]
    return list(dict.fromkeys(found))


def _dates(release: str, window: Window, *, with_no_data: bool) -> dict[str, str]:
    """Days with data are those of past releases; what lies ahead has none yet."""
    since = {"realtime_start": window.since.isoformat()} if window.since else {}
    return {
        "release_id": release,
        "include_release_dates_with_no_data": str(with_no_data).lower(),
        "sort_order": "asc",
        "limit": "10000",
    } | since


def _values(name: str, window: Window) -> Call:
    """Vintages where the list promises them, else values; a daily series asks how many there are
    first, since one answer holds only so many."""
    about = rows_of.facts(name)
    since = window.since.isoformat() if window.since else ""
    if about.get("vintages") != "yes":
        start = {"observation_start": since} if since else {}
        return _call("series/observations", series_id=name, **start)
    span = {"realtime_start": since or EVER, "realtime_end": FOREVER}
    if about["frequency"] == "daily":
        return _call("series/vintagedates", series_id=name, limit="10000", **span)
    return _call("series/observations", series_id=name, **span)


def _call(path: str, **params: str) -> Call:
    return Call(BASE + path, {"file_type": "json", **params})


@careful
def parse(reply: Reply) -> Parsed:
    """Rows of any answer of the API; what holds no fact of ours is given as it was read."""
    body = content(reply)
    if body[:1] == b"<":
        return _document(reply, _from_xml(reply, body))
    if body[:1] not in b"{[":
        return _graph(reply, body)
    envelope, array = split(body, "observations")
    head = decoded(reply, envelope)
    if isinstance(head, dict) and head.get("observations") == [] and array:
        _check(reply, head)
        if b"realtime_start" in array[:2000] and b'"value"' in array[:2000]:
            frame = from_bytes(array, rows_of.FIELDS, numbers=("value",))
            return _paged(reply, head, rows_of.observations(reply, head, frame))
    return _document(reply, decoded(reply, body) if array else head)


def _document(reply: Reply, document: Any) -> Parsed:
    """Rows by the list that the document holds."""
    if not isinstance(document, dict):
        raise ReplyError("upstream", "expected an object of FRED, found another kind of JSON")
    _check(reply, document)
    if "observations" in document:
        return _observed(reply, document)
    if isinstance(document.get("meta"), dict) and "data" in document["meta"]:
        return Parsed({"macro": _map(reply, document["meta"])})
    if isinstance(document.get("series"), list):
        return _bulk(reply, document)
    name = next((name for name in LISTS if isinstance(document.get(name), list)), None)
    if name is None:
        return _unlisted(document)
    rows = document[name]
    if not rows:
        raise ReplyError("empty", f"FRED has no {name} that match")
    return _paged(reply, document, *_listed(reply, name, rows))


def _observed(reply: Reply, document: dict[str, Any]) -> Parsed:
    rows = document["observations"]
    if not rows:
        raise ReplyError("empty", "FRED has no observation in this window")
    if "value" not in rows[0]:
        return _paged(reply, document, rows_of.by_vintage(reply, rows, document))
    frame = from_rows(rows, rows_of.FIELDS, numbers=("value",))
    return _paged(reply, document, rows_of.observations(reply, document, frame))


def _listed(reply: Reply, name: str, rows: list[Any]) -> tuple[Mapping[str, Any], str]:
    if name == "seriess":
        stamps = [rows_of.last_updated(str(row.get("last_updated", ""))) for row in rows]
        newest = max((stamp for stamp in stamps if stamp), default=None)
        note = f"last updated {newest:%Y-%m-%dT%H:%M:%SZ}" if newest else ""
        return rows_of.descriptions(reply, rows), note
    if name == "release_dates":
        return rows_of.release_dates(reply, rows), ""
    plain = [row if isinstance(row, dict) else {"date": row} for row in rows]
    made = tables.reading(name, plain)
    return made.tables, made.note


def _paged(
    reply: Reply, head: Mapping[str, Any], made: Mapping[str, Any], note: str = ""
) -> Parsed:
    """With the call for the next page while `offset + limit` is short of `count`; a page of gaps
    says nothing about those behind it."""
    parsed = Parsed(made, follow=_next(reply, head), note=note)
    if not parsed.rows and not parsed.follow:
        raise ReplyError("empty", "FRED lists dates here and no value for any of them")
    return parsed


def _next(reply: Reply, head: Mapping[str, Any]) -> tuple[Call, ...]:
    if not reply.call.url:
        return ()
    asked = {k: v for k, v in reply.asked.items() if k not in ("api_key", "offset")}
    url = reply.call.url.partition("?")[0]
    dates = head.get("vintage_dates")
    if isinstance(dates, list) and reply.path.endswith("series/vintagedates"):
        return _windows(asked, [str(date) for date in dates])
    try:
        count, limit, offset = (int(head.get(name) or 0) for name in ("count", "limit", "offset"))
    except (TypeError, ValueError):
        return ()
    if not limit or offset + limit >= count:
        return ()
    # A gap is a withdrawal only behind its value, so a page of vintages repeats the last row of
    # the page before.
    is_window = "realtime_start" in asked and reply.path.endswith("series/observations")
    step = limit - 1 if is_window and limit > 1 else limit
    return (Call(url, {**asked, "offset": str(offset + step)}, reply.call.headers),)


def _windows(asked: dict[str, str], dates: list[str]) -> tuple[Call, ...]:
    """Windows of real time, each starting on the last day of the one before, the first where the
    look back does: so that a value withdrawn meanwhile is seen beside what it replaced."""
    start = asked.get("realtime_start", dates[0])
    edges = [start, *dates[VINTAGES_PER_CALL::VINTAGES_PER_CALL], FOREVER]
    series = asked.get("series_id", "")
    return tuple(
        _call("series/observations", series_id=series, realtime_start=start, realtime_end=end)
        for start, end in zip(edges, edges[1:], strict=False)
    )


def _check(reply: Reply, document: Mapping[str, Any]) -> None:
    """FRED's own words of refusal."""
    words = document.get("error_message") or document.get("message")
    code = document.get("error_code") or document.get("code")
    if words is None and code is None and reply.status < 300:
        return
    if words is None and code is None and "count" in document:
        return
    _refuse(reply, str(words or ""), str(code or reply.status))


def _refuse(reply: Reply, words: str, code: str) -> NoReturn:
    low = words.lower()
    if "api_key" in low or "api key" in low or code in ("401", "403"):
        refuse(reply, f"{words} Set FRED_API_KEY to a registered key.", "auth")
    if code == "429":
        refuse(reply, words or "too many requests", "quota")
    if "does not exist in alfred" in low:
        words += " Either the id is wrong or nothing was published yet in that window."
    if code.startswith("5"):
        refuse(reply, words, "upstream")
    refuse(reply, words, "client")


def _from_xml(reply: Reply, body: bytes) -> dict[str, Any]:
    """The XML form of an answer in the shape of its JSON form."""
    top = root(body)
    head: dict[str, Any] = attributes(top)
    if local(top.tag) == "error":
        _refuse(reply, head.get("message", ""), head.get("code", "400"))
    rows = []
    for child in top:
        row: dict[str, Any] = attributes(child)
        if text := (child.text or "").strip():
            row["date"] = text
        rows.append(row)
    return head | {local(top.tag): rows}


def _graph(reply: Reply, body: bytes) -> Parsed:
    """The keyless CSV of a graph: one column per series, today's values."""
    if reply.status >= 300:
        refuse(reply)
    frame = pl.read_csv(io.BytesIO(body), infer_schema=False, truncate_ragged_lines=False)
    first, *names = frame.columns
    if first.lower() not in ("observation_date", "date") or not names:
        raise ReplyError("upstream", f"expected JSON of FRED or its CSV, found {first[:60]!r}")
    parts = []
    for name in names:
        series = (reply.asked.get("id") or name) if name == "VALUE" else name
        one = frame.select(
            pl.col(first).str.to_date("%Y-%m-%d").alias("date"), number(name).alias("value")
        ).drop_nulls("value")
        unit = rows_of.facts(series).get("unit") or tables.UNSTATED
        parts.append({"macro": rows_of.macro(reply, (f"fred:{series}", unit), one)})
    return _paged(reply, {}, tables.merged(*parts))


def _map(reply: Reply, meta: Mapping[str, Any]) -> Any:
    """A map of regions: one series each, in the unit that the map states."""
    if not isinstance(meta["data"], dict) or not meta["data"]:
        raise ReplyError("empty", "this map holds no date")
    rows = [{**row, "date": on} for on, group in meta["data"].items() for row in group]
    fields = {"date": ("date",), "series": ("series_id",), "value": ("value",)}
    frame = from_rows(rows, fields, numbers=("value",)).drop_nulls()
    frame = frame.with_columns(rows_of.day("date").alias("period"))
    return tables.table(
        "macro",
        frame,
        series_id=pl.lit("fred:") + pl.col("series"),
        unit=str(meta.get("units") or tables.UNSTATED),
        is_forecast=False,
        source="fred",
        **tables.seen(reply),
    )


def _bulk(reply: Reply, document: Mapping[str, Any]) -> Parsed:
    """Version 2: every series of a release at once, with a cursor for the next page."""
    parts = []
    for series in document["series"]:
        name = str(series.get("series_id") or series.get("id"))
        fields = {"date": ("date",), "value": ("value",)}
        frame = from_rows(series.get("observations") or [], fields, numbers=("value",))
        frame = frame.with_columns(rows_of.day("date")).drop_nulls("value")
        unit = str(series.get("units") or rows_of.facts(name).get("unit") or tables.UNSTATED)
        parts.append({"macro": rows_of.macro(reply, (f"fred:{name}", unit), frame)})
    follow: tuple[Call, ...] = ()
    if document.get("has_more") and document.get("next_cursor") and reply.call.url:
        asked = {k: v for k, v in reply.asked.items() if k != "api_key"}
        url = reply.call.url.partition("?")[0]
        follow = (Call(url, {**asked, "next_cursor": str(document["next_cursor"])}),)
    made = Parsed(tables.merged(*parts), follow)
    if not made.rows:
        raise ReplyError("empty", "this release holds no value")
    return made


def _unlisted(document: dict[str, Any]) -> Parsed:
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


SOURCE = Source(
    name="fred",
    title="FRED and ALFRED",
    gives="US macro series with vintages, series descriptions, release dates, NBER recessions",
    grade="lagged",
    licence=LICENCE,
    jobs=(
        Job(
            "fred_series",
            ("macro",),
            "Series of the list, with all vintages where ALFRED keeps them",
            Cadence(at="08:35", zone="America/New_York", days="weekdays"),
            lookback_days=30,
            priority=1,
        ),
        Job(
            "fred_descriptions",
            ("series",),
            "What each series measures today",
            Cadence(at="05:00", zone="America/New_York", days="first_of_month"),
        ),
        Job(
            "fred_calendar",
            ("releases",),
            "Dates of the releases of the list, past and announced",
            Cadence(at="05:30", zone="America/New_York"),
            lookback_days=30,
        ),
    ),
    plan=plan,
    parse=parse,
    secret="FRED_API_KEY",
    key_in="query:api_key",
    cache_s=600,
)
