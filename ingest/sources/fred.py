"""FRED and ALFRED: US series with every vintage, descriptions, release dates, NBER recessions.

How FRED is asked, what kind of reply came and where its next page is; the rows are made in
`_fred_observations` and `_fred_metadata`. Only a request with a real-time window gives vintages. A
plain one shows today's values, which are never passed off as what was known before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ingest.formats.body import careful, content, decoded, refuse
from ingest.formats.records import split
from ingest.formats.xml import attributes, local, root
from ingest.jobs import Cadence, Call, Job, Parsed, Reply, ReplyError, Source, Window
from ingest.lists import entry, listed
from ingest.sources import _fred_metadata as metadata
from ingest.sources import _fred_observations as observations

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
        names = window.names or tuple(listed("fred_releases", "id"))
        releases = [name.removeprefix("release/") for name in names]
        return [
            _release_dates(release, window, with_no_data=ahead)
            for release in releases
            for ahead in (False, True)
        ]
    series = _series(window.names)
    if window.job == "fred_descriptions":
        return [_call("series", series_id=name) for name in series]
    return [_observations(name, window) for name in series]


def _release_dates(release: str, window: Window, *, with_no_data: bool) -> Call:
    """Days with data are those of past releases; what lies ahead has none yet."""
    since = {"realtime_start": window.since.isoformat()} if window.since else {}
    return _call(
        "release/dates",
        release_id=release,
        include_release_dates_with_no_data=str(with_no_data).lower(),
        sort_order="asc",
        limit="10000",
        **since,
    )


def _series(names: tuple[str, ...]) -> list[str]:
    """Series by name, the whole list without a name; `release/10` means those of that release."""
    ours = listed("fred", "id")
    found: list[str] = []
    for name in names or tuple(ours):
        release = name.removeprefix("release/")
        of_release = [series for series, about in ours.items() if about["release"] == release]
        found += of_release if release != name else [name]
    return list(dict.fromkeys(found))


def _observations(name: str, window: Window) -> Call:
    """Vintages where the list promises them, else values; a daily series asks how many there are
    first, since one answer holds only so many."""
    about = entry("fred", name)
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
        return _paged(reply, {}, observations.from_graph(reply, body))
    envelope, array = split(body, "observations")
    head = decoded(reply, envelope)
    if isinstance(head, dict) and head.get("observations") == [] and array:
        _refuse_errors(reply, head)
        if _is_plain(array):
            return _paged(reply, head, observations.from_array(reply, head, array))
    return _document(reply, decoded(reply, body) if array else head)


def _is_plain(array: bytes) -> bool:
    """Whether an array of observations has one value per row, and not one column per vintage."""
    return b"realtime_start" in array[:2000] and b'"value"' in array[:2000]


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


def _document(reply: Reply, document: Any) -> Parsed:
    """Rows by the list that the document holds."""
    if not isinstance(document, dict):
        raise ReplyError("upstream", "expected an object of FRED, found another kind of JSON")
    _refuse_errors(reply, document)
    if "observations" in document:
        return _paged(reply, document, observations.from_list(reply, document))
    if isinstance(document.get("meta"), dict) and "data" in document["meta"]:
        return Parsed(observations.from_map(reply, document["meta"]))
    if isinstance(document.get("series"), list):
        return _release(reply, document)
    name = next((name for name in LISTS if isinstance(document.get(name), list)), None)
    if name is None:
        return metadata.unlisted(document)
    if not document[name]:
        raise ReplyError("empty", f"FRED has no {name} that match")
    return _paged(reply, document, *metadata.from_list(reply, name, document[name]))


def _refuse_errors(reply: Reply, document: Mapping[str, Any]) -> None:
    """FRED's own words of refusal."""
    words = document.get("error_message") or document.get("message")
    code = document.get("error_code") or document.get("code")
    if words is None and code is None and (reply.status < 300 or "count" in document):
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


def _paged(
    reply: Reply, head: Mapping[str, Any], rows: Mapping[str, Any], note: str = ""
) -> Parsed:
    """With the call for the next page while `offset + limit` is short of `count`; a page of gaps
    says nothing about those behind it."""
    parsed = Parsed(rows, follow=_next_pages(reply, head), note=note)
    if not parsed.rows and not parsed.follow:
        raise ReplyError("empty", "FRED lists dates here and no value for any of them")
    return parsed


def _next_pages(reply: Reply, head: Mapping[str, Any]) -> tuple[Call, ...]:
    if not reply.call.url:
        return ()
    params = {k: v for k, v in reply.parameters.items() if k not in ("api_key", "offset")}
    dates = head.get("vintage_dates")
    if isinstance(dates, list) and reply.path.endswith("series/vintagedates"):
        return _windows(params, [str(date) for date in dates])
    try:
        count, limit, offset = (int(head.get(name) or 0) for name in ("count", "limit", "offset"))
    except (TypeError, ValueError):
        return ()
    if not limit or offset + limit >= count:
        return ()
    # A gap is a withdrawal only behind its value, so a page of vintages repeats the last row of
    # the page before.
    is_window = "realtime_start" in params and reply.path.endswith("series/observations")
    step = limit - 1 if is_window and limit > 1 else limit
    url = reply.call.url.partition("?")[0]
    return (Call(url, {**params, "offset": str(offset + step)}, reply.call.headers),)


def _windows(params: dict[str, str], dates: list[str]) -> tuple[Call, ...]:
    """Windows of real time, each starting on the last day of the one before, the first where the
    look back does: so that a value withdrawn meanwhile is seen beside what it replaced."""
    start = params.get("realtime_start", dates[0])
    edges = [start, *dates[VINTAGES_PER_CALL::VINTAGES_PER_CALL], FOREVER]
    series = params.get("series_id", "")
    return tuple(
        _call("series/observations", series_id=series, realtime_start=start, realtime_end=end)
        for start, end in zip(edges, edges[1:], strict=False)
    )


def _release(reply: Reply, document: Mapping[str, Any]) -> Parsed:
    """Version 2: every series of a release at once, with a cursor for the next page."""
    rows = observations.from_release(reply, document["series"])
    follow: tuple[Call, ...] = ()
    if document.get("has_more") and document.get("next_cursor") and reply.call.url:
        params = {k: v for k, v in reply.parameters.items() if k != "api_key"}
        url = reply.call.url.partition("?")[0]
        follow = (Call(url, {**params, "next_cursor": str(document["next_cursor"])}),)
    parsed = Parsed(rows, follow)
    if not parsed.rows:
        raise ReplyError("empty", "this release holds no value")
    return parsed


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
